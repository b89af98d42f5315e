"""How many candidate edits one run tries: the offline author's own search, in a box, on a fault that no small edit mends."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from agents.offline import lines
from agents.offline.toolbox import ARGV, tools
from engine.domain import Value
from engine.speed.contender import NotMeasured
from sandboxes.base import TOOLS, Box, Command, Limits, Sandbox

SEARCH = 6.0
"""Seconds that one search may take, its own start among them."""
_GRACE = 10.0
_FLOOR = "forks.py"

_CODE = '''"""Ten tiny functions, one of which does not do what its test asks."""


def area(width, height):
    return width * height


def clamp(value, low, high):
    return max(low, min(value, high))


def digits(number):
    return [int(digit) for digit in str(abs(number))]


def initials(name):
    return "".join(word[0].upper() for word in name.split())


def is_even(number):
    return number % 2 == 0


def longest(words):
    best = ""
    for word in words:
        if len(word) > len(best):
            best = word
    return best


def mean(numbers):
    return sum(numbers) / len(numbers)


def squares(limit):
    return [number * number for number in range(limit)]


def vowels(text):
    return sum(1 for letter in text.lower() if letter in "aeiou")


def code(word, shift, keep):
    total = 0
    parts = []
    for index, letter in enumerate(word):
        place = ord(letter) - 97
        if place < 0 or place > 25:
            parts.append(letter)
            continue
        moved = (place + shift * index) % 26
        if moved % 2 == keep:
            total += moved * (index + 1)
            parts.append(chr(moved + 97))
        else:
            total -= place
            parts.append(letter.upper())
    return "".join(parts) + str(total % 97)
'''
_CALLS = {
    "area(3, 4)": "12",
    "clamp(7, 0, 5)": "5",
    "digits(-120)": "[1, 2, 0]",
    'initials("ada lovelace")': '"AL"',
    "is_even(4)": "True",
    'longest(["a", "abc", "ab"])': '"abc"',
    "mean([1, 2, 3])": "2",
    "squares(4)": "[0, 1, 4, 9]",
    'vowels("Education")': "5",
    'code("sandbox", 3, 1)': '"qz-71-kpf"',
}
"""Calls and what the tests want of them; the last is out of reach."""


class Searched(Value):
    """What one search tried, and what that cost."""

    candidates: int
    seconds: float
    """Wall clock from the command's start to its end."""
    cpu_seconds: float
    """Of all processes in the box, by its own accounting: starting, collecting and finding the candidates among it."""

    @property
    def per_second_and_core(self) -> float:
        """Candidates for each second of processor time, which other work on the machine does not take away."""
        return self.candidates / self.cpu_seconds


class CandidateRate(Searched):
    """What the search tries as it is used; those that are known to leave nothing behind share a process there."""

    apart: Searched
    """The same where each candidate has a process of its own, whatever is known of it."""
    floor_per_second_and_core: float
    """Bare forks of such a process that only end, for each second of processor time: what `apart` cannot exceed."""

    @property
    def cores(self) -> float:
        """Cores that were busy on average."""
        return self.cpu_seconds / self.seconds

    @property
    def per_second(self) -> float:
        return self.candidates / self.seconds


class _Floor(Value):
    forks: int
    cpu_seconds: float


async def candidate_rate(sandbox: Sandbox, *, limits: Limits, seconds: float = SEARCH) -> CandidateRate:
    """Search twice for *seconds* in a new box of *sandbox*, and fork for nothing in the same box.

    Raises:
        NotMeasured: A search did not end as it should.
        SandboxUnavailable: There is no box.
    """
    code, tests = {"tiny.py": _CODE}, {"test_tiny.py": _tests()}
    given = {**tools(), _FLOOR: Path(__file__).with_name(_FLOOR).read_text(encoding="utf-8")}
    job = {"files": code, "tests": tests, "seconds": seconds}
    async with sandbox.open(run_id="candidates", limits=limits) as box:
        await box.put({path: text.encode() for path, text in code.items()})
        await box.put({path: text.encode() for path, text in tests.items()}, locked=True)
        await box.put({path: text.encode() for path, text in given.items()}, place="tools")
        usual = await _search(box, json.dumps(job), seconds)
        apart = await _search(box, json.dumps({**job, "apart": True}), seconds)
        floor = await _floor(box)
    return CandidateRate(
        candidates=usual.candidates,
        seconds=usual.seconds,
        cpu_seconds=usual.cpu_seconds,
        apart=apart,
        floor_per_second_and_core=floor.forks / floor.cpu_seconds,
    )


async def _search(box: Box, job: str, seconds: float) -> Searched:
    argv = tuple(word.replace("{tools}", TOOLS) for word in ARGV)
    outcome = await box.run(Command(argv=argv, stdin=job.encode(), seconds=seconds + _GRACE, warm=True))
    last = lines.read(outcome.report.text.rstrip("\n").rpartition("\n")[2])
    if not outcome.ok or not isinstance(last, lines.Ended):
        raise NotMeasured(f"the search for candidates was cut off: {outcome.ended}, {outcome.stderr.text[-500:]}")
    return Searched(candidates=last.tried, seconds=outcome.seconds, cpu_seconds=outcome.cpu_seconds)


async def _floor(box: Box) -> _Floor:
    outcome = await box.run(Command(argv=("python", f"{TOOLS}/{_FLOOR}"), seconds=60.0, warm=True))
    try:
        return TypeAdapter(_Floor).validate_json(outcome.report.head)
    except ValidationError as error:
        raise NotMeasured(f"bare forks were not counted: {outcome.ended}, {outcome.stderr.text[-500:]}") from error


def _tests() -> str:
    names = ", ".join(sorted(call.partition("(")[0] for call in _CALLS))
    tests = (f"def test_{c.partition('(')[0]}():\n    assert {c} == {wanted}\n" for c, wanted in _CALLS.items())
    return "\n\n".join([f"from tiny import {names}\n", *tests])
