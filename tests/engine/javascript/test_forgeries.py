"""Only what is right is verified: forgeries are not, and honest code is, however it is written."""

from __future__ import annotations

import pytest

from tests.engine.javascript.conftest import Judging
from tests.engine.javascript.forgeries import FORGERIES
from tests.engine.javascript.honest import HONEST
from tests.engine.javascript.made import WRONG, files, frozen

pytestmark = [pytest.mark.docker, pytest.mark.slow]


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in FORGERIES.items()])
async def test_a_forgery_is_not_verified(judged: Judging, source: str) -> None:
    """Whether it is seen as what it is, stays red, or lacks a proof."""
    verdict = await judged(files(source), frozen(), before=files(WRONG))

    assert not verdict.verified


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in HONEST.items()])
async def test_honest_code_is_verified(judged: Judging, source: str) -> None:
    """It gets no proof less for its style."""
    verdict = await judged(files(source), frozen(), before=files(WRONG))

    assert verdict.verified, (verdict.findings, [proof for proof in verdict.proofs if not proof.held])
