"""Who writes what a browser shows."""

from __future__ import annotations

from agents.answering import Answer
from agents.roles.card import NOT_THE_CODE, Card

FRONTEND = Card(
    role="frontend",
    title="Frontend engineer",
    prompt="role_frontend",
    answer=Answer,
    writes=("services/{component}/**",),
    never=NOT_THE_CODE,
    judged_by=(
        "The contract: planned files, imports and names, and calls that are operations of the interfaces it calls.",
        "tsc and eslint find nothing.",
        "The component's frozen tests, by vitest: every one green, and red against an empty stand-in.",
        "vite builds it; opened in a browser, nothing is written to the console as an error, and no request fails.",
        "Every scenario of a requirement comes to its end.",
    ),
)
