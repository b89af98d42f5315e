"""How much each client of a desk may have going on, and how little names are worth that it made up."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.clients import Clients
from engine.errors import NotNow


def fill(clients: Clients, name: str) -> int:
    """As many runs of *name* as are taken."""
    for count in range(1_000):
        try:
            clients.enter(name)
        except NotNow:
            return count
    raise AssertionError("there is no bound")


def test_a_client_that_is_alone_may_have_more_than_half_of_the_places():
    """What is kept for others is not its; the sentence says the numbers and what to do."""
    clients = Clients(most_runs=160, most_tenants=8)

    assert fill(clients, "a") == 90
    with pytest.raises(
        NotNow, match=r"at most 160 runs.* keeps 10 places .* of the 90 that are going on, 90 count as .*cancel_run"
    ):
        clients.enter("a")


def test_whoever_comes_later_finds_room_however_much_the_others_take():
    """Each has its part, and all of them together have no more than there is."""
    clients = Clients(most_runs=160, most_tenants=8)

    assert [fill(clients, name) for name in "abcdefgh"] == [90, 10, 10, 10, 10, 10, 10, 10]
    assert fill(clients, "one more") == 0


def test_so_many_places_as_there_are_is_the_most_there_can_be():
    """Also where they are too few for every tenant to have one."""
    clients = Clients(most_runs=3, most_tenants=8)

    assert [fill(clients, name) for name in "abcd"] == [1, 1, 1, 0]


def test_what_has_ended_makes_room_at_once():
    """For the same client as for any other, and nothing is remembered of who has nothing going on."""
    clients = Clients(most_runs=2, most_tenants=1)
    clients.enter("a")

    clients.leave("a")

    for number in range(1_000):
        clients.enter(f"{number}")
        clients.leave(f"{number}")
    assert clients.enter("b")
    assert len(clients._tenants) == len(clients._by_client) == 1


def test_a_client_takes_its_turns_in_one_name_and_others_in_others():
    """As long as something goes on for it."""
    clients = Clients(most_tenants=3)
    names = {client: clients.enter(client) for client in "abc"}

    again = {client: clients.enter(client) for client in "abc"}
    clients.leave("a")

    assert again == names
    assert len(set(names.values())) == 3
    assert clients.enter("a") == names["a"]


def test_names_that_are_made_up_share_the_turns_there_are():
    """A thousand names are no more than a few tenants, and a newcomer is put where it has the fewest before it."""
    clients = Clients(most_runs=10_000, most_tenants=4)
    busy = {clients.enter("busy") for _ in range(20)}

    made_up = Counter(clients.enter(f"made up {number}") for number in range(30))

    assert len(made_up) == 3
    assert busy.isdisjoint(made_up)
    assert set(made_up.values()) == {10}


def test_a_newcomer_gets_the_name_that_was_free_for_longest():
    """Who had it last, and what for, is over by then."""
    clients = Clients(most_tenants=3)
    first = clients.enter("a")
    clients.leave("a")

    later = [clients.enter(client) for client in "bcd"]

    assert later[-1] == first
