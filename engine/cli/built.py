"""How a build ended: its parts, each requirement with what shows it, what was not run, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from engine.cli.terminal import plain_line, print_table, screen
from engine.cli.verdict import STYLES, proof_line
from engine.cli.wording import money, seconds
from engine.projects.building.outcome import Delivered, Evidence, Project
from engine.projects.building.receipt import limits

_MOST = 12
"""Findings of one part, and remarks on what was not run, that are shown."""


def print_project(project: Project) -> None:
    """Print how *project* ended on stdout."""
    console = screen()
    if project.parts:
        print_table(console, _parts(project.parts))
    for part in project.parts:
        for line in _wrong(part):
            console.print(line, soft_wrap=True)
    if project.evidence:
        print_table(console, _evidence(project.evidence))
    lines = Text("\n").join(_verdict(project))
    title = f"{project.outcome} ({project.reason})" if project.reason else project.outcome
    if console.is_terminal:
        style = STYLES.get(project.outcome, "cyan")
        console.print(Panel(lines, title=Text(title, style=f"bold {style}"), title_align="left", border_style=style))
    else:
        console.print(Text(f"{title}: ").append_text(lines), soft_wrap=True)


def _parts(parts: tuple[Delivered, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("part", no_wrap=True)
    table.add_column("outcome", no_wrap=True)
    table.add_column("deliveries", justify="right")
    table.add_column("tests", justify="right")
    table.add_column("what happened", overflow="fold")
    for part in parts:
        table.add_row(
            Text(plain_line(part.component)),
            Text(part.outcome, style=STYLES.get(part.outcome, "")),
            Text(str(part.attempts)),
            Text(str(len(part.tests))),
            Text(plain_line(part.summary, limit=400)),
        )
    return table


def _evidence(evidence: tuple[Evidence, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("requirement", overflow="fold")
    table.add_column("shown by", overflow="fold")
    for each in evidence:
        shown = [*each.scenarios, *each.tests]
        more = f" and {len(shown) - 3} more" if len(shown) > 3 else ""
        words = Text(f"✓ {plain_line('; '.join(shown[:3]), limit=300)}{more}", style="green")
        if each.missing:
            words = Text(f"✗ {plain_line(each.missing, limit=300)}", style="red")
        table.add_row(Text(plain_line(f"{each.requirement} {each.text}", limit=300)), words)
    return table


def _wrong(part: Delivered) -> Iterator[Text]:
    for finding in part.findings[:_MOST]:
        where = (
            f"{finding.path}:{finding.line} " if finding.path and finding.line else f"{finding.path or ''} ".lstrip()
        )
        said = plain_line(f"{part.component}: {where}{finding.rule} {finding.message}", limit=400)
        yield Text("✗ ", style="red").append(said)
    if len(part.findings) > _MOST:
        yield Text(f"  and {len(part.findings) - _MOST} more of {plain_line(part.component)}", style="dim")
    if part.outcome != "verified":
        yield from (proof_line(proof) for proof in part.proofs if not proof.held)


def _verdict(project: Project) -> Iterator[Text]:
    yield Text(plain_line(project.summary, limit=600))
    for remark in project.not_run[:_MOST]:
        yield Text(f"not run: {plain_line(remark, limit=300)}", style="yellow")
    if len(project.not_run) > _MOST:
        yield Text(f"and {len(project.not_run) - _MOST} more that were not run: see the receipt", style="yellow")
    usage = project.usage
    facts = [f"{usage.calls} questions to models, {usage.tokens} tokens, {money(usage)}", seconds(project.seconds)]
    yield Text(" · ".join([*facts, f"build {project.id}"]), style="dim")
    if project.budget:
        yield Text(f"limits: {limits(project.budget)}", style="dim")
    if project.next_step:
        yield Text("next: ", style="bold").append(plain_line(project.next_step, limit=400))
