"""What each kind of store is called at each cloud, and why a plan takes that kind."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, get_args

from agents.plans.commission import Cloud
from agents.plans.plan import Engine


class Kind(NamedTuple):
    engine: Engine
    purpose: str
    reason: str
    products: Mapping[Cloud, str]
    backups: Mapping[Cloud, str] = MappingProxyType({})
    """How copies are made and brought back, where that is the plan's business."""


def _at(aws: str, gcp: str, azure: str, own: str) -> Mapping[Cloud, str]:
    return MappingProxyType({"aws": aws, "gcp": gcp, "azure": azure, "self-hosted": own})


_BY_ITSELF = (
    "Daily, with the log in between, so that any moment of the last 30 days can be brought back; that is practised every "
    "three months."
)
_SNAPSHOT = (
    "A snapshot of {disk} every six hours, by {by}, kept for 30 days; to SQLite it is what a power cut is, from which it "
    "recovers. A disk made from it is mounted in the old one's place; that is practised every three months."
)
STORES: Mapping[str, Kind] = MappingProxyType(
    {
        "database": Kind(
            "postgresql",
            "What has to be right: transactions, and rules that the database itself keeps.",
            "Relations and transactions first: what can be wrong by a race is kept by constraints, and one PostgreSQL "
            "carries most loads before anything else is needed.",
            _at(
                "Amazon RDS for PostgreSQL, Multi-AZ",
                "Cloud SQL for PostgreSQL, high availability",
                "Azure Database for PostgreSQL flexible server, zone-redundant",
                "PostgreSQL with a standby, by an operator such as CloudNativePG",
            ),
            MappingProxyType(dict.fromkeys(get_args(Cloud), _BY_ITSELF)),
        ),
        "cache": Kind(
            "valkey",
            "Answers that were worked out already, counters and messages in flight; all of it may be lost.",
            "What is read far more often than it is written need not be asked of the database each time.",
            _at(
                "Amazon ElastiCache for Valkey",
                "Memorystore for Valkey",
                "Azure Managed Redis",
                "Valkey on a node of its own",
            ),
        ),
        "queue": Kind(
            "rabbitmq",
            "Work that need not be done while somebody waits; kept until it is acknowledged.",
            "Calls to others (mail, payment, push) fail and are slow: off the request they can be tried again.",
            _at(
                "Amazon MQ for RabbitMQ",
                "RabbitMQ on GKE by its operator",
                "RabbitMQ on AKS by its operator",
                "RabbitMQ on three nodes, by its operator",
            ),
        ),
        "objects": Kind(
            "objects",
            "Files, as they came; addressed by keys and handed out by signed links.",
            "Files in a database make every backup and every migration slow; here they cost the least.",
            _at("Amazon S3", "Cloud Storage", "Azure Blob Storage", "An S3-compatible store of your own"),
        ),
        "search": Kind(
            "opensearch",
            "An index over the catalogue; can be built again from the database at any time.",
            "Facets, spelling and ranking over a large catalogue are beyond what the database's own text search does well.",
            _at(
                "Amazon OpenSearch Service",
                "OpenSearch on GKE by its operator",
                "OpenSearch on AKS by its operator",
                "OpenSearch by its operator",
            ),
        ),
        "warehouse": Kind(
            "clickhouse",
            "Shaped records by column, for questions over many of them.",
            "Questions over columns of many records need column storage; it also keeps them away from the database.",
            _at(
                "ClickHouse on EKS by its operator",
                "ClickHouse on GKE by its operator",
                "ClickHouse on AKS by its operator",
                "ClickHouse by its operator",
            ),
        ),
    }
)

ONE_FILE = Kind(
    "sqlite",
    "What has to be right: transactions, and rules that the database itself keeps, in a file of one component.",
    "One instance bears the load with room to double, and one component alone writes: a server would be one more thing to "
    "run, to pay and to be wrong. The statements and constraints are SQL in both.",
    _at(
        "SQLite on an Amazon EBS volume",
        "SQLite on a Persistent Disk",
        "SQLite on an Azure managed disk",
        "SQLite on a persistent volume of the cluster",
    ),
    _at(
        _SNAPSHOT.format(disk="the EBS volume", by="Amazon Data Lifecycle Manager"),
        _SNAPSHOT.format(disk="the Persistent Disk", by="a snapshot schedule"),
        _SNAPSHOT.format(disk="the managed disk", by="Azure Backup"),
        "Every six hours a copy by SQLite's own VACUUM INTO, taken to another machine and kept for 30 days. It is brought "
        "back by stopping the component and putting it in the file's place; that is practised every three months.",
    ),
)
"""What `database` is where a file does."""

CLUSTERS: Mapping[Cloud, str] = _at(
    "Amazon EKS", "Google Kubernetes Engine", "Azure Kubernetes Service", "Kubernetes of your own"
)
EDGES: Mapping[Cloud, str] = _at(
    "Amazon CloudFront", "Cloud CDN", "Azure Front Door", "a caching reverse proxy of your own"
)
SECRETS: Mapping[Cloud, str] = _at(
    "AWS Secrets Manager", "Google Secret Manager", "Azure Key Vault", "Kubernetes secrets, encrypted at rest"
)


def names_at(cloud: Cloud) -> Mapping[str, str]:
    """What the words of a rule's choice stand for at *cloud*."""
    return {"cluster": CLUSTERS[cloud], "edge": EDGES[cloud], "secrets": SECRETS[cloud]}
