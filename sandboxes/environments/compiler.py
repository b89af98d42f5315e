"""The sandbox image with a C compiler: the same recipe, with more Debian packages and with what builds wheels."""

from __future__ import annotations

from sandboxes.debian import with_packages
from sandboxes.recipe import Recipe, read_environments_recipe

PACKAGES = ("gcc", "g++", "make", "libpython3.13-dev")


def compiler_recipe(usual: Recipe) -> Recipe:
    """*usual* with a compiler, and without programs of ours.

    Raises:
        ImageMissing: The usual recipe's scripts are not those that are known here.
    """
    more = read_environments_recipe()["compiler.txt"]
    recipe = with_packages(usual, PACKAGES)
    requirements = usual.python["requirements.txt"] + more
    return recipe.model_copy(update={"python": {**recipe.python, "requirements.txt": requirements}, "programs": {}})
