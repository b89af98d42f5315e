/** The paths of the board's interface. */

import express from "express";

import { Refused, UnknownCard } from "./board.js";

export function createApp(board) {
  const app = express();
  app.use(express.json({ limit: "16kb" }));

  app.get("/health", (request, response) => {
    response.json({ status: "ok" });
  });

  app.get("/api/cards", (request, response) => {
    response.json(board.list());
  });

  app.post("/api/cards", (request, response) => {
    response.status(201).json(board.add(request.body?.title));
  });

  app.get("/api/cards/:cardId", (request, response) => {
    response.json(board.read(Number(request.params.cardId)));
  });

  app.patch("/api/cards/:cardId", (request, response) => {
    response.json(board.move(Number(request.params.cardId), request.body?.column));
  });

  app.delete("/api/cards/:cardId", (request, response) => {
    board.remove(Number(request.params.cardId));
    response.status(204).end();
  });

  // Express knows a handler of errors by its four parameters.
  app.use((error, request, response, next) => {
    if (error instanceof UnknownCard) {
      response.status(404).json({ error: error.message });
    } else if (error instanceof Refused) {
      response.status(400).json({ error: error.message });
    } else {
      next(error);
    }
  });

  return app;
}
