"""Whether a Dockerfile really builds, where somebody asks for that and the engine can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from engine.domain import Finding
from engine.projects.shipping.bases import reference
from engine.projects.shipping.context import sent
from engine.projects.shipping.installs import is_install, run_by
from engine.projects.shipping.instructions import Instruction, Parsed
from engine.projects.shipping.matching import fetches
from engine.projects.shipping.stages import Staged
from sandboxes.trial_builds import TrialBuilt

BUILD_SECONDS = 900.0


class ImageBuilds(Protocol):
    """Who builds an image for trial; see `sandboxes.trial_builds.TrialBuilds`."""

    async def build(
        self, context: Mapping[str, bytes], *, bases: Iterable[str], seconds: float, memory_mib: int = ...
    ) -> TrialBuilt:
        """Build *context*, and keep nothing of it.

        Raises:
            SandboxUnavailable: No engine answers.
        """


class Tried(NamedTuple):
    """What came of it: one of the three is not empty."""

    built: str = ""
    finding: Finding | None = None
    not_built: str = ""
    """Why it could not be told."""


async def tried(
    path: str,
    context: Mapping[str, str],
    parsed: Parsed,
    whole: Staged,
    images: ImageBuilds,
    *,
    seconds: float = BUILD_SECONDS,
) -> Tried:
    """Build the Dockerfile *path*, read as *parsed*, with the files of *context*."""
    reached = sent(context) | {"Dockerfile"}
    files = {name: text.encode() for name, text in context.items() if name in reached}
    bases = dict.fromkeys(stage.base for stage in whole.stages if stage.on is None and not _is_scratch(stage.base))
    done = await images.build(files, bases=bases, seconds=seconds)
    instruction = parsed.instructions[done.step - 1] if 0 < done.step <= len(parsed.instructions) else None
    line = instruction.line if instruction else None
    match done.ended:
        case "built":
            return Tried(built=f"the image was built in {done.seconds:.1f} s, and removed again")
        case "no base":
            return Tried(
                not_built=f"the image was not built: no registry answers with what it stands on ({done.said[:300]})"
            )
        case "unsupported":
            return Tried(
                not_built=f"the image was not built: the engine's builder does not know its form ({done.said[-300:]})"
            )
        case "failed" if instruction is not None and _needs_network(instruction):
            return Tried(
                not_built=f"line {line}: the image was not built: `{instruction.text[:200]}` needs a network, which its steps may not have"
            )
    message = "it does not build" if done.ended == "failed" else f"it was not built within {seconds:g} s"
    finding = Finding(check="replay", rule="build", path=path, line=line, message=message, evidence=done.said[-4_000:])
    return Tried(finding=finding)


def _is_scratch(base: str) -> bool:
    found = reference(base)
    return found is not None and found.name == "scratch"


def _needs_network(instruction: Instruction) -> bool:
    return any(is_install(words) or fetches(words) for words in run_by(instruction))
