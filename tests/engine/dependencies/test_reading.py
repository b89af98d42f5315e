"""What a project says it needs is read from its files, whatever their format, and nothing of it is run."""

from __future__ import annotations

import pytest

from engine.dependencies.reading import read_wanted
from sandboxes.wheels import PYTHON

SETUP = """
from setuptools import setup, find_packages, Extension
import os
os.system("touch /tmp/this-was-run")
BASE = ["requests>=2", "attrs"]
with open("requirements/test.txt") as file:
    tests = file.read().splitlines()
setup(
    name="Thing", python_requires=">=3.10", install_requires=BASE + ["six"],
    extras_require={"test": tests, "docs": ["sphinx"]}, setup_requires=["cython"],
    ext_modules=[Extension("thing._fast", ["thing/_fast.c"])],
)
"""
POETRY = """
[tool.poetry]
name = "thing"
[tool.poetry.dependencies]
python = "^3.10"
requests = "^2.31"
attrs = "~23.1"
six = "*"
pendulum = {version = ">=3,<4", extras = ["test"], markers = "sys_platform == 'linux'"}
rich = {version = "^13", optional = true}
local = {path = "../local", develop = true}
forked = {git = "https://user:secret@host/forked.git"}
zeroes = "^0.0.3"
either = "^1.2 || ^2.0"
[tool.poetry.extras]
pretty = ["rich"]
[tool.poetry.group.test.dependencies]
freezegun = "1.2.*"
[tool.poetry.group.docs.dependencies]
mkdocs = "*"
[tool.poetry.dev-dependencies]
time-machine = "^2"
"""


@pytest.mark.parametrize(
    ("files", "requirements"),
    [
        pytest.param({}, [], id="nothing at all"),
        pytest.param({"calc.py": "import numpy\n"}, [], id="a flat project that names nothing"),
        pytest.param({"requirements.txt": "flask>=2 # web\n\n# no\nsix\n"}, ["flask>=2", "six"], id="requirements"),
        pytest.param(
            {"requirements.txt": "-r more/a.txt\nsix\n", "more/a.txt": "-r b.txt\n", "more/b.txt": "attrs\n"},
            ["attrs", "six"],
            id="includes, relative to the file that includes",
        ),
        pytest.param(
            {"requirements.txt": "attrs\n", "dev-requirements.txt": "freezegun\n", "docs-requirements.txt": "sphinx\n"},
            ["attrs", "freezegun"],
            id="files for development, and none for documentation",
        ),
        pytest.param(
            {
                "requirements/base.txt": "attrs\n",
                "requirements/test.txt": "faker\n",
                "requirements/prod.txt": "gunicorn",
            },
            ["attrs", "faker"],
            id="a folder of requirements",
        ),
        pytest.param(
            {"requirements.txt": "six==1.16.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"},
            ["six==1.16.0 --hash=sha256:aa --hash=sha256:bb"],
            id="hashes are kept where all have them",
        ),
        pytest.param(
            {"requirements.txt": "six==1.16.0 --hash=sha256:aa\n", "requirements-test.txt": "faker\n"},
            ["six==1.16.0", "faker"],
            id="hashes are left out where not all have them",
        ),
        pytest.param(
            {"pyproject.toml": '[project]\nname="a"\ndependencies=["six", "A[x]"]\n'}, ["six"], id="without itself"
        ),
        pytest.param(
            {
                "pyproject.toml": '[project]\nname="a"\n[project.optional-dependencies]\ntest=["a[net]", "faker"]\n'
                'net=["httpx"]\ndocs=["sphinx"]\n'
            },
            ["faker", "httpx"],
            id="extras that the tests' extra asks for",
        ),
        pytest.param(
            {
                "pyproject.toml": '[project]\nname="a"\n[project.optional-dependencies]\nnet=["httpx"]\n',
                "requirements.txt": "-e .[net]\n",
            },
            ["httpx"],
            id="extras of an editable install of itself",
        ),
        pytest.param(
            {"pyproject.toml": '[dependency-groups]\nDev=[{include-group="typing_x"}, "faker"]\nTyping-X=["six"]\n'},
            ["six", "faker"],
            id="dependency groups that include others",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.uv]\ndev-dependencies=["faker"]\n[tool.pdm.dev-dependencies]\ntest=["six"]\n'},
            ["faker", "six"],
            id="tables of uv and PDM",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.hatch.envs.hatch-test]\nextra-dependencies=["faker"]\n'}, ["faker"], id="hatch"
        ),
        pytest.param(
            {
                "pyproject.toml": '[project]\nname="a"\n[tool.setuptools.dynamic]\n'
                'dependencies={file=["needs.txt"]}\noptional-dependencies.test={file="tests.txt"}\n',
                "needs.txt": "six\n",
                "tests.txt": "faker\n",
            },
            ["six", "faker"],
            id="dynamic requirements of setuptools",
        ),
        pytest.param(
            {"pyproject.toml": POETRY},
            [
                "requests<3,>=2.31",
                "attrs<23.2,>=23.1",
                "six",
                'pendulum[test]<4,>=3; sys_platform == "linux"',
                "zeroes<0.0.4,>=0.0.3",
                "either<3,>=1.2",
                "time-machine<3,>=2",
                "freezegun==1.2.*",
            ],
            id="poetry",
        ),
        pytest.param(
            {
                "setup.cfg": "[metadata]\nname = thing\n[options]\ninstall_requires =\n    six>=1 # old\n    attrs\n"
                "[options.extras_require]\ntest = faker; mock\ndocs = sphinx\n"
            },
            ["six>=1", "attrs", "faker", "mock"],
            id="setup.cfg",
        ),
        pytest.param(
            {"setup.py": SETUP, "requirements/test.txt": "faker\n"},
            ["requests>=2", "attrs", "six", "faker"],
            id="setup.py, as it is written",
        ),
        pytest.param(
            {"setup.py": "from setuptools import setup\nconf = dict(install_requires=['six'])\nsetup(**conf)\n"},
            ["six"],
            id="setup.py with its arguments in a dictionary",
        ),
        pytest.param(
            {"tox.ini": "[testenv]\ndeps =\n  faker\n  py27: mock\n  {env:X:}\n  py: six\n", "setup.py": "setup()"},
            ["faker", "six"],
            id="tox",
        ),
        pytest.param(
            {"tox.ini": "[testenv]\ndeps = -r{toxinidir}/ci/needs.txt\n", "ci/needs.txt": "faker\n"},
            ["faker"],
            id="a requirements file that tox names",
        ),
        pytest.param(
            {
                "Pipfile": '[[source]]\nurl="https://elsewhere/"\n[packages]\nsix="*"\nattrs={version=">=20", '
                'sys_platform="== \'linux\'"}\nme={path=".",editable=true}\n[dev-packages]\nfaker="==1.0"\n'
            },
            ["six", 'attrs>=20; sys_platform == "linux"', "faker==1.0"],
            id="Pipfile",
        ),
        pytest.param(
            {
                "environment.yml": "name: x\ndependencies:\n  - python=3.11\n  - numpy\n  - pip:\n    - six>=1\n    - attrs\n"
            },
            ["six>=1", "attrs"],
            id="what pip installs of a conda environment",
        ),
        pytest.param(
            {"tool.py": '# /// script\n# requires-python = ">=3.11"\n# dependencies = [\n#   "six",\n# ]\n# ///\n'},
            ["six"],
            id="a script's header",
        ),
        pytest.param(
            {
                "packages/a/pyproject.toml": '[project]\nname="a"\ndependencies=["b", "six"]\n',
                "packages/b/pyproject.toml": '[project]\nname="b"\ndependencies=["attrs"]\n',
                "tests/data/old/pyproject.toml": '[project]\nname="c"\ndependencies=["django"]\n',
            },
            ["six", "attrs"],
            id="packages of one repository need one another as sources",
        ),
        pytest.param(
            {"requirements.txt": "pytest<8\npytest-mock\ncoverage==5\n"},
            ["pytest-mock"],
            id="what judges is every box's own",
        ),
        pytest.param(
            {"requirements.txt": "x @ https://host/x-1.tar.gz\n"}, ["x @ https://host/x-1.tar.gz"], id="archive"
        ),
    ],
)
def test_what_is_wanted_is_what_the_files_say(files: dict[str, str], requirements: list[str]) -> None:
    """Requirements of the project and of its tests are wanted, in the order of the files, each once."""
    assert list(read_wanted(files).wanted.requirements) == requirements


@pytest.mark.parametrize(
    ("files", "constraints"),
    [
        pytest.param(
            {
                "uv.lock": 'version=1\n[[package]]\nname="six"\nversion="1.16.0"\nsource={registry="https://i/"}\n'
                '[[package]]\nname="me"\nversion="0.1"\nsource={editable="."}\n'
                '[[package]]\nname="far"\nversion="1"\nsource={git="https://x"}\n'
            },
            ["six==1.16.0"],
            id="uv",
        ),
        pytest.param(
            {
                "poetry.lock": '[[package]]\nname="torch"\nversion="2.1.0+cpu"\n[[package]]\nname="g"\nversion="1"\n'
                '[package.source]\ntype="git"\nurl="https://x"\n'
            },
            ["torch==2.1.0"],
            id="poetry",
        ),
        pytest.param({"pylock.toml": '[[packages]]\nname="six"\nversion="1.16"\n'}, ["six==1.16"], id="PEP 751"),
        pytest.param(
            {"pdm.lock": '[[package]]\nname="a"\nversion="1"\n[[package]]\nname="a"\nversion="2"\n'},
            [],
            id="one locked to two versions is held to none",
        ),
        pytest.param(
            {"Pipfile.lock": '{"default": {"six": {"version": "==1.16.0"}}, "develop": {"x": {"git": "https://y"}}}'},
            ["six==1.16.0"],
            id="Pipfile.lock",
        ),
        pytest.param({"requirements.txt": "six\n-c pins.txt\n", "pins.txt": "six<2\n"}, ["six<2"], id="constraints"),
        pytest.param(
            {"uv.lock": '[[package]]\nname="a"\nversion="1"\n', "poetry.lock": '[[package]]\nname="a"\nversion="2"\n'},
            ["a==1"],
            id="of several locks the first by precedence",
        ),
        pytest.param({"uv.lock": '[[package]]\nname="a"\nversion="one"\n'}, [], id="what is no version"),
    ],
)
def test_a_lock_says_which_versions_and_wants_nothing(files: dict[str, str], constraints: list[str]) -> None:
    """What stands in a lock becomes a constraint, without what is not taken from an index."""
    wanted = read_wanted(files).wanted

    assert list(wanted.constraints) == constraints
    assert wanted.requirements in {(), ("six",)}


@pytest.mark.parametrize(
    ("files", "note"),
    [
        pytest.param({"pyproject.toml": "[project\n"}, "pyproject.toml: no TOML", id="broken TOML"),
        pytest.param({"pyproject.toml": "\x00\ufeff\udcff"}, "pyproject.toml: no TOML", id="no text at all"),
        pytest.param({"pyproject.toml": "a=" + "[" * 5_000}, "pyproject.toml: no TOML", id="nested without end"),
        pytest.param({"setup.cfg": "what\n[x"}, "setup.cfg: no INI file", id="broken INI"),
        pytest.param({"setup.py": "def ("}, "setup.py: no Python", id="broken Python"),
        pytest.param({"setup.py": "setup(install_requires=find())"}, "are computed", id="computed requirements"),
        pytest.param({"Pipfile.lock": "{"}, "Pipfile.lock: no JSON", id="broken JSON"),
        pytest.param({"Pipfile": "= ="}, "Pipfile: no TOML", id="broken Pipfile"),
        pytest.param({"uv.lock": "x"}, "uv.lock: no TOML", id="broken lock"),
        pytest.param({"pyproject.toml": '[project]\ndependencies=["!!", 3]\n'}, "left out '!!'", id="no requirement"),
        pytest.param({"pyproject.toml": '[project]\nrequires-python="new"\n'}, "no range of Python", id="no range"),
        pytest.param(
            {"pyproject.toml": '[dependency-groups]\ntest=[{include-group="test"}]\n'}, "includes itself", id="a circle"
        ),
        pytest.param(
            {"requirements.txt": "-r requirements.txt\n"}, "includes itself", id="a file that includes itself"
        ),
        pytest.param(
            {"requirements.txt": "-r ../../etc/passwd\n"}, "not among the project's", id="outside the project"
        ),
        pytest.param({"requirements.txt": "-r gone.txt\n"}, "'gone.txt' is not among", id="a file that is not there"),
        pytest.param({"requirements.txt": "--extra-index-url=https://u:secret@h/\n"}, "is not heeded", id="an index"),
        pytest.param({"requirements.txt": "-ihttps://u:secret@h/\n"}, "-i is not heeded", id="an index, written short"),
        pytest.param({"requirements.txt": "git+https://u:secret@h/x.git\n"}, "left out a requirement", id="repository"),
        pytest.param({"requirements.txt": "x @ git+https://u:secret@h/x\n"}, "left out 'x'", id="repository by name"),
        pytest.param({"requirements.txt": "-e git+https://u:secret@h/x#egg=x\n"}, "left out an address", id="editable"),
        pytest.param({"requirements.txt": "/home/me/x.whl\n"}, "left out '/home/me/x.whl'", id="a path"),
        pytest.param({"requirements.txt": "x==${VERSION}\n"}, "a variable", id="a variable"),
        pytest.param(
            {"requirements.txt": "six==1\n", "requirements-test.txt": "six==2\n"}, "pins six to 2", id="two pins"
        ),
        pytest.param({"x.py": "# /// script\n# [[[\n# ///\n"}, "header for scripts is no TOML", id="broken header"),
    ],
)
def test_what_cannot_be_read_is_a_line_and_no_crash(files: dict[str, str], note: str) -> None:
    """Whatever somebody wrote, it is told in one line what was made of it, and a password in it is not repeated."""
    notes = read_wanted(files).notes

    assert any(note in each for each in notes), notes
    assert not any("secret" in each or "\n" in each for each in notes)


def test_a_setup_py_is_read_and_not_run() -> None:
    """Requirements are taken from its text; an extension module asks for a compiler and for what builds it."""
    found = read_wanted({"setup.py": SETUP, "requirements/test.txt": "faker\n"})

    assert found.wanted.compiler
    assert found.wanted.build_requirements == ("cython",)
    assert found.wanted.requires_python == ">=3.10"
    assert found.groups == ("test",)
    assert set(found.manifests) == {"setup.py", "requirements/test.txt"}


def test_what_builds_a_pure_project_is_told_and_not_installed() -> None:
    """A project without extension modules is used as its sources are."""
    found = read_wanted({"pyproject.toml": '[build-system]\nrequires=["hatchling"]\n[project]\nname="a"\n'})

    assert found.build == ("hatchling",)
    assert found.wanted.nothing


@pytest.mark.parametrize("requires", ["cython>=3", "pybind11", "meson-python", "scikit-build-core"])
def test_a_project_that_is_compiled_asks_for_a_compiler(requires: str) -> None:
    """What builds extension modules is known by its name."""
    wanted = read_wanted({"pyproject.toml": f'[build-system]\nrequires=["setuptools", "{requires}"]\n'}).wanted

    assert wanted.compiler
    assert wanted.build_requirements == ("setuptools", requires)


def test_another_extra_is_taken_as_far_as_the_tests_cannot_be_loaded_without_it() -> None:
    """Only what a test imports at its margin, and only the requirement that brings it."""
    manifest = '[project]\nname="a"\n[project.optional-dependencies]\nall=["PyYAML>=6", "httpx"]\n'
    tests = {"tests/test_a.py": "import yaml\ntry:\n    import httpx\nexcept ImportError:\n    httpx = None\n"}

    found = read_wanted({"pyproject.toml": manifest}, tests=tests)

    assert found.wanted.requirements == ("PyYAML>=6",)
    assert any("tests/test_a.py imports yaml" in note for note in found.notes)


def test_the_user_adds_requirements_and_allows_their_names() -> None:
    """What is allowed is wanted, and known for whoever judges a changed manifest."""
    found = read_wanted({"requirements.txt": "six\n"}, allowed=["PyYAML>=6", "what?"])

    assert found.wanted.requirements == ("six", "PyYAML>=6")
    assert found.known == ("pyyaml", "six")
    assert found.declared is not None
    assert found.declared.allowed == ("PyYAML>=6",)
    assert any("'what?'" in note for note in found.notes)


def test_imports_are_resolved_only_where_new_names_are_allowed() -> None:
    """By the distribution that is known to bring a module; never for the standard library or the project's own modules."""
    files = {
        "app/core.py": "import os\nimport yaml\nfrom . import x\nfrom app import y\n",
        "app/y.py": "import requests\n",
    }

    assert read_wanted(files).wanted.nothing
    assert read_wanted(files, allow_new=True).wanted.requirements == ("PyYAML", "requests")


@pytest.mark.parametrize(
    ("groups", "taken"),
    [
        pytest.param(
            'test=["pytest", "faker"]\ndev=["tox", "ipdb", "pytest-mock"]', ["faker", "pytest-mock"], id="both"
        ),
        pytest.param(
            'dev=["pytest", "faker", "ipdb", "pre-commit", "sphinx-copybutton"]', ["faker", "ipdb"], id="dev only"
        ),
        pytest.param('test=["pytest", "mypy", "build"]', ["mypy"], id="a tool that a test runs"),
    ],
)
def test_developers_tools_are_left_out(groups: str, taken: list[str]) -> None:
    """Where the tests' own needs are told, and wherever no test speaks of a tool."""
    tests = {"test_types.py": "import subprocess\nsubprocess.run(['python', '-m', 'mypy'])\n# a build\n"}

    found = read_wanted({"pyproject.toml": f"[dependency-groups]\n{groups}\n"}, tests=tests)

    assert list(found.wanted.requirements) == taken


def test_a_lock_for_several_surroundings_is_held_to_by_what_it_says_of_ours() -> None:
    """Of two versions, the one for the boxes' Python."""
    lock = """
[[package]]
name = "numpy"
version = "2.0.2"
source = { registry = "https://i/" }
resolution-markers = ["python_full_version < '3.10'"]
[[package]]
name = "numpy"
version = "2.3.0"
source = { registry = "https://i/" }
resolution-markers = ["python_full_version >= '3.11' and sys_platform == 'linux'", "sys_platform == 'win32'"]
"""
    assert read_wanted({"uv.lock": lock}).wanted.constraints == ("numpy==2.3.0",)


@pytest.mark.parametrize(
    ("python", "taken"),
    [
        pytest.param("3.12", ("freezegun",), id="another"),
        pytest.param(PYTHON, ("freezegun==1.4.0",), id="the boxes'"),
    ],
)
def test_versions_that_were_compiled_for_another_python_do_not_count(python: str, taken: tuple[str, ...]):
    """They were never tried on the boxes' Python; what they were made of says what is needed."""
    head = f"#\n# This file is autogenerated by pip-compile with Python {python}\n# by the following command:\n#\n"
    files = {
        "requirements/tests.txt": f"{head}#    pip-compile --strip-extras tests.in\n#\nfreezegun==1.4.0\n    # via -r tests.in\n",
        "requirements/tests.in": "freezegun\n",
    }

    found = read_wanted(files)

    assert found.wanted.requirements == taken
    assert any("compiled for another Python" in note for note in found.notes) == (python != PYTHON)


def test_versions_that_were_compiled_for_another_python_are_better_than_nothing():
    """Where the file that they were made of is not there, or leads out, they stay."""
    head = "# This file is autogenerated by pip-compile with Python 3.9\n# by the following command:\n#\n"

    found = read_wanted({"requirements/tests.txt": f"{head}#    pip-compile ../../tests.in\n#\nattrs==24.1.0\n"})

    assert found.wanted.requirements == ("attrs==24.1.0",)


def test_a_file_that_only_sets_tools_up_does_not_keep_imports_from_being_asked_for() -> None:
    """What imports ask for is taken where no manifest says what is needed; a project's own table says so, also by silence."""
    tools = {"pyproject.toml": '[tool.pytest.ini_options]\npythonpath = ["."]\n', "app.py": "import requests\n"}
    project = {**tools, "pyproject.toml": '[project]\nname = "app"\nversion = "1"\n'}

    assert read_wanted(tools, allow_new=True).wanted.requirements == ("requests",)
    assert read_wanted(tools).wanted.requirements == ()
    assert read_wanted(project, allow_new=True).wanted.requirements == ()
