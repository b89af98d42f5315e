"""One question to an engine at its socket."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from engine.settings import Settings
from engine.wiring import image_reference, make_images
from sandboxes.asking import LONGEST_ANSWER, digest_at_socket


async def told_by(answer: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """What is made of *answer*, given by a socket in *folder*."""

    async def give(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    monkeypatch.setenv("DOCKER_HOST", f"unix://{folder}/engine.sock")
    async with await asyncio.start_unix_server(give, folder / "engine.sock"):
        return await digest_at_socket("mendbox/python:some")


@pytest.mark.docker
async def test_the_answer_is_that_of_dockers_own_package(sandbox_image: str):
    """Asked by tag or by digest."""
    found = await make_images(Settings()).find()

    assert found is not None
    assert image_reference(Settings()) == sandbox_image
    assert await digest_at_socket(sandbox_image) == found.digest
    assert await digest_at_socket(found.digest) == found.digest


@pytest.mark.docker
async def test_an_image_that_is_not_there_has_no_digest(sandbox_image: str):
    """Nor has one with a name that no image can have."""
    assert await digest_at_socket(f"{sandbox_image}-none") is None
    assert await digest_at_socket("a b\r\nHost: c") is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="silence"),
        pytest.param(b"HTTP/1.0 200 OK", id="cut off"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n{}", id="no digest"),
        pytest.param(b'HTTP/1.0 200 OK\r\n\r\n{"Id": "latest"}', id="not a digest"),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\n[[[", id="not JSON"),
        pytest.param(b'HTTP/1.0 500 No\r\n\r\n{"Id": "sha256:%s"}' % (b"0" * 64), id="failed"),
        pytest.param(b"x" * (LONGEST_ANSWER + 100_000), id="endless"),
    ],
)
async def test_what_is_no_clear_answer_is_none(answer: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The usual way is left, which says what is wrong."""
    assert await told_by(answer, tmp_path, monkeypatch) is None


async def test_a_clear_answer_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Of all that an engine tells of an image, its digest."""
    digest = f"sha256:{'0a' * 32}"
    answer = f'HTTP/1.0 200 OK\r\nServer: Docker\r\n\r\n{{"Id": "{digest}", "Size": 1}}'.encode()

    assert await told_by(answer, tmp_path, monkeypatch) == digest


@pytest.mark.parametrize("host", ["tcp://127.0.0.1:1", "ssh://nobody@nowhere", "unix:///nowhere/none.sock"])
async def test_an_engine_elsewhere_is_asked_the_usual_way(host: str, monkeypatch: pytest.MonkeyPatch):
    """Certificates and tunnels are for docker's own package."""
    monkeypatch.setenv("DOCKER_HOST", host)

    assert await digest_at_socket("mendbox/python:some") is None
