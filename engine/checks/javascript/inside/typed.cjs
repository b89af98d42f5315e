// Reads TypeScript, JSX and single file components as the trees that plain JavaScript has: types left out, places kept.
// The parsers are those of the image; where it has none, nothing is said of such a file.
'use strict';
const { walk } = require('./walking.cjs');

const TYPED = /\.(?:[cm]?ts|[jt]sx|vue)$/;
const ONLY_TYPES = new Set(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'TSDeclareFunction', 'TSNamespaceExportDeclaration', 'TSAbstractMethodDefinition', 'TSAbstractPropertyDefinition', 'TSIndexSignature']);
const WRAPPERS = new Set(['TSAsExpression', 'TSTypeAssertion', 'TSNonNullExpression', 'TSSatisfiesExpression', 'TSInstantiationExpression']);
const OF_TYPES = ['typeAnnotation', 'typeParameters', 'typeArguments', 'returnType', 'superTypeArguments', 'implements'];

const isTyped = (name) => TYPED.test(name);

function parser(name) {
  try {
    return require(name);
  } catch {
    return undefined;
  }
}

class Refused extends Error {
  constructor(message, line) {
    super(message);
    this.name = 'SyntaxError';
    this.line = line;
  }
}

/** The scripts of a component with everything else blanked out, so that all places are the file's own. */
function scriptsOf(text, name) {
  const compiler = parser('@vue/compiler-sfc');
  if (compiler === undefined) return undefined;
  const { descriptor, errors } = compiler.parse(text, { filename: name, sourceMap: false, ignoreEmpty: false });
  if (errors.length) throw new Refused(errors[0].message, errors[0].loc?.start.line ?? 0);
  const blank = text.replace(/[^\r\n]/g, ' ');
  let found = blank;
  let lang = 'js';
  for (const block of [descriptor.script, descriptor.scriptSetup]) {
    if (!block || block.src) continue;
    const { start, end } = block.loc;
    found = found.slice(0, start.offset) + text.slice(start.offset, end.offset) + found.slice(end.offset);
    lang = block.lang ?? lang;
  }
  return { text: found, lang };
}

/** A function from (text, with JSX) to a tree, by what a project's packages have of parsers. */
function parsing() {
  const estree = parser('@typescript-eslint/typescript-estree');
  const settings = { range: true, loc: true, errorOnUnknownASTType: false, suppressDeprecatedPropertyWarnings: true };
  if (estree) return (text, jsx) => estree.parse(text, { ...settings, jsx });
  const babel = parser('@babel/parser');
  const common = { sourceType: 'module', allowReturnOutsideFunction: true };
  if (babel) return (text, jsx) => babel.parse(text, { ...common, plugins: ['estree', 'typescript', 'decorators', ...(jsx ? ['jsx'] : [])] }).program;
  return undefined;
}

/** What Node.js itself reads of TypeScript, where the packages have no parser: no JSX, and nothing that is more than types. */
function readPlainly(name, text) {
  const { stripTypeScriptTypes } = require('node:module');
  if (!/\.[cm]?ts$/.test(name) || stripTypeScriptTypes === undefined) return {};
  try {
    const acorn = require('internal/deps/acorn/acorn/dist/acorn');
    return { tree: acorn.parse(stripTypeScriptTypes(text), { ecmaVersion: 'latest', locations: true, sourceType: 'module' }) };
  } catch {
    return {};
  }
}

/** {tree} of a file; {error} where it is wrong; {} where there is no parser for it. */
function readTyped(name, text) {
  const parse = parsing();
  if (parse === undefined) return readPlainly(name, text);
  try {
    const script = name.endsWith('.vue') ? scriptsOf(text, name) : { text, lang: name.slice(name.lastIndexOf('.') + 1) };
    if (script === undefined) return {};
    return { tree: plain(parse(script.text, /x$|^js$/.test(script.lang))) };
  } catch (error) {
    return { error: new Refused(error.message, error.line ?? error.loc?.line ?? error.location?.start.line ?? error.lineNumber ?? 0) };
  }
}

function plain(tree) {
  const empty = ({ range, start, end, loc }) => ({ type: 'EmptyStatement', range, start, end, loc });
  const cleaned = (value) => {
    while (value && WRAPPERS.has(value.type)) value = value.expression;
    if (value && (ONLY_TYPES.has(value.type) || value.declare || value.importKind === 'type' || value.exportKind === 'type')) return empty(value);
    return value;
  };
  walk(tree, (node) => {
    if (node.range) [node.start, node.end] = node.range;
    delete node.parent;
    for (const key of OF_TYPES) delete node[key];
    for (const key of Object.keys(node)) {
      const value = node[key];
      if (Array.isArray(value)) node[key] = value.map(cleaned);
      else if (value && typeof value.type === 'string') node[key] = cleaned(value);
    }
    if (node.type === 'ImportDeclaration') node.specifiers = node.specifiers.filter((part) => part.importKind !== 'type' && part.type !== 'EmptyStatement');
    return true;
  });
  return tree;
}

module.exports = { isTyped, readTyped };
