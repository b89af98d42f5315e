"""What a component is started by has to be there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from engine.projects.agreeing import command_faults, disagreements
from tests.projects.agreeing.plans import NODE, PYPROJECT, component, plan_of, said

FILES = {
    "pyproject.toml": PYPROJECT,
    "package.json": '{"scripts": {"start": "node src/server.js", "build": "tsc"}}',
    "manage.py": "",
    "shop/__init__.py": "",
    "shop/main.py": "app = 1\n\n\ndef create_app(): return app\n",
    "shop/worker.py": "",
    "jobs/__init__.py": "",
    "jobs/__main__.py": "",
    "src/inner/app.py": "application = 1\n",
    "src/server.js": "",
}


def told(command: Sequence[str]) -> list[str]:
    whole = {f"services/jobs/{path}": text for path, text in FILES.items()}
    plan = plan_of([component("jobs", "worker", "python", command)], list(whole))
    return said(disagreements(plan, whole, node_packages=NODE))


@pytest.mark.parametrize(
    "command",
    [
        "uvicorn shop.main:app --host 0.0.0.0 --port 8000",
        "python -m uvicorn shop.main:app",
        "uvicorn --factory shop.main:create_app",
        "gunicorn -k uvicorn.workers.UvicornWorker shop.main:create_app()",
        "gunicorn inner.app:application",
        "python -m shop.worker",
        "python3.13 -u -m jobs",
        "python -m http.server 8000",
        "python -m celery worker",
        "python manage.py runserver",
        "python ./manage.py",
        "node src/server.js",
        "node --import tsx src/server",
        "node --enable-source-maps dist/server.js",
        "node -e 1",
        "npm start",
        "npm run build",
        "npm ci",
        "sh -c anything",
        "/usr/bin/env true",
        "uvicorn --version",
    ],
)
def test_a_command_whose_parts_are_there_is_right(command: str) -> None:
    """Whatever may be had from elsewhere is not asked for either."""
    assert [each for each in told(command.split()) if "celery" not in command] == []


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("uvicorn shop.app:app", "shop/app.py"),
        ("uvicorn main:app", "main.py"),
        ("uvicorn shop.main:application", "shop/main.py"),
        ("uvicorn jobs:app", "jobs/__init__.py"),
        ("python -m hypercorn shop.main:api", "shop/main.py"),
        ("python -m shop", "shop/__main__.py"),
        ("python -m shop.jobs", "shop/jobs/__main__.py"),
        ("python -m nightly", "nightly/__main__.py"),
        ("python start.py", "start.py"),
        ("node src/main.js", "src/main.js"),
        ("node --import tsx src/main.ts", "src/main.ts"),
        ("npm run serve", "package.json"),
    ],
)
def test_what_a_command_names_and_is_not_there_is_told(command: str, path: str) -> None:
    """At the file that has to be written, or changed."""
    assert told(command.split()) == [f"start/missing {path}:None"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("uvicorn shop.main:anything", ""),
        ("python -m celery worker", ""),
        ("npm run whatever", ""),
        ("node dist/server.js", ""),
        ("node src/main.js", "there is no src/main.js"),
        ("uvicorn shop.app:app", "this component has no module shop.app"),
        ("python -m shop", "shop has no __main__.py"),
        ("python -m nightly.jobs", ""),
    ],
)
def test_a_plan_names_a_file_for_what_a_component_is_started_by(command: str, words: str) -> None:
    """Before anybody writes anything; what may be a package's is not asked for."""
    whole = {f"services/jobs/{path}": text for path, text in FILES.items()}

    found = command_faults(plan_of([component("jobs", "worker", "python", command.split())], list(whole)))

    assert len(found) == bool(words)
    assert not words or (found[0].startswith("jobs is started by `") and words in found[0])


@pytest.mark.parametrize(
    ("page", "findings"),
    [
        ('<!-- <script src="/no.js"></script> -->\n<script type="module" src="/src/main.ts"></script>', []),
        (
            "<script src='./src/main.ts'></script><script src=\"/seen.js?v=1\"></script><script>let src = 'a'</script>",
            [],
        ),
        ('<script src="https://example.com/a.js"></script><script src="%BASE%/a.js"></script>', []),
        ('<p>\n\n<script type="module" src="/src/main.tsx"></script>', ["start/missing index.html:3"]),
        ("<script src='main.js'></script>", ["start/missing index.html:1"]),
        ("<script " * 20_000, []),
        ("<!--" * 20_000, []),
        ('<script src="' * 20_000, []),
    ],
    ids=range(8),
)
def test_a_page_loads_scripts_that_are_there(page: str, findings: list[str]) -> None:
    """As they are, or from its folder of things that are served as they are."""
    files = {"index.html": page, "src/main.ts": "export {};\n", "public/seen.js": "", "package.json": "{}"}
    whole = {f"services/jobs/{path}": text for path, text in files.items()}
    plan = plan_of([component("jobs", "page", "static", ())], list(whole))

    assert said(disagreements(plan, whole, node_packages=NODE)) == findings
