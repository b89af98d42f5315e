"""From the words of whoever asks for an architecture to a commission, or to a sentence that says what is known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar, get_args

from agents.plans.commission import Cloud, Commission, Measure, ProjectType, Scale
from engine.errors import BadInput

TYPES: tuple[ProjectType, ...] = get_args(ProjectType)
CLOUDS: tuple[Cloud, ...] = get_args(Cloud)
SIZES: Mapping[str, float] = MappingProxyType({"small": 1_000, "medium": 100_000, "large": 5_000_000})
"""People in a day."""
MOST: Mapping[Measure, float] = MappingProxyType({"users": 50_000_000, "requests": 500_000})
SCALES = f"{', '.join(SIZES)}, or a number such as '20000 users' (in a day) or '300 requests/s' (at the peak)"

T = TypeVar("T", bound=str)

_OTHER_TYPES: Mapping[str, ProjectType] = {
    "web": "web-app",
    "webapp": "web-app",
    "web-application": "web-app",
    "website": "web-app",
    "rest-api": "api",
    "http-api": "api",
    "microservice": "api",
    "backend": "api",
    "pipeline": "data-pipeline",
    "etl": "data-pipeline",
    "ecommerce": "e-commerce",
    "shop": "e-commerce",
    "store": "e-commerce",
    "online-shop": "e-commerce",
    "real-time": "chat",
    "realtime": "chat",
    "chat-app": "chat",
    "ml": "ml-service",
    "batch": "ml-service",
    "machine-learning": "ml-service",
    "mobile": "mobile-backend",
    "mobile-back-end": "mobile-backend",
    "mobile-app": "mobile-backend",
}
_OTHER_CLOUDS: Mapping[str, Cloud] = {
    "amazon": "aws",
    "google": "gcp",
    "google-cloud": "gcp",
    "microsoft": "azure",
    "none": "self-hosted",
    "selfhosted": "self-hosted",
    "on-premises": "self-hosted",
    "on-prem": "self-hosted",
}
_AMOUNT = re.compile(
    r"(?P<number>[0-9]{1,3}(,[0-9]{3})+|[0-9]{1,12}(\.[0-9]{1,6})?) ?(?P<times>k|million|m|thousand)? ?(?P<unit>[a-z/ ]{1,30})?"
)
_TIMES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, None: 1.0}
_USERS = frozenset(("users", "user", "people", "users/day", "users a day", "users per day", "daily users"))
_REQUESTS = frozenset(
    ("requests/s", "request/s", "req/s", "rps", "requests per second", "requests a second", "requests/second")
)


def commission_of(project_type: str, scale: str, cloud_provider: str) -> Commission:
    """What is asked for.

    Raises:
        BadInput: One of the three is not known; says what is.
    """
    return Commission(
        project_type=_one(project_type, TYPES, _OTHER_TYPES, "type of project"),
        scale=scale_of(scale),
        cloud=cloud_of(cloud_provider),
    )


def cloud_of(text: str) -> Cloud:
    """The cloud that *text* names. Raises `BadInput` as above."""
    return _one(text, CLOUDS, _OTHER_CLOUDS, "cloud provider")


def scale_of(text: str) -> Scale:
    """How much *text* asks for. Raises `BadInput` as above."""
    words = " ".join(text.lower().split())
    if words in SIZES:
        amount = SIZES[words]
        return Scale(name=f"{words} scale ({amount:,.0f} users a day)", measure="users", amount=amount)
    match = _AMOUNT.fullmatch(words)
    unit = (match["unit"] or "").strip() if match else ""
    if match is None or unit not in {*_USERS, *_REQUESTS}:
        raise BadInput(f"the scale {text[:60]!r} is not known", hint=f"choose {SCALES}")
    amount = float(match["number"].replace(",", "")) * _TIMES[match["times"]]
    measure: Measure = "users" if unit in _USERS else "requests"
    if not 0 < amount <= MOST[measure] or math.isnan(amount):
        most = f"up to {MOST['users']:,.0f} users a day, or {MOST['requests']:,.0f} requests/s"
        raise BadInput(
            f"the scale {text[:60]!r} is out of bounds", hint=f"above 0, and {most}; plan a part of a larger one"
        )
    shown = f"{amount:,.10g}"
    return Scale(
        name=f"{shown} users a day" if measure == "users" else f"{shown} requests/s", measure=measure, amount=amount
    )


def _one(text: str, known: tuple[T, ...], others: Mapping[str, T], what: str) -> T:
    name = "-".join(text.lower().replace("_", " ").replace("-", " ").split())
    for each in known:
        if name in {each, each.replace("-", "")}:
            return each
    if name in others:
        return others[name]
    raise BadInput(f"the {what} {text[:60]!r} is not known", hint=f"choose one of {', '.join(known)}")
