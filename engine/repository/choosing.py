"""Which files go into a box where there are more than it takes: first what tests run, last what only people look at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from engine.errors import BadInput
from engine.repository.entries import Entry

MOST_FILES = 4_000
"""Files of a project that go into a box."""
MOST_BYTES = 32 * 2**20
"""What they may hold in all."""
MOST_FILE_BYTES = 8 * 2**20
"""Largest single one."""
_ASIDE = frozenset(
    """docs doc documentation site website www examples example samples demo demos tutorials notebooks benchmarks benchmark
    bench assets images img screenshots media logo logos fonts static public locale locales translations i18n changelog
    changes news newsfragments release releases dist build artwork third_party vendor contrib .github .gitlab .circleci
    .vscode .idea .changeset""".split()
)
_SETTINGS = frozenset(
    """pyproject.toml setup.py setup.cfg tox.ini pytest.ini .pytest.ini pytest.toml .pytest.toml noxfile.py conftest.py
    .coveragerc manage.py manifest.in readme.md readme.rst readme.txt readme package.json package-lock.json""".split()
)
_SEEN_ONLY = (
    ".png .jpg .jpeg .gif .svg .webp .ico .bmp .tif .tiff .mp3 .mp4 .mov .avi .webm .ogg .wav .woff .woff2 .ttf .otf .eot .pdf "
    ".psd .ai .sketch .fig .ipynb .map .po .pot .mo .zip .gz .tar .bz2 .xz .7z .whl .jar .exe .dmg .iso .md .rst"
).split()


def choose(
    entries: Sequence[Entry], tests: Collection[str], packages: Collection[str], notes: list[str]
) -> list[Entry]:
    """Those of *entries* that go into a box, in their order; one note tells of all the others.

    *tests* are the names that belong to the tests, *packages* the folders with a slash at their end that hold modules.

    Raises:
        BadInput: Not even the code and its tests fit.
    """
    large = [entry for entry in entries if entry.size > MOST_FILE_BYTES]
    notes += [
        f"left out {entry.name!r}: {_mib(entry.size)} MiB, at most {_mib(MOST_FILE_BYTES)} MiB are read"
        for entry in large
    ]
    rest = [entry for entry in entries if entry.size <= MOST_FILE_BYTES]
    ranked = sorted(
        rest, key=lambda entry: (_rank(entry, tests, packages), entry.size if _rank(entry, tests, packages) else 0)
    )
    kept: set[str] = set()
    left: list[Entry] = []
    size = 0
    for entry in ranked:
        if len(kept) < MOST_FILES and size + entry.size <= MOST_BYTES:
            kept.add(entry.name)
            size += entry.size
        else:
            left.append(entry)
    needed = [entry for entry in left if _rank(entry, tests, packages) == 0]
    if needed:
        count = sum(_rank(entry, tests, packages) == 0 for entry in rest)
        total = sum(entry.size for entry in rest if _rank(entry, tests, packages) == 0)
        raise BadInput(
            f"the project has {count} files of code and tests with {_mib(total)} MiB; at most {MOST_FILES} files with "
            f"{_mib(MOST_BYTES)} MiB go into a box",
            hint="name the folders that matter",
        )
    if left:
        where = Counter(entry.name.partition("/")[0] + "/" if "/" in entry.name else "the top" for entry in left)
        most = ", ".join(f"{count} in {place}" for place, count in where.most_common(5))
        notes.append(
            f"left out {len(left)} files with {_mib(sum(entry.size for entry in left))} MiB that tests hardly need, as at most "
            f"{MOST_FILES} files with {_mib(MOST_BYTES)} MiB go into a box: {most}"
        )
    return [entry for entry in rest if entry.name in kept]


def _rank(entry: Entry, tests: Collection[str], packages: Collection[str]) -> int:
    """0: code, tests and settings. 1: what stands among them. 2: anything else. 3: what only people look at."""
    folder, _, last = entry.name.rpartition("/")
    inside = any(f"{folder}/".startswith(package) for package in _above(folder) if package in packages)
    aside = not _ASIDE.isdisjoint(folder.casefold().split("/"))
    if entry.name in tests:
        return 0 if entry.name.endswith((".py", ".pyi")) else 1
    if last.casefold() in _SETTINGS or last.startswith("requirements"):
        return 0 if not aside else 2
    if entry.name.endswith((".py", ".pyi", ".pyx", ".pxd", ".c", ".h", ".cpp")):
        return 0 if not aside or inside else 3
    if inside:
        return 1
    return 3 if aside or last.casefold().endswith(tuple(_SEEN_ONLY)) else 2


def _above(folder: str) -> list[str]:
    parts = folder.split("/")
    return ["/".join(parts[: count + 1]) + "/" for count in range(len(parts))] if folder else []


def _mib(size: int) -> str:
    return f"{size / 2**20:.0f}" if size >= 10 * 2**20 else f"{size / 2**20:.1f}"
