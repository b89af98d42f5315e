"""Whether a value that stands in a file is a secret."""

from __future__ import annotations

import re

from engine.redaction import REDACTED, redact

_NAME = re.compile(
    r"(^|[_-])(PASSWORD|PASSWD|PWD|SECRET|SECRETS|TOKEN|APIKEY|API_KEY|PRIVATE_KEY|ACCESS_KEY|SECRET_KEY|CREDENTIALS?|DSN)($|[_-])",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"(_FILE|_PATH|_TTL|_SECONDS|_MINUTES|_HOURS|_URL|_NAME|_HEADER|_ALGORITHM|_LENGTH|_EXPIRY|_LIFETIME)$",
    re.IGNORECASE,
)
"""Names that tell of a secret and hold none."""


def is_secret(name: str, value: str) -> bool:
    """Whether *value* is one: it is shaped like one, or its name says so and it comes from nowhere else."""
    if not value or value.startswith("$"):
        return False
    if REDACTED in redact(value):
        return True
    return bool(_NAME.search(name)) and not _ABOUT.search(name) and value.lower() not in {"true", "false", "0", "1"}
