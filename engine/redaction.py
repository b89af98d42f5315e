"""Takes secrets out of a text: the ones known from the settings, and whatever is shaped like one.

The shapes are those that issuers document (prefix, alphabet, length), as secret scanners look for them. Ordinary
code has to come through unchanged: a name such as `password` is not enough, a value must follow it, no expression.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Callable, Iterable
from urllib.parse import quote

REDACTED = "[redacted]"
SHORTEST_SECRET = 6
"""Characters; a shorter setting is no secret, and would riddle every text with holes."""

# Every pattern takes time linear in the text: what it repeats is bounded or is not given back, and it begins with a
# literal, so that the search skips to it. What stands in the group `kept` stays.

_KEY = re.compile(
    r"""
      sk-(?P<value>(?:(?:proj|svcacct|admin|ant|or)-)?[\w-]{14,})           # OpenAI, Anthropic, and those alike
    | sk_(?:live|test)_\w{16,} | rk_(?:live|test)_\w{16,} | whsec_\w{16,}  # Stripe
    | AKIA[0-9A-Z]{16}(?![0-9A-Z]) | ASIA[0-9A-Z]{16}(?![0-9A-Z])          # AWS, the id
    | gh[opsur]_[A-Za-z0-9]{20,} | github_pat_\w{20,}                      # GitHub
    | gl(?:pat|dt|rt|soat|cbt|ptt|ft|imt|agent|oas|ffct)-[\w-]{16,}        # GitLab
    | xox[a-z](?:\.xox[a-z])?-[\w-]{10,} | xapp-[\w-]{10,}                 # Slack
    | AIza[\w-]{30,} | ya29\.[\w-]{20,} | GOCSPX-[\w-]{20,}                # Google
    | npm_[A-Za-z0-9]{30,} | pypi-AgEI[\w-]{20,}                           # package indexes
    | hf_[A-Za-z0-9]{30,} | gsk_[A-Za-z0-9]{30,} | r8_[A-Za-z0-9]{30,}     # Hugging Face, Groq, Replicate
    | xai-[\w-]{20,} | dckr_pat_[\w-]{20,} | do[opr]_v1_[a-f0-9]{40,}      # xAI, Docker, DigitalOcean
    | dapi[a-f0-9]{32} | SG\.[\w-]{16,64}\.[\w-]{16,64}                    # Databricks, SendGrid
    | ey[JK](?<![\w-]ey[JK])[\w-]{8,}+\.ey[JK][\w-]{4,}+(?:\.[\w-]*+)?      # JSON web tokens
    """,
    re.VERBOSE,
)

_PRIVATE_KEY = re.compile(
    r"""(?P<kept>-----BEGIN[ ][A-Z0-9 ]{0,40}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----)
    (?:[\w+/=\\\s:,]|-(?!----)){16,}               # it may be cut short, escaped, or carry an encrypted key's headers
    (?:-----END[ ][A-Z0-9 ]{0,40}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----)?""",
    re.VERBOSE,
)

_IN_URL = re.compile(r"""(?P<kept>://[^\s/:@"'<>{}\\]{0,128}+:)[^\s/@"'<>{}\\]{1,256}+(?=@)""")

_WEBHOOK = re.compile(r"(?P<kept>hooks\.slack\.com/(?:services|workflows|triggers)/)[\w/-]{8,}")

# The following are matched against the text in lower case.

_SCHEME = re.compile(r"(?P<kept>(?:bearer|basic)[ \t]{1,4})(?P<value>[\w.~+/=-]{16,}+)")

_COOKIE = re.compile(
    r"""(?P<kept>cookie\\?["']?[ \t]{0,4}[:,][ \t]{0,4}\\?["']?)(?P<value>[\w.-]{1,64}=[^"'\n\r\\]{8,}+)"""
)

_NAMED = re.compile(
    r"""(?P<kept>
        (?:(?P<password>password|passwd|passphrase|secret(?:[_-]?(?:access)?[_-]?key)?|\bpwd(?==[^/~.]))
          |(?P<header>authorization)
          |(?:api[_-]?key|access[_-]?key(?:[_-]?id)?|account[_-]?key|private[_-]?key|signing[_-]?key
             |token|credentials?|sig))
        (?P<quoted_name>\\?["'])?[ \t]{0,4}
        (?P<sign>[:=,])(?!=)[ \t]{0,4}
        (?:[bru]?(?P<quote>\\?["']))?
        (?P<scheme>(?:bearer|basic|token|digest|apikey)[ \t]{1,4})?
    )
    (?(quote)(?P<phrase>[^"'\n\r\\]{3,512}+)|(?P<value>[^\s"'`&;,()\[\]{}<>|\\]{3,}+))""",
    re.VERBOSE,
)

_DIGIT = re.compile(r"\d")
_TOKEN_LIKE = re.compile(r"[\w.~+/=%-]{16,}")
_NO_SECRET = frozenset({"none", "null", "true", "false", "str", "bytes", "string", "secretstr", "..."})
_NAME = string.ascii_letters + string.digits + "_"
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)

Secret = Callable[[re.Match[str]], bool]
"""Whether what was matched is a secret."""


def _always(_match: re.Match[str]) -> bool:
    return True


def _whole_key(match: re.Match[str]) -> bool:
    # "task-force-..." ends like the beginning of a key, and "sk-loading-indicator" is a name.
    if match["value"] is None:
        return True
    return _has_digit(match) and not match.string[max(0, match.start() - 1) : match.start()].isalnum()


def _has_digit(match: re.Match[str]) -> bool:
    return bool(_DIGIT.search(match["value"]))


def _named(match: re.Match[str]) -> bool:
    value = match["phrase"] or match["value"]
    if value.startswith("[redacted") or value in _NO_SECRET or (match["sign"] == "," and not match["scheme"]):
        return False
    if match["header"] and match["scheme"]:
        return len(value) >= 6
    if not match["password"]:
        return bool(_TOKEN_LIKE.fullmatch(value) and _DIGIT.search(value)) and not _is_code(match, value)
    if match["quote"]:
        # Under a key in quotes stands data, whatever it is; in code a mere word may be the name of a field.
        is_data = bool(match["quoted_name"]) and match["sign"] == ":"
        return is_data or (len(value) >= 6 and " " not in value and bool(_DIGIT.search(value)))
    return not match["quoted_name"] and not _is_code(match, value)


def _is_code(match: re.Match[str], value: str) -> bool:
    """Whether an unquoted value is an expression: ``connect(user, password=pw1)``, ``password: SecretStr``."""
    if match["quote"]:
        return False
    text = match.string
    after = text[match.end() : match.end() + 1]
    digit = bool(_DIGIT.search(value))
    if value[0] in "$%*@=" or after in {"(", "["}:
        return True
    spaced = match["kept"].endswith((" ", "\t"))
    if spaced and match["sign"] == "=" and (len(value) < 8 or not digit):
        return True
    if not all(part.isidentifier() for part in value.split(".")):
        return False
    name = text[match.start() : match.start("sign")].strip("\\\"' \t")
    before = text[max(0, match.start() - 200) : match.start()].rstrip(_NAME).rstrip()
    return (
        "." in value
        or value.endswith(name)
        or (spaced and (match["sign"] == "=" or not digit))
        or before.endswith(("(", ","))
        or (after in {",", ")"} and not digit)
    )


_SHAPES: tuple[tuple[re.Pattern[str], Secret], ...] = (
    (_PRIVATE_KEY, _always),
    (_KEY, _whole_key),
    (_IN_URL, _always),
    (_WEBHOOK, _always),
)
_SHAPES_IN_LOWER_CASE: tuple[tuple[re.Pattern[str], Secret], ...] = (
    (_COOKIE, _has_digit),
    (_NAMED, _named),
    (_SCHEME, _has_digit),
)


def redact(text: str) -> str:
    """*text* with everything that is shaped like a secret replaced; in time linear in its length."""
    for pattern, is_secret in _SHAPES:
        text = _replace(text, text, pattern, is_secret)
    for pattern, is_secret in _SHAPES_IN_LOWER_CASE:
        # ASCII only, so that both have the same length; ignoring case in the pattern would be ten times as slow.
        text = _replace(text, text.translate(_LOWER), pattern, is_secret)
    return text


def _replace(text: str, seen: str, pattern: re.Pattern[str], is_secret: Secret) -> str:
    """*text* without the secrets that *pattern* finds in *seen*, which is as long."""
    pieces: list[str] = []
    end = 0
    for match in pattern.finditer(seen):
        if is_secret(match):
            kept = match.end("kept") if "kept" in pattern.groupindex else match.start()
            pieces += (text[end:kept], REDACTED)
            end = match.end()
    return "".join((*pieces, text[end:])) if pieces else text


class Redactor:
    """`redact`, which also knows the values of certain secrets, plain and as URLs and JSON carry them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {
            form
            for secret in secrets
            if len(secret) >= SHORTEST_SECRET
            for form in (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], repr(secret)[1:-1])
        }
        # The longest first: one secret may be the beginning of another.
        ordered = sorted(known, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def __call__(self, text: str) -> str:
        return redact(self._known.sub(REDACTED, text) if self._known else text)
