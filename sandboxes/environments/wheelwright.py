"""Wheels of source distributions, each built in a hardened box of its own that has a compiler, and no network at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sandboxes.base import Box, Command, Limits, Outcome
from sandboxes.docker import DockerSandbox, connect
from sandboxes.environments.resolving import Resolving
from sandboxes.environments.sources import build_requires
from sandboxes.environments.wanted import Unresolved
from sandboxes.errors import BoxFull
from sandboxes.failures import translated
from sandboxes.images import Images
from sandboxes.programs import LOG_BYTES, Log

DEEPEST = 4
"""Builds that need builds that need builds: then it is given up."""
_SECONDS = 1_800.0
_WORK_MIB = 2_048
_FILE_MIB = 512
_PROGRAM = Path(__file__).with_name("inside") / "build_wheel.py"


class _Said(BaseModel):
    """What the program in the box reported. Foreign code ran beside it: it is taken for what it names, and no more."""

    model_config = ConfigDict(extra="forbid")

    requires: tuple[str, ...] = Field(default=(), max_length=200)
    wheel: str = Field(default="", max_length=200)


class Wheelwright:
    """Builds wheels, and keeps them in *cache*: the same archive is built once, whatever environment it is for.

    *images* gives the image with the compiler, which is made when the first wheel is built.
    """

    def __init__(self, cache: Path, *, images: Images, runtime: str | None, log: Log) -> None:
        self._cache = cache
        self._images = images
        self._runtime = runtime
        self._log = log

    async def build(self, archive: Path, requirement: str, *, resolving: Resolving) -> Path:
        """The wheel of the source distribution *archive*, which *requirement* asked for.

        Raises:
            Unresolved: It does not build, or what it needs cannot be had.
            SandboxUnavailable: There is no box, no index, or no space.
        """
        place = self._cache / f"{_digest(archive)}-{self._images.reference.rpartition(':')[2]}"
        if found := sorted(place.glob("*.whl")):
            return found[0]
        if resolving.depth >= DEEPEST:
            raise Unresolved(
                "build",
                f"{archive.name} is needed to build what is needed to build, {DEEPEST} deep; there is no wheel of it",
                requirement=requirement,
            )
        self._log.line(f"building a wheel from {archive.name}, without network")
        image = await self._images.ensure(lambda progress: self._log.line(progress.line))
        with translated("keep what is built"):
            folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=archive.parent))
        needed = await resolving.apart(folder / "needed").more(build_requires(archive))
        with closing(connect()) as client:
            async with (
                DockerSandbox(client, image=image.reference, runtime=self._runtime) as sandbox,
                sandbox.open(run_id="environment", limits=_limits()) as box,
            ):
                name, wheel = await self._build_in(box, archive, needed, resolving, folder)
        with translated("keep what was built"):
            return await asyncio.to_thread(_keep, place, name, wheel)

    async def _build_in(
        self, box: Box, archive: Path, needed: Sequence[Path], resolving: Resolving, folder: Path
    ) -> tuple[str, bytes]:
        await self._put(box, archive, needed)
        said = self._heard(await self._run(box, "require", archive), archive)
        if said.requires:
            static = build_requires(archive)
            needed = await resolving.apart(folder / "more").more((*static, *said.requires))
            await box.clear(only="work")
            await self._put(box, archive, needed)
        outcome = await self._run(box, "build", archive)
        said = self._heard(outcome, archive)
        try:
            name, *_ = parse_wheel_filename(said.wheel)
        except InvalidWheelFilename:
            raise self._failed(archive, "its build named no wheel", outcome) from None
        path = f"made/{said.wheel}"
        wheel = (await box.take((path,))).get(path)
        if wheel is None or not _is_for(archive, name):
            raise self._failed(archive, f"its build made no wheel of it: {said.wheel!r}", outcome)
        return said.wheel, wheel

    async def _put(self, box: Box, archive: Path, needed: Sequence[Path]) -> None:
        files = await asyncio.to_thread(_contents, archive, needed)
        try:
            await box.put({"build_wheel.py": _PROGRAM.read_bytes()}, place="tools")
            await box.put(files)
        except BoxFull as error:
            raise Unresolved(
                "build", f"{archive.name} and what its build needs do not fit {_WORK_MIB} MiB", requirement=archive.name
            ) from error

    async def _run(self, box: Box, action: str, archive: Path) -> Outcome:
        program = ("python", "-I", "/box/tools/build_wheel.py", action, archive.name)
        return await box.run(Command(argv=program, seconds=_SECONDS))

    def _heard(self, outcome: Outcome, archive: Path) -> _Said:
        """What the program reported, where it ended well."""
        if not outcome.ok:
            how = f"exit code {outcome.exit_code}" if outcome.ended == "exited" else f"ended as {outcome.ended}"
            raise self._failed(archive, f"its build failed: {how}", outcome)
        try:
            return _Said.model_validate_json(outcome.report.head)
        except ValidationError:
            raise self._failed(archive, "its build said nothing about what it did", outcome) from None

    def _failed(self, archive: Path, why: str, outcome: Outcome) -> Unresolved:
        said = "\n".join(text for text in (outcome.stdout.text.strip(), outcome.stderr.text.strip()) if text)
        evidence = said.encode()[-LOG_BYTES:].decode(errors="ignore")
        return Unresolved("build", f"{archive.name}: {why}", requirement=archive.name, evidence=evidence)


def _limits() -> Limits:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    return Limits(
        memory_mib=max(512, min(4_096, memory // 2)),
        cpus=float(os.cpu_count() or 1),
        processes=512,
        work_mib=_WORK_MIB,
        work_files=200_000,
        file_mib=_FILE_MIB,
        open_files=1_024,
        output_kib=128,
        seconds=2 * _SECONDS + 60,
    )


def _is_for(archive: Path, name: str) -> bool:
    """Whether a wheel of this *name* is what *archive* is named for: a build may not stand in for another package."""
    return canonicalize_name(archive.name).startswith(f"{name}-")


def _contents(archive: Path, needed: Sequence[Path]) -> dict[str, bytes]:
    wheels = {f"wheels/{wheel.name}": wheel.read_bytes() for wheel in needed}
    return {archive.name: archive.read_bytes(), "wheels/.none": b"", **wheels}


def _keep(place: Path, name: str, wheel: bytes) -> Path:
    """Write it so that it is there as a whole or not at all."""
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place, delete=False) as file:
        file.write(wheel)
    kept = place / name
    Path(file.name).replace(kept)
    return kept


def _digest(archive: Path) -> str:
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
