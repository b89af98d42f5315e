"""What a caller can do next, in this face's words: whoever asks a tool has no command line at hand."""

from __future__ import annotations

from engine.domain import Run
from serving.telling import line

BEGIN_AGAIN = "Begin it again by start_run or auto_fix_code with the same arguments; or `mendbox resume {id}` on the server's machine."
WORDS = (
    ("; on the command line --apply writes it", ""),
    (
        "Allow more with --attempts, --seconds or the token",
        "Allow more by `attempts` or `seconds`, or the server's token",
    ),
    ("Allow more with --seconds", "Allow more by `seconds`"),
    (", or choose another author with --author", ""),
    ("ave it mended: mendbox fix PATH", "ave it mended by auto_fix_code"),
    ("ave it mended: mendbox fix", "ave it mended by auto_fix_code"),
    ("Have it checked again", "Check it again by check_code"),
    ("Look at the attempts with `mendbox show`", "Look at the attempts"),
    ("See with `mendbox show` why", "See in `attempts` why"),
    (
        "Run `mendbox doctor`, put right what it names",
        "Have `mendbox doctor` run on the server's machine, put right what it names",
    ),
)
"""The command line's words, and those that stand for them here."""


def next_step(run: Run) -> str:
    """One sentence; empty while there is nothing to do but wait."""
    if run.status == "interrupted":
        return f"The server that was at work on it has ended. {BEGIN_AGAIN.format(id=run.id)}"
    if run.outcome == "cancelled" and "mendbox resume" in run.next_step:
        return BEGIN_AGAIN.format(id=run.id)
    said = run.next_step
    for there, here in WORDS:
        said = said.replace(there, here)
    return line(said, 1_000)
