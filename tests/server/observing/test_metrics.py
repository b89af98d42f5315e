"""`/metrics`: what Prometheus reads, for those who may, with labels that nobody outside can multiply."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from agents.base import Usage
from engine.events import ModelAnswered
from serving.observing.counted import CountedRun, Written
from serving.observing.prometheus import Metrics
from tests.server.access.conftest import serving
from tests.server.conftest import served
from tests.server.double import BROKEN, TESTS
from tests.server.observing.conftest import watched_desk
from tests.server.observing.rows import call, run
from tests.server.observing.test_analytics import TEAM


def read(text: str) -> dict[str, float]:
    """Every sample, by its name and labels."""
    return {
        f"{sample.name}{sorted(sample.labels.values())}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def fetched(address: str, token: str | None = None) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with httpx2.AsyncClient() as client:
        return await client.get(f"{address}/metrics", headers=headers)


async def test_calls_and_runs_are_told_by_tool_and_outcome(tmp_path: Path):
    """Never by who called or by which run: those nobody could bound."""
    async with serving(tmp_path, bearer_tokens=TEAM) as server:
        async with server.client("token-of-ann-0123456789") as ann:
            answer = await ann.call_tool("auto_fix_code", {"code": BROKEN, "error_message": "", "tests": TESTS})
            for number in range(5):
                await ann.call_tool(f"made-up-{number}", {}, raise_on_error=False)
        told = await fetched(server.address, "token-of-eve-0123456789")

    assert told.status_code == 200
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = read(told.text)
    assert samples["mendbox_calls_total['answered', 'auto_fix_code']"] == 1
    assert samples["mendbox_calls_total['refused', 'unknown']"] == 5
    assert samples["mendbox_call_seconds_count['auto_fix_code']"] == 1
    assert samples["mendbox_runs_total['', 'verified']"] == 1
    assert samples["mendbox_attempts_total['rehearsed', 'yes']"] == 1
    assert samples["process_resident_memory_bytes[]"] > 0
    assert "made-up" not in told.text
    assert answer.structured_content["run_id"] not in told.text
    assert "unknown-" not in told.text


@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param(None, 401, id="nobody"),
        pytest.param("token-of-nobody-0123456789", 401, id="a wrong token"),
        pytest.param("token-of-ann-0123456789", 403, id="no administrator"),
        pytest.param("token-of-eve-0123456789", 200, id="an administrator"),
        pytest.param("token-of-prometheus", 200, id="the token for metrics"),
    ],
)
async def test_it_is_guarded_as_the_endpoint_is(tmp_path: Path, token: str | None, status: int):
    """By the scope for administration, or a token for this alone, which opens nothing else."""
    async with serving(tmp_path, bearer_tokens=TEAM, metrics_token=SecretStr("token-of-prometheus")) as server:
        told = await fetched(server.address, token)
        async with httpx2.AsyncClient() as client:
            elsewhere = await client.post(server.url, headers={"Authorization": "Bearer token-of-prometheus"}, json={})

    assert told.status_code == status
    assert ("mendbox_calls" in told.text) == (status == 200)
    assert ("www-authenticate" in told.headers) == (status == 401)
    assert elsewhere.status_code == 401


@pytest.mark.parametrize(("metrics_token", "status"), [(None, 200), (SecretStr("token-of-prometheus"), 401)])
async def test_without_a_sign_in_it_is_this_machines_alone(
    tmp_path: Path, metrics_token: SecretStr | None, status: int
):
    """Open as the endpoint is there, unless a token is set for it."""
    desk, face = watched_desk(tmp_path, metrics_token=metrics_token)
    async with served(desk, face) as address:
        assert (await fetched(address)).status_code == status
        assert (await fetched(address, "token-of-prometheus")).status_code == 200


def test_names_of_authors_are_bounded():
    """Should one of them ever be somebody's choice."""
    metrics = Metrics()
    for number in range(100):
        metrics.count(ModelAnswered(author=f"author-{number}", model="m", seconds=1, usage=Usage(input_tokens=2)))

    samples = read(metrics.told(lost=3).decode())

    assert samples["mendbox_model_tokens_total['input', 'other']"] == 160
    assert sum(name.startswith("mendbox_model_calls_total") for name in samples) == 21
    assert samples["mendbox_analytics_lost[]"] == 3


def test_models_and_boxes_are_told():
    """Calls, failures, tokens, money; how many boxes, and for how long."""
    metrics = Metrics()
    metrics.count(call())
    metrics.count(run())
    usage = Usage(calls=1, input_tokens=7, output_tokens=3, usd=0.5)
    metrics.count(ModelAnswered(author="openai", model="m", seconds=1, usage=usage))
    metrics.count(ModelAnswered(author="openai", model="m", seconds=1, error="KeyRejected"))
    failed = run(outcome="no_fix", reason="budget").model_copy(
        update={"written": (Written(author="offline", attempts=3),)}
    )
    assert isinstance(failed, CountedRun)
    metrics.count(failed)

    samples = read(metrics.told(lost=0).decode())

    assert samples["mendbox_model_calls_total['no', 'openai']"] == 1
    assert samples["mendbox_model_calls_total['openai', 'yes']"] == 1
    assert samples["mendbox_model_tokens_total['openai', 'output']"] == 3
    assert samples["mendbox_model_usd_total['openai']"] == 0.5
    assert samples["mendbox_boxes_total[]"] == 8
    assert samples["mendbox_attempts_total['no', 'offline']"] == 4
    assert samples["mendbox_runs_total['budget', 'no_fix']"] == 1
