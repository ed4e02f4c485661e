"""Functions that declare the endpoints of an `Api`."""

from __future__ import annotations

import pytest

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CALLS, CURSOR, INCREMENTAL, OFFSET
from zendesk_orm.api.vocabulary import (
    CRUD,
    DELETE,
    LIST,
    incremental_export,
    listing,
    resource,
    search_index,
)


def _describe(api):
    return [(endpoint.title, endpoint.method, endpoint.path) for endpoint in api]


def test_a_resource_has_standard_endpoints():
    """By default, a resource can be listed in both styles, shown, created, updated and deleted."""
    expected = [
        ("show", "GET", "views/{id}"),
        ("list (cursor)", "GET", "views"),
        ("list (offset)", "GET", "views"),
        ("create", "POST", "views"),
        ("update", "PUT", "views/{id}"),
        ("delete", "DELETE", "views/{id}"),
    ]

    assert _describe(resource("views")) == expected


def test_can_and_bulk_select_endpoints():
    """`can` and `bulk` select the endpoints of a resource."""
    expected = [
        ("show_many", "GET", "views/show_many"),
        ("delete", "DELETE", "views/{id}"),
        ("create_many", "POST", "views/create_many"),
        ("update_many", "PUT", "views/update_many"),
        ("destroy_many", "DELETE", "views/destroy_many"),
    ]

    assert _describe(resource("views", can=DELETE, bulk=CRUD)) == expected


def test_count_adds_an_endpoint():
    """`count` adds an endpoint that returns the number of rows."""
    endpoint = resource("views", can=LIST, count=True).find(Verb.COUNT)

    assert (endpoint.path, endpoint.key) == ("views/count", "count")


def test_only_create_is_idempotent():
    """`idempotent` concerns the endpoint that creates rows."""
    idempotent = [
        endpoint.verb for endpoint in resource("views", idempotent=True) if endpoint.idempotent
    ]

    assert idempotent == [Verb.CREATE]


def test_the_key_is_the_last_part_of_the_path():
    """The key of the rows is the last part of the path unless it is declared."""
    plain = listing("organizations/{organization}/users", paging=(CURSOR,))
    other = listing("users/{requester}/tickets/requested", key="tickets", paging=(CURSOR,))

    assert [endpoint.key for endpoint in plain + other] == ["users", "tickets"]


def test_a_lookup_in_the_path_is_required_and_not_sent():
    """A lookup that is part of the path is required, and has no parameter."""
    (endpoint,) = listing(
        "groups/assignable", key="groups", required=("assignable",), paging=(CURSOR,)
    )

    assert endpoint.required == frozenset({"assignable"})
    assert (endpoint.parameter("assignable"), endpoint.parameter("name")) == ("", None)
    assert endpoint.filters == {}


def test_offset_lists_are_limited_to_10000_rows():
    """Offset pages are limited to 10,000 rows, cursor pages are not."""
    max_rows = {endpoint.paging.name: endpoint.max_rows for endpoint in listing("views")}

    assert max_rows == {"cursor": None, "offset": 10_000}


def test_orders_are_declared_by_style():
    """The fields to order by are declared separately for cursor and offset pages."""
    orders = {
        endpoint.paging: list(endpoint.orders)
        for endpoint in listing("views", orders=("id",), offset_orders=("name",))
    }

    assert orders == {CURSOR: ["id"], OFFSET: ["name"]}


def test_search_is_three_endpoints():
    """Search, export and count have the same filters."""
    api = search_index("ticket", ("status",), tokenized=("subject",), type="ticket_type")

    assert [endpoint.path for endpoint in api] == ["search", "search/export", "search/count"]
    for endpoint in api:
        assert endpoint.filters == {"status": "status", "subject": "subject", "type": "ticket_type"}
        assert endpoint.tokenized == frozenset({"subject"})
        assert not endpoint.fresh


def test_search_orders_by_declared_fields():
    """Search orders by declared fields that Zendesk can order by, under Zendesk's names."""
    search = search_index("ticket", ("status", "tags"), type="ticket_type").find(Verb.SEARCH)

    assert search.orders == {"status": "status", "type": "ticket_type"}


def test_the_key_of_an_export_is_the_resource():
    """The key of an export is the resource, also if the path ends with `cursor`."""
    api = incremental_export("incremental/tickets/cursor", "incremental/tickets")

    assert [endpoint.key for endpoint in api] == ["tickets", "tickets"]
    assert {endpoint.paging for endpoint in api} == {INCREMENTAL}


def test_an_export_may_declare_its_paging():
    """An export may declare a style of paging, such as Talk's."""
    (calls,) = incremental_export("channels/voice/stats/incremental/calls", paging=CALLS)

    assert calls.paging is CALLS


def test_actions_are_found_by_name():
    """An action is found by its name among several."""
    api = action_endpoint("me", "GET", "users/me", "user") + action_endpoint(
        "merge", "PUT", "users/{id}/merge", ""
    )

    assert api.find(Verb.ACTION, "merge").path == "users/{id}/merge"
    assert api.find(Verb.ACTION, "split") is None
    assert api.find(Verb.ACTION) is None


def test_adding_apis_combines_their_endpoints():
    """`+` returns a new `Api` with the endpoints of both."""
    one, other = listing("a", paging=(CURSOR,)), listing("b", paging=(CURSOR,))

    both = one + other

    assert [endpoint.path for endpoint in both] == ["a", "b"]
    assert (len(one.endpoints), len(other.endpoints)) == (1, 1)
    assert Api() + one == one


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tickets", ()),
        ("tickets/{id}", ("id",)),
        ("tickets/{ticket}/audits/{id}", ("ticket", "id")),
    ],
)
def test_placeholders_are_read_from_the_path(path, expected):
    """The placeholders of an endpoint are read from its path, in order."""
    assert Endpoint(Verb.SHOW, path, "rows").placeholders == expected


def test_an_endpoint_is_a_value():
    """Equal endpoints are equal and have the same hash; endpoints are immutable."""
    endpoint, duplicate = (resource("views").find(Verb.SHOW) for _ in range(2))

    assert endpoint == duplicate
    assert hash(endpoint) == hash(duplicate)
    with pytest.raises(AttributeError):
        endpoint.path = "elsewhere"
