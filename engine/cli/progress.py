"""How a run goes, while it goes: a few lines that stay, and one that moves; plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from engine.cli.dependencies import OF_ENVIRONMENT
from engine.cli.terminal import plain_line, screen
from engine.cli.wording import judged_before, money, seconds, tests_line, what_failed
from engine.domain import Attempt, Verdict
from engine.events import (
    AttemptEnded,
    AuthorAsked,
    AuthorProgress,
    Event,
    InputJudged,
    Noted,
    Preparing,
    RunEnded,
    RunStarted,
    Watcher,
)

if TYPE_CHECKING:
    from rich.live import Live

WIDE = 100
AS_HANDED_IN = "as handed in"
JUDGED_ONLY = "caller"
"""Author of the one draft of a run that only judges: whoever handed the code in."""


class Display:
    """A watcher that shows each event: lasting ones as a line, passing ones as what is done at the moment."""

    def __init__(self, console: Console, *, before: str, live: Live | None = None) -> None:
        self._console = console
        self._before = before
        self._live = live
        self._since = time.monotonic()
        self.doing = "opening a box"

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._now("judging the code as handed in")
            case Preparing():
                self._prepares(plain_line(event.message))
            case Noted():
                self._stays(Text(plain_line(event.message), style="bold"))
            case InputJudged():
                green = event.verdict.green
                line = (
                    Text()
                    .append(f"{self._before}  ", style="dim")
                    .append(tests_line(event.verdict), style="green" if green else "red")
                )
                if not event.verdict.tests and not green:
                    line.append("  ").append(what_failed(event.verdict))
                self._stays(line)
                self._source(event.verdict)
                self._now("asking an author")
            case AuthorAsked():
                self._now(f"attempt {event.number}: {plain_line(event.author)} at work")
            case AuthorProgress():
                self._now(f"{plain_line(event.author)}: {plain_line(event.message)}")
            case AttemptEnded():
                self._stays(attempt_line(event.attempt))
                self._source(event.attempt.verdict)
                self._now("asking an author again")
            case RunEnded():
                self._now("closing")

    def __rich__(self) -> RenderableType:
        from rich.spinner import Spinner  # noqa: PLC0415 (as below)

        line = Table.grid(padding=(0, 1))
        line.add_row(
            Spinner("dots", style="cyan"),
            Text(self.doing, overflow="ellipsis", no_wrap=True),
            Text(seconds(time.monotonic() - self._since), style="dim"),
        )
        return line

    def _source(self, verdict: Verdict) -> None:
        if verdict.from_run:
            self._stays(Text(f"  {judged_before(verdict)}", style="dim"))

    def _prepares(self, message: str) -> None:
        self._now(message)
        if self._live is None and message.removeprefix(OF_ENVIRONMENT)[:1].islower():
            # in a log nothing moves: it has what we say ourselves, and not every line of pip and the engine
            self._stays(Text(message, style="dim"))

    def _stays(self, line: Text) -> None:
        line.overflow, line.no_wrap = "ellipsis", True
        self._console.print(line, soft_wrap=self._live is None)

    def _now(self, doing: str) -> None:
        if doing != self.doing:
            self.doing, self._since = doing, time.monotonic()


def attempt_line(attempt: Attempt) -> Text:
    """Number, author, what was tried, what it took, and last, as it may be cut, what became of it."""
    draft, verdict = attempt.draft, attempt.verdict
    line = Text()
    if draft.author != JUDGED_ONLY:
        line.append(f"attempt {attempt.number}  ", style="dim")
        line.append(plain_line(draft.author), style="bold")
    if draft.model:
        line.append(f" {plain_line(draft.model)}")
    if draft.candidates:
        line.append(f", {draft.candidates} candidates", style="dim")
    if draft.rounds:
        line.append(f", looked {'once' if draft.rounds == 1 else f'{draft.rounds} times'}", style="dim")
    line.append(f"  {seconds(attempt.seconds)}", style="dim")
    if draft.usage.usd:
        line.append(f"  {money(draft.usage)}", style="dim")
    line.append("  ")
    if draft.unusable:
        line.append(f"✗ reply cannot be used: {plain_line(draft.unusable)}", style="red")
    elif verdict.verified:
        line.append(f"✓ {tests_line(verdict)}", style="green")
    elif verdict.green:
        line.append("~ green, but a proof is missing", style="yellow")
    else:
        line.append(f"✗ {what_failed(verdict)}", style="red")
    return line


@contextmanager
def display(title: str, *, before: str = AS_HANDED_IN) -> Iterator[Watcher]:
    """A watcher that shows a run on stderr, under *title*, for as long as the context lasts.

    *before* names the code that the first verdict is about.
    """
    console = screen(stderr=True)
    console.print(
        Text().append("mendbox ", style="bold cyan").append(plain_line(title, limit=WIDE), style="bold"), soft_wrap=True
    )
    if not console.is_terminal or console.is_dumb_terminal:
        yield Display(console, before=before)
        return
    from rich.live import Live  # noqa: PLC0415 (only a terminal shows anything that moves)

    live = Live(console=console, refresh_per_second=8, transient=True)
    shown = Display(console, before=before, live=live)
    live.update(shown)
    with live:
        yield shown
