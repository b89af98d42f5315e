"""Really builds an image that somebody's Dockerfile describes, to see whether it does; nothing of it is kept.

Its RUN lines run in containers of the engine's builder, which are no boxes: as root there, though without the rest of the
machine. So it is only for those who ask for it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sandboxes.base import Value

if TYPE_CHECKING:
    # Its import takes longer than most of what is done without it.
    from docker import DockerClient

_PULL_SECONDS = 120
_STEP = re.compile(r"Step (\d+)/\d+ : ")
_OLD_BUILDER = ("unknown flag", "unknown instruction", "the --mount option requires buildkit", "requires buildkit")
"""What an engine says whose builder does not know the newer forms."""
_KEPT = 8_000


class TrialBuilt(Value):
    """How it ended."""

    ended: Literal["built", "failed", "timeout", "no base", "unsupported"]
    """`no base`: an image that it stands on is neither there nor to be had. `unsupported`: the engine's builder is too old."""
    step: int = 0
    """The step that it ended at, from 1, as the builder counts instructions."""
    said: str = ""
    """The end of what was said; data."""
    seconds: float = 0.0


class TrialBuilds:
    """Builds on the engine that *connect* reaches; making an instance touches nothing.

    The engine fetches what an image stands on; RUN lines have a network only with *network*.
    """

    def __init__(self, connect: Callable[[], DockerClient], *, network: bool = False) -> None:
        self._connect = connect
        self._network = network

    async def build(
        self,
        context: Mapping[str, bytes],
        *,
        bases: Iterable[str],
        seconds: float,
        memory_mib: int = 1_024,
    ) -> TrialBuilt:
        """Build *context*, whose ``Dockerfile`` stands on *bases*, and remove what came of it.

        Each step may use *memory_mib*. It is given up after *seconds*, or twice as many where it is silent all the time.

        Raises:
            SandboxUnavailable: No engine answers.
        """
        from sandboxes.failures import translated  # noqa: PLC0415 (needs the docker package, as above)

        def building() -> TrialBuilt:
            began = time.monotonic()
            with closing(self._connect()) as client:
                done = _missing(client, bases) or _build(client, context, seconds, memory_mib, network=self._network)
            return done.model_copy(update={"seconds": round(time.monotonic() - began, 3)})

        with translated("build an image"):
            return await asyncio.to_thread(building)


def _missing(client: DockerClient, bases: Iterable[str]) -> TrialBuilt | None:
    """Have every base; what came of it where one cannot be had."""
    from docker.errors import APIError  # noqa: PLC0415 (as above)
    from requests import RequestException  # noqa: PLC0415 (as above)

    from sandboxes.building import has_image  # noqa: PLC0415 (as above)

    for base in bases:
        if has_image(client, base):
            continue
        usual, client.api.timeout = client.api.timeout, _PULL_SECONDS
        try:
            for event in client.api.pull(base, stream=True, decode=True):
                if error := event.get("error"):
                    return TrialBuilt(ended="no base", said=f"{base}: {error}"[-_KEPT:])
        except (APIError, RequestException) as error:
            return TrialBuilt(ended="no base", said=f"{base}: {error}"[-_KEPT:])
        finally:
            client.api.timeout = usual
    return None


def _build(
    client: DockerClient, context: Mapping[str, bytes], seconds: float, memory_mib: int, *, network: bool
) -> TrialBuilt:
    from docker.errors import APIError, ImageNotFound  # noqa: PLC0415 (as above)
    from requests import RequestException  # noqa: PLC0415 (as above)
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 (as above)

    name = f"mendbox/trial:{secrets.token_hex(8)}"
    memory = memory_mib * 2**20
    until = time.monotonic() + seconds
    step, said = 0, ""
    try:
        with tempfile.TemporaryDirectory() as folder:
            packed = Path(folder) / "context.tar"
            _pack(packed, context)
            with packed.open("rb") as stream:
                for event in client.api.build(
                    fileobj=stream,
                    custom_context=True,
                    tag=name,
                    rm=True,
                    forcerm=True,
                    nocache=True,
                    decode=True,
                    timeout=max(1, int(seconds)),
                    network_mode="default" if network else "none",
                    container_limits={"memory": memory, "memswap": memory},
                    labels={"mendbox": "build"},
                ):
                    line = str(event.get("stream", ""))
                    if match := _STEP.match(line):
                        step = int(match[1])
                    said = (said + line + str(event.get("error", "")))[-_KEPT:]
                    if "error" in event:
                        return TrialBuilt(ended=_why(said), step=step, said=said)
                    if time.monotonic() > until:
                        return TrialBuilt(ended="timeout", step=step, said=said)
        return TrialBuilt(ended="built", step=step, said=said)
    except APIError as error:
        # said before the first step: the Dockerfile could not be read
        why = str(error.explanation or error)
        return TrialBuilt(ended=_why(why), said=why[-_KEPT:])
    except (RequestException, HTTPError):
        # it was silent for all of its time; the engine ends a build that nobody listens to
        return TrialBuilt(ended="timeout", step=step, said=said)
    finally:
        with suppress(ImageNotFound, APIError, RequestException, HTTPError):
            client.api.remove_image(name, force=True)


def _why(said: str) -> Literal["failed", "unsupported"]:
    lowered = said.lower()
    return "unsupported" if any(phrase in lowered for phrase in _OLD_BUILDER) else "failed"


def _pack(target: Path, context: Mapping[str, bytes]) -> None:
    import tarfile  # noqa: PLC0415 (only here)

    from sandboxes.building import add_file  # noqa: PLC0415 (as above)

    with tarfile.open(target, "w") as tar:
        for path, data in sorted(context.items()):
            add_file(tar, path, data)
