"""Where the server listens: at this machine's own addresses, unless it can ask who calls."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from engine.errors import BadInput, MendboxError


class CannotListen(MendboxError):
    """The address is taken or not allowed."""


def listen(http: str, *, guarded: bool = False) -> socket.socket:
    """A socket that listens at *http*: ``HOST:PORT``, ``[::1]:PORT`` or ``PORT``; port 0 takes a free one.

    Raises:
        BadInput: It is no address; or not one of this machine alone, and who calls there is not asked (*guarded*).
        CannotListen: It is taken or not allowed.
    """
    try:
        parts = urlsplit(f"//127.0.0.1:{http}" if http.isdecimal() else f"//{http}")
        host, port = parts.hostname or "127.0.0.1", parts.port
        found = [] if port is None or parts.path else socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (ValueError, OSError):
        found = []
    if not found:
        raise BadInput(f"{http!r} is no address to listen at", hint="such as 127.0.0.1:8000")
    family, _, _, _, address = found[0]
    if not guarded and not all(ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_loopback for entry in found):
        raise BadInput(
            f"refused to listen at {http!r}: there is no sign-in, so only this machine may reach the server",
            hint="use 127.0.0.1:PORT, or set MENDBOX_BEARER_TOKEN, DESCOPE_PROJECT_ID or MENDBOX_OIDC_ISSUER",
        )
    try:
        listener = socket.create_server((str(address[0]), port), family=family)
    except OSError as error:
        raise CannotListen(
            f"cannot listen at {http!r}: {error.strerror or error}", hint="choose another port, or 0 for any free one"
        ) from error
    # Connections inherit it; asyncio sets it by itself only where it made the socket. Without it the end of each answer
    # waits for 40 ms, until the client has acknowledged its beginning.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
