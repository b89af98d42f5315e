"""How a repository's end is shown: each cause with its diff and its proofs, then the whole in a line or two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from agents.leads import SHOWN, suspects_in_lines
from engine.cli.diffs import readable, write_among_words
from engine.cli.failures import MOST_LINES
from engine.cli.terminal import plain_line, screen
from engine.cli.verdict import diff_text, outcome_words, verdict_lines
from engine.cli.wording import money, seconds
from engine.dependencies.missing import NAME
from engine.domain import Finding
from engine.redaction import redact
from engine.repository.result import Healed, RepositoryResult
from engine.repository.words import MOST_NAMED, counted

STYLES = {
    "green": "green",
    "verified": "green",
    "partly": "yellow",
    "red": "red",
    "no_fix": "red",
    "environment": "magenta",
    "cancelled": "yellow",
}


def print_repository(result: RepositoryResult, *, written: Sequence[str] = ()) -> None:
    """Print every cause, its diff and verdict, and the conclusion on stdout."""
    console = screen()
    for number, healed in enumerate(result.healed, 1):
        _print_cause(healed, f"cause {number} of {len(result.healed)}", console)
    for finding in _of_packages(result):
        console.print(Text(plain_line(_place(finding) + finding.message, limit=900)), soft_wrap=True)
        for line in redact(finding.evidence).strip().splitlines()[-MOST_LINES:]:
            console.print(Text(f"  {plain_line(line)}", style="dim"), soft_wrap=True)
    next_step = "" if written else result.next_step
    _framed(console, result.outcome, STYLES[result.outcome], list(_lines(result, next_step)))


def _of_packages(result: RepositoryResult) -> tuple[Finding, ...]:
    """What is red, in the end, because a package is not there or cannot be had."""
    run = result.after or result.before
    told = tuple(finding for finding in run.findings if finding.check == NAME)
    return told if result.outcome in {"red", "no_fix", "partly"} else ()


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.line}: " if finding.path and finding.line else ""


def _print_cause(healed: Healed, title: str, console: Console) -> None:
    if healed.diff and console.is_terminal:
        console.print(diff_text(readable(healed.diff)), soft_wrap=True, end="")
    elif healed.diff:
        write_among_words(healed.diff)  # rich would turn tabs into blanks, and the diff would not apply
    style = STYLES.get(healed.run.outcome or "", "yellow")
    tests = healed.cause.tests
    more = f" and {len(tests) - MOST_NAMED} more" if len(tests) > MOST_NAMED else ""
    lines = [
        Text(plain_line(healed.cause.name, limit=300), style="bold"),
        Text(plain_line(f"red: {', '.join(tests[:MOST_NAMED])}{more}", limit=400), style="dim"),
        *verdict_lines(healed.run),
    ]
    _framed(console, f"{title}: {outcome_words(healed.run)}", style, lines)


def _lines(result: RepositoryResult, next_step: str) -> Iterator[Text]:
    yield Text(plain_line(result.summary, limit=600))
    if result.outcome == "red":
        for suspect in suspects_in_lines(result.before.suspects[:SHOWN]):
            yield Text(plain_line(f"suspected: {suspect}", limit=200))
    if result.environment is not None and result.environment.reference:
        made = "made" if result.environment.built else "found"
        words = f"environment {result.environment.reference} ({made}, {counted(len(result.environment.packages), 'package')})"
        yield Text(plain_line(words), style="dim")
    facts = [seconds(result.seconds)]
    if result.candidates:
        facts.append(counted(result.candidates, "candidate"))
    if result.usage.calls:
        facts.append(f"{result.usage.tokens} tokens, {money(result.usage)}")
    yield Text(" · ".join(facts), style="dim")
    if next_step:
        yield Text().append("next: ", style="bold").append(plain_line(next_step, limit=400))


def _framed(console: Console, title: str, style: str, lines: list[Text]) -> None:
    text = Text("\n").join(lines)
    if console.is_terminal:
        console.print(Panel(text, title=Text(title, style=f"bold {style}"), title_align="left", border_style=style))
    else:
        console.print(Text(f"{title}: ").append_text(text), soft_wrap=True)
