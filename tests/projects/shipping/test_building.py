"""A Dockerfile is really built only for who asks; what could not be built is never taken for built."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pytest
from docker import DockerClient

from engine.projects.shipping.building import Tried, tried
from engine.projects.shipping.instructions import parse
from engine.projects.shipping.stages import staged
from engine.wiring import make_trial_builds
from sandboxes.trial_builds import TrialBuilt


@pytest.fixture(autouse=True)
def no_image_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves an image of a trial."""
    yield
    if request.node.get_closest_marker("docker") is None:
        return
    engine: DockerClient = request.getfixturevalue("engine")
    assert not engine.images.list(name="mendbox/trial")


async def built(text: str, *, seconds: float = 60, **files: str) -> Tried:
    parsed = parse("Dockerfile", text)
    context = {"Dockerfile": text, **files}
    return await tried(
        "Dockerfile", context, parsed, staged("Dockerfile", parsed), make_trial_builds(), seconds=seconds
    )


@pytest.mark.docker
async def test_what_builds_is_built_and_removed(sandbox_image: str) -> None:
    """From the files of the component that reach the engine, with the steps' own user."""
    text = f'ARG BASE={sandbox_image}\nFROM ${{BASE}}\nUSER 0\nWORKDIR /srv\nCOPY a.txt .\nRUN grep -q hello a.txt\nCMD ["ls"]\n'

    done = await built(text, **{"a.txt": "hello\n"})

    assert "was built" in done.built
    assert (done.finding, done.not_built) == (None, "")


@pytest.mark.docker
async def test_what_does_not_build_is_told_at_its_line(sandbox_image: str) -> None:
    """The step that failed, the one that did not end, the file that is not there."""
    begin = f"# a comment\nFROM {sandbox_image}\n\nWORKDIR /\n"

    failed = await built(f"{begin}RUN echo why && exit 3\n")
    endless = await built(f"{begin}RUN true\nRUN sleep 600\n", seconds=3)
    ignored = await built(f"{begin}COPY a.txt .\n", **{"a.txt": "", ".dockerignore": "*.txt\n"})

    assert failed.finding is not None
    assert (failed.finding.line, "why" in failed.finding.evidence) == (5, True)
    assert endless.finding is not None
    assert (endless.finding.line, "within 3 s" in endless.finding.message) == (6, True)
    assert ignored.finding is not None
    assert ignored.finding.line == 5


@pytest.mark.docker
async def test_what_cannot_be_told_is_no_success(sandbox_image: str) -> None:
    """No registry with its base, a form that the engine's builder may not know, a step that needs a network."""
    unreachable = await built("FROM registry.invalid/nothing:1\n")
    fetching = await built(f"FROM {sandbox_image}\nUSER 0\nRUN apt-get install -y nothing-of-that-name\n")

    assert "no registry answers" in unreachable.not_built
    assert "line 3" in fetching.not_built
    assert (unreachable.built, fetching.built) == ("", "")


class Old:
    """An engine whose builder knows no heredocs."""

    async def build(
        self, context: Mapping[str, bytes], *, bases: Iterable[str], seconds: float, memory_mib: int = 1_024
    ) -> TrialBuilt:
        assert (set(context), list(bases)) == ({"Dockerfile"}, ["python:3.13-slim"])
        return TrialBuilt(ended="unsupported", said="unknown instruction: END")


async def test_an_old_builder_is_no_fault_of_the_file() -> None:
    """It is told as what could not be seen."""
    parsed = parse("Dockerfile", "FROM scratch AS a\nFROM python:3.13-slim\nRUN <<END\nls\nEND\n")

    done = await tried("Dockerfile", {"Dockerfile": ""}, parsed, staged("Dockerfile", parsed), Old())

    assert "does not know its form" in done.not_built
