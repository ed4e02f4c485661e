"""Every recorded exchange that is about one of the library's models, made by the library."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from tests.recordings.player import IN_SCOPE, Player, in_scope
from tests.recordings.replay import Exchange, exchanges, names, needs_recordings, played


pytestmark = needs_recordings

#: Families of paths that are replayed elsewhere: the help center's in `tests/help_center`.
#: A recording of any other family is replayed here, or fails `test_every_family_is_known`.
OUT_OF_SCOPE = frozenset({
    "community",
    "guide",
    "help_center",
})  # fmt: skip

#: Where the library says the same in another body than the recorded client did.
OTHER_BODIES = {
    # A deletion needs no body; Zendesk calls the recorded ones unpermitted.
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
    # Moments in UTC; the id stands in the path.
    "PATCH calls",
    "POST calls",
    # `comment` instead of `description`.
    "POST tickets",
    # Empty ids of users that have none yet.
    "POST users",
    # The id stands in the path; what did not change (a ticket's description, the
    # type of a field) is left out.
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


#: What no public method requests as the recorded client did.
NOT_PUBLIC = {
    # A QuerySet requests a hundred rows a page, or as many as `page_size()` allows.
    "list without parameters of paging",
    # The library sends a page size, a cursor instead of a time, and leaves rows out.
    "export with the parameters of another client",
    # One row is requested by its own path, which costs the same.
    "single row by show_many",
    # A hundred are sent in one job at most.
    "job of more rows than Zendesk allows",
    # `save()` sends what changed, by PATCH.
    "whole webhook by PUT",
    # `delete()` of a query reads the rows before, which receivers are given.
    "deletion of rows that were not read",
}


@cache
def _played(name: str) -> tuple[list[Exchange], set[str]]:
    """Play a recording, once in a run, and return its exchanges and what was not public."""
    with played(exchanges(name), name) as (account, tape):
        player = Player(account, tape)
        player.play()
        return tape.exchanges, player.not_public


def _performed(name: str) -> list[Exchange]:
    return _played(name)[0]


def _relevant() -> list[str]:
    return [name for name in names() if any(in_scope(each) for each in exchanges(name))]


@pytest.mark.parametrize("name", _relevant())
def test_a_recording_is_replayed(name: str) -> None:
    """Each call gets the recorded answer, and the objects are what the answer says."""
    performed = _performed(name)

    assert [] == [each for each in performed if in_scope(each) and not each.used]
    assert [] == [each for each in performed if each.used and not in_scope(each)]


def test_every_exchange_is_replayed() -> None:
    """No exchange about one of the library's models is left out, in any recording."""
    recorded = Counter(
        (name, each.method, each.url)
        for name in names()
        for each in exchanges(name)
        if each.family not in OUT_OF_SCOPE
    )

    replayed = Counter(
        (name, each.method, each.url)
        for name in _relevant()
        for each in _performed(name)
        if each.used
    )

    assert recorded == replayed


def test_every_family_is_known() -> None:
    """A recording of paths that nobody has thought of is noticed."""
    families = {each.family for name in names() for each in exchanges(name)}

    assert frozenset() == families - IN_SCOPE - OUT_OF_SCOPE
    assert frozenset() == IN_SCOPE & OUT_OF_SCOPE


def test_bodies_are_the_recorded_ones() -> None:
    """The library sends what the recorded client sent, but for the listed differences."""
    differing = {
        f"{each.method} {each.family}"
        for name in _relevant()
        for each in _performed(name)
        if each.used and each.sent != each.request
    }

    assert differing <= OTHER_BODIES


def test_warnings_of_ignored_keys_break_nothing() -> None:
    """Answers with `x-zendesk-api-warn` are among those that were replayed."""
    warned = [
        each
        for name in _relevant()
        for each in _performed(name)
        if each.used and "x-zendesk-api-warn" in each.headers
    ]

    assert warned


def test_recordings_are_replayed_through_public_methods() -> None:
    """Only the listed requests are made in another way."""
    assert set().union(*(_played(name)[1] for name in _relevant())) == NOT_PUBLIC
