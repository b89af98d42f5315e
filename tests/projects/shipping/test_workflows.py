"""Every fault of a workflow is told at its line: by the schema, each step by itself, and against the project's files."""

from __future__ import annotations

import pytest

from engine.domain import Finding
from engine.projects.deploying.workflow import PATH
from engine.projects.shipping.workflows import faults_of_workflows
from tests.projects.shipping.projects import changed, project

BY_MATRIX = """\
name: ci
on: [push]
permissions: {contents: read}
jobs:
  test:
    runs-on: ubuntu-24.04
    strategy:
      matrix:
        component: [api, fulfiller]
        python: ["3.13"]
        include:
          - {component: api, extra: slow}
    steps:
      - id: code
        uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "${{ matrix.python }}"}
      - name: tests
        if: success() && matrix.component != 'it''s none'
        working-directory: services/${{ matrix.component }}
        env: {TITLE: "${{ github.event.pull_request.title }}"}
        run: |
          pip install . pytest
          python -m pytest --junit-xml=out.xml || exit 1
          echo "${{ steps.code.outputs.ref }} $TITLE" > "$RUNNER_TEMP/x"
  web:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@8f4b7f84864484a7bf31766abe9204da3cbe65b3
      - run: |
          cd services/web
          npm ci
          npm test -- --run && npx vite build
      - if: ${{ needs.test.result == 'success' }}
        run: echo "${{ secrets.GITHUB_TOKEN }}" | docker login ghcr.io -u x --password-stdin
"""


def told(text: str) -> list[Finding]:
    plan, files = project()
    return [*faults_of_workflows(plan, {**files, PATH: text})]


@pytest.mark.parametrize(
    ("old", "new", "rule", "place", "words"),
    [
        pytest.param("on: [push]", "on: [pus]", "schema", "on:", "'pus'", id="event"),
        pytest.param("    steps:\n      - id", "    stepz:\n      - id", "schema", "stepz", "unknown stepz", id="key"),
        pytest.param("        with: {python", "        wit: {python", "schema", "wit:", "unknown wit", id="key of a step"),
        pytest.param("permissions: {contents: read}\n", "", "permissions", "name: ci", "write permissions", id="no permissions"),
        pytest.param("permissions: {contents: read}", "permissions: write-all", "permissions", "write-all", "name what it needs", id="all permissions"),
        pytest.param("needs: test", "needs: tests", "needs", "needs: tests", "is no job", id="needs nothing"),
        pytest.param("    runs-on: ubuntu-24.04", "    needs: [web]\n    runs-on: ubuntu-24.04", "needs", "needs: [web]", "can be the first", id="circle"),
        pytest.param("ubuntu-24.04", "linux", "runner", "runs-on: linux", "'linux'", id="runner"),
        pytest.param("actions/checkout@v4", "actions/checkout@main", "action", "@main", "main is no version", id="branch"),
        pytest.param("actions/checkout@v4", "actions/checkout", "action", "actions/checkout", "OWNER/NAME@VERSION", id="no version"),
        pytest.param("actions/checkout@v4", "someone/checkout@v4", "action", "someone/", "by its commit", id="stranger"),
        pytest.param("actions/checkout@v4", "./tools/checkout", "action", "./tools", "no action ./tools/checkout", id="local"),
        pytest.param("actions/checkout@v4", "docker://alpine:3", "action", "docker://", "by its digest", id="image"),
        pytest.param("      - id: code\n        uses: actions/checkout@v4\n", "", "checkout", "- name: tests", "before actions/checkout", id="no checkout"),
        pytest.param("services/${{ matrix.component }}", "service/${{ matrix.component }}", "folder", "- name: tests", "no folder service/api", id="folder"),
        pytest.param("cd services/web", "cd services/page", "script", "run:", "no folder services/page", id="cd"),
        pytest.param("npm test", "npm run check", "script", "run:", "no script check", id="script"),
        pytest.param("npx vite", "npx jest", "script", "run:", "npx jest would be fetched", id="program"),
        pytest.param("npm ci", "python x.py", "script", "run:", "no file /services/web/x.py", id="file"),
        pytest.param("pip install . pytest", "pip install -r dev.txt", "script", "run:", "no services/api/dev.txt", id="requirements"),
        pytest.param("npm ci\n", "npm ci\n          ./deploy.sh\n", "script", "run:", "no file /services/web/deploy.sh", id="own program"),
        pytest.param("component: [api, fulfiller]", "component: [api]", "untested", "", "no workflow tests fulfiller", id="untested"),
        pytest.param("env: {TITLE: \"${{ github.event.pull_request.title }}\"}", "env: {API_TOKEN: abcdef}", "secret", "API_TOKEN", "secrets.NAME", id="secret"),
        pytest.param("echo \"${{ steps.code.outputs.ref }}", "echo \"${{ github.head_ref }}", "injection", "run:", "has it run", id="injection"),
        pytest.param("matrix.python", "matrix.pythn", "expression", "python-version", "matrix.pythn", id="matrix"),
        pytest.param("steps.code.", "steps.cod.", "expression", "run:", "steps.cod", id="step"),
        pytest.param("needs.test.", "needs.tests.", "expression", "if:", "does not need it", id="need"),
        pytest.param("secrets.GITHUB_TOKEN }}", "secrets.GITHUB_TOKEN }", "expression", "run:", "never closed", id="open"),
        pytest.param("secrets.GITHUB_TOKEN", "secret.GITHUB_TOKEN", "expression", "run:", "no context secret", id="context"),
        pytest.param("success()", "succeeds()", "expression", "if:", "no function succeeds", id="function"),
        pytest.param("== 'success'", "== \"success\"", "expression", "if:", "single quotes", id="quotes"),
        pytest.param("needs.test.result ==", "(needs.test.result ==", "expression", "if:", "brackets", id="brackets"),
        pytest.param("${{ matrix.python }}", "${{ }}", "expression", "python-version", "is empty", id="empty"),
    ],
)  # fmt: skip
def test_each_fault_is_told_at_its_line(old: str, new: str, rule: str, place: str, words: str) -> None:
    """One thing is wrong in a workflow that is right otherwise."""
    assert told(BY_MATRIX) == []
    assert BY_MATRIX.count(old) >= 1
    text = BY_MATRIX.replace(old, new, 1)

    findings = told(text)

    matching = [each for each in findings if each.rule == f"workflow/{rule}" and words in each.message]
    assert matching, findings
    line = matching[0].line
    assert (line is None) == (not place)
    assert line is None or place in text.splitlines()[line - 1]


def test_an_image_is_built_from_a_dockerfile_that_there_is() -> None:
    """In every combination of the matrix; and what is handed to an action is no secret in the file."""
    plan, files = project()
    assert [*faults_of_workflows(plan, files)] == []

    lost = [
        *faults_of_workflows(plan, {path: text for path, text in files.items() if path != "services/api/Dockerfile"})
    ]
    open_ = [*faults_of_workflows(plan, changed(files, PATH, "${{ secrets.GITHUB_TOKEN }}", "hunter2hunter2"))]

    assert [(each.rule, "no services/api/Dockerfile" in each.message) for each in lost] == [("workflow/image", True)]
    assert [each.rule for each in open_] == ["workflow/secret"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("npm test -- --run", "npm run lint --if-present && npm test"),
        (
            '{TITLE: "${{ github.event.pull_request.title }}"}',
            "{DATABASE_URL: postgresql://app:app@localhost:5432/app}",
        ),
        ("runs-on: ubuntu-latest", "runs-on: ${{ vars.RUNNER }}"),
        ("pip install . pytest", "python -m pip install -e '.[test]' pytest"),
        ("uses: actions/setup-python@v5", "uses: someone/setup-python@8f4b7f84864484a7bf31766abe9204da3cbe65b3"),
    ],
)
def test_another_way_to_write_it_is_no_fault(old: str, new: str) -> None:
    """What may be missing, a password of the job's own service, a commit for a version."""
    assert BY_MATRIX.count(old) >= 1

    assert told(BY_MATRIX.replace(old, new, 1)) == []


def test_a_project_without_one_is_told_so() -> None:
    """Nothing would test it."""
    plan, files = project()
    del files[PATH]

    assert [each.rule for each in faults_of_workflows(plan, files)] == ["workflow/missing"]


@pytest.mark.parametrize(
    "text",
    [
        "1",
        "jobs: 3",
        "jobs: {a: [1]}",
        "on: push\njobs: {a: {steps: [1, {run: 3}, {uses: []}], needs: {}}}",
        "a: [",
        "jobs: {a: {strategy: {matrix: '${{ fromJSON(x) }}'}}}",
    ],
)
def test_what_has_another_shape_raises_nothing(text: str) -> None:
    """It is told as a fault."""
    assert told(text)
