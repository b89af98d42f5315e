"""What a person reads of a measurement."""

from __future__ import annotations

import pytest

from engine.cli.speed import print_speed
from engine.speed.held import held
from engine.speed.result import Cost, Point, Speed
from tests.speed.made import burst, candidates, comparison, greeting, output, speed, sustained, times


def whole() -> Speed:
    """One with every part in it, and nothing idle about the machine."""
    found = speed(
        spent_before=1.5,
        comparisons=(comparison(), comparison("large", host=2_000, warm=1_900)),
        greeting=greeting(12),
        cost=Cost(
            boxes=1,
            cpu_seconds_per_box=0.5,
            cpu_seconds_per_second_idle=0.1,
            resident_mib=24,
            open_and_remove=times(300),
        ),
        burst=burst(),
        candidates=candidates(900),
        outputs=(output(),),
        throughput=(sustained("Mendbox, warm", 3), sustained("bare host, side by side", 5)),
        growth=(
            Point(of="tests", size=10, warm=times(50), host=times(200)),
            Point(of="files", size=2_000, warm=times(), host=times(), not_measured="too many files"),
        ),
        not_measured={"cost": "OSError: no space"},
    )
    return found.model_copy(update={"held": held(found)})


@pytest.mark.parametrize(
    "words",
    [
        "not an idle machine",
        "0.25",  # the warm verdict beside the bare host
        "print(1): warm box 12 ms",
        "a box: 0.500 CPU-seconds",
        "100 requests at once: 100 right",
        "900 a second and core",
        "1 GB",
        "too many files",
        "cost: not measured: OSError: no space",
        "not held",  # the throughput
    ],
)
def test_every_part_is_told(words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """With its unit, the promises last, and what could not be measured with the reason."""
    monkeypatch.setenv("COLUMNS", "160")

    print_speed(whole())

    assert words in capsys.readouterr().out


def test_wrong_answers_are_told(capsys: pytest.CaptureFixture[str]):
    """A quick contender that says what is not true is nothing to boast of."""
    one = comparison()
    rows = tuple(row.model_copy(update={"wrong": 1, "wrong_said": ("said green",)}) for row in one.rows)

    print_speed(speed(comparisons=(one.model_copy(update={"rows": rows}),)))

    out = capsys.readouterr().out
    assert "4 wrong answers" in out
    assert "said green" in out
