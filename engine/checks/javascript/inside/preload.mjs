// Loaded into the tests' process before any of their files: locks what decides, and tells at the end what else was
// replaced meanwhile. The submitted code shares this process, so what stands here raises a price and proves nothing.
import assert from 'node:assert';
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import events from 'node:events';
import fs from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import test from 'node:test';
import timers from 'node:timers';
import url from 'node:url';
import util from 'node:util';

const { apply, getOwnPropertyDescriptor, defineProperty, ownKeys } = Reflect;
const { writeFileSync } = fs;
const { stringify } = JSON;
const said = process.env.MENDBOX_SAID;
delete process.env.MENDBOX_SAID;

function lock(thing) {
  for (const key of ownKeys(thing)) {
    const held = getOwnPropertyDescriptor(thing, key);
    if (!held.configurable) continue;
    // A getter (as of node:test's mock) is asked once: what it makes then is what everybody gets.
    const value = 'value' in held ? held.value : thing[key];
    defineProperty(thing, key, { value, writable: false, configurable: false, enumerable: held.enumerable });
  }
}

if (process.env.MENDBOX_CONTRARY) {
  // Tests whose text is the same, and that have to be red: whoever knows them by their text takes them for the others.
  const { AssertionError } = assert;
  const refuse = () => {
    throw new AssertionError({ message: 'what is expected here was made wrong' });
  };
  for (const where of [assert, assert.strict]) {
    for (const name of Object.keys(where)) {
      if (/^(?:strict|AssertionError|CallTracker|Assert)$/.test(name) || typeof where[name] !== 'function') continue;
      where[name] = /^(?:rejects|doesNotReject)$/.test(name) ? async () => refuse() : () => refuse();
    }
  }
  module.syncBuiltinESMExports();
}
delete process.env.MENDBOX_CONTRARY;

// What a test judges by. Nothing honest replaces it.
lock(assert);
lock(assert.strict);
lock(test);

let left = false;
for (const name of ['exit', 'reallyExit', 'abort']) {
  const original = process[name];
  process[name] = function (...given) {
    left = true;
    return apply(original, this, given);
  };
}

const roots = [];
for (const name of Object.getOwnPropertyNames(globalThis)) {
  const held = getOwnPropertyDescriptor(globalThis, name);
  const value = held.value;
  if (name === 'globalThis' || name === 'global' || value === null) continue;
  if (typeof value !== 'function' && typeof value !== 'object') continue;
  roots.push([name, value]);
  if (typeof value === 'function' && value.prototype) roots.push([`${name}.prototype`, value.prototype]);
}
for (const [name, value] of Object.entries({ childProcess, crypto, events, fs, module, path, timers, url, util })) {
  roots.push([name, value]);
}
const iterator = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
roots.push(['Iterator.prototype', iterator], ['TypedArray.prototype', Object.getPrototypeOf(Uint8Array.prototype)]);
const GROWS = new Set(['process', 'module', 'globalThis']);
const before = roots.map(([, thing]) => {
  const held = new Map();
  for (const key of ownKeys(thing)) held.set(key, getOwnPropertyDescriptor(thing, key));
  return held;
});
const globals = roots.map(([name]) => (name.includes('.') ? undefined : getOwnPropertyDescriptor(globalThis, name)));

function same(one, other) {
  return one !== undefined && other !== undefined && one.value === other.value && one.get === other.get && one.set === other.set;
}

function changed() {
  const found = [];
  roots.forEach(([name, thing], index) => {
    if (globals[index] && !same(globals[index], getOwnPropertyDescriptor(globalThis, name))) found.push(name);
    const now = new Set(ownKeys(thing));
    for (const [key, was] of before[index]) {
      const is = getOwnPropertyDescriptor(thing, key);
      const state = typeof was.value !== 'function' && was.get === undefined && !name.includes('prototype');
      if (!state && !same(was, is)) found.push(`${name}.${String(key)}`);
      now.delete(key);
    }
    if (!GROWS.has(name)) for (const key of now) found.push(`${name}.${String(key)}`);
  });
  return found;
}

if (said) {
  const file = encodeURIComponent(path.relative(process.cwd(), process.argv[1]));
  // Before each test and at once: one that never ends keeps everything else from being told.
  test.beforeEach((context) => writeFileSync(`${said}running-${file}`, context.fullName ?? context.name));
  process.on('exit', () => {
    writeFileSync(`${said}ended-${file}`, stringify({ left, changed: changed().slice(0, 50) }));
  });
}
