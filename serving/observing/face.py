"""What a server shows of being observed, and who watches it: one `Face` of all that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.middleware import Middleware as AsgiMiddleware

from engine.desk import Desk
from engine.settings import Settings
from serving.face import Face
from serving.observing.analytics import Analytics, analytics_part
from serving.observing.cequence import Cequence
from serving.observing.heard import Hearing, Sink
from serving.observing.metrics_route import metrics_route
from serving.observing.prometheus import Metrics
from serving.observing.requests import RequestIds
from serving.observing.store import Store
from serving.observing.telemetry import Telemetry
from serving.observing.traces import Traces
from serving.observing.watching import Watching


def observing(settings: Settings, desk: Desk) -> Face:
    """Whatever watches a server with *settings*, and has the runs at *desk* watched too; to be outermost."""
    store = Store(settings.data_dir, days=settings.analytics_days) if settings.analytics else None
    telemetry, metrics = Telemetry(settings), Metrics()
    sinks: list[Sink] = [sink for sink in (store, metrics, telemetry.figures) if sink is not None]
    traces = Traces(telemetry.tracer)
    desk.observer = Hearing(sinks, traces)
    gateway = Cequence(settings.cequence_mcp_url, settings.cequence_mcp_token)

    @asynccontextmanager
    async def kept() -> AsyncIterator[None]:
        try:
            yield
        finally:
            if store is not None:
                await store.close()
            await telemetry.close()

    return Face(
        middleware=(Watching(sinks, traces),),
        asgi=(AsgiMiddleware(RequestIds, trusted=settings.trusted_proxy_cidrs),),
        parts=(analytics_part(Analytics(store, gateway, days=settings.analytics_days)),),
        routes=(metrics_route(lambda: metrics.told(lost=store.lost if store else 0), settings.metrics_token),),
        opened=(kept,),
    )
