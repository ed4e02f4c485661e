"""Signals of the cache: `cache_hit` and `cache_miss`."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, Ticket, cache_hit, cache_miss


@pytest.fixture
def group(emulator):
    """Return the id of a group that the account has not read yet."""
    pk = Group.objects.create(name="a").pk
    emulator.connect()
    return pk


def test_a_cached_row_sends_cache_hit(group, listen):
    """`cache_hit` is sent each time, with model, id and account."""
    Group.objects.get(group)
    events = listen(cache_hit)

    Group.objects.get(group)
    Group.objects.get(group)

    assert events == [{"sender": Group, "pk": group, "using": "default"}] * 2


def test_a_row_that_is_not_cached_sends_cache_miss(group, listen):
    """`cache_miss` is sent once, with model, id and account; then the row is cached."""
    events = listen(cache_miss)

    Group.objects.get(group)
    Group.objects.get(group)

    assert events == [{"sender": Group, "pk": group, "using": "default"}]


def test_an_expired_row_sends_cache_miss(group, emulator, listen):
    """A row that was cached for longer than `cache_seconds` sends `cache_miss`."""
    Group.objects.get(group)
    events = listen(cache_miss)

    emulator.clock.sleep(Group._meta.cache_seconds)
    Group.objects.get(group)

    assert [event["pk"] for event in events] == [group]


def test_cache_signals_name_their_account(group, emulator, listen):
    """`using` is the alias of the account whose cache was used."""
    emulator.connect(alias="emea")
    hits, misses = listen(cache_hit), listen(cache_miss)

    for _ in range(2):
        Group.objects.using("emea").get(group)

    assert [[event["using"] for event in events] for events in (hits, misses)] == [
        ["emea"],
        ["emea"],
    ]


def test_models_without_a_cache_send_neither_signal(ticket, listen):
    """Tickets are not cached, and send neither `cache_hit` nor `cache_miss`."""
    events = listen([cache_hit, cache_miss])

    Ticket.objects.get(ticket.pk)

    assert events == []


def test_queries_send_neither_signal(group, listen):
    """A query of several rows sends neither `cache_hit` nor `cache_miss`."""
    events = listen([cache_hit, cache_miss])

    list(Group.objects.all())

    assert events == []
