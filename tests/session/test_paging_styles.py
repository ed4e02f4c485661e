"""Every list is read completely, or raises, in each paging style."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from functools import partial
from typing import Any

import pytest

from tests.servers import HOST, Server, ServerRequest
from zendesk_orm import MalformedResponse
from zendesk_orm.api.endpoint import ROWS, Endpoint, Verb
from zendesk_orm.api.paging import NEWEST, OLDER, STREAM
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.predicate import And, Condition, Predicate, conjoin
from zendesk_orm.query.query import Query
from zendesk_orm.schema import registry
from zendesk_orm.session.lists.pages import pages


#: All models, so that it takes long.
pytestmark = pytest.mark.slow


PRODUCTS = ("support", "help_center", "talk", "chat")
BY_ID = {Verb.SHOW, Verb.SHOW_MANY}
#: Returns the rows and the envelope of a page by its number and the link to the next page.
Page = Callable[[int, str], tuple[list[dict[str, Any]], dict[str, Any]]]
#: Pages of the servers below, and rows of a page.
PAGES, SIZE = 3, 2


def _lists() -> list[tuple[Any, Endpoint]]:
    """Return every list, search and export of every model."""
    for product in PRODUCTS:
        registry.load(product)
    return [
        (model, endpoint)
        for model in registry.models()
        if model._meta.app_label in PRODUCTS
        and model.__module__.startswith("zendesk_orm.")
        and model._meta.pk_key
        for endpoint in model._meta.api
        # A list without an envelope has no links, and audits are sorted by their pages.
        if endpoint.verb in ROWS - BY_ID and endpoint.key and endpoint.paging is not NEWEST
    ]


LISTS = _lists()


def _meta(has_more: bool, number: int) -> dict[str, Any]:
    return {"has_more": has_more, "after_cursor": str(number + 1), "before_cursor": str(number)}


def _cursor(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {"meta": _meta(has_more, number), "links": {"next": link, "prev": link}}


def _cursor_of_help_center(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {
        "meta": _meta(has_more, number),
        "links": {"first": link, **({"next": link} if has_more else {})},
    }


def _cursor_of_events(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {"meta": _meta(has_more, number), "links": [{"next": link}] if has_more else []}


def _offset(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {"count": PAGES * SIZE, "next_page": link if has_more else None, "previous_page": None}


def _offset_without_count(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {"next_page": link if has_more else None, "previous_page": None}


def _export_by_cursor(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {"after_url": link, "after_cursor": "x", "end_of_stream": not has_more}


def _export_by_time(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {"next_page": link, "end_time": 5, "count": SIZE, "end_of_stream": not has_more}


def _next_url(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {"next_url": link if has_more else None}


def _engagements(link: str, has_more: bool, number: int) -> dict[str, Any]:
    return {"has_more": has_more, "next_page_url": link if has_more else None}


STYLES = {
    "cursor": _cursor,
    "cursor of the help center": _cursor_of_help_center,
    "cursor of events": _cursor_of_events,
    "offset": _offset,
    "offset without count": _offset_without_count,
    "export by cursor": _export_by_cursor,
    "export by time": _export_by_time,
    "next url": _next_url,
    "engagements": _engagements,
}
#: Envelopes that announce further rows without a link to them.
BROKEN = {
    "meta": {"meta": {"has_more": True}, "links": {"next": None}},
    "flag": {"has_more": True},
    "stream": {"end_of_stream": False, "after_url": None},
    "count": {"count": PAGES * SIZE, "next_page": None, "previous_page": None},
    "contradiction": {"count": PAGES * SIZE, "meta": {"has_more": False}, "links": {"next": HOST}},
}


def _row(model: Any, pk: int, *, alike: bool) -> dict[str, Any]:
    """Return a row of a model; if `alike`, all rows have the same time."""
    second = 0 if alike else pk
    row = {"id": pk, "updated_at": f"2026-01-01T00:00:{second:02}Z", "result_type": "ticket"}
    return row | {"time": row["updated_at"], model._meta.pk_key: pk}


def _rows(model: Any, number: int, *, alike: bool) -> list[dict[str, Any]]:
    first = (number - 1) * SIZE + 1
    return [_row(model, pk, alike=alike) for pk in range(first, first + SIZE)]


def _plan(model: Any, endpoint: Endpoint) -> Plan:
    """Return the plan that reads the complete list."""
    where: Predicate = And()
    for name in sorted({*endpoint.placeholders, *endpoint.required} - {"id"}):
        value = datetime(2020, 1, 1, tzinfo=timezone.utc) if name == "changed_since" else "1"
        where = conjoin(where, Condition(name, "exact", value))
    return Plan(Query(model, where), endpoint, pushed=where)


def _read(model: Any, endpoint: Endpoint, page: Page) -> list[Any] | None:
    """Return the ids of a list that a server answers page by page; None if it raises.

    Args:
        model: the model of the rows.
        endpoint: the list.
        page: returns the rows of a page by its number, and the rest of the envelope.
    """

    def answer(request: ServerRequest) -> Any:
        number = int(request.params.get("p", 1))
        rows, envelope = page(number, f"{HOST}/api/v2/{request.path}?p={number + 1}")
        return {**envelope, endpoint.key: rows}

    server = Server(answer)
    account = server.connect()
    try:
        stream = pages(account.transport, _plan(model, endpoint))
        return [row["id"] for page_of_rows in stream for row in page_of_rows.rows]
    except MalformedResponse:
        return None
    finally:
        account.close()
        assert len(server.asked) <= 20


def _title(endpoint: Endpoint) -> str:
    return f"{endpoint.verb.value} {endpoint.path} ({endpoint.paging.name})"


ALL = [*range(1, PAGES * SIZE + 1)]


@pytest.mark.parametrize("alike", [False, True], ids=["seconds", "one second"])
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_list_is_read_completely_in_every_style(style, alike):
    """All rows are returned, whichever style the response has, unless the link is ambiguous."""
    violations = {}
    for model, endpoint in LISTS:
        rows = partial(_rows, model, alike=alike)
        ids = _read(
            model, endpoint, lambda n, link, rows=rows: (rows(n), style(link, n < PAGES, n))
        )
        # Links to Jira are themselves called `links`; revisions have a link to newer ones.
        may_raise = endpoint.key == "links" or endpoint.paging is OLDER
        if ids != ALL and not (ids is None and may_raise):
            violations[_title(endpoint)] = ids

    assert violations == {}


@pytest.mark.parametrize("envelope", BROKEN.values(), ids=BROKEN)
def test_a_page_without_the_next_link_raises(envelope):
    """A page raises if it announces further rows without a link to them."""
    read = {
        _title(endpoint): _read(
            model, endpoint, lambda n, link, model=model: (_rows(model, 1, alike=False), envelope)
        )
        for model, endpoint in LISTS
    }

    assert {title: ids for title, ids in read.items() if ids is not None} == {}


@pytest.mark.parametrize("size", [0, 1, SIZE])
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_every_list_ends(style, size):
    """Pages without new rows that announce further pages raise.

    A list may end without an error if its paging repeats the rows of the last moment, or if as
    many rows were read as the list announced.
    """
    violations = {}
    for model, endpoint in LISTS:
        rows = _rows(model, 1, alike=False)[:size]
        ids = _read(model, endpoint, lambda n, link, rows=rows: (rows, style(link, True, n)))
        may_end = endpoint.paging.overlaps or isinstance(endpoint.paging, type(STREAM))
        if ids is not None and not (may_end and {*ids} == {row["id"] for row in rows}):
            violations[_title(endpoint)] = ids

    assert violations == {}
