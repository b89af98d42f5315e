"""From how much is asked for to how much of everything: each number with the arithmetic that makes it."""

from __future__ import annotations

from collections.abc import Mapping

from agents.offline.architect.profiles import Profile
from agents.plans.arithmetic import work_out
from agents.plans.commission import Scale
from agents.plans.plan import Figure

ASSUMED = "Assumed for this type of project; put in your own number as soon as you have measured it."


class Load:
    """The figures until now, in their order."""

    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self._known: dict[str, float] = {}

    def given(self, name: str, value: float, unit: str, reason: str = ASSUMED) -> None:
        """A number that stands by itself."""
        self._add(Figure(name=name, value=value, unit=unit, reason=reason))

    def follows(self, name: str, formula: str, unit: str, reason: str) -> None:
        """A number that follows from those before it."""
        value = round(work_out(formula, self._known), 4)
        self._add(Figure(name=name, formula=formula, value=value, unit=unit, reason=reason))

    def __getitem__(self, name: str) -> float:
        return self._known[name]

    @property
    def known(self) -> Mapping[str, float]:
        return self._known

    def _add(self, figure: Figure) -> None:
        self.figures.append(figure)
        self._known[figure.name] = figure.value


def load_of(scale: Scale, profile: Profile, *, one_file: bool = False) -> Load:
    """All figures of a project like *profile* that has to bear *scale*; where its database is *one_file*, of one instance,
    with those that tell how long that will do.
    """
    load, use = Load(), profile.use
    load.given("requests_per_user_per_day", use.requests, "requests")
    load.given("peak_factor", use.peak_factor, "times the average")
    if scale.measure == "users":
        load.given("users_per_day", scale.amount, "users", f"As asked for: {scale.name}.")
        load.follows(
            "peak_requests_per_second",
            "users_per_day * requests_per_user_per_day / 86400 * peak_factor",
            "requests/s",
            "A day has 86,400 seconds; the busiest minutes are above its average.",
        )
    else:
        load.given("peak_requests_per_second", scale.amount, "requests/s", f"As asked for: {scale.name}.")
        load.follows(
            "users_per_day",
            "peak_requests_per_second / peak_factor * 86400 / requests_per_user_per_day",
            "users",
            "The same backwards: so many people make that peak.",
        )
    load.given("write_share", use.write_share, "of the requests")
    load.follows(
        "peak_writes_per_second",
        "peak_requests_per_second * write_share",
        "writes/s",
        "What the database has to commit.",
    )
    load.follows(
        "peak_reads_per_second",
        "peak_requests_per_second - peak_writes_per_second",
        "reads/s",
        "What a cache can take off it.",
    )
    load.given(
        "requests_per_second_per_replica",
        100,
        "requests/s",
        "Assumed for one core, with a database behind it; run a load test first.",
    )
    load.given("wanted_utilisation", 0.6, "of the capacity", "Room for a burst while further replicas start.")
    _replicas(load, one_file=one_file)
    _workers(load, profile)
    load.given("kib_kept_per_user_per_day", use.kib_kept, "KiB")
    load.follows(
        "data_gib_after_a_year",
        "users_per_day * kib_kept_per_user_per_day * 365 / 1048576",
        "GiB",
        "A GiB has 1,048,576 KiB; indexes and copies come on top.",
    )
    _sizes(load, frozenset(store for part in profile.parts for store in (*part.stores, *part.reads)))
    if one_file:
        _one_file(load)
    load.given("kib_per_answer", use.kib_answer, "KiB")
    load.follows(
        "egress_gib_per_month",
        "peak_requests_per_second / peak_factor * 86400 * 30 * kib_per_answer / 1048576",
        "GiB",
        "What leaves the cloud in 30 days, at the average load.",
    )
    return load


def _replicas(load: Load, *, one_file: bool) -> None:
    """Of the API, and their connections to the database."""
    if one_file:
        load.follows(
            "replicas_at_peak",
            "max(1, ceil(peak_requests_per_second / (requests_per_second_per_replica * wanted_utilisation)))",
            "replicas",
            "One, without a spare: the data is a file on one disk.",
        )
        load.given("replicas_at_rest", 1, "replicas", "The same one.")
        return
    load.follows(
        "replicas_at_peak",
        "ceil(peak_requests_per_second / (requests_per_second_per_replica * wanted_utilisation)) + 1",
        "replicas",
        "One more than needed, so that one may fail or be replaced at the peak.",
    )
    load.follows(
        "replicas_at_rest",
        "max(2, ceil(replicas_at_peak / peak_factor))",
        "replicas",
        "Two at least, on different nodes, so that a node may go away.",
    )
    load.given("connections_per_replica", 10, "connections", "The usual size of a pool: ten for one core.")
    load.follows(
        "database_connections",
        "replicas_at_peak * connections_per_replica",
        "connections",
        "What the database must accept at the peak.",
    )


def _one_file(load: Load) -> None:
    """How much of what one instance with one file bears is asked for, once it has grown."""
    load.given("growth_to_bear", 2, "times", "A plan that has to be left as soon as it goes well is the wrong one.")
    load.follows(
        "requests_per_second_of_one_instance",
        "requests_per_second_per_replica * wanted_utilisation",
        "requests/s",
        "Beyond it a second instance is needed, which cannot have the file: then PostgreSQL.",
    )
    load.given("milliseconds_per_commit", 10, "ms", "Assumed for a commit that waits for a network's disk; measure it.")
    load.follows(
        "writes_per_second_of_one_file",
        "1000 / milliseconds_per_commit * wanted_utilisation",
        "writes/s",
        "SQLite lets one write at a time; beyond it they queue: then PostgreSQL.",
    )
    load.given(
        "minutes_to_restore_at_most", 5, "minutes", "Assumed: while a copy is put in place, nothing is answered."
    )
    load.given("mib_per_second_of_the_disk", 125, "MiB/s", "Assumed for a usual disk of a cloud; measure your own.")
    load.follows(
        "gib_of_one_file",
        "minutes_to_restore_at_most * 60 * mib_per_second_of_the_disk / 1024",
        "GiB",
        "Beyond it a restore takes too long: then PostgreSQL, which replays its log.",
    )
    load.follows(
        "share_of_one_instance",
        "growth_to_bear * max(peak_requests_per_second / requests_per_second_of_one_instance, "
        "peak_writes_per_second / writes_per_second_of_one_file, database_gib_after_a_year / gib_of_one_file)",
        "of what it bears",
        "The scarcest of the three, after the growth; above 1 it is PostgreSQL from the beginning.",
    )
    load.follows("disk_gib", "database_gib_after_a_year * 2", "GiB", "The file, and room for a copy beside it.")


def _workers(load: Load, profile: Profile) -> None:
    """Those beside the API: what takes from a queue, and what holds connections."""
    if any(part.kind == "worker" for part in profile.parts):
        load.given(
            "tasks_per_second_per_worker",
            20,
            "tasks/s",
            "Assumed for a worker that waits for others most of the time; measure it.",
        )
        load.follows(
            "workers_at_peak",
            "ceil(peak_writes_per_second / (tasks_per_second_per_worker * wanted_utilisation))",
            "workers",
            "As if every write left one task.",
        )
    if any(part.runtime == "node" for part in profile.parts):
        load.given("share_connected_at_once", 0.2, "of a day's users")
        load.given(
            "connections_per_holder", 10_000, "connections", "Assumed for one core and idle connections; measure it."
        )
        load.follows(
            "holders_at_peak",
            "ceil(users_per_day * share_connected_at_once / (connections_per_holder * wanted_utilisation)) + 1",
            "replicas",
            "One more than needed: when one fails, its people connect to the others at once.",
        )


def _sizes(load: Load, stores: frozenset[str]) -> None:
    """What of the data lies where."""
    load.given("share_in_files", 0.8 if "objects" in stores else 0, "of the data")
    load.follows(
        "database_gib_after_a_year",
        "data_gib_after_a_year * (1 - share_in_files)",
        "GiB",
        "What is no file is in rows.",
    )
    if "objects" in stores:
        load.follows(
            "objects_gib_after_a_year",
            "data_gib_after_a_year * share_in_files",
            "GiB",
            "Files, and records as they came.",
        )
    if "warehouse" in stores:
        load.given("compressed_to", 0.2, "of the size", "Assumed for columns of records; measure it with your own.")
        load.follows(
            "warehouse_gib_after_a_year", "objects_gib_after_a_year * compressed_to", "GiB", "The same records, shaped."
        )
