"""What the end of a command of ours says about the project beside it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.domain import Finding
from engine.projects.running import said
from engine.projects.running.outcome import finding
from sandboxes.base import Limits, Outcome

_USED = {
    "memory": "used up the {memory} MiB of memory of its box",
    "processes": "started more than the {processes} processes and threads that its box may have",
    "disk": "filled the {work} MiB that its box may write",
}
_TIMEOUT = "{what} did not end within {seconds:g} s, and everything in the box was killed"


def of_box(outcome: Outcome, limits: Limits, *, what: str, seconds: float, done: bool) -> list[Finding]:
    """What is wrong where *what*, a program of ours, did not end as it does by itself; *done*: it said that it was through."""
    if outcome.tampered:
        where = ", ".join(outcome.tampered[:5])
        return [finding("tampered", f"files of the judge were changed while the project ran: {where}")]
    if outcome.ended in _USED:
        return [_short(outcome.ended, limits).model_copy(update={"evidence": output(outcome)})]
    if outcome.ended == "timeout":
        return [finding("timeout", _TIMEOUT.format(what=what, seconds=seconds), evidence=output(outcome))]
    if outcome.ok and done:
        return []
    how = f"signal {outcome.signal}" if outcome.ended == "signalled" else f"exit code {outcome.exit_code}"
    message = f"{what} was ended by something in the box ({how}): the project has to leave processes alone that it did not start"
    return [finding("tampered", message, evidence=output(outcome))]


def of_strain(told: Sequence[said.Told], limits: Limits) -> list[Finding]:
    """What the project used up although our program came to its end."""
    strained = next((line for line in told if isinstance(line, said.Strained)), None)
    if strained is None:
        return []
    short = (("memory", strained.killed > 0), ("processes", strained.refused > 0), ("disk", strained.full))
    return [_short(rule, limits) for rule, is_so in short if is_so]


def _short(rule: str, limits: Limits) -> Finding:
    why = _USED[rule].format(memory=limits.memory_mib, processes=limits.processes, work=limits.work_mib)
    return finding(rule, f"the project {why}, and parts of it were ended or refused")


def output(outcome: Outcome, most: int = 8_000) -> str:
    said: Sequence[str] = (outcome.stdout.text.strip(), outcome.stderr.text.strip())
    return "\n".join(text for text in said if text)[-most:]
