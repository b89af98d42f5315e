import request from "supertest";
import { beforeEach, describe, expect, test } from "vitest";

import { createApp } from "../src/app.js";
import { Board } from "../src/board.js";

let app;

beforeEach(() => {
  app = createApp(new Board());
});

async function added(title) {
  const answer = await request(app).post("/api/cards").send({ title });
  expect(answer.status).toBe(201);
  return answer.body;
}

test("R1: a new board has no cards", async () => {
  const answer = await request(app).get("/api/cards");

  expect(answer.status).toBe(200);
  expect(answer.body).toEqual([]);
});

test("R2: a card that was added is to be done, and listed", async () => {
  const card = await added("  Water the plants ");

  expect(card).toEqual({ id: card.id, title: "Water the plants", column: "todo" });
  expect((await request(app).get("/api/cards")).body).toEqual([card]);
  expect((await request(app).get(`/api/cards/${card.id}`)).body).toEqual(card);
});

test("R2: cards have numbers of their own, also after one was deleted", async () => {
  const first = await added("One");
  await request(app).delete(`/api/cards/${first.id}`);
  const second = await added("Two");

  expect(second.id).not.toBe(first.id);
});

describe("R3: a card is moved", () => {
  test.each(["todo", "doing", "done"])("R3: to %s", async (column) => {
    const card = await added("Water the plants");

    const answer = await request(app).patch(`/api/cards/${card.id}`).send({ column });

    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ ...card, column });
    expect((await request(app).get("/api/cards")).body).toEqual([{ ...card, column }]);
  });

  test("R3: to no other column", async () => {
    const card = await added("Water the plants");

    const answer = await request(app).patch(`/api/cards/${card.id}`).send({ column: "later" });

    expect(answer.status).toBe(400);
    expect((await request(app).get(`/api/cards/${card.id}`)).body.column).toBe("todo");
  });
});

test("R4: a card that was deleted is gone", async () => {
  const gone = await added("Old");
  const kept = await added("New");

  const answer = await request(app).delete(`/api/cards/${gone.id}`);

  expect(answer.status).toBe(204);
  expect((await request(app).get("/api/cards")).body).toEqual([kept]);
  expect((await request(app).get(`/api/cards/${gone.id}`)).status).toBe(404);
  expect((await request(app).delete(`/api/cards/${gone.id}`)).status).toBe(404);
});

test.each([[""], ["   "], [undefined], [7]])("R5: the title %j is refused", async (title) => {
  const answer = await request(app).post("/api/cards").send({ title });

  expect(answer.status).toBe(400);
  expect(answer.body).toEqual({ error: "A card needs a title" });
  expect((await request(app).get("/api/cards")).body).toEqual([]);
});
