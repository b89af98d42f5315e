"""Which published holes of runc a version has closed, as far as a version can tell."""

from __future__ import annotations

import re
from typing import Literal

from sandboxes.base import Value

Judgement = Literal["fixed", "open", "unknown"]

_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:[-~]?rc\.?(\d+))?")
_PACKAGED = re.compile(r"\+ds|\+dfsg|ubuntu|deb\d|\.el\d|\.fc\d|\.amzn|-\d")
"""Marks of a distribution's own build, which may carry fixes under an old version."""
_FINAL = 1_000
"""Stands in a version's place for a release candidate where there is none: later than each of them."""

_Release = tuple[int, int, int, int]


class Advisory(Value):
    """One published hole and the first releases of upstream without it, one for each line that was mended."""

    cve: str
    what: str
    fixed_in: tuple[str, ...]


RUNC = (
    # runc's security advisories GHSA-xr7r-f8xq-vfvv; GHSA-9493-h29p-rfm2, -qw9x-cqr3-wc7r, -cgrx-mc8f-2prm.
    Advisory(cve="CVE-2024-21626", what="a leaked file descriptor lets a box out", fixed_in=("1.1.12",)),
    Advisory(cve="CVE-2025-31133", what="masked paths can be replaced", fixed_in=("1.2.8", "1.3.3", "1.4.0-rc.3")),
    Advisory(cve="CVE-2025-52565", what="a mount over the console", fixed_in=("1.2.8", "1.3.3", "1.4.0-rc.3")),
    Advisory(cve="CVE-2025-52881", what="writes led astray in /proc", fixed_in=("1.2.8", "1.3.3", "1.4.0-rc.3")),
)


def judge(version: str, advisory: Advisory) -> Judgement:
    """Whether *version* has *advisory* fixed; ``unknown`` for an old version that a distribution built."""
    release = parse(version)
    if release is None:
        return "unknown"
    if _fixed_upstream(release, tuple(filter(None, map(parse, advisory.fixed_in)))):
        return "fixed"
    return "unknown" if _PACKAGED.search(version.replace("-rc", "rc")) else "open"


def parse(version: str) -> _Release | None:
    """Major, minor, patch and release candidate of an upstream version, whatever a distribution hung on to it."""
    found = _VERSION.match(version)
    if found is None:
        return None
    major, minor, patch, candidate = found.groups()
    return int(major), int(minor), int(patch), int(candidate) if candidate else _FINAL


def _fixed_upstream(release: _Release, fixed: tuple[_Release, ...]) -> bool:
    """A line that was mended is fixed from there on; so is every line younger than the youngest of them."""
    return any(release[:2] == first[:2] and release >= first for first in fixed) or release > max(fixed)
