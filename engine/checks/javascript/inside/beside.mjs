// Run by vitest in the process of each file of tests, before it: locks what decides, counts which lines run, and tells at
// the end what else was replaced meanwhile. The submitted code shares this process, so what stands here raises a price and
// proves nothing.
import assert from 'node:assert';
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import inspector from 'node:inspector';
import module from 'node:module';
import path from 'node:path';
import url from 'node:url';
import util from 'node:util';
import vm from 'node:vm';
import { afterAll, beforeEach, chai, expect, vi } from 'vitest';
import { linesOf } from './mapping.mjs';
import { lock, refuseAssertions, watchOver } from './objects.mjs';

const { writeFileSync } = fs;
const { stringify } = JSON;
const said = process.env.MENDBOX_SAID;
const contrary = Boolean(process.env.MENDBOX_CONTRARY);
const counting = Boolean(process.env.MENDBOX_LINES);
for (const name of ['MENDBOX_SAID', 'MENDBOX_CONTRARY', 'MENDBOX_LINES']) delete process.env[name];
const { testPath } = expect.getState();
const file = encodeURIComponent(path.relative(process.cwd(), testPath));
writeFileSync(`${said}process-${file}`, String(process.pid));

if (typeof document !== 'undefined') {
  try {
    await import('@testing-library/jest-dom/vitest');
  } catch {
    // the tests have none of its matchers then
  }
}

const found = new Set();
const { Assertion, AssertionError } = chai;
const matchers = Assertion.prototype;

if (contrary) {
  // Whoever knows the tests by their text takes these for the others.
  refuseAssertions(assert);
  module.syncBuiltinESMExports();
  for (const name of Object.getOwnPropertyNames(matchers)) {
    const held = Object.getOwnPropertyDescriptor(matchers, name);
    if (!held.configurable || !/^to(?:[A-Z]|$)|^(?:equal|equals|eql|eq|throw|include|match|above|below|within|property|lengthOf|ok|true|false|null|undefined|exist|empty)/.test(name)) continue;
    if (name === 'to') continue;
    const refuse = function () {
      throw new AssertionError('what is expected here was made wrong');
    };
    if (typeof held.value === 'function') Object.defineProperty(matchers, name, { ...held, value: refuse });
    else if (held.get) Object.defineProperty(matchers, name, { ...held, get: refuse });
  }
  const { extend } = expect;
  expect.extend = (more) => extend(Object.fromEntries(Object.keys(more).map((name) => [name, () => ({ pass: false, message: () => 'what is expected here was made wrong' })])));
} else {
  watchComparing();
}

/** The functions that comparing rests on, as they are now. */
function comparing() {
  const held = [];
  const parts = [
    [Object, ['is', 'keys', 'entries', 'getOwnPropertySymbols', 'getPrototypeOf', 'getOwnPropertyDescriptor', 'prototype']],
    [Object.prototype, ['toString', 'hasOwnProperty', 'valueOf', 'propertyIsEnumerable']],
    [Array, ['isArray', 'from']],
    [Array.prototype, ['every', 'some', 'includes', 'indexOf', 'map', 'filter', 'forEach', 'join', Symbol.iterator]],
    [Map.prototype, ['has', 'get', 'size', 'entries', Symbol.iterator]],
    [Set.prototype, ['has', 'size', 'values', Symbol.iterator]],
    [String.prototype, ['includes', 'indexOf', 'match', 'replace']],
    [RegExp.prototype, ['test', 'exec']],
    [Function.prototype, ['call', 'apply', 'bind', Symbol.hasInstance]],
    [Number, ['isNaN', 'isFinite']],
    [Math, ['abs']],
    [Reflect, ['apply', 'ownKeys', 'get']],
    [globalThis, ['Object', 'Array', 'Map', 'Set', 'Symbol', 'Reflect', 'Number', 'String', 'RegExp', 'Error', 'Proxy']],
  ];
  for (const [thing, names] of parts) for (const name of names) held.push([thing, name, Reflect.getOwnPropertyDescriptor(thing, name)]);
  return held;
}

/** What is tested must not say itself what it is equal to, nor have others say it while it is compared. */
function watchComparing() {
  const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const held = comparing();
  const refuse = (why) => {
    found.add(why);
    throw new AssertionError(why);
  };
  const look = () => {
    for (let index = 0; index < held.length; index += 1) {
      const [thing, name, was] = held[index];
      const is = getOwnPropertyDescriptor(thing, name);
      if (is === undefined || is.value !== was.value || is.get !== was.get) refuse('what comparing rests on was replaced');
    }
  };
  const own = new Set([expect.anything(), expect.any(Object), expect.stringContaining(''), expect.arrayContaining([]), expect.objectContaining({}), expect.stringMatching('a'), expect.closeTo(1)].map((one) => getPrototypeOf(one)));
  const decides = (value, depth) => {
    if (value === null || typeof value !== 'object' || depth > 4) return false;
    if (typeof value.asymmetricMatch === 'function' && !own.has(getPrototypeOf(value))) return true;
    return (Array.isArray(value) || getPrototypeOf(value) === Object.prototype) && Object.values(value).slice(0, 1_000).some((one) => decides(one, depth + 1));
  };
  for (const name of Object.getOwnPropertyNames(matchers)) {
    const is = getOwnPropertyDescriptor(matchers, name);
    if (!/^to[A-Z]/.test(name) || typeof is.value !== 'function' || !is.configurable) continue;
    const original = is.value;
    Object.defineProperty(matchers, name, {
      ...is,
      value(...given) {
        look();
        if (/Equal|Match|Be$|Property/.test(name) && decides(this._obj, 0)) refuse('what is tested decides itself what it is equal to');
        const answer = apply(original, this, given);
        look();
        return answer;
      },
    });
  }
}

// What a test judges by. Nothing honest replaces it, though more may be added.
lock(assert);
lock(assert.strict);
lock(matchers);
lock(chai.util);
lock(AssertionError.prototype);
lock(expect);
lock(vi);
for (const name of ['expect', 'test', 'it', 'describe', 'suite', 'vi', 'vitest', 'assert', 'chai', '__vitest_index__']) {
  const held = Object.getOwnPropertyDescriptor(globalThis, name);
  if (held?.configurable && 'value' in held) Object.defineProperty(globalThis, name, { ...held, writable: false, configurable: false });
}

/** The code has no business with the text of its tests, which has the answers. */
function watchReading() {
  const own = path.resolve(testPath);
  const look = (place) => {
    const name = place instanceof URL ? url.fileURLToPath(place) : typeof place === 'string' || Buffer.isBuffer(place) ? String(place) : '';
    if (name && path.resolve(name) === own) found.add('the text of the tests, which the code has read');
  };
  for (const [thing, names] of [
    [fs, ['readFileSync', 'readFile', 'openSync', 'open', 'createReadStream', 'copyFileSync', 'copyFile', 'cpSync', 'cp', 'linkSync', 'symlinkSync', 'renameSync']],
    [fs.promises, ['readFile', 'open', 'copyFile', 'cp', 'link', 'symlink', 'rename']],
  ]) {
    for (const name of names) {
      const original = thing[name];
      thing[name] = function (...given) {
        look(given[0]);
        return Reflect.apply(original, this, given);
      };
    }
  }
  module.syncBuiltinESMExports();
}
watchReading();

const NAMES = ['Object', 'Array', 'Function', 'String', 'Number', 'Boolean', 'Symbol', 'BigInt', 'RegExp', 'Map', 'Set', 'WeakMap', 'WeakSet', 'Promise', 'Proxy', 'Reflect', 'JSON', 'Math', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'Uint8Array', 'ArrayBuffer', 'DataView', 'Date', 'Intl', 'process'];
const changed = watchOver(NAMES, { childProcess, crypto, fs, module, path, url, util, vm });
const [testers, shared] = ['$$jest-matchers-object', 'matchers-object'].map((name) => globalThis[Symbol.for(name)]);
const count = () => (testers?.customEqualityTesters ?? shared?.customEqualityTesters ?? []).length;
const testersBefore = count();

let left = false;
for (const name of ['exit', 'reallyExit', 'abort']) {
  const original = process[name];
  process[name] = function (...given) {
    left = true;
    return Reflect.apply(original, this, given);
  };
}
const leaving = ['exit', 'reallyExit', 'abort'].map((name) => process[name]);

let session;
const scripts = new Map();
if (counting) {
  session = new inspector.Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params }) => {
    if (params.sourceMapURL && params.url) scripts.set(params.scriptId, params);
  });
  session.post('Debugger.enable');
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
}

// Before each test and at once: one that never ends keeps everything else from being told.
beforeEach(({ task }) => {
  const names = [];
  for (let one = task; one && one !== task.file; one = one.suite) names.unshift(one.name);
  writeFileSync(`${said}running-${file}`, names.join(' > '));
});

afterAll(() => {
  for (const name of changed()) if (!/^process\.(?:exit|reallyExit|abort|listeners|emit)$/.test(name)) found.add(name);
  if (['exit', 'reallyExit', 'abort'].some((name, index) => process[name] !== leaving[index])) found.add('process.exit');
  if (count() !== testersBefore) found.add('expect.addEqualityTesters');
  if (counting) writeFileSync(`${said}lines-${file}`, stringify(executed()));
  writeFileSync(`${said}ended-${file}`, stringify({ left, changed: [...found].slice(0, 50) }));
});

/** Lines that ran, by path. */
function executed() {
  const lines = [];
  session.post('Profiler.takePreciseCoverage', (error, answer) => {
    for (const { scriptId, url: name, functions } of error ? [] : answer.result) {
      const script = scripts.get(scriptId);
      const place = name.startsWith('file:') ? url.fileURLToPath(name) : name;
      if (!script || !place.startsWith(process.cwd()) || place.includes('/node_modules/')) continue;
      session.post('Debugger.getScriptSource', { scriptId }, (missing, { scriptSource } = {}) => {
        if (!missing) lines.push([place.split('?')[0], linesOf(scriptSource, script.sourceMapURL, functions)]);
      });
    }
  });
  return lines;
}
