"""A Dockerfile is gone through in a real box: what works there is shown, what does not is told at its line."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from agents.plans.plan import Plan
from engine.projects.contract import dockerfile_of
from engine.projects.shipping import Replayed, replay
from sandboxes.docker import DockerSandbox
from tests.projects.plans import spoilt
from tests.projects.shipping.projects import changed, project

PATH = dockerfile_of("api")
SERVER = """\
import http.server, os, pathlib

class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" and pathlib.Path("data.txt").exists() else 500)
        self.end_headers()
        self.wfile.write(b"ok")

def main():
    http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Answer).serve_forever()
"""
DOCKERFILE = """\
FROM python:3.13-slim AS build
WORKDIR /build
COPY . .
RUN pip install --no-cache-dir --prefix=/opt/app . && python -m compileall -q api

FROM python:3.13-slim
RUN useradd --system --uid 10001 app
COPY --from=build /opt/app /usr/local
ENV GREETING="hello" DATA=/srv/data
WORKDIR /srv
RUN mkdir -p /srv/data && echo "$GREETING" > data.txt && test "$DATA" = "$PWD/data" && cp data.txt /tmp-copy
COPY <<END /srv/notes.txt
of it
END
USER 10001
EXPOSE 8000
CMD ["python", "-m", "api"]
"""


def served() -> tuple[Plan, dict[str, str]]:
    """A project whose API needs nothing but Python."""
    plan, files = project("api")
    plan = spoilt(["components", 0, "running", "command"], ["python", "-m", "api"], plan=plan)
    files["services/api/api/__main__.py"] = "from api.main import main\nmain()\n"
    files["services/api/api/main.py"] = SERVER
    files["services/api/pyproject.toml"] = '[project]\nname = "api"\nversion = "1"\ndependencies = []\n'
    files[PATH] = DOCKERFILE
    return plan, files


async def replayed(files: Mapping[str, str], sandbox: DockerSandbox) -> Replayed:
    plan, _ = served()
    return await replay(plan, "api", files, sandbox, run_id="test", seconds=20)


@pytest.mark.docker
async def test_a_dockerfile_that_would_build_is_replayed_to_its_health(sandbox: DockerSandbox) -> None:
    """Stages in order, files at their places, commands run, what was installed found, and its port answers."""
    _, files = served()

    done = await replayed(files, sandbox)

    assert done.outcome == "replayed", done
    assert done.findings == ()
    assert any("GET /health answered 200 on port 8000" in each for each in done.shown)
    assert any("line 11: `mkdir -p /srv/data" in each for each in done.shown)
    assert "The image itself was not built" in done.not_shown[0]


@pytest.mark.docker
@pytest.mark.parametrize(
    ("path", "old", "new", "line", "words"),
    [
        pytest.param(PATH, "--from=build /opt/app /usr/local", "--from=build /build/dist /srv/dist", 8, "stage build has no /build/dist", id="copies what was not made"),
        pytest.param(PATH, "-m compileall -q api", "tools/missing.py", 4, "ended with exit code 2", id="a command that fails"),
        pytest.param(PATH, "pip install --no-cache-dir", "pip install --no-cache-dir flask", 4, "flask, which the environment", id="a package that nobody declares"),
        pytest.param("services/api/pyproject.toml", "[]", '["celery"]', 4, "celery, which the environment", id="a package that the box lacks"),
        pytest.param(PATH, 'CMD ["python", "-m", "api"]', 'CMD ["python", "-m", "api.rules"]', 17, "ended with 0 before it answered", id="ends at once"),
        pytest.param(PATH, "&& cp", "&& mv", 17, "answered 500", id="answers, and not with 200"),
        pytest.param("services/api/api/main.py", "def main():", "def main():\n    open('x', 'w')", 17, "ended with 1", id="writes where it may not"),
        pytest.param("services/api/api/main.py", "def main():", "def mian():", 17, "ended with 1", id="cannot be imported"),
        pytest.param("services/api/pyproject.toml", "[]", '[]\n[tool.setuptools]\npackages = ["app"]', 4, "no such folder", id="builds no package"),
    ],
)  # fmt: skip
async def test_what_does_not_work_is_told_at_its_line(
    path: str, old: str, new: str, line: int, words: str, sandbox: DockerSandbox
) -> None:
    """With the end of what it wrote."""
    _, files = served()

    done = await replayed(changed(files, path, old, new), sandbox)

    assert done.outcome == "failed"
    assert [(each.path, each.line, words in each.message) for each in done.findings] == [(PATH, line, True)], done
