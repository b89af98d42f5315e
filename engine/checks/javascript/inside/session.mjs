// Runs the frozen tests inside the box under node:test, each file in a process of its own, and tells line by line what
// became of each test. This process never loads anything that was submitted.
//
// Standard input: a JSON object {"nonce", "files": [path], "hang": milliseconds, "lines": bool, "flags": [text],
// "scripts": [path], "contrary": bool, "outside": [glob]}. Report pipe: one JSON object a line, each behind the nonce.
import path from 'node:path';
import { run } from 'node:test';
import { asked, cut, describe, folderOfWords, framesOf, here, relative, say, tellReplaced, wordOf } from './telling.mjs';

const files = asked.files.map((file) => path.join(here, file));
const said = folderOfWords();

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

function nodeOf(stack, nesting) {
  return [relative(file), ...stack.slice(0, nesting + 1)].join('::').slice(0, 3_500);
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
const runningIn = (name) => wordOf(said, 'running', relative(name)).slice(0, 3_000);

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

tellReplaced(said, [...ran].map(relative));
say({ event: 'done', exit_code: 0 });
process.exit(0);
