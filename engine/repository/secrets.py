"""What of a project is somebody's secret: by its name, before it is opened, and by what it holds."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

_ALWAYS = """
    .env .env.* .envrc .npmrc .yarnrc .pypirc .netrc _netrc .pgpass .my.cnf .htpasswd .git-credentials .dockercfg
    .boto .s3cfg .vault-token .terraformrc
    id_rsa id_dsa id_ecdsa id_ed25519 id_rsa.* id_dsa.* id_ecdsa.* id_ed25519.*
    credentials credentials.json client_secret*.json service-account*.json service_account*.json
    *.kdbx *.kdb *.tfstate *.tfstate.backup
""".split()
_LIKELY = """
    *.env *.ppk *.keychain *.keystore *.jks *.p12 *.pfx *.pkcs12 *.gpg
    credentials.y*ml credentials.toml secrets.json secrets.y*ml secrets.toml token.json
""".split()
"""What may be data of a test as well; see `engine.repository.reading`."""
_SHOWN = (".env.example", ".env.sample", ".env.template", ".env.dist", ".env.default", ".env.defaults", "*.pub")
"""Names that only look so: they are there to be read."""
_FOLDERS = frozenset({".ssh", ".aws", ".gnupg", ".azure", ".kube", ".docker", ".gcloud"})
_KEYS = (".pem", ".key", ".der", ".pk8", ".p8")

_TOKEN = re.compile(
    r"""(?<![A-Za-z0-9_-])(?:
      (?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Z])
    | gh[opsur]_[A-Za-z0-9]{36,} | github_pat_\w{40,} | glpat-[\w-]{20,}
    | xox[abprs]-\d+-[\w-]{20,} | AIza[\w-]{35} | GOCSPX-[\w-]{20,}
    | sk_live_\w{20,} | rk_live_\w{20,} | sk-ant-[\w-]{30,} | sk-proj-[\w-]{30,}
    | pypi-AgEI[\w-]{40,} | npm_[A-Za-z0-9]{36} | hf_[A-Za-z0-9]{34} | dckr_pat_[\w-]{24,}
    )""",
    re.VERBOSE,
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN[ ][A-Z0-9 ]{0,40}PRIVATE[ ]KEY(?:[ ]BLOCK)?-----(?:\\n|\s)+[A-Za-z0-9+/=:,\- \s\\]{40,}"
)
_MADE_UP = re.compile(r"EXAMPLE|example|xxxx|XXXX|0{6}|1234567|abcdefg|ABCDEFG|fake|FAKE|dummy|DUMMY|(.)\1{7}")
"""What nobody's token holds, and what is written where one is shown."""


def named_as_secret(name: str) -> bool:
    """Whether the file *name* is nobody's business, whatever it holds and wherever it stands."""
    return not _FOLDERS.isdisjoint(name.casefold().split("/")[:-1]) or _is(name, _ALWAYS)


def named_like_secret(name: str) -> bool:
    """Whether files so named mostly are somebody's secret."""
    return _is(name, _LIKELY)


def _is(name: str, patterns: list[str]) -> bool:
    last = name.casefold().rpartition("/")[2]
    if any(fnmatchcase(last, shown) for shown in _SHOWN):
        return False
    return any(fnmatchcase(last, pattern) for pattern in patterns)


def secret_in(name: str, raw: bytes) -> str:
    """What kind of secret the file *name* holds; empty where it seems to hold none.

    Whatever is named like a key is one, unless it is a certificate or a public key.
    """
    text = raw.decode("utf-8", "replace")
    if _PRIVATE_KEY.search(text):
        return "a private key"
    if name.casefold().endswith(_KEYS) and not re.search(r"-----BEGIN[ ](?:CERTIFICATE|[A-Z ]*PUBLIC[ ]KEY)", text):
        return "a key"
    for match in _TOKEN.finditer(text):
        if not _MADE_UP.search(match[0]):
            return f"what looks like a token ({match[0][:4]}...)"
    return ""
