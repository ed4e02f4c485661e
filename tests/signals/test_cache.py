"""What rows that are kept announce: whether one answered."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, Ticket, cache_hit, cache_miss


@pytest.fixture
def group(emulator):
    """Return the id of a group that the account has not read yet."""
    pk = Group.objects.create(name="a").pk
    emulator.connect()
    return pk


def test_a_kept_row_that_answers_is_announced(group, heard):
    """`cache_hit` tells the model, the id and the account, each time."""
    Group.objects.get(group)
    told = heard(cache_hit)

    Group.objects.get(group)
    Group.objects.get(group)

    assert [{"sender": Group, "pk": group, "using": "default"}] * 2 == told


def test_a_row_that_is_not_kept_is_announced(group, heard):
    """`cache_miss` tells the same; once, as the row is kept then."""
    told = heard(cache_miss)

    Group.objects.get(group)
    Group.objects.get(group)

    assert [{"sender": Group, "pk": group, "using": "default"}] == told


def test_a_row_that_was_kept_for_too_long_is_missed(group, emulator, heard):
    """It is read anew."""
    Group.objects.get(group)
    told = heard(cache_miss)

    emulator.clock.sleep(Group._meta.keep)
    Group.objects.get(group)

    assert [group] == [each["pk"] for each in told]


def test_the_account_that_keeps_it_is_named(group, emulator, heard):
    """Each account keeps its own."""
    emulator.connect(alias="emea")
    hits, misses = heard(cache_hit), heard(cache_miss)

    for _ in range(2):
        Group.objects.using("emea").get(group)

    assert [["emea"], ["emea"]] == [[each["using"] for each in told] for told in (hits, misses)]


def test_what_is_never_kept_is_neither(ticket, heard):
    """Tickets are read anew each time, and nothing is looked up."""
    told = heard([cache_hit, cache_miss])

    Ticket.objects.get(ticket.pk)

    assert [] == told


def test_queries_look_nothing_up(group, heard):
    """Which rows match is known to Zendesk alone."""
    told = heard([cache_hit, cache_miss])

    list(Group.objects.all())

    assert [] == told
