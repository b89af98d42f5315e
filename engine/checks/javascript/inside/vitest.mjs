// Runs the frozen tests inside the box under vitest, each file in a process of its own, and tells what became of each test.
// This process transforms what was submitted and never runs it: the configuration is ours alone, and no file of the work
// folder that vite or vitest would load by itself (config, workspace, PostCSS, .env) is looked for.
//
// Standard input: as for session.mjs, without "flags", "scripts" and "outside"; "dom" says which files get a page,
// "plugins" which of vite's are laid over, "alias" what a name outside of the packages stands for, "setup" which frozen
// files are run before each one.
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { asked, cut, describe, folderOfWords, framesOf, here, relative, say, tellReplaced, wordOf } from './telling.mjs';

const tools = path.dirname(new URL(import.meta.url).pathname);
const said = folderOfWords();
if (asked.lines) process.env.MENDBOX_LINES = '1';
process.env.CI = '1';
process.chdir(here);
const { startVitest } = await import('vitest/node');
const found = createRequire(import.meta.url);
const plugins = [];
for (const name of asked.plugins) {
  try {
    plugins.push((await import(name)).default());
  } catch {
    // a project without it gets along without it
  }
}

const escaped = (file) => file.replace(/[\\*?{}()[\]!+@|]/g, '\\$&');

/** Files in the order in which they were asked for. */
class InTurn {
  shard(files) {
    return files;
  }

  sort(files) {
    const at = (one) => asked.files.indexOf(relative(one.moduleId ?? one[1]));
    return [...files].sort((one, other) => at(one) - at(other));
  }
}

function optionsFor(files, dom) {
  return {
    config: false,
    root: here,
    dir: here,
    include: files.map(escaped),
    exclude: [],
    environment: dom ? 'jsdom' : 'node',
    globals: true,
    watch: false,
    run: true,
    pool: 'forks',
    execArgv: ['--no-warnings', '--expose-gc'],
    isolate: true,
    fileParallelism: false,
    setupFiles: [path.join(tools, 'beside.mjs'), ...asked.setup.map((file) => path.join(here, file))],
    sequence: { sequencer: InTurn, shuffle: asked.shuffle ? { tests: true } : false, seed: 7, hooks: 'stack' },
    reporters: [{ onInit() {} }],
    disableConsoleIntercept: true,
    update: 'none',
    allowOnly: true,
    passWithNoTests: true,
    testTimeout: Math.min(5_000, asked.hang),
    hookTimeout: Math.min(10_000, asked.hang),
    teardownTimeout: 1_000,
    coverage: { enabled: false },
    typecheck: { enabled: false },
    api: false,
    ui: false,
    cache: false,
  };
}

const vite = {
  configFile: false,
  envDir: false,
  publicDir: false,
  cacheDir: path.join(said, 'cache'),
  logLevel: 'silent',
  clearScreen: false,
  plugins,
  css: { postcss: { plugins: [] } },
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { watch: null, hmr: false, fs: { strict: false } },
  resolve: {
    alias: [
      // nothing of the work folder may stand in front of what judges
      { find: /^vitest$/, replacement: found.resolve('vitest').replace(/index\.cjs$/, 'dist/index.js') },
      ...asked.alias.map(([find, place]) => ({ find, replacement: path.join(here, place) })),
    ],
  },
};

/** A file that is stuck keeps vitest waiting: its process is ended, as that of node:test's would be. */
const hung = new Set();
const begun = new Map();
const clock = setInterval(() => {
  for (const file of asked.files) {
    const word = wordOf(said, 'process', file);
    if (!word || hung.has(file) || wordOf(said, 'ended', file)) continue;
    if (!begun.has(file)) begun.set(file, Date.now());
    if (Date.now() - begun.get(file) < asked.hang) continue;
    hung.add(file);
    try {
      process.kill(Number(word), 'SIGKILL');
    } catch {
      // it has just ended
    }
  }
}, 200);

const ended = new Map();
const broken = [];
let exitErrors = [];

for (const dom of [false, true]) {
  const files = asked.files.filter((file) => asked.dom.includes(file) === dom);
  if (!files.length) continue;
  const vitest = await startVitest('test', [], optionsFor(files, dom), vite);
  for (const file of vitest.state.getFiles()) tellFile(relative(file.filepath), file);
  exitErrors = exitErrors.concat(vitest.state.getUnhandledErrors());
}
clearInterval(clock);

function tellFile(name, file) {
  const seen = new Map();
  ended.set(name, file);
  for (const task of file.tasks ?? []) tellTask(task, [name], seen);
  const errors = file.result?.errors ?? [];
  if (errors.length && !hung.has(name)) broken.push([name, errors[0]]);
}

function tellTask(task, above, seen) {
  let node = [...above, task.name].join('::').slice(0, 3_500);
  if (task.type === 'suite') {
    for (const below of task.tasks) tellTask(below, [...above, task.name], seen);
    const [error] = task.result?.errors ?? [];
    if (error) say({ event: 'ended', node, ended: 'error', seconds: 0, ...told(error) });
    return;
  }
  const count = (seen.get(node) ?? 0) + 1;
  seen.set(node, count);
  if (count > 1) node += ` (${count})`;
  const { state, duration, errors } = task.result ?? {};
  const seconds = Number.isFinite(duration) ? duration / 1_000 : 0;
  if (state === 'pass') say({ event: 'ended', node, ended: 'passed', seconds });
  else if (state === 'fail') say({ event: 'ended', node, ended: 'failed', seconds, ...told(errors?.[0]) });
  else if (task.mode === 'skip' || task.mode === 'todo' || state === 'skip') say({ event: 'ended', node, ended: 'skipped', seconds });
  else say({ event: 'started', node });
}

/** An error as the file's process wrote it out: its places are those of the sources already. */
function told(error) {
  const more = error?.diff ? `\n${strip(error.diff)}` : '';
  const { rule, message, text, frames } = describe(error ? { name: error.name, message: strip(`${error.message ?? error}`), stack: own(strip(String(error.stack ?? error.stackStr ?? error.message))) } : undefined);
  const placed = (error?.stacks ?? []).filter((one) => one.file.startsWith(here + path.sep)).map((one) => [relative(one.file), one.line, one.method ?? '']);
  return { rule, message, text: cut(text + more), frames: placed.length ? placed.reverse().slice(-20) : frames };
}

/** Where it was thrown among the packages, and in our own programs, helps nobody. */
function own(stack) {
  return stack.split('\n').filter((line) => !line.includes('/node_modules/') && !line.includes(`${tools}/`) && !line.includes('at new Promise (')).join('\n');
}

function strip(text) {
  return text.replace(/\u001B\[[0-9;]*m/g, '');
}

for (const file of asked.files) {
  if (hung.has(file)) {
    say({ event: 'file_failed', path: file, hung: true, running: wordOf(said, 'running', file).slice(0, 3_000), rule: 'hung', message: 'it did not end', text: '', frames: [], error: '' });
  }
}
for (const [name, error] of broken) say({ event: 'file_failed', path: name, hung: false, running: '', ...told(error), error: '' });
for (const error of exitErrors) {
  const at = error.VITEST_TEST_PATH ? relative(String(error.VITEST_TEST_PATH)) : '';
  const name = asked.files.includes(at) ? at : asked.files.find((file) => !wordOf(said, 'ended', file)) ?? asked.files[0];
  if (!hung.has(name)) say({ event: 'file_failed', path: name, hung: false, running: '', ...told(error), error: '' });
}
for (const file of asked.files) {
  if (!ended.has(file)) say({ event: 'file_failed', path: file, hung: false, running: '', rule: 'Error', message: 'it was not run', text: '', frames: [], error: '' });
}
if (asked.lines) {
  const lines = new Map();
  for (const name of fs.readdirSync(said).filter((one) => one.startsWith('lines-'))) {
    for (const [file, ran] of JSON.parse(fs.readFileSync(said + name, 'utf8'))) {
      const held = lines.get(file) ?? new Set();
      for (const line of ran) held.add(line);
      lines.set(file, held);
    }
  }
  for (const [file, ran] of lines) {
    if (file.startsWith(here + path.sep)) say({ event: 'executed', path: relative(file), lines: [...ran].sort((one, other) => one - other) });
  }
}
tellReplaced(said, asked.files);
say({ event: 'done', exit_code: 0 });
process.exit(0);
