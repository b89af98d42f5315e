"""A small program in JavaScript with a fault, its tests, and what is right."""

from __future__ import annotations

from collections.abc import Mapping

MANIFEST = '{"name": "sums", "type": "module"}\n'
WRONG = """export function total(prices, rate = 0) {
  let sum = 0;
  for (const price of prices) sum = price;
  return Math.round(sum * (1 + rate));
}
"""
RIGHT = WRONG.replace("sum = price", "sum += price")
TESTS = """import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { total } from '../sums.js';

test('prices add up', () => {
  assert.equal(total([1, 2, 3]), 6);
});

describe('a rate', () => {
  it('is put on top', () => {
    assert.deepEqual([total([10, 20], 0.1), total([10])], [33, 10]);
  });
  it('may be none', () => {
    assert.ok(total([5], 0) === 5);
  });
});
"""
PATH = "test/sums.test.js"
ADD_UP, ON_TOP, NONE = f"{PATH}::prices add up", f"{PATH}::a rate::is put on top", f"{PATH}::a rate::may be none"


def files(source: str, **more: str) -> Mapping[str, str]:
    return {"package.json": MANIFEST, "sums.js": source, **more}


def frozen(text: str = TESTS) -> Mapping[str, str]:
    return {PATH: text}
