"""Every fault of a compose file is told at its line: by the published schema, and against the plan."""

from __future__ import annotations

import pytest

from engine.domain import Finding
from engine.projects.shipping.compose import PATH, faults_of_compose
from engine.projects.shipping.reading import MOST_CHARACTERS, read
from tests.projects.plans import sound
from tests.projects.shipping.projects import changed, project


def told(text: str) -> list[Finding]:
    plan, files = project()
    return [*faults_of_compose(plan, {**files, PATH: text})]


def text_of(old: str, new: str) -> str:
    _, files = project()
    return changed(files, PATH, old, new)[PATH]


@pytest.mark.parametrize(
    ("old", "new", "rule", "place", "words"),
    [
        pytest.param("    init: true", "    inti: true", "schema", "inti", "unknown inti", id="unknown key"),
        pytest.param("init: true", "init: [1]", "schema", "init: [1]", "is not of type", id="wrong type"),
        pytest.param("service_healthy", "service_ready", "schema", "service_ready", "service_ready", id="no condition"),
        pytest.param("volumes:\n  data", "volumes:\n  extra: {}\n  data", "volume", "extra: {}", "no service mounts", id="unused volume"),
        pytest.param("  cache-data: {}\n", "", "volume", "volumes:", "not named under volumes", id="unnamed volume"),
        pytest.param("  fulfiller:\n    build", "  worker:\n    build", "service", "worker:", "none of the plan's", id="unknown service"),
        pytest.param("  fulfiller:\n    build", "  worker:\n    build", "service", "services:", "no service fulfiller", id="missing service"),
        pytest.param("context: services/api", "context: services/web", "build", "context: services/web", "files stand in services/api", id="another folder"),
        pytest.param("context: services/api", "context: services/api\n      dockerfile: Docker", "build", "build:", "no services/api/Docker", id="no dockerfile"),
        pytest.param("    build:\n      context: services/api", "    image: \"python:3.13\"", "build", "api:", "is not built", id="not built"),
        pytest.param("127.0.0.1:8000:8000", "127.0.0.1:8000:9000", "port", "ports:", "publishes port 9000", id="another port"),
        pytest.param("127.0.0.1:8000:8000", "127.0.0.1:8080:8000", "port", "ports:", "both publish port 8080", id="port taken"),
        pytest.param("    ports:\n      - \"127.0.0.1:8080:8080\"\n", "", "port", "web:", "nobody reaches the page", id="page not published"),
        pytest.param("    image: \"postgres:17\"", "    image: \"postgres:17\"\n    ports: [\"5432:5432\"]", "port", "ports: [", "open to the network", id="open store"),
        pytest.param("      CACHE_URL:", "      CACHES_URL:", "environment", "environment:", "set CACHE_URL", id="not told"),
        pytest.param("redis://cache:6379", "redis://redis:6379", "environment", "CACHE_URL", "the service is called cache", id="another host"),
        pytest.param("redis://cache:6379", "redis://cache:6380", "environment", "CACHE_URL", "listens on 6379", id="another port of it"),
        pytest.param("${DATABASE_PASSWORD:?set it in .env}@", "hunter2@", "secret", "DATABASE_URL", "secret in the file", id="password in a URL"),
        pytest.param("POSTGRES_PASSWORD: \"${DATABASE_PASSWORD:?set it in .env}\"", "POSTGRES_PASSWORD: \"hunter2\"", "secret", "POSTGRES_PASSWORD", "secret in the file", id="password"),
        pytest.param("POSTGRES_PASSWORD: \"${DATABASE_PASSWORD:?set it in .env}\"", "POSTGRES_PASSWORD: \"${DATABASE_PASSWORD:-hunter2}\"", "secret", "POSTGRES_PASSWORD", "as its default", id="password as default"),
        pytest.param("POSTGRES_USER: app", "POSTGRES_USER: $WHO", "variable", "POSTGRES_USER", "not named in .env.example", id="unnamed variable"),
        pytest.param("    depends_on:\n      database:\n        condition: service_healthy\n", "    depends_on:\n", "depends_on", "depends_on:", "does not depend on it", id="store not waited for"),
        pytest.param("condition: service_healthy", "condition: service_started", "depends_on", "database:", "before database answers", id="started too early"),
        pytest.param("    depends_on:\n", "    depends_on:\n      ghost:\n        condition: service_started\n", "depends_on", "ghost:", "is no service", id="unknown dependency"),
        pytest.param("    image: \"postgres:17\"", "    image: \"postgres:17\"\n    depends_on: [api]", "depends_on", "depends_on:", "nothing can be started first", id="circle"),
        pytest.param("    healthcheck:\n      test:\n        - CMD\n        - pg_isready\n        - \"--username\"\n        - app\n      interval: \"5s\"\n      timeout: \"5s\"\n      retries: 12\n", "", "depends_on", "database:", "has no healthcheck", id="no healthcheck"),
        pytest.param("    init: true", "    init: true\n    healthcheck: {test: [CMD, curl, \"http://127.0.0.1:8080/up\"]}", "healthcheck", "healthcheck:", "does not ask for /health", id="another health path"),
        pytest.param("postgres:17", "mysql:8", "image", "image: \"mysql:8\"", "is postgresql, and mysql is not", id="another engine"),
        pytest.param("postgres:17", "postgres", "image", "image: \"postgres\"", "is not pinned", id="no tag"),
        pytest.param("postgres:17", "postgres:latest", "image", "image: \"postgres:latest\"", "is not pinned", id="moving tag"),
        pytest.param("postgres:17", "Postgres 17", "image", "image: \"Postgres 17\"", "no name of an image", id="no image"),
        pytest.param("    image: \"postgres:17\"\n", "    build: {context: services/api}\n", "image", "database:", "has no image", id="store without image"),
        pytest.param("    volumes:\n      - \"database-data:/var/lib/postgresql/data\"\n", "", "volume", "database:", "is lost with its container", id="store forgets"),
        pytest.param("    init: true", "    init: true\n    volumes: [\"./conf:/conf\"]", "volume", "volumes: [", "no file of the project", id="mounts nothing"),
        pytest.param("    init: true", "    init: true\n    volumes: [{type: bind, source: /var/run/docker.sock, target: /s}]", "privilege", "volumes: [", "of the machine", id="socket"),
        pytest.param("    init: true", "    privileged: true", "privilege", "privileged", "root on the machine", id="privileged"),
        pytest.param("    init: true", "    network_mode: host", "privilege", "network_mode", "shares network_mode", id="host's network"),
        pytest.param("    init: true", "    cap_add: [SYS_ADMIN]", "privilege", "cap_add", "SYS_ADMIN", id="capability"),
    ],
)  # fmt: skip
def test_each_fault_is_told_at_its_line(old: str, new: str, rule: str, place: str, words: str) -> None:
    """One thing is wrong in a file that is right otherwise."""
    text = text_of(old, new)

    findings = told(text)

    matching = [each for each in findings if each.rule == f"compose/{rule}" and words in each.message]
    assert matching, findings
    line = matching[0].line
    assert line is not None
    assert place in text.splitlines()[line - 1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    build:\n      context: services/api", "    build: ./services/api/"),
        ('    ports:\n      - "127.0.0.1:8000:8000"', "    ports: [{target: 8000, published: 8000, host_ip: 127.0.0.1}]"),
        ("    init: true", "    <<: {init: true, stop_grace_period: 5s}"),
        ("      API_HTTP_URL: \"http://api:8000\"", "      - API_HTTP_URL=http://api:8000\n      - LOG_LEVEL=info"),
        ("    environment:\n      API_HTTP_URL: \"http://api:8000\"", "    env_file: .env"),
        ("postgres:17", "postgis/postgis:17-3.5"),
        ("POSTGRES_USER: app", 'POSTGRES_USER: "${WHO:-app}"'),
        ("    init: true", "    volumes: [\"./services/web/src:/src:ro\"]"),
        ("    init: true", "    command: [\"echo\", \"$$HOME\"]"),
    ],
)  # fmt: skip
def test_another_way_to_write_the_same_is_no_fault(old: str, new: str) -> None:
    """Short and long forms, maps and lists, merged keys, what has a default."""
    assert told(text_of(old, new)) == []


def test_a_project_without_one_is_told_so() -> None:
    """The plan's project is started by it."""
    assert [each.rule for each in faults_of_compose(sound(), {})] == ["compose/missing"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "no YAML"),
        ("a: 1\na: 2", "twice"),
        ("a: !x 1", "the tag !x"),
        ("a: !x {}", "the tag !x"),
        ("a: !!int x", "no YAML"),
        ("", "empty"),
        ("? [a]\n: b", "only texts may be keys"),
        ("- " * 2_000, "nested"),
        ("a: &x [*x]", "nested more than"),
        ("\0", "no YAML"),
        ("x" * (MOST_CHARACTERS + 1), "longer than"),
        (
            "\n".join(["a0: &a0 [1]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9))]),
            "values",
        ),
        ("--- 1\n--- 2\n", "one document"),
    ],
)
def test_what_is_no_such_file_is_told_and_bounded(text: str, words: str) -> None:
    """Also a few lines that would come to a milliard of values."""
    assert words in told(text)[0].message


@pytest.mark.parametrize(
    "text", ["1", "[]", "services: 3", "services: {api: 1, database: [2], web: {ports: {}, build: 7}}"]
)
def test_what_has_another_shape_raises_nothing(text: str) -> None:
    """The schema tells it, and the rest of the checks find nothing to look at."""
    assert any(each.rule == "compose/schema" for each in told(text))


def test_values_are_those_of_yaml_1_2() -> None:
    """`on` is a text, as GitHub and compose have it; to Kubernetes it is a truth."""
    text = "a: [on, 'on', true, 0x1F, 0o17, 1_000, .inf, 1.5, ~, 2026-01-01]"

    assert read("x", text).documents[0].value == {
        "a": ["on", "on", True, 31, 15, 1000, float("inf"), 1.5, None, "2026-01-01"]
    }
    assert read("x", "a: [on, 'on', No]", old_truths=True).documents[0].value == {"a": [True, "on", False]}
