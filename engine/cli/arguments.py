"""What can be typed. Only argparse is imported here: ``mendbox --help`` has to be instant."""

from __future__ import annotations

import argparse
from typing import NoReturn

from engine.errors import BadInput

AUTHORS = "auto, offline, openai, anthropic or scripted:FILE"
BUILDERS = "auto, openai, anthropic or scripted:FILE"
EPILOG = """\
exit codes: 0 verified (run: the program exited 0; verify: the same verdict came out; admit: a test counts;
              tests: a test was kept)
            1 not verified (ci: a test was red, also where a fix for it is verified)
            2 wrong usage or bad input
            3 the machinery failed · 130 and 143 stopped by a signal
settings:   environment variables MENDBOX_*, see the README; `mendbox doctor` shows what is in force
"""


class Parser(argparse.ArgumentParser):
    """Raises `BadInput` where argparse would print and exit, so that ``--json`` is answered with JSON."""

    def error(self, message: str) -> NoReturn:
        if "the following arguments are required: PATH" in message:
            raise BadInput("no PATH to read", hint=f"put PATH before --tests: {self.prog} PATH... --tests PATH...")
        raise BadInput(message, hint=f"see: {self.prog} --help")


class _Version(argparse.Action):
    """Looks the version up only when it is asked for: reading package metadata takes longer than all the rest."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from engine.version import version  # noqa: PLC0415

        print(f"mendbox {version()}")  # noqa: T201  # the answer itself
        parser.exit()


def parse(argv: list[str]) -> argparse.Namespace:
    """Read the command line.

    Raises:
        BadInput: It cannot be understood.
    """
    ours, program = _split_run(argv) if argv[:1] == ["run"] else (argv, [])
    arguments = build_parser().parse_args(ours)
    arguments.program = program
    return arguments


def build_parser() -> Parser:
    parser = Parser(
        prog="mendbox",
        description="Code that fails goes in; code that provably works comes out, or an honest no-fix.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)

    _about_code(commands)
    _about_pipelines(commands)
    _about_runs(commands)
    _about_projects(commands)
    _about_the_rest(commands)
    return parser


def wants_json(argv: list[str]) -> bool:
    """Whether *argv*, which may not even parse, asks for JSON."""
    return "--json" in (_split_run(argv)[0] if argv[:1] == ["run"] else argv)


def _split_run(argv: list[str]) -> tuple[list[str], list[str]]:
    """Part ``run``'s own words from its program's.

    What follows FILE goes to the program as it stands, except that our own options may also stand right after
    FILE, as they may with the other commands; ``--`` ends them.
    """
    ours, rest = argv[:1], argv[1:]
    named = False
    while rest:
        word = rest[0]
        if word in {"--seconds", "--stdin", "--with"}:
            ours, rest = ours + rest[:2], rest[2:]
        elif word in {"--json", "--no-deps", "--allow-new-deps", "-h", "--help"} and not (
            named and word in {"-h", "--help"}
        ):
            ours, rest = ours + rest[:1], rest[1:]
        elif word.startswith(("--seconds=", "--stdin=", "--with=")):
            ours, rest = [*ours, word], rest[1:]
        elif named:
            return ours, rest[1:] if word == "--" else rest
        elif word == "--":
            return [*ours, *rest[:2]], rest[2:]
        else:
            named = word == "-" or not word.startswith("-")
            ours, rest = [*ours, word], rest[1:]
    return ours, []


def _about_code(commands: argparse._SubParsersAction[Parser]) -> None:
    fix = _command(commands, "fix", "mend code until its tests pass; print the diff")
    _paths(fix)
    fix.add_argument("--error", metavar="TEXT|-", help="what went wrong: a message or traceback; - reads stdin")
    _author(fix)
    _budget(fix)
    fix.add_argument("--apply", action="store_true", help="write the mended files, once verified")
    _dependencies(fix)
    _fresh(fix)
    _receipt(fix)
    _json(fix)

    check = _command(commands, "check", "judge code by its tests; change nothing")
    _paths(check, tests_required=True)
    check.add_argument("--before", metavar="PATH", help="what the code was before, to prove red before green")
    _seconds(check, "wall clock of the whole run, seconds")
    _dependencies(check)
    _fresh(check)
    _receipt(check)
    _json(check)

    improve = _command(commands, "improve", "make green code faster or safer, and show that it does the same")
    _paths(improve)
    improve.add_argument("--kind", choices=("performance", "security"), help="only this kind (default: both)")
    _seconds(improve, "wall clock of the whole run, seconds")
    improve.add_argument("--apply", action="store_true", help="write the verified patches")
    _json(improve)

    admit = _command(
        commands, "admit", "say which generated tests prove something: red before green, or red on a mutant"
    )
    _paths(admit, tests_required=True, tests="the generated tests: files or folders; changed only with --apply")
    admit.add_argument("--before", metavar="PATH", help="what the code was while it was wrong")
    _seconds(admit, "wall clock after which no other mutant is tried, seconds")
    admit.add_argument("--apply", action="store_true", help="take the tests that prove nothing out of their files")
    _dependencies(admit)
    _json(admit)

    tests = _command(commands, "tests", "write tests for code as it is, and say what they are worth")
    tests.add_argument("paths", nargs="+", metavar="PATH", help="files or folders of the code")
    tests.add_argument("--out", metavar="FILE", help="write them there; else they are printed")
    tests.add_argument(
        "--type",
        choices=("unit", "integration", "property", "regression"),
        default="unit",
        help="what sort of tests (unit)",
    )
    tests.add_argument(
        "--framework", choices=("pytest", "unittest", "vitest"), default="pytest", help="what runs them (pytest)"
    )
    tests.add_argument("--goal", metavar="TEXT", help="what the code is for, told to a model")
    tests.add_argument("--author", metavar="NAME", default="auto", help=f"who writes them: {AUTHORS}")
    _seconds(tests, "wall clock of the tester, seconds (60)")
    _json(tests)

    run = _command(commands, "run", "run one untrusted Python file in a box and show what happened")
    run.usage = "mendbox run [--seconds S] [--stdin FILE] [--with NAME] [--no-deps] [--json] FILE|- [ARGS...]"
    run.add_argument("file", metavar="FILE", help="a Python file; - reads the program from stdin")
    run.add_argument(
        "arguments", metavar="ARGS", nargs="*", help="handed to the program; after -- also --json and such"
    )
    _seconds(run, "wall clock of the program, seconds (default 10)")
    run.add_argument("--stdin", metavar="FILE", help="what the program reads from its standard input; - passes ours on")
    _dependencies(run)
    _json(run)


def _about_pipelines(commands: argparse._SubParsersAction[Parser]) -> None:
    ci = _command(commands, "ci", "for a pipeline: run a project's suite, mend what is red, write reports")
    ci.add_argument("path", metavar="PATH", nargs="?", default=".", help="the project's folder (default: this one)")
    how_far = ci.add_mutually_exclusive_group()
    how_far.add_argument("--report-only", action="store_true", help="mend nothing: run the suite and write reports")
    how_far.add_argument("--propose", action="store_true", help="put verified fixes on a git branch; nothing is pushed")
    ci.add_argument("--branch", metavar="NAME", help="with --propose: its name below mendbox/ (default: fix-COMMIT)")
    ci.add_argument("--out", metavar="FOLDER", help="where the reports go (default: .mendbox-ci in PATH)")
    ci.add_argument("--sign", metavar="KEY", help="sign the receipts with an ed25519 private key")
    ci.add_argument("--max-causes", metavar="N", type=_count, default=10, help="causes to mend at most (default 10)")
    _author(ci)
    _budget(ci)
    ci.add_argument("--tokens", metavar="N", type=_tokens, help="tokens of all model calls together")
    ci.add_argument("--usd", metavar="X", type=_money, help="US dollars for all model calls together")
    _dependencies(ci)
    _fresh(ci)
    _json(ci)


def _about_runs(commands: argparse._SubParsersAction[Parser]) -> None:
    runs = _command(commands, "runs", "list the latest runs of the journal")
    runs.add_argument("--limit", metavar="N", type=_count, default=20, help="how many (default 20)")
    runs.add_argument("--all", action="store_true", help="also those that judged the components of a build")
    _json(runs)

    show = _command(commands, "show", "one run: attempts with diffs and findings, receipt, usage")
    show.add_argument("run", metavar="RUN", help="id of the run, or a unique beginning of it")
    show.add_argument("--diff", action="store_true", help="print only the diff, as `git apply` takes it")
    _receipt(show)
    _json(show)

    verify = _command(commands, "verify", "judge the files of a receipt again; say whether the same verdict comes out")
    verify.add_argument("receipt", metavar="RECEIPT", help="the file that --receipt wrote")
    verify.add_argument("--key", metavar="PUBLIC", help="an ed25519 public key that has to have signed it")
    verify.add_argument("--blobs", metavar="DIR", help="the folder with its texts (default: RECEIPT.blobs)")
    _seconds(verify, "wall clock of the judging, seconds")
    _json(verify)

    _memory(commands)

    resume = _command(commands, "resume", "go on with a run or a build that was cancelled or crashed")
    resume.add_argument("run", metavar="RUN", help="id of the run, or a unique beginning of it")
    resume.add_argument("--out", metavar="DIR", help="of a build: a new or empty folder for the project")
    resume.add_argument(
        "--attempts", metavar="N", type=_count, help="of a build: another limit, of all from its beginning"
    )
    _seconds(resume, "the same")
    resume.add_argument("--tokens", metavar="N", type=_tokens, help="the same")
    resume.add_argument("--usd", metavar="X", type=_money, help="the same")
    _author(resume, default=None)
    _fresh(resume)
    _json(resume)


def _memory(commands: argparse._SubParsersAction[Parser]) -> None:
    memory = _command(commands, "memory", "what verified repairs have taught: list it, look at one, forget")
    actions = memory.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)

    listing = _command(actions, "list", "the remembered repairs, newest first")
    listing.add_argument("--limit", metavar="N", type=_count, default=20, help="how many (default 20)")
    _json(listing)

    one = _command(actions, "show", "one repair: the code before and after, and all else that is kept of it")
    one.add_argument("repair", metavar="ID", help="id of the repair, or a unique beginning of it")
    _json(one)

    forget = _command(actions, "forget", "forget repairs, for good")
    forget.add_argument("repairs", metavar="ID", nargs="*", help="ids of repairs, or unique beginnings of them")
    forget.add_argument("--all", action="store_true", help="forget everything")
    forget.add_argument("--older", metavar="DAYS", type=_days, help="forget what was not seen for so many days")
    _json(forget)


def _about_projects(commands: argparse._SubParsersAction[Parser]) -> None:
    build = _command(
        commands, "build", "have a whole project written by models, run it, and write what was shown to work"
    )
    build.add_argument("description", metavar="DESCRIPTION", help="what is wanted, in your words; - reads stdin")
    build.add_argument(
        "--require",
        metavar="TEXT",
        action="append",
        default=[],
        help="a requirement that has to be shown to be met; may be given more than once",
    )
    build.add_argument(
        "--stack", metavar="NAME,...", default="", help="what it is to be made of, such as fastapi,react"
    )
    build.add_argument("--out", metavar="DIR", help="a new or empty folder (default: one called after the project)")
    build.add_argument("--author", metavar="NAME", default="auto", help=f"who builds: {BUILDERS}")
    build.add_argument("--scale", metavar="SCALE", default="small", help="as for architecture; default: small")
    build.add_argument(
        "--cloud", metavar="NAME", default="self-hosted", help="aws, gcp, azure or self-hosted (default)"
    )
    build.add_argument(
        "--build-images",
        action="store_true",
        help="really build each Dockerfile as well: its RUN lines run in the engine's builder then, outside of our boxes",
    )
    build.add_argument("--attempts", metavar="N", type=_count, help="how many questions to all models at most (60)")
    _seconds(build, "wall clock of the whole build, seconds (3600)")
    build.add_argument("--tokens", metavar="N", type=_tokens, help="tokens of all model calls together")
    build.add_argument("--usd", metavar="X", type=_money, help="US dollars for all model calls together")
    _json(build)

    plan = _command(commands, "architecture", "plan a project: parts, numbers with their arithmetic, deployment files")
    plan.add_argument(
        "type",
        metavar="TYPE",
        help="web-app, api, data-pipeline, e-commerce, chat, ml-service or mobile-backend",
    )
    plan.add_argument(
        "--scale",
        metavar="SCALE",
        default="small",
        help="small, medium, large, '20000 users' (in a day) or '300 requests/s' (at the peak); default: small",
    )
    plan.add_argument("--cloud", metavar="NAME", default="self-hosted", help="aws, gcp, azure or self-hosted (default)")
    plan.add_argument("--author", metavar="NAME", default="auto", help=f"who plans: {AUTHORS}")
    plan.add_argument("--out", metavar="DIR", help="write everything to this folder, which must be new or empty")
    _seconds(plan, "wall clock of all questions to models, seconds")
    _json(plan)


def _about_the_rest(commands: argparse._SubParsersAction[Parser]) -> None:
    bench = _command(
        commands, "bench", "heal every row of a JSONL dataset and count, judge the judge, or measure its speed"
    )
    bench.usage = """mendbox bench DATASET.jsonl [--author NAME] [--seconds S] [--jobs N] [--limit N] [--correct] [--half SEED] [--learn]
               [--out FILE] [--json]
       mendbox bench --integrity [FOLDER...] [--honest FILE.jsonl] [--jobs N] [--json]
       mendbox bench --speed [--quick] [--rounds N] [--seconds-each S] [--only NAME,...] [--json] [--out FILE] [--svg FILE]"""
    bench.add_argument(
        "dataset", metavar="DATASET.jsonl", nargs="?", help="rows {id, buggy, tests, module, test_file, extra_files}"
    )
    bench.add_argument(
        "--integrity",
        metavar="FOLDER",
        nargs="*",
        help="judge the cheats and honest solutions in FOLDER (default: those of this checkout) instead",
    )
    bench.add_argument(
        "--honest",
        metavar="FILE.jsonl",
        action="append",
        default=[],
        help="with --integrity: rows {id, fixed, tests, ...}, whose fixed code is honest",
    )
    _author(bench)
    _seconds(bench, "wall clock per row, seconds")
    bench.add_argument(
        "--jobs", metavar="N", type=_count, help="rows at one time (default 1; with --integrity: a core each)"
    )
    bench.add_argument(
        "--out", metavar="FILE", help="write one JSON line per row, as rows end; with --speed: the whole JSON document"
    )
    bench.add_argument("--limit", metavar="N", type=_count, help="only the first N rows")
    bench.add_argument(
        "--correct",
        action="store_true",
        help="compare what is verified with the right version: rows {fixed, probe, entry, lines} beside the others",
    )
    bench.add_argument(
        "--half",
        metavar="SEED",
        type=int,
        help="author and judge have half of each row's tests: how many repairs fit only what they saw?",
    )
    bench.add_argument("--learn", action="store_true", help="use the memory, and let it learn of the rows")
    _speed(bench)
    _json(bench)

    images = _command(commands, "images", "build, list or remove the images that boxes are made from")
    images.add_argument("action", choices=("build", "list", "prune"))
    images.add_argument(
        "image",
        choices=("python", "node"),
        nargs="?",
        help="for build: the usual one, or that with Node.js and a browser (default: python)",
    )
    _json(images)

    _envs(commands)

    doctor = _command(commands, "doctor", "is everything here that a box needs? what to do where not")
    _json(doctor)

    serve = _command(commands, "serve", "serve MCP over stdio, or over HTTP")
    serve.add_argument("--http", metavar="HOST:PORT", help="serve over HTTP instead of stdio")

    _install(commands)

    demo = _command(commands, "demo", "heal the programs under examples/ and show how")
    demo.add_argument("folder", metavar="FOLDER", nargs="?", help="where the examples are (default: examples/)")
    _author(demo)
    _budget(demo)


def _install(commands: argparse._SubParsersAction[Parser]) -> None:
    install = _command(commands, "install", "tell an MCP client where Mendbox is: print its configuration, or write it")
    install.add_argument("client", choices=("claude-code", "claude-desktop", "cursor", "vscode", "gemini"))
    install.add_argument("--http", metavar="URL", help="a server that runs already, instead of one the client starts")
    install.add_argument("--bearer", metavar="VARIABLE", help="with --http: the variable that holds the token to send")
    install.add_argument("--project", action="store_true", help="in this folder's configuration, not the user's own")
    install.add_argument("--write", action="store_true", help="write it to the client's file; what else is there stays")
    _json(install)


def _envs(commands: argparse._SubParsersAction[Parser]) -> None:
    envs = _command(commands, "envs", "what projects need, in images: list them, or remove some")
    actions = envs.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    _json(_command(actions, "list", "every environment, the one used last first"))
    prune = _command(actions, "prune", "remove those beyond the bound of MENDBOX_ENVS_MIB; never one in use")
    prune.add_argument("--older", metavar="DAYS", type=_days, help="those that were not used for so many days")
    prune.add_argument("--all", action="store_true", help="every one")
    _json(prune)


def _command(commands: argparse._SubParsersAction[Parser], name: str, promise: str) -> Parser:
    # not `str.capitalize`, which would lower the rest: MCP, HTTP, JSONL, Python
    description = f"{promise[:1].upper()}{promise[1:]}."
    return commands.add_parser(name, help=promise, description=description, allow_abbrev=False)


def _paths(
    parser: Parser,
    *,
    tests_required: bool = False,
    tests: str = "the frozen tests: files or folders; never changed",
) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", help="the code: files or folders")
    parser.add_argument(
        "--tests",
        metavar="PATH",
        nargs="+",
        action="extend",
        default=[],
        required=tests_required,
        help=tests,
    )


def _author(parser: Parser, default: str | None = "auto") -> None:
    parser.add_argument("--author", metavar="NAME", default=default, help=f"who mends: {AUTHORS}")


def _budget(parser: Parser) -> None:
    parser.add_argument("--attempts", metavar="N", type=_count, help="how many drafts at most")
    _seconds(parser, "wall clock of one run, seconds")


def _seconds(parser: Parser, promise: str) -> None:
    parser.add_argument("--seconds", metavar="S", type=_duration, help=promise)


def _fresh(parser: Parser) -> None:
    parser.add_argument("--fresh", action="store_true", help="judge again what an earlier run has judged already")


def _speed(bench: Parser) -> None:
    group = bench.add_argument_group("how fast a verdict is, beside the bare host, docker and other sandboxes")
    group.add_argument("--speed", action="store_true", help="measure that instead, in one run, interleaved")
    group.add_argument("--quick", action="store_true", help="a few rounds and small sizes, no throughput: for a look")
    group.add_argument("--rounds", metavar="N", type=_count, help="rounds of the 10-test suite (default 20)")
    group.add_argument(
        "--seconds-each",
        metavar="S",
        type=_duration,
        help="throughput: seconds for each number of clients (default 30)",
    )
    group.add_argument("--only", metavar="NAME,...", help="only these parts, by the names that are told at the start")
    group.add_argument("--svg", metavar="FILE", help="draw the first comparison")


def _dependencies(parser: Parser) -> None:
    group = parser.add_argument_group("what the code needs, as its manifests say")
    group.add_argument(
        "--with",
        dest="with_",
        metavar="NAME",
        action="append",
        default=[],
        help="install this as well, and let a draft name it; may be given more than once",
    )
    group.add_argument(
        "--allow-new-deps", action="store_true", help="let a draft name, and imports ask for, any package"
    )
    group.add_argument("--no-deps", action="store_true", help="install nothing, whatever the manifests say")


def _receipt(parser: Parser) -> None:
    parser.add_argument("--receipt", metavar="FILE", help="write what was shown to FILE, its texts to FILE.blobs/")
    parser.add_argument("--sign", metavar="KEY", help="sign the receipt with an ed25519 private key")


def _json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="print exactly one JSON document on stdout")


def _count(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 1 <= int(word[:6]) <= 1_000 or len(word) > 6:
        raise argparse.ArgumentTypeError(f"{word!r} is no number from 1 to 1000")
    return int(word)


def _tokens(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 1 <= int(word[:13]) <= 10**12 or len(word) > 13:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of tokens from 1 to 10^12")
    return int(word)


def _money(word: str) -> float:
    try:
        usd = float(word)
    except ValueError:
        usd = 0.0
    if not 0 < usd <= 1_000_000:
        raise argparse.ArgumentTypeError(f"{word!r} is no amount of dollars above 0 and up to 1000000")
    return usd


def _days(word: str) -> float:
    try:
        days = float(word)
    except ValueError:
        days = -1.0
    if not 0 <= days <= 36_500:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of days from 0 to 36500")
    return days


def _duration(word: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:
        raise argparse.ArgumentTypeError(f"{word!r} is no number of seconds above 0 and up to 86400")
    return seconds
