"""How a project's tests are run: its settings of pytest, and the command that its own tools run them with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import PurePosixPath

from agents.base import Suite
from engine.domain import Value
from engine.repository.arguments import Arguments, Kept, read_arguments
from engine.repository.collecting import NO_RECURSE, PYTHON_FILES, Rules, clashing, ignored_by
from engine.repository.commands import Told, told_commands
from engine.repository.configuration import Configuration, read_configuration, split
from engine.repository.importing import import_path
from engine.repository.modes import (
    DJANGO_PLUGIN,
    builds,
    django_plugin,
    django_settings,
    only_unittest,
    own_plugins,
)
from engine.repository.secrets import secret_in
from engine.repository.suites import is_own, is_stranger, owner_of

_ELSEWHERE = frozenset({"addopts", "testpaths", "pythonpath", "env", "django_find_project"})
"""Options that are part of something else here."""
_OF_OUTPUT = frozenset(
    """cache_dir console_output_style minversion required_plugins strict_config strict faulthandler_timeout
    faulthandler_exit_on_timeout max_warnings junit_suite_name junit_logging junit_log_passing_tests junit_duration_report
    junit_family log_cli log_cli_level log_cli_format log_cli_date_format log_file log_file_mode log_file_level
    log_file_format log_file_date_format tmp_path_retention_count tmp_path_retention_policy timeout timeout_method
    timeout_func_only session_timeout timeout_disable_debugger_detection reruns reruns_delay rerun_except render_collapsed
    looponfailroots rsyncdirs rsyncignore""".split()
)
"""Options about the output, about repeats, time limits and many processes."""


class Found(Value):
    """A suite, and what it means for the files."""

    suite: Suite
    rules: Rules
    added: Mapping[str, str] = {}
    """Frozen files that the project does not have, and that its tests need here."""
    notes: tuple[str, ...] = ()


def detect(texts: Mapping[str, str], names: Sequence[str], *, packages: Collection[str] = ()) -> Found:
    """The suite of a project: *texts* are its Python files and its settings by name, *names* all that it has, *packages*
    what it needs, by name.
    """
    told = told_commands(texts)
    folders = {above.as_posix() for name in names for above in PurePosixPath(name).parents} | set(names)
    exists = folders.__contains__
    command = read_arguments(told.words, exists=exists)
    configuration = read_configuration(texts, only=command.configuration if command.configuration in texts else "")
    notes = [*told.notes, *configuration.notes]
    if not configuration.source:
        configuration = _nested(texts, names, notes) or configuration
    addopts = read_arguments(configuration.words("addopts"), exists=exists)
    options = {**configuration.options, **addopts.overrides, **command.overrides}
    arguments = (*addopts.kept, *command.kept)
    known = _Known(texts)
    unknown = [name for name in (*options, *(kept.option for kept in arguments)) if not known.knows(name)]
    if not any(map(is_stranger, packages)):
        notes += [f"{name} is set, which neither pytest nor the project knows: it was left out" for name in unknown]
    waiting = [word for kept in arguments if kept.option in unknown for word in kept.words]
    arguments = tuple(kept for kept in arguments if kept.option not in unknown)
    rules = _rules(options, arguments, _paths(told, command, addopts, configuration, exists), texts)
    if told.pattern or (not (configuration.source or told.source) and only_unittest(texts, rules)):
        notes.append("the tests are unittest's: pytest runs them")
        rules = rules.model_copy(update={"python_files": (told.pattern or "test*.py",)})
        options["python_files"] = " ".join(rules.python_files)
    environment = {
        name: value
        for name, value in {**told.environment, **_environment(options)}.items()
        if not secret_in(name, value.encode())
    }
    settings, said = django_settings(texts, {**options, **environment})
    added, more = django_plugin(settings, texts, packages)
    words = [word for each in arguments if each.option != "--pyargs" for word in each.words]
    words += ["-p", DJANGO_PLUGIN] if added else []
    words += [word for module in own_plugins(texts) if module not in words for word in ("-p", module)]
    apart = () if any(kept.option == "--import-mode" for kept in arguments) else clashing(names, rules)
    words += ["--import-mode=importlib"] if apart else []
    places = [*environment.pop("PYTHONPATH", "").split(":"), *split(options.get("pythonpath", ""))]
    suite = Suite(
        options=_kept(options, unknown, rules) | settings,
        arguments=tuple(words),
        environment={**environment, **settings},
        path=tuple(dict.fromkeys((*import_path(texts, names, list(filter(None, places))), *apart))),
        build=builds(texts, names),
        waiting={name: value for name, value in options.items() if name in unknown},
        waiting_arguments=tuple(waiting),
    )
    return Found(suite=suite, rules=rules, added=added, notes=(*notes, *said, *more))


def _kept(options: Mapping[str, str], unknown: Collection[str], rules: Rules) -> dict[str, str]:
    """The options that count, with what is looked into among them."""
    kept = {name: value for name, value in options.items() if name not in _ELSEWHERE | _OF_OUTPUT | {*unknown}}
    if options.get("strict", "").strip().lower() in {"1", "true", "yes", "on"}:
        kept = {"strict_markers": "true", "strict_xfail": "true", "strict_parametrization_ids": "true"} | kept
    return kept | ({"testpaths": "\n".join(rules.testpaths)} if rules.testpaths else {})


class _Known:
    """Which options somebody there will know, or somebody is known for; a plugin in the environment may know others."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._declaring = [
            text for name, text in texts.items() if name.endswith(".py") and ("addoption" in text or "addini" in text)
        ]

    def knows(self, name: str) -> bool:
        if name in _ELSEWHERE | _OF_OUTPUT | {"--pyargs"} or is_own(name) or owner_of(name):
            return True
        return any(name in text for text in self._declaring)


def _rules(
    options: Mapping[str, str], arguments: Sequence[Kept], testpaths: Sequence[str], texts: Mapping[str, str]
) -> Rules:
    def words(name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        return split(options[name]) if name in options else default

    def values(option: str) -> tuple[str, ...]:
        return tuple(kept.value for kept in arguments if kept.option == option and kept.value)

    conftests = {name: text for name, text in texts.items() if f"/{name}".endswith("/conftest.py")}
    plain, patterns = ignored_by(conftests)
    return Rules(
        python_files=words("python_files", PYTHON_FILES),
        testpaths=tuple(testpaths),
        norecursedirs=words("norecursedirs", NO_RECURSE),
        ignored=(*values("--ignore"), *plain),
        ignored_patterns=(*values("--ignore-glob"), *patterns),
        doctest_patterns=values("--doctest-glob"),
    )


def _paths(
    told: Told, command: Arguments, addopts: Arguments, configuration: Configuration, exists: Callable[[str], bool]
) -> tuple[str, ...]:
    """What is looked into: what is named, else `testpaths`, of which pytest drops what is not there."""
    named = [path.partition("::")[0].rstrip("/") for path in (*addopts.paths, *command.paths)]
    there = [path for path in named if exists(path)]
    if there:
        return tuple(there)
    if told.start:
        return (told.start,) if exists(told.start) else ()
    base = PurePosixPath(configuration.source).parent
    paths = [(base / path).as_posix() for path in configuration.words("testpaths")]
    return tuple(path for path in paths if exists(path) or set(path) & set("*?["))


def _environment(options: Mapping[str, str]) -> dict[str, str]:
    """Variables that pytest-env would set: ``NAME=value``, perhaps with flags before it."""
    found: dict[str, str] = {}
    for line in options.get("env", "").splitlines():
        name, sign, value = line.strip().partition("=")
        name = name.rpartition(":")[2].strip()
        if sign and name.isidentifier():
            found[name] = value.strip()
    return found


def _nested(texts: Mapping[str, str], names: Sequence[str], notes: list[str]) -> Configuration | None:
    """The settings of the projects inside, where the root has none and they do not contradict each other."""
    folders = sorted(
        {
            name.rpartition("/")[0]
            for name in names
            if name.endswith(("/pyproject.toml", "/setup.cfg", "/tox.ini", "/pytest.ini"))
        }
    )
    found = [read_configuration(texts, folder=f"{folder}/") for folder in folders]
    found = [each for each in found if each.source]
    if not found:
        return None
    options: dict[str, str] = {}
    testpaths: list[str] = []
    for each in found:
        base = PurePosixPath(each.source).parent
        testpaths += [(base / path).as_posix() for path in each.words("testpaths", (".",))]
        for name, value in each.options.items():
            if name == "pythonpath":
                places = [(base / path).as_posix() for path in split(value)]
                options[name] = "\n".join([*options.get(name, "").split(), *places])
            elif name != "testpaths" and options.setdefault(name, value) != value:
                if name in {"markers", "filterwarnings"}:
                    options[name] = f"{options[name]}\n{value}"
                else:
                    notes.append(f"{each.source!r} sets {name} otherwise than another file: the first one counts")
    options["testpaths"] = "\n".join(testpaths)
    notes.append("settings of pytest were taken from " + ", ".join(repr(each.source) for each in found))
    return Configuration(source="(several)", options=options)
