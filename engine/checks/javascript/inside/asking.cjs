// Which tests a file defines, as its source says, and how each can be made wrong.
'use strict';
const { chain, imports, isFunction, textOf } = require('./walking.cjs');
const { expectationsOf, everywhere } = require('./expecting.cjs');

const RUNNERS = ['node:test', 'test', 'vitest', '@jest/globals', 'mocha'];
const TESTS = new Set(['default', 'test', 'it']);
const SUITES = new Set(['describe', 'suite']);
const GIVEN = ['describe', 'suite', 'test', 'it', 'expect', 'vi'];
const MARKS = ['skip', 'todo', 'only', 'concurrent', 'sequential', 'shuffle', 'fails'];
const OUT = ['skip', 'todo'];
const MOST_VARIANTS = 6;
const MOST_ELSEWHERE = 2_000;

/** What is called: {kind: 'test' | 'suite', marks: ['skip']}; undefined for anything else. */
function called(callee, names) {
  const words = chain(callee);
  if (words === undefined) return undefined;
  const [module, imported] = names.get(words[0]) ?? [];
  if (!RUNNERS.includes(module)) return undefined;
  let rest = words.slice(1);
  let name = imported === '*' ? 'default' : imported;
  if (name === 'default' && rest.length && (TESTS.has(rest[0]) || SUITES.has(rest[0]))) [name, ...rest] = rest;
  const kind = TESTS.has(name) ? 'test' : SUITES.has(name) ? 'suite' : undefined;
  const marked = rest.every((word) => MARKS.includes(word));
  return kind && marked ? { kind, marks: rest.filter((word) => OUT.includes(word)), fails: rest.includes('fails') } : undefined;
}

/** What the options of a test say of its being left out. */
function leftOut(given) {
  const options = given.find((one) => one.type === 'ObjectExpression');
  let always = false;
  let perhaps = false;
  for (const { key, value } of options?.properties.filter((one) => one.type === 'Property') ?? []) {
    if (!['skip', 'todo'].includes(key?.name ?? key?.value)) continue;
    if (value.type === 'Literal') always ||= Boolean(value.value);
    else perhaps = true;
  }
  return { always, perhaps };
}

/** With *given*, where the names of vitest's functions stand for them without an import. */
function testsIn(tree, text, given) {
  const names = imports(tree);
  if (given) for (const name of GIVEN) if (!names.has(name)) names.set(name, ['vitest', name]);
  const found = { names: [], marked: [], maySkip: [], twins: [], framework: '' };
  for (const [module] of names.values()) if (RUNNERS.includes(module)) found.framework ||= module;
  const count = new Map();
  const twinned = [];

  function gather(statements, above, marked) {
    for (const statement of statements) {
      let call = statement.type === 'ExpressionStatement' ? statement.expression : undefined;
      if (call?.type === 'AwaitExpression' || call?.type === 'UnaryExpression') call = call.argument;
      if (call?.type !== 'CallExpression') continue;
      const what = called(call.callee, names);
      const body = call.arguments.find(isFunction);
      if (what === undefined) continue;
      const name = textOf(call.arguments[0]);
      if (name === undefined) continue;
      const { always, perhaps } = leftOut(call.arguments);
      const out = marked || always || what.marks.length > 0;
      if (what.kind === 'suite') {
        if (body?.body.type === 'BlockStatement') gather(body.body.body, [...above, name], out);
        continue;
      }
      const path = [...above, name].join('::');
      const number = (count.get(path) ?? 0) + 1;
      count.set(path, number);
      const full = number > 1 ? `${path} (${number})` : path;
      found.names.push(full);
      if (out) found.marked.push(full);
      if (perhaps) found.maySkip.push(full);
      if (out || perhaps || !body || what.fails) {
        // what has to fail is no worse for an expectation that is wrong
        if (what.fails && body) twinned.push(body);
        continue;
      }
      const edits = expectationsOf(body, names, text).slice(0, MOST_VARIANTS);
      if (edits.length) twinned.push(body);
      edits.forEach(([start, end, wrong, method = false], variant) => found.twins.push({ test: full, variant, start, end, text: wrong, method }));
    }
  }

  gather(tree.body, [], false);
  // Tests that are made in loops, and those whose expectations stand in a function of the file: it is not known which
  // of them each edit turns red, but one it has to be.
  for (const [start, end, wrong] of everywhere(tree, twinned, names, text).slice(0, MOST_ELSEWHERE)) {
    found.twins.push({ test: '', variant: 0, start, end, text: wrong, method: false });
  }
  return found;
}

module.exports = { testsIn };
