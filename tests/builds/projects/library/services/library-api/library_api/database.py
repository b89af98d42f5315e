"""Where the library keeps its data, as Django wants it told."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import urlsplit


def database_of(url: str) -> dict[str, object]:
    """The settings of the database at *url*, ``sqlite:///FILE``; without one, of a file in the folder for temporary ones.

    Raises:
        ValueError: It is of another kind.
    """
    parts = urlsplit(url)
    if url and parts.scheme != "sqlite":
        raise ValueError(f"no database is reached by {parts.scheme!r}: DATABASE_URL is sqlite:///FILE")
    file = parts.path.removeprefix("/") or ":memory:"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file if url else str(Path(tempfile.gettempdir()) / "library.sqlite3"),
        "OPTIONS": {
            # a transaction that reads first and writes then would be refused where another one wrote in between
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL",
        },
    }
