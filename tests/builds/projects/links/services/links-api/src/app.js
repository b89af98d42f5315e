/** The paths of the interface, over links that are kept in memory. */

import express from "express";

/** Whether *text* is an address that a browser opens, and none that it runs. */
function isAddress(text) {
  const parsed = URL.parse(String(text));
  return parsed !== null && ["http:", "https:"].includes(parsed.protocol);
}

export function createApp() {
  const links = [];
  const app = express();
  app.use(express.json({ limit: "16kb" }));

  app.get("/health", (request, response) => {
    response.json({ status: "ok" });
  });

  app.get("/api/links", (request, response) => {
    response.json(links);
  });

  app.post("/api/links", (request, response) => {
    const { title, url } = request.body ?? {};
    if (typeof title !== "string" || title.trim() === "") {
      response.status(400).json({ error: "A link needs a title" });
    } else if (!isAddress(url)) {
      response.status(400).json({ error: "Only http and https links can be kept" });
    } else {
      const link = { id: links.length + 1, title: title.trim(), url, read: false };
      links.push(link);
      response.status(201).json(link);
    }
  });

  app.post("/api/links/:linkId/read", (request, response) => {
    const link = links.find((each) => each.id === Number(request.params.linkId));
    if (link === undefined) {
      response.status(404).json({ error: "There is no such link" });
    } else {
      link.read = true;
      response.json(link);
    }
  });

  return app;
}
