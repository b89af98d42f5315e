"""What the server tells those who have no connection yet: a card of what it is, and what a connection can be set to."""

from __future__ import annotations

from starlette.middleware import Middleware

from engine.settings import Settings
from serving.discovery.card import Cards
from serving.discovery.defaults import SessionDefaults
from serving.discovery.session import SessionConfigured, add_schema
from serving.face import Face


def discovery(settings: Settings) -> Face:
    """Everything here, for a server over HTTP."""
    return Face(
        routes=(Cards(settings).add, add_schema),
        asgi=(Middleware(SessionConfigured),),
        middleware=(SessionDefaults(),),
    )
