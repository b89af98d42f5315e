"""Many calls at once on one process: none is lost, and what they took is given back."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from serving.listening import listen
from tests.server.load import AT_ONCE, bear


@pytest.mark.slow
async def test_three_hundred_calls_at_once_are_all_answered(tmp_path: Path) -> None:
    """Each by a client of its own; then a thousand in a row, after which the server is no larger."""
    borne = await bear(tmp_path, calls=1_000)

    assert len(borne.visits) == AT_ONCE
    assert all(visit.looked for visit in borne.visits)
    assert all(visit.judged != visit.put_off for visit in borne.visits)
    assert borne.answered == borne.calls
    assert borne.well, borne


def test_the_end_of_an_answer_does_not_wait_for_its_beginning() -> None:
    """Each connection sends what it has at once; otherwise the last piece of an answer is held back for 40 ms."""
    with listen("127.0.0.1:0") as listener, socket.create_connection(listener.getsockname()[:2]):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
