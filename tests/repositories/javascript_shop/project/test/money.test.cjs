'use strict';
const assert = require('node:assert');
const { test } = require('node:test');

const { cents, percent, written } = require('../src/money.cjs');

for (const [text, amount] of [['0', 0], ['0.05', 5], ['12.50', 1250]]) {
  test(`${text} is read`, () => {
    assert.strictEqual(cents(text), amount);
  });
}

test('what is no amount is refused', () => {
  assert.throws(() => cents('1,50'), { name: 'TypeError', message: 'not an amount: 1,50' });
});

test('an amount is written with two places', () => {
  assert.strictEqual(written(1205), '12.05');
});

test('a percentage is rounded half up', () => {
  assert.strictEqual(percent(250, 15), 38);
});
