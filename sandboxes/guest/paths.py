"""Which paths may be written or read in a box. The same rule on both sides of the wall."""

from __future__ import annotations

LONGEST = 1_024
LONGEST_PART = 255


def why_unsafe(path: str) -> str | None:
    """The reason why *path* is refused, or None where it is a plain relative path."""
    # not printable are NUL, line breaks, surrogates, and the marks that turn the reading direction
    rules = (
        (not path, "is empty"),
        (not path.isprintable(), "has a character that cannot be printed"),
        ("\\" in path, "has a backslash"),
        (path.startswith("/"), "is absolute"),
        (_size(path) > LONGEST, f"is longer than {LONGEST} bytes"),
        (not {"", ".", ".."}.isdisjoint(path.split("/")), "has a part that is empty, '.' or '..'"),
        (any(_size(part) > LONGEST_PART for part in path.split("/")), f"has a part longer than {LONGEST_PART} bytes"),
    )
    return next((reason for broken, reason in rules if broken), None)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
