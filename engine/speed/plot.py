"""A picture of one comparison for a README: bars for the medians, a whisker to the 95th percentile, no colour scheme assumed."""

from __future__ import annotations

from xml.sax.saxutils import escape

from engine.speed.ours import CHECK
from engine.speed.result import Comparison, Row

_WIDTH, _LEFT, _RIGHT = 820, 210, 230
_TOP, _STEP, _BAR = 64, 30, 16
_FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif"
# Mid greys and one accent that stand out on white as on black; a page that says which it is gets text to match.
_STYLE = """
text { font-family: %s; font-size: 13px; fill: #57606a }
.title { font-size: 15px; font-weight: 600; fill: #24292f }
.bar { fill: #8c959f } .ours { fill: #1f9d6b } .whisker { stroke: #6e7781; stroke-width: 1.5 }
.name, .value { fill: #24292f }
@media (prefers-color-scheme: dark) {
  text { fill: #9ea7b3 } .title, .name, .value { fill: #e6edf3 }
  .bar { fill: #6e7681 } .ours { fill: #2ec27e } .whisker { stroke: #b1bac4 }
}
"""


def draw(comparison: Comparison, *, under: str = "") -> str:
    """An SVG document of the contenders that were measured, the quickest on top. *under* is a line below the bars.

    A whole check is left out: it does more than the others.
    """
    rows = sorted(
        (row for row in comparison.rows if row.times.median_ms is not None and row.contender != CHECK),
        key=lambda row: row.times.median_ms or 0.0,
    )
    longest = max((max(row.times.median_ms or 0.0, row.times.p95_ms or 0.0) for row in rows), default=1.0)
    height = _TOP + _STEP * len(rows) + 34
    title = f"One verdict (pytest and ruff) on {comparison.name}"
    legend = f"ms from files in hand to answer in hand: median, with a line to the 95th percentile; {comparison.load} machine"
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE % _FONT}</style>",
        f'<text class="title" x="12" y="26">{escape(title)}</text>',
        f'<text x="12" y="46">{escape(legend)}</text>',
        *(_bar(row, at=_TOP + _STEP * number, longest=longest) for number, row in enumerate(rows)),
        f'<text x="12" y="{height - 12}">{escape(under)}</text>' if under else "",
        "</svg>",
    ]
    return "\n".join(piece for piece in pieces if piece) + "\n"


def _bar(row: Row, *, at: int, longest: float) -> str:
    median, far = row.times.median_ms or 0.0, row.times.p95_ms or 0.0
    room = _WIDTH - _LEFT - _RIGHT
    long, reach = max(1.0, median / longest * room), far / longest * room
    middle = at + _BAR / 2
    kind = "bar ours" if row.contender.startswith("Mendbox") else "bar"
    ratio = f" · {row.ratio:.2f} of bare host" if row.ratio is not None else ""
    value = f"{median:,.0f} ms{ratio}"
    return (
        f'<text class="name" x="{_LEFT - 10}" y="{middle + 4.5}" text-anchor="end">{escape(row.contender)}</text>'
        f'<rect class="{kind}" x="{_LEFT}" y="{at}" width="{long:.1f}" height="{_BAR}" rx="2"/>'
        f'<path class="whisker" d="M{_LEFT + long:.1f} {middle}H{_LEFT + reach:.1f}m0 -4v8"/>'
        f'<text class="value" x="{_LEFT + max(long, reach) + 8:.1f}" y="{middle + 4.5}">{escape(value)}</text>'
    )
