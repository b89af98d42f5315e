/** Calls of the interface, by its OpenAPI document. */

export interface Link {
  id: number;
  title: string;
  url: string;
  read: boolean;
}

async function asked<T>(path: string, body?: object): Promise<T> {
  const sent = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) };
  const answer = await fetch(path, body === undefined ? undefined : sent);
  if (!answer.ok) {
    throw new Error(((await answer.json()) as { error: string }).error);
  }
  return (await answer.json()) as T;
}

export function listLinks(): Promise<Link[]> {
  return asked("/api/links");
}

export function keepLink(title: string, url: string): Promise<Link> {
  return asked("/api/links", { title, url });
}

export function readLink(id: number): Promise<Link> {
  return asked(`/api/links/${id}/read`, {});
}
