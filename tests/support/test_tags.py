"""Tags of an account."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, InvalidValue, Organization, Tag, Ticket


@pytest.fixture
def account(emulator):
    """Connect an account of the emulator with tagged tickets and organizations."""
    account = emulator.connect()
    for tags in (["vip", "set_by_this_trigger"], ["vip"]):
        Ticket.objects.create(subject="x", comment=Comment(body="y"), tags=tags)
    Organization.objects.create(name="Acme", tags=["vip", "gold"])
    return account


def test_tags_are_listed_and_counted(account, count_requests):
    """Tags are listed by number of uses and counted; their names are their ids."""
    with count_requests(account, 2):
        tags = list(Tag.objects.all())
        assert Tag.objects.count() == 3

    assert [(tag.name, tag.count) for tag in tags] == [
        ("vip", 3),
        ("gold", 1),
        ("set_by_this_trigger", 1),
    ]
    assert tags[0].pk == "vip"


def test_tags_are_read_page_by_page(account, count_requests):
    """Tags are read page by page with a cursor."""
    with count_requests(account, 3):
        assert len(list(Tag.objects.page_size(1))) == 3


def test_autocomplete_suggests_tags(account, count_requests):
    """`autocomplete()` finds tags by the beginning of any of their words."""
    with count_requests(account, 3):
        assert Tag.objects.autocomplete("trig") == ["set_by_this_trigger"]
        assert Tag.objects.autocomplete("go") == ["gold"]
        assert Tag.objects.autocomplete("rigger") == []


def test_autocomplete_requires_two_characters(account, count_requests):
    """`autocomplete()` with one character raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="2 characters"):
        Tag.objects.autocomplete("g")
