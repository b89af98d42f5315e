import { expect, test } from "vitest";

import { EMPTY, added, linesOf, money, totalOf } from "../src/basket";

const PEN = { id: 1, name: "Pen", price_cents: 120, stock: 10 };
const LAMP = { id: 2, name: "Lamp", price_cents: 2490, stock: 1 };

test("R2: the total counts every piece", () => {
  const basket = added(added(added(EMPTY, 1), 1), 2);

  expect(totalOf(basket, [PEN, LAMP])).toBe(2730);
  expect(linesOf(basket)).toEqual([
    { product_id: 1, quantity: 2 },
    { product_id: 2, quantity: 1 },
  ]);
});

test("R2: an empty basket costs nothing, and stays empty", () => {
  added(EMPTY, 1);

  expect(totalOf(EMPTY, [PEN, LAMP])).toBe(0);
});

test.each([
  [0, "0.00 €"],
  [5, "0.05 €"],
  [2490, "24.90 €"],
])("R2: %i cents are shown as %s", (cents, shown) => {
  expect(money(cents)).toBe(shown);
});
