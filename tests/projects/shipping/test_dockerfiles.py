"""Every fault of a Dockerfile is told at its line, in words that its author can act upon; and nothing else is told."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain import Finding
from engine.projects.contract import dockerfile_of
from engine.projects.shipping.dockerfiles import faults_of_dockerfile, faults_of_dockerfiles
from tests.projects.plans import sound
from tests.projects.shipping.projects import changed, project

API = dockerfile_of("api")
WEB = dockerfile_of("web")
PLAIN = """\
FROM python:3.13-slim
RUN useradd --uid 10001 app
WORKDIR /srv
COPY pyproject.toml ./
COPY api api/
RUN pip install --no-cache-dir .
USER app
EXPOSE 8000
CMD ["uvicorn", "api.main:app", "--host", "0.0.0.0", "--port", "8000"]
"""
NODE = """\
FROM node:22-slim
ENV NODE_ENV=production
WORKDIR /srv
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
USER node
EXPOSE 8000
CMD ["node", "src/main.js"]
"""


def told(files: Mapping[str, str], name: str = "api", project_type: str = "shop") -> list[Finding]:
    plan = sound(project_type)
    component = next(each for each in plan.components if each.name == name)
    return [*faults_of_dockerfile(component, files)]


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "words"),
    [
        pytest.param("USER app", "USR app", 7, "instruction", "'USR' is no instruction", id="unknown instruction"),
        pytest.param("USER app", "MAINTAINER me\nUSER app", 7, "instruction", "write a LABEL", id="old instruction"),
        pytest.param("COPY api", "COPY --form=x api", 5, "flag", "COPY has no flag --form", id="unknown flag"),
        pytest.param("USER app", "USER", 7, "syntax", "USER has no argument", id="no argument"),
        pytest.param('"8000"]', "'8000']", 9, "syntax", "no list of JSON", id="list in single quotes"),
        pytest.param("USER app", "RUN <<END\nls\nUSER app", 7, "syntax", "the heredoc END has no end", id="open heredoc"),
        pytest.param("USER app", 'USER "app', 7, "syntax", "quotation", id="open quote"),
        pytest.param("FROM python:3.13-slim", "FROM python:3.13-slim build", 1, "syntax", "FROM IMAGE", id="odd from"),
        pytest.param("COPY api api/", "COPY api", 5, "syntax", "a source and a target", id="copy of one word"),
        pytest.param("python:3.13-slim", "python", 1, "from", "it has no tag", id="no tag"),
        pytest.param("python:3.13-slim", "python:latest", 1, "from", "moves with every release", id="moving tag"),
        pytest.param("python:3.13-slim", "someone/python:3.13", 1, "from", "no image that is known", id="unknown image"),
        pytest.param("python:3.13-slim", "node:22-slim", 1, "from", "needs python", id="another runtime"),
        pytest.param("python:3.13-slim", "python:3.9-slim", 1, "from", "wants >=3.11", id="too old a python"),
        pytest.param("python:3.13-slim", "Python 3.13", 1, "from", "no name of an image", id="no image"),
        pytest.param("python:3.13-slim", "python:${V}-slim", 1, "from", "no ARG before it has", id="unset in from"),
        pytest.param("FROM", "USER x\nFROM", 1, "from", "before the first FROM", id="too early"),
        pytest.param("WORKDIR /srv", "WORKDIR srv", 3, "workdir", "write it from the root", id="relative workdir"),
        pytest.param("COPY api", "COPY --from=build api", 5, "stage", "no stage before", id="no such stage"),
        pytest.param("COPY api", "COPY apis", 5, "copy", "no such file in services/api", id="no such file"),
        pytest.param("COPY api", "COPY ../web", 5, "copy", "leaves services/api", id="out of the context"),
        pytest.param("pyproject.toml ./", "pyproject.toml api/main.py x", 4, "copy", "a slash", id="target no folder"),
        pytest.param("COPY api", "ADD https://example.com/a", 5, "add", "nobody knows", id="from an address"),
        pytest.param("WORKDIR /srv", "WORKDIR /srv\nENV API_TOKEN=abc123", 4, "secret", "API_TOKEN", id="secret in env"),
        pytest.param("WORKDIR /srv", "WORKDIR /srv\nARG DB_PASSWORD", 4, "secret", "DB_PASSWORD", id="secret in arg"),
        pytest.param("USER app", "USER root", 7, "user", "is root", id="root"),
        pytest.param("USER app\n", "", 1, "user", "runs as root", id="nobody named"),
        pytest.param("USER app", "USER somebody", 7, "user", "nothing makes the user", id="unmade user"),
        pytest.param("EXPOSE 8000", "EXPOSE 8080", 8, "expose", "the plan's port is 8000", id="another port"),
        pytest.param("EXPOSE 8000\n", "", 1, "expose", "no EXPOSE 8000", id="no port"),
        pytest.param("EXPOSE 8000", "EXPOSE $PORT", 8, "variable", "PORT is set by no ENV", id="unset variable"),
        pytest.param("CMD [", 'CMD ["ls"]\nCMD [', 10, "command", "only the last counts", id="two commands"),
        pytest.param('["uvicorn", "api.main:app", "--host", "0.0.0.0", "--port", "8000"]', "uvicorn api.main:app --host 0.0.0.0", 9, "command", "as a list", id="by a shell"),
        pytest.param("api.main:app", "api.man:app", 9, "program", "there is no module api.man", id="no such module"),
        pytest.param("api.main:app", "api.main:application", 9, "program", "defines no application", id="no such name"),
        pytest.param("api.main:app", "api", 9, "program", "as module:object", id="no application"),
        pytest.param('"uvicorn"', '"hypercorn"', 9, "program", "brings the program hypercorn", id="undeclared server"),
        pytest.param('"uvicorn"', '"python", "-m", "uvicor"', 9, "program", "the module uvicor", id="undeclared module"),
        pytest.param('"uvicorn"', '"python", "serve.py"', 9, "program", "no file /srv/serve.py", id="no such script"),
        pytest.param('"0.0.0.0"', '"127.0.0.1"', 9, "listening", "no other container reaches it", id="loopback"),
        pytest.param('"--host", "0.0.0.0", ', "", 9, "listening", "until it is told otherwise", id="default host"),
        pytest.param('"--port", "8000"', '"--port", "9000"', 9, "listening", "port 9000", id="listens elsewhere"),
        pytest.param("COPY pyproject.toml ./\n", "", 5, "install", "pyproject.toml in /srv", id="project not copied"),
        pytest.param("cache-dir .", "cache-dir -r requirements.txt", 6, "install", "/srv/requirements.txt", id="no requirements"),
        pytest.param("RUN useradd", "RUN apk add curl && useradd", 2, "install", "has no apk", id="alpine's manager"),
        pytest.param("RUN useradd", "RUN apt-get install -y curl && useradd", 2, "install", "apt-get update", id="no lists"),
        pytest.param("RUN useradd", "RUN apt-get update && apt-get install curl && useradd", 2, "install", "add -y", id="asks"),
        pytest.param("python:3.13-slim", "python:3.13-alpine", 2, "install", "has no useradd", id="debian's useradd"),
    ],
)  # fmt: skip
def test_each_fault_of_a_python_component_is_told_at_its_line(
    old: str, new: str, line: int, rule: str, words: str
) -> None:
    """One thing is wrong in a Dockerfile that is right otherwise; it is told, with its place and what to do."""
    _, files = project()
    files = {**files, API: PLAIN}
    assert told(files) == []

    findings = told(changed(files, API, old, new))

    matching = [each for each in findings if each.rule == f"dockerfile/{rule}" and words in each.message]
    assert [(each.path, each.line) for each in matching] == [(API, line)], findings


@pytest.mark.parametrize(
    ("old", "new", "line", "rule", "words"),
    [
        pytest.param("src/main.js", "src/server.js", 9, "program", "no file /srv/src/server.js", id="no such file"),
        pytest.param('"node", "src/main.js"', '"npm", "start"', 9, "program", "has no script start", id="no such script"),
        pytest.param('"node", "src/main.js"', '"npx", "tsx", "src/main.ts"', 9, "program", "fetched when it runs", id="npx"),
        pytest.param('"node", "src/main.js"', '"vite"', 9, "program", "brings the program vite", id="for development only"),
        pytest.param(" package-lock.json", "", 5, "install", "/srv/package-lock.json", id="no lock"),
        pytest.param("COPY . .", "RUN npm run compile\nCOPY . .", 6, "program", "no script compile", id="no build script"),
        pytest.param("COPY . .", "RUN node tools/make.js\nCOPY . .", 6, "program", "no file /srv/tools", id="too early"),
    ],
)  # fmt: skip
def test_each_fault_of_a_node_component_is_told_at_its_line(
    old: str, new: str, line: int, rule: str, words: str
) -> None:
    """Scripts, files and packages are looked for where the line stands."""
    _, files = project("chat")
    path = dockerfile_of("realtime")
    files = {**files, path: NODE}
    assert told(files, "realtime", "chat") == []

    findings = told(changed(files, path, old, new), "realtime", "chat")

    matching = [each for each in findings if each.rule == f"dockerfile/{rule}" and words in each.message]
    assert [(each.path, each.line) for each in matching] == [(path, line)], findings


def test_what_the_plan_does_not_know_is_told_and_what_it_wants_is_missed() -> None:
    """A component without a Dockerfile, and a Dockerfile without a component."""
    plan, files = project()
    files["services/other/Dockerfile"] = files.pop(API)

    findings = [*faults_of_dockerfiles(plan, files)]

    assert [(each.path, each.rule) for each in findings] == [
        (API, "dockerfile/missing"),
        ("services/other/Dockerfile", "dockerfile/missing"),
    ]


def test_stages_are_followed() -> None:
    """A later stage has what it copies from an earlier one; it has to be earlier, and names are given once."""
    text = """\
ARG VERSION=3.13
FROM python:${VERSION}-slim AS base
WORKDIR /srv
FROM base AS build
COPY . .
FROM base
COPY --from=build /srv/api ./api
COPY --from=build /srv/pyproject.toml ./
RUN pip install .
USER 10001
EXPOSE 8000
CMD ["python", "-m", "uvicorn", "api.main:app", "--host=0.0.0.0", "--port=8000"]
"""
    _, files = project()
    files[API] = text
    assert told(files) == []

    twice = told(changed(files, API, "AS build", "AS base"))
    later = told(changed(files, API, "--from=build /srv/api", "--from=2 /srv/api"))
    lost = told(changed(files, API, "COPY . .", "COPY tests ."))

    assert "two stages are called base" in twice[0].message
    assert "not done before this one" in later[0].message
    assert {(each.rule, each.line) for each in lost} == {("dockerfile/install", 9), ("dockerfile/program", 12)}


def test_what_dockerignore_keeps_out_is_not_there() -> None:
    """Neither for a COPY that names it, nor for the command that needs it."""
    _, files = project()
    files[API] = PLAIN
    files["services/api/.dockerignore"] = "# all but\napi/*\n!api/__init__.py\n"

    ignored = told(files)
    files["services/api/.dockerignore"] = "pyproject.toml\n"
    named = told(files)

    assert "there is no module api.main" in ignored[-1].message
    assert "keeps it out" in named[0].message


def test_a_secret_file_is_not_copied_into_an_image() -> None:
    """`COPY . .` takes all that there is."""
    _, files = project()
    files["services/api/.env"] = "A=1\n"

    findings = told(files)

    assert [(each.rule, each.line) for each in findings] == [("dockerfile/secret", 3)]


@pytest.mark.parametrize(
    "line",
    [
        'ENV PATH="/srv/bin:$PATH" PYTHONDONTWRITEBYTECODE=1 TOKEN_URL=https://example.com/token',
        "LABEL org.opencontainers.image.title='An \"app\"'",
        'RUN --mount=type=cache,target=/root/.cache \\\n  # why\n  set -e; \\\n\n  echo "<<EOF" > /tmp/x 2>&1 || true',
        "RUN <<EOF\nif [ -d /srv ]; then mkdir -p /data; fi\nEOF",
        "RUN python3 <<EOF\nimport nothing\nEOF",
        "RUN <<EOF\n#!/usr/bin/env python3\nimport nothing\nEOF",
        "COPY <<'EOF' /etc/app.conf\nkey = $value\nEOF",
        "COPY api/*.py tests/ /srv/more/",
        "HEALTHCHECK --interval=5s CMD [\"python\", \"-c\", \"print(1)\"]",
        "VOLUME [\"/data\"]",
        "ONBUILD RUN ls",
        "SHELL [\"/bin/sh\", \"-eu\", \"-c\"]",
        "RUN cd api && python main.py && python -m compileall . && python -m api.main",
        "RUN [\"python\", \"-m\", \"pip\", \"install\", \"--prefix\", \"/opt/app\", \".\"]",
    ],
)  # fmt: skip
def test_what_the_reference_allows_is_no_fault(line: str) -> None:
    """Continued lines with comments, heredocs, lists, wildcards, folders that are changed into."""
    _, files = project()
    files[API] = PLAIN.replace("USER app", f"{line}\nUSER app")

    assert told(files) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "\\",
        "FROM",
        "[\n",
        "FROM a\n" * 3,
        "\0",
        "RUN <<A <<B\nA\n",
        "x" * 200_000,
        "FROM a\x07",
        "RUN a\n" * 300,
    ],
)
def test_what_is_no_dockerfile_is_told_and_raises_nothing(text: str) -> None:
    """Whatever stands there."""
    _, files = project()
    files[API] = text

    assert told(files)


def test_the_page_needs_its_build_and_a_web_server() -> None:
    """The static files of a page are made in one stage and served by another, whose own command starts it."""
    _, files = project()

    no_script = told(changed(files, WEB, "npm run build", "npm run bundle"), "web")
    as_root = told(changed(files, WEB, "nginxinc/nginx-unprivileged:1.27-alpine", "nginx:1.27-alpine"), "web")

    assert [(each.rule, each.line) for each in no_script] == [("dockerfile/program", 6)]
    assert [(each.rule, each.line) for each in as_root] == [("dockerfile/user", 8)]


PIECES = st.sampled_from(
    [*PLAIN.splitlines(keepends=True), *NODE.splitlines(keepends=True), "\\\n", "<<EOF", "[]*", "[", "${X:-", "'", '"', "--from=0 ", "RUN ", "COPY ", "CMD ", "\0", "\u2028"]
)  # fmt: skip


@given(text=st.lists(PIECES, max_size=25).map("".join))
@settings(max_examples=120, deadline=None)
def test_whatever_stands_there_is_looked_at_to_its_end(text: str) -> None:
    """Lines out of order, forms that are begun and left: faults are told, and nothing is raised."""
    _, files = project()

    findings = told({**files, API: text})

    assert all(each.message.isprintable() and each.path for each in findings)
