"""From the index to a work tree: the source distribution of the pinned version, held to its hash by pip, and committed."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from tests.publics.listed import Public

SECONDS = 600
WHO = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")


def fetch(public: Public, into: Path) -> Path:
    """The unpacked project, below *into*; what is there already is taken.

    Raises:
        subprocess.CalledProcessError: The index has it not, or not with this hash.
    """
    tree = into / f"{public.name}-{public.version}" / "tree"
    if not tree.exists():
        archive = _download(public, tree.parent)
        unpacked = tree.parent / "unpacked"
        with tarfile.open(archive) as opened:
            opened.extractall(unpacked, filter="data")
        (folder,) = unpacked.iterdir()
        folder.rename(tree)
        unpacked.rmdir()
    return tree


def check_out(tree: Path, to: Path) -> Path:
    """A git work tree of its own in *to*, with everything that was published in one commit."""
    shutil.copytree(tree, to, ignore=shutil.ignore_patterns(".git", "__pycache__"))
    for words in (("init", "-q"), ("add", "-A", "--force"), (*WHO, "commit", "-qm", "As it was published")):
        subprocess.run(("git", *words), cwd=to, check=True, capture_output=True)
    return to


def _download(public: Public, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    asked = folder / "asked.txt"
    asked.write_text(f"{public.name}=={public.version} --hash=sha256:{public.sha256}\n", encoding="utf-8")
    # the project itself as it was published; what its build backend asks for may be built already
    words = ("--require-hashes", "--no-deps", "--no-binary", public.name, "-r", str(asked))
    done = subprocess.run(
        (sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", *words, "-d", str(folder)),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    found = next((path for path in folder.glob("*.tar.gz")), None)
    if found is None or hashlib.sha256(found.read_bytes()).hexdigest() != public.sha256:
        done.check_returncode()
        raise FileNotFoundError(f"pip left no source distribution of {public.name} in {str(folder)!r}")
    return found
