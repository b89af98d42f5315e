"""What a role is."""

from __future__ import annotations

import re
from functools import lru_cache

from pydantic import BaseModel

from agents.base import Value

NOT_THE_CODE = (
    "services/{component}/tests/**",
    "services/{component}/Dockerfile",
    "services/{component}/*.template",
    "services/{component}/**.test.*",
)
"""What is not for those to write who write a component: it is the tester's and DevOps's."""


class Card(Value):
    """A role: what it is told, what it answers with, what it may write, and what judges that."""

    role: str
    title: str
    prompt: str
    """Name of its prompt below `agents/prompts`."""
    answer: type[BaseModel]
    """The shape of its replies."""
    writes: tuple[str, ...]
    """Paths from the project's folder: ``*`` is part of a name, ``**`` any depth, ``{component}`` its component's name, or
    any where it has none.
    """
    never: tuple[str, ...] = ()
    """Those of them that are another's after all."""
    judged_by: tuple[str, ...]
    """Checks, a sentence each: it is told them too."""

    def may_write(self, path: str, component: str = "") -> bool:
        """Whether *path* is this role's to write, in the part of *component*."""
        return _any(self.writes, path, component) and not _any(self.never, path, component)


def _any(patterns: tuple[str, ...], path: str, component: str) -> bool:
    return any(_compiled(pattern, component).fullmatch(path) for pattern in patterns)


@lru_cache(maxsize=1_000)
def _compiled(pattern: str, component: str) -> re.Pattern[str]:
    of = re.escape(component) if component else "[^/]+"
    words = {"**": ".+", "*": "[^/]*", "{component}": of}
    return re.compile(
        "".join(words.get(word, re.escape(word)) for word in re.split(r"(\*\*|\*|\{component\})", pattern))
    )
