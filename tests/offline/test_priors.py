"""What earlier repairs do to the order of the candidates."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import accumulate

import pytest

from agents.offline.worker.edits import Change, Edit
from agents.offline.worker.generate import generate
from agents.offline.worker.job import Job
from agents.offline.worker.localise import Suspicion
from agents.offline.worker.priors import LONGEST, Priors, Shift
from agents.offline.worker.site import Hints
from agents.offline.worker.source import Source
from agents.offline.worker.templates.catalogue import CATALOGUE
from agents.words import difference

TEXT = "def joined(rows):\n    out = []\n    for row in rows:\n        out.append(row)\n    return out\n"


def change(old: str, new: str, template: str = "kind", text: str = TEXT) -> Change:
    at = text.index(old)
    return Change("m.py", 1, template, "note", (Edit(at, at + len(old), new),), 5.0)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param("out.append(row)", "out.extend(row)", ("append", "extend"), id="a word"),
        pytest.param("f(line)", "f(line.strip())", ("", ". strip ( )"), id="a call at the end"),
        pytest.param("line.split()", "line.strip().split()", ("", ". strip ( )"), id="the same call between others"),
        pytest.param("range( n )", "range(n+1)", ("", "+ 1"), id="spaces do not count"),
        pytest.param("range(n + 1)", "range(n)", ("+ 1", ""), id="something goes"),
        pytest.param("n - 1", "n - 1 - 1", ("", "- 1"), id="leftmost"),
        pytest.param("a, b", "b, a", ("a , b", "b , a"), id="places changed"),
        pytest.param("  x", "x", ("", ""), id="only the depth"),
    ],
)
def test_the_same_slip_has_the_same_words_wherever_it_stands(before: str, after: str, words: tuple[str, str]) -> None:
    """What is around it, and how it is spaced, makes no difference."""
    assert difference(before, after) == words


def test_a_candidate_gets_the_bits_of_its_kind_and_of_its_words() -> None:
    """An edit that is known of no kind counts whatever the candidate's template is called."""
    known = Shift("", "method-replace", "append", "extend", -5.0)
    priors = Priors([Shift("", "method-replace", "", "", -3.0), known])
    of_any = Priors([replace(known, template="")])

    assert priors.bits(change("append", "extend", "method-replace"), TEXT) == -8.0
    assert priors.bits(change("out.append", "out.extend", "other"), TEXT) == 0.0
    assert of_any.bits(change("out.append", "out.extend", "other"), TEXT) == -5.0
    assert priors.bits(change("append", "insert", "method-replace"), TEXT) == -3.0
    assert priors.bits(change("append", "insert", "other"), TEXT) == 0.0
    assert (priors.least("method-replace"), priors.least("other"), of_any.least("other")) == (-8.0, 0.0, -5.0)


def test_words_that_only_go_are_known_again() -> None:
    """A deletion has no new word to look for."""
    priors = Priors([Shift("", "", "+ 1", "", -4.0)])
    text = "x = range(n + 1)\n"

    assert priors.bits(change("n + 1", "n", text=text), text) == -4.0
    assert priors.bits(change("n + 1", "n - 1", text=text), text) == 0.0


def test_what_is_known_of_the_failure_at_hand_counts_first() -> None:
    """And what is known of another failure does not count at all."""
    shifts = [Shift("KeyError", "a", "", "", -4.0), Shift("", "a", "", "", -1.0), Shift("TypeError", "b", "", "", -5.0)]

    priors = Priors(shifts, "KeyError")

    assert priors.bits(change("row", "rows", "a"), TEXT) == -4.0
    assert priors.bits(change("row", "rows", "b"), TEXT) == 0.0
    assert Priors(shifts, "IndexError").bits(change("row", "rows", "a"), TEXT) == -1.0


def test_no_shift_makes_a_candidate_impossible() -> None:
    """A memory that has gone wrong costs some places in the order, and no more."""
    priors = Priors([Shift("", "kind", "", "", 20.0), Shift("", "", "append", "extend", -20.0)])

    assert priors.bits(change("append", "insert"), TEXT) == 2.0
    assert priors.bits(change("append", "extend"), TEXT) == -4.0
    assert priors.bits(change("append", "x" * (LONGEST + 1)), TEXT) == 2.0


def test_all_changes_are_still_proposed_and_the_known_one_comes_first() -> None:
    """The same candidates, in another order; none comes later than its kind's usual number of alternatives lets it."""
    usual = {template.name: template.least for template in CATALOGUE}
    sources = {"m.py": Source("m.py", TEXT)}
    suspicion = Suspicion(everywhere=True)
    priors = Priors([Shift("", "method-replace", "append", "extend", -6.0)])

    plain = list(generate(sources, suspicion, Hints()))
    taught = list(generate(sources, suspicion, Hints(), priors=priors))

    assert {(c.template, c.edits) for c in plain} == {(c.template, c.edits) for c in taught}
    assert taught[0].note == "`.append` → `.extend`"
    dearest = accumulate((c.bits for c in taught), max)
    assert all(before - c.bits <= usual[c.template] + 1e-9 for c, before in zip(taught, dearest, strict=True))


def test_the_job_brings_the_shifts_along() -> None:
    """As the author writes them; one that is told none searches as ever."""
    shift = {"failure": "KeyError", "template": "a", "old": "b", "new": "c", "bits": -1.5}

    job = json.dumps({"files": {}, "tests": {}, "seconds": 1, "shifts": [shift]})

    assert Job.read(job).shifts == (Shift("KeyError", "a", "b", "c", -1.5),)
    assert Job.read('{"files": {}, "tests": {}, "seconds": 1}').shifts == ()
    assert not Priors()
