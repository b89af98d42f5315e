"""What is read off files without running them: distributions, manifests, commands, shells, paths."""

from __future__ import annotations

import pytest

from engine.projects.shipping.context import copied
from engine.projects.shipping.distribution import chosen
from engine.projects.shipping.matching import fetches, lacking
from engine.projects.shipping.packages import declared, script_of
from engine.projects.shipping.probing import Had
from engine.projects.shipping.programs import Surroundings, faults_of_command
from engine.projects.shipping.rooted import moved, moved_value
from engine.projects.shipping.shell import commands
from sandboxes.base import WORK

HATCH = '[build-system]\nbuild-backend = "hatchling.build"\n[project]\nname = "my-api"\n'


@pytest.mark.parametrize(
    ("pyproject", "paths", "tops", "fault"),
    [
        pytest.param("", "api/__init__.py tests/test_a.py", ("api",), "", id="one package"),
        pytest.param("", "api/__init__.py shared/a.py", (), "among the packages api, shared", id="two packages"),
        pytest.param("", "main.py conftest.py", ("main.py",), "", id="one module"),
        pytest.param("", "main.py rules.py", (), "among the modules main.py, rules.py", id="two modules"),
        pytest.param("", "src/api/a.py src/shared/b.py", ("api", "shared"), "", id="src"),
        pytest.param('[tool.setuptools]\npackages = ["api", "api.rules"]', "api/a.py shared/b.py", ("api",), "", id="named"),
        pytest.param('[tool.setuptools]\npackages = ["app"]', "api/a.py", (), "names the package app", id="named wrongly"),
        pytest.param('[tool.setuptools]\npy-modules = ["main"]', "main.py rules.py", ("main.py",), "", id="named modules"),
        pytest.param('[tool.setuptools.packages.find]\ninclude = ["a*"]', "api/a.py b/c.py", ("api", "b"), "", id="found"),
        pytest.param("", "setup.py api/a.py b/c.py", ("api", "b"), "", id="setup.py"),
        pytest.param(HATCH, "my_api/__init__.py", ("my_api", "my_api.py"), "", id="hatchling"),
        pytest.param(HATCH, "api/__init__.py", (), "hatchling finds no package my_api", id="hatchling finds none"),
        pytest.param(HATCH + '[tool.hatch.build.targets.wheel]\npackages = ["src/api"]', "src/api/a.py", ("api",), "", id="hatchling's packages"),
        pytest.param('[build-system]\nbuild-backend = "flit_core.buildapi"', "api/a.py", ("api",), "", id="another backend"),
        pytest.param("[", "api/a.py", (), "no TOML", id="no TOML"),
    ],
)  # fmt: skip
def test_what_an_install_takes_is_what_its_backend_would_choose(
    pyproject: str, paths: str, tops: tuple[str, ...], fault: str
) -> None:
    """By the documented rules of setuptools' automatic discovery and of hatchling."""
    found = chosen({"pyproject.toml": pyproject, **dict.fromkeys(paths.split(), "")})

    assert found.tops == tops
    assert fault in found.fault
    assert bool(fault) == bool(found.fault)


def test_manifests_tell_what_is_declared() -> None:
    """Of Python and of Node.js; what cannot be read is told, and what has another shape is as if it were not there."""
    python = declared(
        {
            "pyproject.toml": '[project]\nname = "My_Api"\nrequires-python = ">=3.11"\ndependencies = ["Django>=5", 3, "?"]\n'
            '[project.optional-dependencies]\ntest = ["httpx"]\n[project.scripts]\nserve = "a:b"\n',
            "requirements.txt": "Flask_Login==1 # hello\n-r other.txt\n\n",
        }
    )
    node = declared(
        {"package.json": '{"dependencies": {"vue": "3"}, "devDependencies": {"vite": "8"}, "scripts": {"a": "b"}}'}
    )
    broken = declared({"pyproject.toml": "[", "package.json": "["})
    odd = declared({"pyproject.toml": "project = 3", "package.json": '[{"scripts": 3}]'})

    assert python.packages == {"django", "flask-login"}
    assert python.all == {"django", "flask-login", "httpx"}
    assert (python.name, python.python, python.scripts) == ("my-api", ">=3.11", {"serve"})
    assert (node.packages, node.for_development, node.scripts) == ({"vue"}, {"vite"}, {"a"})
    assert set(broken.unreadable) == {"pyproject.toml", "package.json"}
    assert odd.all == frozenset()
    assert script_of({"package.json": '{"scripts": {"a": "b"}}'}, "a") == "b"
    assert script_of({"package.json": "["}, "a") == script_of({}, "a") == ""


def surroundings(**more: object) -> Surroundings:
    python = declared(
        {"pyproject.toml": '[project]\ndependencies = ["uvicorn", "celery", "django"]\nscripts = {serve = "a:b"}\n'}
    )
    files = {
        "/srv/api/main.py": "from x import *\n",
        "/srv/api/wsgi.py": "import os\napp: int = 3\ndef make(): ...\nclass App: ...\n",
        "/srv/api/__main__.py": "",
        "/srv/api/__init__.py": "",
        "/srv/manage.py": "",
        "/srv/broken.py": "(",
        "/srv/start.sh": "",
    }
    given: dict[str, object] = {"runtime": "python", "cwd": "/srv", "files": files, "declared": python, **more}
    return Surroundings.model_validate(given)


@pytest.mark.parametrize(
    "line",
    """python -m api|python -m api.wsgi|python3.13 -u -W error manage.py migrate|python -c 1|python -X dev -m http.server
    python -m django check|python -m uvicorn api.wsgi:make --factory|uvicorn api.main:anything|uvicorn broken:app
    uvicorn api.wsgi:App|celery -A api worker|django-admin check|serve|exec python manage.py|A=1 env B=2 python manage.py
    tini -- python manage.py|/usr/bin/tini -- python manage.py|sh start.sh|./start.sh|bash -c 'x y'|echo x|/usr/local/bin/python
    python|node --version""".replace("\n", "|").split("|"),
)  # fmt: skip
def test_what_is_there_is_no_fault(line: str) -> None:
    """Files, modules, packages, scripts of the project, programs of an image."""
    assert [*faults_of_command(line.split(), surroundings())] == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("python -m", "names no module"),
        ("python -m api.rules", "there is no api/rules.py"),
        ("python -m flask run", "brings the module flask"),
        ("python manager.py", "no file /srv/manager.py"),
        ("gunicorn api.wsgi:app", "brings the program gunicorn"),
        ("uvicorn api.wsgi:nothing", "api.wsgi defines no nothing"),
        ("uvicorn --port 80", "names no application"),
        ("arq api.Settings", "brings the program arq"),
        ("./stop.sh", "no file /srv/stop.sh"),
        ("bin/start", "no file /srv/bin/start"),
        ("sh stop.sh", "no file /srv/stop.sh"),
        ("/srv/nothing", "in no file that was copied"),
        ("node server.js", "no file /srv/server.js"),
        ("node -r ./x.js --enable-source-maps server", "no file /srv/server"),
        ("npm start", "no package.json in /srv"),
        ("npx vite", "would be fetched"),
    ],
)
def test_what_is_not_there_is_told(line: str, words: str) -> None:
    """By the name that the author wrote."""
    told = [*faults_of_command(line.split(), surroundings())]

    assert any(words in each for each in told), told


def test_programs_of_node_are_found_by_their_packages() -> None:
    """Also where a package is called otherwise; what is for development alone is there where that was installed."""
    node = declared({"package.json": '{"dependencies": {"@scope/tool": "1"}, "devDependencies": {"typescript": "5"}}'})
    given = surroundings(runtime="node", declared=node)

    assert [*faults_of_command(["tool"], given)] == []
    assert [*faults_of_command(["tsc"], given)] == ["no package of package.json brings the program tsc"]
    assert [*faults_of_command(["tsc"], given.model_copy(update={"development": True}))] == []
    assert [*faults_of_command(["npm", "ci"], given)] == [*faults_of_command(["npm", "run"], given)] == []
    assert [*faults_of_command(["node", "dist/x.js"], given.model_copy(update={"built": True}))] == []
    assert [*faults_of_command(["/opt/x"], given)] == [] == [*faults_of_command([], given)]


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("a b && c || d; e | f &", [("a", "b"), ("c",), ("d",), ("e",), ("f",)]),
        ("if [ -d x ]; then a; else b; fi", [("[", "-d", "x", "]"), ("a",), ("b",), ("fi",)]),
        ("a 'b c' \"d\" > out 2>&1 < in", [("a", "b c", "d")]),
        ("a \\\n  b\nc # d", [("a", "b"), ("c",)]),
        ("(a; b)", [("a",), ("b",)]),
        ("a 'b", []),
        ("", []),
    ],
)
def test_a_shell_is_parted_into_its_commands(text: str, parted: list[tuple[str, ...]]) -> None:
    """Without redirections; what cannot be parted is left alone."""
    assert [*commands(text)] == parted


@pytest.mark.parametrize(
    ("text", "moved_"),
    [
        ("mkdir -p /data /srv/a.b", f"mkdir -p {WORK}/stage1/data {WORK}/stage1/srv/a.b"),
        ("cp a /x>/dev/null 2>&1", f"cp a {WORK}/stage1/x>/dev/null 2>&1"),
        ("A=/x B='/y z' c --d=/e", f"A={WORK}/stage1/x B='{WORK}/stage1/y z' c --d={WORK}/stage1/e"),
        ("/usr/bin/env /opt/venv/bin/python a/b http://x/y", "/usr/bin/env python a/b http://x/y"),
        ("python -m venv /opt/v && python3 -m pip install x", f"mkdir -p {WORK}/stage1/opt/v && pip install x"),
        ("/srv/bin/own x", f"{WORK}/stage1/srv/bin/own x"),
        ("ls /", f"ls {WORK}/stage1/"),
    ],
)
def test_paths_of_an_image_are_moved_below_its_stage(text: str, moved_: str) -> None:
    """What the box has of its own stays; programs of what was never made are looked for by name."""
    assert moved(text, 1, {"/srv/bin/own"}) == moved_


def test_values_of_variables_are_moved_too() -> None:
    """Paths, and lists of them."""
    assert moved_value("/srv/a:/usr/bin/x:b", 0) == f"{WORK}/stage0/srv/a:/usr/bin/x:b"
    assert moved_value("hello /x", 0) == "hello /x"


HAD = Had(python=frozenset({"django", "my-tool"}), node=frozenset({"vue", "vite", "@types/node"}))


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("pip install Django>=5 My_Tool[x] flask", ["flask"]),
        ("pip install --no-cache-dir --prefix /x -r needs.txt", ["celery"]),
        ("python -m pip install .", ["rq"]),
        ("npm ci", ["vitest"]),
        ("npm ci --omit=dev", []),
        ("npm install vue@3 @types/node@22 left", ["left", "vitest"]),
        ("apt-get install -y curl", []),
        ("npm run build", []),
        ("npm prune --omit=dev", []),
        ("ls", []),
    ],
)
def test_what_an_install_would_bring_is_compared_with_the_box(line: str, missing: list[str]) -> None:
    """By the words of the line, and by the manifests that stand where it is run."""
    texts = {
        "/srv/needs.txt": "django\ncelery\n",
        "/srv/pyproject.toml": '[project]\nname = "mine"\ndependencies = ["django", "rq"]\n',
        "/srv/package.json": '{"dependencies": {"vue": "3"}, "devDependencies": {"vite": "8", "vitest": "4"}}',
    }

    assert [*lacking(line.split(), texts, "/srv", HAD)] == missing


def test_what_needs_a_network_is_known_by_its_program() -> None:
    assert [fetches(each.split()) for each in ("curl x", "git clone x", "apk add x", "apt-get install x", "apk del x", "ls")] == [
        True, True, True, True, False, False
    ]  # fmt: skip


def test_a_copy_is_laid_as_the_reference_says() -> None:
    """Folders without their names, files into folders, names that are given."""
    context = ("a.txt", "b/c.txt", "b/d/e.txt", "f.py")

    def laid(line: str, cwd: str = "/srv", there: tuple[str, ...] = ()) -> dict[str, str]:
        return dict(copied(line.split(), context, context, cwd=cwd, there=there).files)

    assert laid("b .") == {"/srv/c.txt": "b/c.txt", "/srv/d/e.txt": "b/d/e.txt"}
    assert laid("b /x/b") == {"/x/b/c.txt": "b/c.txt", "/x/b/d/e.txt": "b/d/e.txt"}
    assert laid("a.txt new.txt") == {"/srv/new.txt": "a.txt"}
    assert laid("a.txt new/") == {"/srv/new/a.txt": "a.txt"}
    assert laid("a.txt old", there=("/srv/old/x",)) == {"/srv/old/a.txt": "a.txt"}
    assert laid("/a.txt /") == {"/a.txt": "a.txt"}
    assert laid("*.txt b/?.txt ./") == {"/srv/a.txt": "a.txt", "/srv/c.txt": "b/c.txt"}
    assert laid("[a-b]* x/") == {"/srv/x/a.txt": "a.txt", "/srv/x/c.txt": "b/c.txt", "/srv/x/d/e.txt": "b/d/e.txt"}
    assert copied(["a.txt", "f.py", "x"], context, context, cwd="/srv", there=()).unclear
    assert copied(["[]*", "./"], context, context, cwd="/srv", there=()).absent == ("[]*",)
