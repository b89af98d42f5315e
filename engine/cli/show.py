"""``mendbox show``: one run as the journal has it, every attempt with its diff and findings, receipt and usage."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue
from rich.console import Console, Group, RenderableType
from rich.text import Text

from engine.cli.built import print_project
from engine.cli.diffs import diff_here, write_diff
from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document, run_document
from engine.cli.progress import attempt_line
from engine.cli.receipt import wanted
from engine.cli.settings import read_settings
from engine.cli.terminal import plain, plain_line, say, screen
from engine.cli.verdict import diff_text, print_verdict
from engine.cli.wording import judged_before, money, tests_line
from engine.domain import Finding, Receipt, Run, Value, Verdict, diff_files
from engine.harness import Mendbox
from engine.listing import RunLine, StepLine
from engine.projects.building.outcome import Project
from engine.projects.building.receipt import limits

MOST_FINDINGS = 20
MOST_EVIDENCE_LINES = 40


class Recorded(Value):
    run: Run
    steps: tuple[StepLine, ...]
    parts: tuple[RunLine, ...] = ()
    """Of a build: the runs that judged its components."""
    build: bool = False
    project: Project | None = None
    """Of a build that has ended."""


def command(arguments: argparse.Namespace) -> int:
    receipt = wanted(arguments)

    async def read(_: Stop) -> Recorded:
        async with Mendbox(read_settings()) as mendbox:
            run = await mendbox.get(arguments.run)
            build = await mendbox.builds.has(run.id)
            ended = build and run.outcome not in {None, "cancelled"}
            project = await mendbox.builds.project(run.id) if ended else None
            steps, parts = await mendbox.steps(run.id), await mendbox.builds.parts(run.id)
            return Recorded(run=run, steps=steps, parts=parts, build=build, project=project)

    recorded = drive(read)
    kept = receipt.require(recorded.run) if receipt else None
    if arguments.json:
        steps: JsonValue = [step.model_dump(mode="json") for step in recorded.steps]
        parts: JsonValue = [part.model_dump(mode="json") for part in recorded.parts]
        built = {"project": recorded.project.model_dump(mode="json")} if recorded.project else {}
        document = run_document(recorded.run, journal=steps, parts=parts, **built, **(kept.document if kept else {}))
        print_document(document)
    elif arguments.diff:
        # as the files lie here: `mendbox show RUN --diff | git apply`
        write_diff(diff_here(recorded.run, Path.cwd()))
    else:
        print_story(recorded, screen())
    if kept:
        say(kept.words)
    return 0


def print_story(recorded: Recorded, console: Console) -> None:
    """The task, the verdict on the input, the attempts, the outcome, the receipt."""
    run = recorded.run
    if recorded.project is not None:
        print_build(recorded, recorded.project, console)
        return
    told = [Text(f"  limits {limits(run.task.budget)}")] if recorded.build else []
    for part in (*_task(run), *told, *_baseline(run), *_attempts(run)):
        console.print(part, soft_wrap=True)
    print_verdict(run, console)
    for part in _parts(recorded.parts):
        console.print(part, soft_wrap=True)
    if run.receipt:
        console.print(_receipt(run.receipt), soft_wrap=True)
    console.print(_usage(recorded), soft_wrap=True)


def print_build(recorded: Recorded, project: Project, console: Console) -> None:
    """What was to be built, and how that ended."""
    run = recorded.run
    title = Text().append("build ", style="dim").append(run.id, style="bold").append(f"  {run.started}", style="dim")
    console.print(title, Text(f"  asked  {plain_line(project.description, limit=400)}"), sep="\n", soft_wrap=True)
    print_project(project)
    for part in _parts(recorded.parts):
        console.print(part, soft_wrap=True)
    console.print(_usage(recorded), soft_wrap=True)


def _task(run: Run) -> Iterator[RenderableType]:
    task = run.task
    yield Text().append("run ", style="dim").append(run.id, style="bold").append(f"  {run.started}", style="dim")
    if run.part_of:
        yield Text(f"  for    the build {plain_line(run.part_of)}")
    yield Text(f"  goal   {plain_line(task.goal)}")
    yield Text(f"  code   {plain_line(', '.join(task.files))}")
    yield Text(f"  tests  {plain_line(', '.join(task.tests)) or 'none given'}")
    if task.error:
        yield Text(f"  error  {plain_line(task.error.strip().splitlines()[-1] if task.error.strip() else '')}")


def _parts(parts: tuple[RunLine, ...]) -> Iterator[Text]:
    """The runs of a build, each of which `mendbox show` has in full."""
    if parts:
        yield Text("\njudged by", style="bold")
    for part in parts:
        line = f"  {plain_line(part.id)}  {part.outcome or part.status}  {plain_line(part.summary, limit=200)}"
        yield Text(line, style="dim")


def _baseline(run: Run) -> Iterator[RenderableType]:
    if run.baseline:
        yield Text().append("\nas handed in  ", style="bold").append(tests_line(run.baseline))
        yield from _source(run.baseline)
        yield _findings(run.baseline.findings)


def _attempts(run: Run) -> Iterator[RenderableType]:
    for attempt in run.attempts:
        yield Text("\n").append_text(attempt_line(attempt))
        yield from _source(attempt.verdict)
        if attempt.draft.note:
            yield _indented(plain(attempt.draft.note.strip()), 2, style="italic")
        diff = diff_files(run.task.files, attempt.draft.files)
        yield diff_text(diff) if diff else Text("  changes nothing", style="dim")
        yield _findings(attempt.verdict.findings)


def _source(verdict: Verdict) -> Iterator[RenderableType]:
    if verdict.from_run:
        yield Text(f"  {judged_before(verdict)}", style="dim")


def _findings(findings: tuple[Finding, ...]) -> RenderableType:
    lines: list[RenderableType] = []
    for finding in findings[:MOST_FINDINGS]:
        where = f"{finding.path}:{finding.line or ''} ".replace(": ", " ") if finding.path else ""
        rule = f"{finding.rule} " if finding.rule else ""
        lines.append(
            Text()
            .append("  ✗ ", style="red")
            .append(f"{finding.check} ")
            .append(plain_line(f"{where}{rule}{finding.message}"))
        )
        evidence = plain(finding.evidence).strip("\n").splitlines()
        if evidence:
            cut = ["[...]"] if len(evidence) > MOST_EVIDENCE_LINES else []
            lines.append(_indented("\n".join(cut + evidence[-MOST_EVIDENCE_LINES:]), 6, style="dim"))
    if len(findings) > MOST_FINDINGS:
        lines.append(Text(f"  and {len(findings) - MOST_FINDINGS} more", style="dim"))
    return Group(*lines)


def _indented(text: str, by: int, *, style: str) -> Text:
    """*text* moved to the right by blanks; rich's own padding would cut what is longer than the screen is wide."""
    return Text("\n".join(" " * by + line for line in text.splitlines()), style=style)


def _receipt(receipt: Receipt) -> Text:
    text = Text().append("\nreceipt", style="bold")
    text.append(f"\n  tests from    {receipt.tests_from}")
    text.append(f"\n  image         {plain_line(receipt.image)}")
    text.append(f"\n  tier          {receipt.tier}")
    limits = receipt.limits
    text.append(
        f"\n  limits        {limits.memory_mib} MiB, {limits.cpus:g} cores, {limits.processes} processes, "
        f"{limits.work_mib} MiB of files, no network",
    )
    if receipt.judged:
        elsewhere = f", in run {receipt.from_run}" if receipt.from_run else ""
        text.append(f"\n  judged        {plain_line(f'{receipt.judged} in the box {receipt.box}{elsewhere}')}")
    text.append(f"\n  mendbox       {receipt.mendbox}")
    for title, hashes in (("before", receipt.files_before), ("after", receipt.files_after), ("tests", receipt.tests)):
        for path, digest in sorted(hashes.items()):
            text.append(f"\n  {title:<7} {digest[:16]}  {plain_line(path)}", style="dim")
    return text


def _usage(recorded: Recorded) -> Text:
    usage, steps = recorded.run.usage, recorded.steps
    spent = f"{usage.calls} model calls, {usage.tokens} tokens, {money(usage)}" if usage.calls else "no model was asked"
    return Text(f"\nusage   {spent}\njournal {len(steps)} steps recorded", style="dim")
