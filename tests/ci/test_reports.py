"""The reports of a pipeline, read back by readers that are not ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from engine.ci.annotations import annotate
from engine.ci.cobertura import cobertura
from engine.ci.junit import junit
from engine.ci.quality import quality
from engine.ci.remarks import Remark, remarks
from engine.domain import Finding, TestResult
from engine.repository.result import RepositoryResult, SuiteRun
from tests.ci.projects import partly, suite_run

NASTY = "\x00\x1b[31m \ud800 \ufffe ]]> <b>&amp; %0A\r\n::error::x é \u202e"


def nasty() -> RepositoryResult:
    """One red test, all of whose words are hostile."""
    node = f"tests/test_a.py::test_b[{NASTY}]"
    finding = Finding(
        check="tests", rule=NASTY, message=f"{node}: {NASTY}", path=f"a,b:{NASTY}.py", line=1, evidence=NASTY
    )
    suite = SuiteRun(tests=(TestResult(node_id=node, ended="failed"),), findings=(finding,))
    return RepositoryResult(root="/p", before=suite, red=(node,), outcome="red", summary=NASTY, notes=(NASTY,))


def test_junit_has_a_suite_for_each_file_and_right_counts() -> None:
    """Readers trust the counts, so they are those of the cases."""
    root = ET.fromstring(junit(partly(), remarks(partly())))

    assert [suite.get("name") for suite in root] == ["tests/test_cart.py", "tests/test_tax.py"]
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "5",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }
    assert len(root.findall(".//failure")) == 2
    case = root.find(".//testcase")
    assert case is not None
    assert (case.get("classname"), case.get("name")) == ("tests.test_cart.TestTotal", "test_sum")
    assert case.get("file") == "tests/test_cart.py"


def test_junit_never_turns_a_red_test_green() -> None:
    """A test with a verified fix is still a failure; that there is a fix stands beside it."""
    root = ET.fromstring(junit(partly(), remarks(partly())))

    failure = root.find(".//testcase[@name='test_sum']/failure")
    said = root.find(".//testcase[@name='test_sum']/properties/property[@name='mendbox.outcome']")

    assert failure is not None
    assert "verified fix" in (failure.text or "")
    assert "-    result = 1\n" in (failure.text or "")
    assert said is not None
    assert said.get("value") == "verified"


def test_junit_tells_flaky_ones_as_surefire_does() -> None:
    """One that passed this time is a `flakyFailure`; one that failed this time is a failure as well."""
    passed = ET.fromstring(junit(partly(), remarks(partly())))
    result = partly(flaky=("tests/test_tax.py::test_tax",))
    failed = ET.fromstring(junit(result, remarks(result)))

    assert passed.find(".//testcase[@name='test_clock']/flakyFailure") is not None
    assert failed.find(".//testcase[@name='test_tax']/error") is not None
    assert failed.find(".//testcase[@name='test_tax']//property[@name='mendbox.flaky']") is not None


def test_a_file_that_cannot_be_collected_is_an_error_of_its_own() -> None:
    """Its tests are not there to be red, so the file is."""
    finding = Finding(
        check="tests", rule="ImportError", message="t.py cannot be collected: No module named 'x'", path="t.py"
    )
    suite = SuiteRun(broken=("t.py",), findings=(finding,))
    result = RepositoryResult(root="/p", before=suite, red=("t.py",), outcome="red")

    root = ET.fromstring(junit(result, remarks(result)))

    error = root.find(".//testcase[@name='t.py']/error")
    assert error is not None
    assert error.get("message") == "No module named 'x'"


def test_hostile_text_stays_text_in_every_report() -> None:
    """Control characters, markup and half characters break no reader, and no report is refused for them."""
    told = remarks(nasty())

    root = ET.fromstring(junit(nasty(), told))
    issues = json.loads(quality(told))
    commands = list(annotate(told))

    assert "␀" in (root.find(".//failure").text or "")  # type: ignore[union-attr]
    assert len(issues) == 1
    assert len(commands) == 1
    assert "\n" not in commands[0]
    assert "\r" not in commands[0]


def test_cobertura_has_right_rates() -> None:
    """6 of 7 lines ran: the whole, each package and each file say so, and a path that is none is not counted."""
    root = ET.fromstring(cobertura(suite_run(), seconds=1.5, version="1", prefix="lib/"))

    assert (root.get("lines-covered"), root.get("lines-valid"), root.get("line-rate")) == ("6", "7", "0.8571")
    rates = {one.get("filename"): one.get("line-rate") for one in root.iter("class")}
    assert rates == {"lib/shop/cart.py": "1.0000", "lib/shop/tax.py": "0.5000"}
    assert [(line.get("number"), line.get("hits")) for line in root.findall(".//class[@name='tax.py']//line")] == [
        ("1", "1"),
        ("2", "0"),
    ]
    assert [package.get("name") for package in root.iter("package")] == ["lib.shop"]


def test_cobertura_of_nothing_is_no_division_by_zero() -> None:
    """A suite in which nothing was measured has a report with no file."""
    root = ET.fromstring(cobertura(SuiteRun(), seconds=0, version="1"))

    assert root.get("line-rate") == "0"


def test_code_quality_has_all_fields_that_gitlab_reads() -> None:
    """Each issue has a place, a severity of the five and a fingerprint of its own."""
    issues = json.loads(quality(remarks(partly())))

    assert {issue["severity"] for issue in issues} == {"critical", "minor", "info"}
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) == 5
    assert all(issue["location"]["lines"]["begin"] >= 1 and issue["location"]["path"] for issue in issues)


@pytest.mark.parametrize(
    ("raw", "written"), [("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")], ids=repr
)
def test_annotations_escape_what_steers_the_runner(raw: str, written: str) -> None:
    """A path cannot end the property it stands in, nor the command."""
    remark = Remark(rule="lint", level="warning", message="bad", path=f"a{raw}b.py", line=7, fingerprint="0")

    (command,) = annotate((remark,))

    assert command == f"::warning file=a{written}b.py,line=7,title=lint::bad"


def test_annotations_stop_where_github_stops() -> None:
    """Ten of a kind, so that those that matter are not pushed out by a tail."""
    findings = tuple(Finding(check="lint", path="a.py", line=n, message=f"bad {n}") for n in range(1, 30))

    commands = list(annotate(remarks(RepositoryResult(root="/p", before=SuiteRun(findings=findings), outcome="red"))))

    assert len(commands) == 10


def deep(element: ET.Element) -> Iterator[ET.Element]:
    yield from element.iter()


def test_a_report_of_thousands_of_tests_is_one_document() -> None:
    """5,000 tests are a normal case."""
    tests = tuple(TestResult(node_id=f"t{n % 50}.py::test_{n}", ended="passed") for n in range(5_000))
    result = RepositoryResult(root="/p", before=SuiteRun(tests=tests), outcome="green")

    root = ET.fromstring(junit(result, ()))

    assert sum(one.tag == "testcase" for one in deep(root)) == 5_000
