"""Environments on a real engine: what a project needs is in its boxes, and nothing of how it came there is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from docker import DockerClient
from docker.errors import APIError

from sandboxes.base import Command, Limits, Outcome
from sandboxes.docker import DockerSandbox
from sandboxes.environments.compiler import compiler_recipe
from sandboxes.environments.environments import Environments
from sandboxes.environments.identity import TAG
from sandboxes.environments.store import LastUse, evict, read_all
from sandboxes.environments.wanted import Environment, Unresolved, Wanted
from sandboxes.errors import CommandMissing
from sandboxes.images import Images
from sandboxes.recipe import read_recipe
from tests.environments.index import NEEDS_NOTHING, PASSWORD, Index, backend, sdist, wheel

pytestmark = pytest.mark.docker

Make = Callable[[], Environments]
BASE = "debian:trixie-slim"
Run = Callable[..., Awaitable[Outcome]]


@pytest.fixture(scope="session")
def compiler_image(engine: DockerClient, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Made before a test has an index of its own, which has nothing of what the image is made of."""
    images = Images(cache=tmp_path_factory.mktemp("compiler"), recipe=compiler_recipe(read_recipe(BASE)))
    asyncio.run(images.ensure())


@pytest.fixture
def environments(engine: DockerClient, sandbox_image: str, compiler_image: None, tmp_path: Path) -> Iterator[Make]:
    """Makes environments over the image in force, with a cache of the test's own; what was made is removed at its end."""
    before = names_of_environments(engine)
    yield lambda: Environments(cache=tmp_path / "cache", image=sandbox_image, base_image=BASE)
    used = {path.name for path in (tmp_path / "cache/environments/used").glob("*")}
    for name in names_of_environments(engine) - before:
        if (match := TAG.fullmatch(name)) and match["key"] in used:
            with contextlib.suppress(APIError):
                engine.api.remove_image(name)


def names_of_environments(engine: DockerClient) -> set[str]:
    images = engine.api.images(filters={"label": "mendbox.environment"})
    return {name for image in images for name in image["RepoTags"] or ()}


@pytest.fixture
def running(engine: DockerClient) -> Run:
    """Runs one program in a box that is made from an environment."""

    async def run(environment: Environment, *argv: str) -> Outcome:
        async with (
            DockerSandbox(engine, image=environment.reference) as sandbox,
            sandbox.open(run_id="test", limits=Limits(environment=environment.reference)) as box,
        ):
            return await box.run(Command(argv=argv))

    return run


async def test_what_a_project_needs_is_in_its_boxes(
    private_index: Index,
    archives: Path,
    environments: Make,
    running: Run,
    engine: DockerClient,
    tmp_path: Path,
) -> None:
    """Modules, parts of a namespace, path files, entry points and scripts are there as where pip installs them; bytecode is
    ready; pytest stays the image's own. The password of the index is in nothing that is kept, and no second use asks
    for anything.
    """
    wheel(archives, "plain", requires=("part-one", "pytest"))
    wheel(archives, "part-one", files={"shared/one/__init__.py": "ONE = 1"})
    wheel(archives, "part-two", files={"shared/two/__init__.py": "TWO = 2"})
    wheel(
        archives,
        "pathy",
        files={"pathy.pth": "elsewhere\nimport sys; sys.pathy = True\n", "elsewhere/far.py": "FAR = 3"},
    )
    wheel(archives, "pytest", "9.2.0", files={"pytest/__init__.py": "raise SystemError('not ours')"})
    wheel(
        archives,
        "pointed",
        files={"pointed.py": "def main(): print('said by a script')"},
        entry_points="[console_scripts]\nsay-it = pointed:main\npytest = pointed:main\n[pytest11]\npointed = pointed.plug\n",
    )
    wanted = Wanted(requirements=("plain", "part-two", "pathy", "pointed"))
    said: list[str] = []

    made = await environments().ensure(wanted, said.append)

    assert made.built
    assert made.packages == {"part-one": "1.0", "part-two": "1.0", "pathy": "1.0", "plain": "1.0", "pointed": "1.0"}
    assert made.plugins == ("pointed.plug",)
    assert made.modules["shared"] in {"part-one", "part-two"}
    assert made.modules["plain"] == "plain"
    program = """
import json, os, sys, importlib.metadata as metadata
import plain, shared.one, shared.two, far, pytest
print(json.dumps({
    "values": [shared.one.ONE, shared.two.TWO, far.FAR, sys.pathy],
    "points": [point.value for point in metadata.entry_points(group="pytest11") if point.name == "pointed"],
    "pytest": pytest.__version__,
    "compiled": os.path.exists(plain.__cached__) and os.path.exists("/opt/mendbox/pyc/opt/mendbox/site/plain.cpython-313.pyc"),
    "named": plain.__spec__.loader.get_code("plain").co_filename,
    "order": sys.path.index("/opt/mendbox/site") < sys.path.index("/usr/local/lib/python3.13/dist-packages"),
    "pip": sorted(os.listdir("/opt/mendbox/site/plain-1.0.dist-info")),
}))
"""
    outcome = await running(made, "python", "-I", "-c", program)
    assert outcome.ok, outcome.stderr.text
    assert json.loads(outcome.stdout.text) == {
        "values": [1, 2, 3, True],
        "points": ["pointed.plug"],
        "pytest": "9.2.0",
        "compiled": True,
        "named": "/opt/mendbox/site/plain.py",
        "order": True,
        "pip": ["METADATA", "RECORD", "WHEEL"],
    }
    assert (await running(made, "say-it")).stdout.text == "said by a script\n"
    with pytest.raises(CommandMissing):
        await running(made, "pytest")

    everything = [
        *said,
        json.dumps(engine.api.history(made.reference)),
        json.dumps(engine.api.inspect_image(made.reference)),
    ]
    everything += [path.read_bytes().decode("latin-1") for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not any(PASSWORD in text for text in everything)
    assert not holds(engine, made.reference, PASSWORD.encode())

    asked = len(private_index.asked)
    private_index.private = False
    again = await environments().ensure(wanted, pytest.fail)
    assert (again.reference, again.digest, again.built) == (made.reference, made.digest, False)
    assert len(private_index.asked) == asked


def holds(engine: DockerClient, reference: str, secret: bytes) -> bool:
    """Whether any layer, or any description, of an image has *secret* in it."""
    rest = b""
    for chunk in engine.api.get_image(reference, chunk_size=1 << 20):
        rest = rest[-len(secret) :] + chunk
        if secret in rest:
            return True
    return False


C_SOURCE = """
#include <Python.h>
static PyObject *answer(PyObject *self, PyObject *none) { return PyLong_FromLong(42); }
static PyMethodDef methods[] = {{"answer", answer, METH_NOARGS, ""}, {0}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "fast", "", -1, methods};
PyMODINIT_FUNC PyInit_fast(void) { return PyModule_Create(&module); }
"""

MAKING_FAST = """
    import socket
    for host, port in (HOSTS):
        try:
            socket.create_connection((host, port), 2).close()
        except OSError:
            continue
        raise SystemExit("reached " + host)
    include = sysconfig.get_path("include")
    subprocess.run(["gcc", "-shared", "-fPIC", "-I" + include, "-o", "fast.so", "fast.c"], check=True)
    files["fast.cpython-313-x86_64-linux-gnu.so"] = open("fast.so", "rb").read()
    import helper_of_the_build
    files["fast_helped.py"] = helper_of_the_build.TEXT.encode()
"""


@pytest.mark.slow
async def test_a_source_distribution_is_built_in_a_box_that_reaches_nobody(
    index: Index, archives: Path, environments: Make, running: Run
) -> None:
    """With a compiler and what its build asks for when it is run, and with no way to a service of this machine; the
    same archive is built once.
    """
    port = index.address.rpartition(":")[2]
    hosts = f"('127.0.0.1', {port}), ('172.17.0.1', {port})"
    asking = "def get_requires_for_build_wheel(config_settings=None):\n    return ['helper-of-the-build']\n"
    source = backend("fast", making=MAKING_FAST.replace("HOSTS", hosts), tag="cp313-cp313-linux_x86_64", more=asking)
    sdist(archives, "fast", files={"pyproject.toml": NEEDS_NOTHING, "backend.py": source, "fast.c": C_SOURCE})
    wheel(archives, "helper-of-the-build", files={"helper_of_the_build.py": "TEXT = 'HELPED = True'"})
    wheel(archives, "beside")
    before = len([path for path in index.asked if "fast" in path])

    made = await environments().ensure(Wanted(requirements=("fast",)))

    outcome = await running(
        made, "python", "-I", "-c", "import fast, fast_helped; print(fast.answer(), fast_helped.HELPED)"
    )
    assert outcome.stdout.text == "42 True\n", outcome.stderr.text
    assert "helper-of-the-build" not in made.packages
    said: list[str] = []
    await environments().ensure(Wanted(requirements=("fast", "beside")), said.append)
    assert before == 0
    assert not [line for line in said if line.startswith("building a wheel")]


@pytest.mark.slow
async def test_a_build_that_fails_is_a_finding_with_its_last_words(
    index: Index, archives: Path, environments: Make, engine: DockerClient, tmp_path: Path
) -> None:
    """The end of what it said, bounded; and no environment is left."""
    making = "print('x' * 40_000); print('the last words')\nraise ValueError('cannot be built')"
    sdist(archives, "bad", files={"pyproject.toml": NEEDS_NOTHING, "backend.py": backend("bad", making=making)})

    with pytest.raises(Unresolved) as unresolved:
        await environments().ensure(Wanted(requirements=("bad",)))

    assert unresolved.value.cause == "build"
    assert unresolved.value.requirement == "bad-1.0.tar.gz"
    assert "cannot be built" in unresolved.value.evidence
    assert len(unresolved.value.evidence.encode()) <= 16_384
    assert await environments().find(Wanted(requirements=("bad",))) is None
    assert leftovers(tmp_path) == []


@pytest.mark.slow
async def test_a_project_with_sources_of_its_own_to_compile_has_a_compiler(
    index: Index, archives: Path, environments: Make, running: Run
) -> None:
    """In its boxes, with Python's headers and setuptools; its packages and its build's needs stand beside."""
    wheel(archives, "plain")
    wheel(archives, "build-tool")

    made = await environments().ensure(
        Wanted(requirements=("plain",), build_requirements=("build-tool",), compiler=True)
    )

    program = """
import pathlib, subprocess, sysconfig, plain, build_tool, setuptools
pathlib.Path("x.c").write_text("#include <Python.h>\\nint x(void) { return PY_MAJOR_VERSION; }")
print(subprocess.run(["gcc", "-shared", "-fPIC", "-I" + sysconfig.get_path("include"), "-o", "x.so", "x.c"]).returncode)
"""
    outcome = await running(made, "python", "-c", program)
    assert outcome.stdout.text == "0\n", outcome.stderr.text


async def test_ten_at_once_make_one(index: Index, archives: Path, environments: Make) -> None:
    """Nine wait, say so, and take what the first has made."""
    wheel(archives, "plain")
    said: list[str] = []

    made = await asyncio.gather(
        *(environments().ensure(Wanted(requirements=("plain",)), said.append) for _ in range(10))
    )

    assert len({each.digest for each in made}) == 1
    assert [each.built for each in made].count(True) == 1
    assert said.count("another run is making this environment; waiting for it") == 9
    assert index.asked.count("/files/plain-1.0-py3-none-any.whl") == 1


ENSURE = """
import asyncio, resource, sys
from pathlib import Path
from sandboxes.environments.environments import Environments
from sandboxes.environments.wanted import Wanted
cache, image, requirement, limit = sys.argv[1:]
if int(limit):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
environments = Environments(cache=Path(cache), image=image)
try:
    asyncio.run(environments.ensure(Wanted(requirements=(requirement,)), lambda line: print(line, flush=True)))
except Exception as error:
    print(type(error).__name__, error)
"""


async def test_a_killed_making_leaves_nothing_that_lasts(
    index: Index, archives: Path, environments: Make, engine: DockerClient, sandbox_image: str, tmp_path: Path
) -> None:
    """No half environment has a name, and the next making clears away what the dead one left."""
    wheel(archives, "plain")
    dying = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ENSURE, str(tmp_path / "cache"), sandbox_image, "plain", "0"),
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert dying.stdout is not None
    while not (line := await dying.stdout.readline()).startswith(b"Step 4/"):
        assert line, "it ended before it was killed"
    os.killpg(dying.pid, signal.SIGKILL)
    await dying.wait()
    (folder,) = leftovers(tmp_path)
    build = (folder / "builds").read_text()

    assert await environments().find(Wanted(requirements=("plain",))) is None
    made = await environments().ensure(Wanted(requirements=("plain",)))

    assert made.built
    assert leftovers(tmp_path) == []
    assert engine.api.images(filters={"label": f"mendbox.build={build}"}) == []


async def test_a_full_disk_leaves_nothing_and_is_said(
    index: Index, archives: Path, environments: Make, sandbox_image: str, tmp_path: Path
) -> None:
    """It is the machinery's failure; with space again, the environment is made."""
    wheel(archives, "large", files={"large.py": "X = '" + "x" * 400_000 + "'"})
    making = await asyncio.create_subprocess_exec(
        *(sys.executable, "-B", "-c", ENSURE, str(tmp_path / "cache"), sandbox_image, "large", "100000"),
        stdout=subprocess.PIPE,
    )
    said = (await making.communicate())[0].decode()

    assert said.splitlines()[-1].startswith("SandboxUnavailable")
    assert "disk is full" in said
    assert leftovers(tmp_path) == []
    assert await environments().find(Wanted(requirements=("large",))) is None
    assert (await environments().ensure(Wanted(requirements=("large",)))).built


def leftovers(tmp_path: Path) -> list[Path]:
    """Folders of makings in the cache."""
    folder = tmp_path / "cache" / "environments"
    return [path for path in folder.iterdir() if path.is_dir() and path.name not in {"used", "wheels", "compiler"}]


async def test_what_was_used_longest_ago_goes_first_and_never_what_is_in_use(
    index: Index, archives: Path, environments: Make, engine: DockerClient, tmp_path: Path
) -> None:
    """A bound in MiB, kept by removing; one that a box is made from stays, as does one that was asked for just now."""
    made = []
    for name in ("first", "second", "third"):
        wheel(archives, name, files={f"{name}.py": "#" * 300_000})
        made.append(await environments().ensure(Wanted(requirements=(name,))))
    keys = [TAG.fullmatch(each.reference)["key"] for each in made]  # type: ignore[index]
    folder = tmp_path / "cache/environments/used"
    for age, key in enumerate(reversed(keys[:2])):
        os.utime(folder / key, (1_000_000 - age, 1_000_000 - age))
    uses = LastUse(folder)
    ours = [each for each in read_all(engine, uses) if each.key in keys]
    container = engine.containers.create(made[1].reference, labels={"mendbox": "test"})
    try:
        removed = [evict_ours(engine, uses, keys) for _ in range(2)]
    finally:
        container.remove()

    assert [each.key for each in ours] == [keys[2], keys[1], keys[0]]
    assert all(0 < each.size_mib < 5 for each in ours)
    assert [key for key in keys if all(key not in name for name in sum(removed, ()))] == [keys[1], keys[2]]
    assert not (folder / keys[0]).exists()


def evict_ours(engine: DockerClient, uses: LastUse, keys: list[str]) -> tuple[str, ...]:
    """As `evict` with a bound of nothing, kept to the environments of the test: others are somebody's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "sandboxes.environments.store.read_all",
            lambda client, uses: tuple(each for each in read_all(client, uses) if each.key in keys),
        )
        return evict(engine, uses, most_mib=0)
