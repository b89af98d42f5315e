"""A picture of the stream for a README: the median number of candidates, by how often the kind was seen before."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Protocol
from xml.sax.saxutils import escape

_WIDTH, _HEIGHT = 820, 360
_LEFT, _TOP, _RIGHT, _BOTTOM = 70, 70, 210, 50
_STYLE = """
text { font-family: system-ui, -apple-system, 'Segoe UI', sans-serif; font-size: 13px; fill: #57606a }
.title { font-size: 15px; font-weight: 600; fill: #24292f }
.without { stroke: #8c959f; fill: none; stroke-width: 2 } .taught { stroke: #1f9d6b; fill: none; stroke-width: 2.5 }
.one { fill: #1f9d6b; fill-opacity: .35 } .other { fill: #8c959f; fill-opacity: .35 } .rule { stroke: #8c959f; stroke-opacity: .25 }
.name { fill: #24292f }
@media (prefers-color-scheme: dark) {
  text { fill: #9ea7b3 } .title, .name { fill: #e6edf3 }
  .without { stroke: #6e7681 } .taught { stroke: #2ec27e } .one { fill: #2ec27e }
}
"""


class Counted(Protocol):
    """One bug of the stream."""

    @property
    def place(self) -> int: ...
    @property
    def without(self) -> int: ...
    @property
    def taught(self) -> int: ...


def draw(pairs: Sequence[Counted]) -> str:
    """An SVG document; the candidates are on a scale of powers of ten."""
    places = sorted({pair.place for pair in pairs})
    most = max(max(pair.without, pair.taught, 10) for pair in pairs)
    top = math.ceil(math.log10(most))

    def across(place: int) -> float:
        return _LEFT + (place - 1) / max(1, places[-1] - 1) * (_WIDTH - _LEFT - _RIGHT)

    def up(count: float) -> float:
        return _HEIGHT - _BOTTOM - math.log10(max(1.0, count)) / top * (_HEIGHT - _TOP - _BOTTOM)

    def line(kind: str, name: str, of: Callable[[Counted], int], step: float) -> list[str]:
        points = [(across(p), up(median(of(pair) for pair in pairs if pair.place == p))) for p in places]
        dots = "one" if kind == "taught" else "other"
        return [
            *(f'<circle class="{dots}" cx="{across(p.place) + step:.1f}" cy="{up(of(p)):.1f}" r="3"/>' for p in pairs),
            f'<path class="{kind}" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in points)}"/>',
            f'<text class="name" x="{points[-1][0] + 14:.1f}" y="{points[-1][1] + 4.5:.1f}">{escape(name)}</text>',
        ]

    title = f"{len(pairs)} bugs with recurring kinds: candidates tried until the first with which all tests pass"
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="12" y="26">{escape(title)}</text>',
        '<text x="12" y="46">a dot is a bug, a line the median over the kinds; each bug is in another program</text>',
    ]
    for power in range(top + 1):
        y = up(10**power)
        pieces.append(f'<path class="rule" d="M{_LEFT} {y:.1f}H{_WIDTH - _RIGHT}"/>')
        pieces.append(f'<text x="{_LEFT - 12}" y="{y + 4.5:.1f}" text-anchor="end">{10**power:,}</text>')
    pieces += [f'<text x="{across(p):.1f}" y="{_HEIGHT - 26}" text-anchor="middle">{p}</text>' for p in places]
    pieces.append(f'<text x="{_LEFT}" y="{_HEIGHT - 8}">which of its kind</text>')
    pieces += line("without", "without the memory", lambda pair: pair.without, -4.0)
    pieces += line("taught", "with it", lambda pair: pair.taught, 4.0)
    return "\n".join([*pieces, "</svg>"]) + "\n"
