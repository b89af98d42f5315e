"""The engine's failures, met for real where they can be made and told in our words: never as the code's fault."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from sandboxes.base import Limits
from sandboxes.docker import DockerSandbox, connect
from sandboxes.errors import ImageMissing, SandboxUnavailable
from sandboxes.failures import in_our_words, translated
from sandboxes.reaper import reap

Answer = Callable[[socket.socket, str], None]


@contextmanager
def engine_that(answer: Answer, folder: Path) -> Iterator[docker.DockerClient]:
    """A local server at a socket of its own, in place of the Docker Engine; *answer* gets the first line of a request."""
    address = str(folder / "engine.sock")
    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                request = b""
                while b"\r\n\r\n" not in request:
                    got = connection.recv(65_536)
                    if not got:
                        break
                    request += got
                if request:
                    answer(connection, request.split(b"\r\n", 1)[0].decode())

    thread = threading.Thread(target=serve)
    thread.start()
    client = docker.DockerClient(base_url=f"unix://{address}", version="1.41", timeout=1)
    try:
        yield client
    finally:
        client.close()
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


def saying(status: int, message: str) -> Answer:
    body = json.dumps({"message": message}).encode()

    def answer(connection: socket.socket, line: str) -> None:
        if "/images/" in line:
            ok = json.dumps({"Id": "sha256:" + "0" * 64}).encode()
            connection.sendall(_response(200, ok))
        else:
            connection.sendall(_response(status, body))

    return answer


def _response(status: int, body: bytes) -> bytes:
    return (
        b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        % (status, len(body))
    ) + body


async def open_one(client: docker.DockerClient) -> None:
    async with DockerSandbox(client, image="x") as sandbox, sandbox.open(run_id="r", limits=Limits()):
        raise AssertionError("a box was opened")


async def test_no_engine_at_the_socket(tmp_path: Path):
    """Says that there is none, and to start it."""
    client = docker.DockerClient(base_url=f"unix://{tmp_path}/none.sock", version="1.41")

    with pytest.raises(SandboxUnavailable, match="start Docker"):
        await open_one(client)
    with pytest.raises(SandboxUnavailable, match="start Docker"):
        reap(client)
    client.close()


def test_connecting_to_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The client's own wrapping of the failure does not hide the reason."""
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")

    with pytest.raises(SandboxUnavailable, match="start Docker"):
        connect()


def test_nobody_is_told_where_the_engine_was_looked_for(monkeypatch: pytest.MonkeyPatch):
    """A server's answer goes to strangers, and the engine's address is none of their business."""
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(SandboxUnavailable, match="start Docker") as caught:
        connect()
    assert "127.0.0.1" not in str(caught.value)
    assert "Pool" not in str(caught.value)


def test_an_address_that_is_none_is_told_from_an_engine_that_is_gone(monkeypatch: pytest.MonkeyPatch):
    """To start Docker would not help."""
    monkeypatch.setenv("DOCKER_HOST", "garbage://x y")
    with pytest.raises(SandboxUnavailable, match="DOCKER_HOST is no address"):
        connect()


# The docker package leaves its socket to the garbage collector when connecting fails.
leaves_sockets = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket")


@leaves_sockets
async def test_an_engine_that_nobody_serves(tmp_path: Path):
    """A socket file that is left over from an engine that has ended."""
    left_over = socket.socket(socket.AF_UNIX)
    left_over.bind(str(tmp_path / "dead.sock"))
    left_over.close()
    client = docker.DockerClient(base_url=f"unix://{tmp_path}/dead.sock", version="1.41")

    with pytest.raises(SandboxUnavailable, match="nobody answers"):
        await open_one(client)
    client.close()


@leaves_sockets
async def test_an_engine_that_cuts_the_connection(tmp_path: Path):
    """Dies in the middle of a request."""
    with (
        engine_that(lambda connection, line: None, tmp_path) as client,
        pytest.raises(SandboxUnavailable, match="broke"),
    ):
        await open_one(client)


async def test_an_engine_that_does_not_answer(tmp_path: Path):
    """Hangs: the client's own time-out ends the wait."""
    release = threading.Event()

    def hang(connection: socket.socket, line: str) -> None:
        release.wait(10)

    with engine_that(hang, tmp_path) as client:
        try:
            with pytest.raises(SandboxUnavailable, match="in time"):
                await open_one(client)
        finally:
            release.set()


@pytest.mark.parametrize(
    ("status", "message", "said"),
    [
        pytest.param(500, "mkdir /var/lib/docker/overlay2/x: no space left on device", "disk is full", id="disk-full"),
        pytest.param(404, "No such image: x:latest", "mendbox images build", id="image-pruned"),
        pytest.param(
            400, "client version 1.99 is too new. Maximum supported API version is 1.12", "20.10", id="engine-too-old"
        ),
        pytest.param(400, "Unknown runtime specified runsc", "MENDBOX_RUNTIME", id="runtime"),
        pytest.param(
            500, "something else\nover two lines", "answered 500 .something else over two lines", id="anything-else"
        ),
    ],
)
async def test_what_the_engine_says_is_told_with_what_to_do(tmp_path: Path, status: int, message: str, said: str):
    """While a box is made."""
    with engine_that(saying(status, message), tmp_path) as client, pytest.raises(SandboxUnavailable, match=said):
        await open_one(client)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        pytest.param(ImageNotFound("x"), ImageMissing, "images build", id="image"),
        pytest.param(NotFound("x"), SandboxUnavailable, "is gone", id="box"),
        pytest.param(APIError("x" * 5_000), SandboxUnavailable, r"x\.\.\.", id="long"),
        pytest.param(PermissionError(13, "denied"), SandboxUnavailable, "group docker", id="permission"),
        pytest.param(BrokenPipeError(32, "broken"), SandboxUnavailable, "broke", id="pipe"),
        pytest.param(requests.ReadTimeout("slow"), SandboxUnavailable, "in time", id="time"),
        pytest.param(DockerException("odd"), SandboxUnavailable, "broke", id="other"),
    ],
)
def test_every_failure_has_its_words(error: Exception, kind: type[SandboxUnavailable], said: str):
    """The type, the sentence and the hint, with the engine's own words cut short."""
    told = in_our_words(error, "try")

    assert type(told) is kind
    assert told.what.startswith("could not try: ")
    assert len(str(told)) < 700
    with pytest.raises(kind, match=said) as caught, translated("try"):
        raise error
    assert caught.value.__cause__ is error


def test_an_engine_that_says_nothing_is_not_waited_for_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Whatever time later requests may take, the first answer has to come soon, or the run ends as environment."""
    monkeypatch.setattr("sandboxes.docker.ANSWERING", 1.0)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/silent.sock")
        started = time.monotonic()

        with pytest.raises(SandboxUnavailable, match="did not answer in time"):
            connect(timeout=60)

    assert time.monotonic() - started < 20
