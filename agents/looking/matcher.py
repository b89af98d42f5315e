"""Finds a regular expression in texts: a process of its own, because some patterns take for ever and cannot be stopped else.

Standard input: ``{"pattern", "texts", "most"}``; standard output: ``{"hits": [[path, line]]}`` or ``{"wrong": why}``.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import warnings

MEMORY = 1 << 30
"""Bytes of address space beyond which it is to fail, not this machine."""


def find(pattern: str, texts: dict[str, str], most: int) -> list[tuple[str, int]]:
    """Path and line of at most *most* lines in which a match begins."""
    compiled = re.compile(pattern, re.MULTILINE)
    hits: list[tuple[str, int]] = []
    for path, text in texts.items():
        latest, line, counted = 0, 1, 0
        for match in compiled.finditer(text):
            line += text.count("\n", counted, match.start())
            counted = match.start()
            if line != latest:
                hits.append((path, line))
                latest = line
            if len(hits) >= most:
                return hits
    return hits


def main() -> None:
    """Answer one question."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    asked = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    try:
        answer: dict[str, object] = {"hits": find(asked["pattern"], asked["texts"], asked["most"])}
    except (re.error, RecursionError, OverflowError, MemoryError) as error:
        answer = {"wrong": str(error)[:200] or type(error).__name__}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
