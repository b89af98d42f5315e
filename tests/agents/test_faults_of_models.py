"""Each way in which a model or its API behaves badly, through the real clients of both protocols."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx2
import pytest

from agents.base import Allowance
from agents.errors import AuthorError, KeyRejected, NothingToOffer, ProviderUnavailable, Refused
from agents.providers.bounded import bound
from agents.retrying import Patience
from tests.agents.models import ANTHROPIC, OPENAI, QUICK, RIGHT, TEST, WRONG, Protocol, brief
from tests.wire.behaviours import (
    BROKEN,
    CUT_SHORT,
    EMPTY,
    INVALID_JSON,
    OVERLOADED,
    PROSE,
    REFUSES,
    Behaviour,
    Cuts,
    Fails,
    Hangs,
    Raw,
    Says,
    amid_prose,
    answer,
    edits,
    rate_limited,
    writes,
)
from tests.wire.server import KEY

FIX = edits("gcd.py", "gcd(a % b, b)", "gcd(b, a % b)")


@pytest.fixture(params=[pytest.param(OPENAI, id="openai"), pytest.param(ANTHROPIC, id="anthropic")])
def protocol(request: pytest.FixtureRequest) -> Protocol:
    return request.param


async def test_a_good_answer_becomes_a_draft_that_is_billed(protocol: Protocol) -> None:
    """The draft holds the whole set of files, who wrote it, and what it cost by the table."""
    says = Says(FIX.text, input_tokens=10_000, cached_tokens=8_000, written_tokens=1_000, output_tokens=500)
    with protocol.wire(says) as server:
        draft = await protocol.coder(server).write(brief())

    assert draft.files == {"gcd.py": RIGHT}
    assert (draft.author, draft.model, draft.note) == (
        protocol.provider.__name__[:-8].lower(),
        protocol.model,
        "mended",
    )
    assert (draft.usage.calls, draft.usage.input_tokens, draft.usage.cached_tokens) == (1, 10_000, 8_000)
    assert draft.usage.output_tokens == 500
    # Both models cost 2 USD a million for input, 0.1 from and 2.5 to the cache, 10 for output.
    assert draft.usage.usd == pytest.approx((1_000 * 2 + 8_000 * 0.1 + 1_000 * 2.5 + 500 * 10) / 1e6)
    assert draft.usage.priced


async def test_an_answer_amid_prose_is_taken_when_it_is_the_only_one(protocol: Protocol) -> None:
    """Models talk around their answer; that alone is no reason to pay for another one."""
    with protocol.wire(amid_prose(FIX)) as server:
        draft = await protocol.coder(server).write(brief())

    assert draft.files == {"gcd.py": RIGHT}
    assert not draft.unusable


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        pytest.param(PROSE, "only prose", id="prose"),
        pytest.param(INVALID_JSON, "no valid JSON", id="invalid json"),
        pytest.param(EMPTY, "empty", id="empty"),
        pytest.param(CUT_SHORT, "token limit", id="cut at the token limit"),
        pytest.param(Says('{"note": "", "edits": [], "files": []}'), "no edit and no file", id="nothing in it"),
        pytest.param(Says('{"diff": "..."}'), "does not fit the schema", id="another shape"),
        pytest.param(edits("gcd.py", "gcd(c, d)", "x"), "does not occur there", id="edit that does not apply"),
        pytest.param(edits("gcd.py", "gcd", "x"), "more than once", id="ambiguous edit"),
        pytest.param(edits("lcm.py", "a", "b"), "no such file", id="unknown file"),
        pytest.param(writes("gcd.py", WRONG), "changes nothing", id="no change"),
        pytest.param(Says(FIX.text + "\n" + writes("gcd.py", "x = 1\n").text), "2 different answers", id="two answers"),
    ],
)
async def test_an_unusable_reply_is_a_billed_draft_with_its_reason(protocol: Protocol, says: Says, reason: str) -> None:
    """It changes nothing, counts as an attempt, and says why, so that the next brief can tell the model."""
    with protocol.wire(says) as server:
        draft = await protocol.coder(server).write(brief())

    assert reason in draft.unusable
    assert draft.files == {"gcd.py": WRONG}
    assert draft.usage.calls == 1
    assert draft.usage.output_tokens == says.output_tokens
    assert draft.usage.usd > 0


async def test_a_refusal_is_raised_and_billed(protocol: Protocol) -> None:
    """To decline is no draft; it ends the run as `refused`, with the bill."""
    with protocol.wire(REFUSES) as server, pytest.raises(Refused, match="cannot help with that") as raised:
        await protocol.coder(server).write(brief())

    assert raised.value.usage.calls == 1
    assert raised.value.usage.usd > 0
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(rate_limited("0"), id="429"),
        pytest.param(Fails(429, "rate_limit_error", headers={"retry-after-ms": "5"}), id="429 in milliseconds"),
        pytest.param(BROKEN, id="500"),
        pytest.param(Fails(502), id="502"),
        pytest.param(Fails(503), id="503"),
        pytest.param(OVERLOADED, id="529"),
        pytest.param(Cuts(), id="cut connection"),
        pytest.param(Hangs(), id="time-out"),
        pytest.param(Hangs(drips=True), id="time-out while bytes drip"),
        pytest.param(Raw(b"<html>gateway</html>", "text/html"), id="a page instead of an answer"),
        pytest.param(Raw(b'{"id": '), id="broken json as the body"),
        pytest.param(Raw(b'{"type":"error","error":{"type":"overloaded_error","message":"x"}}'), id="error in a 200"),
    ],
)
async def test_what_may_pass_is_tried_again(protocol: Protocol, fault: Behaviour) -> None:
    """After the fault has passed the answer is taken as if nothing had been; failed calls that cost nothing are not billed."""
    patience = QUICK.model_copy(update={"call": 0.5 if isinstance(fault, Hangs) else 5.0})

    with protocol.wire(fault, fault, FIX) as server:
        draft = await protocol.coder(server, patience=patience).write(brief())

    assert draft.files == {"gcd.py": RIGHT}
    assert draft.usage.calls == 1
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(rate_limited("0"), "RateLimitError (HTTP 429", id="429"),
        pytest.param(BROKEN, "InternalServerError (HTTP 500", id="500"),
        pytest.param(OVERLOADED, "(HTTP 529, overloaded_error)", id="529"),
        pytest.param(Cuts(), "APIConnectionError", id="cut connection"),
        pytest.param(Hangs(), "a time-out", id="time-out"),
        pytest.param(Hangs(drips=True), "a time-out", id="time-out while bytes drip"),
    ],
)
async def test_what_does_not_pass_ends_within_the_allowance(protocol: Protocol, fault: Behaviour, told: str) -> None:
    """The error names the last failure's class and status, and no second more than allowed is spent."""
    patience = QUICK.model_copy(update={"call": 0.15})
    allowed = brief(allowance=Allowance(seconds=0.5))
    started = time.monotonic()

    with protocol.wire(fault) as server, pytest.raises(ProviderUnavailable) as raised:
        await protocol.coder(server, patience=patience).write(allowed)

    assert told in str(raised.value)
    assert not isinstance(raised.value, KeyRejected)
    assert time.monotonic() - started < 20, "the first call imports the client"


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("3600", id="seconds"),
        pytest.param(format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True), id="date"),
    ],
)
async def test_a_wait_longer_than_the_allowance_is_not_begun(protocol: Protocol, asked: str) -> None:
    """Where the server asks for an hour and seconds are left, the run ends at once and says so."""
    started = time.monotonic()

    with protocol.wire(rate_limited(asked)) as server, pytest.raises(ProviderUnavailable, match="asked to wait 3"):
        await protocol.coder(server).write(brief())

    assert len(server.requests) == 1
    assert time.monotonic() - started < 20


async def test_retry_after_is_waited_for(protocol: Protocol) -> None:
    """A client that comes back too early is turned away for longer."""
    with protocol.wire(rate_limited("0.3"), FIX) as server:
        await protocol.coder(server).write(brief())
        started = time.monotonic()
    with protocol.wire(rate_limited("0.3"), FIX) as server:
        await protocol.coder(server).write(brief())

    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("status", [401, 403])
async def test_a_rejected_key_ends_at_once_and_names_its_variable(protocol: Protocol, status: int) -> None:
    """There is no use in trying again; the person is told which variable to set."""
    with (
        protocol.wire(Fails(status, "authentication_error", f"bad key {KEY}")) as server,
        pytest.raises(KeyRejected) as raised,
    ):
        await protocol.coder(server).write(brief())

    assert protocol.key_variable in raised.value.hint
    assert f"HTTP {status}" in raised.value.what
    assert len(server.requests) == 1


async def test_an_unknown_model_names_the_setting(protocol: Protocol) -> None:
    """404 is a wrong model or a wrong address, never a passing failure."""
    with (
        protocol.wire(Fails(404, "not_found_error", "model: nope")) as server,
        pytest.raises(ProviderUnavailable) as raised,
    ):
        await protocol.coder(server, model="nope").write(brief())

    assert protocol.model_variable in raised.value.hint
    assert "'nope'" in raised.value.what
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 402, 413, 422])
async def test_a_request_that_is_wrong_is_not_repeated(protocol: Protocol, status: int) -> None:
    """The same request would be turned away again."""
    with (
        protocol.wire(Fails(status, "invalid_request_error", "prompt is too long")) as server,
        pytest.raises(ProviderUnavailable),
    ):
        await protocol.coder(server).write(brief())

    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["insufficient_quota", "billing_error"])
async def test_a_spent_quota_is_not_waited_for(protocol: Protocol, kind: str) -> None:
    """429 for want of money does not pass with time."""
    with (
        protocol.wire(Fails(429, kind, "quota", {"Retry-After": "0"})) as server,
        pytest.raises(ProviderUnavailable, match="no quota left"),
    ):
        await protocol.coder(server).write(brief())

    assert len(server.requests) == 1


@pytest.mark.parametrize("path", ["../escape.py", "/etc/passwd", "a/../../b.py", "..\\b.py", "test_gcd.py"])
@pytest.mark.parametrize("whole", [True, False], ids=["file", "edit"])
async def test_a_forbidden_path_stays_visible_for_the_judge(protocol: Protocol, path: str, whole: bool) -> None:
    """An answer that leaves the folder or edits a test is not quietly tidied up: the judge has to see it."""
    old = "assert gcd(12, 8) == 4" if path in brief().tests else "anything"
    says = writes(path, "x = 1\n") if whole else edits(path, old, "x = 1")

    with protocol.wire(says) as server:
        draft = await protocol.coder(server).write(brief())

    assert not draft.unusable
    assert "x = 1" in draft.files[path]
    assert draft.files["gcd.py"] == WRONG
    if path in brief().tests and not whole:
        assert draft.files[path] == TEST.replace(old, "x = 1")


async def test_the_same_wrong_answer_again_is_simply_returned(protocol: Protocol) -> None:
    """To see that nothing moves is the loop's task."""
    with protocol.wire(writes("gcd.py", "x = 1\n")) as server:
        first = await protocol.coder(server).write(brief())
        second = await protocol.coder(server).write(brief())

    assert first.files == second.files == {"gcd.py": "x = 1\n"}


async def test_a_key_is_in_no_message_log_or_bill(protocol: Protocol, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where the server repeats it, and not in the exceptions behind the exception."""
    caplog.set_level(logging.DEBUG)
    faults = (
        Fails(400, "invalid_request_error", f"your key {KEY} may not do this"),
        Fails(401, KEY, f"Incorrect API key provided: {KEY}"),
        Fails(404, KEY, f"{KEY} has no such model"),
        Fails(500, KEY, KEY),
        Cuts(),
        Says(f"I refuse to work with {KEY}", refuses=True),
    )
    seen: list[str] = []

    for fault in faults:
        with protocol.wire(fault) as server:
            coder = protocol.coder(server)
            with pytest.raises(AuthorError) as raised:
                await coder.write(brief(allowance=Allowance(seconds=0.2)))
        seen += ["".join(traceback.format_exception(raised.value)), repr(vars(raised.value)), repr(coder.__dict__)]
        assert raised.value.__context__ is None or KEY not in str(raised.value.__context__)

    assert KEY not in "".join(seen)
    assert KEY not in caplog.text
    assert any(request.headers for request in server.requests), "it did go over the wire"


async def test_a_local_model_needs_no_key(protocol: Protocol) -> None:
    """With an address and no key the server is asked all the same."""
    with protocol.wire(FIX, key=None) as server:
        draft = await protocol.coder(server, key=None).write(brief())

    assert draft.files == {"gcd.py": RIGHT}


async def test_neither_key_nor_address_is_a_mistake(protocol: Protocol) -> None:
    """Such a provider could only fail later, and less clearly."""
    with protocol.wire(FIX) as server, pytest.raises(ValueError, match="needs a key or the address"):
        protocol.to(server, key=None, base_url=None)


async def test_a_model_without_a_price_is_marked_not_guessed(protocol: Protocol) -> None:
    """Its tokens are counted; its money is a lower bound and says so."""
    with protocol.wire(FIX) as server:
        draft = await protocol.coder(server, model="my-own-model").write(brief())

    assert draft.usage.tokens == 1_100
    assert (draft.usage.usd, draft.usage.priced) == (0.0, False)


async def test_a_server_that_does_not_count_is_marked_not_priced(protocol: Protocol) -> None:
    """Local servers leave the counts out."""
    with protocol.wire(Says(FIX.text, counted=False)) as server:
        draft = await protocol.coder(server).write(brief())

    assert (draft.usage.calls, draft.usage.tokens, draft.usage.priced) == (1, 0, False)


@pytest.mark.parametrize(
    "allowance",
    [
        pytest.param(Allowance(tokens=1_200), id="tokens"),
        pytest.param(Allowance(usd=0.001), id="money"),
    ],
)
async def test_a_budget_that_pays_for_no_answer_asks_nothing(protocol: Protocol, allowance: Allowance) -> None:
    """A call that could only overspend is not made."""
    with protocol.wire(FIX) as server, pytest.raises(NothingToOffer, match="left"):
        await protocol.coder(server).write(brief(allowance=allowance))

    assert server.requests == []


@pytest.mark.parametrize(
    ("allowance", "most"),
    [
        pytest.param(Allowance(), 32_000, id="unbounded"),
        pytest.param(Allowance(tokens=10_000), 9_500, id="tokens"),
        pytest.param(Allowance(usd=0.05), 5_000, id="money"),
    ],
)
async def test_the_answer_is_no_longer_than_the_budget(protocol: Protocol, allowance: Allowance, most: int) -> None:
    """What is asked for at most shrinks with what is left of tokens and money."""
    with protocol.wire(FIX) as server:
        await protocol.coder(server).write(brief(allowance=allowance))

    body = server.requests[0].body
    asked = body.get("max_tokens") or body["max_completion_tokens"]
    assert asked == most or most - 1_000 < asked < most


async def test_a_shape_the_server_lacks_is_found_out_once(protocol: Protocol) -> None:
    """The structured output is tried first, then a tool, then words; what works is remembered."""
    first, second = ("response_format", "tools") if protocol is OPENAI else ("output_config", "tools")
    with protocol.wire(FIX, lacks=(first,)) as server:
        provider = protocol.coder(server)
        drafts = [await provider.write(brief()), await provider.write(brief())]
        by_tool = server.requests
    with protocol.wire(amid_prose(FIX), lacks=(first, second)) as server:
        drafts.append(await protocol.coder(server).write(brief()))
        in_words = server.requests

    assert all(draft.files == {"gcd.py": RIGHT} for draft in drafts)
    assert ["tools" in request.body for request in by_tool] == [True, True]
    assert "JSON schema" in str(in_words[0].body["messages"][-1])


async def test_a_server_that_lacks_every_shape_is_unavailable(protocol: Protocol) -> None:
    """After words there is nothing simpler."""
    with (
        protocol.wire(FIX, lacks=("response_format", "output_config", "tools", "messages")) as server,
        pytest.raises(ProviderUnavailable, match="'messages' is not supported"),
    ):
        await protocol.coder(server).write(brief())


async def test_the_prefix_stays_the_same_over_a_run(protocol: Protocol) -> None:
    """What was said before a new failure is sent again byte for byte, so that the provider's cache can serve it."""
    with protocol.wire(FIX) as server:
        await protocol.coder(server).write(brief())
        await protocol.coder(server).write(brief(failure="another", new_strategy=True))

    one, two = (request.body for request in server.requests)
    if protocol is OPENAI:
        assert one["messages"][:2] == two["messages"][:2]
        assert one["messages"][2] != two["messages"][2]
    else:
        assert one["system"] == two["system"]
        first, second = one["messages"][0]["content"], two["messages"][0]["content"]
        assert first[0] == second[0]
        assert first[0]["cache_control"] == {"type": "ephemeral"}
        assert first[1] != second[1]


def test_importing_a_provider_does_not_import_its_client() -> None:
    """The clients take a second each; `mendbox --help` has a quarter of one."""
    code = (
        "import sys, agents.providers.openai, agents.providers.anthropic, agents.coder, agents.auto\n"
        "print([name for name in ('openai', 'anthropic', 'httpx2') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert shown.strip() == "[]"


class TestOnlyOpenAI:
    """What servers do that only resemble the real one."""

    async def test_a_server_that_knows_only_max_tokens(self) -> None:
        """The older name of the limit is taken after the newer one was turned away, once."""
        with OPENAI.wire(FIX, lacks=("max_completion_tokens",)) as server:
            coder = OPENAI.coder(server)
            await coder.write(brief())
            draft = await coder.write(brief())

        assert draft.files == {"gcd.py": RIGHT}
        assert all("max_tokens" in request.body for request in server.requests)

    async def test_thoughts_before_the_answer_are_left_out(self) -> None:
        """A local model's thinking may hold an answer that it dropped."""
        thought = f"<think>maybe {writes('gcd.py', 'x = 1').text}</think>{FIX.text}"
        with OPENAI.wire(Says(thought)) as server:
            draft = await OPENAI.coder(server).write(brief())

        assert draft.files == {"gcd.py": RIGHT}

    async def test_an_error_in_an_answer_that_was_billed_is_counted(self) -> None:
        """A gateway answers 200 with an error and a bill: it is tried again, and both calls are paid."""
        billed = Raw(
            b'{"error": {"message": "upstream", "code": 502}, "choices": [],'
            b'"usage": {"prompt_tokens": 70, "completion_tokens": 7, "total_tokens": 77}}'
        )
        with OPENAI.wire(billed, FIX) as server:
            draft = await OPENAI.coder(server).write(brief())

        assert draft.usage.calls == 2
        assert draft.usage.tokens == 1_100 + 77

    async def test_what_was_billed_before_the_end_is_in_the_error(self) -> None:
        """Also where the last call is turned away for good."""
        billed = Raw(b'{"error": "x", "choices": [], "usage": {"prompt_tokens": 70, "completion_tokens": 7}}')
        with OPENAI.wire(billed, Fails(401)) as server, pytest.raises(KeyRejected) as raised:
            await OPENAI.coder(server).write(brief())

        assert raised.value.usage.tokens == 77

    async def test_no_choice_at_all_is_an_empty_reply(self) -> None:
        """It was answered, so it counts as an attempt."""
        with OPENAI.wire(Raw(b'{"id": "1", "model": "gpt-6.1-sol", "choices": []}')) as server:
            draft = await OPENAI.coder(server).write(brief())

        assert "empty" in draft.unusable

    async def test_a_content_filter_is_a_refusal(self) -> None:
        """The vendor's filter declines for the model."""
        filtered = Raw(
            b'{"model": "m", "choices": [{"index": 0, "finish_reason": "content_filter",'
            b' "message": {"role": "assistant", "content": ""}}]}'
        )
        with OPENAI.wire(filtered) as server, pytest.raises(Refused, match="content filter"):
            await OPENAI.coder(server).write(brief())


def test_patience_is_bounded_by_default() -> None:
    """Nobody waits for ever by default."""
    patience = Patience()

    assert patience.first < patience.most < patience.call


def test_an_answer_is_json_as_the_schema_says() -> None:
    """The servers' own answers are what the provider asks for."""
    assert set(json.loads(answer(files={"a": "b"}))) == {"note", "edits", "files"}


@pytest.mark.parametrize("body", [b'{"x": "' + b"x" * (17 << 20), b" " * (17 << 20)], ids=["words", "blanks"])
async def test_a_reply_without_end_is_not_read_to_its_end(protocol: Protocol, body: bytes) -> None:
    """More than a model can write is given up, like a connection that was cut."""
    with (
        protocol.wire(Raw(body)) as server,
        pytest.raises(ProviderUnavailable, match="connection failed or was cut"),
    ):
        await protocol.coder(server).write(brief())


async def test_a_compressed_reply_is_not_unpacked() -> None:
    """Nobody asked for one, and a few bytes of it can be gigabytes."""
    response = httpx2.Response(
        200,
        headers={"Content-Encoding": "gzip"},
        stream=httpx2.ByteStream(b""),
        request=httpx2.Request("POST", "http://localhost"),
    )

    with pytest.raises(httpx2.ReadError, match="compressed"):
        await bound(response)
