// Going through a syntax tree of the parser's: every node is an object with a type.
'use strict';

/** Every node below *node*, itself first; *enter* says by false that it is not to be gone into. */
function walk(node, enter) {
  const left = [node];
  while (left.length) {
    const next = left.pop();
    if (enter(next) === false) continue;
    for (const key of Object.keys(next)) {
      const value = next[key];
      if (Array.isArray(value)) {
        for (const item of value) if (item && typeof item.type === 'string') left.push(item);
      } else if (value && typeof value.type === 'string') left.push(value);
    }
  }
}

const isFunction = (node) => node !== undefined && node !== null && /^(?:Arrow)?Function(?:Expression|Declaration)?$|^ArrowFunctionExpression$/.test(node.type);

/** The text of a literal without anything put into it; undefined for everything else. */
function textOf(node) {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0].value.cooked;
  return undefined;
}

/** `a.b.c` as ['a', 'b', 'c']; undefined for what is no such chain. */
function chain(node) {
  if (node.type === 'Identifier') return [node.name];
  if (node.type !== 'MemberExpression' || node.computed) return undefined;
  const object = chain(node.object);
  return object && [...object, node.property.name];
}

/** What each name at the top of a file was imported as: [module, name], the name being 'default', '*' or a part's. */
function imports(tree) {
  const found = new Map();
  for (const node of tree.body) {
    if (node.type === 'ImportDeclaration') {
      for (const part of node.specifiers) {
        const name = { ImportDefaultSpecifier: 'default', ImportNamespaceSpecifier: '*' }[part.type] ?? part.imported.name ?? part.imported.value;
        found.set(part.local.name, [node.source.value, name]);
      }
    } else if (node.type === 'VariableDeclaration') {
      for (const { id, init } of node.declarations) required(id, init, found);
    }
  }
  return found;
}

function required(id, init, found) {
  const [call, part] = init?.type === 'MemberExpression' && !init.computed ? [init.object, init.property.name] : [init, undefined];
  if (call?.type !== 'CallExpression' || call.callee.name !== 'require') return;
  const module = textOf(call.arguments[0]);
  if (module === undefined) return;
  if (id.type === 'Identifier') found.set(id.name, [module, part ?? 'default']);
  if (id.type === 'ObjectPattern' && part === undefined) {
    for (const { key, value } of id.properties.filter((one) => one.type === 'Property')) {
      if (value.type === 'Identifier') found.set(value.name, [module, key.name ?? key.value]);
    }
  }
}

module.exports = { walk, isFunction, textOf, chain, imports };
