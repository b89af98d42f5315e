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
import { lock, refuseAssertions, watchOver } from './objects.mjs';

const { apply } = Reflect;
const { writeFileSync } = fs;
const { stringify } = JSON;
const said = process.env.MENDBOX_SAID;
delete process.env.MENDBOX_SAID;

if (process.env.MENDBOX_CONTRARY) {
  // Whoever knows the tests by their text takes these for the others.
  refuseAssertions(assert);
  module.syncBuiltinESMExports();
}
delete process.env.MENDBOX_CONTRARY;

// What a test judges by. Nothing honest replaces it.
lock(assert, { ask: true });
lock(assert.strict, { ask: true });
lock(test, { ask: true });

let left = false;
for (const name of ['exit', 'reallyExit', 'abort']) {
  const original = process[name];
  process[name] = function (...given) {
    left = true;
    return apply(original, this, given);
  };
}

const changed = watchOver(Object.getOwnPropertyNames(globalThis), { childProcess, crypto, events, fs, module, path, timers, url, util });

if (said) {
  const file = encodeURIComponent(path.relative(process.cwd(), process.argv[1]));
  // Before each test and at once: one that never ends keeps everything else from being told.
  test.beforeEach((context) => writeFileSync(`${said}running-${file}`, context.fullName ?? context.name));
  process.on('exit', () => {
    writeFileSync(`${said}ended-${file}`, stringify({ left, changed: changed().slice(0, 50) }));
  });
}
