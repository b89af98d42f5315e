"""Text that came out of a box or a repository, made fit to be shown in a report: visible, without secrets, bounded."""

from __future__ import annotations

import re

from engine.redaction import redact

HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
"""Control characters but tab and line feed; what turns the direction of text or hides it; lone surrogates. XML takes none
of those that are control characters, and a reader is misled by the others."""
PICTURES = 0x2400
"""Unicode's pictures of the control characters start here."""
CUT = "\n[… {left} more characters]"


def visible(text: str) -> str:
    """*text* with every hidden character shown instead; line ends become line feeds."""
    return HIDDEN.sub(_picture, text.replace("\r\n", "\n"))


def line(text: str, *, limit: int = 300) -> str:
    """*text* as one line of at most *limit* characters, without secrets."""
    words = " ".join(visible(redact(text[: limit * 8])).split())
    return words if len(words) <= limit else words[: limit - 1] + "…"


def passage(text: str, *, limit: int = 6_000) -> str:
    """*text* with its lines, without secrets; what is over *limit* characters is left out and counted."""
    told = visible(redact(text[: limit * 2]))
    left = len(text) - limit
    return told if len(told) <= limit and left <= 0 else told[:limit] + CUT.format(left=max(left, len(told) - limit))


def _picture(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(PICTURES + code)
    return "␡" if code == 0x7F else f"<U+{code:04X}>"
