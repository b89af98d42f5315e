"""All reports of one result, written to their folder, and told to the pipeline that reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.ci import contents
from engine.ci.account import Account, Places, account
from engine.ci.cobertura import cobertura
from engine.ci.folder import ACCOUNT, COVERAGE, COVERAGE_AFTER, JUNIT, PATCH, QUALITY, SARIF, SUMMARY, Folder
from engine.ci.junit import junit
from engine.ci.patch import patch
from engine.ci.pipeline import Pipeline, append_outputs, append_summary
from engine.ci.quality import quality
from engine.ci.remarks import Remark, remarks
from engine.ci.sarif import sarif
from engine.ci.summary import summary
from engine.domain import Value
from engine.errors import BadInput
from engine.receipts.errors import NoReceipt
from engine.receipts.storing import store
from engine.repository.git import Git, GitFailed
from engine.repository.project import Project
from engine.repository.result import RepositoryResult

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Reported(Value):
    """What was written, and what it says."""

    account: Account
    remarks: tuple[Remark, ...]
    summary: str


class Reporting:
    """Writes what became of *project* to *folder*; receipts are signed with *key* where there is one.

    *now* is seconds since 1970, *version* that of Mendbox.
    """

    def __init__(
        self, project: Project, folder: Folder, *, key: Ed25519PrivateKey | None, now: float, version: str
    ) -> None:
        self._project = project
        self._folder = folder
        self._key = key
        self._now = now
        self._version = version
        self._prefix = prefix_of(project)

    def patch(self, result: RepositoryResult) -> bytes:
        """What is proven, for ``git apply`` anywhere in the work tree; empty where nothing is."""
        old = contents.before(self._project, result.changed)
        new = contents.after(self._project, result.files)
        placed = ({f"{self._prefix}{name}": raw for name, raw in part.items()} for part in (old, new))
        modes = {f"{self._prefix}{name}": self._mode(name) for name in result.removed}
        return patch(*placed, modes=modes)

    def write(self, result: RepositoryResult, *, exit_code: int, branch: str = "", refused: str = "") -> Reported:
        """Every report that there is something for; the account of it all comes last, so where it is, all are.

        Raises:
            OSError: One of them cannot be written.
        """
        folder, prefix = self._folder, self._prefix
        told = remarks(result, prefix=prefix, tests=self._project.tests)
        receipts, notes = self._receipts(result)
        if proven := self.patch(result):
            folder.write(PATCH, proven)
        folder.write(JUNIT, junit(result, told, prefix=prefix))
        folder.write(SARIF, sarif(result, told, version=self._version, prefix=prefix))
        folder.write(QUALITY, quality(told))
        for name, suite in ((COVERAGE, result.before), (COVERAGE_AFTER, result.after)):
            if suite is not None and suite.executable:
                folder.write(name, cobertura(suite, seconds=self._now, version=self._version, prefix=prefix))
        places = Places(
            folder=str(folder.path),
            patch=str(folder.path / PATCH) if proven else "",
            receipts=receipts,
            branch=branch,
            branch_refused=refused,
            notes=(*folder.notes, *notes),
        )
        markdown = summary(result, patch=places.patch, branch=branch, receipts=receipts)
        folder.write(SUMMARY, markdown)
        places = places.model_copy(update={"reports": (*folder.written, ACCOUNT)})
        whole = account(result, places, exit_code=exit_code)
        folder.write(ACCOUNT, whole.model_dump_json(indent=2) + "\n")
        return Reported(account=whole, remarks=told, summary=markdown)

    def _receipts(self, result: RepositoryResult) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The file of each cause's receipt, empty where it has none; and why some were not written."""
        files, notes = [], []
        for number, healed in enumerate(result.healed, start=1):
            path = self._folder.receipt(number)
            try:
                if healed.run.receipt is not None:
                    store(healed.run, path, self._key)
            except (NoReceipt, BadInput) as error:
                notes.append(f"no receipt of cause {number}: {error.what}")
            except OSError as error:
                notes.append(f"no receipt of cause {number}: {error.strerror}")
            files.append(str(path) if path.exists() else "")
        return tuple(files), tuple(notes)

    def _mode(self, name: str) -> str:
        try:
            executable = bool((self._project.root / name).stat().st_mode & 0o100)
        except OSError:
            executable = False
        return "100755" if executable else "100644"


def prefix_of(project: Project) -> str:
    """The project's folder in its repository, with a slash at the end; empty for the repository itself, or without one."""
    if not project.commit:
        return ""
    try:
        return Git(project.root).ask("rev-parse", "--show-prefix").decode().rstrip("\n")
    except (GitFailed, BadInput):
        return ""


def tell(pipeline: Pipeline, reported: Reported) -> tuple[str, ...]:
    """Hand summary and outputs to the *pipeline* where it takes them; notes on what did not go through."""
    whole, notes = reported.account, []
    if pipeline.summary and not append_summary(pipeline.summary, reported.summary):
        notes.append(f"the job's summary has no room left; it is in {whole.folder}/{SUMMARY}")
    if pipeline.output:
        append_outputs(
            pipeline.output,
            {
                "outcome": whole.outcome,
                "exit-code": str(whole.exit_code),
                "red": str(len(whole.red)),
                "still-red": str(len(whole.still_red)),
                "fixes": str(sum(fix.outcome == "verified" for fix in whole.fixes)),
                "folder": whole.folder,
                "patch": whole.patch,
                "sarif": f"{whole.folder}/{SARIF}",
                "branch": whole.branch,
            },
        )
    return tuple(notes)
