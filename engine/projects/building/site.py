"""A project while it is built: its files, whose each of them is, and what may be taken of a delivery."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from agents.building import Delivery
from agents.plans.plan import Component, Plan, Role
from agents.plans.scenario import Scenario
from engine.domain import Finding
from engine.projects.contract import dockerfile_of, web_template_of

LOCK = "package-lock.json"
"""Written by nobody, but made from ``package.json``."""
MOST_CHARACTERS = 200_000
"""Of one file that somebody delivers."""

MOST_SCENARIOS = 120
"""Twice the requirements that a plan may have."""


class Part(NamedTuple):
    """What one agent delivers: one role's files of a component; of the whole, where that is empty."""

    role: Role
    component: str

    @property
    def where(self) -> str:
        """The component that it is part of, as an outcome names it."""
        return self.component or ("deployment" if self.role == "devops" else "project")

    def __str__(self) -> str:
        return f"{self.role}:{self.component}" if self.component else self.role


SCENARIOS = Part("qa", "")
DEPLOYMENT = Part("devops", "")


class Site:
    """The files of *plan* as they stand. *deployment* are those that were made from the plan, for a start."""

    def __init__(self, plan: Plan, deployment: Mapping[str, str]) -> None:
        self.plan = plan
        self.files: dict[str, str] = dict(deployment)
        self.scenarios: tuple[Scenario, ...] = ()
        self.deliveries: Counter[Part] = Counter()
        """How often each was asked."""
        self._deployment = frozenset(deployment)
        self._owners = {file.path: Part(file.role, file.owner) for file in plan.files}
        self._owners |= dict.fromkeys(deployment, DEPLOYMENT)
        self._components = {component.name: component for component in plan.components}

    @property
    def tests(self) -> tuple[Part, ...]:
        """Parts that are tests of a component."""
        return tuple(part for part in self._planned() if part.role == "qa")

    @property
    def code(self) -> tuple[Part, ...]:
        """Parts that are a component's code, of whatever role."""
        return tuple(part for part in self._planned() if part.role != "qa")

    def component(self, name: str) -> Component:
        return self._components[name]

    def owner(self, path: str) -> Part:
        """Who has to act where something is wrong with *path*: whoever writes it, else whoever writes its component."""
        known = self._owners.get(path)
        if known is not None and not path.endswith(f"/{LOCK}"):
            return known
        name = next((name for name in self._components if f"{path}/".startswith(f"services/{name}/")), "")
        if not name:
            return DEPLOYMENT
        if path in {dockerfile_of(name), web_template_of(name)}:
            return DEPLOYMENT
        tests = Part("qa", name)
        return tests if f"/{path}".startswith(f"/services/{name}/tests/") and tests in self.tests else self.writer(name)

    def writer(self, component: str) -> Part:
        """Who writes the code of *component*: its own role, where that has a file of it."""
        mine = [part for part in self.code if part.component == component]
        wanted = Part(self._components[component].role, component)
        return wanted if wanted in mine or not mine else mine[0]

    def writable(self, part: Part) -> tuple[str, ...]:
        """Paths that *part* may write."""
        return tuple(
            sorted(path for path, owner in self._owners.items() if owner == part and not path.endswith(f"/{LOCK}"))
        )

    def of(self, part: Part) -> dict[str, str]:
        """The files of *part* that there are."""
        return {path: self.files[path] for path in self.writable(part) if path in self.files}

    def code_of(self, component: str) -> dict[str, str]:
        """What is judged of *component*, by path from its own folder: no test, and nothing that only ships it."""
        return {path: text for path, text in self._below(component) if not self._is_test(component, path)}

    def tests_of(self, component: str) -> dict[str, str]:
        """Its frozen tests, and what stands among them, by path from its own folder."""
        return {path: text for path, text in self._below(component) if self._is_test(component, path)}

    def readable(self, part: Part) -> dict[str, str]:
        """What *part* may see of others: for code, its frozen tests and what others write of its component; for tests and
        scenarios nothing, which makes sure that they follow from the plan.
        """
        if part.role == "qa":
            return {}
        if part == DEPLOYMENT:
            wanted = ("pyproject.toml", "package.json")
            return {path: text for path, text in self.files.items() if path.rpartition("/")[2] in wanted}
        mine = self.writable(part)
        beside = f"services/{part.component}/"
        return {
            path: text
            for path, text in self.files.items()
            if path.startswith(beside) and path not in mine and not path.endswith(f"/{LOCK}")
        }

    def take(self, part: Part, delivery: Delivery) -> tuple[Finding, ...]:
        """Write what *part* may write of *delivery*; a finding for all else, which is not written anywhere."""
        allowed = set(self.writable(part))
        findings: list[Finding] = []
        for path, text in sorted(delivery.files.items()):
            if path not in allowed:
                if self.files.get(path) != text:
                    findings.append(_refused(path, f"{path[:200]!r} is not planned for {part}: it was not written"))
            elif len(text) > MOST_CHARACTERS:
                findings.append(
                    _refused(path, f"it has {len(text):,} characters, and may have {MOST_CHARACTERS:,}: not written")
                )
            else:
                self.files[path] = text
        if part == SCENARIOS and len(delivery.scenarios) > MOST_SCENARIOS:
            count = (
                f"{len(delivery.scenarios)} scenarios are more than the {MOST_SCENARIOS} that are run: none was taken"
            )
            findings.append(Finding(check="contract", rule="refused", message=count))
        elif part == SCENARIOS and delivery.scenarios:
            self.scenarios = delivery.scenarios
        return tuple(findings[:50])

    def missing(self, part: Part) -> tuple[Finding, ...]:
        """Planned files of *part* that nobody has written."""
        return tuple(
            Finding(check="contract", rule="missing", path=path, message="it is planned, and was not delivered")
            for path in self.writable(part)
            if path not in self.files
        )

    def _planned(self) -> Iterable[Part]:
        return dict.fromkeys(
            Part(file.role, file.owner) for file in self.plan.files if not file.path.endswith(f"/{LOCK}")
        )

    def _below(self, component: str) -> Iterator[tuple[str, str]]:
        folder = f"services/{component}/"
        for path, text in self.files.items():
            if path.startswith(folder) and path not in self._deployment and not path.endswith(f"/{LOCK}"):
                yield path.removeprefix(folder), text

    def _is_test(self, component: str, path: str) -> bool:
        owner = self._owners.get(f"services/{component}/{path}")
        return owner is not None and owner.role == "qa"


def _refused(path: str, message: str) -> Finding:
    return Finding(check="contract", rule="refused", path=path[:200], message=message)
