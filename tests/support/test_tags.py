"""The tags of an account."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, Organization, Tag, Ticket


@pytest.fixture
def account(emulator):
    """An account of the emulator, in which some tags are used."""
    account = emulator.connect()
    for tags in (["vip", "set_by_this_trigger"], ["vip"]):
        Ticket.objects.create(subject="x", comment=Comment(body="y"), tags=tags)
    Organization.objects.create(name="Acme", tags=["vip", "gold"])
    return account


def test_tags_are_listed_and_counted(account, count_requests):
    """The most used first; a tag is known by its word."""
    with count_requests(account, 2):
        tags = list(Tag.objects.all())
        assert 3 == Tag.objects.count()

    assert [("vip", 3), ("gold", 1), ("set_by_this_trigger", 1)] == [
        (each.name, each.count) for each in tags
    ]
    assert "vip" == tags[0].pk


def test_tags_come_page_by_page(account, count_requests):
    """With a cursor."""
    with count_requests(account, 3):
        assert 3 == len(list(Tag.objects.page_size(1)))


def test_tags_are_suggested(account, count_requests):
    """By the beginning of any of their words."""
    with count_requests(account, 3):
        assert ["set_by_this_trigger"] == Tag.objects.autocomplete("trig")
        assert ["gold"] == Tag.objects.autocomplete("go")
        assert [] == Tag.objects.autocomplete("rigger")


def test_one_letter_suggests_nothing(account, count_requests):
    """Zendesk wants two."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="2 characters"):
        Tag.objects.autocomplete("g")
