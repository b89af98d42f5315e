"""Who writes what answers over HTTP, works through a queue or runs by a schedule."""

from __future__ import annotations

from agents.answering import Answer
from agents.roles.card import NOT_THE_CODE, Card

BACKEND = Card(
    role="backend",
    title="Backend engineer",
    prompt="role_backend",
    answer=Answer,
    writes=("services/{component}/**",),
    never=NOT_THE_CODE,
    judged_by=(
        "The contract: planned files, imports, names and signatures across files, and a route for every operation.",
        "The component's frozen tests, in a box without network: every one green, and red against an empty stand-in.",
        "Linters and types: ruff for Python; tsc and eslint for TypeScript.",
        "It is started by its command, and answers its health path and its operations over HTTP as its document says.",
        "What nobody calls is run by its command: a job ends with 0 each time, a worker goes on until it is asked to end.",
    ),
)
