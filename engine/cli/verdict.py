"""How a run ended: its diff in colour, the verdict with its evidence, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from agents.leads import SHOWN, WIDEST, kinds_in_words, suspicions_in_words
from engine.cli.progress import JUDGED_ONLY
from engine.cli.terminal import plain, plain_line, screen
from engine.cli.wording import judged_before, money, seconds, tests_line
from engine.domain import Proof, Run

STYLES = {"verified": "green", "unverified": "yellow", "no_fix": "red", "environment": "magenta", "cancelled": "yellow"}


def print_run(run: Run, *, next_step: str | None = None) -> None:
    """Print the diff and the verdict of *run* on stdout; *next_step* stands for the run's own."""
    console = screen()
    if next_step is not None:
        run = run.model_copy(update={"next_step": next_step})
    if run.diff and console.is_terminal:
        console.print(diff_text(run.diff), soft_wrap=True, end="")
    elif run.diff:
        console.file.write(plain(run.diff))  # rich would turn tabs into blanks, and the diff would not apply
    print_verdict(run, console)


def diff_text(diff: str) -> Text:
    """*diff* coloured by line, with nothing in it that could steer a terminal."""
    text = Text()
    for line in plain(diff).splitlines(keepends=True):
        text.append(line, style=_style(line))
    return text


def print_verdict(run: Run, console: Console) -> None:
    lines = Text("\n").join(verdict_lines(run))
    title = outcome_words(run)
    if console.is_terminal:
        style = STYLES.get(run.outcome or "", "cyan")
        console.print(Panel(lines, title=Text(title, style=f"bold {style}"), title_align="left", border_style=style))
    else:
        console.print(Text(f"{title}: ").append_text(lines), soft_wrap=True)


def outcome_words(run: Run) -> str:
    if run.outcome is None:
        return run.status
    return f"{run.outcome} ({run.reason})" if run.reason else run.outcome


def verdict_lines(run: Run) -> Iterator[Text]:
    """What happened, the evidence, what it took, and the next step; one line each."""
    yield Text(plain_line(run.summary, limit=400) or "no summary")
    yield from (proof_line(proof) for proof in proofs(run))
    yield from (Text(line, style="italic") for line in note_lines(run))
    yield from search_lines(run)
    if source := last_source(run):
        yield Text(source, style="dim")
    yield Text(facts(run), style="dim")
    if run.next_step:
        yield Text().append("next: ", style="bold").append(plain_line(run.next_step, limit=400))


def note_lines(run: Run) -> Iterator[str]:
    """What the author of a verified draft says of it: what was changed, and the question that may be left open."""
    note = run.attempts[-1].draft.note if run.attempts and run.outcome == "verified" else ""
    said, _, question = note.partition(" Question: ")
    if said.strip():
        yield plain_line(said, limit=400)
    if question:
        yield f"question: {plain_line(question, limit=900)}"


def search_lines(run: Run) -> Iterator[Text]:
    """Where nothing was mended: what a search has tried, and the lines that it suspects."""
    if run.outcome == "verified":
        return
    if kinds := kinds_in_words(run.kinds):
        yield Text().append("tried: ", style="bold").append(kinds)
    suspects = run.suspects[:SHOWN]
    if suspects:
        yield Text("where the fault may be:", style="bold")
    places = [plain_line(f"{suspect.path}:{suspect.line}", limit=60) for suspect in suspects]
    for place, words, suspect in zip(places, suspicions_in_words(suspects), suspects, strict=True):
        line = Text(f"  {place:<{max(map(len, places))}}  {words:<{WIDEST}}  ")
        yield line.append(plain_line(suspect.text, limit=100), style="dim")


def proofs(run: Run) -> tuple[Proof, ...]:
    """Those of the receipt, else those of the last verdict that was taken."""
    if run.receipt:
        return run.receipt.proofs
    verdict = run.attempts[-1].verdict if run.attempts else run.baseline
    return verdict.proofs if verdict else ()


def last_source(run: Run) -> str:
    """Where the verdict that the run ended with was taken, if not in this run."""
    verdict = run.attempts[-1].verdict if run.attempts else run.baseline
    return judged_before(verdict) if verdict else ""


def proof_line(proof: Proof) -> Text:
    mark, style = ("✓", "green") if proof.held else ("✗", "red")
    line = Text().append(f"{mark} ", style=style).append(f"{plain_line(proof.name)}: ")
    return line.append(plain_line(proof.detail), style="dim")


def facts(run: Run) -> str:
    """Tests, attempts, candidates, time, money and the id, as far as there is something to say."""
    verdict = run.attempts[-1].verdict if run.attempts else run.baseline
    words = [tests_line(verdict)] if verdict else []
    if any(attempt.draft.author != JUDGED_ONLY for attempt in run.attempts):
        words.append(f"{len(run.attempts)} attempt{'s' if len(run.attempts) > 1 else ''}")
    if run.candidates:
        words.append(f"{run.candidates} candidates")
    if run.seconds:
        words.append(seconds(run.seconds))
    if run.usage.calls:
        words.append(f"{run.usage.tokens} tokens, {money(run.usage)}")
    return " · ".join([*words, f"run {run.id}"])


def _style(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return "bold"
    return {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
