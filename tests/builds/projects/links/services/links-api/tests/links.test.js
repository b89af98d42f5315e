import request from "supertest";
import { beforeEach, expect, test } from "vitest";

import { createApp } from "../src/app.js";

let app;

beforeEach(() => {
  app = createApp();
});

function keep(title, url) {
  return request(app).post("/api/links").send({ title, url });
}

test("R1: a link that is kept is listed", async () => {
  const kept = await keep(" Tides ", "https://tides.example/today");

  expect(kept.status).toBe(201);
  expect(kept.body).toEqual({ id: kept.body.id, title: "Tides", url: "https://tides.example/today", read: false });
  expect((await request(app).get("/api/links")).body).toEqual([kept.body]);
});

test("R1: a link without a title is refused", async () => {
  const refused = await keep("  ", "https://tides.example/");

  expect([refused.status, refused.body]).toEqual([400, { error: "A link needs a title" }]);
});

test.each([
  ["tides"],
  [""],
  [undefined],
  ["ftp://tides.example/"],
  ["javascript:location='http://tides.example/'"],
])("R2: %j is no link that is kept", async (url) => {
  const refused = await keep("Tides", url);

  expect([refused.status, refused.body]).toEqual([400, { error: "Only http and https links can be kept" }]);
  expect((await request(app).get("/api/links")).body).toEqual([]);
});

test("R3: a link is read, and no other", async () => {
  const first = (await keep("Tides", "https://tides.example/")).body;
  const second = (await keep("Winds", "http://winds.example/")).body;

  const read = await request(app).post(`/api/links/${second.id}/read`);

  expect([read.status, read.body]).toEqual([200, { ...second, read: true }]);
  expect((await request(app).get("/api/links")).body).toEqual([first, { ...second, read: true }]);
});

test("R3: what was not kept cannot be read", async () => {
  expect((await request(app).post("/api/links/7/read")).status).toBe(404);
});
