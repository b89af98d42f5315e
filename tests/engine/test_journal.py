"""The journal: an effect happens once, a run comes back as it was saved, and nothing grows for ever."""

import asyncio
import os
import sqlite3
import stat
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import Column, Connection, Integer, MetaData, Table, insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from agents.base import Draft
from engine.domain import Budget, Run, Task
from engine.errors import JournalTooNew, JournalUnavailable, RunGoesOn, UnknownRun, Unreadable
from engine.journal import FILE, Journal, Retention
from engine.journal.database import insert_unless_there, open_sqlite
from engine.journal.schema import MIGRATIONS, entries, meta, metadata, runs
from engine.owner import this_process

ME = this_process()
DEAD = f"4194305:1:{ME.split(':', 2)[2]}"
ELSEWHERE = "1:1:another-boot:1"


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncGenerator[Journal]:
    async with await Journal.open(tmp_path / "data") as opened:
        yield opened


def a_run(run_id: str = "aaaa-1111", **fields: object) -> Run:
    return Run.model_validate({"id": run_id, "task": Task(files={"a.py": "print(1)\n"}), **fields})


def draft(text: str = "x") -> Draft:
    return Draft(files={"a.py": text}, author="somebody")


class Counted:
    """An effect that says how often it happened."""

    def __init__(self, result: Draft | BaseException) -> None:
        self.result = result
        self.times = 0

    async def __call__(self) -> Draft:
        self.times += 1
        await asyncio.sleep(0.01)
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


async def test_a_step_happens_once(journal: Journal):
    """The second time its record is returned and the effect is not called."""
    await journal.begin(a_run(), author="auto", owner=ME)
    effect = Counted(draft("x" * 5_000))

    first = await journal.step("aaaa-1111", "author", "brief", effect, Draft)
    second = await journal.step("aaaa-1111", "author", "brief", effect, Draft)

    assert first == second == effect.result
    assert effect.times == 1


async def test_a_step_is_told_from_every_other(journal: Journal):
    """By run, kind and inputs."""
    await journal.begin(a_run(), author="auto", owner=ME)
    await journal.begin(a_run("bbbb"), author="auto", owner=ME)
    effect = Counted(draft())

    for run_id, kind, inputs in (("aaaa-1111", "a", "x"), ("bbbb", "a", "x"), ("bbbb", "b", "x"), ("bbbb", "b", "y")):
        await journal.step(run_id, kind, inputs, effect, Draft)

    assert effect.times == 4


async def test_an_effect_that_raises_records_nothing(journal: Journal):
    """It is asked again the next time."""
    await journal.begin(a_run(), author="auto", owner=ME)

    with pytest.raises(ZeroDivisionError):
        await journal.step("aaaa-1111", "author", "x", Counted(ZeroDivisionError()), Draft)

    assert await journal.steps("aaaa-1111") == ()
    assert await journal.step("aaaa-1111", "author", "x", Counted(draft()), Draft) == draft()


async def test_tasks_that_ask_at_once_share_one_effect(journal: Journal):
    """Also when the first of them is cancelled, or fails: then the next one asks."""
    await journal.begin(a_run(), author="auto", owner=ME)
    effect = Counted(draft())

    asked = [asyncio.create_task(journal.step("aaaa-1111", "author", "x", effect, Draft)) for _ in range(5)]
    await asyncio.sleep(0.005)
    asked[0].cancel()
    results = await asyncio.gather(*asked, return_exceptions=True)

    assert results[1:] == [draft()] * 4
    assert effect.times <= 2


async def test_an_answer_that_came_is_recorded_although_its_asker_was_cancelled(journal: Journal):
    """What has been paid for is not paid for twice."""
    await journal.begin(a_run(), author="auto", owner=ME)
    came = asyncio.Event()

    async def effect() -> Draft:
        came.set()
        return draft()

    asking = asyncio.create_task(journal.step("aaaa-1111", "author", "x", effect, Draft))
    await came.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    assert len(await journal.steps("aaaa-1111")) == 1


async def test_a_run_comes_back_as_it_was_saved_last(journal: Journal):
    """Texts of any size and kind, under the beginning of its id."""
    await journal.begin(a_run(), author="offline", owner=ME)
    files = {"$text": "a" * 600, "b.py": '{"$text": "x"}', "ü b.py": "\0\ud800" * 400}
    saved = a_run(
        task=Task(files=files), status="ended", outcome="no_fix", reason="budget", summary="\0\ud800", seconds=2
    )

    await journal.save(saved)

    assert await journal.load("aaaa") == saved
    assert await journal.author_of("a") == "offline"
    (line,) = await journal.recent(10)
    assert (line.id, line.status, line.outcome, line.reason, line.summary) == (
        "aaaa-1111",
        "ended",
        "no_fix",
        "budget",
        " ?",
    )


async def test_an_id_must_name_one_run(journal: Journal):
    """A whole id wins over those that begin with it."""
    for run_id in ("ab", "abc", "abd", "x%y"):
        await journal.begin(a_run(run_id), author="auto", owner=ME)

    assert (await journal.load("ab")).id == "ab"
    assert (await journal.load("x")).id == "x%y"
    for unknown in ("", "a", "zz", "%", "AB"):
        with pytest.raises(UnknownRun):
            await journal.load(unknown)
    with pytest.raises(LookupError, match="several"):
        await journal.author_of("a")
    with pytest.raises(UnknownRun):
        await journal.save(a_run("never-begun"))
    with pytest.raises(UnknownRun):
        await journal.step("never-begun", "author", "x", Counted(draft()), Draft)


async def test_the_newest_run_is_listed_first(journal: Journal):
    """And no more than were asked for."""
    for number in range(4):
        await journal.begin(a_run(f"run-{number}"), author="auto", owner=ME)

    assert [line.id for line in await journal.recent(2)] == ["run-3", "run-2"]


async def test_a_step_is_listed_with_its_time_and_size(journal: Journal):
    """For a person who asks what a run consists of."""
    await journal.begin(a_run(), author="auto", owner=ME)
    await journal.step("aaaa-1111", "judge", "x", Counted(draft("y" * 3_000)), Draft)

    (line,) = await journal.steps("aaaa")

    assert line.kind == "judge"
    assert len(line.key) == 64
    assert line.at.startswith("20")
    assert line.at.endswith("Z")
    assert 3_000 < line.bytes < 3_500


@pytest.mark.parametrize(
    ("owner", "seconds", "status"),
    [
        pytest.param(ME, 300, "running", id="alive"),
        pytest.param(DEAD, 300, "interrupted", id="dead"),
        pytest.param(ELSEWHERE, 300, "running", id="elsewhere, within its budget"),
        pytest.param(ELSEWHERE, 1, "interrupted", id="elsewhere, long after its budget"),
    ],
)
async def test_a_run_whose_process_is_gone_is_interrupted(
    journal: Journal, monkeypatch: pytest.MonkeyPatch, owner: str, seconds: float, status: str
):
    """Where nobody can look, the budget decides."""
    task = Task(files={"a.py": ""}, budget=Budget(seconds=seconds))
    await journal.begin(a_run(task=task), author="auto", owner=owner)
    later = time.time() + 120
    monkeypatch.setattr(time, "time", lambda: later)

    assert (await journal.load("a")).status == status
    assert (await journal.recent(1))[0].status == status


async def test_an_interrupted_run_can_be_taken_over_and_a_living_one_not(journal: Journal, tmp_path: Path):
    """Two processes never work on the same run; the same one may begin it again."""
    await journal.begin(a_run(), author="auto", owner=DEAD)
    await journal.begin(a_run(), author="offline", owner=ME)
    await journal.begin(a_run(), author="offline", owner=ME)
    assert await journal.author_of("a") == "offline"

    with pytest.raises(RunGoesOn, match=str(os.getpid())):
        await journal.begin(a_run(), author="auto", owner=ELSEWHERE)
    with pytest.raises(RunGoesOn):
        await journal.forget("a")


async def test_a_forgotten_run_takes_its_own_texts_along_and_no_others(journal: Journal, tmp_path: Path):
    """What another run has as well stays."""
    common, own = "common" * 1_000, "own" * 1_000
    await journal.begin(a_run("one", task=Task(files={"a": common, "b": own}), status="ended"), author="auto", owner=ME)
    await journal.begin(a_run("two", task=Task(files={"a": common}), status="ended"), author="auto", owner=ME)

    await journal.forget("one")

    assert (await journal.load("two")).task.files["a"] == common
    with pytest.raises(UnknownRun):
        await journal.load("one")
    with sqlite3.connect(tmp_path / "data" / FILE) as connection:
        assert connection.execute("select count(*) from blobs").fetchone() == (1,)
    connection.close()


async def test_a_text_is_stored_once_however_often_it_comes(journal: Journal, tmp_path: Path):
    """Five attempts and as many snapshots with the same file."""
    text = os.urandom(50_000).hex()
    run = a_run(task=Task(files={"a.py": text}))
    await journal.begin(run, author="auto", owner=ME)

    for number in range(5):
        await journal.step(run.id, "author", str(number), Counted(draft(text)), Draft)
        await journal.save(run.model_copy(update={"files": {"a.py": text}, "seconds": number}))

    with sqlite3.connect(tmp_path / "data" / FILE) as connection:
        (size,) = connection.execute("select sum(length(content)) from blobs").fetchone()
        (bodies,) = connection.execute("select sum(length(body)) from entries").fetchone()
    connection.close()
    assert size < len(text)
    assert bodies < 20_000


async def test_old_runs_are_forgotten_when_the_journal_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """But never one that goes on."""
    async with await Journal.open(tmp_path) as journal:
        for number in range(30):
            await journal.begin(a_run(f"old-{number}", status="ended"), author="auto", owner=ME)
        await journal.begin(a_run("going"), author="auto", owner=ME)
    later = time.time() + 100 * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    async with await Journal.open(tmp_path, keep=Retention(days=1_000)) as journal:
        assert len(await journal.recent(100)) == 31

    async with await Journal.open(tmp_path, keep=Retention(days=99)) as journal:
        assert [line.id for line in await journal.recent(100)] == ["going"]


async def test_beyond_its_size_the_oldest_runs_go_and_the_file_shrinks(tmp_path: Path):
    """The newest ten stay."""
    async with await Journal.open(tmp_path) as journal:
        for number in range(16):
            task = Task(files={"a.py": os.urandom(200_000).hex()})
            await journal.begin(a_run(f"run-{number:02}", task=task, status="ended"), author="auto", owner=ME)
    before = (tmp_path / FILE).stat().st_size

    async with await Journal.open(tmp_path, keep=Retention(mib=1)) as journal:
        left = [line.id for line in await journal.recent(100)]

    assert left == [f"run-{number:02}" for number in range(15, 5, -1)]
    assert (tmp_path / FILE).stat().st_size < before * 0.8


async def test_nobody_else_can_read_it(tmp_path: Path):
    """The folder that is made, and the file in one that was there."""
    for folder in (tmp_path / "new", tmp_path):
        async with await Journal.open(folder) as journal:
            await journal.begin(a_run(), author="auto", owner=ME)
            assert {stat.S_IMODE(file.stat().st_mode) for file in folder.glob(f"{FILE}*")} == {0o600}
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


async def test_closed_it_says_so_and_may_be_closed_again(tmp_path: Path):
    """What was handed in before is written."""
    journal = await Journal.open(tmp_path)
    writing = asyncio.create_task(journal.begin(a_run(), author="auto", owner=ME))
    await asyncio.sleep(0)
    await journal.close()
    await journal.close()
    await writing

    with pytest.raises(JournalUnavailable, match="closed"):
        await journal.recent(1)
    async with await Journal.open(tmp_path) as journal:
        assert len(await journal.recent(1)) == 1


async def test_opening_can_be_cancelled(tmp_path: Path):
    """And leaves nothing open."""
    opening = asyncio.create_task(Journal.open(tmp_path))
    await asyncio.sleep(0)
    opening.cancel()

    with pytest.raises(asyncio.CancelledError):
        await opening


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path):
    """What happened, to what, and what to do."""
    (tmp_path / "file").write_text("")

    with pytest.raises(JournalUnavailable, match="cannot be written") as caught:
        await Journal.open(tmp_path / "file" / "data")

    assert "MENDBOX_DATA_DIR" in caught.value.hint


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"no database at all, but long enough to have a header" * 100, id="another file"),
        pytest.param(b"SQLite format 3\0" + b"\xff" * 5_000, id="a damaged header"),
    ],
)
async def test_what_is_no_journal_is_refused_and_kept(tmp_path: Path, content: bytes):
    """Nothing is overwritten."""
    (tmp_path / FILE).write_bytes(content)

    with pytest.raises(JournalUnavailable) as caught:
        await Journal.open(tmp_path)

    assert "keep it" in caught.value.hint
    assert (tmp_path / FILE).read_bytes() == content


async def test_a_damaged_journal_is_said_when_it_is_read(tmp_path: Path):
    """Not as something about the run."""
    async with await Journal.open(tmp_path) as journal:
        for number in range(50):
            await journal.begin(a_run(f"run-{number}"), author="auto", owner=ME)
    file = tmp_path / FILE
    content = file.read_bytes()
    file.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))

    with pytest.raises(JournalUnavailable):  # noqa: PT012 - SQLite may notice at once or on the way
        async with await Journal.open(tmp_path) as journal:
            for number in range(50):
                await journal.load(f"run-{number}")


async def test_a_record_of_another_shape_is_unreadable_and_others_are_fine(journal: Journal, tmp_path: Path):
    """A run, a step, a blob that is gone or damaged."""

    class Other(BaseModel):
        something: int

    for run_id in ("shape", "gone", "damaged", "fine"):
        await journal.begin(a_run(run_id, task=Task(files={"a.py": run_id * 400})), author="auto", owner=ME)
    await journal.step("fine", "author", "x", Counted(draft()), Draft)
    connection = sqlite3.connect(tmp_path / "data" / FILE)
    with connection:
        connection.execute("""update entries set body = '{"id": 3}' where run_id = 'shape'""")
        connection.execute("delete from uses where run_id = 'gone'")
        connection.execute("delete from blobs where sha256 not in (select sha256 from uses)")
        connection.execute(
            "update blobs set content = x'00' where sha256 in (select sha256 from uses where run_id = 'damaged')"
        )
    connection.close()

    for run_id in ("shape", "gone", "damaged"):
        with pytest.raises(Unreadable, match=run_id):
            await journal.load(run_id)
    with pytest.raises(Unreadable, match="author"):
        await journal.step("fine", "author", "x", Counted(draft()), Other)
    assert (await journal.load("fine")).task.files["a.py"] == "fine" * 400
    assert len(await journal.recent(10)) == 4


async def test_nobody_but_its_principal_finds_a_run_by_a_principals_name(journal: Journal):
    """Neither whole id, nor its beginning, nor the list; without a name, all are there."""
    for name, run_id in (("alice", "run-a"), ("bob", "run-b"), ("", "run-c")):
        await journal.begin(a_run(run_id), author="auto", owner=this_process(), principal=name)

    for foreign in ("run-b", "run-c", "run-b"[:5]):
        with pytest.raises(UnknownRun, match="there is no run"):
            await journal.load(foreign, principal="alice")
    assert (await journal.load("run-", principal="alice")).id == "run-a"
    assert [line.id for line in await journal.recent(10, principal="bob")] == ["run-b"]
    assert [line.id for line in await journal.recent(10, principal="")] == ["run-c"]
    assert len(await journal.recent(10)) == 3


async def test_a_journal_from_before_there_were_principals_keeps_its_runs(tmp_path: Path):
    """They are those of whoever is at the machine itself."""
    database = open_sqlite(tmp_path / FILE, MIGRATIONS[:2])
    with database.writing() as connection:
        connection.execute(text("DROP INDEX runs_of_a_principal"))
        connection.execute(text("ALTER TABLE runs DROP COLUMN principal"))
        connection.execute(
            text(
                "INSERT INTO runs (id, author, owner, begun, until, status, summary, started, seconds)"
                " VALUES ('old', 'auto', '-', :begun, 1, 'ended', 'was', 'then', 0)"
            ),
            {"begun": time.time()},
        )
    database.close()

    async with await Journal.open(tmp_path) as journal:
        assert [line.id for line in await journal.recent(10, principal="")] == ["old"]
        assert await journal.recent(10, principal="alice") == ()


async def test_what_judges_the_parts_of_a_build_is_listed_with_the_build_alone(journal: Journal):
    """It is a run that can be loaded, with its build's name, and none of those that somebody began."""
    await journal.begin(a_run("build"), author="build:auto", owner=ME, principal="alice")
    for name in ("part-1", "part-2"):
        await journal.begin(a_run(name, part_of="build"), author="caller", owner=ME, principal="alice")
    await journal.begin(a_run("alone"), author="auto", owner=ME)

    assert [line.id for line in await journal.recent(10)] == ["alone", "build"]
    assert [line.id for line in await journal.recent(10, principal="alice")] == ["build"]
    assert [line.id for line in await journal.recent(10, parts=True)] == ["alone", "part-2", "part-1", "build"]
    assert [(line.id, line.part_of) for line in await journal.parts_of("build")] == [
        ("part-1", "build"),
        ("part-2", "build"),
    ]
    assert await journal.parts_of("alone") == ()
    assert (await journal.load("part-1")).part_of == "build"


async def test_parts_of_a_build_are_kept_and_forgotten_with_it(journal: Journal, tmp_path: Path):
    """With every text of theirs; and they take the place of no other run among those that are kept for their newness."""
    large = Task(files={"a.py": os.urandom(200_000).hex()})
    await journal.begin(a_run("build", status="ended"), author="build:auto", owner=ME)
    for number in range(12):
        part = a_run(f"part-{number}", task=large, part_of="build", status="ended")
        await journal.begin(part, author="caller", owner=ME)
    await journal.close()

    async with await Journal.open(tmp_path / "data", keep=Retention(mib=1)) as again:
        assert len(await again.parts_of("build")) == 12
        await again.forget("build")
        assert await again.recent(10, parts=True) == ()
        with sqlite3.connect(tmp_path / "data" / FILE) as connection:
            assert connection.execute("select count(*) from blobs").fetchone() == (0,)
        connection.close()


async def test_a_journal_from_before_builds_had_parts_keeps_its_runs(tmp_path: Path):
    """Each is one by itself."""
    database = open_sqlite(tmp_path / FILE, MIGRATIONS[:3])
    with database.writing() as connection:
        connection.execute(text("DROP TABLE runs"))
        connection.execute(
            text(
                "CREATE TABLE runs (id VARCHAR(64) PRIMARY KEY, author TEXT NOT NULL, owner TEXT NOT NULL, begun FLOAT"
                " NOT NULL, until FLOAT NOT NULL, status VARCHAR(16) NOT NULL, outcome VARCHAR(16), reason VARCHAR(16),"
                " summary TEXT NOT NULL, started VARCHAR(40) NOT NULL, seconds FLOAT NOT NULL,"
                " principal TEXT NOT NULL DEFAULT '')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO runs (id, author, owner, begun, until, status, summary, started, seconds)"
                " VALUES ('old', 'auto', '-', :begun, 1, 'ended', 'was', 'then', 0)"
            ),
            {"begun": time.time()},
        )
    database.close()

    async with await Journal.open(tmp_path) as journal:
        await journal.begin(a_run("part", part_of="old"), author="caller", owner=ME)
        assert [line.id for line in await journal.recent(10)] == ["old"]
        assert [line.id for line in await journal.parts_of("old")] == ["part"]


async def test_a_journal_of_a_later_version_is_refused_and_untouched(tmp_path: Path):
    """Nothing in it is lost."""
    async with await Journal.open(tmp_path) as journal:
        await journal.begin(a_run(), author="auto", owner=ME)
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("update meta set value = '99'")
        before = list(connection.iterdump())
    connection.close()

    with pytest.raises(JournalTooNew, match="99"):
        await Journal.open(tmp_path)

    with sqlite3.connect(tmp_path / FILE) as connection:
        assert list(connection.iterdump()) == before
    connection.close()


def test_an_older_journal_is_brought_up_step_by_step(tmp_path: Path):
    """Each step once, all in one transaction; a step that fails leaves the older version whole."""
    later = MetaData()
    notes = Table("notes", later, Column("number", Integer, primary_key=True))
    path = tmp_path / FILE

    def second(connection: Connection) -> None:
        later.create_all(connection)

    def third(connection: Connection) -> None:
        connection.execute(insert(notes).values(number=3))

    def broken(connection: Connection) -> None:
        third(connection)
        raise ZeroDivisionError

    open_sqlite(path).close()
    with pytest.raises(ZeroDivisionError):
        open_sqlite(path, (*MIGRATIONS, second, broken))
    open_sqlite(path).close()
    for _ in range(2):
        database = open_sqlite(path, (*MIGRATIONS, second, third))
        with database.reading() as connection:
            assert connection.execute(select(notes.c.number)).scalars().all() == [3]
            assert connection.execute(select(meta.c.value)).scalars().all() == [str(len(MIGRATIONS) + 2)]
        database.close()
    with pytest.raises(JournalTooNew):
        open_sqlite(path)


def test_the_tables_can_be_made_in_postgresql():
    """Nothing but the one place that says so knows of SQLite."""
    dialect = postgresql.dialect()

    made = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
    made += [
        str(CreateIndex(index).compile(dialect=dialect)) for table in metadata.sorted_tables for index in table.indexes
    ]

    assert all("CREATE" in statement for statement in made)

    class Speaks:
        def __init__(self) -> None:
            self.dialect = dialect

    statement = insert_unless_there(Speaks(), entries).values(run_id="a", kind="b", at=0, bytes=0, body="")
    assert "ON CONFLICT DO NOTHING" in str(statement.compile(dialect=dialect))


async def test_another_program_that_keeps_it_locked_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """After waiting for it."""
    monkeypatch.setattr("engine.journal.database.BUSY_SECONDS", 0.2)
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
    other.execute("create table t (a)")
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(JournalUnavailable, match="locked"):
            await Journal.open(tmp_path)
    finally:
        other.close()

    assert runs.name == "runs"


async def test_a_short_lock_of_another_program_is_waited_for(tmp_path: Path):
    """The switch to the write-ahead log, for which SQLite itself does not wait."""
    other = sqlite3.connect(tmp_path / FILE, isolation_level=None, check_same_thread=False)
    other.execute("create table t (a)")
    other.execute("BEGIN EXCLUSIVE")
    opening = asyncio.create_task(Journal.open(tmp_path))
    await asyncio.sleep(0.5)
    other.execute("COMMIT")
    other.close()

    async with await opening as journal:
        assert await journal.recent(1) == ()


async def test_a_journal_that_lacks_a_table_is_refused(tmp_path: Path):
    """Damaged by hand: said with its cause, in one line, and closed again."""
    async with await Journal.open(tmp_path):
        pass
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("drop table runs")
    connection.close()

    with pytest.raises(JournalUnavailable, match="no such table: runs") as caught:
        await Journal.open(tmp_path)
    assert "\n" not in str(caught.value)

    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("delete from meta")
    connection.close()
    with pytest.raises(JournalUnavailable, match="could not be written"):
        await Journal.open(tmp_path)


async def test_a_list_goes_on_after_its_last_run(journal: Journal) -> None:
    """Page by page, newest first, each run once; and only among one's own."""
    for number in range(5):
        await journal.begin(a_run(f"run-{number}"), author="auto", owner=ME, principal="a" if number != 2 else "b")

    first = await journal.recent(2, principal="a")
    second = await journal.recent(2, principal="a", after=first[-1].id)
    third = await journal.recent(2, principal="a", after=second[-1].id)

    assert [line.id for line in (*first, *second, *third)] == ["run-4", "run-3", "run-1", "run-0"]
    with pytest.raises(UnknownRun):
        await journal.recent(2, principal="a", after="run-2")
