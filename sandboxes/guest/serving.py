"""The guest's day: say what limits are in force, then do what the host asks, one thing at a time, until it hangs up."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import sys
import time
from typing import NoReturn

from . import warming
from .cgroup import Cgroup
from .children import Request
from .commands import Ended, Runner
from .files import Files, Refused
from .frames import PIECE, Header, pack, read
from .measuring import BOX, measure, set_dumpable

PLACES = {"work": f"{BOX}/work", "tools": f"{BOX}/tools"}
TEMPORARY = f"{BOX}/tmp"
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": TEMPORARY,
    "TMPDIR": TEMPORARY,
    "USER": "box",
    "LOGNAME": "box",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MENDBOX_REPORT_FD": "3",
}
"""All that a command finds in its environment, besides what the host adds for it."""
_IDLE_MS = 20
"""How long nothing must come before pytest is imported: a host in a hurry may not need it at all."""


_TOLD = 250
"""Tampered files that are named; their paths must fit one header."""
_PRELOADING = 96 << 20
"""A box with less memory than this, bytes, keeps it for its commands."""
_OUT_OF_THE_WAY = 10
"""From this number on stand the descriptors of the guest itself."""


class HostGone(Exception):
    """The host has hung up, or has died: its end of the stream was closed."""


def serve(argument: str) -> None:
    """Serve until the host hangs up or the box's life is over. *argument* is JSON: ``{"life": seconds}``."""
    end = time.monotonic() + float(json.loads(argument)["life"])
    # A first process is only reached by signals that it handles: it must handle none, not even Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    set_dumpable(dumpable=False)
    try:
        _Guest(_Stream(), end).serve()
    except HostGone:
        _leave()


def _leave() -> NoReturn:
    """End at once; with its first process the whole box ends."""
    os._exit(0)


class _Stream:
    """The one connection to the host: the container's own stdin and stdout, moved out of the way of commands."""

    def __init__(self) -> None:
        self.host = fcntl.fcntl(0, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        self._out = fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        # Low numbers stay taken, so that a command's pipes never get one that the command itself is to have.
        for taken in range(3, _OUT_OF_THE_WAY):
            if taken != nothing:
                os.dup2(nothing, taken, inheritable=False)

    def waits(self, milliseconds: float) -> bool:
        """Whether something comes, or the host hangs up, within this time."""
        poll = select.poll()
        poll.register(self.host, select.POLLIN)
        return bool(poll.poll(max(0.0, milliseconds)))

    def receive(self) -> tuple[Header, bytes]:
        return read(self._exactly)

    def send(self, header: Header, body: bytes | bytearray | memoryview = b"") -> None:
        left = memoryview(pack(header, body))
        try:
            while left:
                left = left[os.write(self._out, left) :]
        except BrokenPipeError:
            raise HostGone from None

    def send_all(self, of: str, content: bytes | bytearray) -> None:
        """Any number of bytes, in pieces."""
        view = memoryview(content)
        for start in range(0, len(view), PIECE):
            self.send({"kind": "piece", "of": of}, view[start : start + PIECE])

    def _exactly(self, count: int) -> bytes:
        got = bytearray()
        while len(got) < count:
            piece = os.read(self.host, min(count - len(got), PIECE))
            if not piece:
                raise HostGone
            got += piece
        return bytes(got)


class _Guest:
    def __init__(self, stream: _Stream, end: float) -> None:
        self._stream = stream
        self._end = end
        self._cgroup = Cgroup()
        os.makedirs(TEMPORARY, mode=0o700, exist_ok=True)
        self._files = Files(PLACES)
        self._runner = Runner(self._cgroup, stream.host, _leave)
        self._stdin = bytearray()
        self._together: list[Request] = []
        self._refused: Refused | None = None
        self._warm = False

    def serve(self) -> None:
        self._stream.send({"kind": "hello", "measured": measure(self._cgroup)})
        while True:
            if not self._stream.waits(_IDLE_MS):
                self._warm_up()
            left = self._end - time.monotonic()
            if left <= 0 or not self._stream.waits(left * 1000):
                return  # this box's life is over
            header, body = self._stream.receive()
            try:
                self._answer(header, body)
            except Refused as refused:
                self._stream.send({"kind": "refused", "why": refused.why, "what": refused.what[:2_000]})

    def _warm_up(self) -> None:
        if not self._warm:
            self._warm = True
            if self._cgroup.limits()["memory"] >= _PRELOADING:
                warming.preload()

    def _answer(self, header: Header, body: bytes) -> None:
        match header["op"]:
            case "put":
                self._put(header, body)
            case "seal":
                self._files.seal()
            case "clear":
                self._runner.forget_ahead()
                self._files.clear(BOX, ("/tmp", "/dev/shm"), only=header.get("only"))
                os.makedirs(TEMPORARY, mode=0o700, exist_ok=True)
            case "life":
                # counted from now, never beyond what the box was made for
                self._end = min(self._end, time.monotonic() + float(header["seconds"]))
                return
            case "stdin":
                self._stdin += body
                return
            case "take":
                self._take(header)
            case "ahead":
                self._warm_up()
                self._runner.start_ahead(self._request(header))
            case "beside":
                self._note(header)
                return
            case "run":
                self._run(header)
                return
        self._stream.send({"kind": "done"})

    def _put(self, header: Header, body: bytes) -> None:
        self._files.unseal()
        view = memoryview(body)
        for path, size, first, last in header["files"]:
            self._files.write(header["place"], path, view[:size], first=first, last=last, locked=header["locked"])
            view = view[size:]

    def _take(self, header: Header) -> None:
        left = int(header["total_bytes"])
        for number, path in enumerate(header["paths"]):
            pieces = self._files.read(path, min(left, int(header["file_bytes"])))
            if pieces is None:
                continue
            self._stream.send({"kind": "file", "number": number})
            for piece in pieces:
                left -= len(piece)
                self._stream.send({"kind": "piece", "of": "file"}, piece)

    def _run(self, header: Header) -> None:
        """Run a command, with those beside it that were told just before."""
        self._note(header)
        requests, self._together = self._together, []
        refused, self._refused = self._refused, None
        if refused is not None:
            raise refused
        tampered = dict.fromkeys(self._files.tampered())
        live = self._live(int(header["keep_report"])) if header["live"] else None
        ended = self._runner.run(requests, until=self._end, on_report=live)
        tampered.update(dict.fromkeys(self._files.tampered()))
        for number, each in enumerate(ended):
            self._tell(number, each, list(tampered))

    def _note(self, header: Header) -> None:
        """One of several commands that are answered together, the refusal of one included."""
        try:
            self._together.append(self._request(header))
        except Refused as refused:
            self._refused = self._refused or refused

    def _request(self, header: Header) -> Request:
        stdin, self._stdin = bytes(self._stdin), bytearray()
        argv = list(header["argv"])
        if any("\0" in word for word in argv):
            raise Refused("missing", f"{argv[0]!r}: an argument holds a NUL character")
        warm = bool(header["warm"]) and warming.is_warm(argv)
        if warm and "-m" in argv and "pytest" in argv:
            self._warm_up()
        if argv[0] == "python" and not warm:
            argv[0] = sys.executable
        return Request(
            argv=argv,
            env={**ENVIRONMENT, **header["env"]},
            cwd=os.path.join(PLACES["work"], header["cwd"]),
            seconds=float(header["seconds"]),
            stdin=stdin,
            warm=warm,
            keep=int(header["keep"]),
            keep_report=int(header["keep_report"]),
            held=bool(header["held"]),
        )

    def _live(self, limit: int) -> _Live:
        return _Live(self._stream, limit)

    def _tell(self, number: int, ended: Ended, tampered: list[str]) -> None:
        for name, kept in (("stdout", ended.stdout), ("stderr", ended.stderr), ("report", ended.report)):
            self._stream.send_all(f"{name}.head", kept.head)
            self._stream.send_all(f"{name}.tail", kept.tail)
        self._stream.send(
            {
                "kind": "ended",
                "number": number,
                "ended": ended.why,
                "exit_code": ended.exit_code,
                "signal": ended.signal,
                "totals": {"stdout": ended.stdout.total, "stderr": ended.stderr.total, "report": ended.report.total},
                "tampered": tampered[:_TOLD],
                "seconds": ended.seconds,
                "cpu_seconds": ended.cpu_seconds,
                "peak_mib": ended.peak_bytes / (1 << 20),
            }
        )


class _Live:
    """Passes on what a command reports, as it comes, up to a limit."""

    def __init__(self, stream: _Stream, limit: int) -> None:
        self._stream = stream
        self._left = limit

    def __call__(self, chunk: memoryview) -> None:
        chunk = chunk[: self._left]
        self._left -= len(chunk)
        if chunk:
            self._stream.send({"kind": "live"}, chunk)
