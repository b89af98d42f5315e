"""What a draft that changes a manifest is judged in: an environment made anew from what the manifest now says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from engine.case import Case
from engine.dependencies.ensuring import Environments, Tell, environment_for, suite_in, surround
from engine.dependencies.missing import NAME, Known, missing
from engine.dependencies.new_names import place_of, refused
from engine.dependencies.places import is_manifest
from engine.dependencies.reading import Dependencies, read_wanted
from engine.domain import Declared, Finding, Report, Task
from engine.surroundings import Surrounded
from sandboxes.environments.wanted import Unresolved
from sandboxes.errors import SandboxUnavailable


class ByManifests:
    """Asks *environments*, which are made when the first draft needs them, and tells *notify* how that goes."""

    def __init__(self, environments: Callable[[], Environments], notify: Callable[[str], None]) -> None:
        self._environments = environments
        self._notify = notify

    async def of(self, files: Mapping[str, str], case: Case) -> Surrounded:
        """The environment for *files*; see `engine.surroundings.Surroundings`."""
        usual = Surrounded(environment=case.task.limits.environment, suite=case.task.suite)
        declared = case.task.dependencies
        if declared is None or not any(_changed(case.before, files, declared)):
            return usual
        before, now = _read(case.before, case, declared), _read(files, case, declared)
        findings = [*_spoiled(before, now), *refused(before, now, declared, files)]
        if findings:
            return usual.model_copy(update={"report": _report(findings)})
        if now.wanted == before.wanted:
            return usual
        try:
            made = await environment_for(now.wanted, self._environments(), self._notify)
        except Unresolved as error:
            return usual.model_copy(update={"report": _report([finding_of(error, now, files)])})
        summary = f"resolved anew: {len(made.packages)} packages"
        return Surrounded(
            environment=made.reference,
            suite=suite_in(made, case.task.suite, now, case.tests),
            report=Report(check=NAME, status="passed", summary=summary, seconds=made.seconds),
        )

    def missing(self, reports: tuple[Report, ...], files: Mapping[str, str], case: Case) -> Report | None:
        """What of *reports* comes of a package that is not there; see `engine.surroundings.Surroundings`."""
        declared = case.task.dependencies
        findings = [finding for report in reports if report.check == "tests" for finding in report.findings]
        if declared is None or not any("No module named" in f.message or "fixture '" in f.evidence for f in findings):
            return None
        now = _read(files, case, declared)
        known = Known((*files, *case.tests), stated=now.stated, taken=now.taken, manifests=now.manifests)
        found = missing(findings, known)
        return _report(list(found)) if found else None


def finding_of(error: Unresolved, now: Dependencies, files: Mapping[str, str]) -> Finding:
    """Why there is no such environment, at the line that asks for what cannot be had."""
    name = _name(error.requirement)
    path, line = place_of(name, now, files) if name else (None, None)
    return Finding(
        check=NAME,
        rule=error.cause,
        path=path or next(iter(now.manifests), None),
        line=line,
        message=error.message[:900],
        evidence=error.evidence[-16_384:],
    )


def _read(files: Mapping[str, str], case: Case, declared: Declared) -> Dependencies:
    tests = {path: text for path, text in case.tests.items() if path not in files}
    return read_wanted(files, tests=tests, allowed=declared.allowed, allow_new=declared.allow_new)


async def moved(task: Task, files: Mapping[str, str], environments: Environments, on_progress: Tell) -> Task:
    """*task* with *files* that were verified for it, in the environment that these ask for.

    Raises:
        SandboxError: The machinery failed; or the environment cannot be had any more, in which these files were judged.
    """
    then = task.model_copy(update={"files": files})
    declared = task.dependencies
    if declared is None or not any(_changed(task.files, files, declared)):
        return then
    before = read_wanted(task.files, tests=task.tests, allowed=declared.allowed, allow_new=declared.allow_new)
    now = read_wanted(files, tests=task.tests, allowed=declared.allowed, allow_new=declared.allow_new)
    if now.wanted == before.wanted:
        return then
    try:
        found = await surround(then, now, environments, on_progress)
    except Unresolved as error:
        raise SandboxUnavailable("environments", f"what was resolved before cannot be now: {error.message}") from error
    known = tuple(sorted({*declared.known, *now.known}))
    kept = now.declared.model_copy(update={"known": known}) if now.declared else declared
    return found.model_copy(update={"dependencies": kept})


def _changed(before: Mapping[str, str], files: Mapping[str, str], declared: Declared) -> Iterator[str]:
    """Files of the draft that say what is needed and are not what they were."""
    for path in {*before, *files}:
        if before.get(path) != files.get(path) and (
            path in declared.manifests or is_manifest(path, files.get(path, ""))
        ):
            yield path


def _spoiled(before: Dependencies, now: Dependencies) -> list[Finding]:
    """Manifests that could be read, and now cannot be."""
    return [
        Finding(check=NAME, rule="invalid", path=path, message=f"{path} can no longer be read: {why}"[:900])
        for path, why in now.unreadable.items()
        if path not in before.unreadable
    ]


def _report(findings: list[Finding]) -> Report:
    return Report(check=NAME, status="failed", summary=findings[0].message[:300], findings=tuple(findings[:50]))


def _name(requirement: str) -> str:
    from packaging.requirements import InvalidRequirement, Requirement  # noqa: PLC0415 (only where something is wrong)
    from packaging.utils import canonicalize_name  # noqa: PLC0415 (as above)

    # what cannot be built is told by the name of its archive, which looks like a name
    archive = re.fullmatch(r"(.+?)-\d[^ /]*\.(?:zip|tgz|tar\.[a-z0-9]+)", requirement)
    try:
        return canonicalize_name(archive[1] if archive else Requirement(requirement).name)
    except InvalidRequirement:
        return ""
