"""Reminds of what is overdue by the interface, until it is asked to end."""

import json
import os
import signal
import threading
import urllib.error
import urllib.request

from reminder import due

SECONDS = 1


def asked(method: str, path: str) -> object:
    """What the interface answers."""
    request = urllib.request.Request(os.environ["LOANS_HTTP_URL"] + path, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def remind() -> None:
    """Remind of all that is due."""
    for loan_id in due(asked("GET", "/api/loans")):
        loan = asked("POST", f"/api/loans/{loan_id}/reminders")
        print(f"reminded of {loan['title']}", flush=True)


def main() -> None:
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    while not ended.wait(SECONDS):
        try:
            remind()
        except urllib.error.URLError as error:
            print(f"the interface does not answer: {error}", flush=True)


if __name__ == "__main__":
    main()
