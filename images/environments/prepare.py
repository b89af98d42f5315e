"""Runs once, as root, inside the build of an environment: bytecode of the packages, and their scripts where a box looks
for programs. The packages themselves are only read.
"""

import compileall
import os
import stat
from py_compile import PycInvalidationMode

SITE = "/opt/mendbox/site"
COMPILED = "/opt/mendbox/pyc"
SCRIPTS = "/opt/mendbox/scripts"
PROGRAMS = "/usr/local/bin"
SUFFIX = ".cpython-313.pyc"


def main() -> None:
    # Unchecked: a box never compares a source's time with its bytecode's, and the tree is read-only. Some packages bring
    # templates that are no Python: their errors are none of ours.
    compileall.compile_dir(
        SITE, quiet=2, maxlevels=100, workers=0, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH
    )
    os.makedirs(COMPILED + SITE, exist_ok=True)
    for folder, folders, names in os.walk(SITE):
        os.chmod(folder, 0o755)
        if os.path.basename(folder) == "__pycache__":
            _link_compiled(folder, names)
        for name in folders + names:
            path = os.path.join(folder, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISREG(mode):
                os.chmod(path, 0o755 if mode & 0o111 else 0o644)
    _link_scripts()


def _link_compiled(folder: str, names: list[str]) -> None:
    """The same bytecode under the prefix at which alone a session looks."""
    there = COMPILED + os.path.dirname(folder)
    os.makedirs(there, exist_ok=True)
    for name in names:
        if name.endswith(SUFFIX):
            os.symlink(os.path.join(folder, name), os.path.join(there, name))


def _link_scripts() -> None:
    os.makedirs(SCRIPTS, exist_ok=True)
    scripts = os.path.join(SITE, "bin")
    for name in sorted(os.listdir(scripts)) if os.path.isdir(scripts) else ():
        path = os.path.join(scripts, name)
        if os.path.isfile(path) and not os.path.lexists(os.path.join(PROGRAMS, name)):
            os.chmod(path, 0o755)
            os.symlink(path, os.path.join(SCRIPTS, name))


if __name__ == "__main__":  # the processes that compile beside this one import it too
    main()
