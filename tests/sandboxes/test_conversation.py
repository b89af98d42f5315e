"""Talking with a guest that may lie: everything it says is bounded, and what is not understood ends the talk."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from itertools import count

import pytest

from sandboxes.base import Command, Limits
from sandboxes.conversation import Conversation, Lost
from sandboxes.errors import BoxFull, UnsafePath
from sandboxes.guest.frames import HEADER_LIMIT, PIECE, BadFrame, pack, read
from sandboxes.wire import Late, Wire, WireBroken

LIMITS = Limits(output_kib=1, report_kib=1)
ENDED = {
    "kind": "ended",
    "number": 0,
    "ended": "exited",
    "exit_code": 0,
    "signal": None,
    "totals": {"stdout": 3, "stderr": 0, "report": 0},
    "tampered": [],
    "seconds": 0.1,
    "cpu_seconds": 0.1,
    "peak_mib": 1.0,
}


def out(data: bytes, kind: int = 1) -> bytes:
    """As the engine sends it: a header of eight bytes, then the chunk."""
    return struct.pack(">BxxxI", kind, len(data)) + data


class Pair:
    """Our end, and the end a guest would have."""

    def __init__(self) -> None:
        ours, self.theirs = socket.socketpair()
        self.wire = Wire(ours, wrapper=ours)
        self.talk = Conversation(self.wire, LIMITS)

    def says(self, header: dict, body: bytes = b"") -> None:
        self.theirs.sendall(out(pack(header, body)))


@pytest.fixture
def pair() -> Iterator[Pair]:
    made = Pair()
    yield made
    made.talk.close()
    made.theirs.close()


def soon() -> float:
    return time.monotonic() + 2


def test_frames_arrive_however_they_are_cut(pair: Pair):
    """Byte by byte, mixed with what the guest writes to its stderr."""
    sent = pack({"kind": "x", "text": "größe"}, b"body")

    def send() -> None:
        for one in sent:
            pair.theirs.sendall(out(bytes([one])) + out(b"noise", 2))

    thread = threading.Thread(target=send)
    thread.start()
    got = pair.wire.receive(deadline=soon())
    thread.join()

    assert got == ({"kind": "x", "text": "größe"}, b"body")


def test_a_stream_that_ends_says_what_the_guest_last_said(pair: Pair):
    """So that a crash of ours inside can be found."""
    pair.theirs.sendall(out(b"Traceback: it crashed", 2))
    pair.theirs.close()

    with pytest.raises(WireBroken, match="ended") as caught:
        pair.wire.receive(deadline=soon())

    assert caught.value.said == "Traceback: it crashed"


def test_waiting_ends_in_time(pair: Pair):
    """For a frame, and for room to write one."""
    with pytest.raises(Late):
        pair.wire.receive(deadline=time.monotonic() + 0.05)
    with pytest.raises(Late):
        pair.wire.receive(deadline=time.monotonic() - 1)
    with pytest.raises(Late):  # more than the socket's own buffers take
        pair.wire.send({}, bytes(PIECE), deadline=time.monotonic() + 0.1)


def test_hanging_up_wakes_who_waits(pair: Pair):
    """From another thread; hanging up twice is fine."""
    threading.Timer(0.1, pair.talk.hang_up).start()

    with pytest.raises(Lost, match="ended"):
        pair.talk.hello(deadline=soon())
    pair.talk.close()
    pair.talk.hang_up()
    with pytest.raises(Lost):
        pair.talk.put({"a": b""}, place="work", locked=False)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(struct.pack(">II", HEADER_LIMIT + 1, 0), id="header-too-large"),
        pytest.param(struct.pack(">II", 2, PIECE + 1), id="body-too-large"),
        pytest.param(struct.pack(">II", 2, 0) + b"no", id="no-json"),
        pytest.param(struct.pack(">II", 2, 0) + b"[]", id="no-object"),
        pytest.param(struct.pack(">II", 100_000, 0) + b"[" * 100_000, id="deep"),
    ],
)
def test_what_is_no_frame_breaks_the_wire(pair: Pair, sent: bytes):
    """Before memory is spent on it."""
    threading.Thread(target=pair.theirs.sendall, args=(out(sent),)).start()

    with pytest.raises(WireBroken):
        pair.wire.receive(deadline=soon())


def test_a_frame_of_ours_is_bounded_too():
    """On the side that sends, and at the end of what there is to read."""
    with pytest.raises(BadFrame):
        pack({}, bytes(PIECE + 1))
    with pytest.raises(BadFrame):
        pack({"x": "y" * HEADER_LIMIT})
    frame, at = pack({"a": 1}, b"z"), count()

    assert read(lambda size: bytes(frame[next(at)] for _ in range(size))) == ({"a": 1}, b"z")


def test_an_answer_is_put_together(pair: Pair):
    """Pieces of streams, then the last word."""
    for of, body in (("stdout.head", b"ab"), ("stdout.tail", b"c"), ("report.head", b"r")):
        pair.says({"kind": "piece", "of": of}, body)
    pair.says({**ENDED, "tampered": ["t.py"]})

    (outcome,) = pair.talk.run((Command(argv=("x",)),))

    assert (outcome.stdout.text, outcome.report.total_bytes, outcome.tampered) == ("abc", 1, ("t.py",))


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param([({"kind": "piece", "of": "stdout.head"}, bytes(3_073))], id="more-than-agreed"),
        pytest.param([({"kind": "piece", "of": "stdout.head"}, bytes(2_000))] * 2, id="more-than-agreed-in-pieces"),
        pytest.param([({"kind": "piece", "of": "stdout.neck"}, b"")], id="unknown-stream"),
        pytest.param([({"kind": "piece", "of": ["x"]}, b"")], id="strange-stream"),
        pytest.param([({"kind": "hello"}, b"")], id="out-of-turn"),
        pytest.param([({}, b"")], id="nothing"),
        pytest.param([({**ENDED, "ended": "passed"}, b"")], id="unknown-ending"),
        pytest.param([({**ENDED, "more": 1}, b"")], id="unknown-field"),
        pytest.param([({**ENDED, "number": 1}, b"")], id="another-command"),
    ],
)
def test_a_lie_is_not_believed(pair: Pair, lie: list[tuple[dict, bytes]]):
    """Whatever is not what was agreed ends the talk: the box is lost, and nothing was learnt."""
    for header, body in lie:
        pair.says(header, body)

    with pytest.raises(Lost):
        pair.talk.run((Command(argv=("x",)),))


def test_lines_are_told_when_they_are_complete_and_bounded(pair: Pair):
    """A line may come in pieces; after the limit of the report nothing more is told."""
    heard: list[str] = []
    for body in (b"on", b"e\ntwo\n", b"x" * 2_000 + b"\nlate\n"):
        pair.says({"kind": "live"}, body)
    pair.says(ENDED)

    pair.talk.run((Command(argv=("x",)),), heard.append)

    assert heard == ["one", "two"]


@pytest.mark.parametrize(
    ("why", "kind"),
    [
        pytest.param("full", BoxFull, id="full"),
        pytest.param("path", UnsafePath, id="path"),
        pytest.param(3, UnsafePath, id="strange"),
    ],
)
def test_a_refusal_is_raised(pair: Pair, why: object, kind: type[Exception]):
    """In our words, bounded."""
    pair.says({"kind": "refused", "why": why, "what": "w" * 5_000})
    pair.says({"kind": "done"})  # the folders are sealed all the same

    with pytest.raises(kind) as caught:
        pair.talk.put({"a": b""}, place="work", locked=False)

    assert len(str(caught.value)) < 1_500


def test_strange_answers_to_files_end_the_talk():
    """A number of a file nobody asked for, an answer of the wrong kind, a first word that is none."""
    for header in ({"kind": "file", "number": 7}, {"kind": "file", "number": "0"}, {"kind": "ended"}):
        lying = Pair()
        lying.says(header)
        with pytest.raises(Lost):
            lying.talk.take(("a",), file_bytes=10)
        lying.talk.close()
        lying.theirs.close()
    for act in (
        lambda talk: talk.put({"a": b""}, place="work", locked=False),
        lambda talk: talk.hello(deadline=soon()),
    ):
        lying = Pair()
        lying.says({"kind": "live"})
        with pytest.raises(Lost):
            act(lying.talk)
        lying.talk.close()
        lying.theirs.close()


def test_stdin_beyond_reason_is_refused(pair: Pair):
    """Before any of it is sent."""
    with pytest.raises(BoxFull, match="stdin"):
        pair.talk.run((Command(argv=("x",), stdin=bytes((64 << 20) + 1)),))
