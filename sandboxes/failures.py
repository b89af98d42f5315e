"""The engine's failures in our words: what happened, to what, and what to do next."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import requests
import urllib3
from docker.errors import APIError, DockerException, ImageNotFound, NotFound

from .errors import ImageMissing, SandboxError, SandboxUnavailable

_PHRASES = (
    ("no space left on device", "the engine's disk is full", "free space: docker system df, then docker system prune"),
    ("disk quota exceeded", "the engine's disk quota is used up", "free space: docker system df"),
    ("unknown or invalid runtime", "the engine has no such runtime", "install it, or unset MENDBOX_RUNTIME"),
    ("unknown runtime specified", "the engine has no such runtime", "install it, or unset MENDBOX_RUNTIME"),
    ("seccomp is not enabled", "the kernel of the engine has no seccomp", "use an engine whose kernel has it"),
    ("is too new. maximum supported", "the engine is too old", "install Docker Engine 20.10 or newer"),
    (
        "is too old. minimum supported",
        "the engine no longer speaks this protocol",
        "update mendbox and its docker package",
    ),
    (
        "invalid bind address",
        "DOCKER_HOST is no address of an engine",
        "set it to one such as unix:///var/run/docker.sock, or unset it",
    ),
    ("too many open files", "the engine has no file descriptors left", "restart the engine or raise its limit"),
    ("cannot allocate memory", "the engine's machine has no memory left", "free memory, or use fewer boxes at a time"),
)
_SOCKETS = {
    errno.ENOENT: ("there is no Docker Engine at its socket", "start Docker, or set DOCKER_HOST"),
    errno.ECONNREFUSED: ("nobody answers at the Docker Engine's address", "start Docker, or set DOCKER_HOST"),
    errno.EACCES: (
        "this user may not talk to the Docker Engine",
        "add the user to the group docker, then log in again",
    ),
    errno.EPERM: ("this user may not talk to the Docker Engine", "add the user to the group docker, then log in again"),
}
LIMIT = 400
"""Characters of the engine's own words that are passed on."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise what goes wrong with the engine inside as a `SandboxError`; *doing* completes "could not ..."."""
    try:
        yield
    except (DockerException, requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
        raise in_our_words(error, doing) from error


def in_our_words(error: BaseException, doing: str) -> SandboxError:
    """What *error* means to the person in front of the screen."""
    said = _said(error)
    for phrase, what, hint in _PHRASES:
        if phrase in said.lower():
            return SandboxUnavailable("docker", f"could not {doing}: {what} ({said})", hint=hint)
    if isinstance(error, ImageNotFound) or (isinstance(error, APIError) and "no such image" in said.lower()):
        return ImageMissing(
            "docker", f"could not {doing}: the image is not there ({said})", hint="run: mendbox images build"
        )
    if isinstance(error, NotFound):
        return SandboxUnavailable(
            "docker", f"could not {doing}: the box is gone ({said})", hint="it was removed by another hand; run again"
        )
    if isinstance(error, APIError):
        return SandboxUnavailable("docker", f"could not {doing}: the engine answered {error.status_code} ({said})")
    known = _of_the_socket(error)
    if known is not None:
        # Without the words of the libraries, which name the engine's address: a server passes this on to strangers.
        what, hint = known
        return SandboxUnavailable("docker", f"could not {doing}: {what}", hint=hint)
    what, hint = _broken_connection(error)
    return SandboxUnavailable("docker", f"could not {doing}: {what} ({said})", hint=hint)


def _of_the_socket(error: BaseException) -> tuple[str, str] | None:
    """What happened, and what to do, where the system said why there is no connection."""
    numbers = (cause.errno for cause in _causes(error) if isinstance(cause, OSError))
    return next((_SOCKETS[number] for number in numbers if number in _SOCKETS), None)


def _broken_connection(error: BaseException) -> tuple[str, str]:
    """What happened to the connection, and what to do."""
    if any(isinstance(cause, TimeoutError | requests.Timeout) for cause in _causes(error)):
        return "the engine did not answer in time", "see whether the engine is overloaded, then run again"
    return "the connection to the engine broke", "see whether the engine still runs, then run again"


def _said(error: BaseException) -> str:
    words = error.explanation if isinstance(error, APIError) and error.explanation else str(error)
    line = " ".join(str(words).split())
    return line if len(line) <= LIMIT else line[:LIMIT] + "..."


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """*error*, what it wraps as an argument, and what it came from, in that order; each once."""
    todo, seen = [error], set[int]()
    while todo:
        one = todo.pop(0)
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        wrapped = [argument for argument in one.args if isinstance(argument, BaseException)]
        todo += [
            *wrapped,
            getattr(one, "reason", None) if isinstance(one, urllib3.exceptions.HTTPError) else None,
            one.__cause__,
            one.__context__,
        ]
