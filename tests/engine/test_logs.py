"""Every event reaches stderr as one line, with its run, and without a secret."""

import contextlib
import json
import logging
import sys
from collections.abc import Generator

import pytest
import structlog

from engine import logs
from engine.logs import bound, clean, configure, get_log
from engine.redaction import REDACTED, Redactor

KEY = "sk-" + "proj-aB3dE5gH7jK9mN1pQ3sT5vW7"
KNOWN = "the-value-of-a-setting"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Generator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    levels = {name: logging.getLogger(name).level for name in logs.OURS}
    yield
    root.handlers[:], root.level = before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    structlog.reset_defaults()


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    captured = capsys.readouterr()
    assert captured.out == "", "stdout belongs to the program's answer"
    return [json.loads(line) for line in captured.err.splitlines()]


def test_an_event_is_one_json_line_with_its_fields_and_its_run(capsys: pytest.CaptureFixture[str]):
    """What was bound stands in every event, and ends with its block."""
    configure("info")
    log = get_log("engine.healing")

    with bound(run_id="r1"):
        with bound(attempt=2):
            log.info("checked", check="pytest", name="a field that logging would refuse")
        log.warning("slow")
    log.error("after")

    first, second, third = events(capsys)
    assert {
        "event": "checked",
        "run_id": "r1",
        "attempt": 2,
        "check": "pytest",
        "level": "info",
    }.items() <= first.items()
    assert first["logger"] == "engine.healing"
    assert first["name"] == "a field that logging would refuse"
    assert (second["run_id"], "attempt" in second) == ("r1", False)
    assert "run_id" not in third


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str]):
    """Ours follow the level; a library is never below a warning, at debug never below info."""
    configure("info")
    get_log("engine.x").debug("ours")
    logging.getLogger("httpx").info("theirs")
    assert events(capsys) == []

    configure("debug")
    get_log("engine.x").debug("ours")
    logging.getLogger("openai._base_client").debug("whole request")
    logging.getLogger("httpx").info("theirs")
    assert [event["event"] for event in events(capsys)] == ["ours", "theirs"]


def test_libraries_and_structlog_itself_go_the_same_way(capsys: pytest.CaptureFixture[str]):
    """One chain, whoever writes, also those that bring handlers of their own."""
    uvicorn = logging.getLogger("uvicorn")
    uvicorn.addHandler(logging.StreamHandler(sys.stdout))
    uvicorn.propagate = False
    configure("info", [KNOWN])

    with bound(run_id="r1"):
        uvicorn.warning("listening with %s", KNOWN)
        logging.getLogger("docker").warning("pull", extra={"auth_config": {"password": "x"}})
        structlog.get_logger("server").info("hello", token="abc", a=1)

    one, two, three = events(capsys)
    assert one["event"] == f"listening with {REDACTED}"
    assert two["auth_config"] == {"password": REDACTED}
    assert {"event": "hello", "token": REDACTED, "a": 1, "run_id": "r1"}.items() <= three.items()


def test_no_secret_gets_through_wherever_it_stands(capsys: pytest.CaptureFixture[str]):
    """In the event, keys, values, nested ones, bytes, objects, exceptions and their tracebacks."""
    configure("info", [KNOWN])
    log = get_log("engine.x")

    class Holder:
        def __repr__(self) -> str:
            return f"Holder({KEY})"

    log.info(
        f"asked with {KEY}",  # noqa: G004 - careless callers are what this is about
        code=f"key = '{KNOWN}'",
        nested=[{"a": (KEY.encode(), {KNOWN: Holder()})}],
        env={"X": KEY},
    )
    log.info("names", api_key="short", password="p", input_tokens=12, max_tokens=None, access_token="x", token=3)
    try:
        try:
            raise ValueError(f"401 for {KEY}")  # noqa: TRY301 - the chain is the point
        except ValueError as error:
            raise RuntimeError(f"while using {KNOWN}") from error
    except RuntimeError:
        log.exception("failed", error=RuntimeError(KNOWN))

    written = capsys.readouterr().err
    assert KEY not in written
    assert KNOWN not in written
    lines = [json.loads(line) for line in written.splitlines()]
    assert {"input_tokens": 12, "max_tokens": None, "token": 3, "api_key": REDACTED}.items() <= lines[1].items()
    assert lines[1]["password"] == lines[1]["access_token"] == REDACTED
    assert "401 for" in str(lines[2]["exception"])


def test_a_person_gets_colour_and_no_control_characters(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """A program's output in a log cannot take the terminal over."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    configure("info", [KNOWN], human=True)

    get_log("engine.x").info("said", text="\x1b]0;title\x07\x9b2J", key=KNOWN)
    with contextlib.suppress(ZeroDivisionError):
        try:
            _ = 1 / 0
        finally:
            get_log("engine.x").exception("broke")

    written = capsys.readouterr().err
    assert "\x1b[" in written
    assert "\x1b]" not in written
    assert "\x07" not in written
    assert "\x9b" not in written
    assert KNOWN not in written
    assert "ZeroDivisionError" in written


def test_no_colour_where_it_is_not_wanted(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """NO_COLOR is honoured."""
    monkeypatch.setenv("NO_COLOR", "1")
    configure("info", human=True)

    get_log("engine.x").info("said")

    assert "\x1b" not in capsys.readouterr().err


def test_an_event_is_bounded():
    """Neither depth nor number nor length of what is logged can flood a disk."""
    deep: list[object] = []
    for _ in range(50):
        deep = [deep]
    redactor = Redactor()

    assert "[...]" in str(clean(deep, redactor))
    assert len(clean(list(range(10_000)), redactor)) == logs.MOST_ITEMS
    long = str(clean("a" * 100_000, redactor))
    assert len(long) < logs.LONGEST_TEXT + 100
    assert "80000 characters left out" in long
    assert clean("half \ud800 a character", redactor) == "half \\ud800 a character"
    assert clean([True, 1.5, None], redactor) == [True, 1.5, None]


def test_a_key_is_not_cut_in_half_and_shown():
    """Redaction comes before the bound."""
    text = "a " * (logs.LONGEST_TEXT // 4 - 5) + KEY + " b" * logs.LONGEST_TEXT

    assert KEY[:12] not in str(clean(text, Redactor()))


def test_what_cannot_be_written_ends_nothing_and_shows_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """Not the usual report, which prints the arguments as they came."""
    configure("info")

    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError(KEY)

    get_log("engine.x").info("said", thing=Broken())
    written = capsys.readouterr().err
    assert "an event of engine.x" in written
    assert KEY not in written

    class Closed:
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    get_log("engine.x").info("nobody reads")


def test_configured_again_it_writes_once(capsys: pytest.CaptureFixture[str]):
    """A second call replaces the first."""
    configure("info")
    configure("warning", human=False)

    get_log("engine.x").info("dropped")
    get_log("engine.x").warning("kept")

    assert [event["event"] for event in events(capsys)] == ["kept"]
