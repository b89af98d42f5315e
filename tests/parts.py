"""The tests with boxes in parts that can run side by side: each waits for the engine most of the time.

No test knows what part it is in. Boxes are told apart by the process that made them, images by what they are made of.
"""

from __future__ import annotations

PARTS = {
    "judged": ("tests/test_integrity.py", "tests/test_impossible.py"),
    "told": ("tests/stories/", "tests/cli/", "tests/server/", "tests/conformance/", "tests/builds/"),
    "boxes": ("",),
}
"""Beginnings of node ids; the first part with one that fits is a test's own."""


def part_of(node: str) -> str:
    return next(part for part, beginnings in PARTS.items() if node.startswith(beginnings))
