"""Styles of paging: the parameters of a page, and the link to the next page."""

from __future__ import annotations

import pytest

from zendesk_orm import UnexpectedValue
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
def test_a_list_continues_at_any_kind_of_link(style, data):
    """Any sign of more rows, and any kind of link, is followed in every style."""
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
def test_a_list_ends_at_an_explicit_end(style, data):
    """An explicit end of the list is the last page, even if there is a link."""
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
def test_missing_rows_without_a_link_are_detected(style, data):
    """More rows without a link are reported, so that the reader raises an error."""
    assert style.continuation({"rows": [], **data}, read=100) == Continuation(has_more=True)


@every_style
def test_a_value_of_another_type_does_not_end_a_list(style):
    """A flag, a link or an envelope of another type is an error: rows might be missing."""
    flags = [{"has_more": x} for x in ("", "false", 0, 1, 1.5, [], {})]
    links = [{"next_page": x} for x in (False, 5, [LINK], {})]
    wrong = [
        *({"meta": flag, "links": {"next": LINK}} for flag in flags),
        *({**flag, "next_page": LINK} for flag in flags),
        *({"end_of_stream": flag["has_more"], "after_url": LINK} for flag in flags),
        *links,
        *({"links": {"next": link["next_page"]}} for link in links),
        *({"meta": value} for value in ("x", 5, [], True)),
        *({"links": value} for value in (LINK, 5, True)),
    ]
    for data in wrong:
        with pytest.raises(UnexpectedValue, match=r"(?s)cannot be read as"):
            _ = style.continuation({"rows": [{"id": 1}], **data}, read=1), style.link(data)


@pytest.mark.parametrize(
    ("style", "expected"),
    [(CURSOR, (("page[after]", "x"),)), (EXPORT, (("page[after]", "x"),)), (INCREMENTAL, ())],
)
def test_a_cursor_replaces_a_missing_link(style, expected):
    """A response with a cursor and no link continues at the cursor."""
    data = {"meta": {"has_more": True, "after_cursor": "x"}}

    assert style.continuation(data, read=100) == Continuation(True, None, expected)


@every_style
def test_an_offset_page_without_a_link_is_the_last(style):
    """A page with a total continues at its link, and ends without one."""
    page = {"rows": [{"id": 1}], "count": 2, "next_page": LINK}

    assert style.continuation(page, read=1).link == LINK
    assert style.continuation({**page, "next_page": None}, read=2) == LAST_PAGE


@pytest.mark.parametrize("style", [ONCE, CURSOR, OFFSET, INCREMENTAL, NEXT_URL])
@pytest.mark.parametrize(
    "data",
    [{"links": {"next": LINK}}, {"next_page": LINK}, {"next_url": LINK}, {"after_url": LINK}],
)
def test_a_link_without_other_signs_is_followed(style, data):
    """A response with a link and no other sign continues at the link."""
    assert style.continuation(data, read=100).link == LINK


@pytest.mark.parametrize(
    ("style", "expected"),
    [(CURSOR, 250), (OFFSET, 250), (ONCE, 250), (INCREMENTAL, None)],
)
def test_the_count_of_all_rows_is_returned(style, expected):
    """`count()` returns the number of all rows, and None for incremental exports."""
    assert style.count({"count": 250}) == expected


@pytest.mark.parametrize("data", [{}, {"count": None}, {"count": {"value": 5}}])
def test_an_invalid_count_is_none(data):
    """A count that is not a number is None."""
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
def test_page_parameters_depend_on_the_style(style, number, expected):
    """Page size and page number are sent as parameters of the style."""
    assert style.page_params(20, number) == expected


@pytest.mark.parametrize(
    ("style", "descending", "expected"),
    [
        (CURSOR, False, (("sort", "id"),)),
        (CURSOR, True, (("sort", "-id"),)),
        (OFFSET, False, (("sort_by", "id"), ("sort_order", "asc"))),
        (OFFSET, True, (("sort_by", "id"), ("sort_order", "desc"))),
    ],
)
def test_order_parameters_depend_on_the_style(style, descending, expected):
    """Cursor pages are ordered by one parameter, offset pages by two."""
    assert style.order_params("id", descending=descending) == expected


@pytest.mark.parametrize(
    ("style", "rows"), [(CURSOR, 100), (OFFSET, 100), (EXPORT, 1000), (INCREMENTAL, 1000)]
)
def test_each_style_has_its_largest_page(style, rows):
    """The largest page of an export is 1,000 rows, that of a list 100."""
    assert style.largest == rows


def test_rows_by_id_continue_after_the_highest_id():
    """A full page continues after its highest id, whichever lists contain its rows."""
    style = since("chat/bans", limit=3)
    full = {"ip_address": [{"id": 4}, {"id": 9}], "visitor": [{"id": 7}]}

    link = "/api/v2/chat/bans?limit=3&since_id=10"
    assert style.continuation(full, read=3) == Continuation(True, link)
    assert style.continuation({"": [{"id": 4}, {"id": 9}]}, read=2) == LAST_PAGE


@pytest.mark.parametrize(("count", "expected"), [(1000, LINK), (999, None), (0, None)])
def test_an_export_of_chat_ends_with_a_page_that_is_not_full(count, expected):
    """An export of Chat ends with a page that is not full, although it has a link."""
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
def test_an_export_by_time_ends_at_a_link_to_the_same_page(style, moment, moments, link, follows):
    """An export by time ends if its link leads to the second of the page itself."""
    data = {"rows": [{moment: value} for value in moments], "next_page": link}
    continuation = style.continuation(data, read=len(moments))

    assert continuation.link == (link if follows else None)


@pytest.mark.parametrize(("link", "expected"), [(LINK, LINK), (None, None)])
def test_revisions_continue_at_older_ones(link, expected):
    """Revisions continue at `before_url`, as the newest come first."""
    data = {"before_url": link, "after_url": LINK, "after_cursor": "x"}

    assert OLDER.continuation(data, read=1).link == expected


@pytest.mark.parametrize(("count", "expected"), [(3000, LINK), (1, LINK), (0, None)])
def test_an_export_of_routing_ends_with_an_empty_page(count, expected):
    """An export of routing changes ends with an empty page, although it has a link."""
    data = {"attributes": [], "count": count, "next_page": LINK}

    assert SKILLS.continuation(data, read=3000).link == expected


@pytest.mark.parametrize("style", [STREAM, CALLS, OLDER, SKILLS])
def test_the_count_of_an_export_is_unknown(style):
    """The count of an export is that of the page, so `count()` returns None."""
    assert style.count({"count": 5}) is None
