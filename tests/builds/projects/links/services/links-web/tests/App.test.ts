import { fireEvent, render, screen } from "@testing-library/vue";
import { beforeEach, expect, test, vi } from "vitest";

import App from "../src/App.vue";

let kept: { id: number; title: string; url: string; read: boolean }[];

/** What the interface answers, over the links in `kept`. */
async function answered(path: string, sent?: RequestInit): Promise<Response> {
  const marked = /^\/api\/links\/(\d+)\/read$/.exec(path);
  if (sent?.method !== "POST") {
    return Response.json(kept);
  }
  if (marked) {
    kept = kept.map((link) => (link.id === Number(marked[1]) ? { ...link, read: true } : link));
    return Response.json(kept.find((link) => link.id === Number(marked[1])));
  }
  const body = JSON.parse(String(sent.body)) as { title: string; url: string };
  if (!body.url.startsWith("http")) {
    return Response.json({ error: "Only http and https links can be kept" }, { status: 400 });
  }
  kept = [...kept, { id: kept.length + 1, ...body, read: false }];
  return Response.json(kept.at(-1), { status: 201 });
}

beforeEach(() => {
  kept = [{ id: 1, title: "Tides", url: "https://tides.example/", read: false }];
  vi.stubGlobal("fetch", answered);
});

async function keep(title: string, url: string) {
  await fireEvent.update(screen.getByLabelText("Title"), title);
  await fireEvent.update(screen.getByLabelText("Address"), url);
  await fireEvent.click(screen.getByRole("button", { name: "Keep" }));
}

test("R1: a link that is kept is listed, with its address", async () => {
  render(App);

  await keep("Winds", "https://winds.example/");

  const link = (await screen.findByRole("link", { name: "Winds" })) as HTMLAnchorElement;
  expect(link.href).toBe("https://winds.example/");
  expect(screen.getByRole("status").textContent).toBe("Kept: Winds");
});

test("R2: why a link is not kept is told", async () => {
  render(App);

  await keep("Winds", "winds");

  expect(await screen.findByText("Only http and https links can be kept")).toBeTruthy();
  expect(kept).toHaveLength(1);
});

test("R3: a link that was read counts no more", async () => {
  render(App);
  expect(await screen.findByText("1 to read")).toBeTruthy();

  await fireEvent.click(screen.getByRole("button", { name: "Mark Tides as read" }));

  expect(await screen.findByText("0 to read")).toBeTruthy();
  expect(screen.getByText("(read)")).toBeTruthy();
});
