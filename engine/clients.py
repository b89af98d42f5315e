"""Who has work going on at a desk: how much of it each may have, and in whose name it takes turns."""

from __future__ import annotations

from collections import Counter

from engine.errors import NotNow

MOST_RUNS = 256
"""Runs and calls that one desk takes at a time, those that wait for a box included. Each is held in memory."""
MOST_TENANTS = 8
"""Names under which they take turns at having boxes."""


class Clients:
    """Counts what goes on for whom.

    A client is known by what the front can tell, which may be a name that it chose itself. So names buy little: there
    are *most_tenants* tenants to share the turns among, a client has one of them while something of its goes on, and one
    that finds all of them taken shares the least busy one. Whoever makes up names has at most seven turns, where there
    are eight tenants, for each one of a client that was there before.

    Half of the *most_runs* places are whoever's comes first; the other half is kept for the tenants in equal parts, so
    that one who takes all it can leaves room for the others.
    """

    def __init__(self, *, most_runs: int = MOST_RUNS, most_tenants: int = MOST_TENANTS) -> None:
        self._most = most_runs
        self._own = max(1, most_runs // (2 * most_tenants))
        self._by_tenant = {f"tenant {number}": 0 for number in range(1, most_tenants + 1)}
        self._by_client = Counter[str]()
        self._tenants: dict[str, str] = {}
        self.ending = False
        """Whether what they share is about to end: nobody enters then."""

    def enter(self, client: str) -> str:
        """One more run of *client*; the tenant that it counts as.

        Raises:
            NotNow: It has as many as it may have, or the server is ending.
        """
        if self.ending:
            raise NotNow("the server is ending and takes no more work")
        tenant = self._tenants.get(client) or min(self._by_tenant, key=self._by_tenant.__getitem__)
        mine, all_ = self._by_tenant[tenant], sum(self._by_tenant.values())
        if all_ >= self._most or (mine >= self._own and self._shared_are_taken):
            raise NotNow(
                f"this server takes at most {self._most} runs at a time, waiting ones included, and keeps {self._own} "
                f"places for each client: of the {all_} that are going on, {mine} count as this client's",
                hint="wait for one with get_run, stop one with cancel_run, or try again in a minute",
            )
        self._by_tenant[tenant] += 1
        self._by_client[client] += 1
        self._tenants[client] = tenant
        return tenant

    @property
    def room(self) -> int:
        """How many more runs are taken in all."""
        return self._most - sum(self._by_tenant.values())

    @property
    def _shared_are_taken(self) -> bool:
        taken = sum(max(0, runs - self._own) for runs in self._by_tenant.values())
        return taken >= self._most - self._own * len(self._by_tenant)

    def leave(self, client: str) -> None:
        """A run of *client* has ended."""
        tenant = self._tenants[client]
        self._by_tenant[tenant] -= 1
        self._by_client[client] -= 1
        if not self._by_client[client]:
            del self._by_client[client], self._tenants[client]
        if not self._by_tenant[tenant]:
            # To the end: a newcomer gets the name that was free for longest, and waits for nothing that others had by it.
            self._by_tenant[tenant] = self._by_tenant.pop(tenant)
