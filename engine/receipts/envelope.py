"""The signature around a statement: a DSSE envelope (https://github.com/secure-systems-lab/dsse, version 1)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from pydantic import Field

from engine.receipts.errors import ReceiptUnreadable
from engine.receipts.keys import key_id
from engine.receipts.statement import InToto

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class Signature(InToto):
    keyid: str = Field(default="", max_length=1_000)
    """A hint, itself signed by nobody: never what a decision rests on."""
    sig: str = Field(max_length=1_000)


class Envelope(InToto):
    payload: str
    payload_type: str = Field(alias="payloadType", max_length=1_000)
    signatures: tuple[Signature, ...] = Field(max_length=100)

    @property
    def content(self) -> bytes:
        """What was signed. Raises `ReceiptUnreadable` where it is no base64."""
        return _decode(self.payload)

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether one of the signatures is *key*'s, over the payload and its type."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 (slow to import)

        message = pae(self.payload_type, self.content)
        for signature in self.signatures:
            try:
                key.verify(_decode(signature.sig), message)
            except InvalidSignature:
                continue
            return True
        return False


def seal(content: bytes, key: Ed25519PrivateKey) -> Envelope:
    """*content*, a statement, signed with *key*."""
    signature = Signature(
        keyid=key_id(key.public_key()), sig=base64.b64encode(key.sign(pae(PAYLOAD_TYPE, content))).decode()
    )
    return Envelope(payload=base64.b64encode(content).decode(), payload_type=PAYLOAD_TYPE, signatures=(signature,))


def pae(payload_type: str, content: bytes) -> bytes:
    """DSSE's pre-authentication encoding: lengths are told, so no two pairs read the same."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(content), content)


def _decode(text: str) -> bytes:
    try:
        # A verifier has to take both alphabets.
        return base64.b64decode(text.translate({ord("-"): "+", ord("_"): "/"}), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReceiptUnreadable(f"the envelope is damaged: {error}") from error
