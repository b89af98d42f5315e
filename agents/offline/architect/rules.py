"""The rule base: each rule is a choice that is made where something holds, with its reason."""

from __future__ import annotations

from agents.offline.architect import one_file
from agents.offline.architect.case import Case, Consequence, Rule
from agents.offline.architect.clouds import SECRETS
from agents.plans.plan import CostDriver, Safeguard

CACHED_FROM = 50
"""Reads a second at the peak; below, the database answers them without being noticed."""
REPLICATED_FROM = 2_000
"""Reads a second."""
PARTITIONED_FROM = 500
"""GiB after a year."""
POOLED_FROM = 200
"""Connections."""
SEARCHED_FROM = 100
"""Requests a second of a shop."""


def _cache(_: Case) -> Consequence:
    return Consequence(
        stores={"cache": ("api",)},
        costs=(
            CostDriver(
                what="Memory of the cache.",
                figure="peak_reads_per_second",
                lever="Shorter lives of entries, and no entry for what is read once.",
            ),
        ),
        security=(
            Safeguard(
                threat="An answer for one person is given to another out of the cache.",
                measure="Keys begin with the tenant and the account; nothing that depends on rights is kept without them.",
                part="cache",
            ),
        ),
    )


def _search(_: Case) -> Consequence:
    return Consequence(
        stores={"search": ("api", "fulfiller")},
        costs=(
            CostDriver(
                what="Nodes of the search index.",
                figure="peak_requests_per_second",
                lever="Index only what is looked for, and cache the first pages of frequent searches.",
            ),
        ),
    )


def _secrets(case: Case) -> Consequence:
    measure = f"Kept in {SECRETS[case.commission.cloud]}, handed to a container when it starts, changed every 90 days."
    return Consequence(
        security=tuple(
            Safeguard(
                threat="A password or key stands in an image, a repository or a log.", measure=measure, part=part.name
            )
            for part in case.profile.parts
            if part.stores
        )
    )


def _delivered(_: Case) -> Consequence:
    return Consequence(
        costs=(
            CostDriver(
                what="Data that leaves the cloud.",
                figure="egress_gib_per_month",
                lever="Compression, long cache lives for files with a hash in their name, pictures in the size that is shown.",
            ),
        ),
        security=(
            Safeguard(
                threat="Script of somebody else runs in a page.",
                measure="A content security policy without inline script; text is escaped where it is shown.",
                part="web",
            ),
        ),
    )


def _always(_: Case) -> bool:
    return True


RULES: tuple[Rule, ...] = (
    Rule(
        "one-api",
        "One API component for all of the back end's rules, split by modules inside and not by the network.",
        "Parts that are changed together are not made faster by calls between them; each part that scales or fails by "
        "itself is a component, and no other.",
        _always,
    ),
    Rule(
        "cluster",
        "Containers on {cluster}.",
        "The same images and the same manifests run on a laptop, in a pipeline and at any provider.",
        _always,
    ),
    Rule(
        "stateless",
        "Components keep nothing between requests; all that stays is in a store.",
        "Any replica can answer any request, so that one may be added, replaced or lost at any time.",
        lambda case: not case.one_file,
    ),
    Rule(
        "one-file",
        "SQLite, a file on the disk of the one instance of the API; what others have to know of it they ask the API for. It "
        "moves to PostgreSQL once a second instance or a second writer is needed, or what is measured comes to "
        "requests_per_second_of_one_instance, writes_per_second_of_one_file or gib_of_one_file.",
        "One instance bears twice the load, one component alone writes, and a copy is brought back within minutes. The price "
        "is that nothing answers while that instance is replaced.",
        lambda case: case.one_file,
        one_file.consequence,
    ),
    Rule(
        "server-for-writers",
        "A database server and no SQLite file, at any load.",
        "More than one component writes to the database, and a file is on the disk of one.",
        lambda case: len(one_file.writers(case)) > 1,
    ),
    Rule(
        "server-for-load",
        "A database server and no SQLite file, at this load.",
        "One instance with one file would not bear twice of what is asked for: of requests, of writes, or of GiB to bring "
        "back from a copy.",
        lambda case: len(one_file.writers(case)) == 1 and not case.one_file,
    ),
    Rule(
        "secrets",
        "Secrets come from {secrets}.",
        "Whoever can read an image or the repository must not be able to read the data.",
        _always,
        _secrets,
    ),
    Rule(
        "delivery",
        "Pages are built once and delivered by {edge}.",
        "Files that are the same for everybody need no computing, and are fastest from nearby.",
        lambda case: case.has("page"),
        _delivered,
    ),
    Rule(
        "off-the-request",
        "What calls others is done by workers from a queue, at least once, and each task can be done twice.",
        "A slow or failing service of somebody else must not hold a person's request; a task that is delivered twice must "
        "not act twice.",
        lambda case: case.has("worker"),
    ),
    Rule(
        "cache",
        f"A cache before the database, from {CACHED_FROM} reads/s.",
        "Most reads ask for the same few things; answering them from memory leaves the database to the writes.",
        lambda case: "cache" not in case.stores and case.load["peak_reads_per_second"] >= CACHED_FROM,
        _cache,
    ),
    Rule(
        "no-cache",
        f"No cache: it would be one more thing to be wrong. It comes at {CACHED_FROM} reads/s.",
        "At this load the database answers every read from its own memory.",
        lambda case: "cache" not in case.stores and case.load["peak_reads_per_second"] < CACHED_FROM,
    ),
    Rule(
        "fan-out",
        "Messages pass between the replicas over the cache's channels; the database has them first.",
        "People in one room are connected to different replicas; what a channel loses is read again from the database by its number.",
        lambda case: "cache" in case.stores,
    ),
    Rule(
        "read-replicas",
        f"Read replicas of the database, from {REPLICATED_FROM:,} reads/s.",
        "Reads that may be a second old need not wait in line with the writes.",
        lambda case: case.load["peak_reads_per_second"] >= REPLICATED_FROM,
    ),
    Rule(
        "partitions",
        f"The largest tables are partitioned by time, from {PARTITIONED_FROM} GiB a year.",
        "Old partitions can be moved or dropped at once, and indexes of the current one fit into memory.",
        lambda case: case.load["data_gib_after_a_year"] >= PARTITIONED_FROM,
    ),
    Rule(
        "pooler",
        f"A connection pooler (PgBouncer) before the database, from {POOLED_FROM} connections.",
        "Each connection is a process of PostgreSQL; a few busy ones do more than many idle ones.",
        lambda case: case.load.known.get("database_connections", 0.0) >= POOLED_FROM,
    ),
    Rule(
        "search",
        f"A search index of its own, from {SEARCHED_FROM} requests/s.",
        "Searching is most of what visitors of a shop do, and must not slow down the orders.",
        lambda case: _is_shop(case) and case.load["peak_requests_per_second"] >= SEARCHED_FROM,
        _search,
    ),
    Rule(
        "search-in-database",
        f"Search by the database's own full text. An index of its own comes at {SEARCHED_FROM} requests/s.",
        "A small catalogue is searched well enough where it is, and is never out of date there.",
        lambda case: _is_shop(case) and case.load["peak_requests_per_second"] < SEARCHED_FROM,
    ),
)


def _is_shop(case: Case) -> bool:
    return case.commission.project_type == "e-commerce"
