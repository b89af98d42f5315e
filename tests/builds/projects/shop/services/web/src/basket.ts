/** What is in the basket, and what it costs. */

import type { Line, Product } from "./api";

/** Pieces by the id of their product. */
export type Basket = ReadonlyMap<number, number>;

export const EMPTY: Basket = new Map();

export function added(basket: Basket, productId: number): Basket {
  return new Map(basket).set(productId, (basket.get(productId) ?? 0) + 1);
}

export function linesOf(basket: Basket): Line[] {
  return [...basket].map(([product_id, quantity]) => ({ product_id, quantity }));
}

export function totalOf(basket: Basket, products: readonly Product[]): number {
  return products.reduce((total, product) => total + product.price_cents * (basket.get(product.id) ?? 0), 0);
}

export function money(cents: number): string {
  return `${(cents / 100).toFixed(2)} €`;
}
