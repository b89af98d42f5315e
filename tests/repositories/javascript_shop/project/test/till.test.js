import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';

import { Basket } from '../src/basket.js';
import { Offer } from '../src/offers.js';
import { receipt } from '../src/receipt.js';

const MONDAY = Date.UTC(2024, 4, 6);
const HOUR = 3_600_000;

const basket = () => new Basket().add('tea', '4.20', 2).add('cup', '11');

test('a basket adds up', () => {
  assert.equal(basket().total, 1940);
});

test('a count is whole and at least one', () => {
  assert.throws(() => new Basket().add('tea', '4.20', 0), RangeError);
  assert.throws(() => new Basket().add('tea', '4.20', 1.5), RangeError);
});

describe('an offer', () => {
  const offer = new Offer({ name: 'spring', rate: 15, from: MONDAY, lasts: '3 days' });

  it('is open from its moment on', () => {
    assert.equal(offer.isOpen(MONDAY), true);
    assert.equal(offer.isOpen(MONDAY - 1), false);
  });

  it('is open for as long as it lasts', () => {
    assert.equal(offer.isOpen(MONDAY + 71 * HOUR), true);
    assert.equal(offer.isOpen(MONDAY + 72 * HOUR), false);
  });

  it('takes nothing off when it is over', () => {
    assert.equal(basket().due([offer], MONDAY + 96 * HOUR), 1940);
  });
});

test('a receipt names its day and what was taken off', () => {
  const spring = new Offer({ name: 'spring', rate: 15, from: MONDAY, lasts: '3 days' });

  const lines = receipt(basket(), { offers: [spring], moment: MONDAY + 30 * HOUR });

  assert.deepEqual(lines, ['2024-05-07', '2 x tea: 8.40', '1 x cup: 11.00', 'off: 2.91', 'due: 16.49']);
});
