"""The sandbox image with a C compiler: the same recipe, with more Debian packages and with what builds wheels."""

from __future__ import annotations

from sandboxes.errors import ImageMissing
from sandboxes.recipe import Recipe, read_environments_recipe

PACKAGES = ("python3", "gcc", "g++", "make", "libpython3.13-dev")


def compiler_recipe(usual: Recipe) -> Recipe:
    """*usual* with a compiler, and without programs of ours.

    Raises:
        ImageMissing: The usual recipe's scripts are not those that are known here.
    """
    more = read_environments_recipe()["compiler.txt"]
    return Recipe(
        python={
            **usual.python,
            "requirements.txt": usual.python["requirements.txt"] + more,
            "prepare.sh": _replaced(
                usual.python.get("prepare.sh", b""),
                b"recommends python3\n",
                b"recommends " + " ".join(PACKAGES).encode() + b"\n",
            ),
        },
        base={
            **usual.base,
            "bootstrap.sh": _replaced(
                usual.base.get("bootstrap.sh", b""),
                b"--include=python3 ",
                b"--include=" + ",".join(PACKAGES).encode() + b" ",
            ),
        },
        guest=usual.guest,
        base_image=usual.base_image,
    )


def _replaced(script: bytes, old: bytes, new: bytes) -> bytes:
    if script.count(old) != 1:
        raise ImageMissing("environments", f"the image's recipe does not say {old.decode()!r} once")
    return script.replace(old, new)
