"""Styles of paging: what is asked, and where the next page is."""

from __future__ import annotations

import pytest

from zendesk_orm.api.paging import (
    CALLS,
    CURSOR,
    EXPORT,
    INCREMENTAL,
    NEXT_URL,
    OFFSET,
    OLDER,
    ONCE,
    RECORDS,
    SKILLS,
    STREAM,
    since,
)


LINK = "https://acme.zendesk.com/api/v2/tickets?page%5Bafter%5D=xyz"


@pytest.mark.parametrize("style", [CURSOR, EXPORT])
def test_a_cursor_is_followed_while_there_is_more(style):
    """`has_more` says that the link is worth following."""
    data = {"meta": {"has_more": True}, "links": {"next": LINK}}

    assert LINK == style.next(data)


@pytest.mark.parametrize(
    "data",
    [
        {"meta": {"has_more": False}, "links": {"next": LINK}},
        {"links": {"next": LINK}},
        {"meta": {"has_more": True}, "links": {"next": None}},
        {"meta": {"has_more": True}},
        {},
    ],
)
def test_a_cursor_stops_without_more(data):
    """`links.next` is there after the last page, too: without `has_more` it is not followed."""
    assert CURSOR.next(data) is None


@pytest.mark.parametrize(("link", "expected"), [(LINK, LINK), (None, None)])
def test_offset_pages_are_followed_to_the_last(link, expected):
    """`next_page` is null on the last page."""
    assert expected == OFFSET.next({"next_page": link})


def test_an_offset_page_without_a_link_is_the_last():
    """A missing key ends the list."""
    assert OFFSET.next({}) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"end_of_stream": False, "after_url": LINK}, LINK),
        ({"end_of_stream": False, "next_page": LINK}, LINK),
        ({"end_of_stream": False, "after_url": LINK, "next_page": "other"}, LINK),
        ({"end_of_stream": True, "after_url": LINK}, None),
        ({"end_of_stream": True, "next_page": LINK}, None),
        ({}, None),
    ],
)
def test_an_incremental_export_ends_with_the_stream(data, expected):
    """The link is there after the end, too: `end_of_stream` decides."""
    assert expected == INCREMENTAL.next(data)


def test_what_is_asked_once_has_no_next_page():
    """Whatever the answer says, nothing follows."""
    assert ONCE.next({"next_page": LINK, "links": {"next": LINK}}) is None


@pytest.mark.parametrize(
    ("style", "expected"),
    [(CURSOR, 250), (OFFSET, 250), (ONCE, 250), (INCREMENTAL, None)],
)
def test_the_count_is_told_where_it_is_of_all_rows(style, expected):
    """An incremental export counts the page, which is not asked for."""
    assert expected == style.count({"count": 250})


@pytest.mark.parametrize("data", [{}, {"count": None}, {"count": {"value": 5}}])
def test_a_count_that_is_no_number_is_unknown(data):
    """None is told rather than guessed."""
    assert OFFSET.count(data) is None


@pytest.mark.parametrize(
    ("style", "number", "expected"),
    [
        (CURSOR, 1, (("page[size]", "20"),)),
        (CURSOR, 3, (("page[size]", "20"),)),
        (EXPORT, 1, (("page[size]", "20"),)),
        (OFFSET, 1, (("per_page", "20"),)),
        (OFFSET, 3, (("per_page", "20"), ("page", "3"))),
        (INCREMENTAL, 1, (("per_page", "20"),)),
        (ONCE, 1, ()),
    ],
)
def test_the_size_and_number_of_a_page_are_asked_in_the_words_of_the_style(style, number, expected):
    """Only offsets have numbers; the first page needs none."""
    assert expected == style.sized(20, number)


@pytest.mark.parametrize(
    ("style", "descending", "expected"),
    [
        (CURSOR, False, (("sort", "id"),)),
        (CURSOR, True, (("sort", "-id"),)),
        (OFFSET, False, (("sort_by", "id"), ("sort_order", "asc"))),
        (OFFSET, True, (("sort_by", "id"), ("sort_order", "desc"))),
    ],
)
def test_an_order_is_asked_in_the_words_of_the_style(style, descending, expected):
    """Cursors want one parameter, offsets two."""
    assert expected == style.sorted("id", descending=descending)


@pytest.mark.parametrize(
    ("style", "rows"), [(CURSOR, 100), (OFFSET, 100), (EXPORT, 1000), (INCREMENTAL, 1000)]
)
def test_each_style_has_its_largest_page(style, rows):
    """Exports give a thousand rows a page, lists a hundred."""
    assert rows == style.largest


@pytest.mark.parametrize(
    ("data", "expected"),
    [({"next_url": LINK}, LINK), ({"next_url": None}, None), ({"chats": []}, None)],
)
def test_a_list_of_chats_names_its_next_page(data, expected):
    """The link is missing on the last page."""
    assert expected == NEXT_URL.next(data)


def test_rows_by_id_go_on_behind_the_last_id():
    """A full page is followed from the next id on, whatever lists its rows came in."""
    style = since("chat/bans", limit=3)
    full = {"ip_address": [{"id": 4}, {"id": 9}], "visitor": [{"id": 7}]}

    assert "/api/v2/chat/bans?limit=3&since_id=10" == style.next(full)
    assert style.next({"": [{"id": 4}, {"id": 9}]}) is None


@pytest.mark.parametrize(("count", "expected"), [(1000, LINK), (999, None), (0, None)])
def test_an_export_of_chat_ends_with_a_page_that_is_not_full(count, expected):
    """The link is there after the end, too."""
    assert expected == STREAM.next({"chats": [], "count": count, "next_page": LINK})


def _calls(*moments):
    return {"calls": [{"updated_at": each} for each in moments], "next_page": LINK}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (_calls("2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z"), LINK),
        (_calls("2026-01-01T00:00:02Z", "2026-01-01T00:00:02Z"), None),
        (_calls("2026-01-01T00:00:02Z"), None),
        (_calls(), None),
        (_calls(*["2026-01-01T00:00:02Z"] * 1000), LINK),
    ],
)
def test_an_export_of_calls_is_followed_while_it_leads_on(data, expected):
    """Its link goes to the moment of the last row: from a page of that moment, to itself."""
    assert expected == CALLS.next(data)


@pytest.mark.parametrize(("link", "expected"), [(LINK, LINK), (None, None)])
def test_revisions_are_followed_to_the_oldest(link, expected):
    """The newest come first: `after_url` leads to newer ones, which were read."""
    assert expected == OLDER.next({"before_url": link, "after_url": LINK})


@pytest.mark.parametrize(("count", "expected"), [(3000, LINK), (1, LINK), (0, None)])
def test_an_export_of_routing_ends_with_an_empty_page(count, expected):
    """The link is there after the end, too, for those who come again."""
    assert expected == SKILLS.next({"attributes": [], "count": count, "next_page": LINK})


@pytest.mark.parametrize("style", [STREAM, CALLS, OLDER, SKILLS])
def test_the_count_of_an_export_is_that_of_the_page(style):
    """It says nothing about all rows."""
    assert style.count({"count": 5}) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"meta": {"has_more": True}, "after_url": LINK}, LINK),
        ({"meta": {"has_more": False}, "after_url": LINK}, None),
        ({"meta": {"has_more": True}, "after_url": None}, None),
        ({}, None),
    ],
)
def test_an_export_of_records_ends_when_there_is_no_more(data, expected):
    """The link is there after the end, too: `has_more` decides."""
    assert expected == RECORDS.next(data)
