"""One component's part of the files, and how something wrong in it is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agents.plans.plan import Component, Plan
from engine.domain import Finding

CHECK = "contract"
MOST_FILE_BYTES = 1 << 20
MOST_TOTAL_BYTES = 16 << 20
_MOST_SAID = 600
"""Characters of a message, which names what others have written."""
_MOST_PATH = 300


@dataclass(frozen=True)
class Part:
    """The files of *component*, by path from its folder."""

    component: Component
    files: Mapping[str, str]

    @property
    def folder(self) -> str:
        return f"services/{self.component.name}/"

    def wrong(self, rule: str, path: str, line: int | None, message: str) -> Finding:
        """*path* is one from the component's folder."""
        return wrong(rule, self.folder + path, line, message)

    def between(self, rule: str, path: str, line: int, target: str, message: str) -> Finding:
        """Something that *path* takes from *target*: what tests take, which others are held to, is told at the target."""
        if _is_of_tests(path) and not _is_of_tests(target):
            return self.wrong(rule, target, None, f"{path}:{line} tests what is not so here: {message}")
        return self.wrong(rule, path, line, message)


def parts_of(plan: Plan, files: Mapping[str, str]) -> tuple[Part, ...]:
    """Every component with its files; those that are too long to be read are left out, and told elsewhere."""
    return tuple(
        Part(
            component,
            {
                path.removeprefix(folder): text
                for path, text in files.items()
                if path.startswith(folder) and len(text) <= MOST_FILE_BYTES
            },
        )
        for component in plan.components
        for folder in (f"services/{component.name}/",)
    )


def wrong(rule: str, path: str, line: int | None, message: str) -> Finding:
    """*message* says what is wrong and what to do about it."""
    return Finding(
        check=CHECK, rule=rule, path=_told(path)[:_MOST_PATH], line=line, message=_told(message)[:_MOST_SAID]
    )


def shown(names: Iterable[str], most: int = 8) -> str:
    """*names* for a message, no more than *most* of them."""
    listed = sorted(names)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(name[:80] for name in listed[:most]) + more if listed else "none"


def _is_of_tests(path: str) -> bool:
    return path.startswith("tests/")


def _told(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:_MOST_SAID])
