"""Images that a project may be built on, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Mapping

from agents.plans.plan import Runtime
from engine.domain import Value

_REFERENCE = re.compile(
    r"(?P<name>(?:[a-z0-9.-]+:[0-9]+/)?[a-z0-9._-]+(?:/[a-z0-9._-]+)*)"
    r"(?::(?P<tag>[\w][\w.-]*))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
BASES: Mapping[Runtime, tuple[str, ...]] = {
    "python": ("python",),
    "node": ("node",),
    "static": ("nginxinc/nginx-unprivileged", "nginx"),
}
"""What the last stage of a component may stand on."""
KNOWN = frozenset(
    {"python", "node", "nginx", "nginxinc/nginx-unprivileged", "debian", "alpine", "ubuntu", "busybox", "scratch"}
)
"""What any stage may."""
USERS: Mapping[str, frozenset[str]] = {
    "node": frozenset({"node"}),
    "nginx": frozenset({"nginx"}),
    "nginxinc/nginx-unprivileged": frozenset({"nginx"}),
}
"""Users that an image brings, beside those of every Debian."""
EVERYWHERE = frozenset({"nobody", "daemon", "www-data"})
UNPRIVILEGED = frozenset({"nginxinc/nginx-unprivileged"})
"""Images that run as somebody other than root by themselves."""
STARTS = frozenset({"nginx", "nginxinc/nginx-unprivileged"})
"""Images with a command of their own."""


class Reference(Value):
    """An image as a file names it."""

    name: str
    tag: str = ""
    digest: str = ""

    @property
    def why_loose(self) -> str:
        """Why another image may come by this name tomorrow; empty where it is pinned."""
        if self.digest or self.name == "scratch":
            return ""
        if not self.tag:
            return "it has no tag"
        if not re.search(r"\d", self.tag):
            return f"its tag {self.tag} moves with every release"
        return ""

    @property
    def is_alpine(self) -> bool:
        return self.name == "alpine" or "alpine" in self.tag


def reference(text: str) -> Reference | None:
    """*text* taken apart; None where it is no name of an image."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    name = match["name"].removeprefix("docker.io/").removeprefix("library/")
    return Reference(name=name, tag=match["tag"] or "", digest=match["digest"] or "")
