"""Answers on PORT, out of the database that DATABASE_URL names."""

import json
import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from loans_api import Shelf

SHELF = Shelf(os.environ["DATABASE_URL"].removeprefix("sqlite:///"))
ONE = re.compile(r"/api/loans/([0-9]{1,15})(/overdue|/reminders)?")


class Loans(BaseHTTPRequestHandler):
    """What each path answers."""

    def do_GET(self) -> None:
        found = ONE.fullmatch(self.path)
        if self.path == "/health":
            self.answer(200, {"status": "ok"})
        elif self.path == "/api/loans":
            self.answer(200, SHELF.every())
        elif found and not found[2]:
            self.answer_loan(SHELF.one(int(found[1])))
        else:
            self.answer_loan(None)

    def do_POST(self) -> None:
        found = ONE.fullmatch(self.path)
        if self.path == "/api/loans":
            self.lend()
        elif found and found[2]:
            change = SHELF.mark if found[2] == "/overdue" else SHELF.remind
            self.answer_loan(change(int(found[1])))
        else:
            self.answer_loan(None)

    def lend(self) -> None:
        try:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)))
        except ValueError:
            asked = None
        title, days = (asked.get("title"), asked.get("days")) if isinstance(asked, dict) else ("", 0)
        if isinstance(title, str) and title and isinstance(days, int):
            self.answer(201, SHELF.lend(title, days))
        else:
            self.answer(400, {"error": "a loan has a title, and a number of days"})

    def answer_loan(self, loan: dict[str, object] | None) -> None:
        if loan is None:
            self.answer(404, {"error": "there is no such loan"})
        else:
            self.answer(200, loan)

    def answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8000"))), Loans).serve_forever()
