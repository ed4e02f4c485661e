"""Views and the tickets that match their conditions."""

from __future__ import annotations

import pytest

from zendesk_orm import Ticket, User, View


UNSOLVED = {"field": "status", "operator": "less_than", "value": "solved"}


def _create_view(zendesk, *conditions, **kwargs):
    """Create a view of unsolved tickets with further conditions, given as triples."""
    matching = [dict(zip(("field", "operator", "value"), item, strict=True)) for item in conditions]
    return zendesk.create("views", **{"title": "Mine", "all": [UNSOLVED, *matching], **kwargs})


def _list_tickets(zendesk, view, **params):
    return [row["id"] for row in zendesk.get(f"views/{view['id']}/tickets", **params)["tickets"]]


def test_a_view_is_created(zendesk):
    """`all`, `any` and `output` of a new view are returned as conditions and execution."""
    view = _create_view(
        zendesk, any=[], output={"columns": ["status", "created"], "sort_by": "status"}
    )

    assert view["conditions"] == {"all": [UNSOLVED], "any": []}
    assert [item["id"] for item in view["execution"]["columns"]] == ["status", "created"]
    assert (view["execution"]["sort_by"], view["execution"]["sort_order"]) == ("status", "desc")
    assert (view["raw_title"], view["active"], view["default"]) == ("Mine", True, False)


def test_a_new_account_has_views(zendesk):
    """The views of a new account are listed and counted."""
    titles = [row["title"] for row in zendesk.get("views")["views"]]

    assert "Your unsolved tickets" in titles
    assert len(titles) == zendesk.get("views/count")["count"]["value"] == 6


def test_a_view_is_updated_and_deleted(zendesk):
    """An update keeps conditions that it does not contain; a deleted view is not found."""
    view = _create_view(zendesk)

    changed = zendesk.send("PUT", f"views/{view['id']}", {"view": {"title": "Ours"}}).json()["view"]
    deleted = zendesk.send("DELETE", f"views/{view['id']}")

    assert (changed["title"], changed["raw_title"]) == ("Ours", "Ours")
    assert changed["conditions"] == view["conditions"]
    assert changed["execution"] == view["execution"]
    assert deleted.status_code == 204
    assert zendesk.send("GET", f"views/{view['id']}/tickets").status_code == 404


def test_several_views_are_deleted(zendesk):
    """Several views are deleted without a job, or none if one of them does not exist."""
    one, two = (_create_view(zendesk)["id"] for _ in range(2))

    wrong = zendesk.send("DELETE", "views/destroy_many", params={"ids": f"{one},77"})
    right = zendesk.send("DELETE", "views/destroy_many", params={"ids": f"{one},{two}"})

    assert (wrong.status_code, right.status_code) == (404, 204)
    assert zendesk.get("views/count")["count"]["value"] == 6


def test_a_partial_output_keeps_other_keys(zendesk):
    """An update of the order of a view keeps its columns."""
    view = _create_view(zendesk, output={"columns": ["status"], "group_by": "type"})

    response = zendesk.send(
        "PUT", f"views/{view['id']}", {"view": {"output": {"sort_by": "created"}}}
    )

    execution = response.json()["view"]["execution"]
    assert {**view["execution"], "sort_by": "created"} == {**execution, "sort": None}
    assert (execution["sort"]["id"], execution["sort"]["order"]) == ("created", "desc")


@pytest.mark.parametrize(
    ("field", "operator", "value", "names"),
    [
        ("status", "is", "open", {"open"}),
        ("status", "is_not", "open", {"plain"}),
        ("status", "greater_than", "new", {"open"}),
        ("priority", "is", "high", {"open"}),
        ("priority", "less_than", "urgent", {"open"}),
        ("priority", "is", "", {"plain"}),
        ("type", "is", "incident", {"open"}),
        ("type", "is_not", "incident", {"plain"}),
        ("group_id", "is", "", {"plain"}),
        ("assignee_id", "is", "current_user", {"open"}),
        ("assignee_id", "is_not", "current_user", {"plain"}),
        ("current_tags", "includes", "vip gold", {"open"}),
        ("current_tags", "not_includes", "vip gold", {"plain"}),
        ("updated_at", "less_than", "2", {"plain"}),
        ("updated_at", "greater_than", "2", {"open"}),
    ],
)
def test_conditions_match_their_tickets(zendesk, field, operator, value, names):
    """Each condition matches its tickets, and solved tickets are in no view."""
    me = zendesk.get("users/me")["user"]["id"]
    ids = {
        "open": zendesk.create_ticket(
            status="open", priority="high", type="incident", tags=["vip"], assignee_id=me
        )["id"],
    }
    zendesk.clock.sleep(3 * 3600)
    ids["plain"] = zendesk.create_ticket()["id"]
    zendesk.create_ticket(status="solved")

    view = _create_view(zendesk, (field, operator, value))

    assert set(_list_tickets(zendesk, view)) == {ids[name] for name in names}


def test_conditions_on_further_fields_match_their_tickets(zendesk):
    """Views check custom fields, words, channels, and hours since a change, as triggers do."""
    options = [{"name": "Red", "value": "red"}]
    field = zendesk.create(
        "ticket_fields", type="tagger", title="Color", custom_field_options=options
    )["id"]
    group = zendesk.get("groups")["groups"][0]["id"]
    first = zendesk.create_ticket(
        subject="Fire",
        status="open",
        group_id=group,
        custom_fields=[{"id": field, "value": "red"}],
    )["id"]
    zendesk.clock.sleep(5 * 3600)
    second = zendesk.create_ticket(status="pending", comment={"body": "x", "public": False})["id"]
    expected = {
        (f"custom_fields_{field}", "is", "red"): [first],
        (f"custom_fields_{field}", "not_present", None): [second],
        ("subject_includes_word", "includes", "fire smoke"): [first],
        ("description_includes_word", "not_includes", "help"): [second],
        ("via_id", "is", "5"): [first, second],
        ("via_id", "is", "4"): [],
        ("ticket_is_public", "is", "private"): [second],
        ("satisfaction_score", "less_than", "good"): [first, second],
        ("NEW", "greater_than", "4"): [first],
        ("NEW", "is", "5"): [first],
        ("OPEN", "greater_than", "4"): [first],
        ("PENDING", "less_than_business_hours", "1"): [second],
        ("group_id", "is", "current_groups"): [first],
        ("group_is_set_with_no_assignee", "is", "true"): [first],
        ("requester_role", "is", "end_user"): [],
    }

    tickets = {}
    for condition in expected:
        view = _create_view(zendesk, condition)
        tickets[condition] = _list_tickets(zendesk, view)
        count = zendesk.get(f"views/{view['id']}/count")["view_count"]["value"]
        assert count == len(tickets[condition])
    assert tickets == expected
    assert zendesk.emulator.ignored.describe() == ""


def test_conditions_in_any_may_have_further_fields(zendesk):
    """Conditions with and without SQL are alternatives of each other."""
    high = zendesk.create_ticket(priority="high")["id"]
    fire = zendesk.create_ticket(subject="Fire")["id"]
    zendesk.create_ticket()
    either = [
        {"field": "priority", "operator": "is", "value": "high"},
        {"field": "subject_includes_word", "operator": "includes", "value": "fire"},
    ]

    assert _list_tickets(zendesk, _create_view(zendesk, any=either)) == [high, fire]


def test_one_of_any_conditions_must_match(zendesk):
    """A ticket must match one of the conditions in `any`."""
    high, low, _ = (
        zendesk.create_ticket(priority=item)["id"] for item in ("high", "low", "normal")
    )
    either = [{"field": "priority", "operator": "is", "value": item} for item in ("high", "low")]

    assert _list_tickets(zendesk, _create_view(zendesk, any=either)) == [high, low]


def test_several_tags_in_any_are_a_switch(zendesk):
    """The switch `any_tag_includes` sets how several tags match (unconfirmed)."""
    both = zendesk.create_ticket(tags=["vip", "gold"])["id"]
    zendesk.create_ticket(tags=["vip"])
    view = _create_view(zendesk, ("current_tags", "includes", "vip gold"))

    zendesk.emulator.switches.any_tag_includes = False

    assert _list_tickets(zendesk, view) == [both]


def test_tickets_are_sorted_by_the_view(zendesk):
    """Tickets are sorted by the order of the view on all pages."""
    ids = [zendesk.create_ticket()["id"] for _ in range(3)]
    view = _create_view(zendesk, output={"sort_by": "nice_id", "sort_order": "desc"})

    first = zendesk.get(f"views/{view['id']}/tickets", **{"page[size]": 2})
    second = zendesk.get(first["links"]["next"])

    assert ids[::-1] == [row["id"] for row in (*first["tickets"], *second["tickets"])]
    assert zendesk.get(f"views/{view['id']}/count")["view_count"] == {
        "url": f"https://emulator.zendesk.com/api/v2/views/{view['id']}/count.json",
        "view_id": view["id"],
        "active": True,
        "value": 3,
        "pretty": "3",
        "fresh": True,
    }


@pytest.mark.parametrize(
    "condition",
    [
        ("role", "is", "admin"),
        ("status", "includes", "open"),
        ("priority", "less_than", "extreme"),
        ("current_tags", "is", "vip"),
    ],
)
def test_invalid_condition_is_rejected(zendesk, condition):
    """An invalid condition returns 422 with the reason."""
    matching = dict(zip(("field", "operator", "value"), condition, strict=True))

    response = zendesk.send("POST", "views", {"view": {"title": "x", "all": [UNSOLVED, matching]}})

    assert response.status_code == 422
    assert condition[0] in response.json()["details"]["base"][0]["description"]


def test_a_required_condition_is_missing(zendesk):
    """A view without one of five fields in `all` is rejected."""
    tagged = {"field": "current_tags", "operator": "includes", "value": "vip"}

    response = zendesk.send("POST", "views", {"view": {"title": "x", "all": [tagged]}})

    assert (response.status_code, response.json()["error"]) == (422, "RecordInvalid")


@pytest.mark.usefixtures("account")
def test_tickets_are_filtered_by_view():
    """`filter(view=...)` lists the tickets of a view."""
    view = View.objects.create(title="Urgent", all=[UNSOLVED], output={"sort_by": "nice_id"})
    tickets = [Ticket.objects.create(subject=s, comment={"body": "x"}) for s in ("a", "b")]

    results = list(Ticket.objects.filter(view=view).fresh())

    assert {ticket.id for ticket in tickets} == {ticket.id for ticket in results}
    assert view.conditions["all"] == [UNSOLVED]


@pytest.mark.usefixtures("account")
def test_tickets_are_filtered_by_cc():
    """`filter(cc=...)` is a search, and a list with `fresh()`."""
    ada = User.objects.create(name="Ada", email="ada@example.com")
    ticket = Ticket.objects.create(comment={"body": "x"}, collaborators=[ada.id])
    Ticket.objects.create(comment={"body": "y"})

    assert list(Ticket.objects.filter(cc=ada)) == [ticket]
    assert list(Ticket.objects.filter(cc=ada).fresh()) == [ticket]


def test_the_cc_list_of_a_missing_user_returns_404(zendesk):
    """The list of tickets that copy a missing user returns 404."""
    assert zendesk.send("GET", "users/7/tickets/ccd").status_code == 404
