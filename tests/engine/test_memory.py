"""What is learnt of verified runs, what it does to later ones, and that nothing depends on it."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from agents.base import Brief, Draft, EditMade
from engine.case import Case
from engine.conduct import Conductor
from engine.domain import Attempt, Run, Verdict
from engine.errors import MemoryUnavailable, UnknownRepair
from engine.events import nobody
from engine.journal import Journal
from engine.memory.entry import Mended, Recalled, Remembered
from engine.memory.hunks import LONGEST_PART, MOST_COMPARED, hunks
from engine.memory.learning import learn
from engine.memory.remembering import Memory
from engine.memory.resembling import lessons
from engine.memory.shifting import LEAST_LIKELY, MOST_LIKELY, shifts
from engine.memory.store import FILE, Store
from engine.owner import this_process
from tests.engine.made import (
    RIGHT,
    WRONG,
    MemoryRecord,
    OpinionatedJudge,
    PlayedSandbox,
    case,
    fair,
    finding,
    green,
    red,
    report,
    run,
    task,
)

BEFORE = '''def total(rows):
    """Sum."""
    out = []
    for row in rows:
        out.append(row)
    return sum(out)


LIMIT = 3
'''


def edit(template: str, line: int = 5, path: str = "m.py") -> EditMade:
    return EditMade(path=path, line=line, template=template, note="", suspicion=1.0)


def mended(before: str, after: str, *edits: EditMade, outcome: str = "verified", failure: str = "KeyError") -> Run:
    """A run whose only attempt made *after* of *before*."""
    files = {"m.py": after}
    draft = Draft(files=files, author="offline" if edits else "openai", edits=edits, failure=failure)
    attempt = Attempt(number=1, draft=draft, verdict=green(files) if outcome == "verified" else red(files), seconds=1)
    of = task(files={"m.py": before})
    ended = {"attempts": (attempt,), "outcome": outcome, "status": "ended", "files": files}
    return run(of).model_copy(update={**ended, "baseline": red({"m.py": before}, rule="ZeroDivisionError")})


def with_a_question(of: Run) -> Run:
    """The same run, whose author knew another answer that is about as likely."""
    asked = of.attempts[0].draft.model_copy(
        update={"question": "Question: this patch returns 3 for `f(1)`, another 4."}
    )
    return of.model_copy(update={"attempts": (of.attempts[0].model_copy(update={"draft": asked}),)})


def repair(number: int, template: str = "const-tweak", failure: str = "KeyError", **more: object) -> Remembered:
    fields = {
        "id": f"{number:012x}",
        "at": 1_000_000.0 + number,
        "run_id": "r",
        "author": "offline",
        "failure": failure,
        "mended": (Mended(template=template, old="1", new="2"),),
        "before": "a = 1",
        "after": "a = 2",
        "names": ("a",),
    }
    return Remembered.model_validate({**fields, **more})


def test_a_verified_repair_is_learnt_with_its_kind_its_words_and_its_function() -> None:
    """What a search changed, by the template it used."""
    after = BEFORE.replace("append", "extend")

    learnt = learn(mended(BEFORE, after, edit("method-replace")))

    assert learnt is not None
    assert learnt.mended == (Mended(template="method-replace", old="append", new="extend", within="Expr"),)
    assert (learnt.failure, learnt.author) == ("KeyError", "offline")
    assert learnt.before == BEFORE.split("\n\n\n", maxsplit=1)[0]
    assert "out.extend(row)" in learnt.after
    assert "LIMIT" not in learnt.before
    assert {"total", "rows", "append"} <= set(learnt.names)


def test_what_a_model_changed_is_learnt_from_the_text() -> None:
    """Place by place, and after the failure that the judge saw."""
    after = BEFORE.replace("append", "extend").replace("= 3", "= 30")

    learnt = learn(mended(BEFORE, after, failure=""))

    assert learnt is not None
    assert learnt.failure == "ZeroDivisionError"
    assert [(m.template, m.old, m.new, m.within) for m in learnt.mended] == [
        ("model", "append", "extend", "Expr"),
        ("model", "3", "30", "Assign"),
    ]


def test_each_of_several_edits_has_its_own_words() -> None:
    """By the line it stands in; one that joins two kinds teaches both."""
    after = BEFORE.replace("append", "extend").replace("= 3", "= 30")

    one, two = (learn(mended(BEFORE, after, *e)) for e in ((edit("a"), edit("b", line=9)), (edit("a+b"),)))

    assert one is not None
    assert [(m.template, m.new) for m in one.mended] == [("a", "extend"), ("b", "30")]
    assert two is not None
    assert {m.template for m in two.mended} == {"a", "b"}


def test_one_edit_in_two_places_has_the_words_from_the_first_to_the_last() -> None:
    """So that it is the same text as that of a candidate that changes both."""
    after = BEFORE.replace("def total(rows)", "def total(out)").replace("for row in rows", "for row in out")

    learnt = learn(mended(BEFORE, after, edit("rename")))

    assert learnt is not None
    assert len(learnt.mended) == 1
    assert learnt.mended[0].old.startswith("rows )")
    assert learnt.mended[0].old.endswith("rows")


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(mended(BEFORE, BEFORE.replace("3", "4"), outcome="no_fix"), id="not verified"),
        pytest.param(mended(BEFORE, BEFORE), id="nothing changed"),
        pytest.param(run(), id="no attempt"),
        pytest.param(with_a_question(mended(BEFORE, BEFORE.replace("3", "4"), edit("const-tweak"))), id="a question is open"),
        pytest.param(mended("\n".join(map(str, range(60))), "\n".join(f"{n * n};{n}" if n % 3 else str(n) for n in range(60))), id="changed all over"),
        pytest.param(mended("x = 1\n" * 100_000, "x = 2\n" + "x = 1\n" * 100_000), id="huge"),
    ],
)  # fmt: skip
def test_nothing_is_learnt_where_there_is_nothing_to_learn(of: Run) -> None:
    """Only from what was proven, and only from small changes."""
    assert learn(of) is None


def test_a_secret_in_the_code_is_not_remembered() -> None:
    """Neither in the text, nor as the words of the edit."""
    secret = "sk-proj-abcdefghijklmnop0123456789"
    before, after = (f'KEY = "{secret}{end}"\n' for end in ("a", "b"))

    learnt = learn(mended(before, after, edit("str-tweak", line=1)))

    assert learnt is not None
    assert secret not in learnt.model_dump_json()
    assert learnt.mended[0].old == learnt.mended[0].new == ""


def test_code_that_does_not_parse_is_learnt_from_as_well() -> None:
    """Some lines around the change stand for the function."""
    learnt = learn(mended("def f(x)\n    return x\n", "def f(x):\n    return x\n", edit("colon", line=1)))

    assert learnt is not None
    assert learnt.mended == (Mended(template="colon", old="", new=":", within=""),)
    assert learnt.before == "def f(x)\n    return x"


def test_a_long_function_is_shown_around_the_change() -> None:
    """What is kept of it is bounded."""
    body = "".join(f"    x{n} = {n}\n" for n in range(500))
    before = f"def f():\n{body}"

    learnt = learn(mended(before, before.replace("x250 = 250", "x250 = 251"), edit("const-tweak", line=252)))

    assert learnt is not None
    assert "x250 = 251" in learnt.after
    assert len(learnt.after) <= LONGEST_PART
    assert "x100 " not in learnt.after


def test_files_that_have_little_in_common_are_one_change() -> None:
    """They are not compared line by line with line: that takes the square of their length."""
    before, after = ("\n".join(f"{letter}{n}" for n in range(MOST_COMPARED + 1)) for letter in "ab")

    assert len(hunks(before, after)) == 1


def test_what_mended_a_failure_is_likelier_the_next_time() -> None:
    """The kind after this failure most, the kind after others less, the very edit most of all."""
    taught = {
        (s.failure, s.template, s.old, s.new): s.bits for s in shifts([repair(1), repair(2, "other", "TypeError")])
    }

    assert taught["KeyError", "const-tweak", "", ""] < taught["", "const-tweak", "", ""] < 0
    assert taught["TypeError", "const-tweak", "", ""] > taught["", "const-tweak", "", ""]
    assert taught["", "const-tweak", "1", "2"] < -4
    assert all(MOST_LIKELY <= bits <= LEAST_LIKELY for bits in taught.values())


def test_what_was_mended_lately_counts_more_than_what_was_long_ago() -> None:
    """A habit that was given up is forgotten by and by."""
    old = [repair(n, "then") for n in range(3)]
    new = [repair(n, "now") for n in range(3, 203)]

    taught = {s.template: s.bits for s in shifts(reversed(old + new)) if s.failure == "KeyError"}
    before = {s.template: s.bits for s in shifts(reversed(old)) if s.failure == "KeyError"}

    assert before["then"] < taught["then"]
    assert taught["now"] < -4


def test_a_model_has_no_kind_of_its_own_but_its_edit_counts() -> None:
    """No template is called so; a candidate with the same words is."""
    taught = shifts([repair(1, "model")])

    assert [(s.template, s.old, s.new) for s in taught] == [("", "1", "2")]


def test_the_repairs_that_resemble_a_case_are_its_lessons() -> None:
    """By names that few other repairs have, and by the failure; what has nothing to do with it is left out."""
    common = [repair(n, failure="X", names=("self", "x"), before=f"common {n}") for n in range(5)]
    alike = repair(9, failure="X", names=("self", "add", "a", "b"), before="alike")

    found = lessons([*common, alike], case())

    assert [lesson.before for lesson in found] == ["alike"]
    assert lessons(common, case()) == ()


async def test_a_run_is_told_what_earlier_runs_learnt(tmp_path: Path) -> None:
    """From the first brief on; the same memory, opened again, still knows."""
    first, second = Author(), Author()

    for author in (first, second):
        ended = await conductor(Memory(tmp_path)).fix(run(), author)
        assert ended.outcome == "verified"

    assert (first.briefs[0].shifts, first.briefs[0].lessons) == ((), ())
    assert [(s.old, s.new) for s in second.briefs[0].shifts] == [("-", "+")]
    assert [(lesson.before, lesson.after) for lesson in second.briefs[0].lessons] == [(WRONG.strip(), RIGHT.strip())]
    assert len(Store(tmp_path).newest(10)) == 1, "the same repair is remembered once"


async def test_what_is_only_judged_or_not_verified_teaches_nothing(tmp_path: Path) -> None:
    """`check` proves somebody's finished work, and a red run proves nothing."""
    await conductor(Memory(tmp_path)).check(run(), {"solution.py": RIGHT}, {"solution.py": WRONG})
    await conductor(Memory(tmp_path)).fix(run(), Author(WRONG + "# x\n"))

    assert not (tmp_path / FILE).exists()


async def test_a_resumed_run_does_not_ask_again_for_what_was_learnt_meanwhile(tmp_path: Path) -> None:
    """What is recalled does not decide what was asked before."""
    record, author = MemoryRecord(), Author(WRONG + "# wrong\n", RIGHT)
    await conductor(record=record).fix(run(), Author(WRONG + "# wrong\n"))
    Store(tmp_path).add(repair(1))

    ended = await conductor(Memory(tmp_path), record=record).fix(run(), author)

    assert ended.outcome == "no_fix"
    assert author.briefs == []


async def test_a_damaged_memory_is_told_once_and_stops_no_run(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One warning, however often it is wanted; the run ends as it would without."""
    (tmp_path / FILE).write_bytes(b"no database at all" * 100)
    memory = Memory(tmp_path)

    for _ in range(2):
        ended = await conductor(memory).fix(run(), Author())
        assert ended.outcome == "verified"

    assert [record.message for record in caplog.records].count("memory_unavailable") == 1
    assert (tmp_path / FILE).read_bytes().startswith(b"no database at all")


def test_a_memory_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written into what is not understood."""
    store = Store(tmp_path)
    store.add(repair(1))
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(MemoryUnavailable, match="later Mendbox"):
        store.add(repair(2))


def test_a_repair_of_another_shape_is_passed_over(tmp_path: Path) -> None:
    """The others are read all the same."""
    store = Store(tmp_path)
    store.add(repair(1))
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("INSERT INTO repairs VALUES ('x', 9e9, '{\"id\": 1}')")
    connection.close()

    assert [one.id for one in store.newest(5)] == [repair(1).id]


def test_the_store_is_bounded_and_the_oldest_leave(tmp_path: Path) -> None:
    """A memory that grows for ever fills somebody's disk."""
    store = Store(tmp_path, most=3)

    for number in range(5):
        store.add(repair(number))

    assert [one.at - 1_000_000 for one in store.newest(10)] == [4, 3, 2]


def test_only_the_owner_can_read_the_memory(tmp_path: Path) -> None:
    """It has pieces of somebody's code."""
    mask = os.umask(0)
    try:
        Store(tmp_path).add(repair(1))
    finally:
        os.umask(mask)

    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_what_is_forgotten_is_gone_from_the_file(tmp_path: Path) -> None:
    """Not merely marked as free."""
    store = Store(tmp_path)
    store.add(repair(1, before="a_very_special_name = 1"))
    assert b"a_very_special_name" in (tmp_path / FILE).read_bytes()

    store.forget(store.get(repair(1).id[:12]).id)

    assert b"a_very_special_name" not in (tmp_path / FILE).read_bytes()
    with pytest.raises(UnknownRepair):
        store.get(repair(1).id)


def test_a_beginning_has_to_name_one_repair(tmp_path: Path) -> None:
    """As with runs."""
    store = Store(tmp_path)
    store.add(repair(1))
    store.add(repair(2))

    with pytest.raises(UnknownRepair, match="several"):
        store.get("0000")
    with pytest.raises(UnknownRepair):
        store.get("")
    assert store.get(repair(2).id).at == repair(2).at


def test_the_old_are_forgotten_by_age(tmp_path: Path) -> None:
    """By when they were last seen."""
    store = Store(tmp_path)
    store.add(repair(1))
    store.add(repair(2, at=4e9))

    assert store.forget_older(30) == 1
    assert [one.id for one in store.newest(5)] == [repair(2).id]
    assert store.forget_all() == 1


async def test_the_journal_and_the_memory_share_a_folder_and_no_file(tmp_path: Path) -> None:
    """Neither can damage the other."""
    Store(tmp_path).add(repair(1))

    async with await Journal.open(tmp_path) as journal:
        await journal.begin(run(), author="offline", owner=this_process())

    assert len(Store(tmp_path).newest(5)) == 1


class Author:
    """Answers with *texts* in turn, and keeps its briefs."""

    name = "writer"

    def __init__(self, *texts: str) -> None:
        self._texts = texts or (RIGHT,)
        self.briefs: list[Brief] = []

    async def write(self, brief: Brief) -> Draft:
        self.briefs.append(brief)
        text = self._texts[min(len(brief.tried), len(self._texts) - 1)]
        return Draft(files={"solution.py": text}, author=self.name)


def conductor(memory: Memory | None = None, *, record: MemoryRecord | None = None) -> Conductor:
    def opinion(files: Mapping[str, str], of: Case) -> Verdict:
        return fair(files, of)

    return Conductor(
        sandbox=PlayedSandbox(),
        judge=OpinionatedJudge(opinion),
        record=record or MemoryRecord(),
        watch=nobody,
        memory=memory,
    )


def test_nothing_is_recalled_from_nothing(tmp_path: Path) -> None:
    """And looking makes no file."""
    assert Memory(tmp_path).recall(case()) == Recalled()
    assert list(tmp_path.iterdir()) == []


def test_the_first_exception_is_the_kind_of_failure() -> None:
    """What the linter says of the input is not what went wrong."""
    verdict = Verdict(
        files_sha256="0",
        reports=(
            report("lint", "failed", finding("unused", "F401", "lint")),
            report("tests", "failed", finding("boom", "IndexError")),
        ),
    )

    learnt = learn(mended(BEFORE, BEFORE.replace("3", "4"), failure="").model_copy(update={"baseline": verdict}))

    assert learnt is not None
    assert learnt.failure == "IndexError"
