"""What each engine that has a server is reached by, and what it is on a developer's machine; a store without one is in
`engine.projects.deploying.disks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from agents.plans.plan import Engine


class Local(NamedTuple):
    """A store in a container, for development."""

    image: str
    port: int
    url: str
    """Its address with ``{host}`` and ``{password}``, which may be missing."""
    data: str
    """The folder that stays."""
    healthy: tuple[str, ...]
    """Command that succeeds once it answers."""
    environment: Mapping[str, str] = {}
    command: tuple[str, ...] = ()
    user: int = 999
    """Number of the user that its image is made for."""
    memory_mib: int = 512
    """What it needs at the least."""


ENGINES: Mapping[Engine, Local] = MappingProxyType(
    {
        "postgresql": Local(
            "postgres:17",
            5_432,
            "postgresql://app:{password}@{host}:5432/app",
            "/var/lib/postgresql/data",
            ("pg_isready", "--username", "app"),
            {"POSTGRES_USER": "app", "POSTGRES_DB": "app", "POSTGRES_PASSWORD": "{password}"},
        ),
        "valkey": Local("valkey/valkey:8", 6_379, "redis://{host}:6379/0", "/data", ("valkey-cli", "ping")),
        "rabbitmq": Local(
            "rabbitmq:4",
            5_672,
            "amqp://app:{password}@{host}:5672/",
            "/var/lib/rabbitmq",
            ("rabbitmq-diagnostics", "-q", "ping"),
            {"RABBITMQ_DEFAULT_USER": "app", "RABBITMQ_DEFAULT_PASS": "{password}"},
        ),
        "opensearch": Local(
            "opensearchproject/opensearch:2",
            9_200,
            "http://{host}:9200",
            "/usr/share/opensearch/data",
            ("curl", "--fail", "--silent", "http://127.0.0.1:9200/_cluster/health"),
            {"discovery.type": "single-node", "DISABLE_SECURITY_PLUGIN": "true"},
            user=1_000,
            memory_mib=2_048,
        ),
        "clickhouse": Local(
            "clickhouse/clickhouse-server:25.8",
            8_123,
            "http://app:{password}@{host}:8123/app",
            "/var/lib/clickhouse",
            ("wget", "--spider", "--quiet", "http://127.0.0.1:8123/ping"),
            {"CLICKHOUSE_USER": "app", "CLICKHOUSE_DB": "app", "CLICKHOUSE_PASSWORD": "{password}"},
            user=101,
            memory_mib=1_024,
        ),
        "objects": Local(
            "chrislusf/seaweedfs:3.80",
            8_333,
            "http://{host}:8333",
            "/data",
            ("wget", "--spider", "--quiet", "http://127.0.0.1:9333/cluster/healthz"),
            command=("server", "-s3", "-dir=/data"),
            user=1_000,
        ),
    }
)


def variable(name: str, what: str) -> str:
    """The environment variable that tells *what* of the part *name*."""
    return f"{name.replace('-', '_').upper()}_{what}"
