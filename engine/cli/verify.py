"""``mendbox verify``: judge the files of a receipt again, and say whether the same verdict comes out."""

from __future__ import annotations

import argparse
from pathlib import Path

from pydantic import JsonValue
from rich.text import Text

from engine.cli.exits import ENVIRONMENT, NOT_VERIFIED, OF_A_SIGNAL, VERIFIED
from engine.cli.healing import show
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain_line, screen
from engine.cli.verdict import outcome_words, verdict_lines
from engine.domain import Run, Value
from engine.receipts.again import judge_again, task_of
from engine.receipts.blobs import read_evidence
from engine.receipts.comparing import compare
from engine.receipts.errors import Unfitting
from engine.receipts.keys import key_id, read_public_key
from engine.receipts.reading import open_receipt
from engine.receipts.storing import blobs_of
from engine.settings import Settings
from engine.wiring import make_environments


class Verified(Value):
    """What came of it; `run` is None where the receipt did not even fit its own signature or texts."""

    same: bool
    signature: str
    """What is known of who vouches for the receipt, in a clause."""
    differences: tuple[str, ...]
    circumstances: tuple[str, ...] = ()
    run: Run | None = None
    exit_code: int


def command(arguments: argparse.Namespace) -> int:
    verified = _verify(arguments, read_settings())
    if arguments.json:
        print_document(_document(verified, arguments.receipt))
    else:
        _print(verified)
    return verified.exit_code


def _verify(arguments: argparse.Namespace, settings: Settings) -> Verified:
    path = Path(arguments.receipt)
    key = read_public_key(Path(arguments.key)) if arguments.key is not None else None
    signature = "not fitting"
    try:
        opened = open_receipt(path, key)
        if key is not None:
            signature = f"valid, by the key {key_id(key)}"
        else:
            signature = "there, but not checked: give --key" if opened.signed else "none: anybody may have written it"
        statement = opened.statement
        evidence = read_evidence(statement, Path(arguments.blobs) if arguments.blobs else blobs_of(path))
    except Unfitting as error:
        return Verified(same=False, signature=signature, differences=error.differences, exit_code=NOT_VERIFIED)
    task_of(statement, evidence, settings.limits)  # refused before anything is opened
    seconds = arguments.seconds or settings.budget.seconds
    try:
        ended = show(
            lambda mendbox, watch: judge_again(
                mendbox,
                statement,
                evidence,
                seconds=seconds,
                environments=lambda: make_environments(settings),
                watch=watch,
            ),
            settings=settings,
            title=f"verify {arguments.receipt}",
            before="with empty modules in its place" if statement.predicate.mendbox.stand_in else "before",
            box_at_once=not statement.predicate.mendbox.limits.environment,
        )
    except Unfitting as error:
        return Verified(same=False, signature=signature, differences=error.differences, exit_code=NOT_VERIFIED)
    run = ended.run
    if run.outcome in {"environment", "cancelled"}:
        code = ENVIRONMENT if ended.signal is None else OF_A_SIGNAL + ended.signal
        nothing = f"nothing was learnt about the receipt: {run.summary}"
        return Verified(same=False, signature=signature, differences=(nothing,), run=run, exit_code=code)
    compared = compare(statement, run)
    return Verified(
        same=compared.same,
        signature=signature,
        differences=compared.differences,
        circumstances=compared.circumstances,
        run=run,
        exit_code=VERIFIED if compared.same else NOT_VERIFIED,
    )


def _print(verified: Verified) -> None:
    console = screen()
    run = verified.run
    told = run is not None and run.outcome not in {"environment", "cancelled"}
    if verified.same:
        title = Text("the same verdict came out", style="bold green")
    elif told:
        title = Text("another verdict came out", style="bold red")
    else:
        title = Text("not judged again" if run is None else "no verdict was taken", style="bold red")
    console.print(title.append(f": {outcome_words(run)}" if run and told else ""), soft_wrap=True)
    for difference in verified.differences:
        console.print(Text("✗ ", style="red").append(plain_line(difference, limit=600)), soft_wrap=True)
    for circumstance in verified.circumstances:
        console.print(Text(f"· {plain_line(circumstance, limit=600)}", style="dim"), soft_wrap=True)
    console.print(Text(f"signature: {verified.signature}", style="dim"), soft_wrap=True)
    if run and told:
        console.print(Text("\n").join(verdict_lines(run.model_copy(update={"next_step": ""}))), soft_wrap=True)


def _document(verified: Verified, receipt: str) -> dict[str, JsonValue]:
    run = verified.run
    return {
        "same": verified.same,
        "receipt": receipt,
        "signature": verified.signature,
        "differences": list(verified.differences),
        "circumstances": list(verified.circumstances),
        "outcome": run.outcome if run else None,
        "reason": run.reason if run else None,
        "run": run.id if run else None,
    }
