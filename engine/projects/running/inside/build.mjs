// Builds one page with the image's vite, and says what came of it: its files, or what was wrong and where.
//
// Standard input: {"nonce", "out"}. It runs in the page's folder, whose configuration takes part: all that is said here are
// claims of a process that runs submitted code.
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const pipe = Number(process.env.MENDBOX_REPORT_FD);
delete process.env.MENDBOX_REPORT_FD;
const { nonce, vite, out } = JSON.parse(fs.readFileSync(0, 'utf8'));
const here = process.cwd();

function say(line) {
  let rest = Buffer.from(`${nonce}${JSON.stringify(line, (_, value) => (typeof value === 'string' ? value.toWellFormed() : value))}\n`);
  while (rest.length) {
    try {
      rest = rest.subarray(fs.writeSync(pipe, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

// eslint-disable-next-line no-control-regex
const plain = (text) => String(text ?? '').replace(/\u001b\[[0-9;]*m/gu, '');
const inside = (file) => {
  const bare = plain(file).split('?')[0].replace(/^file:\/\//u, '');
  const relative = path.relative(here, path.resolve(here, bare));
  return bare && !relative.startsWith('..') ? relative : '';
};

function told(error) {
  const at = error.loc ?? error.location ?? {};
  const message = plain(error.message).slice(0, 1_500);
  const file = inside(at.file ?? error.id ?? '');
  return { message, path: file.slice(0, 300), line: Number.isInteger(at.line) && at.line > 0 ? at.line : 0, text: plain(error.frame ?? error.stack).slice(0, 3_000) };
}

try {
  // where vite writes what it makes of its configuration; the packages themselves stand above, where nobody writes
  fs.mkdirSync(path.join(here, 'node_modules'), { recursive: true });
  const { build } = await import(vite);
  await build({ root: here, mode: 'production', logLevel: 'warn', clearScreen: false, build: { outDir: out, emptyOutDir: true, write: true } });
  const files = fs
    .readdirSync(path.join(here, out), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(path.join(here, out), path.join(entry.parentPath, entry.name)));
  say({ event: 'built', files: files.slice(0, 2_000) });
} catch (error) {
  const many = Array.isArray(error?.errors) && error.errors.length ? error.errors : [error ?? {}];
  for (const each of many.slice(0, 20)) say({ event: 'not_built', ...told(each) });
}
say({ event: 'done' });
process.exit(0);
