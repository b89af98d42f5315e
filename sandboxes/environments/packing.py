"""The build context of an environment: the folder of packages as one tar file, the same on every machine."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Mapping
from pathlib import Path

from sandboxes.building import add_file, add_path, add_tree


def pack_site(folder: Path, site: Path, files: Mapping[str, bytes]) -> Path:
    """Write it to *folder*; links in *site*, and whatever else is no regular file, are left out."""
    context = folder / "site.tar"
    with tarfile.open(context, "w") as tar:
        for name in ("Dockerfile", "prepare.py", "first.pth"):
            add_file(tar, name, files[name])
        add_tree(tar, "site", {})
        for path in sorted(site.rglob("*")):
            if path.is_file() and not path.is_symlink():
                name = f"site/{path.relative_to(site).as_posix()}"
                add_path(tar, name, path, executable=os.access(path, os.X_OK))
    return context
