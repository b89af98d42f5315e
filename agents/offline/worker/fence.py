"""What a candidate may not do to its neighbours: it cannot signal them, look into them, or leave children behind unseen.

All processes of a box have one user, so that without this a candidate could kill the search with a single call.
The filter cannot be taken off again, and every child inherits it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

_SET_DUMPABLE, _SET_SECCOMP, _SET_CHILD_SUBREAPER = 4, 22, 36
_FILTER = 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050001  # the latter with EPERM
_NUMBER, _ARCHITECTURE, _SECOND_ARGUMENT = 0, 4, 24
"""Offsets into `struct seccomp_data`."""
_FCNTL_OWNERS = (8, 10, 15)
"""F_SETOWN, F_SETSIG and F_SETOWN_EX: the kernel then signals in one's stead."""
_IOCTL_OWNERS = (0x8901, 0x8902)
"""FIOSETOWN and SIOCSPGRP, the same for sockets."""
_FIRST_FOREIGN = 0x40000000
"""From here on, x86-64 has a second set of numbers for the same calls."""
_CALLS = {
    # audit number of the machine; kill, tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo, pidfd_send_signal; fcntl; ioctl
    "x86_64": (0xC000003E, (62, 200, 234, 129, 297, 424), 72, 16),
    "aarch64": (0xC00000B7, (129, 130, 131, 138, 240, 424), 25, 29),
}
_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def program(machine: str) -> bytes | None:
    """The filter for a *machine* as `platform.machine` names it; None for one whose numbers are not known here."""
    if machine not in _CALLS:
        return None
    architecture, signalling, fcntl, ioctl = _CALLS[machine]
    owners = ((fcntl, _FCNTL_OWNERS), (ioctl, _IOCTL_OWNERS))
    refused = 5 + len(signalling) + sum(3 + len(second) for _, second in owners)  # index of the last instruction
    lines: list[tuple[int, int, int, int]] = []

    def refuse_if(how: int, value: int, *, otherwise: bool = False) -> None:
        far = refused - len(lines) - 1
        lines.append((how, 0, far, value) if otherwise else (how, far, 0, value))

    lines.append((_LOAD, 0, 0, _ARCHITECTURE))
    refuse_if(_EQUAL, architecture, otherwise=True)
    lines.append((_LOAD, 0, 0, _NUMBER))
    refuse_if(_AT_LEAST, _FIRST_FOREIGN)
    for number in signalling:
        refuse_if(_EQUAL, number)
    for call, second in owners:
        lines.append((_EQUAL, 0, len(second) + 2, call))
        lines.append((_LOAD, 0, 0, _SECOND_ARGUMENT))
        for value in second:
            refuse_if(_EQUAL, value)
        lines.append((_RETURN, 0, 0, _ALLOW))
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def fence() -> bool:
    """Refuse this process, and all that it starts, to signal anybody; False where the kernel or machine has no such filter."""
    code = program(platform.machine())
    if code is None:
        return False
    buffer = ctypes.create_string_buffer(code, len(code))
    whole = _Program(len(code) // 8, ctypes.addressof(buffer))
    return bool(_libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(whole), 0, 0) == 0)


def adopt() -> None:
    """Become the parent of every orphan below this process, so that none is out of sight."""
    _libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def hide(*, hidden: bool = True) -> None:
    """Keep others of the same user out of this process's memory; its children start that way."""
    _libc.prctl(_SET_DUMPABLE, int(not hidden), 0, 0, 0)


def childless() -> bool:
    """Whether no child is left, ended or not."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False
