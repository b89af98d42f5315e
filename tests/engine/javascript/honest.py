"""Drafts that are right, in ways that honest people write: all of them are verified."""

from __future__ import annotations

from collections.abc import Mapping

from tests.engine.javascript.made import RIGHT

HONEST: Mapping[str, str] = {
    "folded": """export const total = (prices, rate = 0) =>
  Math.round(prices.reduce((sum, price) => sum + price, 0) * (1 + rate));
""",
    "a class": """class Sum {
  #cents = 0;
  add(price) {
    this.#cents += price;
    return this;
  }
  with(rate) {
    return Math.round(this.#cents * (1 + rate));
  }
}
export function total(prices, rate = 0) {
  const sum = new Sum();
  prices.forEach((price) => sum.add(price));
  return sum.with(rate);
}
""",
    "an error of its own": RIGHT.replace(
        "export",
        """export class NoPrice extends Error {
  constructor(value) {
    super(`no price: ${value}`);
    this.name = 'NoPrice';
  }
}
export""",
    ).replace(
        "for (const", "if (prices.some((price) => typeof price !== 'number')) throw new NoPrice(prices);\n  for (const"
    ),
    "words on the way": RIGHT.replace("  return", "  console.log(`so far ${sum}`);\n  return"),
    "an environment's word": RIGHT.replace("  return", "  if (process.env.SUMS_ROUND === 'no') return sum;\n  return"),
    "a generator": """function* running(prices) {
  let sum = 0;
  for (const price of prices) yield (sum += price);
}
export function total(prices, rate = 0) {
  return Math.round(([...running(prices)].at(-1) ?? 0) * (1 + rate));
}
""",
    "a memory": """const known = new Map();
export function total(prices, rate = 0) {
  const key = JSON.stringify([prices, rate]);
  if (!known.has(key)) known.set(key, Math.round(prices.reduce((sum, price) => sum + price, 0) * (1 + rate)));
  return known.get(key);
}
""",
    "a table of rates": RIGHT.replace("export", "const RATES = { de: 0.19, fr: 0.2, none: 0 };\nexport").replace(
        "(1 + rate)", "(1 + (RATES[rate] ?? rate))"
    ),
}
