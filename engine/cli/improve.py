"""``mendbox improve``: make green code faster or safer, show how and by what evidence, and write it only when told to."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from agents.improving import KINDS
from engine.cli.apply import NotApplied, write
from engine.cli.exits import MISUSE, for_outcome
from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document
from engine.cli.progress import display
from engine.cli.settings import read_settings
from engine.cli.terminal import plain, plain_line, say, screen
from engine.cli.verdict import STYLES, diff_text, proof_line
from engine.cli.wording import seconds
from engine.domain import Task
from engine.errors import BadInput
from engine.harness import Mendbox
from engine.inputs.reading import Inputs, read_inputs, require_python

if TYPE_CHECKING:
    from agents.improving import Improvement
    from engine.improving import Improved, Patch


def command(arguments: argparse.Namespace) -> int:
    """Exit codes as those of ``check``: 0 where at least one patch is verified."""
    inputs = read_inputs(arguments.paths, arguments.tests)
    require_python(inputs, "improved")
    for note in inputs.notes:
        say(note)
    if not inputs.tests:
        raise BadInput("no tests: without them nothing shows what has to stay as it is", hint="name them with --tests")
    settings = read_settings()
    budget = settings.budget.model_copy(update={"seconds": arguments.seconds} if arguments.seconds else {})
    task = Task(files=inputs.files, tests=inputs.tests, budget=budget, limits=settings.limits)
    kinds = KINDS if arguments.kind is None else tuple(kind for kind in KINDS if kind == arguments.kind)

    async def improve(stop: Stop) -> Improved:
        async with Mendbox(settings, journal=False, box_at_once=True) as mendbox:
            with display(", ".join(arguments.paths)) as watch:
                return await stop.unless_stopped(mendbox.improve(task, kinds=kinds, watch=watch))

    improved = drive(improve)
    written, refusal = _apply(improved, inputs) if arguments.apply else ((), "")
    if arguments.json:
        print_document(_document(improved, written, refusal))
    else:
        _print(improved, screen(), applied=bool(written))
    if written:
        say(f"written: {', '.join(written)}")
    if refusal:
        say(f"nothing written: {refusal}")
    return MISUSE if refusal and improved.outcome == "verified" else for_outcome(improved.outcome)


def _apply(improved: Improved, inputs: Inputs) -> tuple[tuple[str, ...], str]:
    """What was written, and otherwise why nothing was."""
    if improved.outcome != "verified":
        return (), f"the outcome is {improved.outcome}, and only a verified one is written"
    try:
        return write(improved.before, improved.files, inputs.origins, root=inputs.root), ""
    except NotApplied as error:
        return (), str(error)


def _document(improved: Improved, written: tuple[str, ...], refusal: str) -> dict[str, JsonValue]:
    return improved.model_dump(mode="json") | {"diff": improved.diff, "applied": list(written), "not_applied": refusal}


def _print(improved: Improved, console: Console, *, applied: bool) -> None:
    for patch in improved.patches:
        word = "verified" if patch.verified else "not verified"
        console.print(Text(f"{patch.kind}, {word}", style="bold green" if patch.verified else "bold yellow"))
        if console.is_terminal:
            console.print(diff_text(patch.diff), soft_wrap=True, end="")
        else:
            console.file.write(plain(patch.diff))
        for improvement in patch.improvements:
            console.print(_improvement(improvement), soft_wrap=True)
        for line in _judged(patch):
            console.print(line, soft_wrap=True)
    for rejected in improved.rejected:
        where = f"{rejected.path}:{rejected.line}"
        text = f"left as it is: {where}: {rejected.note} [{rejected.pattern}]: {rejected.why}"
        console.print(Text(plain_line(text, limit=500), style="dim"), soft_wrap=True)
    for advice in improved.advice:
        waived = " (waived by noqa)" if advice.waived else ""
        text = f"finding: {advice.path}:{advice.line}: {advice.rule} {advice.message}{waived}. Advice: {advice.advice}"
        console.print(Text(plain_line(text, limit=500), style="yellow"), soft_wrap=True)
    title = f"{improved.outcome} ({improved.reason})" if improved.reason else improved.outcome
    console.print(
        Text(f"{title}: {plain_line(improved.summary, limit=800)}", style=STYLES.get(improved.outcome, "")),
        soft_wrap=True,
    )
    if improved.patches:
        for sentence in improved.not_shown:
            console.print(Text(f"not shown: {sentence}", style="dim"), soft_wrap=True)
    console.print(Text(f"{seconds(improved.seconds)} · run {improved.id}", style="dim"), soft_wrap=True)
    if improved.next_step and not applied:
        console.print(Text(f"next: {plain_line(improved.next_step, limit=400)}"), soft_wrap=True)


def _improvement(improvement: Improvement) -> Text:
    """What was changed where, and the evidence for it."""
    evidence = improvement.evidence
    name = f"{improvement.kind}, {improvement.pattern}" + (f", {improvement.rule}" if improvement.rule else "")
    text = Text(f"{improvement.path}:{improvement.line}: {plain_line(improvement.note)} [{name}]")
    same = evidence.compared - evidence.changes
    facts = (
        [f"the same on {same} of {evidence.compared} calls compared"]
        if evidence.compared
        else ["no call could be compared"]
    )
    if evidence.skipped:
        facts.append(f"{evidence.skipped} could not be compared")
    if evidence.scaled:
        larger = f"{evidence.scaled} calls up to {evidence.scale} times as large"
        facts.append(
            f"{evidence.before.steps} → {evidence.after.steps} steps on {larger} "
            f"(instructions {evidence.before.instructions} → {evidence.after.instructions}, "
            f"elements {evidence.before.elements} → {evidence.after.elements})"
        )
    if evidence.rule_gone:
        facts.append(f"ruff reports {improvement.rule} there no longer")
    text.append(f"\n  {'; '.join(facts)}", style="dim")
    if improvement.on_purpose:
        text.append(f"\n  changed on purpose: {plain_line(improvement.on_purpose)}", style="yellow")
    for call in evidence.changed:
        text.append(f"\n    {plain_line(call, limit=300)}", style="dim")
    return text


def _judged(patch: Patch) -> list[Text]:
    lines = [proof_line(proof) for proof in patch.verdict.proofs]
    return lines + [Text(f"✗ {plain_line(finding.message)}", style="red") for finding in patch.verdict.findings]
