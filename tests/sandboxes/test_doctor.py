"""The doctor: what was seen of an engine, said truthfully, with a next step wherever something is not well."""

from __future__ import annotations

import gc
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingMixIn, UnixStreamServer
from typing import Any

import pytest

from engine.settings import Settings
from engine.wiring import box_programs, make_node_images
from sandboxes import advisories
from sandboxes.base import Limits
from sandboxes.docker import DockerSandbox, connect
from sandboxes.doctor import Diagnosis, examine
from sandboxes.images import Images

DEBIAN = "1.1.5+ds1-1+deb12u1"


class AnsweringEngine(ThreadingMixIn, UnixStreamServer):
    """An engine that only tells about itself, on a socket of its own; everything else it has never heard of."""

    daemon_threads = True

    def __init__(self, path: Path, *, runc: str, **info: object) -> None:
        super().__init__(str(path), _Answer)
        self.address = f"unix://{path}"
        self.said: dict[str, Any] = {
            "/version": {
                "Version": "28.5.1",
                "ApiVersion": "1.51",
                "MinAPIVersion": "1.24",
                "Arch": "amd64",
                "Components": [
                    {"Name": "Engine", "Version": "28.5.1"},
                    {"Name": "containerd", "Version": "v1.7.28", "Details": {"GitCommit": "b98a3aace656320842a23f"}},
                    {
                        "Name": "runc",
                        "Version": runc,
                        "Details": {"GitCommit": runc if "+" in runc else f"v{runc}-0-gd842d771"},
                    },
                ],
            },
            "/info": {
                "Name": "far-away",
                "CgroupVersion": "2",
                "CgroupDriver": "systemd",
                "Driver": "overlay2",
                "DockerRootDir": "/var/lib/docker",
                "Runtimes": {"runc": {}},
                "DefaultRuntime": "runc",
                **info,
            },
        }


class _Answer(BaseHTTPRequestHandler):
    server: AnsweringEngine

    def address_string(self) -> str:
        return "a client"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        del format, args

    def do_GET(self) -> None:
        path = "/" + self.path.rpartition("/")[2].partition("?")[0]
        known = self.server.said.get(path)
        body = json.dumps(known if known is not None else {"message": "no such image"}).encode()
        self.send_response(200 if known is not None else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    served: list[AnsweringEngine] = []

    def serving(*, runc: str = "1.3.3", **info: object) -> None:
        engine = AnsweringEngine(tmp_path / "engine.sock", runc=runc, **info)
        threading.Thread(target=engine.serve_forever, kwargs={"poll_interval": 0.05}).start()
        served.append(engine)
        monkeypatch.setenv("DOCKER_HOST", engine.address)

    yield serving
    for engine in served:
        engine.shutdown()
        engine.server_close()


async def diagnosed(tmp_path: Path, **options: Any) -> dict[str, Diagnosis]:
    return {
        found.name: found for found in await examine(images=Images(cache=tmp_path, programs=box_programs), **options)
    }


def problems_without_advice(found: dict[str, Diagnosis]) -> list[str]:
    return [diagnosis.name for diagnosis in found.values() if diagnosis.state != "ok" and not diagnosis.advice]


@pytest.mark.parametrize(
    ("programs", "state", "said"),
    [
        pytest.param(("npm",), "ok", "mendbox images build node", id="it can be made"),
        pytest.param((), "warn", "this machine has no npm", id="it cannot"),
    ],
)
async def test_the_node_image_is_told_about_and_nobody_has_to_have_it(
    serve: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: tuple[str, ...], state: str, said: str
) -> None:
    """Who only mends Python is not warned, unless it could not be made here either."""
    serve()
    for name in programs:
        (tmp_path / name).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    found = await diagnosed(tmp_path, node=make_node_images(Settings(image="anything")))

    assert (found["node image"].state, said in found["node image"].seen) == (state, True)
    assert "node image" not in problems_without_advice(found)


@pytest.mark.parametrize(
    ("version", "cve", "judgement"),
    [
        pytest.param("1.1.11", "CVE-2024-21626", "open", id="the last release before the fix"),
        pytest.param("1.1.12", "CVE-2024-21626", "fixed", id="the first release with it"),
        pytest.param("1.2.7", "CVE-2025-31133", "open", id="one short in its line"),
        pytest.param("1.2.8", "CVE-2025-31133", "fixed", id="first of the 1.2 line"),
        pytest.param("1.3.2", "CVE-2025-52565", "open", id="newer than the 1.2 fix, older than its own"),
        pytest.param("1.3.3", "CVE-2025-52565", "fixed", id="first of the 1.3 line"),
        pytest.param("1.4.0-rc.2", "CVE-2025-52881", "open", id="candidate before the fix"),
        pytest.param("1.4.0-rc.3", "CVE-2025-52881", "fixed", id="candidate with the fix"),
        pytest.param("1.4.0", "CVE-2025-52881", "fixed", id="final after that candidate"),
        pytest.param("2.0.1", "CVE-2025-52881", "fixed", id="a line to come"),
        pytest.param(DEBIAN, "CVE-2024-21626", "unknown", id="old version, a distribution's patches"),
        pytest.param("1.1.7-0ubuntu1~22.04.9", "CVE-2025-31133", "unknown", id="ubuntu's patches"),
        pytest.param("1.3.3+ds1-2", "CVE-2025-31133", "fixed", id="a distribution's build of a fixed release"),
        pytest.param("from-source", "CVE-2024-21626", "unknown", id="no version at all"),
    ],
)
def test_a_version_is_judged_by_its_own_line_and_never_guessed(version: str, cve: str, judgement: str) -> None:
    """What a distribution may have mended under an old number is not known, and said to be so."""
    advisory = next(known for known in advisories.RUNC if known.cve == cve)

    assert advisories.judge(version, advisory) == judgement


# The docker package forgets to close a socket that could not be connected.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
async def test_without_an_engine_the_doctor_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without an engine is a diagnosis, not a crash."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    found = await diagnosed(tmp_path)
    gc.collect()

    assert {name: diagnosis.state for name, diagnosis in found.items()} == {"engine": "fail", "box": "warn"}
    assert found["engine"].advice == "start Docker, or set DOCKER_HOST"


async def test_an_engine_that_is_well_is_told_in_full(tmp_path: Path, serve: Any) -> None:
    """Each line names what was seen; what cannot be seen from here is a warning, not a guess."""
    serve()

    found = await diagnosed(tmp_path)

    assert found["engine"].seen.startswith("Docker Engine 28.5.1, API 1.51, at unix://")
    assert found["runc"].state == "ok"
    assert found["containerd"].seen == "v1.7.28"
    assert (found["cgroup"].seen, found["storage"].seen) == ("version 2, driver systemd", "overlay2")
    assert found["disk"].state == found["image"].state == found["limits"].state == "warn"
    assert "mendbox images build" in found["image"].advice
    assert problems_without_advice(found) == []


async def test_an_open_hole_fails_and_names_it(tmp_path: Path, serve: Any) -> None:
    """The line says which holes, and which versions close them."""
    serve(runc="1.1.11")

    found = await diagnosed(tmp_path)

    assert found["runc"].state == "fail"
    assert "CVE-2024-21626" in found["runc"].seen
    assert "1.2.8" in found["runc"].advice


async def test_a_distributions_patches_are_a_warning(tmp_path: Path, serve: Any) -> None:
    """Neither an alarm nor an all-clear: the distribution's tracker knows."""
    serve(runc=DEBIAN)

    found = await diagnosed(tmp_path)

    assert found["runc"].state == "warn"
    assert "security tracker" in found["runc"].advice


async def test_a_runtime_that_the_engine_lacks_fails(tmp_path: Path, serve: Any) -> None:
    """A configured runtime is looked for before the first box needs it."""
    serve()

    found = await diagnosed(tmp_path, runtime="runsc")

    assert found["runtime"].state == "fail"
    assert found["runtime"].seen == "'runsc' is configured, the engine has runc"
    assert (await diagnosed(tmp_path, runtime="runc"))["runtime"].state == "ok"


async def test_slow_storage_and_a_full_disk_are_told(
    tmp_path: Path, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are seen before they break a run."""
    serve(Driver="vfs", Name=socket.gethostname(), DockerRootDir=str(tmp_path))
    monkeypatch.setattr("sandboxes.doctor._LITTLE_DISK", 2**62)
    monkeypatch.setattr("sandboxes.doctor._TOO_LITTLE_DISK", 2**61)

    found = await diagnosed(tmp_path)

    assert found["storage"].state == "warn"
    assert found["disk"].state == "fail"
    assert problems_without_advice(found) == []


async def test_an_engine_that_is_too_old_fails(tmp_path: Path, serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flags that a box rests on came with Docker Engine 20.10."""
    serve()
    monkeypatch.setattr("sandboxes.doctor._OLDEST_API", (1, 99))

    found = await diagnosed(tmp_path)

    assert found["engine"].state == "fail"
    assert "20.10" in found["engine"].advice


@pytest.mark.docker
async def test_limits_are_reported_as_a_box_measures_them(sandbox: DockerSandbox, tmp_path: Path) -> None:
    """Not what was asked for: what the first process of a real box read."""
    found = await diagnosed(tmp_path, sandbox=sandbox, limits=Limits(memory_mib=96, processes=33, open_files=65))

    assert found["limits"].state == "ok", found["limits"].seen
    for phrase in ("memory 96 MiB without swap", "33 processes", "65 open", "no network", "user 1000"):
        assert phrase in found["limits"].seen


@pytest.mark.docker
async def test_no_box_means_no_limits_and_the_reason(tmp_path: Path) -> None:
    """A runtime that is not there refuses the box; the line says so."""
    client = connect()
    images = Images(cache=tmp_path, programs=box_programs)
    async with DockerSandbox(client, image=images.reference, runtime="none-such") as sandbox:
        found = await diagnosed(tmp_path, sandbox=sandbox, runtime="none-such")
    client.close()

    assert found["runtime"].state == found["limits"].state == "fail"
    assert problems_without_advice(found) == []
