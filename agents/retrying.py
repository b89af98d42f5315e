"""One policy for calls to a model's API that failed for now: wait longer each time, never past the allowance."""

from __future__ import annotations

import email.utils
import math
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import TypeVar

import tenacity
from pydantic import Field

from agents.base import Usage, Value
from agents.errors import AuthorError, ProviderUnavailable

T = TypeVar("T")


class Patience(Value):
    """How a provider waits between tries. All in seconds."""

    first: float = Field(default=0.5, gt=0)
    """Pause before the second try; it doubles from there."""
    most: float = Field(default=20.0, gt=0)
    """Longest pause, unless the server asks for a longer one."""
    jitter: float = Field(default=0.25, ge=0)
    """Up to this much is added at random, so that many clients do not come back together."""
    call: float = Field(default=180.0, gt=0)
    """Longest that one call may take before it is tried again."""


class CallFailed(Exception):
    """One call failed in a way that may pass.

    Attributes:
        what: The error's class and HTTP status, without secrets.
        after: Seconds that the server asked us to wait.
        usage: What was billed all the same.
        out_of_time: It was we who gave up, so that another failure before it tells more.
    """

    def __init__(
        self, what: str, *, after: float | None = None, usage: Usage | None = None, out_of_time: bool = False
    ) -> None:
        super().__init__(what)
        self.what = what
        self.after = after
        self.out_of_time = out_of_time
        self.usage = usage or Usage()


async def patiently(
    author: str, call: Callable[[float], Awaitable[T]], *, seconds: float, patience: Patience
) -> tuple[T, Usage]:
    """Make *call* until it answers; it is given the seconds it may take.

    Returns:
        Its answer, and what failed calls before it cost.

    Raises:
        ProviderUnavailable: No answer within *seconds*, or the server asks for a longer wait than is left.
            Whatever else *call* raises but `CallFailed` travels at once.
    """
    end = monotonic() + seconds
    failures: list[CallFailed] = []

    async def once() -> T:
        try:
            return await call(max(0.001, min(patience.call, end - monotonic())))
        except CallFailed as failed:
            failures.append(failed)
            raise

    policy = tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception_type(CallFailed),
        wait=_pause(patience),
        stop=tenacity.stop_before_delay(seconds),
        reraise=True,
    )
    try:
        answer: T = await policy(once)
    except CallFailed as failed:
        last = next((failure for failure in reversed(failures) if not failure.out_of_time), failed)
        tries = f"{len(failures)} tries" if len(failures) > 1 else "1 try"
        asked = f"; it asked to wait {math.ceil(last.after)} s" if last.after else ""
        raise ProviderUnavailable(
            author,
            f"no answer after {tries} within {seconds:.3g} s; it ended in {last.what}{asked}",
            hint="try again later, or allow more time with MENDBOX_SECONDS",
            usage=_spent(failures),
        ) from None  # CallFailed is ours and says nothing that this error does not
    except AuthorError as error:
        error.usage += _spent(failures)
        raise
    return answer, _spent(failures)


def _spent(failures: list[CallFailed]) -> Usage:
    return sum((failed.usage for failed in failures), Usage())


def _pause(patience: Patience) -> Callable[[tenacity.RetryCallState], float]:
    backoff = tenacity.wait_exponential_jitter(multiplier=patience.first, max=patience.most, jitter=patience.jitter)

    def pause(state: tenacity.RetryCallState) -> float:
        failed = state.outcome.exception() if state.outcome else None
        asked = failed.after if isinstance(failed, CallFailed) else None
        return max(asked or 0.0, backoff(state))

    return pause


def retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds that ``retry-after-ms`` or ``Retry-After`` (seconds or an HTTP date) asks for, never negative."""
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            asked = float(headers.get(name, "")) * unit
        except ValueError:
            continue
        if math.isfinite(asked):
            return max(0.0, asked)
    try:
        date = email.utils.parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
