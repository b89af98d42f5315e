"""The host's own npm: fetches one known package, or everything that a manifest and its lock ask for, and runs nothing of it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from sandboxes.environments.wanted import Cause, Unresolved
from sandboxes.errors import ImageMissing
from sandboxes.programs import Log, ProgramFailed, run_program

SECONDS = 600.0
PARTS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
"""Of a manifest: what it names packages in."""
_KEPT = ("name", "version", *PARTS, "peerDependenciesMeta", "overrides")
_QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
_REGISTRY = {f"npm_config_allow_{kind}": "none" for kind in ("git", "remote", "file", "directory")}
"""Settings of newer versions of npm; the older ones do not know them."""
_NAME = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[A-Za-z0-9~-][A-Za-z0-9._~-]*")
_ELSEWHERE = re.compile(r"^(?!npm:)[a-z+]+:|^[./]|^~/|^[^@\s]+/[^\s]", re.IGNORECASE)
"""A version that is no version: an address, a folder of this machine, somebody's repository."""
_CODES: dict[str, Cause] = {
    "E404": "unknown",
    "ETARGET": "unknown",
    "ENOVERSIONS": "unknown",
    "ERESOLVE": "conflict",
    "EUSAGE": "conflict",
    "EBADPLATFORM": "build",
    "EBADENGINE": "build",
    "EINVALIDTAGNAME": "invalid",
    "EINVALIDPACKAGENAME": "invalid",
    "EUNSUPPORTEDPROTOCOL": "invalid",
    "EJSONPARSE": "invalid",
    "EINTEGRITY": "invalid",
}
"""What npm calls an end that the manifest is to blame for."""


async def fetch_package(name: str, version: str, integrity: str, folder: Path, *, log: Log) -> Path:
    """The package file of *name* in *folder*, whose hash is the known one.

    Raises:
        ImageMissing: npm is not there, cannot reach its registry, or brought something else.
    """
    try:
        await run_program(
            ("npm", "pack", f"{name}@{version}", "--pack-destination", str(folder), *_QUIET, *_in(folder)),
            log=log,
            seconds=SECONDS,
        )
    except ProgramFailed as error:
        raise _no_npm(error, log) from error
    package = folder / f"{name}-{version}.tgz"
    found = "sha512-" + base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != integrity:
        raise ImageMissing("node", f"the registry's {name} {version} is not the one that is known", log=log.tail)
    return package


async def install_modules(node: Mapping[str, str], folder: Path, *, cpu: str, log: Log) -> Mapping[str, str]:
    """Lay out ``node_modules`` in *folder*; the version of every package by its name.

    Raises:
        Unresolved: The manifest or its lock is why it cannot be done.
        ImageMissing: npm is not there, or cannot reach its registry.
    """
    written = {"package.json": json.dumps(reduced(node))}
    locked = next((name for name in ("npm-shrinkwrap.json", "package-lock.json") if name in node), None)
    if locked is not None:
        _refuse_links(node[locked], locked)
        written[locked] = node[locked]
    await asyncio.to_thread(_write, folder, written)
    if locked is None:
        await _npm(("install", "--package-lock-only"), folder, cpu=cpu, log=log)
    await _npm(("ci",), folder, cpu=cpu, log=log)
    return await asyncio.to_thread(_leave_modules_alone, folder)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def _leave_modules_alone(folder: Path) -> Mapping[str, str]:
    """Remove what stands beside ``node_modules``; the version of every package in it by its name."""
    modules = folder / "node_modules"
    modules.mkdir(exist_ok=True)
    for beside in folder.iterdir():
        if beside.is_file():
            beside.unlink()
    return dict(_versions(modules / ".package-lock.json"))


async def _npm(words: tuple[str, ...], folder: Path, *, cpu: str, log: Log) -> None:
    platform = ("--os=linux", f"--cpu={cpu}", "--libc=glibc")
    try:
        await run_program(("npm", *words, *_QUIET, *_in(folder), *platform), log=log, seconds=SECONDS, env=_REGISTRY)
    except ProgramFailed as error:
        code = re.search(r"npm (?:error|ERR!) code (E[A-Z0-9]+)", log.tail)
        cause = _CODES.get(code.group(1)) if code else None
        if cause is None:
            raise _no_npm(error, log) from error
        message = _first_words(log.tail) or f"npm could not install it: {code.group(1) if code else error.reason}"
        raise Unresolved(cause, message, evidence=log.tail) from error


def _in(folder: Path) -> tuple[str, str]:
    """Its user's settings hold then, and not those of whatever folder Mendbox was started in."""
    return ("--prefix", str(folder))


def _no_npm(error: ProgramFailed, log: Log) -> ImageMissing:
    if error.reason == "not installed":
        hint = "install npm: it fetches Node.js and the packages for the boxes"
        return ImageMissing("node", "this machine has no npm", hint=hint)
    hint = "check npm and its registry settings (npm config list)"
    return ImageMissing(
        "node", f"npm could not fetch what is wanted: {_first_words(log.tail)}", hint=hint, log=log.tail
    )


def _first_words(said: str) -> str:
    """The first line of npm's that says more than a code."""
    lines = re.findall(
        r"^npm (?:error|ERR!) (?!code |errno |syscall |path )(?:[a-z]+ |404 )?(\S.*)$", said, re.MULTILINE
    )
    return str(lines[0])[:300] if lines else said.rpartition("\n")[2][:300]


def reduced(node: Mapping[str, str]) -> dict[str, object]:
    """The manifest without all that is not about packages.

    Raises:
        Unresolved: It names a package that does not come from a registry.
    """
    try:
        manifest = json.loads(node["package.json"])
    except (ValueError, RecursionError) as error:
        raise Unresolved("invalid", f"package.json is not readable: {error}") from error
    for part in PARTS:
        named = manifest.get(part) or {}
        if not isinstance(named, dict):
            raise Unresolved("invalid", f"{part} of package.json is no object")
        for name, version in named.items():
            _refuse_elsewhere(str(name), version)
    return {"private": True, **{key: manifest[key] for key in _KEPT if key in manifest}}


def _refuse_elsewhere(name: str, version: object) -> None:
    line = f"{name}: {version}"[:200]
    if not isinstance(version, str) or not _NAME.fullmatch(name):
        raise Unresolved("invalid", f"package.json asks for something that is no package: {line}", requirement=line)
    if _ELSEWHERE.search(version):
        message = f"only packages of a registry are installed, and not {name} from {version[:100]!r}"
        raise Unresolved("not allowed", message, requirement=line)


def _refuse_links(text: str, name: str) -> None:
    try:
        entries = json.loads(text).get("packages", {})
    except (ValueError, RecursionError, AttributeError) as error:
        raise Unresolved("invalid", f"{name} is not readable: {error}") from error
    for path, entry in entries.items() if isinstance(entries, dict) else ():
        place = str(entry.get("resolved", "")) if isinstance(entry, dict) else ""
        if path and (not isinstance(entry, dict) or entry.get("link") or (place and not place.startswith("http"))):
            message = f"only packages of a registry are installed, and not {path[:100]} from {place[:100]!r}"
            raise Unresolved("not allowed", message, requirement=str(path)[:200])


def _versions(lock: Path) -> Iterator[tuple[str, str]]:
    if not lock.is_file():
        return
    for path, entry in json.loads(lock.read_text(encoding="utf-8")).get("packages", {}).items():
        top = path.removeprefix("node_modules/")
        if "node_modules/" not in top:
            yield top, str(entry.get("version", ""))
