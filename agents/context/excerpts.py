"""One file in part: its weightiest functions and classes with their lines, and the signatures of the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from agents.base import Value
from agents.context.parts import Part, parts_of
from agents.context.tokens import tokens
from agents.prompts import fence

OUTLINE_SHARE = 0.3
"""Of the room of one file, for the outline."""
_PIECE = 40
"""Lines of the pieces of a part that is too long to be shown as one."""


class Piece(Value):
    """Something to show under a label."""

    label: str
    text: str

    @property
    def fenced(self) -> str:
        return fence(self.label, self.text)

    @property
    def tokens(self) -> int:
        return tokens(self.fenced) + 1


def in_part(path: str, text: str, weigh: Callable[[Part], float], room: int) -> tuple[Piece, ...]:
    """What of *text* fits into *room* tokens: parts in the order of the file, then an outline of what is not shown."""
    lines = text.splitlines(keepends=True)
    parts = [
        piece for part in parts_of(path, text) for piece in _bearable(part, lines, most=room * (1 - OUTLINE_SHARE) / 2)
    ]
    order = sorted((part for part in parts if weigh(part) > 0), key=lambda part: (-weigh(part), part.first))
    head = [part for part in parts[:1] if not part.name]
    chosen: list[Part] = []
    left = room * (1 - OUTLINE_SHARE)
    for part in [*order[:1], *head, *order[1:]]:
        cost = tokens("".join(lines[part.first - 1 : part.last])) + 15
        if cost <= left and part not in chosen:
            chosen.append(part)
            left -= cost
    shown = [_piece(path, first, last, lines) for first, last in _runs(chosen)]
    used = sum(piece.tokens for piece in shown)
    outline = outline_of(path, text, room - used, but=chosen)
    return (*shown, *outline)


def outline_of(path: str, text: str, room: int, *, but: Sequence[Part] = ()) -> tuple[Piece, ...]:
    """The signatures in *text*, with their lines, in at most *room* tokens; none where there is nothing to outline."""
    shown = {part.first for part in but}
    hidden = [part for part in parts_of(path, text) if part.signature and part.first not in shown]
    kept: list[str] = []
    left = room - 25
    for part in hidden:
        line = f"{part.first:>6}  {'  ' * part.name.count('.')}{part.signature}"
        left -= tokens(line) + 1
        if left < 0:
            kept.append(f"[... {len(hidden) - len(kept)} more ...]")
            break
        kept.append(line)
    if not hidden or (len(kept) == 1 and left < 0):
        return ()
    rest = "the rest" if but else "only"
    return (Piece(label=f"{path}: {rest} in outline, each with its line", text="\n".join(kept)),)


def _runs(parts: Iterable[Part]) -> Iterator[tuple[int, int]]:
    """Neighbours among *parts* put together, as first and last lines."""
    begun: tuple[int, int] | None = None
    for part in sorted(parts, key=lambda part: part.first):
        if begun is not None and part.first <= begun[1] + 3:
            begun = (begun[0], part.last)
            continue
        if begun is not None:
            yield begun
        begun = (part.first, part.last)
    if begun is not None:
        yield begun


def _piece(path: str, first: int, last: int, lines: Sequence[str]) -> Piece:
    last = min(last, len(lines))
    return Piece(label=f"{path}: lines {first}-{last} of {len(lines)}", text="".join(lines[first - 1 : last]))


def _bearable(part: Part, lines: Sequence[str], most: float) -> Iterator[Part]:
    """*part*, cut into pieces where it is more than *most* tokens: each weighs what is known of its own lines."""
    if tokens("".join(lines[part.first - 1 : part.last])) <= most:
        yield part
        return
    for first in range(part.first, part.last + 1, _PIECE):
        yield part.model_copy(update={"first": first, "last": min(part.last, first + _PIECE - 1)})
