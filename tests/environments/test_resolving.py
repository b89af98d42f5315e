"""Choosing wheels by the host's own pip: for the boxes' Python, from the person's own index, running nothing."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from sandboxes.environments.fetching import Pip
from sandboxes.environments.identity import read_plan
from sandboxes.environments.resolving import Resolving
from sandboxes.environments.wanted import Unresolved, Wanted
from sandboxes.errors import SandboxUnavailable
from sandboxes.programs import Log
from tests.environments.index import PASSWORD, Index, sdist, serving, wheel


class Shelf:
    """A builder that has one wheel ready, and notes what it was asked to build."""

    def __init__(self, made: Path | None = None) -> None:
        self.made = made
        self.asked: list[str] = []

    async def build(self, archive: Path, requirement: str, *, resolving: Resolving) -> Path:
        self.asked.append(f"{archive.name} for {requirement}")
        if self.made is None:
            raise Unresolved("build", "it does not build", requirement=requirement)
        return self.made


class Chosen:
    """What one resolution came to."""

    def __init__(self, folder: Path, builder: Shelf | None = None, judging: dict[str, str] | None = None) -> None:
        self.said: list[str] = []
        self._folder = folder / "work"
        self._folder.mkdir()
        log = Log(self.said.append)
        pip = Pip(self._folder, architecture="amd64", log=log)
        self._resolving = Resolving(pip, self._folder, builder or Shelf(), log=log, judging=judging)

    async def names(
        self, *requirements: str, constraints: tuple[str, ...] = (), build: tuple[str, ...] = ()
    ) -> list[str]:
        wanted = Wanted(requirements=requirements, constraints=constraints, build_requirements=build)
        return ["-".join(path.name.split("-")[:2]) for path in await self._resolving.wheels(read_plan(wanted))]


@pytest.fixture
def chosen(tmp_path: Path) -> Chosen:
    return Chosen(tmp_path)


def sha256(path: Path) -> str:
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


async def test_markers_are_those_of_the_boxes_and_not_of_this_machine(
    index: Index, archives: Path, chosen: Chosen
) -> None:
    """Whatever Python runs pip here: requirements are for Linux and Python 3.13, those of dependencies too."""
    for name in ("old", "new", "windows", "deep"):
        wheel(archives, name)
    wheel(archives, "top", requires=("deep; python_version >= '3.13'", "old; python_full_version < '3.13'"))

    names = await chosen.names(
        "top", "new; python_version == '3.13'", "old; python_version < '3.13'", "windows; os_name == 'nt'"
    )

    assert names == ["deep-1.0", "new-1.0", "top-1.0"]


async def test_a_private_index_is_read_with_the_persons_credentials_which_nobody_hears(
    private_index: Index, archives: Path, chosen: Chosen
) -> None:
    """They stand in the person's own settings, and in nothing that is said."""
    wheel(archives, "inner")

    assert await chosen.names("inner") == ["inner-1.0"]
    assert chosen.said
    assert PASSWORD not in "\n".join(chosen.said)


async def test_refused_credentials_are_the_machinerys_fault_and_not_shown(
    private_index: Index, archives: Path, chosen: Chosen, pip_settings: pytest.MonkeyPatch
) -> None:
    """That a name is unknown cannot be told by whoever was not let in."""
    pip_settings.setenv("PIP_INDEX_URL", private_index.url.replace(PASSWORD, "wr0ng-one"))
    wheel(archives, "inner")

    with pytest.raises(SandboxUnavailable, match="index cannot be reached") as failed:
        await chosen.names("inner")

    assert "wr0ng-one" not in f"{failed.value}{chosen.said}"


async def test_a_folder_of_wheels_will_do_without_any_index(
    archives: Path, chosen: Chosen, pip_settings: pytest.MonkeyPatch
) -> None:
    """A machine without network: `no-index` and `find-links` of pip's own settings."""
    pip_settings.setenv("PIP_NO_INDEX", "1")
    pip_settings.setenv("PIP_FIND_LINKS", str(archives))
    wheel(archives, "alone", requires=("other",))
    wheel(archives, "other")

    assert await chosen.names("alone") == ["alone-1.0", "other-1.0"]


async def test_an_index_that_does_not_answer_is_not_a_name_that_does_not_exist(
    chosen: Chosen, pip_settings: pytest.MonkeyPatch
) -> None:
    """Otherwise a project would be blamed for a cable."""
    pip_settings.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple/")

    with pytest.raises(SandboxUnavailable, match=r"index cannot be reached.*pip config list"):
        await chosen.names("anything")


@pytest.mark.parametrize(
    ("requirement", "cause", "said"),
    [
        pytest.param("no-such-name", "unknown", "in no index that pip knows", id="a name"),
        pytest.param("one==9", "unknown", "there are 1.0, 2.0", id="a version"),
        pytest.param("past", "python", "Requires-Python <3.13", id="a Python"),
        pytest.param("broken", "unknown", "which broken 1.0 asks for", id="a dependency's dependency"),
    ],
)
async def test_what_does_not_exist_is_named(
    index: Index, archives: Path, chosen: Chosen, requirement: str, cause: str, said: str
) -> None:
    """The requirement at fault, who asks for it, and what there is instead."""
    wheel(archives, "one")
    wheel(archives, "one", "2.0")
    wheel(archives, "past", python="<3.13")
    wheel(archives, "broken", requires=("no-such-name-either",))

    with pytest.raises(Unresolved) as unresolved:
        await chosen.names("one", requirement) if not requirement.startswith("one") else await chosen.names(requirement)

    assert unresolved.value.cause == cause
    assert said in unresolved.value.message
    assert unresolved.value.requirement


async def test_a_conflict_says_who_wants_what(index: Index, archives: Path, chosen: Chosen) -> None:
    """Both sides, so that a person can choose."""
    wheel(archives, "base")
    wheel(archives, "base", "2.0")
    wheel(archives, "left", requires=("base<2",))
    wheel(archives, "right", requires=("base>=2",))

    with pytest.raises(Unresolved) as unresolved:
        await chosen.names("left", "right")

    assert unresolved.value.cause == "conflict"
    for side in ("left 1.0 asks for base<2", "right 1.0 asks for base>=2"):
        assert side in unresolved.value.message


async def test_a_locks_hashes_are_checked_also_those_of_dependencies(
    index: Index, archives: Path, chosen: Chosen
) -> None:
    """A lock that says which file is not content with another of that name; the build's needs, of which it says nothing,
    come beside it.
    """
    top, below = wheel(archives, "top", requires=("below",)), wheel(archives, "below")
    wheel(archives, "below", "2.0")
    wheel(archives, "builder")
    lock = (f"top==1.0 --hash={sha256(top)}", f"below==1.0 --hash={sha256(below)}")

    assert await chosen.names(*lock, build=("builder",)) == ["below-1.0", "top-1.0", "builder-1.0"]


async def test_a_lock_beside_the_requirements_is_checked_as_well(index: Index, archives: Path, chosen: Chosen) -> None:
    """As projects have it whose manifest names ranges, and whose lock names files."""
    top, below = wheel(archives, "top", requires=("below",)), wheel(archives, "below")
    wheel(archives, "below", "2.0")
    lock = (
        f"top==1.0 --hash={sha256(top)}",
        f"below==1.0 --hash={sha256(below)}",
        f"unused==1.0 --hash={sha256(below)}",
    )

    assert await chosen.names("top>=0.5", constraints=lock) == ["below-1.0", "top-1.0"]


async def test_what_a_lock_beside_the_requirements_does_not_know_is_refused(
    index: Index, archives: Path, chosen: Chosen, tmp_path: Path
) -> None:
    """All or nothing: a dependency without a hash, and a source distribution with another one, before it is built."""
    top = wheel(archives, "top", requires=("below",))
    wheel(archives, "below")
    sdist(archives, "sourced", files={"setup.py": ""})

    with pytest.raises(Unresolved, match=r"below==1.0 is needed, and the lock has no hash"):
        await chosen.names("top", constraints=(f"top==1.0 --hash={sha256(top)}",))
    with pytest.raises(Unresolved, match="none of the hashes that the lock gives"):
        await chosen.names("sourced", constraints=(f"sourced==1.0 --hash={sha256(top)}",))


async def test_a_file_that_is_not_the_locked_one_is_refused(index: Index, archives: Path, chosen: Chosen) -> None:
    """Whoever put it there."""
    wheel(archives, "top")

    with pytest.raises(Unresolved) as unresolved:
        await chosen.names(f"top==1.0 --hash=sha256:{'0' * 64}")

    assert unresolved.value.cause == "invalid"
    assert "top" in unresolved.value.message


async def test_a_source_distribution_is_handed_to_the_builder_and_never_run_here(
    index: Index, archives: Path, tmp_path: Path
) -> None:
    """Not even to learn what it needs; what its wheel needs is had as well."""
    trace = tmp_path / "ran-on-the-host"
    sdist(archives, "sourced", files={"setup.py": f"open({str(trace)!r}, 'w')"})
    wheel(archives, "needed")
    builder = Shelf(wheel(tmp_path / "built", "sourced", requires=("needed",)))
    chosen = Chosen(tmp_path, builder)

    names = await chosen.names("sourced")

    assert names == ["needed-1.0", "sourced-1.0"]
    assert builder.asked == ["sourced-1.0.tar.gz for sourced"]
    assert not trace.exists()


async def test_a_locked_source_distribution_is_checked_and_its_wheel_taken(
    index: Index, archives: Path, tmp_path: Path
) -> None:
    """The lock knows the hash of the archive, and not that of the wheel that is made of it here."""
    archive = sdist(archives, "sourced", files={"setup.py": ""})
    builder = Shelf(wheel(tmp_path / "built", "sourced"))

    assert await Chosen(tmp_path, builder).names(f"sourced==1.0 --hash={sha256(archive)}") == ["sourced-1.0"]
    assert builder.asked == ["sourced-1.0.tar.gz for sourced==1.0"]


async def test_a_person_who_allows_no_wheel_of_a_name_gets_the_built_one(
    index: Index, archives: Path, tmp_path: Path, pip_settings: pytest.MonkeyPatch
) -> None:
    """pip's `no-binary` holds: what the index offers ready-made is not taken."""
    pip_settings.setenv("PIP_NO_BINARY", "sourced")
    wheel(archives, "sourced", "2.0")
    sdist(archives, "sourced", files={"setup.py": ""})
    builder = Shelf(wheel(tmp_path / "built", "sourced"))

    assert await Chosen(tmp_path, builder).names("sourced") == ["sourced-1.0"]


async def test_an_archive_by_its_address_is_had_ready_made_or_built(
    index: Index, archives: Path, tmp_path: Path
) -> None:
    """PEP 508's direct references, by http."""
    wheel(archives, "ready")
    sdist(archives, "sourced", files={"setup.py": ""})
    builder = Shelf(wheel(tmp_path / "built", "sourced"))
    files = f"http://{index.address}/files"

    names = await Chosen(tmp_path, builder).names(
        f"ready @ {files}/ready-1.0-py3-none-any.whl", f"sourced @ {files}/sourced-1.0.tar.gz"
    )

    assert names == ["ready-1.0", "sourced-1.0"]


async def test_a_build_that_brings_another_version_is_not_tried_for_ever(
    index: Index, archives: Path, tmp_path: Path
) -> None:
    """What came out is not what was asked for: that is said, once."""
    sdist(archives, "sourced", files={"setup.py": ""})
    builder = Shelf(wheel(tmp_path / "built", "sourced", "0.5"))

    with pytest.raises(Unresolved, match="not what was asked for"):
        await Chosen(tmp_path, builder).names("sourced")

    assert len(builder.asked) == 1


async def test_what_is_chosen_goes_with_the_pytest_that_judges(index: Index, archives: Path, tmp_path: Path) -> None:
    """The newest plugin may be for another pytest than the image's; and where nothing goes with it, the project's own
    wish counts.
    """
    for version in ("8.0", "9.2.0", "10.0"):
        wheel(archives, "pytest", version)
    wheel(archives, "plugin", requires=("pytest>=9,<10",))
    wheel(archives, "plugin", "2.0", requires=("pytest>=10",))
    wheel(archives, "ancient", requires=("pytest<9",))
    chosen = Chosen(tmp_path, judging={"pytest": "9.2.0"})

    assert "plugin-1.0" in await chosen.names("plugin", "pytest>=8,<9")
    assert "ancient-1.0" in await chosen.names("ancient")


async def test_an_index_that_breaks_off_is_the_machinerys_fault(
    archives: Path, chosen: Chosen, pip_settings: pytest.MonkeyPatch
) -> None:
    """An answer of 500 says nothing about a name."""
    with serving(archives) as index:
        pip_settings.setenv("PIP_INDEX_URL", index.url.replace("/simple/", "/files/"))

        with pytest.raises(SandboxUnavailable, match="index cannot be reached"):
            await chosen.names("anything")


async def test_a_lock_that_the_manifest_has_left_behind_is_a_conflict(
    index: Index, archives: Path, chosen: Chosen
) -> None:
    """It is not silently updated, and the manifest not silently disregarded."""
    lock = (f"top==1.0 --hash=sha256:{'0' * 64}",)

    with pytest.raises(Unresolved, match="out of date") as unresolved:
        await chosen.names("top>=2", constraints=lock)

    assert unresolved.value.cause == "conflict"
