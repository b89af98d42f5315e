/** Calls of the board's interface, by its OpenAPI document. */

export type Column = "todo" | "doing" | "done";

export interface Card {
  id: number;
  title: string;
  column: Column;
}

/** The board has said no, and why. */
export class Refused extends Error {}

async function asked(path: string, method: string, body?: object): Promise<Response> {
  const answer = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!answer.ok) {
    const problem = (await answer.json()) as { error?: unknown };
    throw new Refused(typeof problem.error === "string" ? problem.error : "The board refused it");
  }
  return answer;
}

export async function listCards(): Promise<Card[]> {
  const answer = await asked("/api/cards", "GET");
  return (await answer.json()) as Card[];
}

export async function addCard(title: string): Promise<Card> {
  const answer = await asked("/api/cards", "POST", { title });
  return (await answer.json()) as Card;
}

export async function moveCard(id: number, column: Column): Promise<Card> {
  const answer = await asked(`/api/cards/${id}`, "PATCH", { column });
  return (await answer.json()) as Card;
}

export async function deleteCard(id: number): Promise<void> {
  await asked(`/api/cards/${id}`, "DELETE");
}
