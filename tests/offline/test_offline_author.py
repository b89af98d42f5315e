"""The author's own half: what it asks, what it believes, and what it offers in which order."""

from __future__ import annotations

import json

import pytest

from agents.base import Allowance, Brief, Findings, Tried
from agents.errors import NothingToOffer
from agents.offline.author import OfflineAuthor, hash_files
from agents.offline.lines import LONGEST, read
from agents.offline.toolbox import PACKAGE, tools
from engine.domain import hash_files as engine_hash

FILES = {"m.py": "def f():\n    return 1\n", "notes.txt": "kept"}
TESTS = {"test_m.py": "from m import f\n\ndef test_f():\n    assert f() == 2\n"}


def edit(note="`1` → `2`"):
    return {"path": "m.py", "line": 2, "template": "const-tweak", "note": note, "suspicion": 1.0}


def plausible(text, bits, tried=10, **more):
    return json.dumps(
        {
            "kind": "plausible",
            "files": {"m.py": text},
            "edits": [edit()],
            "bits": bits,
            "tried": tried,
            "seconds": 0.1,
            **more,
        }
    )


KINDS = {"operators": 30, "names": 10}
ENDED = json.dumps({"kind": "ended", "tried": 40, "found": 2, "kinds": KINDS, "reason": "exhausted", "seconds": 1.0})
SUSPECTS = json.dumps({"kind": "suspects", "lines": [{"path": "m.py", "line": 2, "score": 1.0}]})
PROGRESS = json.dumps({"kind": "progress", "tried": 20, "found": 1, "kinds": {"names": 20}, "message": ""})


class Told:
    """A workshop whose program has written these lines."""

    def __init__(self, *lines):
        self.lines = lines
        self.jobs = []

    async def run(self, *, files, locked, tools, argv, stdin, seconds, on_line=None):
        self.jobs.append((json.loads(stdin), seconds, argv, dict(tools)))
        for line in self.lines:
            on_line(line)
        return Findings(lines=self.lines)

    def prepare(self, *, tools, argv):
        self.jobs.append((argv, dict(tools)))


class Stopped(Told):
    """A workshop that is left before its program ends."""

    async def run(self, **job):
        await super().run(**job)
        raise TimeoutError


def brief(*tried, seconds=50.0):
    earlier = tuple(
        Tried(number=n, author="offline", diff="", failure="", files_sha256=h) for n, h in enumerate(tried, 1)
    )
    return Brief(goal="", files=FILES, tests=TESTS, tried=earlier, allowance=Allowance(seconds=seconds))


async def test_the_likeliest_patch_comes_first_and_the_next_without_a_new_search():
    """Searched once; each later question is answered from what was found."""
    workshop = Told(SUSPECTS, plausible("B", 9.0), plausible("A", 4.0), ENDED)
    author = OfflineAuthor(workshop)

    first = await author.write(brief())
    second = await author.write(brief(engine_hash(first.files)))

    assert (first.files, second.files) == ({**FILES, "m.py": "A"}, {**FILES, "m.py": "B"})
    assert len(workshop.jobs) == 1
    assert (first.candidates, second.candidates) == (40, 0)
    assert "m.py:2: `1` → `2` [const-tweak, the most suspicious line]" in first.note
    assert "1 other plausible patch" in first.note


async def test_a_new_instance_skips_what_was_tried_before():
    """After a crash the run goes on with another author object."""
    hashed = engine_hash({**FILES, "m.py": "A"})
    workshop = Told(plausible("A", 4.0), plausible("B", 9.0), ENDED)

    draft = await OfflineAuthor(workshop).write(brief(hashed))

    assert draft.files["m.py"] == "B"
    assert hashed in workshop.jobs[0][0]["known"]


async def test_at_the_end_it_says_what_was_tried_and_where_the_fault_may_be():
    """A person can go on from there."""
    author = OfflineAuthor(Told(SUSPECTS, ENDED))

    with pytest.raises(NothingToOffer) as caught:
        await author.write(brief())

    assert caught.value.candidates == 40
    assert "40 small edits were tried" in caught.value.what
    assert caught.value.lead is not None
    assert [(s.path, s.line, s.text) for s in caught.value.lead.suspects] == [("m.py", 2, "return 1")]
    assert caught.value.lead.kinds == KINDS


async def test_when_all_were_offered_it_says_so():
    """Every plausible patch was turned down."""
    author = OfflineAuthor(Told(plausible("A", 4.0), ENDED))
    first = await author.write(brief())

    with pytest.raises(NothingToOffer) as caught:
        await author.write(brief(engine_hash(first.files)))

    assert "the only patch" in caught.value.what


async def test_a_search_that_was_cut_off_offers_what_it_had_found():
    """Anytime: the deadline takes nothing away."""
    draft = await OfflineAuthor(Told(PROGRESS, plausible("A", 4.0))).write(brief())

    assert draft.files["m.py"] == "A"

    with pytest.raises(NothingToOffer, match="broke off"):
        await OfflineAuthor(Told(PROGRESS)).write(brief())


async def test_the_search_is_told_less_time_than_there_is():
    """The judge needs the rest."""
    workshop = Told(plausible("A", 4.0))

    await OfflineAuthor(workshop).write(brief(seconds=50.0))

    job, seconds, argv, sent = workshop.jobs[0]
    assert job["seconds"] == pytest.approx(40.0)
    assert 40 < seconds < 50
    assert argv[1].removeprefix("{tools}/") in sent


@pytest.mark.parametrize(("left", "search"), [(100.0, 80.0), (300.0, 120.0), (1_000.0, 400.0)])
async def test_a_search_takes_more_where_much_more_is_allowed(left: float, search: float):
    """So that it is true that a longer budget may help."""
    workshop = Told(plausible("A", 4.0))

    await OfflineAuthor(workshop).write(brief(seconds=left))

    assert workshop.jobs[0][0]["seconds"] == pytest.approx(search)


async def test_a_search_that_was_stopped_tells_what_it_said_until_then():
    """As at the end of a run's time, when nobody waits for its answer any more."""
    author = OfflineAuthor(Stopped(SUSPECTS, PROGRESS))
    assert author.so_far() is None

    with pytest.raises(TimeoutError):
        await author.write(brief())

    lead = author.so_far()
    assert lead is not None
    assert (lead.ending, lead.candidates, lead.kinds) == ("time", 20, {"names": 20})
    assert [suspect.text for suspect in lead.suspects] == ["return 1"]


async def test_who_watches_hears_how_far_it_is():
    """One sentence for each word from the box."""
    heard = []

    await OfflineAuthor(Told(PROGRESS, plausible("A", 4.0), ENDED), tell=heard.append).write(brief())

    assert heard == ["20 candidates tried, 1 plausible", "10 candidates tried, 1 plausible"]


FORGED = [
    pytest.param("not json", id="prose"),
    pytest.param('{"kind": "plausible"}', id="fields-missing"),
    pytest.param(plausible("A", 1.0, extra=1), id="fields-unknown"),
    pytest.param(plausible("A", float("nan")), id="rank-nan"),
    pytest.param(plausible("A", 1.0, tried=-1), id="count-negative"),
    pytest.param(
        json.dumps(
            {"kind": "plausible", "files": {"../x.py": "A"}, "edits": [edit()], "bits": 1.0, "tried": 1, "seconds": 0}
        ),
        id="file-not-handed-in",
    ),
    pytest.param(
        json.dumps(
            {"kind": "plausible", "files": {"test_m.py": "A"}, "edits": [edit()], "bits": 1.0, "tried": 1, "seconds": 0}
        ),
        id="test-file",
    ),
    pytest.param(json.dumps({"kind": "launch"}), id="kind-unknown"),
    pytest.param("[1]", id="no-object"),
]


@pytest.mark.parametrize("line", FORGED)
async def test_a_line_the_search_would_not_write_is_left_out(line):
    """The box wrote it: nothing in it is believed unchecked."""
    draft = await OfflineAuthor(Told(line, plausible("good", 50.0))).write(brief())

    assert draft.files["m.py"] == "good"


def test_a_line_without_end_is_dropped_unread():
    """Bounded before it is parsed."""
    assert read(" " * (LONGEST + 1)) is None


def test_it_names_files_as_the_engine_does():
    """An answer is recognised by the same hash."""
    assert hash_files(FILES) == engine_hash(FILES)


def test_the_search_is_sent_whole():
    """Every module of the package and what stands beside it."""
    sent = tools()

    assert {
        "launch.py",
        "pytest.ini",
        f"{PACKAGE}/__init__.py",
        f"{PACKAGE}/main.py",
        f"{PACKAGE}/templates/names.py",
    } <= sent.keys()
    assert not any("agents" in text for name, text in sent.items() if "import agents" in text)


async def test_the_first_plausible_patch_is_told_of_at_once():
    """Once for each search, with all files; one that names a file which is not the task's is none."""
    elsewhere = json.dumps({**json.loads(plausible("X", 1.0)), "files": {"other.py": "x"}})
    workshop = Told(SUSPECTS, elsewhere, plausible("B", 9.0), plausible("A", 4.0), ENDED)
    heard = []
    author = OfflineAuthor(workshop)
    author.foretell(heard.append)

    draft = await author.write(brief())
    await author.write(brief(engine_hash(draft.files)))

    assert heard == [{**FILES, "m.py": "B"}]


def test_what_is_made_ready_is_what_is_then_run():
    """Else the box that stands there would be of no use."""
    workshop = Told(ENDED)

    OfflineAuthor(workshop).make_ready()

    assert workshop.jobs == [(("python", "{tools}/launch.py"), dict(tools()))]


async def test_code_in_another_language_is_left_to_others():
    """No box is asked for anything: one sentence says why there is no answer."""
    workshop = Told()
    brief = Brief(goal="", language="javascript", files={"m.js": "x"}, tests={"m.test.js": "y"})

    with pytest.raises(NothingToOffer, match="it mends Python only, and this is in javascript"):
        await OfflineAuthor(workshop).write(brief)

    assert workshop.jobs == []
