"""Calls and runs as they might have been, for a store."""

from __future__ import annotations

from serving.observing.counted import CallEnd, CountedCall, CountedRun, Written

NOW = 1_800_000_000.0


def call(
    ago: float = 1.0, *, tool: str = "run_code", who: str = "ann", ended: CallEnd = "answered", seconds: float = 0.1
) -> CountedCall:
    return CountedCall(at=NOW - ago, tool=tool, principal=who, ended=ended, seconds=seconds)


def run(ago: float = 1.0, *, who: str = "ann", outcome: str = "verified", reason: str = "") -> CountedRun:
    return CountedRun(
        at=NOW - ago,
        run_id=f"run-{who}",
        tool="auto_fix_code",
        principal=who,
        outcome=outcome,
        reason=reason,
        seconds=2.0,
        attempts=2,
        model_calls=3,
        input_tokens=100,
        output_tokens=10,
        usd=0.25,
        priced=True,
        boxes=4,
        box_seconds=1.5,
        written=(
            Written(author="offline", attempts=1),
            Written(author="openai", attempts=1, verified=1, input_tokens=100, output_tokens=10, usd=0.25),
        ),
    )
