"""What goes into the sandbox image, and the name that follows from it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from sandboxes.base import Value
from sandboxes.errors import ImageMissing

IMAGE_REPOSITORY = "mendbox/python"
PARTS_REPOSITORY = "mendbox/parts"
BASE_REPOSITORY = "mendbox/base"
NODE_REPOSITORY = "mendbox/node"
NO_REGISTRY = "none"
"""As a base image: build it from Debian packages without asking a registry."""


class Recipe(Value):
    """Every byte of ours that decides what the image holds. Equal recipes have equal tags on every machine."""

    python: Mapping[str, bytes]
    """Files of ``images/python``: the two Dockerfiles, preparation, locked requirements."""
    base: Mapping[str, bytes]
    """Files of ``images/base``."""
    guest: Mapping[str, bytes]
    """Sources of the first process of every box, by path below their folder."""
    programs: Mapping[str, bytes] = {}
    """Sources that will be laid into the tools folder of many boxes: the image holds their bytecode, not them."""
    node: Mapping[str, str] = {}
    """``package.json`` and its lock, where the image is to have Node.js and these packages."""
    base_image: str
    repository: str = IMAGE_REPOSITORY

    @cached_property
    def tag(self) -> str:
        parts = {f"{name}/{path}": data for name, files in self._folders for path, data in files.items()}
        return f"{self.repository}:{digest_of({**parts, 'base_image': self.base_image.encode()})}"

    @cached_property
    def parts_tag(self) -> str:
        """Name of what the image is without its programs, which change most often."""
        parts = {f"{name}/{path}": data for name, files in self._lasting for path, data in files.items()}
        return f"{PARTS_REPOSITORY}:{digest_of({**parts, 'base_image': self.base_image.encode()})}"

    @cached_property
    def base_tag(self) -> str:
        """Name of the base that is built from Debian packages."""
        return f"{BASE_REPOSITORY}:{digest_of(self.base)}"

    @property
    def _folders(self) -> tuple[tuple[str, Mapping[str, bytes]], ...]:
        return (*self._lasting, ("programs", self.programs))

    @property
    def _lasting(self) -> tuple[tuple[str, Mapping[str, bytes]], ...]:
        lasting = (("python", self.python), ("base", self.base), ("guest", self.guest))
        # a part that is empty must not be in the name: the usual image has none
        return (*lasting, ("node", {n: t.encode() for n, t in self.node.items()})) if self.node else lasting


def read_recipe(
    base_image: str,
    *,
    programs: Mapping[str, bytes] | None = None,
    images: Path | None = None,
    guest: Path | None = None,
) -> Recipe:
    """Read the recipe that is installed with this package, or stands in its checkout; *programs* come from the caller.

    Raises:
        ImageMissing: The installation lacks the image's files.
    """
    images = images or _images_folder()
    return Recipe(
        python=_read_tree(images / "python"),
        base=_read_tree(images / "base"),
        guest=_read_tree(guest or Path(__file__).with_name("guest")),
        programs=programs or {},
        base_image=base_image,
    )


def read_node_recipe() -> dict[str, bytes]:
    """Files of ``images/node``, by name.

    Raises:
        ImageMissing: The installation lacks the images' files.
    """
    return _read_tree(_images_folder() / "node")


def read_environments_recipe() -> dict[str, bytes]:
    """Files of ``images/environments``, by name.

    Raises:
        ImageMissing: The installation lacks the images' files.
    """
    return _read_tree(_images_folder() / "environments")


def _images_folder() -> Path:
    here = Path(__file__).parent
    for folder in (here / "_images", here.parent / "images"):
        if (folder / "python" / "Dockerfile").is_file():
            return folder
    raise ImageMissing("images", f"no image recipe beside {str(here)!r}", hint="install mendbox again")


def _read_tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        # What the lock was resolved from decides nothing once there is a lock.
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".") and path.suffix != ".in"
    }


def digest_of(files: Mapping[str, bytes]) -> str:
    """Twelve hex digits over names and contents, each length-prefixed so that none can run into the next."""
    total = hashlib.sha256()
    for name in sorted(files):
        for part in (name.encode(), files[name]):
            total.update(len(part).to_bytes(8, "big") + part)
    return total.hexdigest()[:12]
