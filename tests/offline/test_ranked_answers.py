"""The author's own half of the ranking: which patch it offers when, and what it asks a person."""

from __future__ import annotations

import json

import pytest

from agents.base import Allowance, Brief, Findings, Tried
from agents.errors import NothingToOffer
from agents.offline.author import OfflineAuthor, choose
from agents.offline.explaining import LONGEST_DIFF, diff
from agents.offline.findings import Patch, gather, hash_files
from agents.offline.lines import read

FILES = {"m.py": "def f(xs):\n    return 1\n"}
TESTS = {"test_m.py": "from m import f\n\ndef test_f():\n    assert f([1]) == 2\n"}


def sha(text):
    return hash_files({**FILES, "m.py": text})


def plausible(text, bits):
    edit = {"path": "m.py", "line": 2, "template": "const-tweak", "note": f"→ {text}", "suspicion": 0.5}
    said = {"kind": "plausible", "files": {"m.py": text}, "edits": [edit], "bits": bits, "tried": 9, "seconds": 0.1}
    return json.dumps(said)


def ranked(*places):
    order = [{"patch": sha(t), "bits": bits, "cluster": c, "reasons": list(why)} for t, bits, c, *why in places]
    return json.dumps({"kind": "ranked", "order": order, "compared": 80})


def question(**answers):
    said = [{"patch": sha(text), "answer": answer} for text, answer in answers.items()]
    return json.dumps({"kind": "question", "call": "f([1, 1])", "answers": said})


PARTIAL = json.dumps({"kind": "partial", "files": {"m.py": "half"}, "green": 1})
ENDED = json.dumps({"kind": "ended", "tried": 40, "found": 3, "reason": "exhausted", "seconds": 1.0})
THREE = (plausible("A", 4.0), plausible("B", 5.0), plausible("C", 6.0))


class Told:
    """A workshop whose program has written these lines."""

    def __init__(self, *lines):
        self.lines = lines

    async def run(self, *, files, locked, tools, argv, stdin, seconds, on_line=None):
        return Findings(lines=self.lines)


def brief(*texts):
    tried = tuple(
        Tried(number=n, author="offline", diff="", failure="", files_sha256=sha(text))
        for n, text in enumerate(texts, 1)
    )
    return Brief(goal="", files=FILES, tests=TESTS, tried=tried, allowance=Allowance(seconds=50.0))


async def test_what_was_found_out_after_the_search_decides_over_the_price():
    """The cheapest edit is not the likeliest one."""
    author = OfflineAuthor(Told(*THREE, ranked(("B", 3.0, 0), ("A", 7.0, 1, "it copies"), ("C", 9.0, 2)), ENDED))

    first = await author.write(brief())
    second = await author.write(brief("B"))

    assert (first.files["m.py"], second.files["m.py"]) == ("B", "A")
    assert "it copies" in second.note


async def test_after_a_rejection_comes_a_patch_that_does_something_else():
    """One of the same behaviour would be turned down in the same way; it comes last."""
    author = OfflineAuthor(Told(*THREE, ranked(("A", 3.0, 0), ("B", 4.0, 0), ("C", 9.0, 1)), ENDED))

    offered = [(await author.write(brief(*tried))).files["m.py"] for tried in ((), ("A",), ("A", "C"))]

    assert offered == ["A", "C", "B"]


def test_patches_whose_behaviour_is_unknown_stand_each_for_itself():
    """They may do different things."""
    patches = [Patch(files={"m.py": text}, edits=(), bits=1.0) for text in "AB"]

    assert choose(patches, {patches[0].sha256}) == patches[1]
    assert choose(patches, {patch.sha256 for patch in patches}) is None


async def test_a_question_says_how_two_patches_differ():
    """A person who knows what the program is for can answer it."""
    said = question(A="returns 3", C="returns 2")
    author = OfflineAuthor(Told(*THREE, ranked(("A", 3.0, 0), ("B", 3.5, 0), ("C", 4.0, 1)), said, ENDED))

    first = await author.write(brief())
    second = await author.write(brief("A"))

    assert (
        "Question: this patch returns 3 for `f([1, 1])`, another plausible one returns 2: which is right?" in first.note
    )
    assert first.question in first.note
    assert "this patch returns 2 for `f([1, 1])`" in second.question
    assert "2 other plausible patches, 1 of them does the same" in first.note


async def test_a_patch_that_the_question_is_not_about_comes_without_it():
    """Nothing is said of what it would answer."""
    author = OfflineAuthor(
        Told(*THREE, ranked(("A", 3.0, 0), ("C", 3.5, 1), ("B", 9.0, 2)), question(A="x", C="y"), ENDED)
    )

    third = await author.write(brief("A", "C"))

    assert third.files["m.py"] == "B"
    assert "Question" not in third.note
    assert third.question == ""


async def test_the_next_author_is_told_of_patches_that_were_not_good_enough():
    """As diffs, also of those that go part of the way."""
    author = OfflineAuthor(Told(*THREE, PARTIAL, ENDED))

    with pytest.raises(NothingToOffer) as caught:
        await author.write(brief("A", "B", "C"))

    lead = caught.value.lead
    assert len(lead.plausible) == 3
    assert "+A" in lead.plausible[0]
    assert [text.splitlines()[-1] for text in lead.partial] == ["+half"]


def test_a_long_diff_is_cut_off():
    """What a model is told has an end."""
    text = diff({"m.py": ""}, {"m.py": "x = 1\n" * 2_000})

    assert len(text) <= LONGEST_DIFF
    assert text.endswith("[...]")


FORGED = [
    pytest.param(json.dumps({"kind": "ranked", "order": [{"patch": "x", "bits": 1.0}], "compared": 1}), id="no-hash"),
    pytest.param(json.dumps({"kind": "question", "call": "f()", "answers": []}), id="no-answers"),
    pytest.param(json.dumps({"kind": "question", "call": "f(" + "1" * 999, "answers": []}), id="endless-call"),
    pytest.param(json.dumps({"kind": "partial", "files": {}, "green": 1}), id="nothing-changed"),
]


@pytest.mark.parametrize("line", FORGED)
def test_a_line_that_the_search_would_not_write_is_dropped(line):
    """The box wrote it."""
    assert read(line) is None


def test_a_question_about_patches_that_nobody_found_is_dropped():
    """So is the rank of one, and a partial patch of a file that was not handed in."""
    foreign = json.dumps({"kind": "partial", "files": {"other.py": "x"}, "green": 1})

    found = gather([*THREE, ranked(("Z", 1.0, 0)), question(A="x", Z="y"), foreign, ENDED], FILES)

    assert found.question is None
    assert found.partial == ()
    assert [patch.bits for patch in found.patches] == [4.0, 5.0, 6.0]
