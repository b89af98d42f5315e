"""One question over HTTP to this machine, with an end to everything that an answer may be."""

from __future__ import annotations

import http.client
import threading
import time
from typing import Any

MOST_BODY = 256 << 10
SECONDS = 5.0


def ask(port: int, method: str, path: str, *, seconds: float = SECONDS) -> dict[str, Any]:
    """``status``, ``type``, ``body`` (text, cut) and ``cut``; ``status`` is None and ``error`` says why where none came."""
    found: dict[str, Any] = {}
    began = time.monotonic()
    # A server that sends a byte every second keeps every timeout of a socket: only somebody else can stop waiting.
    thread = threading.Thread(target=_ask, args=(port, method, path, seconds, found), daemon=True)
    thread.start()
    thread.join(seconds)
    took = round(time.monotonic() - began, 3)
    answer = dict(found) if "status" in found else {"status": None, "error": f"no answer within {seconds:g} s"}
    return {"status": None, "type": "", "body": "", "cut": False, "error": "", **answer, "seconds": took}


def _ask(port: int, method: str, path: str, seconds: float, found: dict[str, Any]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    try:
        connection.request(method, path, headers={"Accept": "application/json", "Host": f"localhost:{port}"})
        answer = connection.getresponse()
        body = b""
        while len(body) <= MOST_BODY and (piece := answer.read1(65_536)):
            body += piece
        text = body[:MOST_BODY].decode("utf-8", "replace")
        kind = str(answer.getheader("content-type") or "")[:200]
        found.update(type=kind, body=text, cut=len(body) > MOST_BODY, error="", status=answer.status)
    except (OSError, http.client.HTTPException, ValueError) as error:
        found.update(error=f"{type(error).__name__}: {error}"[:300], status=None)
    finally:
        connection.close()
