"""Runs once, as root, inside the build of an environment: bytecode of the packages, and their scripts where a box looks
for programs. The packages themselves are only read.
"""

import compileall
import os
import stat
from py_compile import PycInvalidationMode

TREE = "/prepared/tree"
SITE = "/opt/mendbox/site"
COMPILED = "/opt/mendbox/pyc"
PROGRAMS = "/usr/local/bin"
SUFFIX = ".cpython-313.pyc"


def main() -> None:
    # Unchecked: a box never compares a source's time with its bytecode's, and the tree is read-only. Some packages bring
    # templates that are no Python: their errors are none of ours.
    compileall.compile_dir(
        TREE + SITE,
        quiet=2,
        maxlevels=100,
        workers=0,
        stripdir=TREE,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    os.makedirs(TREE + COMPILED + SITE, exist_ok=True)
    for folder, folders, names in os.walk(TREE):
        if os.path.basename(folder) == "__pycache__":
            _link_compiled(folder.removeprefix(TREE), names)
        for name in folders + names:
            _set_mode(os.path.join(folder, name))
    _link_scripts()


def _set_mode(path: str) -> None:
    mode = os.lstat(path).st_mode
    if stat.S_ISDIR(mode):
        os.chmod(path, 0o755)
    elif stat.S_ISREG(mode):
        os.chmod(path, 0o755 if mode & 0o111 else 0o644)


def _link_compiled(folder: str, names: list[str]) -> None:
    """The same bytecode under the prefix at which alone a session looks."""
    there = TREE + COMPILED + os.path.dirname(folder)
    os.makedirs(there, exist_ok=True)
    for name in names:
        if name.endswith(SUFFIX):
            os.symlink(os.path.join(folder, name), os.path.join(there, name))


def _link_scripts() -> None:
    scripts = os.path.join(SITE, "bin")
    os.makedirs(TREE + PROGRAMS, exist_ok=True)
    for name in sorted(os.listdir(TREE + scripts)) if os.path.isdir(TREE + scripts) else ():
        if os.path.isfile(os.path.join(TREE + scripts, name)) and not os.path.lexists(os.path.join(PROGRAMS, name)):
            os.chmod(os.path.join(TREE + scripts, name), 0o755)
            os.symlink(os.path.join(scripts, name), os.path.join(TREE + PROGRAMS, name))


if __name__ == "__main__":  # the processes that compile beside this one import it too
    main()
