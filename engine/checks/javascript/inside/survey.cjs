// Reads every file inside the box before any submitted code runs: does it parse, which tests and expectations are there,
// which lines hold something that runs, and what new code reaches for.
//
// Standard input: {"nonce", "sources": [path], "tests": [path], "before": {path: text},
// "vitest": bool, "globals": [path of tests that vitest gives its functions to]}; run with --expose-internals, for
// the parser that Node.js itself holds, and --experimental-vm-modules. Report pipe: one JSON object a line.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const vm = require('node:vm');
const acorn = require('internal/deps/acorn/acorn/dist/acorn');
const { testsIn } = require('./asking.cjs');
const { linesIn } = require('./lines.cjs');
const { wordsIn } = require('./looking.cjs');
const { answersIn, carried, questionsIn } = require('./table.cjs');
const { isTyped, readTyped } = require('./typed.cjs');

const pipe = Number(process.env.MENDBOX_REPORT_FD);
const asked = JSON.parse(fs.readFileSync(0, 'utf8'));

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

/** How Node.js would load it: 'module', 'commonjs', or '' where the text decides. */
function kindOf(name) {
  if (name.endsWith('.mjs')) return 'module';
  if (name.endsWith('.cjs')) return 'commonjs';
  for (let folder = path.dirname(name); ; folder = path.dirname(folder)) {
    try {
      const { type } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
      return type === 'module' || type === 'commonjs' ? type : '';
    } catch (error) {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') return '';
    }
    if (folder === '.' || folder === '/') return '';
  }
}

const PARAMETERS = ['exports', 'require', 'module', '__filename', '__dirname'];
const ways = {
  module: (text, filename) => new vm.SourceTextModule(text, { identifier: filename }),
  commonjs: (text, filename) => vm.compileFunction(text, PARAMETERS, { filename }),
};

/** The error with which Node.js refuses it, and the way that it is loaded. */
function refused(text, name, kind) {
  const errors = [];
  for (const way of kind ? [kind] : ['commonjs', 'module']) {
    try {
      ways[way](text, name);
      return { way };
    } catch (error) {
      errors.push(error);
    }
  }
  // Where both fail, the text says which one it was meant to be.
  const meant = errors.length > 1 && /^\s*(?:import|export)\b/m.test(text) ? 1 : 0;
  return { error: errors[meant], way: kind || ['commonjs', 'module'][meant] };
}

/** Of a module Node.js does not always say where it is wrong: then the parser's own word counts. */
function lineOf(error, name, text, way) {
  const at = String(error.stack).split('\n')[0];
  const line = at.startsWith(`${name}:`) ? Number(at.slice(name.length + 1)) : 0;
  if (line) return line;
  try {
    acorn.parse(text, options(way));
    return 0;
  } catch (other) {
    return other.loc?.line ?? 0;
  }
}

function options(way) {
  const module = way === 'module';
  return { ecmaVersion: 'latest', locations: true, allowHashBang: true, sourceType: module ? 'module' : 'script', allowReturnOutsideFunction: !module };
}

function parse(text, way) {
  try {
    return acorn.parse(text, options(way));
  } catch {
    // newer than the parser knows: nothing is said of it
    return null;
  }
}

function readJson(name, text) {
  try {
    JSON.parse(text);
  } catch (error) {
    say({ event: 'unparsable', path: name, line: 0, rule: 'SyntaxError', message: String(error.message).slice(0, 500), text: '' });
  }
}

/** How a file is loaded, and its tree, which is null where no parser here knows what stands there; or what is wrong with it. */
function read(name, text) {
  if (isTyped(name)) {
    const { error, tree } = readTyped(name, text);
    return error ? { error, line: error.line } : { way: 'typed', tree: tree ?? null };
  }
  const { error, way } = refused(text.replace(/^#!/, '//'), name, kindOf(name));
  return error ? { error, line: lineOf(error, name, text, way) } : { way, tree: parse(text, way) };
}

function earlierOf(name, way) {
  const text = asked.before[name].replace(/^\uFEFF/, '');
  return way === 'typed' ? (readTyped(name, text).tree ?? null) : parse(text, way);
}

/** What takes no part in judging may name what it would configure. */
const CONFIGURATION = /^(?:vite|vitest|eslint|playwright)\.config\.[cm]?[jt]s$/;
const OF_CONFIGURATION = /^@?vitest|tests?__?\/$|^\/?(?:tests?|__tests__)\/|^\.(?:test|spec)\./;
const questions = [];
// The tests first: what is new is held against what they ask.
for (const name of [...asked.tests, ...asked.sources]) {
  const text = fs.readFileSync(name, 'utf8').replace(/^\uFEFF/, '');
  if (name.endsWith('.json')) {
    readJson(name, text);
    continue;
  }
  const { error, line, way, tree } = read(name, text);
  if (error) {
    const message = `${error.name}: ${error.message}`.slice(0, 500);
    say({ event: 'unparsable', path: name, line, rule: error.name, message, text: String(error.stack).split('\n').slice(0, 4).join('\n').slice(0, 2000) });
    continue;
  }
  if (tree === null) {
    say({ event: 'unread', path: name });
    continue;
  }
  if (asked.tests.includes(name)) {
    const { names, marked, maySkip, twins, framework } = testsIn(tree, text, asked.globals.includes(name));
    say({ event: 'names', path: name, names: names.slice(0, 20_000), marked, may_skip: maySkip });
    say({ event: 'framework', path: name, name: framework });
    questions.push(...questionsIn(tree));
    for (const twin of twins) say({ event: 'twin', path: name, ...twin });
  } else {
    say({ event: 'lines', path: name, executable: linesIn(tree) });
    if (name in asked.before) {
      const earlier = earlierOf(name, way);
      const had = earlier ? wordsIn(earlier, asked.vitest) : new Set();
      const words = [...wordsIn(tree, asked.vitest)].filter((word) => !had.has(word) && !(CONFIGURATION.test(name) && OF_CONFIGURATION.test(word))).slice(0, 20);
      say({ event: 'looks', path: name, words });
      const answered = carried(questions, answersIn(tree));
      const before = earlier ? carried(questions, answersIn(earlier)) : 0;
      if (answered > before) say({ event: 'table', path: name, answered, asked: questions.length });
    }
  }
}
say({ event: 'done', exit_code: 0 });
