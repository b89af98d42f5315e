"""How long a server asks us to wait, in each of the forms it may do so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.retrying import retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry-after": "1.5"}, 1.5, id="fraction"),
        pytest.param({"retry-after-ms": "250", "retry-after": "1"}, 0.25, id="milliseconds"),
        pytest.param({"retry-after": "-3"}, 0.0, id="negative"),
        pytest.param({"retry-after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30.0, id="date"),
        pytest.param({"retry-after": "Sun, 22 Nov 2026 12:00:30"}, 30.0, id="date without a zone"),
        pytest.param({"retry-after": "Sun, 22 Nov 2026 11:00:00 GMT"}, 0.0, id="date gone by"),
        pytest.param({"retry-after": "soon"}, None, id="neither"),
        pytest.param({"retry-after": "inf"}, None, id="no number"),
        pytest.param({}, None, id="not asked"),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    """Seconds, milliseconds and HTTP dates; whatever else is no wish."""
    assert retry_after(headers, now=NOW) == seconds
