// Runs the frozen tests inside the box under node:test, each file in a process of its own, and tells line by line what
// became of each test. This process never loads anything that was submitted.
//
// Standard input: a JSON object {"nonce", "files": [path], "hang": milliseconds, "lines": bool, "flags": [text],
// "scripts": [path], "contrary": bool, "outside": [glob]}. Report pipe: one JSON object a line, each behind the nonce.
import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';

const MOST = 6_000;
const pipe = Number(process.env.MENDBOX_REPORT_FD);
delete process.env.MENDBOX_REPORT_FD;
const here = process.cwd();
const asked = JSON.parse(fs.readFileSync(0, 'utf8'));
const files = asked.files.map((file) => path.join(here, file));

function say(line) {
  let rest = Buffer.from(`${asked.nonce}${JSON.stringify(line)}\n`);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(pipe, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const cut = (text, most = MOST) => (text.length > most ? `${text.slice(0, most / 2)}\n[...]\n${text.slice(-most / 2)}` : text);

const said = fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/tmp', 'said-')) + path.sep;
process.env.MENDBOX_SAID = said;
if (asked.contrary) process.env.MENDBOX_CONTRARY = '1';

const tools = path.dirname(new URL(import.meta.url).pathname);
const stream = run({
  files,
  cwd: here,
  concurrency: false,
  isolation: 'process',
  timeout: asked.hang,
  execArgv: ['--no-warnings', ...asked.flags, '--import', path.join(tools, 'preload.mjs')],
  ...(asked.lines ? { coverage: true, coverageExcludeGlobs: asked.outside } : {}),
});

let file = '';
let failed = false;
const begun = [];
const open = [];
const unended = new Map();
const seen = new Map();
const ran = new Set();
const told = new Map();
const errors = new Map();

const isFile = (data) => data.nesting === 0 && files.includes(data.name) && (data.file === data.name || data.file === undefined);
const relative = (name) => path.relative(here, name);

function nodeOf(stack, nesting) {
  return [relative(file), ...stack.slice(0, nesting + 1)].join('::').slice(0, 3_500);
}

function framesOf(stack) {
  const frames = [];
  for (const line of stack.split('\n')) {
    const at = /^\s+at (?:(.*?) \()?(?:file:\/\/)?(\/[^():]+):(\d+):\d+\)?$/.exec(line);
    if (at && at[2].startsWith(here + path.sep)) frames.push([decodeURI(at[2].slice(here.length + 1)), Number(at[3]), at[1] ?? '']);
  }
  // as Python's tracebacks: the innermost comes last
  return frames.reverse().slice(-20);
}

function describe(error) {
  const cause = error?.cause ?? error;
  const isError = cause !== null && typeof cause === 'object';
  const text = isError ? String(cause.stack ?? cause.message ?? '') : String(cause);
  const message = isError ? String(cause.message ?? '') : String(cause);
  return {
    rule: String((isError && (cause.name ?? cause.code)) || 'Error').slice(0, 100),
    // in one line, as whatever shows it has one; the text has them all
    message: cut(message.split('\n').map((line) => line.trim()).filter(Boolean).slice(0, 12).join(' ') || text.split('\n')[0], 600),
    text: cut(text),
    frames: framesOf(text),
  };
}

/** What kept a file from its end, as its process said it on leaving; only shown, never decided by. */
function ofStderr(stderr, error) {
  const said = /^(?:Uncaught )?(\w*(?:Error|Exception))(?: \[\w+\])?: (.*)$/m.exec(stderr);
  if (!said) return describe(error);
  return { rule: said[1], message: `${said[1]}: ${said[2]}`.slice(0, 900), text: stderr, frames: framesOf(stderr.slice(said.index)).concat(placeOf(stderr)) };
}

/** The place at which a file does not parse: it stands above the error, and no frame leads there. */
function placeOf(stderr) {
  const at = /^(?:file:\/\/)?(\/\S+):(\d+)$/m.exec(stderr);
  return at && at[1].startsWith(here + path.sep) ? [[at[1].slice(here.length + 1), Number(at[2]), '']] : [];
}

/** The full name of the test that was begun last in a file, as its process wrote it down; empty where it did not. */
function runningIn(name) {
  try {
    return fs.readFileSync(`${said}running-${encodeURIComponent(relative(name))}`, 'utf8').slice(0, 3_000);
  } catch {
    return '';
  }
}

const HUNG = new Set(['testTimeoutFailure']);

for await (const { type, data } of stream) {
  if (type === 'test:dequeue' && isFile(data)) {
    file = data.name;
    ran.add(file);
    begun.length = open.length = 0;
  } else if (type === 'test:dequeue') {
    begun[data.nesting] = data.name;
    const node = nodeOf(begun, data.nesting);
    unended.set(node, (unended.get(node) ?? 0) + 1);
    say({ event: 'started', node });
  } else if (type === 'test:start') {
    open[data.nesting] = data.name;
  } else if (type === 'test:stderr') {
    errors.set(data.file, cut((errors.get(data.file) ?? '') + data.message));
  } else if (type === 'test:pass' || type === 'test:fail') {
    const passed = type === 'test:pass';
    failed ||= !passed;
    const error = data.details?.error;
    if (isFile(data)) {
      const hung = HUNG.has(error?.failureType);
      const stderr = errors.get(data.name) ?? '';
      if (asked.scripts.includes(relative(data.name)) && !hung && !told.get(data.name)) {
        // a program that asserts by itself is one test
        const seconds = (data.details?.duration_ms ?? 0) / 1000;
        say({ event: 'ended', node: relative(data.name), ended: passed ? 'passed' : 'failed', seconds, ...(passed ? {} : ofStderr(stderr, error)) });
      } else if (!passed) {
        say({ event: 'file_failed', path: relative(data.name), hung, running: runningIn(data.name), ...ofStderr(stderr, error), error: stderr });
      }
      continue;
    }
    told.set(file, (told.get(file) ?? 0) + 1);
    let node = nodeOf([...open.slice(0, data.nesting), data.name], data.nesting);
    unended.set(node, (unended.get(node) ?? 0) - 1);
    const count = (seen.get(node) ?? 0) + 1;
    seen.set(node, count);
    if (count > 1) node += ` (${count})`;
    const suite = data.details?.type === 'suite';
    const below = error?.failureType === 'subtestsFailed';
    if (suite && (passed || below)) continue;
    const aside = data.skip !== undefined ? 'skipped' : data.todo !== undefined ? (passed ? 'xpassed' : 'xfailed') : '';
    const seconds = (data.details?.duration_ms ?? 0) / 1000;
    if (aside || passed) say({ event: 'ended', node, ended: aside || 'passed', seconds });
    else say({ event: 'ended', node, ended: suite ? 'error' : 'failed', seconds, hung: HUNG.has(error?.failureType), below, ...describe(error) });
  } else if (type === 'test:coverage') {
    for (const covered of data.summary.files) {
      if (!covered.path.startsWith(here + path.sep)) continue;
      const lines = covered.lines.filter((line) => line.count > 0).map((line) => line.line);
      say({ event: 'executed', path: relative(covered.path), lines });
    }
  }
}

for (const one of ran) {
  const name = `${said}ended-${encodeURIComponent(relative(one))}`;
  let what = null;
  try {
    what = JSON.parse(fs.readFileSync(name, 'utf8'));
  } catch {
    // there is none, or something else was put in its place
  }
  if (what === null) say({ event: 'vanished', path: relative(one) });
  else if (what.left || what.changed.length) {
    say({ event: 'replaced', path: relative(one), left: Boolean(what.left), what: what.changed.map((word) => String(word).slice(0, 200)) });
  }
}
say({ event: 'done', exit_code: 0 });
process.exit(0);
