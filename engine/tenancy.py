"""Boxes for the runs of one of those who share a sandbox."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from engine.summoning import Beginning
from sandboxes.base import Box, Limits


class Shared(Beginning, Protocol):
    """A sandbox whose boxes several tenants ask for, who take turns."""

    def open(self, *, run_id: str, limits: Limits, tenant: str | None = None) -> AbstractAsyncContextManager[Box]: ...


class OnBehalf:
    """*sandbox* as *tenant* has it; where that is None, every run is a tenant of its own."""

    def __init__(self, sandbox: Shared, tenant: str | None) -> None:
        self._sandbox = sandbox
        self._tenant = tenant

    def open(self, *, run_id: str, limits: Limits) -> AbstractAsyncContextManager[Box]:
        """A box nobody has used; see `sandboxes.pool.WarmPool.open`."""
        return self._sandbox.open(run_id=run_id, limits=limits, tenant=self._tenant)

    def begin(self, limits: Limits) -> asyncio.Task[None]:
        return self._sandbox.begin(limits)
