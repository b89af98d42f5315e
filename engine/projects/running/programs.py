"""Our programs that a box holds which runs a project, and how they are started."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files as package_files

from sandboxes.base import TOOLS, Layer

_INSIDE = "supervise.py contained.py program.py component.py keeping.py background.py stores.py server.py postgresql.py postgresql_session.py valkey.py web.py build.mjs boxed.mjs fixed.mjs origin.mjs run.mjs".split()
FOLDER = f"{TOOLS}/running"
PAGES = f"{TOOLS}/pages"
"""Where built pages stand; nothing that was submitted writes there before our programs have read them."""

# By their full paths: what stands nearer to a file of ours could be somebody else's.
VITE = "/node_modules/vite/dist/node/index.js"
PLAYWRIGHT = "/node_modules/playwright-core/index.mjs"

SUPERVISE = ("python", "-I", f"{FOLDER}/supervise.py")
DRIVE = ("/usr/local/bin/node", f"{FOLDER}/boxed.mjs")
BUILD = ("node", f"{FOLDER}/build.mjs")


def text_of(name: str) -> str:
    """The text of one of them."""
    return (package_files("engine.projects.running") / "inside" / name).read_text(encoding="utf-8")


def programs(pages: Mapping[str, Mapping[str, bytes]] = {}) -> Layer:
    """Their texts, and beside them the files of built *pages* by component, as they are laid into the tools folder."""
    laid = {f"running/{name}": text_of(name).encode() for name in _INSIDE}
    for page, files in pages.items():
        laid |= {f"pages/{page}/{path}": content for path, content in files.items()}
    return Layer(files=laid, place="tools", locked=True)
