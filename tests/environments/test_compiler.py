"""The image with a compiler: the usual recipe, with more in it and a name of its own."""

from __future__ import annotations

import pytest

from sandboxes.environments.compiler import compiler_recipe
from sandboxes.errors import ImageMissing
from sandboxes.recipe import read_recipe


def test_a_compiler_comes_with_whatever_base_there_is() -> None:
    """From a registry's base by apt, from Debian packages by mmdebstrap; no change to the usual image."""
    usual = read_recipe("debian:trixie-slim", programs={"a.py": b"1"})

    recipe = compiler_recipe(usual)

    assert b"apt-get install -q -y --no-install-recommends python3 gcc g++ make" in recipe.python["prepare.sh"]
    assert b"--include=python3,gcc,g++,make," in recipe.base["bootstrap.sh"]
    assert b"setuptools==" in recipe.python["requirements.txt"]
    assert recipe.programs == {}
    assert len({recipe.tag, usual.tag, usual.parts_tag}) == 3
    assert compiler_recipe(read_recipe("debian:trixie-slim", programs={"b.py": b"2"})).tag == recipe.tag


def test_a_recipe_that_is_not_known_is_not_guessed_at() -> None:
    """Should the scripts change, somebody has to look here too."""
    usual = read_recipe("none")

    with pytest.raises(ImageMissing, match="does not say"):
        compiler_recipe(usual.model_copy(update={"base": {"bootstrap.sh": b"exit 0"}}))
