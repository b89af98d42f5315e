"""Who says by tests and scenarios what the others have to reach."""

from __future__ import annotations

from collections import Counter
from typing import Self

from pydantic import model_validator

from agents.answering import Edit, Text, WholeFile, said_once
from agents.base import Value
from agents.plans.scenario import Scenario
from agents.roles.card import Card


class Tested(Value):
    """Tests and scenarios, and why these."""

    note: Text = ""
    edits: tuple[Edit, ...] = ()
    files: tuple[WholeFile, ...] = ()
    scenarios: tuple[Scenario, ...] = ()
    """All of them; none where those that there are stay."""

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        if not self.edits and not self.files and not self.scenarios:
            raise ValueError("it names no edit, no file and no scenario")
        said_once(self.edits, self.files)
        names = Counter(scenario.name for scenario in self.scenarios)
        if twice := [name for name, times in names.items() if times > 1]:
            raise ValueError(f"two scenarios are called {twice[0]!r}")
        return self


QA = Card(
    role="qa",
    title="Tester",
    prompt="role_qa",
    answer=Tested,
    writes=("services/{component}/tests/**",),
    judged_by=(
        "Every requirement is named by a test (R1 in its name, its docstring or the comment before it) and by a scenario.",
        "Every test is red against an empty stand-in of what it tests, and green on the finished project.",
        "Every scenario is red against a page with nothing in it, and red on the project once its expectation is made wrong.",
    ),
)
