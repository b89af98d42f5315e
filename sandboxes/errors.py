"""What can go wrong with the machinery of a box. None of these says anything about the code inside.

SandboxError
├── SandboxUnavailable      no engine, no image, no space, or the box died under us
│   ├── ImageMissing        the image is not there and could not be built
│   └── QueueFull           too many runs wait for a box already
├── LimitNotEnforced        a limit that was asked for is not in force
├── CommandMissing          the image lacks the program
├── UnsafePath              a path that could leave its folder
└── BoxFull                 the files handed in do not fit the box
"""

from __future__ import annotations


class SandboxError(Exception):
    """Base of everything a sandbox raises.

    Attributes:
        where: The part that failed, such as ``"docker"``.
        what: What happened, in one sentence.
        hint: What the person can do next.
    """

    def __init__(self, where: str, what: str, *, hint: str = "run: mendbox doctor") -> None:
        super().__init__(f"{where}: {what} ({hint})")
        self.where = where
        self.what = what
        self.hint = hint


class SandboxUnavailable(SandboxError):
    """The box could not be had, or was lost: nothing was learnt about the code."""


class ImageMissing(SandboxUnavailable):
    """The image is not on this engine and could not be built.

    Attributes:
        log: The last 16 kB of what the build said; empty where nothing was built.
    """

    def __init__(self, where: str, what: str, *, hint: str = "run: mendbox doctor", log: str = "") -> None:
        super().__init__(where, what, hint=hint)
        self.log = log


class QueueFull(SandboxUnavailable):
    """As many runs wait for a box as may."""


class LimitNotEnforced(SandboxError):
    """The engine does not enforce a limit that was asked for; the box was refused."""


class CommandMissing(SandboxError):
    """The image has no such program."""


class UnsafePath(SandboxError):
    """A path that is absolute, escapes its folder, or is not plain."""


class BoxFull(SandboxError):
    """The files handed in do not fit the box's limits."""
