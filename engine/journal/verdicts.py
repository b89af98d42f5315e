"""Verdicts by the content that they depend on, so that what was judged in one run need not be judged in the next.

What is protected: a row that is damaged, edited or moved by accident is found by its hash, its shape and the files
that it says it judged, and is not served. What is not: whoever may write the journal can make a row that fits, as
they could change this program.
"""

from __future__ import annotations

import json
import time
from collections import Counter

from pydantic import ValidationError
from sqlalchemy import Connection, delete, select

from engine.domain import Verdict, sha256
from engine.errors import Unreadable
from engine.journal.database import Database, insert_unless_there
from engine.journal.ledger import must_exist, restore, store
from engine.journal.packing import pack
from engine.journal.schema import runs, verdicts
from engine.logs import get_log

log = get_log(__name__)

CONCLUDED = ("verified", "unverified", "no_fix")
"""Outcomes of runs whose verdicts count; where the machinery failed or somebody stopped it, they do not."""
_DOUBT = ""
"""The gist of a verdict that must never be served."""


class Verdicts:
    """The verdicts of all runs that are kept; they go with their runs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, key: str, run_id: str, verdict: Verdict) -> None:
        """Serve *verdict* to others that ask for *key*, once its run has come to a conclusion."""
        body, kept = pack(verdict.model_dump(mode="json"))
        with self._database.writing() as connection:
            must_exist(connection, run_id)
            store(connection, run_id, kept)
            _add(connection, key, run_id, gist(verdict), body)

    def doubt(self, key: str, run_id: str) -> None:
        """Serve no verdict to *key*, whoever took it, for as long as this run is kept."""
        with self._database.writing() as connection:
            must_exist(connection, run_id)
            connection.execute(delete(verdicts).where(verdicts.c.key == key, verdicts.c.run_id == run_id))
            _add(connection, key, run_id, _DOUBT, None)

    def find(self, key: str) -> Verdict | None:
        """The latest verdict under *key*; none where any two of them, or one and a doubt, contradict each other."""
        latest = (
            select(verdicts.c.run_id, verdicts.c.body, verdicts.c.sha256)
            .join(runs)
            .where(verdicts.c.key == key, runs.c.status == "ended", runs.c.outcome.in_(CONCLUDED))
            .order_by(verdicts.c.at.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            gists = connection.execute(select(verdicts.c.gist).where(verdicts.c.key == key).distinct().limit(2)).all()
            row = connection.execute(latest).one_or_none()
            if row is None or row.body is None or len(gists) != 1:
                return None
            intact = row.sha256 == _seal(key, row.run_id, row.body)
            verdict = _read(connection, row.run_id, row.body) if intact else None
        if verdict is None:
            # To be judged anew is all that has to become of it.
            log.warning("verdict_unreadable", run=row.run_id)
        return verdict


def gist(verdict: Verdict) -> str:
    """Hash of what *verdict* comes down to, without times, words and names that differ between any two sessions."""
    reports = [(report.check, report.status) for report in verdict.reports]
    ends = sorted(Counter(test.ended for test in verdict.tests).items())
    shown = [(proof.name, proof.held) for proof in verdict.proofs]
    return sha256(json.dumps([reports, ends, shown, verdict.tier]))


def _read(connection: Connection, run_id: str, body: str) -> Verdict | None:
    try:
        verdict = Verdict.model_validate(restore(connection, body, f"the verdict of run {run_id}"))
    except (Unreadable, ValidationError):
        return None
    return verdict.model_copy(update={"from_run": run_id})


def _add(connection: Connection, key: str, run_id: str, said: str, body: str | None) -> None:
    connection.execute(
        insert_unless_there(connection, verdicts).values(
            key=key, run_id=run_id, at=time.time(), gist=said, body=body, sha256=_seal(key, run_id, body or "")
        )
    )


def _seal(key: str, run_id: str, body: str) -> str:
    return sha256(f"{key}\0{run_id}\0{body}")
