// How a session says what became of the tests: one JSON object a line on the report pipe, each behind the nonce; and how
// it describes what was thrown.
import { Buffer } from 'node:buffer';
import fs from 'node:fs';
import path from 'node:path';

const MOST = 6_000;
const pipe = Number(process.env.MENDBOX_REPORT_FD);
delete process.env.MENDBOX_REPORT_FD;
export const here = process.cwd();
export const asked = JSON.parse(fs.readFileSync(0, 'utf8'));

export function say(line) {
  let rest = Buffer.from(`${asked.nonce}${JSON.stringify(line)}\n`);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(pipe, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

export const cut = (text, most = MOST) => (text.length > most ? `${text.slice(0, most / 2)}\n[...]\n${text.slice(-most / 2)}` : text);
export const relative = (name) => path.relative(here, name);

/** A folder in which the processes of the tests' files leave word. */
export function folderOfWords() {
  const said = fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/tmp', 'said-')) + path.sep;
  process.env.MENDBOX_SAID = said;
  if (asked.contrary) process.env.MENDBOX_CONTRARY = '1';
  return said;
}

/** What the process of a file wrote down by a name; empty where it did not. */
export function wordOf(said, name, file) {
  try {
    return fs.readFileSync(`${said}${name}-${encodeURIComponent(file)}`, 'utf8');
  } catch {
    return '';
  }
}

/** Says of each file what was replaced in its process, or that nothing was heard of it. */
export function tellReplaced(said, files) {
  for (const file of files) {
    let what = null;
    try {
      what = JSON.parse(wordOf(said, 'ended', file));
    } catch {
      // there is none, or something else was put in its place
    }
    if (what === null) say({ event: 'vanished', path: file });
    else if (what.left || what.changed.length) {
      say({ event: 'replaced', path: file, left: Boolean(what.left), what: what.changed.map((word) => String(word).slice(0, 200)) });
    }
  }
}

export function framesOf(stack) {
  const frames = [];
  for (const line of stack.split('\n')) {
    const at = /^\s+at (?:(.*?) \()?(?:file:\/\/)?(\/[^():]+):(\d+):\d+\)?$/.exec(line);
    if (at && at[2].startsWith(here + path.sep)) frames.push([decodeURI(at[2].slice(here.length + 1)), Number(at[3]), at[1] ?? '']);
  }
  // as Python's tracebacks: the innermost comes last
  return frames.reverse().slice(-20);
}

export function describe(error) {
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
