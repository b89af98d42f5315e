"""SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), with what GitHub's code scanning asks of it besides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from engine.ci.remarks import Level, Remark
from engine.ci.replacements import replacements
from engine.ci.shown import line
from engine.repository.result import Healed, RepositoryResult

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RESULTS = 5_000
"""GitHub shows so many of one run, and takes 25 000."""
ROOT = "%SRCROOT%"


class _Part(BaseModel):
    """A part of the document, its fields named as SARIF names them."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class _Message(_Part):
    text: str


class _Artifact(_Part):
    uri: str
    uri_base_id: str = ROOT


class _Region(_Part):
    start_line: int
    start_column: int | None = None
    end_line: int | None = None
    end_column: int | None = None


class _Physical(_Part):
    artifact_location: _Artifact
    region: _Region


class _Logical(_Part):
    fully_qualified_name: str
    kind: str = "function"


class _Location(_Part):
    physical_location: _Physical
    logical_locations: tuple[_Logical, ...] | None = None


class _Content(_Part):
    text: str


class _Replacement(_Part):
    deleted_region: _Region
    inserted_content: _Content


class _Change(_Part):
    artifact_location: _Artifact
    replacements: tuple[_Replacement, ...]


class _Fix(_Part):
    description: _Message
    artifact_changes: tuple[_Change, ...] = Field(min_length=1)


class _Result(_Part):
    rule_id: str
    rule_index: int
    level: Level
    message: _Message
    locations: tuple[_Location, ...]
    partial_fingerprints: dict[str, str]
    rank: float | None = None
    fixes: tuple[_Fix, ...] | None = None


class _Rule(_Part):
    id: str
    short_description: _Message


class _Driver(_Part):
    name: str = "Mendbox"
    version: str
    rules: tuple[_Rule, ...]


class _Tool(_Part):
    driver: _Driver


class _Notification(_Part):
    level: Level
    message: _Message


class _Invocation(_Part):
    execution_successful: bool
    tool_execution_notifications: tuple[_Notification, ...] = ()


class _Id(_Part):
    id: str


class _Base(_Part):
    description: _Message


class _Run(_Part):
    tool: _Tool
    automation_details: _Id
    invocations: tuple[_Invocation, ...]
    original_uri_base_ids: dict[str, _Base]
    column_kind: Literal["unicodeCodePoints"] = "unicodeCodePoints"
    results: tuple[_Result, ...]


class _Log(_Part):
    schema_: str = Field(default=SCHEMA, alias="$schema")
    version: Literal["2.1.0"] = "2.1.0"
    runs: tuple[_Run, ...]


def sarif(result: RepositoryResult, remarks: tuple[Remark, ...], *, version: str, prefix: str = "") -> str:
    """*remarks* as results, with the replacements of a verified fix; those about no file are notifications.

    *version* is that of Mendbox. A fix is left out where another one before it has changed the same file: its lines are
    not those of the repository then; the patch has it.
    """
    placed = [remark for remark in remarks if remark.path][:MOST_RESULTS]
    rules = list(dict.fromkeys(remark.rule for remark in placed))
    fixes = {healed.run.id: fix for healed, fix in _fixes(result, prefix)}
    results = tuple(_result(remark, rules.index(remark.rule), fixes) for remark in placed)
    unplaced = tuple(
        _Notification(level=remark.level, message=_Message(text=_text(remark))) for remark in remarks if not remark.path
    )
    log = _Log(
        runs=(
            _Run(
                tool=_Tool(
                    driver=_Driver(
                        version=version,
                        rules=tuple(_Rule(id=rule, short_description=_Message(text=_about(rule))) for rule in rules),
                    )
                ),
                automation_details=_Id(id=f"mendbox/{prefix}"),
                invocations=(
                    _Invocation(
                        execution_successful=result.outcome not in {"environment", "cancelled"},
                        tool_execution_notifications=unplaced,
                    ),
                ),
                original_uri_base_ids={ROOT: _Base(description=_Message(text="The root of the repository."))},
                results=results,
            ),
        )
    )
    return log.model_dump_json(by_alias=True, exclude_none=True, indent=1) + "\n"


def _result(remark: Remark, rule_index: int, fixes: dict[str, _Fix]) -> _Result:
    fix = fixes.get(remark.healed.run.id) if remark.healed else None
    return _Result(
        rule_id=remark.rule,
        rule_index=rule_index,
        level=remark.level,
        message=_Message(text=_text(remark)),
        locations=(
            _Location(
                physical_location=_Physical(
                    artifact_location=_artifact(remark.path or ""), region=_Region(start_line=remark.line or 1)
                ),
                logical_locations=(_Logical(fully_qualified_name=remark.title),) if remark.test else None,
            ),
        ),
        partial_fingerprints={"mendbox/v1": remark.fingerprint},
        rank=remark.rank,
        fixes=(fix,) if fix else None,
    )


def _text(remark: Remark) -> str:
    text = f"{remark.title}: {remark.message}" if remark.test else remark.message
    if remark.healed and remark.healed.verified:
        return f"{text} (a verified fix was found)"
    return text


def _about(rule: str) -> str:
    check, _, kind = rule.partition("/")
    if check == "suspect":
        return "A line that may be at fault, by the tests that run it."
    return f"{check}: {kind}" if kind else check


def _fixes(result: RepositoryResult, prefix: str) -> Iterator[tuple[Healed, _Fix]]:
    touched: set[str] = set()
    for healed in result.healed:
        if not healed.verified:
            continue
        before, after = healed.run.task.files, healed.run.files
        changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
        free = not touched & set(changed)
        touched |= set(changed)
        changes = tuple(_change(path, before.get(path, ""), after.get(path, ""), prefix) for path in changed)
        # an empty file that is new, or gone, is nothing that could be replaced
        changes = tuple(change for change in changes if change.replacements)
        if not free or not changes:
            continue
        name = line(healed.cause.name, limit=200)
        description = f"Verified by Mendbox in run {healed.run.id}, for: {name}"
        yield healed, _Fix(description=_Message(text=description), artifact_changes=changes)


def _change(path: str, before: str, after: str, prefix: str) -> _Change:
    return _Change(
        artifact_location=_artifact(f"{prefix}{path}"),
        replacements=tuple(
            _Replacement(
                deleted_region=_Region(
                    start_line=one.start_line,
                    start_column=one.start_column,
                    end_line=one.end_line,
                    end_column=one.end_column,
                ),
                inserted_content=_Content(text=one.text),
            )
            for one in replacements(before, after)
        ),
    )


def _artifact(path: str) -> _Artifact:
    return _Artifact(uri=quote(path, safe="/"))
