"""Resume tokens are short."""

from __future__ import annotations

import random

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from tests.queryset.stored import emulator_with_tickets
from zendesk_orm import InvalidValue, Ticket
from zendesk_orm.query.packing import pack_numbers, unpack_numbers
from zendesk_orm.query.query import Query
from zendesk_orm.session.lists.bookmarks import MAX_TOKEN_LENGTH, Bookmark
from zendesk_orm.session.lists.interruptions import RecordPage
from zendesk_orm.session.lists.positions import ResumeToken, decode_token


@given(st.frozensets(st.one_of(st.integers(), st.text())))
def test_a_token_contains_the_ids_unchanged(ids):
    """Numbers of any size and texts are those that were stored."""
    assert decode_token(ResumeToken("q", ids=ids).encode()).ids == ids


@given(st.binary(max_size=200))
def test_invalid_bytes_are_no_numbers(packed):
    """Bytes of others are rejected, or are numbers that can be packed again."""
    try:
        numbers = unpack_numbers(packed)
    except ValueError:
        return
    assert unpack_numbers(pack_numbers(numbers)) == numbers


def make_page(ids, position=None):
    """Return a page of rows with some ids."""
    page = RecordPage(ids)
    page.rows, page.position = [{"id": pk} for pk in ids], position
    return page


def test_ids_without_gaps_need_few_characters():
    """Ten thousand tickets of a numbered list fit into a token."""
    bookmark, query = Bookmark(), Query(Ticket)
    bookmark.begin_page(query, make_page(range(300_000, 310_000)))
    token = bookmark.token(query, "q", None)

    assert len(token) < 300


def test_a_token_that_would_be_long_is_none():
    """Ids that have nothing in common are not stored without a limit."""
    bookmark, query = Bookmark(), Query(Ticket)
    ids = random.Random(1).sample(range(3 * 10**13), 9_000)
    bookmark.begin_page(query, make_page(ids))

    assert bookmark.token(query, "q", None) is None
    assert len(bookmark.token(query, "q", 500)) <= MAX_TOKEN_LENGTH


@pytest.mark.parametrize("yielded", [0, 1, 500, 999])
def test_an_export_always_has_a_token(yielded):
    """Two pages of a thousand ids that have nothing in common: the last ones are stored."""
    ids = random.Random(1).sample(range(3 * 10**13), 2_000)
    with emulator_with_tickets(1) as emulator:
        emulator.connect()
        rows = Ticket.objects.fresh().iterator()
        list(rows)
    place = rows._bookmark._page.position
    bookmark, query = Bookmark(), Query(Ticket)
    bookmark.begin_page(query, make_page(ids[:1000], place))
    bookmark.begin_page(query, make_page(ids[1000:], evolve(place, read=1000)))
    token = bookmark.token(query, "q", yielded)
    stored = decode_token(token).ids

    assert len(token) <= MAX_TOKEN_LENGTH
    assert stored >= set(ids[1000 : 1000 + yielded])
    assert yielded > 500 or ids[999] in stored


@pytest.mark.parametrize("tail", ["A", "AAAA"])
def test_a_cut_token_is_rejected(tail):
    """A token that was changed is invalid."""
    with pytest.raises(InvalidValue):
        decode_token(ResumeToken("q", ids=frozenset([1, 2, 3])).encode()[:-4] + tail)
