import { fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { App } from "../src/App";

const PRODUCTS = [
  { id: 1, name: "Pen", price_cents: 120, stock: 10 },
  { id: 2, name: "Lamp", price_cents: 2490, stock: 1 },
];

const asked = vi.fn<(path: string, sent?: RequestInit) => void>();

function answers(status: number, body: unknown) {
  vi.stubGlobal("fetch", async (path: string, sent?: RequestInit) => {
    asked(path, sent);
    return path === "/api/products"
      ? new Response(JSON.stringify(PRODUCTS))
      : new Response(JSON.stringify(body), { status });
  });
}

beforeEach(() => {
  asked.mockReset();
});

test("R1: products are listed with their price and stock", async () => {
  answers(201, {});
  render(<App />);

  expect(await screen.findByText("Pen, 1.20 €, 10 in stock")).toBeTruthy();
  expect(screen.getByText("Lamp, 24.90 €, 1 in stock")).toBeTruthy();
});

test("R2: what is added stands in the basket, and in its total", async () => {
  answers(201, {});
  render(<App />);

  fireEvent.click(await screen.findByRole("button", { name: "Add Pen" }));
  fireEvent.click(screen.getByRole("button", { name: "Add Pen" }));
  fireEvent.click(screen.getByRole("button", { name: "Add Lamp" }));

  expect(screen.getByText("2 × Pen")).toBeTruthy();
  expect(screen.getByText("1 × Lamp")).toBeTruthy();
  expect(screen.getByText("Total: 27.30 €")).toBeTruthy();
});

test("R3: the basket is ordered, and empty afterwards", async () => {
  answers(201, { id: 5, lines: [{ product_id: 1, quantity: 1 }], total_cents: 120 });
  render(<App />);

  fireEvent.click(await screen.findByRole("button", { name: "Add Pen" }));
  fireEvent.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByText("Order 5 placed: 1.20 €")).toBeTruthy();
  expect(screen.getByText("Total: 0.00 €")).toBeTruthy();
  const sent = asked.mock.calls.find(([path]) => path === "/api/orders")?.[1];
  expect(sent?.method).toBe("POST");
  expect(JSON.parse(String(sent?.body))).toEqual({ lines: [{ product_id: 1, quantity: 1 }] });
});

test("R4: a refused order is told, and the basket kept", async () => {
  answers(409, { detail: "Not enough in stock: Lamp" });
  render(<App />);

  fireEvent.click(await screen.findByRole("button", { name: "Add Lamp" }));
  fireEvent.click(screen.getByRole("button", { name: "Place order" }));

  expect(await screen.findByText("Not enough in stock: Lamp")).toBeTruthy();
  expect(screen.getByText("1 × Lamp")).toBeTruthy();
});
