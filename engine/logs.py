"""Logs: events with fields, on stderr, without secrets. JSON lines for machines, colour for a person at a terminal.

The engine writes ``log = get_log(__name__)``, then ``log.info("checked", check="pytest")``; `agents` and `sandboxes`,
which may not import the engine, use `logging`, as the libraries do. Both end in the same chain. structlog, which
brings rich with it, is imported with the first event that is written, so a quiet command does not pay for it.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Generator, Iterable, Mapping, MutableMapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from engine.redaction import REDACTED, Redactor

if TYPE_CHECKING:
    from structlog.stdlib import ProcessorFormatter

Level = Literal["debug", "info", "warning", "error"]
Event = MutableMapping[str, Any]

OURS = ("engine", "agents", "sandboxes", "server", "serving")
"""Loggers that follow the level exactly; a library's debug output can carry whole requests."""
ADOPTED = ("uvicorn", "uvicorn.access", "uvicorn.error", "fastmcp", "FastMCP", "mcp", "docket")
"""Loggers of libraries that bring handlers of their own."""
LONGEST_TEXT = 20_000
"""Characters kept of one text in an event, the first and the last half."""
DEEPEST = 8
MOST_ITEMS = 200

_SECRET_NAME = re.compile(
    r"passw|passphrase|secret|api_?key|authorization|cookie|credential|private_?key|(?:^|_)token$", re.IGNORECASE
)
# What a terminal would obey; a line break is for the renderer to deal with.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"}

_bound: ContextVar[Mapping[str, object]] = ContextVar("mendbox_log_fields", default=MappingProxyType({}))


@contextmanager
def bound(**fields: object) -> Generator[None]:
    """Add *fields*, such as the run's id, to every event of this task and the tasks it starts."""
    token = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(token)


class Log:
    """Events of one part of the engine. Before `configure` they go wherever the application's `logging` goes."""

    def __init__(self, name: str) -> None:
        self._logger = logging.getLogger(name)

    def debug(self, event: str, **fields: object) -> None:
        self._write(logging.DEBUG, event, fields)

    def info(self, event: str, **fields: object) -> None:
        self._write(logging.INFO, event, fields)

    def warning(self, event: str, **fields: object) -> None:
        self._write(logging.WARNING, event, fields)

    def error(self, event: str, **fields: object) -> None:
        self._write(logging.ERROR, event, fields)

    def exception(self, event: str, **fields: object) -> None:
        """An error with the traceback of the exception being handled."""
        self._write(logging.ERROR, event, fields, exc_info=True)

    def _write(self, level: int, event: str, fields: Mapping[str, object], *, exc_info: bool = False) -> None:
        if self._logger.isEnabledFor(level):
            # One attribute, for `logging` refuses fields with the names of its own.
            self._logger.log(level, "%s", event, extra={"mendbox_fields": fields}, exc_info=exc_info, stacklevel=3)


def get_log(name: str) -> Log:
    """The log of the module *name*."""
    return Log(name)


def configure(level: Level = "warning", secrets: Iterable[str] = (), *, human: bool | None = None) -> None:
    """Send every event of this process to stderr, from *level* on. Called again, it replaces what was.

    Args:
        level: The lowest level to show; of libraries nothing below a warning, or at ``debug`` below info.
        secrets: Values to take out wherever they stand, beside whatever is shaped like a secret.
        human: Colour instead of JSON; None asks whether stderr is a terminal.
    """
    redactor = Redactor(secrets)
    terminal = sys.stderr.isatty() if human is None else human
    handler = _Stderr()
    handler.setFormatter(_Formatter(redactor, human=terminal))
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old, _Stderr):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO if level == "debug" else max(logging.WARNING, _number(level)))
    for name in OURS:
        logging.getLogger(name).setLevel(_number(level))
    for name in ADOPTED:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    if "structlog" in sys.modules:
        route_structlog()


def _number(level: Level) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def clean(value: object, redactor: Redactor, depth: int = 0) -> object:
    """*value* without secrets, in plain types, bounded in depth, number and length."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if depth > DEEPEST:
        return "[...]"
    if isinstance(value, Mapping):
        return {
            _text(str(key), redactor): REDACTED if _hides(key, item) else clean(item, redactor, depth + 1)
            for key, item in list(value.items())[:MOST_ITEMS]
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [clean(item, redactor, depth + 1) for item in list(value)[:MOST_ITEMS]]
    if isinstance(value, (bytes, bytearray)):
        return _text(bytes(value).decode("utf-8", "backslashreplace"), redactor)
    return _text(value if isinstance(value, str) else repr(value), redactor)


def _hides(key: object, value: object) -> bool:
    """Whether the name alone says that *value* is secret; a number of tokens is not."""
    return bool(_SECRET_NAME.search(str(key))) and not (value is None or isinstance(value, (bool, int, float)))


def _text(text: str, redactor: Redactor) -> str:
    # Redacted before it is cut: half a key is still half a key.
    text = redactor(text)
    if len(text) > LONGEST_TEXT:
        half = LONGEST_TEXT // 2
        text = f"{text[:half]}\n[... {len(text) - 2 * half} characters left out ...]\n{text[-half:]}"
    return text.translate(_CONTROLS).encode("utf-8", "backslashreplace").decode()


class _Stderr(logging.Handler):
    """Writes to whatever `sys.stderr` is at the time, for it may be replaced while a progress display is up."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - a log must not end a run, whoever's repr or pipe is broken
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Say only where: the usual report prints the message and its arguments as they came, secrets included."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"an event of {record.name}, line {record.lineno}, could not be written\n")


class _Formatter(logging.Formatter):
    """structlog's chain, made when the first event comes."""

    def __init__(self, redactor: Redactor, *, human: bool) -> None:
        super().__init__()
        self._redactor = redactor
        self._human = human
        self._chain: ProcessorFormatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._chain is None:
            self._chain = _chain(self._redactor, human=self._human)
        return self._chain.format(record)


def _chain(redactor: Redactor, *, human: bool) -> ProcessorFormatter:
    import structlog  # noqa: PLC0415 - 0.1 s, most of it rich; only with the first event

    route_structlog()

    def redacted(_logger: object, _method: str, event: Event) -> Event:
        return {key: REDACTED if _hides(key, item) else clean(item, redactor) for key, item in event.items()}

    renderer: Any = (
        structlog.dev.ConsoleRenderer(
            colors="NO_COLOR" not in os.environ, exception_formatter=structlog.dev.plain_traceback
        )
        if human
        else structlog.processors.JSONRenderer()
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ExtraAdder(),
            _with_fields,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redacted,
            renderer,
        ],
    )


def _with_fields(_logger: object, _method: str, event: Event) -> Event:
    """What `bound` and `Log` carry beside the message; the record's own words win."""
    return {**_bound.get(), **event.pop("mendbox_fields", {}), **event}


def route_structlog() -> None:
    """Send what is logged through structlog itself to `logging`; by default it would go to stdout.

    To be called where a part that logs in this way is first used: importing it early would slow down every command.
    """
    import structlog  # noqa: PLC0415 - see `_chain`

    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.PositionalArgumentsFormatter(),
            _with_fields,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
