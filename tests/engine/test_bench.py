"""Datasets: read line by line, healed side by side, counted."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from engine.bench import RowResult, bench, total
from engine.correctness.comparing import Correctness
from engine.dataset import BadRow, Row, SolvedRow, read_dataset, read_rows
from engine.domain import Budget, Run, Task
from engine.errors import BadInput, UnknownAuthor
from sandboxes.base import Limits
from sandboxes.errors import SandboxUnavailable
from tests.cli import runs

GOOD = {"id": "one", "buggy": "x = 1\n", "tests": "def test(): pass\n", "fixed": "x = 2\n", "extra_files": {}}


def dataset(tmp_path: Path, *rows: object) -> Path:
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n")
    return path


async def heal(entries: tuple[Row | BadRow, ...], how: object, jobs: int = 1) -> list[RowResult]:
    ended: list[RowResult] = []
    assert callable(how)
    await bench(entries, how, budget=Budget(), limits=Limits(), jobs=jobs, on_end=ended.append)
    return ended


async def mended(task: Task) -> Run:
    return runs.run(task.files, dict.fromkeys(task.files, "mended\n"), candidates=3)


def test_a_row_becomes_a_task_and_its_solution_is_never_read(tmp_path: Path) -> None:
    """`module` names the file; configuration among the extra files is frozen."""
    row = GOOD | {
        "module": "pkg.mod",
        "test_file": "tests/test_x.py",
        "extra_files": {"pkg/b.py": "", "conftest.py": ""},
    }

    (entry,) = read_dataset(dataset(tmp_path, row, ""))

    assert isinstance(entry, Row)
    task = entry.task(budget=Budget(), limits=Limits())
    assert sorted(task.files) == ["pkg/b.py", "pkg/mod.py"]
    assert sorted(task.tests) == ["conftest.py", "tests/test_x.py"]
    assert "x = 2" not in task.model_dump_json()


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param("{oops", "Invalid JSON", id="no JSON"),
        pytest.param("[1]", "", id="no object"),
        pytest.param({"id": "b", "tests": ""}, "buggy: Field required", id="a field is missing"),
        pytest.param(GOOD | {"id": "b", "module": "../evil"}, "module: ", id="a module that is none"),
        pytest.param(GOOD | {"id": "b", "extra_files": {"../e.py": ""}}, "no plain path", id="a path that escapes"),
        pytest.param(GOOD | {"id": "b", "extra_files": {"/e.py": ""}}, "no plain path", id="an absolute path"),
        pytest.param(GOOD | {"id": "b", "test_file": "a//b.py"}, "no plain path", id="an odd path"),
        pytest.param(GOOD | {"id": "b", "extra_files": {"Solution.py": ""}}, "one path twice", id="one path twice"),
        pytest.param(GOOD, "a second row with the id 'one'", id="an id that comes twice"),
    ],
)
async def test_a_line_that_is_no_row_is_named_and_does_not_stop_the_rest(
    tmp_path: Path, row: object, said: str
) -> None:
    """With its number in the file."""
    entries = read_dataset(dataset(tmp_path, GOOD, "", row))

    ended = await heal(entries, mended)

    assert [result.outcome for result in ended] == ["verified", None]
    assert ended[1].summary.startswith("line 3: ")
    assert said in ended[1].summary


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "it is empty", id="empty"),
        pytest.param(b"\xff\xfe", "no UTF-8 text", id="no text"),
        pytest.param(b"{}\n", "no row in .*: id: Field required", id="nothing but bad lines"),
        pytest.param(None, "cannot read the dataset", id="no such file"),
    ],
)
def test_a_dataset_without_a_row_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    """Before anything is run."""
    path = tmp_path / "rows.jsonl"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(BadInput, match=said):
        read_dataset(path)


def test_a_dataset_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its size, unread."""
    monkeypatch.setattr("engine.dataset.MOST_DATASET_MIB", 0)

    with pytest.raises(BadInput, match="larger than 0 MiB"):
        read_dataset(dataset(tmp_path, GOOD))


async def test_machinery_that_fails_under_one_row_is_that_rows_outcome() -> None:
    """The other rows are healed all the same."""

    async def second_fails(task: Task) -> Run:
        if "b = 1" in str(task.files):
            raise SandboxUnavailable("docker", "the engine went away")
        return await mended(task)

    rows = tuple(Row.model_validate(GOOD | {"id": name, "buggy": f"{name} = 1\n"}) for name in "abc")

    ended = await heal(rows, second_fails)

    assert [(result.id, result.outcome) for result in ended] == [
        ("a", "verified"),
        ("b", "environment"),
        ("c", "verified"),
    ]
    assert ended[0].files == {"solution.py": "mended\n"}
    assert ended[1].files == {"solution.py": "b = 1\n"}


async def test_what_is_wrong_for_every_row_is_raised_at_once() -> None:
    """An author that does not exist fits no row; the others are not begun."""

    async def nobody(task: Task) -> Run:
        raise UnknownAuthor("there is no author 'nobody'")

    with pytest.raises(UnknownAuthor):
        await heal((Row.model_validate(GOOD), Row.model_validate(GOOD | {"id": "two"})), nobody)


async def test_no_more_rows_than_jobs_are_healed_at_one_time() -> None:
    """And as many as that are."""
    now, most = 0, 0

    async def slow(task: Task) -> Run:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return await mended(task)

    rows = tuple(Row.model_validate(GOOD | {"id": str(number)}) for number in range(7))

    ended = await heal(rows, slow, jobs=3)

    assert most == 3
    assert len(ended) == 7


def test_a_total_counts_every_kind_of_end() -> None:
    """Rows, outcomes, time, candidates, money."""
    results = [
        RowResult(id="a", outcome="verified", seconds=1, candidates=5, usd=0.5, correct=True, located=True),
        RowResult(id="b", outcome="no_fix", seconds=3, candidates=7, located=False),
        RowResult(id="c", outcome=None),
        RowResult(id="d", outcome="verified", correct=False),
        RowResult(id="e", outcome="verified"),
    ]

    sums = total(results)

    assert sums.outcomes == {"bad_row": 1, "no_fix": 1, "verified": 3}
    assert (sums.rows, sums.verified, sums.seconds, sums.median_seconds, sums.candidates) == (5, 3, 4, 0, 12)
    assert (sums.correct, sums.overfitted, sums.located, sums.locatable) == (1, 1, 1, 2)
    assert sums.most_seconds == 3
    assert total([]).median_seconds == total([]).most_seconds == 0


def test_a_row_may_have_several_test_files_and_a_right_version_of_several_files(tmp_path: Path) -> None:
    """Both by path; the solution is read only where it is asked for."""
    row = GOOD | {
        "tests": {"test_a.py": "def test(): pass\n", "test_b.py": ""},
        "extra_files": {"other.py": "y = 1\n", "conftest.py": ""},
        "fixed": {"other.py": "y = 2\n"},
    }

    (entry,) = read_rows(dataset(tmp_path, row), SolvedRow)

    assert isinstance(entry, SolvedRow)
    task = entry.task(budget=Budget(), limits=Limits())
    assert sorted(task.tests) == ["conftest.py", "test_a.py", "test_b.py"]
    assert entry.right == {"solution.py": "x = 1\n", "other.py": "y = 2\n"}
    assert SolvedRow.model_validate({key: text for key, text in row.items() if key != "fixed"}).right == {}


async def test_what_is_verified_is_compared_with_the_right_version_and_nothing_else() -> None:
    """The comparison is told which tests the verdict was on."""
    asked = []

    async def compare(row: SolvedRow, healed: object, *, judged: object) -> Correctness:
        asked.append((row.id, healed, judged))
        return Correctness(correct=False, why="seed 3")

    async def only_one(task: Task) -> Run:
        outcome = "verified" if "one" in str(task.files) else "no_fix"
        return runs.run(task.files, dict.fromkeys(task.files, "mended\n"), outcome=outcome)

    rows = [SolvedRow.model_validate(GOOD | {"id": name, "buggy": f"{name} = 1\n"}) for name in ("one", "two")]

    ended = await bench(
        rows, only_one, budget=Budget(), limits=Limits(), jobs=1, on_end=lambda _: None, compare=compare
    )

    assert asked == [("one", {"solution.py": "mended\n"}, {"test_solution.py": GOOD["tests"]})]
    assert [(result.correct, result.correctness) for result in ended] == [(False, "seed 3"), (None, "")]


async def test_a_half_that_is_green_on_the_input_is_replaced_by_the_next_one() -> None:
    """Nothing could be healed by it; the seed that was taken is told."""
    tests = "def test_good(): pass\n\n\ndef test_bad(): assert False\n"
    given = []

    async def heal_if_red(task: Task) -> Run:
        given.append(task.tests["test_solution.py"])
        red = "test_bad" in given[-1]
        return runs.run(task.files, task.files, baseline=runs.verdict("failed" if red else "passed"))

    row = Row.model_validate(GOOD | {"tests": tests})

    for seed in range(6):
        given.clear()
        (ended,) = await bench(
            [row], heal_if_red, budget=Budget(), limits=Limits(), jobs=1, on_end=lambda _: None, half=seed
        )

        assert [text.count("def ") for text in given] == [1] * len(given)
        assert "test_bad" in given[-1]
        assert not any("test_bad" in text for text in given[:-1])
        assert ended.half == str(seed + len(given) - 1)


async def test_a_line_at_fault_is_looked_for_among_the_first_suspects_of_its_file() -> None:
    """Where the row tells none, nothing is said about it."""

    async def suspecting(task: Task) -> Run:
        found = [{"path": "other.py", "line": 1, "score": 1.0}]
        found += [{"path": "solution.py", "line": line, "score": 0.5} for line in range(2, 9)]
        return runs.run(task.files, task.files, suspects=found)

    rows = [Row.model_validate(GOOD | {"id": str(lines), "lines": lines}) for lines in ([], [1], [5, 9], [6])]

    ended = await heal(tuple(rows), suspecting)

    assert [result.located for result in ended] == [None, False, True, False]
    assert len(ended[0].suspects) == 5
