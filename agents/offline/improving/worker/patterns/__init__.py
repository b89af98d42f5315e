"""Known-slow patterns, one family a file: each proposes, and none of them is trusted."""

from __future__ import annotations

from collections.abc import Iterator

from ..program import Program
from ..proposal import Proposal, Propose
from .collecting import collecting
from .copying import copying
from .joining import joining
from .least import least
from .lookups import lookups
from .membership import membership
from .memo import memo
from .queues import queues
from .regexes import regexes
from .repeated import repeated

PATTERNS: tuple[Propose, ...] = (
    lookups, membership, collecting, queues, copying, joining, memo, regexes, repeated, least,
)  # fmt: skip
"""In the order in which they are tried: what changes the growth of the work comes first."""


def propose(program: Program) -> Iterator[Proposal]:
    """Everything that any pattern proposes for *program*."""
    for pattern in PATTERNS:
        yield from pattern(program)
