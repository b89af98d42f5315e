// Does code carry the answers of the tests? Literal questions with literal answers are read from the frozen tests, and
// looked for in code as tables, rows, conditions, or answers given out in turn. In doubt it does not.
'use strict';
const { chain, imports, textOf, walk } = require('./walking.cjs');
const { assertion } = require('./expecting.cjs');

const MOST = 2_000;
const NONE = Symbol('no constant');
const LEAST = 3;
const SHARE = 0.75;

/** What a literal, or a table of literals, stands for; NONE for everything else. */
function constant(node) {
  const text = textOf(node);
  if (text !== undefined) return text;
  if (node?.type === 'Literal') return node.regex || node.bigint ? NONE : node.value;
  if (node?.type === 'UnaryExpression' && node.operator === '-' && typeof node.argument.value === 'number') return -node.argument.value;
  if (node?.type === 'ArrayExpression') {
    const items = node.elements.map(constant);
    return items.includes(NONE) ? NONE : items;
  }
  if (node?.type === 'ObjectExpression') {
    const found = Object.create(null);
    for (const property of node.properties) {
      const value = property.type === 'Property' && !property.computed ? constant(property.value) : NONE;
      if (value === NONE) return NONE;
      found[property.key.name ?? property.key.value] = value;
    }
    return found;
  }
  return NONE;
}

const shown = (value) => JSON.stringify(value) ?? String(value);

/** Whether an answer is one that code does not have anyway. */
function counts(value) {
  return value !== NONE && value !== null && typeof value !== 'boolean' && value !== '' && value !== 0 && value !== 1 && value !== -1;
}

/** Pairs {inputs, answer} of a test file, each answer written out. */
function questionsIn(tree) {
  const names = imports(tree);
  const found = [];
  const ask = (asked, answer) => {
    if (asked.type === 'ArrayExpression' && answer.type === 'ArrayExpression') {
      asked.elements.forEach((item, index) => item && answer.elements[index] && ask(item, answer.elements[index]));
      return;
    }
    const value = constant(answer);
    if (!counts(value)) return;
    walk(asked, (node) => {
      if (node.type !== 'CallExpression') return true;
      const inputs = node.arguments.map(constant);
      if (inputs.length && !inputs.includes(NONE)) found.push({ inputs, answer: shown(value) });
      return true;
    });
  };
  walk(tree, (node) => {
    if (found.length > MOST) return false;
    if (node.type === 'CallExpression') {
      const method = assertion(node.callee, names, undefined) ?? (chain(node.callee)?.at(-2) === 'assert' ? node.callee.property.name : undefined);
      const [first, second] = node.arguments;
      if (method && /equal$/i.test(method) && !/^not/.test(method) && second) ask(first, second);
      if (method === 'ok' && first?.type === 'BinaryExpression' && /^===?$/.test(first.operator)) ask(first.left, first.right);
      const on = node.callee.type === 'MemberExpression' ? node.callee.object : undefined;
      if (on?.type === 'CallExpression' && on.callee.name === 'expect' && on.arguments.length && first) ask(on.arguments[0], first);
    }
    if (node.type === 'ArrayExpression' && node.elements.length > 1) {
      const rows = node.elements.map(constant);
      if (rows.every((row) => Array.isArray(row) && row.length > 1 && counts(row.at(-1)))) {
        for (const row of rows) found.push({ inputs: row.slice(0, -1), answer: shown(row.at(-1)) });
      }
    }
    return true;
  });
  return [...new Map(found.slice(0, MOST).map((pair) => [shown([pair.inputs, pair.answer]), pair])).values()];
}

/** What code binds together: [{keys, answer}], and its lists of constants, which may be given out in turn. */
function answersIn(tree) {
  const bound = [];
  const lists = [];
  const bind = (keys, node) => {
    const value = constant(node);
    if (counts(value) && keys.length && bound.length < MOST) bound.push({ keys: keys.map(String), answer: shown(value) });
  };
  const literals = (test) => {
    const found = [];
    walk(test, (node) => {
      const value = constant(node);
      if (value !== NONE && typeof value !== 'object') found.push(value);
      return true;
    });
    return found;
  };
  const given = (keys, statement) =>
    walk(statement, (node) => {
      if (node.type === 'IfStatement' || /Function/.test(node.type)) return false;
      if (node.type === 'ReturnStatement' && node.argument) bind(keys, node.argument);
      if (node.type === 'AssignmentExpression') bind(keys, node.right);
      return true;
    });
  walk(tree, (node) => {
    if (node.type === 'Property' && !node.computed) bind([node.key.name ?? node.key.value], node.value);
    if (node.type === 'ConditionalExpression') bind(literals(node.test), node.consequent);
    if (node.type === 'IfStatement') given(literals(node.test), node.consequent);
    if (node.type === 'SwitchCase' && node.test) for (const inner of node.consequent) given(literals(node.test), inner);
    if (node.type === 'ArrayExpression') {
      const items = node.elements.map(constant);
      if (!items.includes(NONE) && items.length >= LEAST) lists.push(items.map(shown));
      if (node.elements.length > 1 && node.elements.length < 6) bind(items.slice(0, -1).filter((item) => item !== NONE).map((item) => (typeof item === 'object' ? shown(item) : item)), node.elements.at(-1));
    }
    return true;
  });
  return { bound, lists };
}

/** Everything in a constant that is no table itself. */
function leavesOf(value) {
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(leavesOf) : [value];
}

/** Whether one of the keys tells a question apart. */
function asks(keys, inputs) {
  const whole = inputs.filter((input) => typeof input === 'object' || String(input).length > 1).map(shown);
  const leaves = inputs.flatMap(leavesOf).map(String);
  const parts = new Set(leaves);
  for (const input of inputs) if (typeof input === 'string' || Array.isArray(input)) parts.add(String(input.length));
  return keys.some((key) => parts.has(key) || key === leaves.join() || whole.some((one) => key.includes(one)));
}

/** How many of the questions code answers from what it binds together; 0 where those are too few to mean anything. */
function carried(questions, { bound, lists }) {
  const found = questions.filter(({ inputs, answer }) => bound.some((one) => one.answer === answer && asks(one.keys, inputs))).length;
  const answers = questions.map(({ answer }) => answer);
  const inTurn = Math.max(0, ...lists.map((list) => (list.every((item) => answers.includes(item)) ? new Set(list).size : 0)));
  const most = Math.max(found, inTurn);
  return most >= LEAST && most >= SHARE * questions.length ? most : 0;
}

module.exports = { questionsIn, answersIn, carried };
