/** Calls of the shop's interface, by its OpenAPI document. */

export interface Product {
  id: number;
  name: string;
  price_cents: number;
  stock: number;
}

export interface Line {
  product_id: number;
  quantity: number;
}

export interface Order {
  id: number;
  lines: Line[];
  total_cents: number;
}

/** The shop has said no, and why. */
export class Refused extends Error {}

export async function listProducts(): Promise<Product[]> {
  const answer = await fetch("/api/products");
  if (!answer.ok) {
    throw new Refused("The products cannot be read");
  }
  return (await answer.json()) as Product[];
}

export async function createOrder(lines: Line[]): Promise<Order> {
  const answer = await fetch("/api/orders", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ lines }),
  });
  if (!answer.ok) {
    const problem = (await answer.json()) as { detail?: unknown };
    throw new Refused(typeof problem.detail === "string" ? problem.detail : "The order was refused");
  }
  return (await answer.json()) as Order;
}
