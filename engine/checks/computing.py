"""What calls, methods and operators give for constants: those that are looked through, and how much they may make."""

from __future__ import annotations

import ast
import base64
import binascii
import bz2
import codecs
import itertools
import json
import lzma
import operator
import textwrap
import zlib
from collections.abc import Callable, Iterable, Mapping

MOST_ITEMS = 20_000
"""Items of one value, those of its items included."""
MOST_TEXT = 512 * 1024
MOST_BITS = 8_192

DECODERS = frozenset(
    {
        *(f"base64.{name}" for name in dir(base64) if "decode" in name),
        *(f"zlib.{name}" for name in ("decompress", "decompressobj")),
        "bz2.decompress",
        "lzma.decompress",
        "gzip.decompress",
        "codecs.decode",
        "binascii.unhexlify",
        "binascii.a2b_hex",
        "binascii.a2b_base64",
        "bytes.fromhex",
        "bytearray.fromhex",
        "marshal.loads",
        "pickle.loads",
        "chr",
        "bytes",
        "bytearray",
        "reversed",
        "str.translate",
        "str.maketrans",
    }
)
"""Calls by which a text is something else than what it looks like."""


class NotConstant(Exception):
    """It depends on something that is not written in the file, or it is too large."""


FAILURES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    MemoryError,
    RecursionError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
)
"""What any of these raise where the constants do not suit them."""


def unpacked(data: bytes, kind: str) -> bytes:
    """*data* unpacked, of which at most `MOST_TEXT` bytes: a few bytes may stand for gigabytes."""
    if kind == "bz2":
        return bz2.BZ2Decompressor().decompress(data, MOST_TEXT)
    if kind == "lzma":
        return lzma.LZMADecompressor(memlimit=64 * 2**20).decompress(data, MOST_TEXT)
    return zlib.decompressobj(31 if kind == "gzip" else 15).decompress(data, MOST_TEXT)


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    raise NotConstant


def by_codec(value: object, name: object = "utf-8", *_: object) -> object:
    """*value* decoded by the codec of this *name*; as `codecs.decode`, for those that only unpack or spell otherwise.

    Raises:
        NotConstant: It is another codec, or no text or bytes.
    """
    name = str(name).lower().replace("-", "_")
    if name in {"zlib", "zip", "zlib_codec", "bz2", "bz2_codec"}:
        return unpacked(_bytes(value), name[:3] if name.startswith("bz2") else "zlib")
    if name in {"rot13", "rot_13"}:
        return codecs.decode(str(value), "rot13")
    if isinstance(value, str) and name not in {"hex", "hex_codec", "base64", "base64_codec", "unicode_escape"}:
        raise NotConstant
    return codecs.decode(_bytes(value), name)


def _literal(text: object) -> object:
    if not isinstance(text, str) or len(text) > MOST_TEXT:
        raise NotConstant
    try:
        return ast.literal_eval(text.strip())
    except SyntaxError as error:
        raise NotConstant from error


def _range(*parts: object) -> list[int]:
    numbers = range(*(operator.index(part) for part in parts))  # type: ignore[arg-type]
    if len(numbers) > MOST_ITEMS:
        raise NotConstant
    return list(numbers)


def _sum(values: Iterable[object], start: object = 0) -> object:
    """The sum of numbers only: that of lists takes the square of their number."""
    total = start
    for value in values:
        if not isinstance(value, (int, float, complex)) or not isinstance(total, (int, float, complex)):
            raise NotConstant
        total += value
    return total


def _sized(value: object) -> object:
    """*value*, as what bytes() or bytearray() is asked for: a number would be a length."""
    if isinstance(value, int):
        raise NotConstant
    return value


def _fill(pieces: Iterable[object]) -> list[object]:
    return list(itertools.islice(pieces, MOST_ITEMS))


FUNCTIONS: Mapping[str, Callable[..., object]] = {
    **{each.__name__: each for each in (int, float, complex, str, tuple, list, set, frozenset, dict, bool)},
    **{each.__name__: each for each in (chr, ord, len, min, max, abs, sorted, repr, hex, round, divmod, any, all)},
    "range": _range,
    "sum": _sum,
    "reversed": lambda value: list(reversed(value)),
    "zip": lambda *values, **_: _fill(zip(*values, strict=False)),
    "enumerate": lambda value, start=0: _fill(enumerate(value, start)),
    "iter": list,
    "bytes": lambda value=b"", *_: bytes(_sized(value)) if not isinstance(value, str) else value.encode(),  # type: ignore[call-overload]
    "bytearray": lambda value=b"", *_: bytes(_sized(value)) if not isinstance(value, str) else value.encode(),  # type: ignore[call-overload]
    "bytes.fromhex": bytes.fromhex,
    "bytearray.fromhex": bytes.fromhex,
    "str.join": lambda glue, pieces: glue.join(pieces),
    "str.maketrans": str.maketrans,
    "dict.fromkeys": lambda keys, value=None: dict.fromkeys(keys, value),
    "types.MappingProxyType": lambda value: value,
    "collections.OrderedDict": dict,
    "collections.deque": list,
    "itertools.chain": lambda *values: _fill(itertools.chain(*values)),
    "itertools.chain.from_iterable": lambda value: _fill(itertools.chain.from_iterable(value)),
    "itertools.cycle": list,
    "json.loads": json.loads,
    "ast.literal_eval": _literal,
    "textwrap.dedent": textwrap.dedent,
    "inspect.cleandoc": lambda text: textwrap.dedent(text).strip(),
    "base64.b64decode": lambda data, *_: base64.b64decode(data),
    "base64.standard_b64decode": base64.b64decode,
    "base64.urlsafe_b64decode": base64.urlsafe_b64decode,
    "base64.b32decode": lambda data, *_: base64.b32decode(data),
    "base64.b16decode": lambda data, *_: base64.b16decode(data, casefold=True),
    "base64.b85decode": base64.b85decode,
    "base64.a85decode": base64.a85decode,
    "base64.decodebytes": base64.decodebytes,
    "binascii.unhexlify": binascii.unhexlify,
    "binascii.a2b_hex": binascii.unhexlify,
    "binascii.a2b_base64": binascii.a2b_base64,
    "zlib.decompress": lambda data, *_: unpacked(data, "zlib"),
    "gzip.decompress": lambda data: unpacked(data, "gzip"),
    "bz2.decompress": lambda data: unpacked(data, "bz2"),
    "lzma.decompress": lambda data, *_: unpacked(data, "lzma"),
    "codecs.decode": by_codec,
    "fractions.Fraction": lambda *parts: parts[0] if len(parts) == 1 else parts[0] / parts[1],
    "decimal.Decimal": float,
    "Decimal": float,
}
"""By the dotted names under which they are called."""

METHODS = frozenset(
    {
        "capitalize",
        "casefold",
        "copy",
        "count",
        "decode",
        "encode",
        "get",
        "hex",
        "index",
        "items",
        "join",
        "keys",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "strip",
        "swapcase",
        "title",
        "translate",
        "upper",
        "values",
    }
)
"""Of texts, bytes, lists and dictionaries; `str.replace` is bounded where it is called."""
OPERATORS: Mapping[type[ast.operator], Callable[[object, object], object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.Pow: operator.pow,
}
COMPARED: Mapping[type[ast.cmpop], Callable[..., bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Is: operator.eq,
    ast.IsNot: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, others: one in others,
    ast.NotIn: lambda one, others: one not in others,
}
