"""The sandbox image: named by what goes into it, built once, and removed without touching anybody else's."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import os
import re
import secrets
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from docker.errors import ImageNotFound

from engine.wiring import box_programs
from sandboxes import recipe as recipe_module
from sandboxes.bases import Base
from sandboxes.errors import ImageMissing, SandboxUnavailable
from sandboxes.images import BuildProgress, Images, _pack
from sandboxes.programs import LOG_BYTES, Log, ProgramFailed, run_program
from sandboxes.recipe import Recipe, read_recipe

if TYPE_CHECKING:
    from docker import DockerClient

CHECKOUT = Path(__file__).parents[2]
ONE_PACKAGE = re.compile(r"^iniconfig==.*(?:\n\s+--hash.*)+", re.MULTILINE)


def quiet() -> Log:
    return Log(lambda _: None)


def tiny_recipe(*, dockerfile: str, base_image: str) -> Recipe:
    """A recipe that is built in seconds: one small package, and what *dockerfile* says."""
    locked = ONE_PACKAGE.search((CHECKOUT / "images/python/requirements.txt").read_text())
    assert locked is not None
    return Recipe(
        python={"Dockerfile": dockerfile.encode(), "requirements.txt": locked[0].encode()},
        base={"bootstrap.sh": b"exit 1"},
        guest={},
        base_image=base_image,
    )


@pytest.fixture
def recipe_folder(tmp_path: Path) -> Path:
    for name, text in {
        "images/python/Dockerfile": "FROM scratch",
        "images/python/requirements.txt": "",
        "images/base/bootstrap.sh": "exit 0",
        "guest/__main__.py": "print(1)",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def tag_of(folder: Path, base_image: str = "debian:trixie-slim") -> str:
    return read_recipe(base_image, images=folder / "images", guest=folder / "guest").tag


def test_a_tag_follows_from_contents_alone(recipe_folder: Path) -> None:
    """Times, modes and compiled leftovers do not make another image; two machines agree on its name."""
    before = tag_of(recipe_folder)

    os.utime(recipe_folder / "images/python/Dockerfile", (1, 1))
    (recipe_folder / "guest/__main__.py").chmod(0o700)
    (recipe_folder / "guest/__pycache__").mkdir()
    (recipe_folder / "guest/__pycache__/__main__.cpython-313.pyc").write_bytes(b"x")
    (recipe_folder / "images/python/requirements.in").write_text("pytest")

    assert tag_of(recipe_folder) == before
    assert re.fullmatch(r"mendbox/python:[0-9a-f]{12}", before)


@pytest.mark.parametrize(
    "changed",
    [
        "images/python/Dockerfile",
        "images/python/requirements.txt",
        "images/base/bootstrap.sh",
        "guest/__main__.py",
        "guest/new.py",
    ],
)
def test_any_changed_part_makes_another_tag(recipe_folder: Path, changed: str) -> None:
    """An image is never taken for one that was made from something else."""
    before = tag_of(recipe_folder)

    (recipe_folder / changed).write_text("changed")

    assert tag_of(recipe_folder) != before
    assert tag_of(recipe_folder, "debian:other") != tag_of(recipe_folder)


def test_other_programs_are_laid_over_the_same_parts() -> None:
    """They change most often; whatever else changes makes other parts."""
    one, other = (read_recipe("none", programs={"a.py": text}) for text in (b"1", b"2"))

    assert one.tag != other.tag
    assert one.parts_tag == other.parts_tag
    assert read_recipe("debian:other", programs={"a.py": b"1"}).parts_tag != one.parts_tag


def test_an_installation_without_the_recipe_says_so(tmp_path: Path) -> None:
    """A broken installation is told from an empty image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe_module, "__file__", str(tmp_path / "sandboxes" / "recipe.py"))
        with pytest.raises(ImageMissing, match="install mendbox again"):
            read_recipe("none")


def test_a_build_context_is_the_same_everywhere(tmp_path: Path) -> None:
    """It carries no time, owner or interpreter of the machine that packed it."""
    recipe = read_recipe("none")
    contexts = []
    for name in ("here", "there"):
        site = tmp_path / name / "site" / "package"
        site.mkdir(parents=True)
        (site / "module.py").write_text("x = 1")
        packed = _pack(tmp_path / name, recipe, Base(reference="base", needs_network=False), None)
        contexts.append(packed.read_bytes())
        time.sleep(0.01)

    with tarfile.open(fileobj=io.BytesIO(contexts[0])) as tar:
        entries = {entry.name: entry for entry in tar}

    assert contexts[0] == contexts[1]
    assert {entry.uid for entry in entries.values()} == {0}
    assert {"Dockerfile", "guest", "site/package/module.py"} <= set(entries)
    assert "host-ca.pem" not in entries


def test_a_base_from_a_registry_is_prepared_with_the_hosts_certificates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They travel in the context of that one build, where the preparation removes them."""
    (tmp_path / "ca.pem").write_text("certificates")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    (tmp_path / "site").mkdir()

    packed = _pack(tmp_path, read_recipe("none"), Base(reference="base", needs_network=True), "http://mirror.test")

    with tarfile.open(packed) as tar:
        read = {name: tar.extractfile(name).read() for name in ("host-ca.pem", "mirror")}  # type: ignore[union-attr]
    assert read == {"host-ca.pem": b"certificates", "mirror": b"http://mirror.test"}


def test_a_log_keeps_its_end_and_no_credentials() -> None:
    """A build that fails is explained by its last lines, which may go to a person or a file."""
    heard: list[str] = []
    log = Log(heard.append)

    log.line("Looking in https://user:hunter2@index.test/simple")
    for number in range(5_000):
        log.line(f"line {number}")

    assert heard[0] == "Looking in https://***@index.test/simple"
    assert len(log.tail) <= LOG_BYTES
    assert log.last_line == "line 4999"


async def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    """Nothing that a build started outlives its time."""
    child = tmp_path / "child"

    with pytest.raises(ProgramFailed, match="not finished after"):
        await run_program(("/bin/sh", "-c", f"sleep 60 & echo $! > {child}; wait"), log=quiet(), seconds=0.5)

    assert not is_alive(int(child.read_text()))


async def test_a_cancelled_program_is_ended(tmp_path: Path) -> None:
    """Ctrl-C while an image is made leaves no process."""
    own = tmp_path / "own"
    running = asyncio.create_task(run_program(("/bin/sh", "-c", f"echo $$ > {own}; sleep 60"), log=quiet(), seconds=60))
    while not (own.exists() and own.read_text()):  # noqa: ASYNC110 - the program tells by a file
        await asyncio.sleep(0.02)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running

    assert not is_alive(int(own.read_text()))


async def test_a_missing_and_a_failing_program_are_told_apart() -> None:
    """Each leads to another next step."""
    with pytest.raises(ProgramFailed, match="not installed"):
        await run_program(("no-such-program-of-ours",), log=quiet(), seconds=5)
    with pytest.raises(ProgramFailed, match="exit code 7"):
        await run_program((sys.executable, "-c", "raise SystemExit(7)"), log=quiet(), seconds=20)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# The docker package forgets to close a socket that could not be connected.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_without_an_engine_nothing_is_said_about_images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent engine is not an engine without images."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    with pytest.raises(SandboxUnavailable, match="no Docker Engine at its socket"):
        await Images(cache=tmp_path).find()
    gc.collect()


# Against the engine of this machine.


@pytest.fixture
def small_images(engine: DockerClient) -> Iterator[list[str]]:
    """Names of images a test makes; removed at its end."""
    names: list[str] = []
    yield names
    for name in names:
        # By its name, not by its id: an image in force may have the very same content.
        with contextlib.suppress(ImageNotFound):
            engine.api.remove_image(name)


def import_empty(engine: DockerClient, reference: str, *, label: str) -> None:
    nothing = io.BytesIO()
    with tarfile.open(fileobj=nothing, mode="w") as tar:
        tar.addfile(tarfile.TarInfo(reference.replace("/", "-").replace(":", "-")))
    name, _, tag = reference.rpartition(":")
    engine.api.import_image_from_data(nothing.getvalue(), repository=name, tag=tag, changes=[f"LABEL {label}"])


@pytest.mark.docker
async def test_a_present_image_is_had_at_once(sandbox_image: str, tmp_path: Path) -> None:
    """Every run asks, so asking costs next to nothing, and says nothing."""
    heard: list[BuildProgress] = []

    found = await Images(cache=tmp_path, programs=box_programs).ensure(heard.append)

    assert (found.reference, found.current, heard) == (sandbox_image, True, [])
    assert found.size_mib < 400


@pytest.mark.docker
def test_the_image_holds_what_a_box_needs_and_nothing_of_this_machine(engine: DockerClient, sandbox_image: str) -> None:
    """No setuid program, no writable file outside the temporary folders, no interpreter path or proxy of the host."""
    script = """
id -u
find / -xdev -type f -perm /6000 2>/dev/null
find / -xdev -type f -writable -not -path '/proc/*' -not -path '/sys/*' 2>/dev/null
grep -rlI HOST /usr/local /opt/mendbox /etc 2>/dev/null
ls /tmp
python -c 'import pytest, hypothesis, coverage; print(pytest.__version__)'
ruff --version
ls /opt/mendbox/guest/__pycache__ | head -1 | cut -c1-2
find /box /opt/mendbox/pyc/box/tools -name 'session*' -o -name 'improve.*' | sort
""".replace("HOST", sys.prefix)

    said = engine.containers.run(
        sandbox_image,
        ["/bin/sh", "-c", script],
        remove=True,
        network_mode="none",
        labels={"mendbox": "test"},
        environment={"PYTHONDONTWRITEBYTECODE": "1"},
    ).decode()
    config = engine.images.get(sandbox_image).attrs["Config"]

    assert said.split("\n")[:-1] == [
        "1000",
        "9.2.0",
        "ruff 0.17.6",
        "__",
        "/opt/mendbox/pyc/box/tools/apart/session.cpython-313.pyc",
        "/opt/mendbox/pyc/box/tools/mendbox_offline/improving/worker/improve.cpython-313.pyc",
        "/opt/mendbox/pyc/box/tools/mendbox_offline/worker/session.cpython-313.pyc",
        "/opt/mendbox/pyc/box/tools/mendbox_search/session.cpython-313.pyc",
        "/opt/mendbox/pyc/box/tools/session.cpython-313.pyc",
    ]
    assert config["Cmd"] == ["/usr/bin/python3", "-I", "/opt/mendbox/guest/__main__.py"]
    assert [name.split("=")[0] for name in config["Env"]] == ["PATH", "LANG"]
    assert config["User"] == "1000:1000"


@pytest.mark.docker
async def test_a_ready_image_that_is_not_there_is_never_built(tmp_path: Path) -> None:
    """A person who names an image gets that one or an error."""
    images = Images(cache=tmp_path, image="mendbox/none-such:here")

    with pytest.raises(ImageMissing, match="docker pull mendbox/none-such:here"):
        await images.ensure()


@pytest.mark.docker
async def test_two_at_once_build_once_and_a_third_finds_it(
    engine: DockerClient, sandbox_image: str, tmp_path: Path, small_images: list[str]
) -> None:
    """The second waits for the first, says so, and takes its image; a killed build's leavings are cleared away."""
    recipe = tiny_recipe(dockerfile="FROM scratch\nCOPY site /\nLABEL mendbox=image", base_image=sandbox_image)
    small_images.append(recipe.tag)
    (tmp_path / "building" / "left").mkdir(parents=True)
    heard: list[str] = []

    one, two = await asyncio.gather(
        *(Images(cache=tmp_path, recipe=recipe).ensure(lambda said: heard.append(said.line)) for _ in range(2))
    )

    assert one.digest == two.digest
    assert heard.count(f"building {recipe.tag}") == 1
    assert heard.count("another process is building the image; waiting for it") == 1
    assert not (tmp_path / "building").exists()


@pytest.mark.docker
async def test_another_program_is_laid_over_the_same_parts(
    engine: DockerClient, sandbox_image: str, tmp_path: Path, small_images: list[str]
) -> None:
    """What seldom changes is not made again; the image holds the bytecode of the new programs, not of the old ones."""
    plain = tiny_recipe(dockerfile="ARG BASE\nFROM ${BASE}\nUSER 0\nCOPY site /site", base_image=sandbox_image)
    laid_over = (CHECKOUT / "images/python/programs.Dockerfile").read_bytes()
    python = {**plain.python, "programs.Dockerfile": laid_over}
    old = Recipe(**{**dict(plain), "python": python, "programs": {"tests_old.py": b"x = 1\n"}})
    new = Recipe(**{**dict(plain), "python": python, "programs": {"tests_new/a.py": b"x = 2\n"}})
    small_images += [old.tag, new.tag, new.parts_tag]
    heard: list[str] = []

    for recipe in (old, new):
        await Images(cache=tmp_path, recipe=recipe).ensure(lambda said: heard.append(said.line))
    said = engine.containers.run(
        new.tag,
        ["find", "/box", "/opt/mendbox/pyc/box/tools", "-path", "*tests_*", "-type", "f"],
        remove=True,
        network_mode="none",
        labels={"mendbox": "test"},
    ).decode()

    assert old.parts_tag == new.parts_tag
    assert [line for line in heard if line.startswith("building ")] == [
        f"building {name}" for name in (old.parts_tag, old.tag, new.tag)
    ]
    assert said.split() == ["/opt/mendbox/pyc/box/tools/tests_new/a.cpython-313.pyc"]


@pytest.mark.docker
async def test_a_build_that_breaks_shows_its_end_and_leaves_nothing(
    engine: DockerClient, sandbox_image: str, tmp_path: Path
) -> None:
    """The error holds the last 16 kB of the build's own words; no container, layer or folder stays."""
    mark = f"mendbox.test={secrets.token_hex(4)}"
    recipe = tiny_recipe(
        dockerfile=(
            f"ARG BASE\nFROM ${{BASE}}\nARG BUILD\nLABEL mendbox=build mendbox.build=${{BUILD}} {mark}\n"
            "RUN for i in $(seq 9000); do echo line $i; done; exit 5"
        ),
        base_image=sandbox_image,
    )

    with pytest.raises(ImageMissing, match="returned a non-zero code: 5") as caught:
        await Images(cache=tmp_path, recipe=recipe).ensure()

    assert "line 9000" in caught.value.log
    assert len(caught.value.log) <= LOG_BYTES
    assert not (tmp_path / "building").exists()
    assert engine.images.list(filters={"label": mark}, all=True) == []
    assert engine.containers.list(all=True, filters={"label": mark}) == []


@pytest.mark.docker
async def test_packages_that_cannot_be_had_are_told_from_a_broken_build(sandbox_image: str, tmp_path: Path) -> None:
    """pip's own words, and a hint at its settings."""
    recipe = tiny_recipe(dockerfile="FROM scratch", base_image=sandbox_image)
    wrong = recipe.model_copy(
        update={"python": {**recipe.python, "requirements.txt": b"iniconfig==2.3.1 --hash=sha256:" + b"0" * 64}}
    )

    with pytest.raises(ImageMissing, match="packages of the image could not be had") as caught:
        await Images(cache=tmp_path, recipe=wrong).ensure()

    assert "pip config list" in caught.value.hint
    assert "hash" in caught.value.log.lower()


@pytest.mark.docker
async def test_no_registry_and_no_packages_is_one_clear_error(tmp_path: Path) -> None:
    """The hint names both ways to a base."""
    recipe = tiny_recipe(dockerfile="FROM scratch", base_image="none")

    with pytest.raises(ImageMissing, match="no base from Debian packages") as caught:
        await Images(cache=tmp_path, recipe=recipe).ensure()

    assert "mmdebstrap" in caught.value.hint


@pytest.mark.docker
async def test_prune_removes_our_old_images_only(
    engine: DockerClient, sandbox_image: str, tmp_path: Path, small_images: list[str]
) -> None:
    """The image in force, one that a container is made from, and whatever is not named and labelled as ours stay."""
    old, used = "mendbox/python:00000000000a", "mendbox/python:00000000000b"
    unlabelled, by_hand, foreign = "mendbox/python:00000000000c", "mendbox/python:by-hand", "somebody/else:1"
    for reference, label in (
        (old, "mendbox=image"),
        (used, "mendbox=image"),
        (unlabelled, "other=1"),
        (by_hand, "mendbox=image"),
        (foreign, "mendbox=image"),
    ):
        small_images.append(reference)
        import_empty(engine, reference, label=label)
    holder = engine.containers.create(used, ["none"], labels={"mendbox": "test"})
    recipe = read_recipe("debian:trixie-slim")
    others = [image.reference for image in await Images(cache=tmp_path).list() if image.reference not in small_images]

    try:
        removed = await PruningOnly(tmp_path, recipe, spared=others).prune()
        left = {tag for image in engine.images.list() for tag in image.tags}
    finally:
        holder.remove(force=True)

    assert old in removed
    assert not {used, unlabelled, by_hand, foreign, sandbox_image} & set(removed)
    assert {used, unlabelled, by_hand, foreign, sandbox_image} <= left


class PruningOnly(Images):
    """Sees the test's own images only, so that a test never removes what this machine is using."""

    def __init__(self, cache: Path, recipe: Recipe, *, spared: list[str]) -> None:
        super().__init__(cache=cache, recipe=recipe)
        self._spared = spared

    def _list(self, client: DockerClient) -> tuple[object, ...]:  # type: ignore[override]
        return tuple(image for image in super()._list(client) if image.reference not in self._spared)


@pytest.mark.docker
@pytest.mark.slow
async def test_everything_is_built_from_nothing(engine: DockerClient, tmp_path: Path, small_images: list[str]) -> None:
    """No image, no base, no registry: one call makes both, and tells about it."""
    plain = read_recipe("none", programs=box_programs())
    script = plain.base["bootstrap.sh"] + b"\n# another base, so that this machine's own is not disturbed\n"
    recipe = plain.model_copy(update={"base": {"bootstrap.sh": script}})
    recipe = Recipe.model_validate(recipe.model_dump())
    small_images += [recipe.tag, recipe.parts_tag, recipe.base_tag]
    heard: list[BuildProgress] = []

    made = await Images(cache=tmp_path, recipe=recipe).ensure(heard.append)

    assert made.reference == recipe.tag
    assert made.size_mib < 200
    assert len(heard) > 10
