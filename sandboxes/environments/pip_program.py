"""Run the host's own pip for the Python of the boxes, and say in JSON what came of it.

    python -P pip_program.py JOB

JOB is a JSON file: ``arguments`` for pip, ``markers`` that hold in a box, ``sources``: a folder for source distributions,
``answer``: the file to write. pip's own options for another Python choose wheels for it, but leave requirements'
markers to be judged by the interpreter that runs pip; and no option of pip's keeps it from running the build of a source
distribution that it has to look into. Here its archive is laid into ``sources`` instead, and nothing of it is run.

What pip says is passed on as it is; what it means is taken from pip's own exceptions, and never from its words.
"""

import errno
import importlib
import json
import os
import shutil
import sys
from typing import Any

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_GONE = (404, 410)
_SHOWN = 20
_NETWORK = {
    "ConnectionFailedError",
    "ConnectionTimeoutError",
    "IncompleteDownloadError",
    "ProxyConnectionError",
    "SSLVerificationError",
}
"""What newer releases of pip say where older ones let their library's exceptions through."""


class SourceMet(Exception):
    """A source distribution is needed, and there is no wheel of it yet."""

    def __init__(self, archive: str, requirement: str, url: str, *, forced: bool) -> None:
        super().__init__(archive)
        self.archive = archive
        self.url = url
        self.requirement = requirement
        self.forced = forced


class Observed:
    """What pip's own parts were heard to say."""

    def __init__(self, sources: str) -> None:
        self.sources = sources
        self.unreachable: list[str] = []
        self.finder: Any = None
        self.formats: Any = None
        self.other_python: dict[tuple[str, str], None] = {}

    def index_failed(self, link: Any, reason: Any, meth: Any = None) -> None:
        if getattr(getattr(reason, "response", None), "status_code", None) not in _GONE:
            self.unreachable.append(f"{link}: {reason}")
        self._tell(link, reason, meth)

    def evaluated(self, evaluator: Any, link: Any) -> Any:
        result, detail = found = self._evaluate(evaluator, link)
        if getattr(result, "name", "") == "requires_python_mismatch":
            self.other_python[str(evaluator._canonical_name), str(detail)] = None
        return found

    def installation_error(self, factory: Any, error: Any, constraints: Any) -> Any:
        self.finder = factory._finder
        return self._explain(factory, error, constraints)

    def source_met(self, distribution: Any, *_: Any, **__: Any) -> None:
        requirement = distribution.req
        archive = os.path.join(self.sources, requirement.link.filename)
        shutil.copyfile(requirement.local_file_path, archive)
        url = requirement.link.url_without_fragment
        raise SourceMet(archive, str(requirement.req or requirement.link), url, forced=self._forced(requirement))

    def _forced(self, requirement: Any) -> bool:
        """Whether the person's settings allow no wheel of it."""
        name = requirement.req.name if requirement.req is not None else ""
        normalised = _part("pip._vendor.packaging.utils").canonicalize_name(name)
        return "binary" not in self.formats.get_allowed_formats(normalised)

    def listen(self, markers: dict[str, str]) -> None:
        """Put ourselves where pip would judge markers, give up on an index, or run a build.

        In place of methods stand functions: a bound method would not be told whose method it stands for.
        """
        environment = _part("pip._vendor.packaging.markers")
        _require(environment, "default_environment")
        environment.default_environment = lambda: dict(markers)
        options = _part("pip._internal.cli.cmdoptions")
        _require(options, "check_dist_restriction")
        options.check_dist_restriction = lambda *_, **__: None
        collector = _part("pip._internal.index.collector")
        self._tell = _require(collector, "_handle_get_simple_fail")
        collector._handle_get_simple_fail = self.index_failed
        evaluator = _part("pip._internal.index.package_finder").LinkEvaluator
        self._evaluate = _require(evaluator, "evaluate_link")
        evaluator.evaluate_link = lambda *given: self.evaluated(*given)
        factory = _part("pip._internal.resolution.resolvelib.factory").Factory
        self._explain = _require(factory, "get_installation_error")
        factory.get_installation_error = lambda *given: self.installation_error(*given)
        source = _part("pip._internal.distributions.sdist").SourceDistribution
        _require(source, "prepare_distribution_metadata")
        source.prepare_distribution_metadata = lambda *given, **named: self.source_met(*given, **named)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Pip's answer as a record with a ``kind``."""
    observed = Observed(job["sources"])
    observed.listen(job["markers"])
    raised: list[BaseException] = []
    command = _part("pip._internal.commands").create_command(job["arguments"][0], isolated=False)
    really = command.run

    def listened(*given: Any) -> int:
        observed.formats = given[0].format_control
        try:
            return int(really(*given))
        except Exception as error:
            raised.append(error)
            if isinstance(error, SourceMet):
                return 1  # nothing went wrong, so pip is not to say that something did
            raise

    command.run = listened
    try:
        code = command.main(job["arguments"][1:])
    except SystemExit as leaving:
        code = leaving.code
    if raised:
        return _meaning(raised[0], observed)
    return {"kind": "done"} if code == 0 else {"kind": "failed", "message": f"pip ended with {code}"}


def _meaning(error: BaseException, observed: Observed) -> dict[str, Any]:
    if isinstance(error, SourceMet):
        met = {"archive": error.archive, "requirement": error.requirement, "url": error.url, "forced": error.forced}
        return {"kind": "source", **met}
    said = {"message": str(getattr(error, "message", None) or error)[:4_000]}
    exceptions = _part("pip._internal.exceptions")
    causes = list(getattr(error.__cause__, "causes", ()))
    if causes or isinstance(error, exceptions.DistributionNotFound):
        if observed.unreachable:
            return {"kind": "unreachable", "message": "; ".join(observed.unreachable[:3])[:4_000]}
        return {**said, **_unresolved(error, causes, observed, exceptions)}
    return {"kind": _kind(error, exceptions), **said}


def _kind(error: BaseException, exceptions: Any) -> str:
    """Of what is nothing about which versions there are."""
    network = (exceptions.NetworkConnectionError, _part("pip._vendor.requests").RequestException)
    if isinstance(error, OSError) and error.errno in _FULL:
        return "full"
    if getattr(getattr(error, "response", None), "status_code", None) in _GONE:
        return "unknown"
    if isinstance(error, network) or type(error).__name__ in _NETWORK:
        return "unreachable"
    return "invalid" if isinstance(error, exceptions.InstallationError) else "failed"


def _unresolved(error: BaseException, causes: list[Any], observed: Observed, exceptions: Any) -> dict[str, Any]:
    wanted = [str(cause.requirement.format_for_error()) for cause in causes]
    if isinstance(error, exceptions.UnsupportedPythonVersion):
        return {"kind": "python", "requirement": str(causes[0].parent or "") if causes else ""}
    if not isinstance(error, exceptions.DistributionNotFound) or len(causes) != 1 or observed.finder is None:
        # pip says which in its log alone
        return {
            "kind": "conflict",
            "requirement": wanted[0] if wanted else "",
            "message": _opposed(causes) or str(error),
        }
    name = causes[0].requirement.project_name
    versions = sorted({candidate.version for candidate in observed.finder.find_all_candidates(name)})
    parent = causes[0].parent
    return {
        "kind": "unknown",
        "requirement": wanted[0],
        "parent": f"{parent.name} {parent.version}" if parent is not None else "",
        "versions": [str(version) for version in versions][-_SHOWN:],
        "other_python": _for_other_pythons(observed, causes[0].requirement),
    }


def _opposed(causes: list[Any]) -> str:
    sides = []
    for cause in causes:
        wanted = cause.requirement.format_for_error()
        by = (
            f"{cause.parent.name} {cause.parent.version} asks for"
            if cause.parent is not None
            else "the project asks for"
        )
        side = f"{by} {wanted}"
        if side not in sides:
            sides.append(side)
    return ", but ".join(sides[:_SHOWN])


def _for_other_pythons(observed: Observed, requirement: Any) -> list[str]:
    """Releases that would have been right but for the Python that each asks for."""
    parse = _part("pip._vendor.packaging.version").parse
    wanted = requirement.get_candidate_lookup()[1]
    found = []
    for name, detail in observed.other_python:
        version = detail.partition(" ")[0]
        if name == requirement.project_name and wanted.specifier.contains(parse(version), prereleases=True):
            found.append(detail)
    return found[-_SHOWN:]


def _part(name: str) -> Any:
    return importlib.import_module(name)


def _require(owner: Any, name: str) -> Any:
    if not hasattr(owner, name):
        import pip  # noqa: PLC0415  (only to name it)

        raise SystemExit(f"pip {pip.__version__} has no {name}: install another version of pip beside mendbox")
    return getattr(owner, name)


def main(path: str) -> int:
    with open(path, encoding="utf-8") as file:
        job = json.load(file)
    answer = run(job)
    with open(job["answer"], "w", encoding="utf-8") as file:
        json.dump(answer, file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
