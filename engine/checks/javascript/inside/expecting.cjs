// How one expectation of a test can be made wrong: each is an edit of the text that has to turn the test red.
'use strict';
const { chain, isFunction, textOf, walk } = require('./walking.cjs');

const EQUAL = new Set(['equal', 'strictEqual', 'deepEqual', 'deepStrictEqual']);
const UNEQUAL = { notEqual: 'equal', notStrictEqual: 'strictEqual', notDeepEqual: 'deepEqual', notDeepStrictEqual: 'deepStrictEqual' };
const EXPECTED = new Set(['toBe', 'toEqual', 'toStrictEqual', 'equal', 'eql', 'equals', 'eq']);
const LITERALS = new Set(['toHaveLength', 'toContain', 'toContainEqual', 'toHaveBeenCalledTimes', 'toThrow', 'toThrowError', 'toMatch', 'toHaveTextContent', 'toHaveValue']);
const FINDS = /^(?:get|find)(?:All)?By[A-Z]\w+$/;
const WAITS = /^(?:waitFor|act)$/;
const ASSERTS = new Set(['node:assert', 'assert', 'node:assert/strict', 'assert/strict']);

/** Edits [start, end, text] for the expectations that are met whenever the test runs to its end. */
function expectationsOf(body, names, text) {
  if (body.body.type !== 'BlockStatement') return ofExpression(body.body, names, text, contextOf(body));
  return ofStatements(body.body.body, names, text, contextOf(body));
}

function contextOf(body) {
  return body.params[0]?.type === 'Identifier' ? body.params[0].name : undefined;
}

function ofStatements(statements, names, text, context) {
  const found = [];
  for (const statement of statements) {
    if (statement.type === 'ExpressionStatement') found.push(...ofExpression(statement.expression, names, text, context));
    else if (statement.type === 'ReturnStatement' && statement.argument) found.push(...ofExpression(statement.argument, names, text, context));
    else if (statement.type === 'VariableDeclaration') {
      for (const { init } of statement.declarations) if (init) found.push(...ofFound(init), ...ofRequest(init, names, text));
    }
    else if (statement.type === 'BlockStatement') found.push(...ofStatements(statement.body, names, text, context));
    else if (statement.type === 'ForOfStatement' && statement.right.type === 'ArrayExpression' && statement.right.elements.length) {
      const inner = statement.body.type === 'BlockStatement' ? statement.body.body : [statement.body];
      found.push(...ofStatements(inner, names, text, context));
    }
    if (mayLeave(statement)) break;
  }
  return found;
}

/** Whether the test may end at *statement* without having failed. */
function mayLeave(statement) {
  let leaves = false;
  walk(statement, (node) => {
    if (isFunction(node)) return false;
    leaves ||= /^(?:Return|Break|Continue|Try)Statement$/.test(node.type);
    leaves ||= node.type === 'CallExpression' && /^(?:skip|todo)$/.test(node.callee.property?.name ?? '');
    return true;
  });
  return leaves;
}

function ofExpression(expression, names, text, context) {
  const call = expression.type === 'AwaitExpression' ? expression.argument : expression;
  if (call.type !== 'CallExpression' || call.arguments.some((one) => one.type === 'SpreadElement')) return [];
  const method = assertion(call.callee, names, context);
  // What is no plain call of the module itself can be made to fail without a change of the text, see preload.mjs.
  if (method !== undefined) return ofAssert(method, call, text).map((edit) => [...edit, !isModule(call.callee, names)]);
  if (WAITS.test(chain(call.callee)?.at(-1) ?? '') && expression.type === 'AwaitExpression' && isFunction(call.arguments[0])) {
    return expectationsOf(call.arguments[0], names, text);
  }
  const found = ofExpect(call, names, text);
  return found.length ? found : [...ofFound(call), ...ofRequest(expression, names, text)];
}

function isModule(callee, names) {
  return callee.type === 'Identifier' && ['default', '*', 'strict', 'ok'].includes(names.get(callee.name)?.[1]);
}

/** The function of assert that is called; undefined for anything else. */
function assertion(callee, names, context) {
  const words = chain(callee);
  if (words === undefined) return undefined;
  if (context !== undefined && words.length === 3 && words[0] === context && words[1] === 'assert') return words[2];
  const [module, imported] = names.get(words[0]) ?? [];
  if (!ASSERTS.has(module)) return undefined;
  const rest = words.slice(1).filter((word) => word !== 'strict');
  if (!['default', '*', 'strict'].includes(imported)) return rest.length ? undefined : imported;
  return rest.length > 1 ? undefined : (rest[0] ?? 'ok');
}

function ofAssert(method, { callee, arguments: given }, text) {
  const [first, second] = given;
  if (EQUAL.has(method) && given.length > 1) return [...ofLiteral(second, text), ...ofLiteral(first, text), [second.start, second.end, 'Symbol("twin")']];
  if (method === 'ok' && first) return [[first.start, first.end, `!(${text.slice(first.start, first.end)})`]];
  if (method in UNEQUAL && given.length > 1) {
    return callee.type === 'MemberExpression' ? [[callee.property.start, callee.property.end, UNEQUAL[method]]] : [[second.start, second.end, text.slice(first.start, first.end)]];
  }
  if (method === 'throws' && first) return [[first.start, first.end, '() => {}']];
  if (method === 'rejects' && first) return [[first.start, first.end, 'async () => {}']];
  if (method === 'doesNotThrow' && first) return [[first.start, first.end, '() => { throw new Error("twin"); }']];
  if (method === 'doesNotReject' && first) return [[first.start, first.end, 'async () => { throw new Error("twin"); }']];
  if (method === 'match' && second) return [[second.start, second.end, '/(?!)/']];
  if (method === 'doesNotMatch' && second) return [[second.start, second.end, '/(?:)/']];
  return [];
}

/** `expect(x).toBe(LITERAL)` and its like: another literal, nothing that is equal to anything, and the contrary. */
function ofExpect({ callee, arguments: given }, names, text) {
  if (callee.type !== 'MemberExpression' || callee.computed) return [];
  let on = callee.object;
  let not;
  while (on.type === 'MemberExpression' && !on.computed) {
    if (on.property.name === 'not') not = on;
    on = on.object;
  }
  if (on.type !== 'CallExpression' || !isExpect(on.callee)) return [];
  const refused = names.get('expect')?.[0] === 'vitest';
  const name = callee.property.name;
  const found = [];
  if (not === undefined && given.length === 1) {
    if (EXPECTED.has(name) || LITERALS.has(name)) found.push(...ofLiteral(given[0], text));
    if (EXPECTED.has(name)) found.push([given[0].start, given[0].end, 'Symbol("twin")']);
  }
  if (/^to[A-Z]/.test(name)) found.push(not === undefined ? [on.end, on.end, '.not'] : [not.object.end, not.end, '']);
  return found.map((edit) => [...edit, refused]);
}

function isExpect(callee) {
  const words = chain(callee);
  return words !== undefined && words[0] === 'expect' && (words.length === 1 || (words.length === 2 && /^(?:soft|poll)$/.test(words[1])));
}

/** `screen.getByText('LITERAL')`, which throws where it finds nothing. */
function ofFound(node) {
  const call = node.type === 'AwaitExpression' ? node.argument : node;
  if (call.type !== 'CallExpression' || !FINDS.test(chain(call.callee)?.at(-1) ?? '')) return [];
  const [what, options] = call.arguments;
  const named = options?.type === 'ObjectExpression' ? options.properties.find((one) => one.type === 'Property' && one.key.name === 'name') : undefined;
  const literal = named ? named.value : what;
  const said = textOf(literal);
  return said === undefined ? [] : [[literal.start, literal.end, JSON.stringify(`${said}~`), false]];
}

/** `await request(app).get('/').expect(LITERAL)` of supertest. */
function ofRequest(node, names, text) {
  if (node.type !== 'AwaitExpression') return [];
  const found = [];
  let call = node.argument;
  while (call?.type === 'CallExpression' && call.callee.type === 'MemberExpression') {
    if (call.callee.property.name === 'expect' && call.arguments.length) found.push(...ofLiteral(call.arguments[0], text).map((edit) => [...edit, false]));
    call = call.callee.object;
  }
  const from = call?.type === 'CallExpression' ? names.get(chain(call.callee)?.[0])?.[0] : names.get(call?.name)?.[0];
  return from === 'supertest' || call?.type === 'Identifier' ? found : [];
}

/** The edit after which a literal, or the first one in a table of them, is another. */
function ofLiteral(node, text) {
  const said = textOf(node);
  if (said !== undefined) return [[node.start, node.end, JSON.stringify(`${said}~`)]];
  if (node.type === 'UnaryExpression' && node.operator === '-' && node.argument.type === 'Literal') return [[node.start, node.end, `(${text.slice(node.start, node.end)} - 1)`]];
  if (node.type === 'Literal') {
    if (typeof node.value === 'number') return [[node.start, node.end, `(${node.raw} + 1)`]];
    if (typeof node.value === 'boolean') return [[node.start, node.end, String(!node.value)]];
    if (typeof node.bigint === 'string') return [[node.start, node.end, `(${node.raw} + 1n)`]];
    if (node.value === null && !node.regex) return [[node.start, node.end, '0']];
    return [];
  }
  if (node.type === 'Identifier' && node.name === 'undefined') return [[node.start, node.end, '0']];
  if (node.type === 'ArrayExpression') {
    for (const item of [...node.elements].reverse()) {
      const edit = item ? ofLiteral(item, text) : [];
      if (edit.length) return edit;
    }
    return node.elements.length ? [] : [[node.start, node.end, '[0]']];
  }
  if (node.type === 'ObjectExpression') {
    for (const property of [...node.properties].reverse()) {
      const edit = property.type === 'Property' && !property.shorthand ? ofLiteral(property.value, text) : [];
      if (edit.length) return edit;
    }
    return node.properties.length ? [] : [[node.start, node.end, '{ twin: 0 }']];
  }
  return [];
}

/** One edit for each expectation that stands in none of the functions *besides*. */
function everywhere(tree, besides, names, text) {
  const found = [];
  walk(tree, (node) => {
    if (besides.includes(node)) return false;
    const edits = node.type === 'CallExpression' ? ofExpression(node, names, text, undefined) : [];
    if (!edits.length) return true;
    found.push(edits[edits.length - 1]);
    return false;
  });
  return found;
}

module.exports = { assertion, expectationsOf, everywhere };
