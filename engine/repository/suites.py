"""A suite in an environment: which plugins take part, and what is left of the settings of those that do not."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from agents.base import Suite
from sandboxes.environments.wanted import Environment

SPOILERS: Mapping[str, str] = {
    "xdist": "xdist_group(name): where it ran\nforked: in a process of its own",
    "pytest_forked": "forked: in a process of its own",
    "pytest_cov": "no_cover: not measured",
    "pytest_randomly": "",
    "random_order": "random_order(disabled=True): its order",
    "pytest_random_order": "random_order(disabled=True): its order",
    "pytest_reverse": "",
    "pytest_rerunfailures": "flaky(reruns=1, reruns_delay=0): run again where it failed",
    "flaky": "flaky: run again where it failed",
    "pytest_retry": "flaky(retries=1, delay=0): run again where it failed",
    "pytest_timeout": "timeout(timeout, method=None, func_only=False): how long it may take",
    "pytest_flakefinder": "",
    "pytest_repeat": "repeat(n): run n times",
    "pytest_sugar": "",
    "pytest_html": "",
    "pytest_metadata": "",
    "pytest_jsonreport": "",
    "pytest_json_report": "",
    "pytest_reportlog": "",
    "pytest_md_report": "",
    "pytest_github_actions_annotate_failures": "",
    "pytest_testmon": "",
    "testmon": "",
    "pytest_picked": "",
    "pytest_split": "",
    "pytest_instafail": "",
    "pytest_icdiff": "",
    "pytest_clarity": "",
    "pytest_pretty": "",
    "pytest_rich": "",
    "pytest_tldr": "",
    "pytest_watch": "",
    "pytest_parallel": "",
    "pytest_run_parallel": "",
    "pytest_profiling": "",
    "pytest_memray": "",
    "pytest_durations": "",
    "allure_pytest": "",
    "pytest_env": "",
    "pytest_dotenv": "",
    "pytest_enabler": "",
    "pytest_mypy": "",
    "pytest_flake8": "",
    "pytest_black": "",
    "pytest_isort": "",
    "pytest_pylint": "",
    "pytest_ruff": "",
    "pytest_pycodestyle": "",
    "pytest_pydocstyle": "",
    "pytest_pep8": "",
    "pytest_checkdocs": "",
    "pytest_codspeed": "benchmark: measured",
    "typeguard": "",
    "nbval": "",
    "nbmake": "",
}
"""Plugins that would repeat tests, reorder or spread them, measure, report or lint, by the first part of their module; and
the markers that they declare, without which a test that carries one is red where markers are strict."""
_BENCHMARK = "pytest_benchmark"

_OWNERS: tuple[tuple[str, str], ...] = (
    ("asyncio_", "pytest_asyncio"),
    ("--asyncio-", "pytest_asyncio"),
    ("anyio_", "anyio"),
    ("--anyio-", "anyio"),
    ("django_", "pytest_django"),
    ("DJANGO_", "pytest_django"),
    ("FAIL_INVALID_TEMPLATE_VARS", "pytest_django"),
    ("--ds", "pytest_django"),
    ("--dc", "pytest_django"),
    ("--reuse-db", "pytest_django"),
    ("--create-db", "pytest_django"),
    ("--no-migrations", "pytest_django"),
    ("--nomigrations", "pytest_django"),
    ("--migrations", "pytest_django"),
    ("--liveserver", "pytest_django"),
    ("--fail-on-template-vars", "pytest_django"),
    ("--django-", "pytest_django"),
    ("--hypothesis-", "_hypothesis_pytestplugin"),
    ("--benchmark-", _BENCHMARK),
    ("mock_", "pytest_mock"),
    ("qt_", "pytestqt"),
    ("bdd_", "pytest_bdd"),
    ("--gherkin-", "pytest_bdd"),
    ("--disable-socket", "pytest_socket"),
    ("--allow-hosts", "pytest_socket"),
    ("--allow-unix-socket", "pytest_socket"),
    ("--snapshot-", "syrupy"),
    ("--inline-snapshot", "inline_snapshot"),
    ("--vcr-", "pytest_recording"),
    ("--record-mode", "pytest_recording"),
    ("--block-network", "pytest_recording"),
    ("vcr_", "pytest_recording"),
    ("--regtest-", "pytest_regtest"),
    ("--mpl", "pytest_mpl"),
    ("mpl-", "pytest_mpl"),
    ("--doctest-plus", "pytest_doctestplus"),
    ("--doctest-rst", "pytest_doctestplus"),
    ("--doctest-ufunc", "pytest_doctestplus"),
    ("doctest_plus", "pytest_doctestplus"),
    ("doctest_norecursedirs", "pytest_doctestplus"),
    ("doctest_rst", "pytest_doctestplus"),
    ("text_file_format", "pytest_doctestplus"),
    ("--remote-data", "pytest_remotedata"),
    ("remote_data", "pytest_remotedata"),
    ("--open-files", "pytest_openfiles"),
    ("open_files", "pytest_openfiles"),
    ("--arraydiff", "pytest_arraydiff"),
    ("--subprocess", "pytest_subprocess"),
    ("--freezegun", "pytest_freezer"),
    ("--envfile", "pytest_dotenv"),
    ("env_files", "pytest_dotenv"),
    ("env_override", "pytest_dotenv"),
    ("flake8-", "pytest_flake8"),
    ("isort_", "pytest_isort"),
    ("render_collapsed", "pytest_html"),
    ("rerun", "pytest_rerunfailures"),
    ("timeout", "pytest_timeout"),
    ("--typeguard-", "typeguard"),
    ("--nbval", "nbval"),
    ("celery_", "celery"),
    ("mypy_", "pytest_mypy"),
    ("--mypy-", "pytest_mypy_plugins"),
)
"""Which plugin knows an option, by how the option begins."""
_OWN_OPTIONS = frozenset(
    """markers empty_parameter_set_mark strict_markers filterwarnings norecursedirs testpaths collect_imported_tests
    consider_namespace_packages usefixtures python_files python_classes python_functions xfail_strict strict_xfail
    disable_test_id_escaping_and_forfeit_all_rights_to_community_support strict_parametrization_ids
    parametrize_long_str_id_strategy verbosity_test_cases verbosity_assertions verbosity_subtests
    enable_assertion_pass_hook truncation_limit_lines truncation_limit_chars assertion_text_diff_style
    doctest_optionflags doctest_encoding log_level log_format log_date_format log_auto_indent pythonpath""".split()
)
_OWN_ARGUMENTS = frozenset(
    """--strict-markers --strict --runxfail --doctest-modules --doctest-ignore-import-errors --doctest-continue-on-failure
    --keep-duplicates --collect-in-virtualenv --noconftest --setup-show -k -m -W --pythonwarnings --import-mode --ignore
    --ignore-glob --deselect --doctest-glob --doctest-report --assert -p --log-level --log-format --log-date-format
    --log-disable""".split()
)


def with_environment(suite: Suite, environment: Environment) -> Suite:
    """*suite* with those plugins of *environment* that may take part, and without what is set for any other.

    What nobody knows would end a session before its first test: an option that is known to be of a plugin is in force only
    where that plugin takes part. Elsewhere it waits, as a draft may bring the plugin.
    """
    present = {_top(module) for module in environment.plugins}
    plugins = tuple(module for module in environment.plugins if _top(module) not in SPOILERS)
    # a project's own plugin is loaded by its arguments
    own = {_top(word) for before, word in pairwise(suite.arguments) if before == "-p" and not word.startswith("no:")}
    loaded = {_top(module) for module in plugins} | own
    strangers = any(is_stranger(environment.modules.get(top, top)) for top in loaded)
    known = {name: _is_known(name, loaded) for name in suite.options}
    known |= {name: _is_known(name, loaded, nobodys=strangers) for name in suite.waiting}
    told = {**suite.options, **suite.waiting}
    options = {name: value for name, value in told.items() if known[name]}
    waiting = {name: value for name, value in told.items() if not known[name] and owner_of(name) not in SPOILERS}
    arguments, later = _arguments(suite, loaded, present, strangers=strangers)
    if _BENCHMARK in loaded:
        # it refuses to be disabled and asked for at once
        asked = {"--benchmark-only", "--benchmark-enable", "--benchmark-disable"}
        arguments = [*(word for word in arguments if word not in asked), "--benchmark-disable"]
    declared = [text for top, text in SPOILERS.items() if text and top in present]
    markers = options.get("markers", "")
    declared = [text for text in declared if text not in markers]
    if declared:
        options["markers"] = "\n".join(filter(None, (markers, *declared)))
    return suite.model_copy(
        update={
            "options": options,
            "arguments": tuple(arguments),
            "plugins": plugins,
            "waiting": waiting,
            "waiting_arguments": tuple(later),
        }
    )


def _arguments(suite: Suite, loaded: set[str], present: set[str], *, strangers: bool) -> tuple[list[str], list[str]]:
    """The arguments that are in force, and those that wait."""
    arguments: list[str] = []
    later: list[str] = []
    for words, nobodys in ((suite.arguments, True), (suite.waiting_arguments, strangers)):
        left = list(words)
        while left:
            option = left.pop(0)
            value = [left.pop(0)] if left and not option.startswith("--") and option in _OWN_ARGUMENTS else []
            if option == "-p":
                arguments += [option, *value] if _may_load(value, loaded, present) else []
            elif _is_known(option.partition("=")[0], loaded, nobodys=nobodys):
                arguments += [option, *value]
            elif owner_of(option) not in SPOILERS:
                later += [option, *value]
    return arguments, later


def _top(module: str) -> str:
    return module.partition(".")[0]


def _may_load(value: list[str], loaded: set[str], present: set[str]) -> bool:
    top = _top((value[0] if value else "").removeprefix("no:"))
    return top not in SPOILERS and f"pytest_{top}" not in SPOILERS and not (top in present and top not in loaded)


def _is_known(name: str, loaded: set[str], *, nobodys: bool = True) -> bool:
    """Whether somebody knows the option; *nobodys* says it of those of which it is not known whose they are."""
    owner = owner_of(name)
    return is_own(name) or (owner in loaded if owner else nobodys)


def is_own(name: str) -> bool:
    """Whether an option or argument is pytest's own."""
    return name in _OWN_OPTIONS or name in _OWN_ARGUMENTS


def owner_of(name: str) -> str:
    """First part of the module of the plugin that an option or argument is of; empty where that is not known."""
    return next((owner for start, owner in _OWNERS if name.startswith(start)), "")


def is_stranger(package: str) -> bool:
    """Whether a distribution may bring a plugin of pytest of which it is not known what it takes."""
    top = package.casefold().replace("-", "_").replace(".", "_")
    return top.startswith("pytest_") and top not in SPOILERS and all(top != owner for _, owner in _OWNERS)
