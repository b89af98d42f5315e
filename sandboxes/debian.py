"""A recipe with more Debian packages: by the base that is made of them, and by the one that a registry has."""

from __future__ import annotations

from collections.abc import Sequence

from sandboxes.errors import ImageMissing
from sandboxes.recipe import Recipe


def with_packages(usual: Recipe, packages: Sequence[str]) -> Recipe:
    """*usual*, whose Debian has *packages* beside Python.

    Raises:
        ImageMissing: The usual recipe's scripts are not those that are known here.
    """
    names = ("python3", *packages)
    from_registry = b"recommends " + " ".join(names).encode() + b"\n"
    bootstrapped = b"--include=" + ",".join(names).encode() + b" "
    prepare = _replaced(usual.python.get("prepare.sh", b""), b"recommends python3\n", from_registry)
    bootstrap = _replaced(usual.base.get("bootstrap.sh", b""), b"--include=python3 ", bootstrapped)
    return Recipe(
        python={**usual.python, "prepare.sh": prepare},
        base={**usual.base, "bootstrap.sh": bootstrap},
        guest=usual.guest,
        programs=usual.programs,
        base_image=usual.base_image,
    )


def _replaced(script: bytes, old: bytes, new: bytes) -> bytes:
    if script.count(old) != 1:
        raise ImageMissing("images", f"the image's recipe does not say {old.decode()!r} once")
    return script.replace(old, new)
