"""A Dockerfile is gone through in a real box: what works there is shown, what does not is told at its line."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager

import pytest

from agents.plans.plan import Plan
from engine.projects.contract import dockerfile_of
from engine.projects.shipping import Replayed, faults, replay
from engine.wiring import make_trial_builds
from sandboxes.base import Box, Limits
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
    plan, files = project("api", scale="small")
    plan = spoilt(["components", 0, "running", "command"], ["python", "-m", "api"], plan=plan)
    files["services/api/api/__main__.py"] = "from api.main import main\nmain()\n"
    files["services/api/api/main.py"] = SERVER
    files["services/api/pyproject.toml"] = '[project]\nname = "api"\nversion = "1"\ndependencies = []\n'
    files[PATH] = DOCKERFILE
    return plan, files


async def replayed(files: Mapping[str, str], sandbox: DockerSandbox) -> Replayed:
    plan, _ = served()
    return await replay(plan, "api", files, sandbox, run_id="test", seconds=20, start_seconds=6)


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
        pytest.param(PATH, "pip install --no-cache-dir", "pip install --no-cache-dir flask", 4, "flask, which the component's environment", id="a package that nobody declares"),
        pytest.param("services/api/pyproject.toml", "[]", '["celery"]', 4, "celery, which the component's environment", id="a package that the box lacks"),
        pytest.param(PATH, "&& cp", "&& mv", 17, "answered 500", id="answers, and not with 200"),
        pytest.param("services/api/api/main.py", "def main():", "def main():\n    open('x', 'w')", 17, "ended with 1", id="writes where it may not"),
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


OTHER_WAYS = """\
# syntax=docker/dockerfile:1
ARG VERSION=3.13
FROM python:${VERSION}-slim AS base
ENV PATH=/opt/venv/bin:$PATH APP_HOME=/srv
WORKDIR $APP_HOME

FROM base AS build
RUN apt-get update && apt-get install -y --no-install-recommends build-essential && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
COPY pyproject.toml ./
COPY api/ api/
RUN ["/opt/venv/bin/pip", "wheel", "--wheel-dir=/wheels", "."]

FROM base
RUN groupadd app && useradd -g app app && mkdir -p /srv/data /data && chown app /srv/data /data
COPY --from=build /wheels /wheels
COPY --from=build --chown=app /opt/venv /opt/venv
RUN --mount=type=cache,target=/root/.cache <<END
set -eu
pip install /wheels/*.whl
echo there > data.txt
cd data
test "$(pwd)" = "$(dirname "$PWD")/data"
END
SHELL ["/bin/no-such-shell", "-c"]
RUN python3 <<END | grep -q "it is 3"
print("it is", 1 + 2)
END
SHELL ["/bin/sh", "-eu", "-c"]
RUN set -o | grep -q "nounset *on"
USER app
EXPOSE 8000
ENTRYPOINT ["/opt/venv/bin/python"]
CMD ["-m", "api"]
"""


@pytest.mark.docker
async def test_other_ways_to_write_it_come_to_the_same(sandbox: DockerSandbox) -> None:
    """Stages on stages, wheels, an environment of its own, heredocs, an entry point; system packages are told as left out."""
    plan, files = served()
    files[PATH] = OTHER_WAYS
    assert faults(plan, files) == ()

    done = await replayed(files, sandbox)

    assert done.outcome == "replayed", done
    assert any("system packages are not in the box" in each for each in done.not_shown)
    assert any("has no /bin/no-such-shell: sh ran instead" in each for each in done.not_shown)
    assert not any("groupadd" in each and "but for" not in each for each in done.shown)


@pytest.mark.docker
async def test_what_needs_a_network_leaves_it_unverified(sandbox: DockerSandbox) -> None:
    """It is left out and named; whether a later fault comes of it cannot be told, so that is no finding."""
    _, files = served()
    fetched = changed(
        files,
        PATH,
        "RUN mkdir",
        "RUN curl -o /srv/x https://example.com/x\nRUN <<E\n#!/usr/bin/env python3\nimport x\nE\nRUN mkdir",
    )

    done = await replayed(fetched, sandbox)
    worse = await replayed(changed(fetched, PATH, "USER 10001", "RUN cat /srv/x\nUSER 10001"), sandbox)

    assert (done.outcome, done.findings) == ("unverified", ())
    assert any("line 11: RUN curl" in each and "left out" in each for each in done.not_shown)
    assert any("GET /health answered 200" in each for each in done.shown)
    assert any("a script for '#!/usr/bin/env python3' was left out" in each for each in done.not_shown)
    assert (worse.outcome, worse.findings) == ("unverified", ())
    assert any(
        "ended with exit code 1; this may come of what was left out: RUN of line 11" in each for each in worse.not_shown
    )


@pytest.mark.docker
async def test_a_command_that_does_not_end_is_ended(sandbox: DockerSandbox) -> None:
    """RUN lines share their seconds."""
    plan, files = served()
    files = changed(files, PATH, "RUN mkdir", "RUN sleep 600\nRUN mkdir")

    done = await replay(plan, "api", files, sandbox, run_id="test", seconds=1.5)

    assert [(each.line, "did not end" in each.message) for each in done.findings] == [(11, True)]


@pytest.mark.docker
@pytest.mark.slow
async def test_a_page_is_served_and_a_worker_is_looked_for(sandbox: DockerSandbox) -> None:
    """The web server's own folder is served in its place; what nobody calls is not started, and its module has to be there."""
    plan, files = project("web-app")
    web = dockerfile_of("web")
    files[web] = """\
FROM nginxinc/nginx-unprivileged:1.27-alpine
COPY index.html /usr/share/nginx/html/
COPY public/ /usr/share/nginx/html/
EXPOSE 8080
"""
    files |= {"services/web/index.html": "<p>hello</p>", "services/web/public/health": "ok"}
    worker = dockerfile_of("notifier")
    unhealthy = {path: text for path, text in files.items() if path != "services/web/public/health"}
    unhealthy["services/web/public/x"] = ""
    configured = changed(files, web, "EXPOSE", "COPY nginx.conf /etc/nginx/conf.d/default.conf\nEXPOSE")

    page = await replay(plan, "web", files, sandbox, run_id="test")
    red = await replay(plan, "web", unhealthy, sandbox, run_id="test", start_seconds=3)
    unread = await replay(plan, "web", {**configured, "services/web/nginx.conf": ""}, sandbox, run_id="test")
    empty = await replay(
        plan, "web", changed(files, web, "COPY index.html", "COPY public/health"), sandbox, run_id="test"
    )
    found = await replay(plan, "notifier", files, sandbox, run_id="test")
    lost = await replay(
        plan, "notifier", changed(files, worker, '"notifier"]', '"notifier.rulez"]'), sandbox, run_id="test"
    )
    asked = await replay(plan, "web", files, sandbox, run_id="test", images=make_trial_builds())

    assert page.outcome == "replayed", page
    # nobody may have the base: then that is told, and it is no success
    assert asked.outcome == ("replayed" if any("was built" in each for each in asked.shown) else "unverified")
    assert asked.outcome == "replayed" or any("no registry answers" in each for each in asked.not_shown)
    assert any("a plain server stood in for it" in each for each in page.not_shown)
    assert [(each.line, "answered 404, not 200" in each.message) for each in red.findings] == [(1, True)]
    assert unread.outcome == "unverified"
    assert ["no index.html" in each.message for each in empty.findings] == [True]
    assert found.outcome == "replayed", found
    assert any("the module notifier is found" in each for each in found.shown)
    assert [(each.line, "no such module" in each.message) for each in lost.findings] == [(12, True)]


@pytest.mark.docker
@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        pytest.param("WORKDIR /srv\n", "RUN echo > /srv\nWORKDIR /srv\n", 11, "WORKDIR /srv cannot be made", id="a file for a folder"),
        pytest.param("WORKDIR /srv\n", "WORKDIR /srv/\\\\x\n", 11, "cannot be made", id="an odd folder"),
        pytest.param("CMD", "RUN rm -rf / ; kill -9 -1; exit 1\nCMD", 17, "ended", id="destroys what it can"),
    ],
)  # fmt: skip
async def test_what_is_meant_to_harm_is_told_like_any_fault(
    old: str, new: str, line: int, words: str, sandbox: DockerSandbox
) -> None:
    """Nothing is raised, and the box is as far as it comes."""
    _, files = served()

    done = await replayed(changed(files, PATH, old, new), sandbox)

    assert [(each.line, words in each.message) for each in done.findings] == [(line, True)], done


class NoBox:
    """A sandbox that is not to be used."""

    def open(self, *, run_id: str, limits: Limits) -> AbstractAsyncContextManager[Box]:
        raise AssertionError(f"{run_id} asked for a box")


async def test_what_cannot_be_read_needs_no_box() -> None:
    """No Dockerfile, one that is none, a component that there is not."""
    plan, files = served()

    missing = await replay(plan, "api", {}, NoBox(), run_id="test")
    unread = await replay(plan, "api", {**files, PATH: "FRUM x"}, NoBox(), run_id="test")

    assert (missing.outcome, missing.findings[0].rule) == ("failed", "dockerfile")
    assert (unread.outcome, unread.findings[0].rule) == ("failed", "dockerfile/instruction")
    with pytest.raises(ValueError, match="no component 'other'"):
        await replay(plan, "other", files, NoBox(), run_id="test")
