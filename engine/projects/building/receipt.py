"""What is said of a project that was built: each requirement with what shows it, each part, and what was not run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from engine.domain import Budget, sha256
from engine.projects.building.outcome import Delivered, Evidence, Project
from engine.version import version


def receipt_json(project: Project) -> str:
    """Everything but the texts, of which there are the hashes: for a program to read."""
    said: dict[str, JsonValue] = project.model_dump(
        mode="json", exclude={"files", "pictures", "plan", "scenarios", "usage", "seconds"}
    )
    said["mendbox"] = version()
    said["files"] = {path: sha256(text) for path, text in sorted(project.files.items())}
    said["pictures"] = {path: sha256(picture) for path, picture in sorted(project.pictures.items())}
    return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def receipt_page(project: Project) -> str:
    """The same as a page of Markdown."""
    parts = [
        "# Receipt",
        f"**{project.outcome}**: {plain(project.summary)}",
        "## Requirements",
        *(_requirement(each) for each in project.evidence),
        "## Parts",
        *(_part(each) for each in project.parts),
        *_listed("What was not run", project.not_run),
        *_listed("What is not shown", _not_shown(project)),
        *([f"All who built it might spend together: {limits(project.budget)}."] if project.budget else []),
        f"Built and judged by Mendbox {version()}; `receipt.json` has the hashes of all files.",
    ]
    return "\n\n".join(parts) + "\n"


def _requirement(evidence: Evidence) -> str:
    lines = [f"**{evidence.requirement}** {plain(evidence.text)}"]
    lines += [
        f"- scenario: {plain(name)} (red on an empty stand-in and with a wrong expectation, green on the project)"
        for name in evidence.scenarios
    ]
    lines += [
        f"- **fixed text**: {plain(name)} (it was seen, and is there whatever is done and whatever data there is)"
        for name in evidence.fixed
    ]
    lines += [f"- test: `{_code(node_id)}`" for node_id in evidence.tests]
    if evidence.missing:
        lines.append(f"- **not shown**: {plain(evidence.missing)}")
    return "\n".join(lines)


def _part(part: Delivered) -> str:
    lines = [f"**{part.component}** ({part.role}): {part.outcome}. {plain(part.summary)}"]
    lines += [f"- {proof.name}: {plain(proof.detail)}" for proof in part.proofs if proof.held]
    lines += [f"- **not shown**, {proof.name}: {plain(proof.detail)}" for proof in part.proofs if not proof.held]
    lines += [
        f"- **still wrong**: {plain(f'{finding.path or part.component}: {finding.message}')}"
        for finding in part.findings
    ]
    return "\n".join(lines)


def _not_shown(project: Project) -> Mapping[str, None]:
    return dict.fromkeys(f"{part.component}: {line}" for part in project.parts for line in part.not_shown)


def _listed(title: str, lines: tuple[str, ...] | Mapping[str, None]) -> Iterator[str]:
    if lines:
        yield f"## {title}"
        yield "\n".join(f"- {plain(line)}" for line in lines)


def limits(budget: Budget) -> str:
    """What all who build may spend together, in words."""
    tokens = "any number of tokens" if budget.tokens is None else f"{budget.tokens:,} tokens"
    money = "any price" if budget.usd is None else f"${budget.usd:,g}"
    return f"{budget.attempts:,} questions, {tokens}, {money}, {budget.seconds:,g} seconds"


def plain(text: str) -> str:
    """*text* on one line, with nothing in it that Markdown or HTML would act upon."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    for sign in "\\`*_[]<>|#":
        line = line.replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return line


def _code(text: str) -> str:
    return "".join(each for each in text if each.isprintable() and each != "`")
