"""Whether what a component declares may bring a module: sure only where all that it declares is known here."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from engine.dependencies.imports import IN_EVERY_BOX
from engine.dependencies.known import may_bring
from engine.dependencies.manifest import Manifest, without_hashes
from engine.dependencies.pyproject import read_pyproject

_NEEDS = """
aiofiles | aiohttp aiohappyeyeballs aiosignal attrs frozenlist multidict propcache yarl | aiosqlite
alembic mako markupsafe sqlalchemy typing-extensions | annotated-doc | annotated-types | anyio idna sniffio typing-extensions
apscheduler tzlocal | argon2-cffi +argon2 | asgiref typing-extensions | asyncpg | attrs | bcrypt | beautifulsoup4 soupsieve
black +blib2to3 click mypy-extensions pathspec platformdirs packaging | boto3 botocore jmespath s3transfer
cachetools | celery amqp billiard click click-didyoumean click-plugins click-repl kombu tzlocal vine python-dateutil tzdata | certifi | cffi pycparser | charset-normalizer
click | clickhouse-connect certifi urllib3 lz4 zstandard pytz | coverage | cryptography cffi | dj-database-url django
django asgiref sqlparse | django-cors-headers asgiref django | django-environ | django-filter django
djangorestframework django | dnspython | email-validator dnspython idna | factory-boy faker | faker tzdata
fastapi annotated-doc opentelemetry-api pydantic starlette typing-extensions typing-inspection
fastapi[standard] fastapi fastapi-cli httpx jinja2 python-multipart email-validator uvicorn[standard] typer
flask blinker click itsdangerous jinja2 markupsafe werkzeug | flask-cors flask | flask-sqlalchemy flask sqlalchemy
freezegun python-dateutil | greenlet | gunicorn packaging | h11 | httpcore certifi h11 | httpcore2 certifi h11 truststore
httpx anyio certifi httpcore idna | httpx2 anyio certifi httpcore2 idna h11 truststore | hypercorn h11 h2 priority wsproto
hypothesis attrs sortedcontainers | idna | itsdangerous | jinja2 markupsafe | loguru | mako markupsafe | markupsafe
markdown | marshmallow packaging | minio argon2-cffi certifi pycryptodome typing-extensions urllib3 | multidict
mypy ast-serialize librt mypy-extensions typing-extensions pathspec +mypyc | numpy | opensearch-py +opensearchpy certifi events python-dateutil requests urllib3
orjson | packaging | pandas numpy python-dateutil pytz tzdata six | passlib | passlib[bcrypt] passlib bcrypt | peewee
pika | pillow | platformdirs | prometheus-client | propcache | psycopg typing-extensions
psycopg[binary] psycopg psycopg-binary | psycopg[pool] psycopg psycopg-pool | psycopg[binary,pool] psycopg psycopg-binary psycopg-pool
psycopg-binary | psycopg-pool typing-extensions | psycopg2 | psycopg2-binary
pydantic annotated-types pydantic-core typing-extensions typing-inspection | pydantic[email] pydantic email-validator
pydantic-core typing-extensions | pydantic-settings pydantic python-dotenv typing-inspection | pygments | pyjwt
pyjwt[crypto] pyjwt cryptography | pymongo +gridfs dnspython | pymysql | pytest +_pytest +py iniconfig packaging pluggy pygments
pytest-asyncio pytest typing-extensions | pytest-cov coverage pytest | pytest-django pytest | pytest-httpx httpx pytest
pytest-mock pytest | python-dateutil six | python-dotenv | python-json-logger +pythonjsonlogger | python-multipart
pytz | pyyaml | redis | redis[hiredis] redis hiredis | hiredis | requests certifi charset-normalizer idna urllib3
requests-mock requests | respx httpx | rich markdown-it-py mdurl pygments | ruff | setuptools | six | sniffio | sortedcontainers
sqlalchemy greenlet typing-extensions | sqlalchemy[asyncio] sqlalchemy | sqlmodel pydantic sqlalchemy typing-extensions
sqlparse | starlette anyio typing-extensions | structlog typing-extensions | tenacity | typer click pydantic rich shellingham typing-extensions annotated-doc
typing-extensions | typing-inspection typing-extensions | tzdata | ujson | urllib3 | uvicorn click h11 typing-extensions
uvicorn[standard] uvicorn httptools python-dotenv pyyaml uvloop watchfiles websockets | valkey | waitress | watchfiles anyio
websockets | werkzeug markupsafe | wheel packaging | whitenoise | yarl idna multidict propcache
"""
MOST_OF_A_MANIFEST = 100_000
"""Characters of a manifest that is read."""
_NEW_IN_THE_LIBRARY = frozenset({"annotationlib", "compression", "concurrent"})
_IN_EVERY_MODULE_PATH = frozenset({"__future__", "__main__", "_typeshed"})


def _facts(text: str) -> Mapping[str, tuple[str, ...]]:
    entries = [entry.split() for line in text.splitlines() for entry in line.split(" | ")]
    return {words[0].replace("|", ""): tuple(words[1:]) for words in entries if words}


_KNOWN = _facts(_NEEDS)
"""What each distribution brings along: names of others, and with a plus further modules of its own."""
_ALSO_KNOWN = frozenset(name for brought in _KNOWN.values() for name in brought)


def is_of_python(module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in _NEW_IN_THE_LIBRARY or top in _IN_EVERY_MODULE_PATH


class Declared:
    """What a component's ``pyproject.toml`` says that it needs."""

    def __init__(self, files: Mapping[str, str]) -> None:
        is_read = len(files.get("pyproject.toml", "x" * MOST_OF_A_MANIFEST)) < MOST_OF_A_MANIFEST
        self.manifest: Manifest | None = read_pyproject("pyproject.toml", files) if is_read else None
        asked = [without_hashes(each.line) for each in self.manifest.stated] if self.manifest else []
        self.names = tuple(sorted({canonicalize_name(Requirement(line).name) for line in asked}))
        self._brought: dict[str, bool] = {}
        self._all, self._sure = _closure(map(_key, asked))
        if self.manifest is None or self.manifest.unreadable or self.manifest.notes or self.manifest.own_extras:
            self._sure = False

    def may_bring(self, module: str) -> bool:
        """Whether *module* may be had, a dotted name of no module of the component's own."""
        top = module.partition(".")[0]
        if is_of_python(module) or top in IN_EVERY_BOX or not self._sure:
            return True
        return f"+{top}" in self._all or self.has(module)

    def has(self, module: str) -> bool:
        """Whether a distribution that is declared is named like *module*, or known to bring it."""
        if module not in self._brought:
            self._brought[module] = any(may_bring(name, module) for name in self._all if name[0] != "+")
        return self._brought[module]


def _key(line: str) -> str:
    requirement = Requirement(line)
    extras = ",".join(sorted(requirement.extras))
    return canonicalize_name(requirement.name) + (f"[{extras}]" if extras else "")


def _closure(asked: Iterable[str]) -> tuple[frozenset[str], bool]:
    """All that comes along, and whether nothing among what was asked for is unknown."""
    found: set[str] = set()
    left = list(asked)
    sure = True
    while left:
        name = left.pop()
        plain = name.partition("[")[0]
        if name in found:
            continue
        found |= {name, plain}
        if name[0] == "+":
            continue
        sure = sure and (name in _KNOWN or name in _ALSO_KNOWN)
        left += _KNOWN.get(name, ())
    return frozenset(each.partition("[")[0] for each in found), sure
