"""A project whose packages cannot be had ends with a finding, where it asks for them, and with what the build said."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.repository_verdict import print_repository
from engine.domain import Finding
from engine.repository.reading import read_project
from engine.repository.result import RepositoryResult, SuiteRun
from engine.repository.unresolved import unresolved_finding, what_to_do
from sandboxes.environments.wanted import Unresolved
from tests.ci.repositories import lay

BROKEN = Unresolved(
    "build",
    "shelf_thing-1.0.tar.gz: its build failed: exit code 1",
    requirement="shelf_thing-1.0.tar.gz",
    evidence="x" * 20_000 + "\nthe header is missing",
)


@pytest.mark.parametrize(
    ("files", "place"),
    [
        pytest.param({"requirements.txt": b"six\nshelf-thing\n"}, ("requirements.txt", 2), id="at its line"),
        pytest.param({"requirements.txt": b"other\n"}, ("requirements.txt", None), id="needed by another"),
        pytest.param(
            {"package.json": b'{"name": "a"}', "a.js": b"1\n", "a.test.js": b"1\n"}, (None, None), id="no line"
        ),
    ],
)
def test_a_failed_build_is_a_finding_with_its_last_words(
    tmp_path: Path, files: dict[str, bytes], place: tuple[str | None, int | None]
) -> None:
    """At most 16 KiB of them, at the line of the manifest that asks for the package where there is one."""
    code = {"app.py": b"x = 1\n", "test_app.py": b"def test(): assert 1\n"} if "package.json" not in files else {}
    lay(tmp_path, {**code, **files})

    finding = unresolved_finding(read_project(tmp_path), BROKEN)

    assert (finding.path, finding.line) == place
    assert (finding.check, finding.rule) == ("dependencies", "build")
    assert finding.evidence.endswith("the header is missing")
    assert len(finding.evidence) == 16_384
    assert "its build said" in what_to_do(BROKEN)


def test_what_a_package_failed_for_is_printed_and_only_where_it_matters(capsys: pytest.CaptureFixture[str]) -> None:
    """The place, the sentence, and the end of what the build said; a secret in it is not shown."""
    token = "ghp_" + "9KqLmZx3RtYw7PvB2NcJ5HsD8FgA1QeUiO4T"
    finding = Finding(
        check="dependencies",
        rule="build",
        path="requirements.txt",
        line=2,
        message="no wheel",
        evidence=f"gcc\n{token}",
    )
    broken = RepositoryResult(
        root=Path("shop"), before=SuiteRun(findings=(finding,)), outcome="no_fix", summary="It cannot be had."
    )

    print_repository(broken)
    print_repository(broken.model_copy(update={"outcome": "green"}))

    said = capsys.readouterr().out
    assert said.count("requirements.txt:2: no wheel\n  gcc\n") == 1
    assert token not in said
