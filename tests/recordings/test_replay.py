"""Every recorded exchange of a model of the library, replayed by the library."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.recordings.player import IN_SCOPE, Player, in_scope
from tests.recordings.replay import Exchange, list_names, needs_recordings, play, read_exchanges


pytestmark = needs_recordings

#: Families of paths that are replayed elsewhere: the help center's in `tests/help_center`.
#: A recording of any other family is replayed here, or fails `test_every_family_is_known`.
OUT_OF_SCOPE = frozenset({
    "community",
    "guide",
    "help_center",
})  # fmt: skip

#: Requests for which the library sends another body than the recorded client.
OTHER_BODIES = {
    # A deletion has no body; Zendesk reports the recorded ones as unpermitted.
    "DELETE automations",
    "DELETE groups",
    "DELETE macros",
    "DELETE organization_fields",
    "DELETE organizations",
    "DELETE recipient_addresses",
    "DELETE ticket_fields",
    "DELETE tickets",
    "DELETE triggers",
    "DELETE user_fields",
    "DELETE users",
    "DELETE views",
    "DELETE webhooks",
    # Datetimes in UTC; the id is in the path.
    "PATCH calls",
    "POST calls",
    # `comment` instead of `description`.
    "POST tickets",
    # Empty ids of new users.
    "POST users",
    # The id is in the path; unchanged keys (a ticket's description, the
    # type of a field) are omitted.
    "PUT automations",
    "PUT custom_statuses",
    "PUT groups",
    "PATCH webhooks",
    "PUT organizations",
    "PUT recipient_addresses",
    "PUT ticket_fields",
    "PUT tickets",
    "PUT users",
    "PUT views",
}


#: Requests that no public method sends as the recorded client did.
NOT_PUBLIC = {
    # A QuerySet requests a hundred rows a page, or as many as `page_size()` allows.
    "list without parameters of paging",
    # The library sends a page size and a cursor instead of a time, and leaves rows out.
    "export with the parameters of another client",
    # One row is requested by its own path, which costs the same.
    "single row by show_many",
    # A job contains at most a hundred objects.
    "job of more rows than Zendesk allows",
    # `save()` sends the changes by PATCH.
    "whole webhook by PUT",
    # `delete()` of a query reads the rows first, for receivers.
    "deletion of rows that were not read",
}


@cache
def _play(name: str) -> tuple[list[Exchange], set[str]]:
    """Play a recording, once in a run, and return its exchanges and the private calls."""
    with play(read_exchanges(name), name) as (account, tape):
        player = Player(account, tape)
        player.play()
        return tape.exchanges, player.not_public


def _play_exchanges(name: str) -> list[Exchange]:
    return _play(name)[0]


def _list_relevant() -> list[str]:
    return [
        name
        for name in list_names()
        if any(in_scope(exchange) for exchange in read_exchanges(name))
    ]


@pytest.mark.parametrize("name", _list_relevant())
def test_a_recording_is_replayed(name: str) -> None:
    """Each request has a recorded response, and the objects have its rows."""
    performed = _play_exchanges(name)

    assert [item for item in performed if in_scope(item) and not item.used] == []
    assert [item for item in performed if item.used and not in_scope(item)] == []


def test_every_exchange_is_replayed() -> None:
    """No exchange of a model of the library is left out, in any recording."""
    recorded = Counter(
        (name, exchange.method, exchange.url)
        for name in list_names()
        for exchange in read_exchanges(name)
        if exchange.family not in OUT_OF_SCOPE
    )

    replayed = Counter(
        (name, item.method, item.url)
        for name in _list_relevant()
        for item in _play_exchanges(name)
        if item.used
    )

    assert recorded == replayed


def test_every_family_is_known() -> None:
    """A recording of other paths fails this test."""
    families = {exchange.family for name in list_names() for exchange in read_exchanges(name)}

    assert families - IN_SCOPE - OUT_OF_SCOPE == frozenset()
    assert frozenset() == IN_SCOPE & OUT_OF_SCOPE


def test_bodies_are_the_recorded_ones() -> None:
    """The library sends the recorded bodies, except for the listed differences."""
    differing = {
        f"{item.method} {item.family}"
        for name in _list_relevant()
        for item in _play_exchanges(name)
        if item.used and item.sent != item.request
    }

    assert differing <= OTHER_BODIES


def test_responses_with_warnings_are_replayed() -> None:
    """Responses with the header `x-zendesk-api-warn` are among the replayed ones."""
    warned = [
        item
        for name in _list_relevant()
        for item in _play_exchanges(name)
        if item.used and "x-zendesk-api-warn" in item.headers
    ]

    assert warned


def test_recordings_are_replayed_through_public_methods() -> None:
    """Only the listed requests are sent in another way."""
    assert set().union(*(_play(name)[1] for name in _list_relevant())) == NOT_PUBLIC
