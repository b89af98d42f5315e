"""What was judged once is not judged again, and what may come out otherwise is never taken from an earlier run."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path

import pytest
from sqlalchemy import inspect

from agents.base import Suite
from engine import fingerprint
from engine.caching import CachingJudge
from engine.case import Case
from engine.domain import Budget, Ending, Finding, Proof, Report, Run, TestResult, Verdict
from engine.journal import FILE, Journal, Retention
from engine.journal.database import open_sqlite
from engine.journal.ledger import Ledger
from engine.journal.schema import MIGRATIONS
from engine.journal.verdicts import _seal
from engine.owner import this_process
from sandboxes.base import Limits
from sandboxes.errors import SandboxUnavailable
from tests.engine.made import (
    NODE,
    RIGHT,
    TEST,
    WRONG,
    Opinion,
    OpinionatedJudge,
    case,
    fair,
    finding,
    green,
    red,
    report,
    results,
    run,
    task,
)

RIGHT_FILES = {"solution.py": RIGHT}


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncGenerator[Journal]:
    async with await Journal.open(tmp_path) as opened:
        yield opened


def input_of(files: Mapping[str, str]) -> Verdict:
    return red(files).model_copy(update={"image": "sha256:1"})


def judged_only(**more: object) -> Case:
    """A case nobody goes on from, as `mendbox check` has it."""
    return case(only_judged=True, baseline=input_of({"solution.py": WRONG}), **more)


class Court:
    """One journal, one judge that counts, and runs one after another."""

    def __init__(self, journal: Journal, opinion: Opinion = fair, **changes: object) -> None:
        self.judge = OpinionatedJudge(lambda files, of: opinion(files, of).model_copy(update=self.changes))
        self.changes: dict[str, object] = {"image": "sha256:1", "box": "box-1", **changes}
        self.image: str | Exception = "sha256:1"
        self.environments = {"mendbox/environment:a": "sha256:a", "mendbox/environment:b": "sha256:b"}
        self.judged_by = "this judge"
        self._journal = journal

    async def look(self, environment: str) -> str:
        if isinstance(self.image, Exception):
            raise self.image
        return self.environments[environment] if environment else self.image

    async def judge_in(
        self,
        name: str,
        of: Case | None = None,
        files: Mapping[str, str] = RIGHT_FILES,
        *,
        fresh: bool = False,
        outcome: Ending | None = "verified",
    ) -> Verdict:
        """The verdict on *files* in the run *name*, which ends with *outcome*, or goes on where None."""
        of = of or judged_only()
        await self._journal.begin(Run(id=name, task=of.task), author="caller", owner=this_process())
        caching = CachingJudge(self.judge, self._journal, judged_by=self.judged_by, image=self.look, fresh=fresh)
        verdict = await caching.judge(files, of, run_id=name)
        if outcome is not None:
            await self._journal.save(Run(id=name, task=of.task, status="ended", outcome=outcome))
        return verdict


async def test_the_same_is_judged_once(journal: Journal):
    """The second run gets the first one's verdict whole: its box, its time, and the name of the run that took it."""
    court = Court(journal)

    first = await court.judge_in("first")
    second = await court.judge_in("second")
    third = await court.judge_in("third")

    assert court.judge.asked == 1
    assert (first.from_run, first.box) == ("", "box-1")
    assert first.judged.startswith("20")
    assert second == third == first.model_copy(update={"from_run": "first"})


async def test_fresh_judges_again_and_is_what_others_get(journal: Journal):
    """It ignores what is kept, and what comes out is kept."""
    court = Court(journal)
    await court.judge_in("first")

    fresh = await court.judge_in("second", fresh=True)
    later = await court.judge_in("third")

    assert court.judge.asked == 2
    assert (fresh.from_run, later.from_run) == ("", "second")


def placed(environment: str) -> Case:
    """A case that is judged in an environment."""
    return judged_only(of=task(limits=Limits(environment=environment)))


async def test_a_verdict_in_an_environment_is_found_by_its_image(journal: Journal):
    """Which is not the usual one; another environment has another, and so has one that was made anew."""
    court = Court(journal, image="sha256:a")
    await court.judge_in("first", placed("mendbox/environment:a"))

    second = await court.judge_in("second", placed("mendbox/environment:a"))
    court.changes["image"] = "sha256:b"
    other = await court.judge_in("third", placed("mendbox/environment:b"))
    court.environments["mendbox/environment:a"] = "sha256:b"
    anew = await court.judge_in("fourth", placed("mendbox/environment:a"))

    assert [second.from_run, other.from_run, anew.from_run] == ["first", "", ""]
    assert court.judge.asked == 3


async def test_a_draft_that_was_judged_in_another_environment_is_judged_again(journal: Journal):
    """It asked for other packages than the case has, and what comes of that is not known without an index."""
    court = Court(journal, image="sha256:b")

    await court.judge_in("first", placed("mendbox/environment:a"))
    second = await court.judge_in("second", placed("mendbox/environment:a"))

    assert second.from_run == ""


def with_task(**changes: object) -> Case:
    return case(task(**changes), only_judged=True, baseline=input_of({"solution.py": WRONG}))


@pytest.mark.parametrize(
    ("of", "files"),
    [
        pytest.param(judged_only(), {"solution.py": f"{RIGHT}\n"}, id="file"),
        pytest.param(judged_only(), {"solution.py": RIGHT, "other.py": ""}, id="one more file"),
        pytest.param(with_task(tests={"test_solution.py": f"{TEST}\n"}), RIGHT_FILES, id="test"),
        pytest.param(judged_only(before={"solution.py": f"{WRONG}#"}), RIGHT_FILES, id="before"),
        pytest.param(judged_only(stand_in=True), RIGHT_FILES, id="stand-in"),
        pytest.param(with_task(limits=Limits(memory_mib=256)), RIGHT_FILES, id="limit"),
        pytest.param(with_task(budget=Budget(test_seconds=21)), RIGHT_FILES, id="seconds of the tests"),
        pytest.param(judged_only().model_copy(update={"baseline": None}), RIGHT_FILES, id="as the input"),
        pytest.param(case(baseline=input_of({"solution.py": WRONG})), RIGHT_FILES, id="to go on from"),
        pytest.param(
            judged_only().model_copy(update={"baseline": red({"solution.py": WRONG}, "another message")}),
            RIGHT_FILES,
            id="other findings on the input",
        ),
    ],
)
async def test_whatever_a_verdict_depends_on_is_told_apart(journal: Journal, of: Case, files: Mapping[str, str]):
    """One thing changed, and it is judged anew."""
    court = Court(journal)
    await court.judge_in("first")

    verdict = await court.judge_in("second", of, files)

    assert (court.judge.asked, verdict.from_run) == (2, "")


async def test_another_judge_or_image_is_another_verdict(journal: Journal):
    """A new version serves nothing of an old one; nor does a box made from something else."""
    court = Court(journal)
    await court.judge_in("first")

    court.judged_by = "another judge"
    other_judge = await court.judge_in("second")
    court.judged_by, court.image = "this judge", "sha256:2"
    court.changes["image"] = "sha256:2"
    other_image = await court.judge_in("third")
    court.image = "sha256:1"
    back = await court.judge_in("fourth")

    assert court.judge.asked == 3
    assert [verdict.from_run for verdict in (other_judge, other_image, back)] == ["", "", "first"]


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(with_task(goal="Something else."), id="goal"),
        pytest.param(with_task(error="Boom"), id="error"),
        pytest.param(with_task(budget=Budget(attempts=1, seconds=1)), id="budget of the run"),
    ],
)
async def test_what_no_verdict_depends_on_makes_no_difference(journal: Journal, of: Case):
    """Words and what an author may spend are not judged."""
    court = Court(journal)
    await court.judge_in("first")

    assert (await court.judge_in("second", of)).from_run == "first"


def flaky(files: Mapping[str, str], _case: Case) -> Verdict:
    return red(files).model_copy(update={"flaky": (NODE,)})


def unlike_its_repeat(files: Mapping[str, str], _case: Case) -> Verdict:
    return green(files, "repeat agrees")


def says(*findings: Finding, tests: tuple[TestResult, ...] = (), **more: object) -> Opinion:
    shown = report("tests", "failed", *findings, tests=tests, **more)
    return lambda files, _: red(files).model_copy(update={"reports": (shown,)})


@pytest.mark.parametrize(
    ("opinion", "changes"),
    [
        pytest.param(flaky, {}, id="flaky"),
        pytest.param(unlike_its_repeat, {}, id="a repeat that disagrees"),
        pytest.param(says(), {"reports": (report("lint", "broken"),)}, id="broken"),
        pytest.param(says(tests=results(test_add="hung")), {}, id="hung"),
        pytest.param(says(finding("not in time", "timeout")), {}, id="timeout"),
        pytest.param(says(finding("too much", "memory")), {}, id="memory"),
        pytest.param(says(finding("no word", "no-report")), {}, id="no report"),
        pytest.param(says(finding(), seconds=11.0), {}, id="nearly too slow"),
        pytest.param(fair, {"image": ""}, id="no box was needed"),
    ],
)
async def test_what_may_come_out_otherwise_is_judged_every_time(
    journal: Journal, opinion: Opinion, changes: Mapping[str, object]
):
    """Chance, the load of the machine, and what the judge could not tell."""
    court = Court(journal, opinion, **changes)

    verdicts = [await court.judge_in(name) for name in ("first", "second")]

    assert court.judge.asked == 2
    assert {verdict.from_run for verdict in verdicts} == {""}


async def test_nothing_is_kept_that_was_compared_with_a_flaky_input(journal: Journal):
    """What was red before may have been so by chance."""
    court = Court(journal)
    unsteady = input_of({"solution.py": WRONG}).model_copy(update={"flaky": (NODE,)})
    of = judged_only().model_copy(update={"baseline": unsteady})

    await court.judge_in("first", of)
    await court.judge_in("second", of)

    assert court.judge.asked == 2


async def test_a_red_draft_is_kept_only_where_it_was_looked_at_twice(journal: Journal):
    """Where an author goes on from it, its red was seen once, and its tests may be flaky."""
    court, files = Court(journal), {"solution.py": f"{WRONG}# a draft"}
    goes_on = case(baseline=input_of({"solution.py": WRONG}))

    await court.judge_in("first", goes_on, files)
    await court.judge_in("second", goes_on, files)
    await court.judge_in("third", judged_only(), files)
    last = await court.judge_in("fourth", judged_only(), files)

    assert (court.judge.asked, last.from_run) == (3, "third")


@pytest.mark.parametrize("outcome", ["cancelled", "environment", None])
async def test_runs_that_came_to_no_conclusion_give_nothing(journal: Journal, outcome: Ending | None):
    """Somebody stopped it, the machinery failed, or it goes on."""
    court = Court(journal)
    await court.judge_in("first", outcome=outcome)

    verdict = await court.judge_in("second")

    assert (court.judge.asked, verdict.from_run) == (2, "")


async def test_two_verdicts_that_contradict_each_other_bar_both(journal: Journal):
    """The content does not decide, so neither is served, until the run of one of them is forgotten."""
    court = Court(journal)
    await court.judge_in("first")
    court.judge = OpinionatedJudge(lambda files, _: red(files).model_copy(update={"image": "sha256:1"}))
    await court.judge_in("second", fresh=True)

    third = await court.judge_in("third", outcome=None)
    await journal.forget("first")
    fourth = await court.judge_in("fourth", outcome=None)

    assert (third.from_run, fourth.from_run) == ("", "second")


async def test_one_flaky_verdict_bars_those_that_looked_steady(journal: Journal):
    """Also from a run that was cancelled after it was seen."""
    court = Court(journal)
    await court.judge_in("first")
    court.judge = OpinionatedJudge(lambda files, of: flaky(files, of).model_copy(update={"image": "sha256:1"}))
    await court.judge_in("second", fresh=True, outcome="cancelled")

    verdict = await court.judge_in("third")

    assert (court.judge.asked, verdict.from_run) == (2, "")


async def test_without_an_image_or_an_engine_the_judge_is_asked(journal: Journal):
    """What is wrong with the engine is the judge's to say, for some files need no box."""
    court = Court(journal)
    await court.judge_in("first")

    court.image = ""
    await court.judge_in("second")
    court.image = SandboxUnavailable("docker", "no daemon")
    await court.judge_in("third")

    assert court.judge.asked == 3


async def test_a_verdict_goes_with_its_run(tmp_path: Path):
    """Forgotten by hand or by age, and what is left refers to nothing that is gone."""
    async with await Journal.open(tmp_path) as journal:
        court = Court(journal)
        await court.judge_in("first")
        await journal.forget("first")
        second = await court.judge_in("second")
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("update runs set begun = 0")
    connection.close()

    async with await Journal.open(tmp_path, keep=Retention(days=1)) as journal:
        third = await Court(journal).judge_in("third")

    assert (second.from_run, third.from_run) == ("", "")
    with sqlite3.connect(tmp_path / FILE) as connection:
        assert connection.execute("select distinct run_id from verdicts").fetchall() == [("third",)]
        assert connection.execute("pragma foreign_key_check").fetchall() == []
    connection.close()


def reseal(connection: sqlite3.Connection) -> None:
    """Make every row's hash fit again, as only somebody who knows how can do."""
    for key, run_id, body in connection.execute("select key, run_id, body from verdicts").fetchall():
        connection.execute("update verdicts set sha256 = ? where key = ?", (_seal(key, run_id, body), key))


def edited(change: str) -> Callable[[sqlite3.Connection], None]:
    def edit(connection: sqlite3.Connection) -> None:
        rows = "select * from verdicts"
        before = connection.execute(rows).fetchall()
        connection.execute(f"update verdicts set {change}")
        assert connection.execute(rows).fetchall() != before

    return edit


def and_resealed(change: str) -> Callable[[sqlite3.Connection], None]:
    def edit(connection: sqlite3.Connection) -> None:
        edited(change)(connection)
        reseal(connection)

    return edit


OTHER_FILES = f'body = replace(body, \'"files_sha256":"\', \'"files_sha256":"{"0" * 64}\')'


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(edited("""body = replace(body, '"held":true', '"held":false')"""), id="another verdict"),
        pytest.param(edited("body = substr(body, 1, 200)"), id="cut"),
        pytest.param(edited("body = ''"), id="empty"),
        pytest.param(edited("sha256 = ''"), id="hash"),
        pytest.param(edited(f"key = '{'0' * 64}'"), id="moved to another key"),
        pytest.param(and_resealed("body = '{}'"), id="no verdict"),
        pytest.param(and_resealed("body = 'x'"), id="no json"),
        pytest.param(and_resealed(OTHER_FILES), id="other files"),
        pytest.param(and_resealed("""body = replace(body, '"sha256:1"', '"sha256:2"')"""), id="another image"),
        pytest.param(and_resealed("""body = replace(body, '"flaky":[]', '"flaky":["x"]')"""), id="flaky after all"),
    ],
)
async def test_a_row_that_is_not_what_was_recorded_is_not_served(
    journal: Journal, tmp_path: Path, damage: Callable[[sqlite3.Connection], None]
):
    """It is judged anew, and that verdict is served to the next."""
    court = Court(journal)
    await court.judge_in("first")
    with sqlite3.connect(tmp_path / FILE) as connection:
        damage(connection)
    connection.close()

    second = await court.judge_in("second")
    third = await court.judge_in("third")

    assert (court.judge.asked, second.from_run, third.from_run) == (2, "", "second")


async def test_two_that_judge_the_same_at_once_both_may(tmp_path: Path):
    """Each through a journal of its own, as two processes have it; afterwards there is one verdict to be had."""
    async with await Journal.open(tmp_path) as one, await Journal.open(tmp_path) as other:
        courts = [Court(one), Court(other)]
        names = [(court, f"run-{number}") for number, court in enumerate(courts * 10)]

        verdicts = await asyncio.gather(*(court.judge_in(name) for court, name in names))
        later = await courts[0].judge_in("later")

    assert {verdict.verified for verdict in verdicts} == {True}
    assert later.from_run in {name for _, name in names}


async def test_a_journal_of_the_first_version_gets_a_place_for_verdicts(tmp_path: Path):
    """Its runs are still there, and what is judged from now on is judged once."""
    old = open_sqlite(tmp_path / FILE, MIGRATIONS[:1])
    Ledger(old).begin(run(), "auto", this_process(), "")
    with old.reading() as connection:
        assert not inspect(connection).has_table("verdicts")
    old.close()

    async with await Journal.open(tmp_path) as journal:
        court = Court(journal)
        await court.judge_in("first")
        second = await court.judge_in("second")

        assert (await journal.load(run().id)).task == run().task
    assert second.from_run == "first"


async def test_a_large_verdict_is_served_whole(journal: Journal):
    """Also where its parts are kept once, and shared with the steps of its run."""
    many = tuple(TestResult(node_id=f"test_solution.py::test_{number}", ended="passed") for number in range(500))

    def opinion(files: Mapping[str, str], _case: Case) -> Verdict:
        proofs = (Proof(name="tests passed", held=True, detail="x" * 3_000),)
        return green(files).model_copy(update={"reports": (report("tests", tests=many),), "proofs": proofs})

    court = Court(journal, opinion)
    first = await court.judge_in("first")

    assert await court.judge_in("second") == first.model_copy(update={"from_run": "first"})


def test_the_fingerprint_covers_all_that_judges():
    """Every source of the judge is in it, down to the programs inside the box; what is only shown is not."""
    covered = {path.as_posix() for path in fingerprint.files()}

    assert {
        "engine/judging.py",
        "engine/isolation.py",
        "engine/proofs.py",
        "engine/flakiness.py",
        "engine/case.py",
        "engine/checks/listing.py",
        "engine/checks/inside/session.py",
        "engine/checks/inside/pytest.ini",
        "engine/checks/inside/apart/session.py",
        "engine/twins/making.py",
        "sandboxes/hardening.py",
        "sandboxes/seccomp.json",
    } <= covered
    assert not any(path.startswith("engine/cli/") for path in covered)


def test_another_text_is_another_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One changed letter, or a new name for the same text."""
    (tmp_path / "engine").mkdir()
    (tmp_path / "sandboxes").mkdir()
    file = tmp_path / "engine" / "judging.py"
    monkeypatch.setattr(fingerprint, "_ROOT", tmp_path)
    take = fingerprint.fingerprint.__wrapped__

    file.write_text("x = 1\n")
    one = take()
    same = take()
    file.write_text("x = 2\n")
    other = take()
    file.rename(file.with_name("proofs.py"))
    renamed = take()

    assert one == same
    assert len({one, other, renamed}) == 3


@pytest.mark.parametrize(
    ("took", "asked"), [pytest.param(1.0, 1, id="far from it"), pytest.param(11.0, 2, id="near the second one")]
)
async def test_a_suite_that_was_seen_is_not_run_again_to_be_mended(journal: Journal, took: float, asked: int):
    """It may take long the first time and less from then on; only where it comes near that is it run again."""
    court = Court(journal, lambda files, of: fair(files, of).model_copy(update={"reports": (suite_that(took),)}))
    tasks = (task(suite=Suite(), budget=Budget(test_seconds=seconds)) for seconds in (400, 20))
    first, then = (case(of).model_copy(update={"baseline": None}) for of in tasks)

    await court.judge_in("first", first, {"solution.py": WRONG})
    await court.judge_in("second", then, {"solution.py": WRONG})

    assert court.judge.asked == asked


def suite_that(took: float) -> Report:
    return Report(check="tests", status="failed", summary="1 failed", seconds=took)
