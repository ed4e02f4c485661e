"""The words that declare an Api."""

from __future__ import annotations

import pytest

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import CALLS, CURSOR, INCREMENTAL, OFFSET
from zendesk_orm.api.vocabulary import action, exported, listed, resource, searched


def _told(api):
    return [(each.title, each.method, each.path) for each in api]


def test_a_resource_has_a_list_in_both_styles_and_rows_of_its_own():
    """Unless it says otherwise a resource can be listed, shown and written."""
    expected = [
        ("show", "GET", "views/{id}"),
        ("list (cursor)", "GET", "views"),
        ("list (offset)", "GET", "views"),
        ("create", "POST", "views"),
        ("update", "PUT", "views/{id}"),
        ("delete", "DELETE", "views/{id}"),
    ]

    assert expected == _told(resource("views"))


def test_a_resource_can_do_what_it_says_and_no_more():
    """`can` and `many` choose the endpoints."""
    expected = [
        ("show_many", "GET", "views/show_many"),
        ("delete", "DELETE", "views/{id}"),
        ("create_many", "POST", "views/create_many"),
        ("update_many", "PUT", "views/update_many"),
        ("destroy_many", "DELETE", "views/destroy_many"),
    ]

    assert expected == _told(resource("views", can="delete", many="show create update destroy"))


def test_a_resource_can_be_counted():
    """`count` adds the number of rows beside the list."""
    counted = resource("views", can="list", count=True).find(Verb.COUNT)

    assert ("views/count", "count") == (counted.path, counted.key)


def test_only_creating_is_idempotent():
    """The key that makes a second sending harmless is taken by the create alone."""
    idempotent = [each.verb for each in resource("views", idempotent=True) if each.idempotent]

    assert [Verb.CREATE] == idempotent


def test_the_rows_are_called_by_the_last_word_of_the_path():
    """Placeholders are no words; a key of another name is told."""
    plain = listed("organizations/{organization}/users", paging=(CURSOR,))
    other = listed("users/{requester}/tickets/requested", key="tickets", paging=(CURSOR,))

    assert ["users", "tickets"] == [each.key for each in plain + other]


def test_what_the_path_alone_says_is_answered_and_sent_nowhere():
    """`groups/assignable` has to be asked for the assignable ones, and takes no parameter."""
    (endpoint,) = listed("groups/assignable", key="groups", needs="assignable", paging=(CURSOR,))

    assert frozenset({"assignable"}) == endpoint.needs
    assert ("", None) == (endpoint.parameter("assignable"), endpoint.parameter("name"))
    assert {} == endpoint.takes


def test_offset_lists_end_at_the_wall_and_cursor_lists_do_not():
    """Offsets reach ten thousand rows."""
    most = {each.paging.name: each.most for each in listed("views")}

    assert {"cursor": None, "offset": 10_000} == most


def test_the_styles_order_by_fields_of_their_own():
    """What a cursor orders by and what an offset orders by are declared apart."""
    orders = {
        each.paging: list(each.orders)
        for each in listed("views", orders="id", offset_orders="name")
    }

    assert {CURSOR: ["id"], OFFSET: ["name"]} == orders


def test_search_is_three_endpoints():
    """The search, its export and its count have the same words."""
    api = searched("ticket", "status", words="subject", type="ticket_type")

    assert ["search", "search/export", "search/count"] == [each.path for each in api]
    for each in api:
        assert {"status": "status", "subject": "subject", "type": "ticket_type"} == each.takes
        assert frozenset({"subject"}) == each.loose
        assert not each.fresh


def test_search_orders_by_what_it_knows_of_the_fields():
    """Only declared fields are ordered by, each under Zendesk's name for it."""
    search = searched("ticket", "status tags", type="ticket_type").find(Verb.SEARCH)

    assert {"status": "status", "type": "ticket_type"} == search.orders


def test_an_export_is_named_by_the_resource():
    """The word `cursor` at the end of the path is not the name of the rows."""
    api = exported("incremental/tickets/cursor", "incremental/tickets")

    assert ["tickets", "tickets"] == [each.key for each in api]
    assert {INCREMENTAL} == {each.paging for each in api}


def test_an_export_may_be_paged_in_a_way_of_its_own():
    """Talk's says otherwise than Support's where it ends."""
    (calls,) = exported("channels/voice/stats/incremental/calls", paging=CALLS)

    assert CALLS is calls.paging


def test_an_action_is_found_by_its_name():
    """Several actions of one model are told apart."""
    api = action("me", "GET", "users/me", "user") + action("merge", "PUT", "users/{id}/merge", "")

    assert "users/{id}/merge" == api.find(Verb.ACTION, "merge").path
    assert api.find(Verb.ACTION, "split") is None
    assert api.find(Verb.ACTION) is None


def test_apis_are_added():
    """`+` gives a new one and leaves both as they were."""
    one, other = listed("a", paging=(CURSOR,)), listed("b", paging=(CURSOR,))

    both = one + other

    assert ["a", "b"] == [each.path for each in both]
    assert (1, 1) == (len(one.endpoints), len(other.endpoints))
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
    """They stand in the order of the path."""
    assert expected == Endpoint(Verb.SHOW, path, "rows").placeholders


def test_an_endpoint_is_a_value():
    """Equal declarations are equal and hash alike, and none can be edited."""
    one, same = (resource("views").find(Verb.SHOW) for _ in range(2))

    assert one == same
    assert hash(one) == hash(same)
    with pytest.raises(AttributeError):
        one.path = "elsewhere"
