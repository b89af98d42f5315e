"""A picture in a value: bytes here, base64 wherever the value is written as JSON, and bytes again where that is read."""

from __future__ import annotations

import base64
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer


def _encoded(picture: bytes) -> str:
    return base64.b64encode(picture).decode()


def _decoded(said: object) -> object:
    return base64.b64decode(said, validate=True) if isinstance(said, str) else said


Picture = Annotated[bytes, BeforeValidator(_decoded), PlainSerializer(_encoded, when_used="json")]
