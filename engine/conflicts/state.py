"""Which calls may remember earlier ones, judged by their names: the text of the tests has nothing better to go by."""

from __future__ import annotations

import re

from engine.conflicts.closing import Called

_CHANGES = frozenset(
    (
        *("accumulate", "acquire", "adjust", "allow", "append", "apply", "assign", "book", "borrow"),
        *("buy", "cache", "cached", "call", "charge", "clear", "close", "cmd"),
        *("command", "connect", "consume", "counter", "create", "debit", "delete", "deposit", "dequeue"),
        *("dispatch", "draw", "drop", "emit", "enqueue", "enter", "execute", "exec", "exit"),
        *("feed", "fetch", "fire", "get", "guess", "handle", "hit", "inc", "increment"),
        *("insert", "invoke", "leave", "load", "lock", "log", "login", "logout", "mark"),
        *("memo", "move", "next", "notify", "now", "open", "order", "pay", "play"),
        *("poll", "pop", "process", "publish", "push", "put", "query", "read", "receive"),
        *("record", "register", "release", "remember", "remove", "request", "reserve", "reset", "run"),
        *("save", "schedule", "sell", "send", "set", "start", "state", "step", "stop"),
        *("store", "submit", "subscribe", "switch", "take", "tick", "toggle", "touch", "track"),
        *("transfer", "turn", "undo", "unlock", "unregister", "update", "use", "visit", "vote"),
        *("withdraw", "write"),
    )
)
"""Words for what leaves something behind."""
_ALONE = frozenset(("add", "sub", "count", "roll", "rand", "random", "sample", "shuffle", "choice"))
"""Words for the same, where the call has one argument."""


def may_remember(call: Called) -> bool:
    """Whether *call* is named like one that changes what the next call of the same function gives."""
    words = set(re.findall(r"[a-z]+", call.function.rpartition(".")[2].lower()))
    return bool(words & _CHANGES) or (bool(words & _ALONE) and ", " not in call.arguments)
