"""What stands where in each stage, as far as it comes from the project's own files."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from engine.domain import Value
from engine.projects.shipping.context import Copied, copied, sent
from engine.projects.shipping.instructions import Instruction
from engine.projects.shipping.stages import Stage, Staged


class Step(Value):
    """An instruction, and the state of its stage before it is carried out."""

    instruction: Instruction
    cwd: str
    user: str
    files: Mapping[str, str]
    """Source path in the component's folder by absolute path in the image."""
    copied: Copied | None = None
    """Of a COPY or ADD from the component's folder."""


class Laid(Value):
    """A stage as it is at its end."""

    stage: Stage
    steps: tuple[Step, ...]
    cwd: str
    user: str
    files: Mapping[str, str]
    root: str
    """The image that it stands on in the end."""
    ran: bool = False
    """Whether a RUN line may have made further files."""


def laid(staged: Staged, context: Mapping[str, str]) -> tuple[Laid, ...]:
    """All stages, in order."""
    reached = sent(context)
    done: list[Laid] = []
    for stage in staged.stages:
        below = done[stage.on] if stage.on is not None else None
        cwd, user = (below.cwd, below.user) if below else ("/", "")
        files = dict(below.files) if below else {}
        steps: list[Step] = []
        ran = below.ran if below else False
        for instruction in stage.instructions:
            words = instruction.words
            done_copy: Copied | None = None
            before = Step(instruction=instruction, cwd=cwd, user=user, files=dict(files))
            match instruction.name:
                case "WORKDIR" if words:
                    cwd = posixpath.normpath(posixpath.join(cwd, words[0]))
                case "USER" if words:
                    user = words[0]
                case "RUN":
                    ran = True
                case "COPY" | "ADD" if len(words) > 1:
                    source = _source(instruction, done)
                    if source is not None:
                        files.update(_from_stage(source, words, cwd))
                        ran = ran or source.ran
                    elif "from" not in instruction.flags and not instruction.heredocs and not _addresses(instruction):
                        done_copy = copied(words, context, reached, cwd=cwd, there=files)
                        files.update(done_copy.files)
            steps.append(before.model_copy(update={"copied": done_copy}) if done_copy else before)
        root = below.root if below else stage.base
        done.append(Laid(stage=stage, steps=tuple(steps), cwd=cwd, user=user, files=files, root=root, ran=ran))
    return tuple(done)


def _addresses(instruction: Instruction) -> list[str]:
    return [word for word in instruction.words[:-1] if "://" in word or word.startswith("git@")]


def _source(instruction: Instruction, done: list[Laid]) -> Laid | None:
    name = instruction.flags.get("from", "").lower()
    return next((each for each in done if name and name in {each.stage.name, str(each.stage.number)}), None)


def _from_stage(source: Laid, words: tuple[str, ...], cwd: str) -> Iterator[tuple[str, str]]:
    *sources, target = words
    to = posixpath.normpath(posixpath.join(cwd, target))
    for each in sources:
        path = posixpath.normpath(posixpath.join("/", each))
        for place, origin in source.files.items():
            if place == path:
                is_folder = target.endswith("/") or to == cwd or len(sources) > 1
                yield (posixpath.join(to, posixpath.basename(place)) if is_folder else to), origin
            elif path == "/" or place.startswith(f"{path}/"):
                yield posixpath.join(to, posixpath.relpath(place, path)), origin
