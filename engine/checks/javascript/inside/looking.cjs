// What code reaches for that tells it that it is being judged, or that could change how it is judged.
'use strict';
const { walk, chain, textOf } = require('./walking.cjs');

const TEXT = /node:test|^@?vitest\b|^chai$|__vitest|^jest-|@jest\/|\bmendbox\b|\/box\b|\/proc\b|NODE_TEST|\.(?:test|spec)\.[cm]?[jt]sx?|(?:^|\/)(?:tests?|__tests__)\/|(?:^|:)inspector\b|(?:^|node:)(?:vm|v8|repl|module|worker_threads)$/i;
const CHAINS = /^process\.(?:exit|reallyExit|abort|kill|binding|_linkedBinding|_rawDebug|argv|execArgv|mainModule|dlopen|removeAllListeners|emit|exitCode|ppid|getBuiltinModule)$|^require\.(?:cache|main|extensions)$|^module\.(?:parent|children|paths)$|^import\.meta\.(?:main|vitest)$|^process\.env\.VITEST\w*$|^vi\.\w+$|^expect\.\w+$/;
const NAMES = new Set(['prepareStackTrace', 'captureStackTrace', 'stackTraceLimit', 'callsites', 'syncBuiltinESMExports', 'registerHooks', 'eval', 'Function', '__proto__', '__defineGetter__', '__lookupGetter__', 'setPrototypeOf', 'caller', 'callee', 'reallyExit', 'mainModule', 'getBuiltinModule', '__vitest_worker__', '__vitest_index__', '__vitest_mocker__', 'asymmetricMatch', 'addEqualityTesters']);
const BUILT_IN = /^(?:Object|Array|Function|String|Number|Boolean|RegExp|Date|Map|Set|WeakMap|WeakSet|Promise|Symbol|Error|JSON|Math|Reflect|BigInt|Iterator|AssertionError|globalThis|global|console|process)$/;
/** What an honest server does, and what is of no use against vitest: it lets nobody leave, and tells no file by its arguments. */
const HARMLESS = /^process\.(?:exit|exitCode|argv)$|^require\.main$|^import\.meta\.main$/;
const ENDINGS = /^(?:exit|beforeExit|uncaughtException|uncaughtExceptionMonitor|unhandledRejection)$/;

/** Whether it stands for one of the language's own objects or prototypes. */
function isBuiltIn(node) {
  const names = chain(node);
  return names !== undefined && BUILT_IN.test(names[0]) && (names.length === 1 || names[1] === 'prototype' || names[0] === 'process');
}

/** The words; *served* where the tests of the code are run by vitest. */
function wordsIn(tree, served) {
  const found = new Set();
  const types = new Set();
  walk(tree, (node) => {
    // A component says of which type a property is.
    if (node.type === 'Property' && node.value.name === 'Function') types.add(node.value);
    if (node.type === 'ArrayExpression') for (const item of node.elements) if (item?.name === 'Function') types.add(item);
    const text = textOf(node);
    if (text !== undefined && text.length < 300) {
      const seen = TEXT.exec(text);
      if (seen) found.add(seen[0]);
      if (NAMES.has(text)) found.add(text);
    }
    if (node.type === 'Identifier' && NAMES.has(node.name) && !types.has(node)) found.add(node.name);
    if (node.type === 'MemberExpression') {
      const names = chain(node)?.join('.');
      const seen = names && CHAINS.exec(names);
      if (seen && !(served && HARMLESS.test(seen[0]))) found.add(seen[0]);
      if (node.computed && node.object.name === 'process' && textOf(node.property) === undefined) found.add('process[...]');
    }
    const target = node.type === 'AssignmentExpression' ? node.left : undefined;
    if (target?.type === 'MemberExpression' && isBuiltIn(target.object)) found.add(`${chain(target.object).join('.')}.… = `.trim());
    if (node.type === 'CallExpression' && /^process\.(?:on|once|addListener|prependListener)$/.test(chain(node.callee)?.join('.'))) {
      const event = textOf(node.arguments[0]);
      if (event === undefined || ENDINGS.test(event)) found.add(`process.on(${event ?? '...'})`);
    }
    if (node.type === 'CallExpression' && node.arguments.length && isBuiltIn(node.arguments[0])) {
      const called = chain(node.callee)?.join('.') ?? '';
      if (/^(?:Object|Reflect)\.(?:define|assign|set)/.test(called)) found.add(`${called}(${chain(node.arguments[0]).join('.')})`);
    }
    if (node.type === 'MetaProperty' || node.type === 'ImportExpression') {
      if (node.type === 'ImportExpression' && textOf(node.source) === undefined) found.add('import(...)');
    }
    return true;
  });
  return found;
}

module.exports = { wordsIn };
