"""What tokens cost: a dated table that the user can override, and no guess for a model that is not in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from pydantic import Field, ValidationError

from agents.base import Usage, Value

_SNAPSHOT = re.compile(r"(-\d{8}|-\d{4}-\d{2}-\d{2}|-latest)?")
"""How vendors name a dated copy of a model. Anything else after a name is another model at another price."""


class PricesUnreadable(ValueError):
    """The user's price file cannot be used; says which one and where it is wrong."""


class Rate(Value):
    """USD per million tokens."""

    input: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0)
    """Input tokens read from the provider's cache; as `input` where not given."""
    cache_write: float | None = Field(default=None, ge=0)
    """Input tokens written to the provider's cache; as `input` where not given."""
    output: float = Field(ge=0)


class LongPrompt(Rate):
    """The rate of the whole call once its input is longer than `above` tokens."""

    above: int = Field(gt=0)


class Price(Rate):
    """What one model costs."""

    long_prompt: LongPrompt | None = None


class Tokens(Value):
    """What one call used, as the provider counted it."""

    input: int = 0
    """All input tokens, those read from and written to the cache included."""
    cached: int = 0
    written: int = 0
    """Input tokens written to the cache."""
    output: int = 0


class PriceTable(Value):
    """Prices by model name; made by `read_prices`."""

    models: Mapping[str, Price]
    about: str = ""
    date: str = ""
    sources: tuple[str, ...] = ()

    def of(self, model: str) -> Price | None:
        """The price of *model*: by its name, as a dated snapshot of a name, or by the longest ``prefix*``."""
        for name, price in self.models.items():
            if model.startswith(name) and _SNAPSHOT.fullmatch(model[len(name) :]):
                return price
        prefixes = [name for name in self.models if name.endswith("*") and model.startswith(name[:-1])]
        return self.models[max(prefixes, key=len)] if prefixes else None

    def usage(self, model: str, tokens: Tokens) -> Usage:
        """One billed call, in tokens and in money."""
        price = self.of(model)
        return Usage(
            calls=1,
            input_tokens=tokens.input,
            cached_tokens=tokens.cached,
            output_tokens=tokens.output,
            usd=_usd(price, tokens) if price else 0.0,
            priced=price is not None,
        )


def _usd(price: Price, tokens: Tokens) -> float:
    long = price.long_prompt
    rate: Rate = long if long and tokens.input > long.above else price
    plain = max(0, tokens.input - tokens.cached - tokens.written)
    cached = rate.input if rate.cached is None else rate.cached
    written = rate.input if rate.cache_write is None else rate.cache_write
    million = plain * rate.input + tokens.cached * cached + tokens.written * written + tokens.output * rate.output
    return million / 1_000_000


def read_prices(override: Path | None = None) -> PriceTable:
    """The built-in table, overridden and extended by the JSON file *override*.

    The file has the shape ``{"models": {"NAME": {"input": 2, "cached": 0.2, "output": 10}}}``.

    Raises:
        PricesUnreadable: There is no such file, or it has another shape.
    """
    built_in = PriceTable.model_validate_json(resources.files("agents").joinpath("prices.json").read_text("utf-8"))
    if override is None:
        return built_in
    try:
        theirs = PriceTable.model_validate_json(override.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise PricesUnreadable(f"price file {str(override)!r} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the top"
        raise PricesUnreadable(f"price file {str(override)!r} is wrong at {where}: {first['msg']}") from error
    return theirs.model_copy(update={"models": {**built_in.models, **theirs.models}})
