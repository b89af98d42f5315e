"""What was lent, kept in SQLite."""

import sqlite3
from contextlib import closing

_TABLE = """create table if not exists loans (
    id integer primary key, title text not null, days integer not null,
    overdue integer not null default 0, reminders integer not null default 0)"""


class Shelf:
    """Loans in the database at *path*."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._do(_TABLE)

    def lend(self, title: str, days: int) -> dict[str, object]:
        """Keep a new loan."""
        return self._loan(self._do("insert into loans (title, days) values (?, ?) returning *", title, days)[0])

    def every(self) -> list[dict[str, object]]:
        """All loans, oldest first."""
        return [self._loan(row) for row in self._do("select * from loans order by id")]

    def one(self, loan_id: int) -> dict[str, object] | None:
        """The loan of that number."""
        return self._first("select * from loans where id = ?", loan_id)

    def mark(self, loan_id: int) -> dict[str, object] | None:
        """The same, marked as overdue."""
        return self._first("update loans set overdue = 1 where id = ? returning *", loan_id)

    def remind(self, loan_id: int) -> dict[str, object] | None:
        """The same, with one reminder more."""
        return self._first("update loans set reminders = reminders + 1 where id = ? returning *", loan_id)

    def _first(self, query: str, loan_id: int) -> dict[str, object] | None:
        rows = self._do(query, loan_id)
        return self._loan(rows[0]) if rows else None

    def _do(self, query: str, *values: object) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self._path)) as base, base:
            base.row_factory = sqlite3.Row
            return base.execute(query, values).fetchall()

    @staticmethod
    def _loan(row: sqlite3.Row) -> dict[str, object]:
        return {**dict(row), "overdue": bool(row["overdue"])}
