"""The image with Node.js and a browser: what a project of pages and servers is checked with works in a closed box."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from docker import DockerClient

from engine.ahead import prepare
from engine.settings import Settings
from engine.wiring import box_programs, make_environments, make_images, make_node_images
from sandboxes import web
from sandboxes.base import Box, Command, Limits
from sandboxes.building import has_image
from sandboxes.docker import DockerSandbox
from sandboxes.environments.compiler import compiler_recipe
from sandboxes.environments.wanted import Unresolved, Wanted
from sandboxes.errors import ImageMissing
from sandboxes.images import Images
from sandboxes.pool import WarmPool
from sandboxes.recipe import NODE_REPOSITORY, Recipe, read_recipe
from tests.sandboxes.test_hardening import PROBE, nothing_is_open
from tests.sandboxes.test_images import tiny_recipe

PAGES = Path(__file__).with_name("pages")
FRAMEWORKS = ("react", "vue", "angular")
BESIDE = """
import json, subprocess, sys

def tried(path):
    try:
        with open(path, "rb") as file:
            file.read(1)
    except OSError as error:
        return type(error).__name__
    return "read"

found = {}
for name, argv in {"node": ["node", "-"], "browser": [sys.argv[1], "--no-sandbox", "--no-zygote"], "other": ["cat"]}.items():
    program = subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found[name] = [tried(f"/proc/{program.pid}/{what}") for what in ("environ", "mem", "exe")]
    program.kill()
print(json.dumps(found))
"""
"""Looks at what runs beside it: its environment, its memory at an address where nothing is, its program."""
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def usual() -> Recipe:
    return read_recipe("debian:trixie-slim")


@pytest.fixture
async def node_box(engine: DockerClient, sandbox_image: str) -> AsyncIterator[Box]:
    """A box of the node image, with all of `pages` in it."""
    image = await make_environments(Settings(), node=True).ensure(Wanted())
    limits = web.LIMITS.model_copy(update={"environment": image.reference})
    async with DockerSandbox(engine, image=sandbox_image) as sandbox, sandbox.open(run_id="t", limits=limits) as box:
        await box.put({path.relative_to(PAGES).as_posix(): path.read_bytes() for path in PAGES.rglob("*.*")})
        yield box


async def did(box: Box, *argv: str, cwd: str = ".") -> str:
    """What a program wrote that has to end well."""
    outcome = await box.run(Command(argv=argv, cwd=cwd, seconds=120))
    assert outcome.ok, (argv, outcome.ended, outcome.stdout.text, outcome.stderr.text)
    return outcome.stdout.text


def test_the_image_is_the_usual_one_with_more(usual: Recipe) -> None:
    """It has a name of its own, and everything of the usual recipe is in it: guest, packages, preparation."""
    node = web.node_recipe(usual)

    assert node.tag.startswith("mendbox/node:")
    assert len({recipe.base_tag for recipe in (usual, node, compiler_recipe(usual))}) == 3
    assert node.guest == usual.guest
    assert node.python["requirements.txt"] == usual.python["requirements.txt"]
    assert b"--include=python3,chromium-headless-shell," in node.base["bootstrap.sh"]
    assert b"recommends python3 chromium-headless-shell " in node.python["prepare.sh"]


def test_its_name_follows_from_its_packages_and_from_the_guest(usual: Recipe) -> None:
    """Whoever changes a version, or what is first run in a box, has another image; the usual one keeps its name."""
    node = web.node_recipe(usual)
    newer = Recipe.model_validate(node.model_dump() | {"node": {**node.node, "package.json": "{}"}})
    guest = Recipe.model_validate(usual.model_dump() | {"guest": {"__main__.py": b""}})

    assert len({recipe.parts_tag for recipe in (usual, node, newer, web.node_recipe(guest))}) == 4
    assert web.node_recipe(usual).tag == node.tag


def test_the_lock_pins_what_is_asked_for_by_hash_and_names_no_host(usual: Recipe) -> None:
    """What is installed is the same everywhere, from whatever registry this machine's npm is told to use."""
    node = web.node_recipe(usual).node
    asked = json.loads(node["package.json"])["dependencies"]
    locked = json.loads(node["package-lock.json"])["packages"]

    assert "://" not in "".join(f"{entry.get('resolved', '')}" for entry in locked.values())
    assert all("integrity" in entry or "inBundle" in entry for path, entry in locked.items() if path)
    assert {name: locked[f"node_modules/{name}"]["version"] for name in asked} == asked


@pytest.mark.docker
async def test_of_postgresql_and_valkey_it_has_what_serves_and_nothing_else(node_box: Box) -> None:
    """Nobody in a box makes or looks after a server, and what they were made with has left again."""
    assert "PostgreSQL) 17." in await did(node_box, "/usr/lib/postgresql/17/bin/postgres", "--version")
    assert "Valkey server v=8." in await did(node_box, "valkey-server", "--version")
    left = (
        "ls /usr/lib/postgresql/17/bin /opt/mendbox/stores; command -v tcc perldoc openssl valkey-cli ps passwd || true"
    )
    assert (await did(node_box, "/bin/sh", "-c", left)).split() == [
        "/opt/mendbox/stores:",
        "interlock.so",
        "postgresql",
        "/usr/lib/postgresql/17/bin:",
        "postgres",
    ]


@pytest.mark.docker
@pytest.mark.slow
async def test_a_server_and_three_pages_are_checked_built_and_opened_in_one_closed_box(node_box: Box) -> None:
    """Typed, linted, tested and built with what the image has, and without network or a folder of packages of their own;
    the page that was built is opened by the browser in the same box, which says what its console said, and draws it.
    """
    assert node_box.measured.interfaces == ()
    assert node_box.measured.read_only_root
    assert node_box.measured.seccomp
    assert node_box.measured.capabilities == 0

    assert (await did(node_box, "node", "-v")).startswith("v22.")
    assert (await did(node_box, "python", "-m", "pytest", "--version")).startswith("pytest ")
    assert "1 passed" in await did(node_box, "vitest", "run", cwd="api")
    for argv in (("eslint", "src"), ("vitest", "run"), ("npm", "run", "build")):
        pages = [Command(argv=argv, cwd=framework, seconds=120) for framework in FRAMEWORKS]
        for outcome in await node_box.run_beside(*pages):
            assert outcome.ok, (argv, outcome.ended, outcome.stdout.text, outcome.stderr.text)
            assert argv[0] != "vitest" or "1 passed" in outcome.stdout.text

    browser = (web.BROWSER, *web.BROWSER_OPTIONS)
    for framework in FRAMEWORKS:
        seen = json.loads(await did(node_box, "node", "open.mjs", f"{framework}/dist", f"{framework}.png", *browser))
        assert (seen["said"][-1], seen["button"]) == ("log: drawn", "clicked 3")
        assert (await node_box.take((f"{framework}.png",)))[f"{framework}.png"].startswith(PNG)


@pytest.mark.docker
@pytest.mark.slow
async def test_checks_that_fail_are_told_apart_from_those_that_hold(node_box: Box) -> None:
    """A red test, a wrong type and a rule that is broken are each seen for what they are."""
    right = (PAGES / "react/src/Counter.tsx").read_bytes()
    wrong = right.replace(b"setCount(count + 1", b"setCount('' + count - 1").replace(
        b"  return", b"  var left\n  return"
    )
    await node_box.put({"react/src/Counter.tsx": wrong})

    red, typed, linted = await node_box.run_beside(
        *(Command(argv=argv, cwd="react", seconds=120) for argv in (("vitest", "run"), ("tsc",), ("eslint", "src")))
    )

    assert red.exit_code == 1
    assert "clicked 1" in red.stderr.text
    assert "TS2362" in typed.stdout.text
    assert "no-unused-vars" in linted.stdout.text


@pytest.mark.docker
async def test_a_program_finds_no_more_to_hold_on_to_than_in_the_usual_image(
    engine: DockerClient, sandbox_image: str
) -> None:
    """Every wall stands: what a browser would like to have is not given to whoever runs in its box."""
    limits = Limits(environment=(await make_node_images(Settings()).ensure()).reference)
    async with DockerSandbox(engine, image=sandbox_image) as sandbox, sandbox.open(run_id="t", limits=limits) as box:
        await box.put({"probe.py": PROBE.encode()})
        outcome = await box.run(Command(argv=("python", "probe.py"), seconds=60))

    assert outcome.ok, outcome.stderr.text
    nothing_is_open(json.loads(outcome.report.text))


@pytest.mark.docker
@pytest.mark.parametrize(
    ("node", "why"),
    [
        pytest.param({"package.json": "{"}, "package.json is not readable", id="no manifest"),
        pytest.param(
            {
                "package.json": '{"dependencies": {"react": "19.3.1"}}',
                "package-lock.json": '{"lockfileVersion": 3, "packages": {}}',
            },
            "in sync",
            id="another lock",
        ),
    ],
)
async def test_packages_that_cannot_be_had_are_said_and_leave_nothing(
    engine: DockerClient, sandbox_image: str, tmp_path: Path, node: dict[str, str], why: str
) -> None:
    """What is wrong is this machine's or ours, never the fault of who wants a box; a half of an image has no name."""
    usual = tiny_recipe(dockerfile="FROM scratch", base_image=sandbox_image)
    recipe = usual.model_copy(update={"node": node, "repository": NODE_REPOSITORY})

    with pytest.raises(ImageMissing, match=r"the packages for Node\.js could not be had") as caught:
        await Images(cache=tmp_path, recipe=recipe).ensure()

    assert why in f"{caught.value} {caught.value.log}"
    assert "npm config list" in caught.value.hint
    assert not has_image(engine, recipe.tag)
    assert not (tmp_path / "building").exists()


@pytest.mark.docker
async def test_what_judges_a_page_cannot_be_looked_into_by_the_page_s_own_server(node_box: Box) -> None:
    """They run as the same user; of another program, that user may read everything."""
    found = json.loads(await did(node_box, "python", "-c", BESIDE, web.BROWSER))

    assert found == {
        "node": ["PermissionError"] * 3,
        "browser": ["PermissionError"] * 3,
        "other": ["read", "OSError", "read"],
    }


@pytest.mark.docker
async def test_packages_for_python_and_the_browser_are_in_one_box(engine: DockerClient, sandbox_image: str) -> None:
    """What a project asks for is laid over the node image, found again by its content, and apart from the usual one's."""
    wanted = Wanted(requirements=("six==1.17.0",))
    over_node, usual = make_environments(Settings(), node=True), make_environments(Settings())

    made = await over_node.ensure(wanted)
    found = await over_node.find(wanted)

    assert found is not None
    assert found.reference == made.reference
    assert (await usual.ensure(wanted)).reference != made.reference
    limits = web.LIMITS.model_copy(update={"environment": made.reference})
    async with DockerSandbox(engine, image=sandbox_image) as sandbox, sandbox.open(run_id="t", limits=limits) as box:
        assert await did(box, "python", "-c", "import six; print(six.__version__)") == "1.17.0\n"
        assert await did(box, "node", "-p", "require('react').version") != ""
        assert "Chromium" in await did(box, web.BROWSER, "--version")


@pytest.mark.docker
async def test_pruning_leaves_the_node_image_that_is_in_force(sandbox_image: str) -> None:
    """Whoever looks after the usual image sees the other beside it, and does not take it away."""
    made = await make_node_images(Settings()).ensure()

    listed = {image.reference: image for image in await make_images(Settings()).list()}

    assert listed[made.reference].current
    assert listed[web.node_recipe(read_recipe(Settings().base_image, programs=box_programs())).parts_tag].current
    assert listed[sandbox_image].current


@pytest.mark.docker
async def test_boxes_of_the_node_image_are_made_ahead_once_they_are_asked_for(
    engine: DockerClient, sandbox_image: str
) -> None:
    """Whoever wants the next one has it at once; boxes of the usual image are kept apart from them."""
    image = await make_node_images(Settings()).ensure()
    limits = web.LIMITS.model_copy(update={"environment": image.reference})

    async with WarmPool(DockerSandbox(engine, image=sandbox_image), target=1, most=3, prepare=prepare) as pool:
        async with pool.open(run_id="t", limits=limits) as first:
            pass
        await pool.stock.filled()
        ready = pool.stock.ready
        async with pool.open(run_id="t", limits=limits) as second, pool.open(run_id="t", limits=Limits()) as usual:
            said = await did(second, "node", "-p", "6 * 7")

    assert ready == 1
    assert said == "42\n"
    assert first.image == second.image == image.digest != usual.image
    assert second.id != first.id


async def test_where_nothing_more_is_wanted_the_usual_image_is_still_no_environment() -> None:
    """Only who asks for Node.js waits for its image."""
    assert (await make_environments(Settings()).find(Wanted())).reference == ""


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(Wanted(compiler=True), id="a compiler"),
        pytest.param(Wanted(node={"package.json": '{"dependencies": {"react": "18.0.0"}}'}), id="other packages"),
    ],
)
async def test_what_would_be_mixed_with_the_image_is_refused(wanted: Wanted) -> None:
    """Two versions of a package in one folder would prove nothing about either."""
    with pytest.raises(Unresolved, match="is fixed"):
        await make_environments(Settings(), node=True).ensure(wanted)
