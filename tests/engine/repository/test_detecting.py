"""How a project's tests are run, as its own settings and its own tools say."""

from __future__ import annotations

import pytest

from engine.repository.collecting import collected
from engine.repository.detecting import Found, detect
from engine.repository.suites import with_environment
from sandboxes.environments.wanted import Environment

TEST = "def test_x():\n    pass\n"
UNITTEST = "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_x(self):\n        pass\n"


def suite_of(files: dict[str, str], *packages: str) -> Found:
    files = {"calc.py": "", "tests/test_x.py": TEST, "tests/unit/test_y.py": TEST} | files
    return detect(files, sorted(files), packages=packages)


def ini(text: str) -> dict[str, str]:
    return {"pytest.ini": f"[pytest]\n{text}"}


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {"pyproject.toml": '[tool.pytest.ini_options]\nmarkers = ["one: 1", "two: 2, 3"]'}, id="pyproject"
        ),
        pytest.param({"pyproject.toml": '[tool.pytest]\nmarkers = ["one: 1", "two: 2, 3"]'}, id="pyproject, native"),
        pytest.param({"pytest.toml": '[pytest]\nmarkers = ["one: 1", "two: 2, 3"]'}, id="pytest.toml"),
        pytest.param(ini("markers =\n    one: 1\n    two: 2, 3\n"), id="pytest.ini"),
        pytest.param({"tox.ini": "[pytest]\nmarkers =\n    one: 1\n    two: 2, 3\n"}, id="tox.ini"),
        pytest.param({"setup.cfg": "[tool:pytest]\nmarkers =\n    one: 1\n    two: 2, 3\n"}, id="setup.cfg"),
    ],
)
def test_settings_are_read_from_wherever_pytest_reads_them(files):
    """One item a line, whatever form they were written in."""
    assert suite_of(files).suite.options == {"markers": "one: 1\ntwo: 2, 3"}


def test_the_first_file_with_settings_counts_and_none_besides():
    """Pytest's own order: an empty pytest.ini hides what pyproject.toml says; a tox.ini for tox alone hides nothing."""
    pyproject = {"pyproject.toml": "[tool.pytest.ini_options]\nxfail_strict = true"}

    assert suite_of(pyproject | ini("")).suite.options == {}
    assert suite_of(pyproject | {"tox.ini": "[pytest]\nxfail_strict = false"}).suite.options == {"xfail_strict": "true"}
    assert suite_of(
        {"tox.ini": "[tox]\nenvlist = py", "setup.cfg": "[tool:pytest]\nxfail_strict = 1"}
    ).suite.options == {"xfail_strict": "1"}


def test_settings_that_cannot_be_read_are_a_note():
    """The project's own tools cannot read them either."""
    found = suite_of({"pyproject.toml": "[tool.pytest.ini_options\n"})

    assert found.suite.options == {}
    assert any("'pyproject.toml' cannot be read" in note for note in found.notes)


@pytest.mark.parametrize(
    ("addopts", "kept"),
    [
        pytest.param("-ra -q -vv --tb=short --color=yes --durations=10 -x --maxfail 3", (), id="output"),
        pytest.param("--cov=calc --cov-report term --cov --no-cov-on-fail", (), id="coverage"),
        pytest.param("-n auto --dist loadscope -n4 --reruns 3 --timeout=60 -p no:randomly --lf", (), id="repeats"),
        pytest.param("--junitxml=out.xml --html report.html -rxXs -s -l --ff", (), id="reports"),
        pytest.param("-m 'not slow' -k 'a or b'", ("-m", "not slow", "-k", "a or b"), id="chosen"),
        pytest.param("-mslow -Werror", ("-m", "slow", "-W", "error"), id="without a space"),
        pytest.param("--strict-markers --strict-config", ("--strict-markers",), id="strict"),
        pytest.param("--import-mode importlib", ("--import-mode=importlib",), id="import mode"),
        pytest.param("--doctest-modules --ignore=setup.py", ("--doctest-modules", "--ignore=setup.py"), id="doctests"),
        pytest.param("--pylint --flake8 --mypy-ini-file=x", (), id="linters"),
        pytest.param("-p calc", ("-p", "calc"), id="a plugin of its own"),
    ],
)
def test_arguments_that_say_what_is_run_stay_and_all_others_go(addopts, kept):
    """With the words that belong to them."""
    found = suite_of(ini(f"addopts = {addopts}"))

    assert with_environment(found.suite, Environment(reference="")).arguments == kept


def test_a_project_that_is_a_plugin_of_pytest_is_loaded_as_one():
    """Nobody has installed it, so pytest would not find it; what is set for it stays."""
    manifest = (
        '[project]\nname = "pytest-asyncio"\nversion = "1"\n[project.entry-points.pytest11]\n'
        'asyncio = "pytest_asyncio.plugin"\n[tool.pytest.ini_options]\nasyncio_mode = "auto"\n'
    )

    found = suite_of({"pyproject.toml": manifest, "pytest_asyncio/plugin.py": ""})
    suite = with_environment(found.suite, Environment(reference=""))

    assert suite.arguments == ("-p", "pytest_asyncio.plugin")
    assert suite.options == {"asyncio_mode": "auto"}


def test_what_is_measured_is_not_taken_for_what_is_run():
    """``--cov tests`` says whose lines are counted, and pytest still looks where its settings say."""
    tox = "[testenv]\ncommands = pytest --cov calc --cov tests\n"

    found = suite_of({**ini("testpaths = src tests"), "tox.ini": tox, "src/calc.py": "", "tests/test_calc.py": ""})

    assert found.suite.options["testpaths"].split() == ["src", "tests"]


def test_options_that_arguments_set_are_options():
    """``-o`` wins over the file, and is read like it."""
    found = suite_of(ini("xfail_strict = false\naddopts = -o xfail_strict=true -o markers='a: b'"))

    assert found.suite.options == {"xfail_strict": "true", "markers": "a: b"}


def test_an_option_nobody_knows_is_left_out_with_a_note():
    """It would end the session before its first test; what a conftest declares, or a plugin may know, stays."""
    files = ini("addopts = --runslow --strange=1\nodd = 3\nown = 4")
    conftest = {
        "tests/conftest.py": "def pytest_addoption(parser):\n    parser.addoption('--runslow')\n    parser.addini('own')\n"
    }

    found = suite_of(files | conftest)

    assert found.suite.arguments == ("--runslow",)
    assert found.suite.options == {"own": "4"}
    assert any(note.startswith("--strange is set") for note in found.notes)
    assert any(note.startswith("odd is set") for note in found.notes)
    weird = suite_of(files | conftest, "pytest-weird")
    environment = Environment(reference="e", plugins=("weird.all",), modules={"weird": "pytest-weird"})
    assert weird.notes == ()
    assert with_environment(weird.suite, environment).options == {"odd": "3", "own": "4"}


def test_testpaths_and_named_paths_say_where_tests_are():
    """What is named in the command counts more than what is set; what is not there does not count."""
    assert suite_of(ini("testpaths = tests nothing")).suite.options["testpaths"] == "tests"
    assert suite_of(ini("testpaths = tests\naddopts = tests/unit")).suite.options["testpaths"] == "tests/unit"
    assert "testpaths" not in suite_of(ini("testpaths = nothing")).suite.options


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        pytest.param("", ["tests/test_x.py", "tests/x_test.py", "sub/test_z.py"], id="by default"),
        pytest.param("testpaths = tests", ["tests/test_x.py", "tests/x_test.py"], id="testpaths"),
        pytest.param("testpaths = s*", ["sub/test_z.py"], id="a pattern of testpaths"),
        pytest.param("python_files = check_*.py", ["tests/check_x.py"], id="python_files"),
        pytest.param("norecursedirs = tests", ["build/test_b.py", "sub/test_z.py"], id="norecursedirs"),
        pytest.param("addopts = --ignore=sub --ignore-glob=*/x_*", ["tests/test_x.py"], id="ignored"),
    ],
)
def test_collected_files_are_those_that_pytest_collects(settings, names):
    """By patterns, places and what is ignored, a conftest's own words included."""
    files = dict.fromkeys(
        ["calc.py", "build/test_b.py", "tests/test_x.py", "tests/x_test.py", "tests/check_x.py", "tests/helper.py"],
        TEST,
    )
    files |= {"sub/test_z.py": TEST, "sub/test_left.py": TEST, "sub/conftest.py": 'collect_ignore = ["test_left.py"]\n'}

    found = detect(files | ini(settings), sorted(files))

    assert sorted(collected(sorted(files), found.rules)) == sorted(names)


def test_what_tox_runs_counts_as_what_people_run():
    """Its arguments, its variables and where it looks; none that are only there when it runs."""
    tox = """
[tox]
envlist = py
[base]
paths = tests/unit
[testenv]
deps = pytest
setenv =
    PYTHONPATH = {toxinidir}/lib
    MODE = {env:MODE:quick}
    SECRET = {env:SECRET}
    REST = 1
    slow: MODE = slow
commands =
    python -c "print('hello')"
    coverage run -m pytest -m "not net" --basetemp={envtmpdir} --cov=lib \\
        {posargs:{[base]paths}}
[testenv:docs]
commands = sphinx-build docs
"""

    found = suite_of({"tox.ini": tox, "lib/other.py": ""})

    assert found.suite.arguments == ("-m", "not net")
    assert found.suite.options == {"testpaths": "tests/unit"}
    assert found.suite.environment == {"MODE": "quick", "REST": "1"}
    assert found.suite.path == ("lib",)
    assert "the test command was read from 'tox.ini'" in found.notes


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {
                "noxfile.py": "import nox\n@nox.session\ndef lint(session):\n    session.run('ruff')\n"
                "@nox.session\ndef tests(session):\n    session.env['MODE'] = 'quick'\n"
                "    session.run('python', '-m', 'pytest', '-m', 'not net', *(session.posargs or ['tests/unit']))\n"
            },
            id="nox",
        ),
        pytest.param(
            {
                "pyproject.toml": '[tool.tox.env_run_base]\nset_env = { MODE = "quick" }\ncommands = [["pytest", "-m", "not net", '
                '{ replace = "posargs", default = ["tests/unit"], extend = true }]]'
            },
            id="tox in pyproject.toml",
        ),
        pytest.param(
            {
                "pyproject.toml": '[tool.hatch.envs.default.env-vars]\nMODE = "quick"\n[tool.hatch.envs.default.scripts]\n'
                "test = \"pytest -m 'not net' {args:tests/unit}\""
            },
            id="hatch",
        ),
        pytest.param(
            {"pyproject.toml": "[tool.poe.tasks]\ntest = \"MODE=quick pytest -m 'not net' tests/unit\""}, id="poe"
        ),
        pytest.param(
            {"Makefile": "all:\n\ttrue\ntest: x\n\t@MODE=quick python3 -m pytest -m 'not net' tests/unit\n"}, id="make"
        ),
    ],
)
def test_other_tools_are_read_too(files):
    """Statically: nothing of them runs."""
    found = suite_of(files)

    assert found.suite.arguments == ("-m", "not net")
    assert found.suite.options == {"testpaths": "tests/unit"}
    assert found.suite.environment == {"MODE": "quick"}


def test_unittest_projects_are_run_by_pytest():
    """Which files are looked into is what unittest looks into."""
    files = {"calc.py": "", "tests/__init__.py": "", "tests/testing_it.py": UNITTEST, "spec/it_spec.py": UNITTEST}

    plain = detect(files, sorted(files))
    told = detect(
        files | {"tox.ini": "[testenv]\ncommands = python -m unittest discover -s spec -p '*_spec.py'"}, sorted(files)
    )

    assert plain.suite.options == {"python_files": "test*.py"}
    assert told.suite.options == {"python_files": "*_spec.py", "testpaths": "spec"}
    assert "the tests are unittest's: pytest runs them" in told.notes


def test_variables_of_pytest_env_are_the_tests_variables():
    """With or without flags before them."""
    found = suite_of(ini("env =\n    ONE=1\n    D:TWO=a=b\n    R:THREE={x}\n"), "pytest-env")

    assert found.suite.environment == {"ONE": "1", "TWO": "a=b", "THREE": "{x}"}
    assert found.suite.options == {}


@pytest.mark.parametrize(
    ("files", "path"),
    [
        pytest.param({"pyproject.toml": "", "src/calc/__init__.py": ""}, ("src",), id="src"),
        pytest.param({"pyproject.toml": "", "src/__init__.py": ""}, (), id="a package called src"),
        pytest.param(ini("pythonpath = lib .") | {"lib/x.py": ""}, ("lib", "."), id="pythonpath"),
        pytest.param({"setup.cfg": "[options]\npackage_dir =\n    = lib\n", "lib/x.py": ""}, ("lib",), id="setup.cfg"),
        pytest.param({"setup.py": "setup(package_dir={'': 'lib'})", "lib/x.py": ""}, ("lib",), id="setup.py"),
        pytest.param(
            {"setup.py": "setup(packages=find_packages('lib'))", "lib/x.py": ""}, ("lib",), id="find_packages"
        ),
        pytest.param(
            {"pyproject.toml": '[tool.setuptools.package-dir]\n"" = "lib"', "lib/x.py": ""}, ("lib",), id="setuptools"
        ),
        pytest.param(
            {"pyproject.toml": '[tool.poetry]\npackages = [{ include = "x", from = "lib" }]', "lib/x/y.py": ""},
            ("lib",),
            id="poetry",
        ),
        pytest.param(
            {"pyproject.toml": '[tool.hatch.build.targets.wheel]\npackages = ["lib/x"]', "lib/x/y.py": ""},
            ("lib",),
            id="hatch",
        ),
        pytest.param(
            {f"packages/{name}/{file}": "" for name in "ab" for file in ("pyproject.toml", "src/m.py")},
            ("packages/a/src", "packages/b/src"),
            id="monorepo",
        ),
        pytest.param({"site/manage.py": "", "site/app/models.py": ""}, ("site",), id="django"),
        pytest.param({"docs/example/setup.py": "", "docs/example/x.py": ""}, (), id="not what is only shown"),
    ],
)
def test_code_is_imported_from_where_the_project_says(files, path):
    assert suite_of(files).suite.path == path


def test_a_django_project_has_its_settings_and_its_databases():
    """The settings are those that manage.py names; where there is no plugin for pytest, one is laid beside the project."""
    files = {
        "manage.py": "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site.settings')\n",
        "app/tests.py": "from django.test import TestCase\n\n\nclass T(TestCase):\n    def test_x(self): ...\n",
    }

    without = detect(files, sorted(files), packages=["django"])
    having = detect(files, sorted(files), packages=["django", "pytest-django"])

    assert without.suite.environment == {"DJANGO_SETTINGS_MODULE": "site.settings"}
    assert list(without.added) == ["mendbox_django.py"]
    assert without.suite.arguments[-2:] == ("-p", "mendbox_django")
    assert having.added == {}
    assert having.suite.options["DJANGO_SETTINGS_MODULE"] == "site.settings"
    assert without.suite.options["python_files"] == "test*.py"


@pytest.mark.parametrize(
    ("files", "build"),
    [
        pytest.param(
            {"setup.py": "setup(ext_modules=[Extension('a', ['a.c'])])"}, ("python", "setup.py"), id="setup.py"
        ),
        pytest.param(
            {"pyproject.toml": '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]'},
            ("python", "-c"),
            id="pyproject",
        ),
        pytest.param({"setup.py": "setup()"}, (), id="none"),
    ],
)
def test_an_extension_of_its_own_is_built(files, build):
    found = suite_of(files).suite.build

    assert found[:2] == build
    assert not build or found[-2:] == ("build_ext", "--inplace")


def test_projects_in_one_repository_are_kept_apart():
    """Their settings come together, and test files of one name do not get in each other's way."""
    files = {}
    for name in ("a", "b"):
        settings = f'[tool.pytest.ini_options]\ntestpaths = ["tests"]\nmarkers = ["{name}: it"]\n'
        files |= {f"packages/{name}/pyproject.toml": settings, f"packages/{name}/src/{name}/__init__.py": ""}
        files[f"packages/{name}/tests/test_it.py"] = TEST

    found = detect(files, sorted(files))

    assert found.suite.options == {"testpaths": "packages/a/tests\npackages/b/tests", "markers": "a: it\nb: it"}
    assert found.suite.arguments == ("--import-mode=importlib",)
    assert found.suite.path == ("packages/a/src", "packages/b/src", "packages/a/tests", "packages/b/tests")


def test_plugins_that_would_spoil_a_verdict_do_not_take_part():
    """Nor does what is set for them; the markers that they bring are declared all the same."""
    found = suite_of(
        ini(
            "asyncio_mode = auto\ntimeout = 5\nDJANGO_SETTINGS_MODULE = x\naddopts = --benchmark-only --ds=x --strict-markers"
        )
    )
    environment = Environment(
        reference="e",
        plugins=(
            "pytest_asyncio.plugin",
            "xdist.plugin",
            "xdist.looponfail",
            "pytest_timeout",
            "pytest_benchmark.plugin",
        ),
    )

    suite = with_environment(found.suite, environment)

    assert suite.plugins == ("pytest_asyncio.plugin", "pytest_benchmark.plugin")
    assert suite.arguments == ("--strict-markers", "--benchmark-disable")
    assert suite.options.keys() == {"asyncio_mode", "markers"}
    assert {line.partition("(")[0].partition(":")[0] for line in suite.options["markers"].splitlines()} == {
        "timeout",
        "xdist_group",
        "forked",
    }


def test_options_of_plugins_that_are_not_there_fall_away():
    """Pytest would end the session with a complaint."""
    found = suite_of(ini("asyncio_mode = auto\naddopts = --asyncio-mode=auto -p xdist"), "pytest-asyncio")

    suite = with_environment(found.suite, Environment(reference=""))

    assert suite.options == {}
    assert suite.arguments == ()


def test_options_that_fell_away_are_in_force_as_soon_as_their_plugin_is_there():
    """A draft may bring it: known ones with the plugin that they are of, others with any that may know them."""
    found = suite_of(
        ini("asyncio_mode = auto\nodd = 3\ntimeout = 5\naddopts = --asyncio-mode=auto --strange=1 -m 'not slow'")
    )
    bare = with_environment(found.suite, Environment(reference=""))

    known = with_environment(bare, Environment(reference="e", plugins=("pytest_asyncio.plugin", "pytest_timeout")))
    more = with_environment(known, Environment(reference="e", plugins=("pytest_asyncio.plugin", "pytest_strange.all")))
    back = with_environment(more, Environment(reference=""))

    assert (bare.options, bare.arguments) == ({}, ("-m", "not slow"))
    assert known.options.keys() == {"asyncio_mode", "markers"}
    assert known.arguments == ("-m", "not slow", "--asyncio-mode=auto")
    assert (known.waiting, known.waiting_arguments) == ({"odd": "3"}, ("--strange=1",))
    assert more.options == known.options | {"odd": "3"}
    assert more.arguments == (*known.arguments, "--strange=1")
    assert (more.waiting, more.waiting_arguments) == ({}, ())
    assert back.options.keys() == {"odd", "markers"}
    assert "timeout" not in back.waiting


def test_a_suite_is_the_same_in_the_same_environment_again():
    """Nothing is added twice."""
    found = suite_of(ini("asyncio_mode = auto\naddopts = --benchmark-only"))
    plugins = ("pytest_asyncio.plugin", "pytest_benchmark.plugin", "xdist.plugin", "pytest_timeout")

    once = with_environment(found.suite, Environment(reference="e", plugins=plugins))

    assert with_environment(once, Environment(reference="e", plugins=plugins)) == once
