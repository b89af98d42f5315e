"""Arguments of pytest, told apart: what says which tests are collected and how they run, and what is about the output."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from engine.domain import Value

Takes = Literal["nothing", "word", "next", "maybe"]
"""What follows an option. `next`: the next word, unless that is an option, also where it names a folder that could be meant
to be looked into: so the option itself takes it. `maybe`: a word that names nothing there."""


def _all(names: str, takes: Takes) -> dict[str, Takes]:
    return dict.fromkeys(names.split(), takes)


_KEPT: Mapping[str, Takes] = _all(
    """--strict-markers --strict --runxfail --doctest-modules --doctest-ignore-import-errors --doctest-continue-on-failure
    --keep-duplicates --collect-in-virtualenv --noconftest --pyargs --setup-show""",
    "nothing",
) | _all(
    """-k -m -W --pythonwarnings --import-mode --ignore --ignore-glob --deselect --doctest-glob --doctest-report
    --assert -p --log-level --log-format --log-date-format --log-disable""",
    "word",
)
_DROPPED: Mapping[str, Takes] = (
    _all(
        """-x --exitfirst --strict-config -s -v --verbose -q --quiet -l --showlocals --no-showlocals --no-header
        --no-summary --no-fold-skipped --force-short-summary --disable-warnings --disable-pytest-warnings --xfail-tb
        --full-trace --lf --last-failed --ff --failed-first --nf --new-first --cache-clear --sw --stepwise --sw-skip
        --stepwise-skip --sw-reset --stepwise-reset --pdb --trace --trace-config --continue-on-collection-errors
        --disable-plugin-autoload --collect-only --co --fixtures --funcargs --fixtures-per-test --markers --setup-only
        --setup-plan --no-cov --no-cov-on-fail --cov-append --cov-branch --cov-reset -f --looponfail --forked
        --self-contained-html --json-report --memray --testmon --instafail --emoji --profile --profile-svg
        --error-for-skips --force-sugar --nunit-xml --allure-no-capture""",
        "nothing",
    )
    | _all(
        """--maxfail --tb --color --code-highlight --show-capture --capture -r --report-chars --verbosity --durations
        --durations-min --junitxml --junit-xml --junitprefix --junit-prefix --pastebin --rootdir --confcutdir --basetemp
        --cov-report --cov-config --cov-fail-under --cov-context --cov-precision -n --numprocesses --dist --maxprocesses
        --max-worker-restart --tx --rsyncdir --reruns --reruns-delay --only-rerun --rerun-except --force-flaky
        --max-runs --min-passes --timeout --timeout-method --session-timeout --random-order-seed --randomly-seed
        --html --css --json-report-file --report-log --alluredir --log-file --log-file-mode --log-file-level
        --log-file-format --log-cli-level --log-cli-format --lfnf --last-failed-no-failures --max-warnings --pdbcls
        --flake-finder --flake-runs --count --repeat-scope --splits --group --durations-path --splitting-algorithm
        --hypothesis-verbosity --hypothesis-seed --md --excelreport --tap-outdir --stepfunc""",
        "word",
    )
    | _all("--cov --debug --cache-show", "next")
    | _all(
        "--random-order --random-order-bucket --randomly-dont-reorganize --parallel-threads",
        "maybe",
    )
)
"""Output, coverage, processes, repeats, time limits, order and caches: none of it says what a test is worth."""
_LINTERS = ("--flake8", "--black", "--isort", "--pylint", "--ruff", "--mypy", "--pycodestyle", "--pydocstyle", "--pep8")
_SET_HERE = ("-c", "--config-file", "-o", "--override-ini")
_KNOWN: Mapping[str, Takes] = {**_KEPT, **_DROPPED, **_all(" ".join(_SET_HERE), "word")}


class Kept(NamedTuple):
    """One option that counts."""

    option: str
    value: str | None = None
    known: bool = True
    """Whether it is pytest's own; a plugin's or a conftest's otherwise."""

    @property
    def words(self) -> tuple[str, ...]:
        if self.value is None:
            return (self.option,)
        return (f"{self.option}={self.value}",) if self.option.startswith("--") else (self.option, self.value)


class Arguments(Value):
    """What a command line of pytest comes to."""

    kept: tuple[Kept, ...] = ()
    paths: tuple[str, ...] = ()
    """Files, folders and node ids that are named."""
    overrides: Mapping[str, str] = {}
    """Options that are set by ``-o``."""
    configuration: str = ""
    """The file that ``-c`` names."""

    def values(self, *options: str) -> tuple[str, ...]:
        return tuple(kept.value for kept in self.kept if kept.option in options and kept.value is not None)

    def has(self, option: str) -> bool:
        return any(kept.option == option for kept in self.kept)


def read_arguments(words: Iterable[str], *, exists: Callable[[str], bool]) -> Arguments:
    """*exists* says of a word whether it names a file or folder of the project: a word behind an option that nobody
    knows is its value otherwise.
    """
    return _Reader(tuple(words), exists).read()


class _Reader:
    def __init__(self, words: Sequence[str], exists: Callable[[str], bool]) -> None:
        self._words = list(words)
        self._exists = exists
        self._kept: list[Kept] = []
        self._paths: list[str] = []
        self._overrides: dict[str, str] = {}
        self._configuration = ""

    def read(self) -> Arguments:
        while self._words:
            word = self._words.pop(0)
            if word == "--":
                self._paths += self._words
                break
            if word.startswith("--"):
                self._long(word)
            elif word.startswith("-") and word != "-":
                self._short(word)
            else:
                self._paths.append(word)
        return Arguments(
            kept=tuple(self._kept),
            paths=tuple(self._paths),
            overrides=self._overrides,
            configuration=self._configuration,
        )

    def _long(self, word: str) -> None:
        option, sign, value = word.partition("=")
        if option.startswith(_LINTERS):
            return
        if sign:
            self._take(option, value)
        elif option in _KNOWN:
            self._take(option, self._following(_KNOWN[option]))
        else:
            follows = self._words and not self._words[0].startswith("-") and not self._exists(self._words[0])
            self._take(option, self._words.pop(0) if follows else None)

    def _short(self, word: str) -> None:
        rest = word[1:]
        while rest:
            option, rest = f"-{rest[0]}", rest[1:]
            if _KNOWN.get(option, "nothing") == "nothing":
                self._take(option, None)
            else:
                self._take(option, rest.removeprefix("=") or self._following(_KNOWN[option]))
                return

    def _following(self, takes: Takes) -> str | None:
        if not self._words or takes == "nothing":
            return None
        if takes != "word" and self._words[0].startswith("-"):
            return None
        if takes == "maybe" and self._exists(self._words[0]):
            return None
        return self._words.pop(0)

    def _take(self, option: str, value: str | None) -> None:
        if option in {"-c", "--config-file"}:
            self._configuration = value or ""
        elif option in {"-o", "--override-ini"}:
            name, _, text = (value or "").partition("=")
            self._overrides[name] = text
        elif option not in _DROPPED:
            self._kept.append(Kept(option, value, option in _KEPT))
