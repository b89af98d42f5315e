"""Ed25519 keys from files, as ``openssl genpkey -algorithm ed25519`` and ``ssh-keygen -t ed25519`` write them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.domain import sha256
from engine.receipts.errors import BadKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MOST_BYTES = 64 * 1024
"""Of a file that may hold one key."""
_KINDS = "PEM as openssl writes it, or OpenSSH's format"

K = TypeVar("K")


def read_private_key(path: Path) -> Ed25519PrivateKey:
    """The private key in the file *path*, which must not be encrypted.

    Raises:
        BadKey: It cannot be read, holds none, another kind, or an encrypted one.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 (slow to import)
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 (as above)
        load_pem_private_key,
        load_ssh_private_key,
    )

    raw = _read(path)
    load = load_ssh_private_key if b"OPENSSH PRIVATE KEY" in raw else load_pem_private_key
    key = _load(lambda: load(raw, password=None), path, "private")
    if not isinstance(key, Ed25519PrivateKey):
        raise _another_kind(path)
    return key


def read_public_key(path: Path) -> Ed25519PublicKey:
    """The public key in the file *path*.

    Raises:
        BadKey: It cannot be read, holds none, or another kind.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 (as above)
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 (as above)
        load_pem_public_key,
        load_ssh_public_key,
    )

    raw = _read(path)
    if b"PRIVATE KEY" in raw:
        hint = "openssl pkey -in KEY -pubout, or the .pub file beside it"
        raise BadKey(f"{str(path)!r} holds a private key; a signature is checked with the public one", hint=hint)
    load = load_pem_public_key if raw.lstrip().startswith(b"-----BEGIN") else load_ssh_public_key
    key = _load(lambda: load(raw), path, "public")
    if not isinstance(key, Ed25519PublicKey):
        raise _another_kind(path)
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo in DER, in hex."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415 (as above)

    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def _read(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise BadKey(f"{str(path)!r} is no file with a key")
        with path.open("rb") as opened:
            raw = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadKey(f"cannot read the key {str(path)!r}: {error.strerror}") from error
    if len(raw) > MOST_BYTES:
        raise BadKey(f"{str(path)!r} is too large to be a key")
    return raw


def _load(load: Callable[[], K], path: Path, kind: str) -> K:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 (as above)

    try:
        return load()
    except TypeError as error:  # how the library says that a password is wanted
        hint = "give one without a password; no password is asked for"
        raise BadKey(f"the key {str(path)!r} is encrypted", hint=hint) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey(f"{str(path)!r} holds no {kind} ed25519 key", hint=_KINDS) from error


def _another_kind(path: Path) -> BadKey:
    return BadKey(f"the key {str(path)!r} is not an ed25519 key", hint="openssl genpkey -algorithm ed25519 -out KEY")
