"""Styles of paging: what is asked, and where the next page is."""

from __future__ import annotations

import pytest

from zendesk_orm.api.paging import (
    CALLS,
    CURSOR,
    EVENTS,
    EXPORT,
    INCREMENTAL,
    LAST_PAGE,
    NEXT_URL,
    OFFSET,
    OLDER,
    ONCE,
    SKILLS,
    STREAM,
    Continuation,
    since,
)


LINK = "https://acme.zendesk.com/api/v2/tickets?page%5Bafter%5D=xyz"


STYLES = {
    "once": ONCE,
    "cursor": CURSOR,
    "export": EXPORT,
    "offset": OFFSET,
    "incremental": INCREMENTAL,
    "next url": NEXT_URL,
    "stream": STREAM,
    "calls": CALLS,
    "events": EVENTS,
    "older": OLDER,
    "skills": SKILLS,
    "since": since("chat/bans"),
}
every_style = pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)


@every_style
@pytest.mark.parametrize(
    "data",
    [
        {"meta": {"has_more": True}, "links": {"next": LINK}},
        {"meta": {"has_more": True}, "links": [{"next": LINK}]},
        {"meta": {"has_more": True}, "next_page": LINK},
        {"has_more": True, "next_page_url": LINK},
        {"end_of_stream": False, "next_page": LINK},
        {"end_of_stream": False, "links": {"next": LINK}},
        {"count": 101, "next_page": LINK},
        {"count": 101, "links": {"next": LINK}, "meta": {"after_cursor": "x"}},
        {"count": 101, "next_url": LINK},
    ],
)
def test_a_list_continues_in_whichever_style_the_response_says_so(style, data):
    """Each sign of more rows counts, whatever style was requested, and so does each link."""
    assert style.continuation({"rows": [], **data}, read=100) == Continuation(True, LINK)


@every_style
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"meta": {"has_more": False}, "links": {"next": LINK}},
        {"meta": {"has_more": False, "after_cursor": "x"}, "next_page": LINK},
        {"has_more": False, "next_page_url": LINK},
        {"end_of_stream": True, "next_page": LINK},
        {"count": 100, "next_page": None, "previous_page": None},
        {"count": 1, "next_page": None},
        {"count": None},
        {"count": {"value": 500}},
        {"meta": None, "links": None},
        {"links": {"first": LINK, "last": LINK}, "meta": {"has_more": False}},
    ],
)
def test_a_list_ends_where_the_response_says_so(style, data):
    """A link may be there after the end, too: an explicit end decides."""
    assert style.continuation({"rows": [], **data}, read=100) == LAST_PAGE


@every_style
@pytest.mark.parametrize(
    "data",
    [
        {"meta": {"has_more": True}},
        {"meta": {"has_more": True}, "links": {"next": None}},
        {"meta": {"has_more": True}, "links": {}},
        {"has_more": True},
        {"end_of_stream": False, "after_url": None},
        {"end_of_stream": False, "next_page": ""},
        {"count": 101},
        {"count": 101, "next_page": None},
        {"count": 101, "meta": {"has_more": False}, "links": {"next": LINK}},
        {"count": 101, "end_of_stream": True, "next_page": LINK},
    ],
)
def test_missing_rows_without_a_link_are_noticed(style, data):
    """The reader raises an error then, instead of returning a part for the whole."""
    assert style.continuation({"rows": [], **data}, read=100) == Continuation(more=True)


@pytest.mark.parametrize(
    ("style", "expected"),
    [(CURSOR, (("page[after]", "x"),)), (EXPORT, (("page[after]", "x"),)), (INCREMENTAL, ())],
)
def test_a_cursor_stands_for_a_missing_link(style, expected):
    """Some cursor lists have `meta` and no `links`."""
    data = {"meta": {"has_more": True, "after_cursor": "x"}}

    assert style.continuation(data, read=100) == Continuation(True, None, expected)


@every_style
def test_an_offset_page_with_a_link_is_followed_and_one_without_is_the_last(style):
    """A total that was not reached counts even on a page that is not full."""
    page = {"rows": [{"id": 1}], "count": 2, "next_page": LINK}

    assert style.continuation(page, read=1).link == LINK
    assert style.continuation({**page, "next_page": None}, read=2) == LAST_PAGE


@pytest.mark.parametrize("style", [ONCE, CURSOR, OFFSET, INCREMENTAL, NEXT_URL])
@pytest.mark.parametrize(
    "data",
    [{"links": {"next": LINK}}, {"next_page": LINK}, {"next_url": LINK}, {"after_url": LINK}],
)
def test_a_bare_link_is_followed(style, data):
    """A response that says nothing else has a link only while there is more."""
    assert style.continuation(data, read=100).link == LINK


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


def test_rows_by_id_continue_after_the_highest_id():
    """A full page is followed from the next id on, whatever lists its rows came in."""
    style = since("chat/bans", limit=3)
    full = {"ip_address": [{"id": 4}, {"id": 9}], "visitor": [{"id": 7}]}

    link = "/api/v2/chat/bans?limit=3&since_id=10"
    assert style.continuation(full, read=3) == Continuation(True, link)
    assert style.continuation({"": [{"id": 4}, {"id": 9}]}, read=2) == LAST_PAGE


@pytest.mark.parametrize(("count", "expected"), [(1000, LINK), (999, None), (0, None)])
def test_an_export_of_chat_ends_with_a_page_that_is_not_full(count, expected):
    """The link is there after the end, too."""
    data = {"chats": [], "count": count, "next_page": LINK}

    assert STREAM.continuation(data, read=1000).link == expected


SECOND = "2026-01-01T00:00:02Z"
SAME_SECOND = "https://acme.zendesk.com/api/v2/calls?start_time=1767225602"


@pytest.mark.parametrize(("style", "moment"), [(CALLS, "updated_at"), (EVENTS, "time")])
@pytest.mark.parametrize(
    ("moments", "link", "follows"),
    [
        (["2026-01-01T00:00:01Z", SECOND], SAME_SECOND, True),
        ([SECOND, SECOND], SAME_SECOND, False),
        ([SECOND], SAME_SECOND, False),
        ([], SAME_SECOND, False),
        ([SECOND] * 100, SAME_SECOND, True),
        ([SECOND, SECOND], LINK, True),
        (["x", "x"], LINK, True),
    ],
)
def test_an_export_by_moment_is_followed_while_its_link_leads_on(
    style, moment, moments, link, follows
):
    """From a page of one second, the link to that second leads to the same page."""
    data = {"rows": [{moment: each} for each in moments], "next_page": link}
    found = style.continuation(data, read=len(moments))

    assert found.link == (link if follows else None)


@pytest.mark.parametrize(("link", "expected"), [(LINK, LINK), (None, None)])
def test_revisions_are_followed_to_the_oldest(link, expected):
    """The newest come first: `after_url` leads to newer ones, which were read."""
    data = {"before_url": link, "after_url": LINK, "after_cursor": "x"}

    assert OLDER.continuation(data, read=1).link == expected


@pytest.mark.parametrize(("count", "expected"), [(3000, LINK), (1, LINK), (0, None)])
def test_an_export_of_routing_ends_with_an_empty_page(count, expected):
    """The link is there after the end, too, for those who come again."""
    data = {"attributes": [], "count": count, "next_page": LINK}

    assert SKILLS.continuation(data, read=3000).link == expected


@pytest.mark.parametrize("style", [STREAM, CALLS, OLDER, SKILLS])
def test_the_count_of_an_export_is_that_of_the_page(style):
    """It says nothing about all rows."""
    assert style.count({"count": 5}) is None
