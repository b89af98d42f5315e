"""The build context of an environment: the folder of packages as one tar file, the same on every machine."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

from sandboxes.building import add_file, add_path, add_tree

_SITE = "tree/opt/mendbox/site"
_FIRST = "usr/local/lib/python3.13/dist-packages/first.pth"


def pack_site(folder: Path, site: Path, root: Path, files: Mapping[str, bytes]) -> Path:
    """Write it to *folder*; *root* is laid over the whole image. Whatever is no regular file in *site* is left out."""
    context = folder / "site.tar"
    with tarfile.open(context, "w") as tar:
        for name in ("Dockerfile", "prepare.py"):
            add_file(tar, name, files[name])
        add_tree(tar, "tree", {_FIRST: files["first.pth"]})
        add_tree(tar, _SITE, {})
        for below, there in ((site, _SITE), (root, "tree")):
            for path in sorted(below.rglob("*")):
                # what is laid over the image has the content that its links lead to
                if path.is_file() and (below is root or not path.is_symlink()):
                    name = f"{there}/{path.relative_to(below).as_posix()}"
                    add_path(tar, name, path, executable=os.access(path, os.X_OK))
    return context
