"""What a terminal is shown: the words, and nothing in them that could steer it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from agents.base import Usage
from engine.bench import RowResult
from engine.cli import progress, verdict, wording
from engine.cli import runs as listed
from engine.cli.bench import _print_row, _table
from engine.cli.demo import Example, Healed, _print_table
from engine.cli.show import Recorded, print_story
from engine.cli.terminal import plain, plain_line, screen
from engine.domain import Finding, Proof, Run, Task, Verdict
from engine.events import AttemptEnded, AuthorAsked, AuthorProgress, InputJudged, Preparing, RunEnded, RunStarted
from engine.listing import RunLine
from tests.cli import runs

EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\x00[bold red]markup[/bold red]\u202egnp.exe\u2028 :smile: {braces}"
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e]")


def evil_run(**more: object) -> Run:
    """A run in which every text that came from outside is hostile."""
    finding = Finding(check="tests", message=EVIL, rule=EVIL, path=f"{EVIL}.py", line=3, evidence=EVIL * 50)
    judged = runs.verdict(
        "failed", "passed", findings=(finding,) * 30, proofs=(Proof(name="p", held=False, detail=EVIL),)
    )
    before, after = {f"a{EVIL}.py": f"x = '{EVIL}'\n"}, {f"a{EVIL}.py": f"y = '{EVIL}'\n"}
    attempts = (
        runs.attempt(1, judged, runs.draft(after, author=EVIL, model=EVIL, note=EVIL, candidates=7)),
        runs.attempt(2, judged, runs.draft(before, unusable=EVIL, usage=Usage(calls=1, usd=0.5, priced=False))),
    )
    fields = {"summary": EVIL, "next_step": EVIL, "baseline": judged, "candidates": 7, "usage": Usage(calls=2, usd=0.5)}
    task = Task(files=before, tests={EVIL: ""}, error=f"Traceback\n{EVIL}\n", goal=EVIL)
    return runs.run(before, after, outcome="no_fix", attempts=attempts, **{**fields, "task": task, **more})


def everything(console: Console, run: Run) -> None:
    """Every way in which a run is shown."""
    watch = progress.Display(console, before=progress.AS_HANDED_IN)
    assert run.baseline
    for event in (
        RunStarted(run_id=run.id),
        Preparing(message=EVIL),
        InputJudged(verdict=run.baseline),
        AuthorAsked(number=1, author=EVIL),
        AuthorProgress(author=EVIL, message=EVIL),
        AttemptEnded(attempt=run.attempts[0]),
        AttemptEnded(attempt=run.attempts[1]),
        RunEnded(run=run),
    ):
        watch(event)
        console.print(watch)
    print_story(Recorded(run=run, steps=()), console)
    row = RowResult(id=EVIL, outcome="no_fix", reason="red", summary=EVIL)
    _print_row(console, row)
    console.print(_table([row]))
    example = Example(name=EVIL, title=EVIL, expect="verified", seconds=1, task=run.task)
    _print_table([Healed(example=example, run=run, seconds=1)], console, 1)


@pytest.mark.parametrize("width", [20, 80, 200])
def test_no_text_from_outside_can_steer_a_terminal(width: int) -> None:
    """In no diff, finding, file name, model's note or summary; only our own colours are escape sequences."""
    console = Console(
        force_terminal=True,
        width=width,
        record=True,
        markup=False,
        emoji=False,
        highlight=False,
        color_system="standard",
    )

    with console.capture() as captured:
        everything(console, evil_run())

    own = re.sub(r"\x1b\[[\d;]*m", "", captured.get())
    assert not STEERS.search(own)
    assert "smile" in own
    assert width < 200 or "[bold red]markup[/bold red]" in own


def test_without_a_terminal_there_is_no_control_character(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file or a pipe gets plain lines."""
    everything(screen(), evil_run())

    assert not STEERS.search(capsys.readouterr().out)


def test_no_colour_is_written_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """https://no-color.org: NO_COLOR counts whatever its value."""
    monkeypatch.setenv("NO_COLOR", "1")
    console = Console(force_terminal=True, width=80, markup=False)

    with console.capture() as captured:
        everything(console, evil_run())

    codes = {code for group in re.findall(r"\x1b\[([\d;]*)m", captured.get()) for code in group.split(";")}
    assert not {code for code in codes if re.fullmatch(r"[349]\d|10\d", code)}


@given(st.text())
def test_plain_text_never_steers_and_keeps_what_people_write(text: str) -> None:
    """Tabs and line feeds stay; other scripts stay as they are."""
    shown = plain(text)

    assert not STEERS.search(shown)
    assert plain("naïve 日本語\tx\ny\r\n") == "naïve 日本語\tx\ny\n"
    assert "\n" not in plain_line(text)
    assert len(plain_line(text)) <= 200


def test_a_run_is_shown_as_it_goes(capsys: pytest.CaptureFixture[str]) -> None:
    """One line for the input and one per attempt, each with what failed; what passes by is not logged."""
    red, green = (
        runs.verdict("failed", "passed"),
        runs.verdict("passed", "passed", proofs=(Proof(name="p", held=True, detail="d"),)),
    )
    finding = Finding(check="tests", message="assert 1 == 2", path="a.py", line=4)
    wrong = runs.verdict("failed", "passed", findings=(finding, finding))

    with progress.display("calc.py") as watch:
        watch(RunStarted(run_id="x"))
        watch(InputJudged(verdict=red))
        watch(AuthorProgress(author="offline", message="120 candidates"))
        watch(AttemptEnded(attempt=runs.attempt(1, wrong, runs.draft(candidates=12))))
        watch(
            AttemptEnded(
                attempt=runs.attempt(2, green, runs.draft(author="openai", model="gpt", usage=Usage(calls=1, usd=0.01)))
            )
        )

    assert capsys.readouterr().err.splitlines() == [
        "mendbox calc.py",
        "as handed in  1 of 2 tests red",
        "attempt 1  offline, 12 candidates  1.5 s  ✗ tests: a.py:4 assert 1 == 2 (+1 more)",
        "attempt 2  openai gpt  1.5 s  $0.0100  ✓ 2 of 2 tests passed",
    ]


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        pytest.param(runs.verdict("passed"), "~ green, but a proof is missing", id="green without proof"),
        pytest.param(runs.verdict(), "✗ nothing was found, but nothing was shown either", id="nothing at all"),
        pytest.param(
            Verdict.model_validate({"files_sha256": "", "reports": [{"check": "tests", "status": "broken"}]}),
            "✗ tests could not tell",
            id="broken",
        ),
        pytest.param(
            runs.verdict("failed", findings=(Finding(check="lint", message="bad", path="a.py"),)),
            "✗ lint: a.py bad",
            id="a finding without a line",
        ),
    ],
)
def test_an_attempt_says_what_became_of_it(judged: Verdict, said: str) -> None:
    """Green without proof is not called a fix."""
    line = progress.attempt_line(runs.attempt(1, judged)).plain

    assert said in line


def test_input_that_was_not_even_tested_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    """A syntax error leaves no test to count."""
    finding = Finding(check="syntax", message="expected ':'", path="a.py", line=1)

    progress.Display(screen(), before="as handed in")(InputJudged(verdict=runs.verdict(findings=(finding,))))

    assert capsys.readouterr().out == "as handed in  no test ran  syntax: a.py:1 expected ':'\n"


def test_a_verdict_that_was_taken_before_says_where_and_when(capsys: pytest.CaptureFixture[str]) -> None:
    """While the run goes, at its end and when it is shown; one of the run's own says nothing."""
    own = runs.verdict("passed")
    earlier = own.model_copy(update={"from_run": "20260101-000000-first", "judged": "2026-01-01T00:00:05+00:00"})
    line = "judged before, in run 20260101-000000-first at 2026-01-01T00:00:05+00:00: --fresh judges again"
    told = []

    for judged in (earlier, own):
        attempt = runs.attempt(1, judged)
        run = runs.run({}, {}, attempts=(attempt,), baseline=judged)
        with progress.display("a.py") as watch:
            watch(InputJudged(verdict=judged))
            watch(AttemptEnded(attempt=attempt))
        verdict.print_run(run)
        print_story(Recorded(run=run, steps=()), screen())
        shown = capsys.readouterr()
        told.append((shown.err.count(line), shown.out.count(line), "judged before" in shown.err + shown.out))

    assert told == [(2, 4, True), (0, 0, False)]


def test_a_verdict_is_lines_without_a_terminal_and_a_panel_with_one(capsys: pytest.CaptureFixture[str]) -> None:
    """The same words in both."""
    proofs = (
        Proof(name="red before", held=True, detail="1 of 2"),
        Proof(name="repeat agrees", held=False, detail="no"),
    )
    judged = runs.verdict("passed", "passed", proofs=proofs)
    run = runs.run({"a.py": "x\n"}, {"a.py": "y\n"}, attempts=(runs.attempt(1, judged),), candidates=3)
    console = Console(force_terminal=True, width=90)

    verdict.print_run(run)
    with console.capture() as panel:
        verdict.print_verdict(run, console)

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "--- a/a.py",
        "+++ b/a.py",
        "@@ -1 +1 @@",
        "-x",
        "+y",
        "verified: 1 of 2 tests were red.",
        "✓ red before: 1 of 2",
        "✗ repeat agrees: no",
        "2 of 2 tests passed · 1 attempt · 3 candidates · 2.5 s · run 20260101-000000-abc",
        "next: Read the diff.",
    ]
    assert all(
        line.removeprefix("verified: ") in panel.get() for line in ["verified", lines[5], "1 of 2", "Read the diff."]
    )


@pytest.mark.parametrize(
    ("value", "words"), [(0.123, "0.12 s"), (7.06, "7.1 s"), (59.9, "59.9 s"), (185.4, "3 min 5 s")]
)
def test_a_duration_is_said_in_few_words(value: float, words: str) -> None:
    """From hundredths to minutes."""
    assert wording.seconds(value) == words


def test_a_diff_written_to_a_file_keeps_its_tabs(capsys: pytest.CaptureFixture[str]) -> None:
    """`mendbox fix ... > fix.patch` can be applied."""
    verdict.print_run(runs.run({"a.py": "if x:\n\ty\n"}, {"a.py": "if x:\n\tz\n"}))

    assert "-\ty\n+\tz\n" in capsys.readouterr().out


def test_a_long_note_is_shown_to_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither it nor the evidence is cut at the width of the screen, or filled up to it."""
    note = f"{'long ' * 60}end"
    finding = Finding(check="tests", message="m", evidence=f"{'seen ' * 60}last")
    attempts = (runs.attempt(1, runs.verdict("failed", findings=(finding,)), runs.draft({"a.py": "y\n"}, note=note)),)

    print_story(Recorded(run=runs.run({"a.py": "x\n"}, {"a.py": "y\n"}, attempts=attempts), steps=()), screen())

    lines = capsys.readouterr().out.splitlines()
    assert f"  {note}" in lines
    assert any(line.strip() == finding.evidence for line in lines)


@pytest.mark.parametrize(("width", "shown"), [(60, False), (120, True)])
def test_the_id_and_the_outcome_of_a_run_are_never_cut(width: int, shown: bool) -> None:
    """An id is there to be copied; on a narrow screen the rest is left out instead."""
    run = RunLine(
        id="20260101-000000-0123456789abcdef", started="2026-01-01T00:00:00", status="ended", outcome="no_fix",
        reason="no_progress", summary="none was green", seconds=2.0,
    )  # fmt: skip
    console = Console(width=width)

    with console.capture() as captured:
        console.print(listed._table((run,), width=width))

    assert run.id in captured.get()
    assert "no_fix (no_progress)" in captured.get()
    assert ("none was green" in captured.get()) is shown


def test_a_log_has_what_is_being_made_ready_and_not_every_line_of_other_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """An environment takes a minute to be made: a pipeline's log says so meanwhile."""
    watch = progress.Display(screen(), before=progress.AS_HANDED_IN)

    watch(Preparing(message="environment: building a wheel from thing-1.0.tar.gz, without network"))
    watch(Preparing(message="environment: Collecting thing"))
    watch(Preparing(message="Step 1/4 : FROM base"))

    assert capsys.readouterr().out == "environment: building a wheel from thing-1.0.tar.gz, without network\n"
