"""The jobs of a workflow, and what their matrices come to."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.dependencies.tables import Table, below, items, table, text
from engine.projects.shipping.reading import Document

_MATRIX = re.compile(r"\$\{\{\s*matrix\.([A-Za-z_][\w-]*)\s*\}\}")
_MOST_COMBINATIONS = 256
"""As GitHub has it."""


class Job(NamedTuple):
    name: str
    value: Table
    folder: str
    """Where its commands start, where nothing else is said."""

    @property
    def steps(self) -> tuple[str | int, ...]:
        """Where it stands in its document."""
        return ("jobs", self.name)

    @property
    def needs(self) -> list[str]:
        given = self.value.get("needs")
        return [given] if isinstance(given, str) else [str(each) for each in items(given)]

    @property
    def each_step(self) -> list[tuple[tuple[str | int, ...], Table]]:
        return [
            ((*self.steps, "steps", index), table(each)) for index, each in enumerate(items(self.value.get("steps")))
        ]

    @property
    def matrix(self) -> Table:
        return below(self.value, "strategy", "matrix")

    @property
    def combinations(self) -> list[dict[str, str]]:
        """Of the values of its matrix; one without any where it has none."""
        matrix = self.matrix
        lists = {
            name: values
            for name, values in matrix.items()
            if isinstance(values, list) and name not in {"include", "exclude"}
        }
        made = [
            {name: str(value) for name, value in zip(lists, values, strict=True)}
            for values in itertools.islice(itertools.product(*lists.values()), _MOST_COMBINATIONS)
        ]
        included = [{name: str(value) for name, value in table(each).items()} for each in items(matrix.get("include"))]
        return [*(each for each in made if each), *included] or [{}]

    def filled(self, value: str) -> list[str]:
        """*value* as it is in each combination of the matrix, each once."""
        return list(
            dict.fromkeys(
                _MATRIX.sub(lambda match, values=values: values.get(match[1], match[0]), value)  # type: ignore[misc]
                for values in self.combinations
            )
        )


def jobs_of(document: Document) -> tuple[Job, ...]:
    return tuple(_jobs(table(document.value)))


def _jobs(whole: Table) -> Iterator[Job]:
    usual = text(below(whole, "defaults", "run").get("working-directory"))
    for name, value in table(whole.get("jobs")).items():
        own = text(below(value, "defaults", "run").get("working-directory"))
        yield Job(name, table(value), own or usual)
