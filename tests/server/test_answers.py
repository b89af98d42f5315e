"""How a run becomes an answer: bounded, whole or not at all, and never more than was proven."""

from __future__ import annotations

import pytest

from agents.base import Draft, Suspect
from engine.domain import Attempt, Finding, Proof, Receipt, Report, Run, Task, Verdict
from sandboxes.base import Limits, Outcome, Stream
from serving.answers import MOST_ANSWER_BYTES, OutcomeAnswer, RunAnswer

TASK = Task(files={"solution.py": "x = 1\n"})


def verdict(*findings: Finding, status: str = "failed", proofs: tuple[Proof, ...] = ()) -> Verdict:
    return Verdict(
        files_sha256="0",
        reports=(Report(check="pytest", status=status, findings=findings, summary="nothing ran"),),
        proofs=proofs,
    )


def attempt(number: int = 1, *, judged: Verdict | None = None, unusable: str = "") -> Attempt:
    draft = Draft(files=TASK.files, author="offline", unusable=unusable)
    return Attempt(number=number, draft=draft, verdict=judged or verdict(), seconds=1.23456)


def size(answer: RunAnswer) -> int:
    return len(answer.model_dump_json().encode())


def test_only_a_fix_is_given_out_as_code() -> None:
    """The code of a run without one is the code as handed in, which the caller has already."""
    run = Run(id="r", task=TASK, status="ended", outcome="no_fix", reason="budget", files=TASK.files)

    answer = RunAnswer.of(run)

    assert answer.code is None
    assert answer.files == {}
    assert answer.diff == ""


def test_a_failure_says_what_was_tried_and_where_the_fault_may_be() -> None:
    """In words and counts, each line with its text; a fix has no need of it."""
    suspects = tuple(Suspect(path="solution.py", line=n, score=1.0, text=f"x = {n}\x1b\n") for n in range(1, 9))
    run = Run(id="r", task=TASK, status="ended", outcome="no_fix", kinds={"operators": 40}, suspects=suspects)

    answer = RunAnswer.of(run)
    fixed = RunAnswer.of(run.model_copy(update={"outcome": "verified"}))

    assert answer.tried == "40 operators"
    assert [(s.path, s.line, s.suspicion) for s in answer.suspects] == [
        ("solution.py", n, "very suspicious") for n in range(1, 6)
    ]
    assert "\n" not in answer.suspects[0].text
    assert (fixed.tried, fixed.suspects) == ("", ())


def test_of_several_files_the_changed_and_the_new_are_given() -> None:
    """`code` would be ambiguous, so it stays empty."""
    task = Task(files={"a.py": "1\n", "b.py": "2\n"})
    run = Run(
        id="r", task=task, status="ended", outcome="verified", files={"a.py": "1\n", "b.py": "3\n", "c.py": "4\n"}
    )

    answer = RunAnswer.of(run)

    assert answer.code is None
    assert answer.files == {"b.py": "3\n", "c.py": "4\n"}
    assert "+++ b/c.py" in answer.diff


@pytest.mark.parametrize(
    ("text", "omitted", "kept"),
    [
        pytest.param("x" * 60_000, ("diff",), ("code", "files"), id="diff"),
        pytest.param("x" * 150_000, ("diff", "files"), ("code",), id="files"),
        pytest.param("x" * 1_000_000, ("diff", "files", "code"), (), id="everything"),
    ],
)
def test_what_is_too_large_is_left_out_whole_and_named(
    text: str, omitted: tuple[str, ...], kept: tuple[str, ...]
) -> None:
    """Half a file would be worse than none."""
    files = {"solution.py": text}
    run = Run(
        id="r",
        task=TASK.model_copy(update={"files": {"solution.py": text[::-1] + "y"}}),
        outcome="verified",
        files=files,
    )

    answer = RunAnswer.of(run)

    assert answer.omitted == omitted
    assert all(getattr(answer, field) for field in kept)
    assert size(answer) <= MOST_ANSWER_BYTES


def test_a_box_that_writes_a_lot_does_not_make_a_large_answer() -> None:
    """Findings, messages and evidence are bounded, also where every character takes six in JSON."""
    flood = Finding(
        check="pytest", message="\x01" * 9_000, rule="\x01" * 9_000, path="\x01" * 9_000, evidence="\x01" * 99_000
    )
    run = Run(id="r", task=TASK, baseline=verdict(*[flood] * 500), summary="s" * 9_000, next_step="n" * 9_000)

    answer = RunAnswer.of(run)

    assert len(answer.findings) == 20
    assert answer.omitted == ("findings",)
    assert answer.findings[0].evidence == ""
    assert size(answer) <= MOST_ANSWER_BYTES


def test_only_the_last_attempts_are_listed() -> None:
    """A run may have a thousand."""
    run = Run(id="r", task=TASK, attempts=tuple(attempt(number) for number in range(1, 1_000)))

    answer = RunAnswer.of(run)

    assert [told_of.number for told_of in answer.attempts] == list(range(980, 1_000))
    assert answer.attempts[0].seconds == 1.235


def test_the_proofs_are_those_of_the_receipt() -> None:
    """It is what the outcome rests on."""
    proof = Proof(name="twins", held=True, detail="3 of 3 were red")
    receipt = Receipt(
        files_before={}, files_after={}, tests={}, tests_from="caller", image="i", tier="same-process",
        proofs=(proof,), measured=None, limits=Limits(), mendbox="0",
    )  # fmt: skip
    run = Run(id="r", task=TASK, outcome="verified", files=TASK.files, receipt=receipt)

    assert [(held.name, held.held, held.detail) for held in RunAnswer.of(run).proofs] == [
        ("twins", True, "3 of 3 were red")
    ]


def test_an_earlier_verdict_is_told_by_its_time_and_not_by_its_run() -> None:
    """The id of a run is all that is needed to read it, and it may be another client's."""
    earlier = verdict().model_copy(update={"from_run": "somebody-elses", "judged": "2026-01-01T00:00:05+00:00"})

    served = RunAnswer.of(Run(id="r", task=TASK, attempts=(attempt(judged=earlier),)))
    own = RunAnswer.of(Run(id="r", task=TASK, attempts=(attempt(),)))

    assert (served.judged_before, own.judged_before) == ("2026-01-01T00:00:05+00:00", None)
    assert "somebody-elses" not in served.model_dump_json()


@pytest.mark.parametrize(
    ("judged", "unusable", "summary"),
    [
        pytest.param(verdict(), "no JSON\nat all", "unusable reply: no JSON at all", id="unusable"),
        pytest.param(
            verdict(status="passed", proofs=(Proof(name="p", held=True, detail=""),)), "", "verified", id="proven"
        ),
        pytest.param(
            verdict(status="passed", proofs=(Proof(name="red_before", held=False, detail=""),)),
            "",
            "green, not proven: red_before",
            id="green",
        ),
        pytest.param(verdict(), "", "nothing ran", id="no-finding"),
        pytest.param(Verdict(files_sha256="0", reports=()), "", "red", id="no-report"),
        pytest.param(
            verdict(Finding(check="c", message="one"), Finding(check="c", message="two")),
            "",
            "one (and 1 more)",
            id="red",
        ),
        pytest.param(verdict(Finding(check="c", message="é" * 999)), "", "é" * 249 + "…", id="long"),
    ],
)
def test_an_attempt_is_told_in_one_line(judged: Verdict, unusable: str, summary: str) -> None:
    """Of a bounded length."""
    run = Run(id="r", task=TASK, attempts=(attempt(judged=judged, unusable=unusable),))

    assert RunAnswer.of(run).attempts[0].summary == summary


def test_output_is_cut_in_the_middle_and_says_so() -> None:
    """Head and tail are what a reader needs."""
    text = b"a" * 20_000 + b"z" * 20_000
    outcome = Outcome(
        ended="signalled",
        signal=11,
        stdout=Stream(head=text, total_bytes=len(text)),
        stderr=Stream(head=b"e", total_bytes=1),
    )

    answer = OutcomeAnswer.of(outcome)

    assert answer.truncated
    assert answer.stdout.startswith("a" * 8_000 + "\n[... 24000 characters left out ...]\n")
    assert answer.stdout.endswith("z" * 8_000)
    assert answer.stderr == "e"
    assert (answer.exit_code, answer.signal) == (None, 11)
