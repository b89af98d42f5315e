"""What is said to the guest of one box, and how its answers are understood. Answers are data from a box: all bounded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from pydantic import ValidationError

from .base import Command, Ended, Layer, Limits, Measured, Outcome, Place, Stream, Value
from .errors import BoxFull, CommandMissing, SandboxError, UnsafePath
from .guest.frames import PIECE, BadFrame, Header
from .wire import Late, Wire, WireBroken

GRACE = 10.0
"""Seconds that the guest may answer later than a command's own deadline."""
MOVING = 60.0
"""Seconds that moving one piece of a file may take."""
TAKEN_BYTES = 256 << 20
"""What one `take` may bring back at most."""
TAKEN_FILES = 10_000
# Paths have at most 1,024 bytes, which are 3,072 characters in a header.
_PATHS_AT_ONCE = 250
_FILES_AT_ONCE = 250
STDIN_BYTES = 64 << 20


class Lost(Exception):
    """The guest cannot be talked to any more. *late*: it did not answer in time; otherwise the stream broke."""

    def __init__(self, why: str, said: str = "", *, late: bool = False) -> None:
        super().__init__(why, said)
        self.why = why
        self.said = said
        self.late = late


class _Totals(Value):
    stdout: int
    stderr: int
    report: int


class _Told(Value):
    """The guest's last word on a command."""

    kind: str
    number: int
    ended: Ended
    exit_code: int | None
    signal: int | None
    totals: _Totals
    tampered: tuple[str, ...]
    seconds: float
    cpu_seconds: float
    peak_mib: float


class Conversation:
    """Blocking; one question at a time. After `Lost` it is over."""

    def __init__(self, wire: Wire, limits: Limits) -> None:
        self._wire = wire
        self._limits = limits

    def hang_up(self) -> None:
        """End it from another thread: whoever waits for an answer hears `Lost`."""
        self._wire.hang_up()

    def close(self) -> None:
        self._wire.close()

    @property
    def quiet(self) -> bool:
        """Whether the guest is there, as far as the stream tells, and says nothing unasked."""
        return self._wire.quiet

    def lease(self, limits: Limits) -> None:
        """Keep to *limits* from now on, and let the box end with their seconds. Waits for no answer."""
        self._limits = limits
        self._say({"op": "life", "seconds": limits.seconds}, b"", time.monotonic() + MOVING)

    def hello(self, *, deadline: float) -> Measured:
        """The guest's first word: the limits in force."""
        header, _ = self._hear(deadline)
        try:
            return Measured.model_validate(header.get("measured"), strict=False)
        except ValidationError as error:
            raise Lost(f"its first word is not understood: {error.error_count()} fields", str(header)[:300]) from error

    def put(self, files: Mapping[str, bytes], *, place: Place, locked: bool) -> None:
        self._ask_all(_putting(Layer(files=files, place=place, locked=locked)))

    def clear(self, *, only: Place | None) -> None:
        self._ask_all([({"op": "clear", "only": only}, b"")])

    def lay(self, layers: Sequence[Layer], *, clear: bool = False, only: Place | None = None) -> None:
        cleared = [({"op": "clear", "only": only}, b"")] if clear else []
        self._ask_all([*cleared, *(asked for layer in layers for asked in _putting(layer))])

    def prepare(self, programs: Layer, commands: Sequence[Command]) -> None:
        ahead = [(self._asked("ahead", command, live=False), b"") for command in commands]
        self._ask_all([({"op": "clear", "only": None}, b""), *_putting(programs), *ahead])

    def run(self, commands: Sequence[Command], on_line: Callable[[str], None] | None = None) -> list[Outcome]:
        """Run them side by side. Lines are only handed on of a command that runs alone."""
        moving = time.monotonic() + MOVING
        for number, command in enumerate(commands):
            if len(command.stdin) > STDIN_BYTES:
                raise BoxFull(
                    "box", f"{len(command.stdin)} bytes of stdin are more than {STDIN_BYTES}", hint="put a file instead"
                )
            for start in range(0, len(command.stdin), PIECE):
                self._say({"op": "stdin"}, command.stdin[start : start + PIECE], moving)
            op = "run" if number == len(commands) - 1 else "beside"
            self._say(self._asked(op, command, live=on_line is not None), b"", moving)
        first = max((command.seconds for command in commands if not command.held), default=0.0)
        then = max((command.seconds for command in commands if command.held), default=0.0)
        deadline = time.monotonic() + first + then + GRACE
        lines = _Lines(on_line, self._limits.report_kib << 10)
        return [self._outcome_of(number, deadline, lines) for number in range(len(commands))]

    def _asked(self, op: str, command: Command, *, live: bool) -> Header:
        return {
            "op": op,
            "argv": list(command.argv),
            "seconds": command.seconds,
            "env": dict(command.env),
            "cwd": command.cwd,
            "warm": command.warm,
            "held": command.held,
            "live": live,
            "keep": self._limits.output_kib << 10,
            "keep_report": self._limits.report_kib << 10,
        }

    def _outcome_of(self, number: int, deadline: float, lines: _Lines) -> Outcome:
        kept = {f"{of}.{part}": bytearray() for of in ("stdout", "stderr", "report") for part in ("head", "tail")}
        room = 2 * (self._limits.output_kib << 10) + (self._limits.report_kib << 10)
        while True:
            header, body = self._hear(deadline)
            match header.get("kind"):
                case "live":
                    lines.add(body)
                case "piece" if str(header.get("of")) in kept and len(body) <= room:
                    room -= len(body)
                    kept[str(header["of"])] += body
                case "ended" if header.get("number") == number:
                    return _outcome(header, kept)
                case "refused":
                    raise _refusal(header)
                case _:
                    raise Lost(f"it said what nobody asked: {str(header)[:100]!r}")

    def take(self, paths: tuple[str, ...], *, file_bytes: int) -> dict[str, bytes]:
        found: dict[str, bytearray] = {}
        room = TAKEN_BYTES
        paths = paths[:TAKEN_FILES]
        for start in range(0, len(paths), _PATHS_AT_ONCE):
            group = paths[start : start + _PATHS_AT_ONCE]
            self._say(
                {"op": "take", "paths": list(group), "file_bytes": file_bytes, "total_bytes": room},
                b"",
                time.monotonic() + MOVING,
            )
            into = bytearray()
            while True:
                header, body = self._hear(time.monotonic() + MOVING)
                match header.get("kind"):
                    case "file" if isinstance(header.get("number"), int) and 0 <= header["number"] < len(group):
                        into = found[group[header["number"]]] = bytearray()
                    case "piece" if len(body) <= room:
                        room -= len(body)
                        into += body
                    case "done":
                        break
                    case _:
                        raise Lost(f"it said what nobody asked: {str(header)[:100]!r}")
        return {path: bytes(content) for path, content in found.items()}

    def _ask_all(self, asked: Iterable[tuple[Header, bytes]]) -> None:
        """Say everything, then hear all the answers: one wait instead of one each. The first refusal is raised.

        What was asked after what is refused is done all the same, so the files are then only partly what they should be.
        """
        deadline = time.monotonic() + MOVING
        count = 0
        for header, body in asked:
            self._say(header, body, deadline)
            count += 1
        refused = None
        for _ in range(count):
            answer, _ = self._hear(deadline)
            match answer.get("kind"):
                case "refused":
                    refused = refused or answer
                case "done":
                    continue
                case _:
                    raise Lost(f"it said what nobody asked: {str(answer)[:100]!r}")
        if refused is not None:
            raise _refusal(refused)

    def _say(self, header: Header, body: bytes, deadline: float) -> None:
        try:
            self._wire.send(header, body, deadline=deadline)
        except BadFrame as error:
            raise CommandMissing(
                "box", f"arguments and environment are too long: {error}", hint="put them into a file"
            ) from error
        except Late as late:
            raise Lost("it does not listen", late=True) from late
        except WireBroken as broken:
            raise Lost(broken.why, broken.said) from broken

    def _hear(self, deadline: float) -> tuple[Header, bytes]:
        try:
            return self._wire.receive(deadline=deadline)
        except Late as late:
            raise Lost("it does not answer", late=True) from late
        except WireBroken as broken:
            raise Lost(broken.why, broken.said) from broken


class _Lines:
    """Cuts what is reported into complete lines, each handed on as soon as it is complete."""

    def __init__(self, hand_on: Callable[[str], None] | None, limit: int) -> None:
        self._hand_on = hand_on
        self._left = limit
        self._begun = bytearray()

    def add(self, chunk: bytes) -> None:
        chunk = chunk[: self._left]
        self._left -= len(chunk)
        *complete, begun = chunk.split(b"\n")
        for line in complete:
            self._begun += line
            if self._hand_on:
                self._hand_on(self._begun.decode("utf-8", "replace"))
            self._begun.clear()
        self._begun += begun


def _putting(layer: Layer) -> Iterator[tuple[Header, bytes]]:
    for entries, body in _batches(layer.files):
        yield {"op": "put", "place": layer.place, "locked": layer.locked, "files": entries}, body
    yield {"op": "seal"}, b""


def _batches(files: Mapping[str, bytes]) -> Iterator[tuple[list[tuple[str, int, bool, bool]], bytes]]:
    """Entries (path, size, first piece, last piece) and their bytes, many small files to a frame, large ones in pieces."""
    entries: list[tuple[str, int, bool, bool]] = []
    body = bytearray()
    for path, content in files.items():
        for start in range(0, max(1, len(content)), PIECE):
            piece = content[start : start + PIECE]
            if len(body) + len(piece) > PIECE or len(entries) == _FILES_AT_ONCE:
                yield entries, bytes(body)
                entries, body = [], bytearray()
            entries.append((path, len(piece), start == 0, start + len(piece) == len(content)))
            body += piece
    if entries:
        yield entries, bytes(body)


def _outcome(header: Header, kept: Mapping[str, bytearray]) -> Outcome:
    try:
        told = _Told.model_validate(header)
    except ValidationError as error:
        raise Lost(f"its last word on a command is not understood: {error.error_count()} fields") from error

    def stream(of: str, total: int) -> Stream:
        head, tail = bytes(kept[f"{of}.head"]), bytes(kept[f"{of}.tail"])
        return Stream(head=head, tail=tail, total_bytes=max(total, len(head) + len(tail)))

    return Outcome(
        ended=told.ended,
        exit_code=told.exit_code,
        signal=told.signal,
        stdout=stream("stdout", told.totals.stdout),
        stderr=stream("stderr", told.totals.stderr),
        report=stream("report", told.totals.report),
        tampered=told.tampered,
        seconds=told.seconds,
        cpu_seconds=told.cpu_seconds,
        peak_mib=told.peak_mib,
    )


def _refusal(header: Header) -> SandboxError:
    what = str(header.get("what"))[:1_000]
    match header.get("why"):
        case "full":
            return BoxFull("box", what, hint="hand in less, or raise the limits of the work folder")
        case "missing":
            return CommandMissing("box", f"cannot run {what}", hint="name a program that the image has")
        case _:
            return UnsafePath("box", what, hint="use a plain path that nothing else stands in the way of")
