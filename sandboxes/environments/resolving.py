"""From requirements to wheels: pip chooses, what has no wheel is built, and so on until all are wheels."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from sandboxes.environments.fetching import Answer, Pip, unresolved
from sandboxes.environments.identity import Plan
from sandboxes.environments.locks import exactly, known_of, require_current, unhashed
from sandboxes.environments.requirements import Line, read_lines
from sandboxes.environments.site import OURS, wheel_name
from sandboxes.environments.wanted import Unresolved
from sandboxes.failures import translated
from sandboxes.programs import Log, blotted

MOST_SOURCES = 60
"""Source distributions that are built for one environment."""


class Builder(Protocol):
    """Whoever makes wheels of source distributions."""

    async def build(self, archive: Path, requirement: str, *, resolving: Resolving) -> Path:
        """The wheel. Raises `Unresolved` where it cannot be built."""


class Resolving:
    """Chooses and gathers wheels in *folder*.

    *judging* are the versions of the image's own packages that stay in force whatever a project asks for: others are
    chosen so that they go with them, where that is possible. *depth* counts builds that need builds.
    """

    def __init__(
        self,
        pip: Pip,
        folder: Path,
        builder: Builder,
        *,
        log: Log,
        judging: Mapping[str, str] | None = None,
        depth: int = 0,
    ) -> None:
        self._pip = pip
        self._folder = folder
        self._builder = builder
        self._log = log
        self._judging = judging or {}
        self.depth = depth
        self._links = folder / "links"
        self._built: dict[str, Path] = {}
        self._forced: list[Path] = []
        self._allowed: dict[str, set[str]] = {}
        self._made = 0

    async def wheels(self, plan: Plan) -> tuple[Path, ...]:
        """Wheels of all that *plan* asks for, and of all that these need.

        Raises:
            Unresolved: There are none.
            SandboxUnavailable: No index answers, or a disk is full.
        """
        with translated(f"work in {str(self._folder)!r}"):
            self._links.mkdir(parents=True, exist_ok=True)
        hashed = {line.name for line in (*plan.requirements, *plan.constraints) if line.hashes}
        locked = tuple(line for line in plan.requirements if line.name in hashed)
        rest = (*(line for line in plan.requirements if line.name not in hashed), *plan.build_requirements)
        first = await self._locked(locked, plan.constraints) if locked else ()
        chosen = tuple(exactly(wheel) for wheel in first)
        taken = {line.name for line in chosen}
        rest = tuple(line for line in rest if line.name not in taken)
        constraints = (*(line for line in unhashed(plan.constraints) if line.name not in taken), *chosen)
        return (*first, *(wheel for wheel in await self._judged(rest, constraints) if wheel_name(wheel) not in taken))

    async def more(self, lines: Iterable[str]) -> tuple[Path, ...]:
        """Wheels for *lines*, of somebody's build requirements."""
        asked = read_lines(lines, what="build requirement")
        return await self.wheels(Plan(requirements=asked, constraints=(), build_requirements=(), compiler=False))

    async def _locked(self, lines: Sequence[Line], constraints: Sequence[Line]) -> tuple[Path, ...]:
        """What a lock says, each file with one of the hashes it gives."""
        lock = [line for line in constraints if line.hashes]
        if not lock:
            return await self._gather(lines, constraints)
        # pip wants a hash where a requirement is, and takes none from a constraint: so first it says what is required.
        require_current(lines, lock)
        known = [line for line in (*lines, *lock) if line.hashes]
        for line in known:
            self._allowed.setdefault(line.name, set()).update(line.hashes)
        first = await self._gather(unhashed(lines), unhashed(constraints))
        return await self._gather([known_of(wheel, known) for wheel in first], ())

    async def _judged(self, lines: Sequence[Line], constraints: Sequence[Line]) -> tuple[Path, ...]:
        """What goes with the packages that judge, else what would go without them."""
        if not self._judging:
            return await self._gather(lines, constraints)
        ours = read_lines(f"{name}=={version}" for name, version in sorted(self._judging.items()))
        others = tuple(line for line in lines if line.name not in OURS)
        if not others:
            return ()
        try:
            return await self._gather(others, (*(line for line in constraints if line.name not in OURS), *ours))
        except Unresolved as error:
            if error.cause not in {"conflict", "unknown", "python"}:
                raise
            self._log.line("nothing goes with the image's own pytest; choosing as if it were not there")
            return await self._gather(lines, constraints)

    async def _gather(self, lines: Sequence[Line], constraints: Sequence[Line]) -> tuple[Path, ...]:
        if not lines:
            return ()
        self._made += 1
        target = self._folder / f"wheels-{self._made}"
        for _ in range(MOST_SOURCES):
            await asyncio.to_thread(shutil.rmtree, target, ignore_errors=True)
            answer = await self._pip.ask("download", "--dest", str(target), *self._written(lines, constraints))
            if answer.kind == "done":
                return tuple(sorted(target.glob("*.whl")))
            if answer.kind != "source":
                raise unresolved(answer, self._log)
            await self._build(answer)
        raise Unresolved("build", f"more than {MOST_SOURCES} packages would have to be built from source")

    def _written(self, lines: Sequence[Line], constraints: Sequence[Line]) -> tuple[str, ...]:
        asked, allowed = (self._folder / f"{name}-{self._made}.txt" for name in ("asked", "allowed"))
        hashed = {line.name for line in (*lines, *constraints) if line.hashes}
        forced = [wheel for wheel in self._forced if wheel_name(wheel) not in hashed]
        with translated("write down what is wanted"):
            asked.write_text("".join(f"{self._stated(line)}\n" for line in lines), encoding="utf-8")
            limits = (*map(self._stated, constraints), *(f"{wheel_name(wheel)} @ {wheel.as_uri()}" for wheel in forced))
            allowed.write_text("".join(f"{line}\n" for line in limits), encoding="utf-8")
        return ("--find-links", str(self._links), "--requirement", str(asked), "--constraint", str(allowed))

    def _stated(self, line: Line) -> str:
        """*line*, with the wheel that was built in place of an archive that is given by its address or its hash."""
        wheel = self._built.get(line.url) if line.url else None
        if line.hashes and wheel is None:
            wheel = next((built for built in self._built.values() if wheel_name(built) == line.name), None)
        if wheel is None:
            return line.with_hashes()
        requirement = Requirement(line.text)
        requirement.specifier, requirement.url = SpecifierSet(), wheel.as_uri()
        hashes = (f"sha256:{_digest(wheel)}",) if line.hashes else ()
        return line.model_copy(update={"text": str(requirement), "hashes": hashes}).with_hashes()

    async def _build(self, answer: Answer) -> None:
        requirement = blotted(answer.requirement)
        archive = Path(answer.archive)
        if answer.url in self._built:
            raise Unresolved(
                "build",
                f"{requirement!r} was built from {archive.name}, and what came out is not what was asked for",
                requirement=requirement,
                evidence=self._log.tail,
            )
        self._require_allowed(archive, requirement)
        wheel = await self._builder.build(archive, requirement, resolving=self)
        with translated("keep what was built"):
            self._built[answer.url] = Path(await asyncio.to_thread(shutil.copy, wheel, self._links))
        if answer.forced:
            self._forced.append(self._built[answer.url])

    def _require_allowed(self, archive: Path, requirement: str) -> None:
        """Where a lock has hashes, *archive* has one of them: before anything of it is run anywhere."""
        if not self._allowed:
            return
        allowed = self._allowed.get(canonicalize_name(Requirement(requirement).name))
        if allowed is not None and f"sha256:{_digest(archive)}" not in allowed:
            raise Unresolved(
                "invalid", f"{archive.name} has none of the hashes that the lock gives", requirement=requirement
            )

    def apart(self, folder: Path) -> Resolving:
        """Another one, for what a build needs: its wheels are none of the environment's."""
        return Resolving(self._pip, folder, self._builder, log=self._log, depth=self.depth + 1)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
