"""Whatever the candidate's process does to the conversation, no test becomes green by it, and nothing here is called."""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest

from engine.checks.inside.apart import far, near, owner, peer
from tests.engine.host_box import ends, failures, kept_apart

ADD_TESTS = """
import pytest

from solution import add


def test_one():
    assert add(1, 2) == 3


def test_two():
    assert add(2, 2) == 4


def test_error():
    with pytest.raises(TypeError):
        add(None, 1)
"""
TAKE_OVER = """
import json
import os
import socket
import stat
import struct
import sys


def line():
    for number in range(3, 20):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode):
                return os.dup(number)
        except OSError:
            pass


def number_asked():
    frame = sys._getframe()
    while "number" not in frame.f_locals:
        frame = frame.f_back
    return frame.f_locals["number"]


def send(*message):
    text = json.dumps(message).encode()
    os.write(line(), struct.pack(">I", len(text)) + text)


def add(a, b):
    {attack}
    return a + b
"""
ATTACKS = {
    "dies": "os._exit(0)",
    "dies with a signal": "os.kill(os.getpid(), 9)",
    "closes the line": "os.closerange(3, 20)",
    "sends garbage": "os.write(line(), b'\\x00\\x00\\x00\\x05hello')",
    "sends no list": "send_raw = os.write(line(), struct.pack('>I', 4) + b'null')",
    "sends a short list": "send('answer', number_asked())",
    "sends half a message": "os.write(line(), b'\\x00\\x00\\x00\\x09[1,'); os._exit(0)",
    "sends too long a message": "os.write(line(), struct.pack('>I', 1 << 31))",
    "sends too deep a message": "os.write(line(), struct.pack('>I', 400000) + b'[' * 200000 + b']' * 200000)",
    "answers another question": "send('answer', number_asked() + 1, [], [], 3)",
    "answers twice": "send('answer', number_asked(), [], [], a + b if a else 0)",
    "says a wrong kind": "send('yes', number_asked(), [], [], 3)",
    "says words that are none": "send('answer', number_asked(), [], [['shout', 'x']], 3)",
    "changes what is not shared": "send('answer', number_asked(), [[0, 5, 5, 5]], [], 0)",
    "raises no exception": "send('raise', number_asked(), [], [], 5)",
    "forks and lets both answer": "kept = line()\n    if os.fork() == 0:\n        text = json.dumps(['answer', number_asked(), [], [], a]).encode()\n        os.write(kept, struct.pack('>I', len(text)) + text)\n        os._exit(0)\n    os.wait()",
    "leaves as if all were well": "raise SystemExit(0)",
    "interrupts": "raise KeyboardInterrupt",
    "skips": "import unittest\n    raise unittest.SkipTest('not here')",
    "skips as pytest does": "import pytest\n    pytest.skip('not here')",
    "ends the session as pytest does": "import pytest\n    pytest.exit('all is well', 0)",
    "raises what lies about its class": "class Skipped(BaseException):\n        __class__ = AssertionError\n    raise Skipped",
    "hands back its own line": "return socket.socket(fileno=line())",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_whoever_takes_over_the_line_gets_no_green(attack: str):
    """A candidate that dies, forges, repeats itself or leaves is red, whatever it would have answered."""
    sitting = await kept_apart(TAKE_OVER.replace("{attack}", attack), ADD_TESTS)

    assert sitting.report.status == "failed"
    assert not {"skipped", "xfailed"} & set(ends(sitting).values())
    # at the latest with the next question: one that was answered too early has its answer
    assert ends(sitting)["test_two"] != "passed"


async def test_the_same_code_is_green_where_it_attacks_nobody():
    """So that the red above is the attack's."""
    sitting = await kept_apart(TAKE_OVER.replace("{attack}", "pass"), ADD_TESTS)

    assert sitting.report.status == "passed", failures(sitting)


HANGS = {
    "in a test": "def add(a, b):\n    while True:\n        pass\n",
    "and catches everything": "def add(a, b):\n    while True:\n        try:\n            while True:\n                pass\n        except BaseException:\n            pass\n",
    "with signals off": "import signal\n\nfor number in (signal.SIGTERM, signal.SIGINT, signal.SIGPROF):\n    signal.signal(number, signal.SIG_IGN)\n\n\ndef add(a, b):\n    while True:\n        pass\n",
}


@pytest.mark.parametrize("code", HANGS.values(), ids=HANGS)
async def test_code_that_does_not_end_is_ended_and_called_hung(code: str):
    """After its processor time the candidate is killed; the test is hung, and the session stops."""
    sitting = await kept_apart(code, ADD_TESTS, hang=0.3)

    assert ends(sitting)["test_one"] == "hung"
    assert "passed" not in ends(sitting).values()
    assert sitting.report.status == "failed"


BUDGET = "COUNT = [0]\n\n\ndef add(a, b):\n    COUNT[0] += 1\n    return a + b if a is None or COUNT[0] < 40 else 0\n"


async def test_a_budget_of_right_answers_is_outlasted():
    """Right for the first forty calls: the tests go on in the same process until it is seen."""
    plain = await kept_apart(BUDGET, ADD_TESTS)
    again = await kept_apart(BUDGET, ADD_TESTS, again=200)
    honest = await kept_apart("def add(a, b):\n    return a + b\n", ADD_TESTS, again=200)

    assert (plain.report.status, plain.changed) == ("passed", "")
    assert again.changed
    assert (honest.report.status, honest.changed) == ("passed", "")


# --- one end of the conversation alone, and a peer that says whatever it likes -----------------------------------------


class Hidden:
    """Of the tests' own module: may be handed over; its private parts may not."""

    public = 1
    _private = 2

    def method(self) -> int:
        return 7

    def _hidden(self) -> int:
        raise AssertionError("called")


def handed(a: int = 1) -> int:
    """A function of the tests."""
    return a + 1


class Conversation:
    """The tests' end, with an object and a function handed over, and the raw other end."""

    def __init__(self) -> None:
        self.ours, self.raw = socket.socketpair()
        self.raw.settimeout(5)
        exporter = near.Exporter()
        exporter.modules.add(__name__)
        self.end = peer.Peer(self.ours, side="tests", export=exporter.export, permit=exporter.permit)
        self.end.operations = owner.operations(self.end)
        self.hidden, self.items = Hidden(), [1, 2]
        self.said(["answer", 1, [], [], None])
        self.end.ask("hello", self.hidden, handed, self.items)
        _, number, _, _, body = self.heard()
        assert number == 1
        hidden, function, items = body[1]
        self.object, self.function, self.list = hidden[1], function[1], items[1]

    def said(self, message: object, *, times: int = 1) -> None:
        text = json.dumps(message).encode()
        # in one piece: a socket holds only so many
        self.raw.sendall((struct.pack(">I", len(text)) + text) * times)

    def heard(self) -> list:
        (length,) = struct.unpack(">I", self._exactly(4))
        return json.loads(self._exactly(length))

    def _exactly(self, count: int) -> bytes:
        # a socket with a time-out gives what there is, whatever MSG_WAITALL asks for
        got = b""
        while len(got) < count:
            piece = self.raw.recv(count - len(got))
            assert piece, "the tests' end was closed in the middle of a message"
            got += piece
        return got

    def forge(self, operation: str, *arguments: object) -> tuple[str, object]:
        """What the tests' end says to a question that the peer asks while it is waited for: the kind, and the body."""
        self.said(["ask", 50, [], [], [operation, self.filled(list(arguments))]])
        self.said(["answer", 2, [], [], None])
        self.end.ask("hello again")
        assert self.heard()[0] == "ask"
        kind, number, _, _, body = self.heard()
        assert number == 50
        return kind, body

    def filled(self, wire: object) -> object:
        if isinstance(wire, list):
            return [self.filled(part) for part in wire]
        return {"OBJECT": self.object, "FUNCTION": self.function, "LIST": self.list}.get(str(wire), wire)


@pytest.fixture
def talk() -> Iterator[Conversation]:
    conversation = Conversation()
    yield conversation
    conversation.raw.close()


NOTHING = [["t", []], ["t", []]]
FORGED = {
    "a private name": ["get", ["h", "OBJECT"], "_private"],
    "the class": ["get", ["h", "OBJECT"], "__class__"],
    "the dictionary": ["get", ["h", "OBJECT"], "__dict__"],
    "the globals of a function": ["get", ["h", "FUNCTION"], "__globals__"],
    "the code of a function": ["get", ["h", "FUNCTION"], "__code__"],
    "a name that is none": ["get", ["h", "OBJECT"], ["l", 71, []]],
    "a private method": ["invoke", ["h", "OBJECT"], "_hidden", *NOTHING],
    "a private method as a handle": ["call", ["hm", "OBJECT", "_hidden"], *NOTHING],
    "the globals of a method": ["get", ["hm", "OBJECT", "method"], "__globals__"],
    "the function of a method": ["get", ["hm", "OBJECT", "method"], "__func__"],
    "what a method belongs to": ["get of method", ["h", "OBJECT"], "method", "__self__"],
    "a method of what was not handed over": ["call", ["hm", 999, "method"], *NOTHING],
    "what was not handed over": ["get", ["h", 999], "public"],
    "a number that is none": ["get numbered", 999, "public"],
    "a method of a list": ["call", ["bm", ["m", "LIST"], "append"], ["t", [3]], ["t", []]],
    "a private method of a list": ["call", ["bm", ["m", "LIST"], "__init__"], *NOTHING],
    "a method of no list": ["call", ["bm", ["h", "OBJECT"], "method"], *NOTHING],
    "a class of the library": ["call", ["g", "io", "FileIO"], ["t", ["/etc/passwd"]], ["t", []]],
    "a harmless class": ["call", ["g", "builtins", "type"], ["t", [["h", "OBJECT"]]], ["t", []]],
    "a function of the library": [
        "call",
        ["g", "builtins", "getattr"],
        ["t", [["h", "OBJECT"], "_private"]],
        ["t", []],
    ],
    "another process": ["call", ["g", "subprocess", "Popen"], ["t", ["true"]], ["t", []]],
    "a command": ["call", ["g", "posix", "system"], ["t", ["true"]], ["t", []]],
    "eval": ["call", ["g", "builtins", "eval"], ["t", ["1"]], ["t", []]],
    "import": ["call", ["g", "builtins", "__import__"], ["t", ["os"]], ["t", []]],
    "a class that is no library's": ["call", ["g", "_pytest.outcomes", "Exit"], *NOTHING],
    "unittest": ["call", ["g", "unittest.case", "SkipTest"], *NOTHING],
    "a name of a library class": ["get", ["g", "builtins", "object"], "mro"],
    "the subclasses": ["invoke", ["g", "builtins", "object"], "__subclasses__", *NOTHING],
    "a special method that is not asked from afar": ["op", "__getattribute__", ["h", "OBJECT"], ["t", ["_private"]]],
    "the constructor": ["op", "__init__", ["h", "OBJECT"], ["t", []]],
    "an operator of a class": ["op", "__call__", ["g", "builtins", "int"], ["t", ["3"]]],
    "a change of a function": ["set", ["h", "FUNCTION"], "__name__", "x"],
    "a private change": ["set", ["h", "OBJECT"], "_private", 3],
    "a private removal": ["del", ["h", "OBJECT"], "_private"],
    "a change of a class": ["set", ["g", "builtins", "int"], "x", 3],
    "an import": ["import", "os"],
    "an operation that is none": ["shutdown"],
    "no arguments": ["get"],
    "what is inside a class": ["of class", "iter", ["g", "builtins", "object"], None],
    "an object by value": ["call", ["v", "subprocess", "Popen", ["true"]], *NOTHING],
    "a tag that is none": ["call", ["zz", 1], *NOTHING],
}


@pytest.mark.parametrize("question", FORGED.values(), ids=FORGED)
def test_what_was_not_handed_over_cannot_be_asked(talk: Conversation, question: list):
    """Every question that a test's objects would not ask for is answered with an error, and nothing has happened."""
    kind, _ = talk.forge(*question)

    assert kind == "raise"
    assert talk.items == [1, 2]
    assert (talk.hidden._private, vars(talk.hidden)) == (2, {})
    assert handed.__name__ == "handed"


def test_what_was_handed_over_can_be_asked(talk: Conversation):
    """Public names and methods of the object, and the function, which are there to be used."""
    assert talk.forge("get", ["h", "OBJECT"], "public") == ("answer", 1)


@pytest.mark.parametrize(
    "question",
    [
        ["invoke", ["h", "OBJECT"], "method", *NOTHING],
        ["call", ["hm", "OBJECT", "method"], *NOTHING],
        ["call", ["h", "FUNCTION"], ["t", [6]], ["t", []]],
    ],
    ids=["method", "bound method", "function"],
)
def test_a_method_and_a_function_that_were_handed_over_can_be_called(talk: Conversation, question: list):
    """By their owner's handle and name, as an object of the code would call them."""
    assert talk.forge(*question) == ("answer", 7)


BROKEN = {
    "garbage": b"\x00\x00\x00\x05hello",
    "no list": b"\x00\x00\x00\x01" + b"1",
    "too long": struct.pack(">I", peer.LONGEST + 1),
    "the end": b"",
    "half a length": b"\x00\x00",
    "another question's answer": struct.pack(">I", 28) + b'["answer", 9, [], [], "yes"]',
}


@pytest.mark.parametrize("sent", BROKEN.values(), ids=BROKEN)
def test_a_peer_that_speaks_another_language_is_gone(talk: Conversation, sent: bytes):
    """Whoever waits for its answer gets an error, at once."""
    started = time.monotonic()
    talk.raw.sendall(sent)
    talk.raw.shutdown(socket.SHUT_WR)

    with pytest.raises(peer.Gone):
        talk.end.ask("hello again")
    assert time.monotonic() - started < 5


def test_questions_within_questions_have_an_end(talk: Conversation):
    """A peer that asks within the callback that it has asked for, on and on, is refused, and nothing else happens."""
    asked: list[int] = []

    def deeper() -> object:
        asked.append(1)
        return talk.end.ask("go on")

    deeper.__module__ = __name__
    number = talk.end.encode(deeper)[1]
    talk.said(["ask", 50, [], [], ["call", [["h", number], *NOTHING]]], times=300)
    talk.raw.shutdown(socket.SHUT_WR)
    heard: list[list] = []

    def listen() -> None:
        while select.select([talk.raw], [], [])[0] and talk.raw.recv(1, socket.MSG_PEEK):
            heard.append(talk.heard())

    # to the end, and not only to the first refusal: a socket holds only so much that nobody has read
    listener = threading.Thread(target=listen)
    listener.start()
    with pytest.raises(peer.Gone):
        talk.end.ask("hello again")
    talk.ours.shutdown(socket.SHUT_WR)
    listener.join()
    refused = next(message for message in heard if message[0] != "ask")
    assert 10 < len(asked) <= 200
    assert (refused[0], refused[4][1]) == ("raise", ["g", "builtins", "RecursionError"])


def test_a_class_from_afar_is_only_what_it_is_described_as(talk: Conversation):
    """Its special methods are those of a fixed list; a base that is an exception makes one, and nothing else does."""
    described = [
        "Thing",
        "Thing",
        "m",
        None,
        [],
        ["__eq__", "__getattribute__", "__init__", "__del__"],
        ["name"],
        False,
        False,
        None,
    ]

    made = talk.end.decode(["o", 3, ["K", 4, described]])

    assert far.identity(made) == (talk.end, 3)
    assert not {"__getattribute__", "__del__"} & set(vars(type(made)))
    assert "__eq__" in vars(type(made))
    with pytest.raises(TypeError, match="no exception"):
        talk.end.decode(["x", ["g", "builtins", "int"], [], "", [], None, False, 0])
