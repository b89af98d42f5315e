"""A package index on loopback, and the packages in it: wheels and source distributions made by the tests themselves."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import re
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent

USER, PASSWORD = "reader", "s3cr3t-of-the-index"

NEEDS_NOTHING = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""
"""For a source distribution that brings its own build backend, as `backend` makes one."""


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str] | None = None,
    requires: tuple[str, ...] = (),
    python: str = "",
    entry_points: str = "",
) -> Path:
    """A wheel for any platform, in *folder*."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = [
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        *(f"Requires-Dist: {r}\n" for r in requires),
    ]
    metadata += [f"Requires-Python: {python}\n"] if python else []
    contents = {
        **(files if files is not None else {f"{name.replace('-', '_')}.py": f"VERSION = {version!r}\n"}),
        f"{info}/METADATA": "".join(metadata),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry_points:
        contents[f"{info}/entry_points.txt"] = dedent(entry_points)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{info.removesuffix('.dist-info')}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        for each, text in contents.items():
            packed.writestr(each, text)
        packed.writestr(f"{info}/RECORD", "".join(f"{each},,\n" for each in (*contents, f"{info}/RECORD")))
    return path


def sdist(folder: Path, name: str, version: str = "1.0", *, files: Mapping[str, str]) -> Path:
    """A source distribution with *files*, in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    root = f"{name}-{version}"
    path = folder / f"{root}.tar.gz"
    every = {"PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", **files}
    with tarfile.open(path, "w:gz") as tar:
        for each, text in every.items():
            entry = tarfile.TarInfo(f"{root}/{each}")
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
    return path


def backend(name: str, *, making: str, tag: str = "py3-none-any", more: str = "") -> str:
    """Source of a build backend: *making* says which files a wheel of *name* gets, as a dict ``files`` of bytes."""
    return f"""
import os, subprocess, sysconfig, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    files = {{}}
{dedent(making).replace(chr(10), chr(10) + "    ").join(("    ", ""))}
    info = "{name}-1.0.dist-info"
    files[info + "/METADATA"] = b"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n"
    files[info + "/WHEEL"] = b"Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: false\\nTag: {tag}\\n"
    files[info + "/RECORD"] = "".join(each + ",,\\n" for each in (*files, info + "/RECORD")).encode()
    made = "{name}-1.0-{tag}.whl"
    with zipfile.ZipFile(os.path.join(folder, made), "w") as packed:
        for each, content in files.items():
            packed.writestr(each, content)
    return made
{dedent(more)}
"""


class Index:
    """Serves a folder of archives as the simple API has it, to whoever knows the password where one is asked for."""

    def __init__(self, archives: Path, *, private: bool) -> None:
        self.archives = archives
        self.private = private
        self.asked: list[str] = []
        """Paths that were answered, in their order."""
        self.address = ""

    @property
    def url(self) -> str:
        """The address as a person would set it, with the credentials in it where there are any."""
        who = f"{USER}:{PASSWORD}@" if self.private else ""
        return f"http://{who}{self.address}/simple/"

    def page(self, name: str) -> bytes | None:
        links = []
        for path in sorted(self.archives.iterdir()):
            if re.sub(r"[-_.]+", "-", path.name).lower().startswith(f"{name}-"):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                python = html.escape(_requires_python(path))
                needs = f' data-requires-python="{python}"' if python else ""
                links.append(f'<a href="/files/{path.name}#sha256={digest}"{needs}>{path.name}</a>')
        return "".join(links).encode() if links else None


@contextmanager
def serving(archives: Path, *, private: bool = False) -> Iterator[Index]:
    archives.mkdir(parents=True, exist_ok=True)
    index = Index(archives, private=private)
    known = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if index.private and self.headers.get("Authorization") != known:
                self.send_response(401)
                self.send_header("WWW-Authenticate", "Basic realm=index")
                self.end_headers()
                return
            index.asked.append(self.path)
            kind, _, name = self.path.strip("/").partition("/")
            body = index.page(name) if kind == "simple" else (archives / name).read_bytes()
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html" if kind == "simple" else "application/octet-stream")
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        index.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield index
        finally:
            server.shutdown()
            thread.join()


def _requires_python(path: Path) -> str:
    if path.suffix != ".whl":
        return ""
    with zipfile.ZipFile(path) as packed:
        text = next(packed.read(name).decode() for name in packed.namelist() if name.endswith("/METADATA"))
    found = re.search(r"^Requires-Python: (.*)$", text, re.MULTILINE)
    return found[1] if found else ""
