import { fireEvent, render, screen, within } from "@testing-library/vue";
import { beforeEach, expect, test, vi } from "vitest";

import App from "../src/App.vue";

interface Kept {
  id: number;
  title: string;
  column: string;
}

let kept: Kept[];

/** What the interface answers, over the cards in `kept`. */
async function answered(path: string, sent?: RequestInit): Promise<Response> {
  const body = sent?.body ? (JSON.parse(String(sent.body)) as Partial<Kept>) : {};
  const id = Number(path.split("/")[3]);
  switch (`${sent?.method ?? "GET"} ${path.replace(/\d+$/, "ID")}`) {
    case "GET /api/cards":
      return Response.json(kept);
    case "POST /api/cards": {
      if (!body.title) {
        return Response.json({ error: "A card needs a title" }, { status: 400 });
      }
      const card = { id: kept.length + 1, title: body.title, column: "todo" };
      kept.push(card);
      return Response.json(card, { status: 201 });
    }
    case "PATCH /api/cards/ID":
      kept = kept.map((card) => (card.id === id ? { ...card, ...body } : card));
      return Response.json(kept.find((card) => card.id === id));
    case "DELETE /api/cards/ID":
      kept = kept.filter((card) => card.id !== id);
      return new Response(null, { status: 204 });
    default:
      return Response.json({ error: "There is no such path" }, { status: 404 });
  }
}

beforeEach(() => {
  kept = [
    { id: 1, title: "Buy milk", column: "todo" },
    { id: 2, title: "Paint door", column: "done" },
  ];
  vi.stubGlobal("fetch", answered);
});

function column(name: string) {
  return within(screen.getByRole("region", { name }));
}

test("R1: cards stand in their columns", async () => {
  render(App);

  expect(await column("To do").findByText("Buy milk")).toBeTruthy();
  expect(column("Done").getByText("Paint door")).toBeTruthy();
  expect(column("Doing").queryByRole("listitem")).toBeNull();
});

test("R2: a card is added to what is to be done", async () => {
  render(App);

  await fireEvent.update(screen.getByLabelText("Title"), "Cut hedge");
  await fireEvent.click(screen.getByRole("button", { name: "Add card" }));

  expect(await column("To do").findByText("Cut hedge")).toBeTruthy();
  expect(screen.getByRole("status").textContent).toBe("Added: Cut hedge");
  expect((screen.getByLabelText("Title") as HTMLInputElement).value).toBe("");
});

test("R3: a card is moved", async () => {
  render(App);

  await fireEvent.click(await screen.findByRole("button", { name: "Move Buy milk to Doing" }));

  expect(await column("Doing").findByText("Buy milk")).toBeTruthy();
  expect(column("To do").queryByText("Buy milk")).toBeNull();
  expect(screen.getByRole("status").textContent).toBe("Buy milk is in Doing now");
});

test("R4: a card is deleted", async () => {
  render(App);

  await fireEvent.click(await screen.findByRole("button", { name: "Delete Buy milk" }));

  expect(await screen.findByText("The card was deleted")).toBeTruthy();
  expect(screen.queryByText("Buy milk")).toBeNull();
  expect(kept.map((card) => card.id)).toEqual([2]);
});

test("R5: why a title is refused is told", async () => {
  render(App);
  await screen.findByText("Buy milk");

  await fireEvent.click(screen.getByRole("button", { name: "Add card" }));

  expect(await screen.findByText("A card needs a title")).toBeTruthy();
  expect(kept).toHaveLength(2);
});
