"""The image for pages, for Node.js and for whole projects: what it is made of, and what a box of it needs to open a page in a
browser.
"""

from __future__ import annotations

from pathlib import Path

from sandboxes.base import Limits
from sandboxes.debian import with_packages
from sandboxes.recipe import NODE_REPOSITORY, Recipe, read_node_recipe

PACKAGES = ("chromium-headless-shell", "fonts-dejavu-core", "libstdc++6", "postgresql-17", "tcc", "valkey-server")
"""Of Debian: the browser, a font, the library that Node.js was linked with, servers of two stores, and a compiler that leaves
again once it has made the few lines that PostgreSQL needs in a box.
"""
BROWSER = "/usr/lib/chromium/chromium-headless-shell"
BROWSER_OPTIONS = ("--no-sandbox", "--no-zygote", "--disable-dev-shm-usage", "--disable-gpu")
"""The browser's own sandbox needs rights that no process of a box has, and the box is one; ``/dev/shm`` is small here."""
LIMITS = Limits(memory_mib=2_048, cpus=2.0, processes=512, work_mib=512, work_files=50_000, open_files=4_096)
"""For a box that builds a page, and opens it in the browser. What the least page took when it was measured: 192 MiB, 80
processes and 128 open files in the browser; 320 MiB for typing and building it. A page that does more needs more."""


def node_cache(cache: Path) -> Path:
    """Where below *cache* the image is made: who only wants a box for Python need not wait for it."""
    return cache / "node"


def node_recipe(usual: Recipe) -> Recipe:
    """*usual*, with Node.js, the packages of ``images/node`` in ``/node_modules``, a browser, PostgreSQL and Valkey.

    Raises:
        ImageMissing: The installation lacks files, or the usual recipe's scripts are not those that are known here.
    """
    files = read_node_recipe()
    recipe = with_packages(usual, PACKAGES)
    ours = {name: files.pop(name) for name in ("Dockerfile", "prepare-node.sh", "prepare-stores.sh", "interlock.c")}
    node = {name: text.decode() for name, text in files.items()}
    return recipe.model_copy(update={"python": {**recipe.python, **ours}, "node": node, "repository": NODE_REPOSITORY})
