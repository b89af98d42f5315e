"""Who takes part in a build: one file for each role, with its prompt, what it may write and what judges it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agents.plans.plan import Role
from agents.roles.backend import BACKEND
from agents.roles.card import Card
from agents.roles.devops import DEVOPS
from agents.roles.frontend import FRONTEND
from agents.roles.qa import QA

CARDS: Mapping[Role, Card] = MappingProxyType({"backend": BACKEND, "frontend": FRONTEND, "devops": DEVOPS, "qa": QA})
