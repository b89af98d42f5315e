"""Where the library keeps its data, as Django wants it told."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit


def database_of(url: str) -> dict[str, object]:
    """The settings of the database at *url*, ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST:PORT/NAME``.

    Raises:
        ValueError: It is of another kind.
    """
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(Path(tempfile.gettempdir()) / "library.sqlite3")}
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path.removeprefix("/") or ":memory:"}
    if parts.scheme == "postgresql":
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.removeprefix("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": parts.port or 5432,
        }
    raise ValueError(f"no database is reached by {parts.scheme!r}: DATABASE_URL is sqlite:///FILE or postgresql://...")
