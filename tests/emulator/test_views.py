"""Views, and the tickets in them."""

from __future__ import annotations

import pytest

from zendesk_orm import Ticket, User, View


UNSOLVED = {"field": "status", "operator": "less_than", "value": "solved"}


def _view(zendesk, *conditions, **more):
    """Make a view of unsolved tickets with further conditions, given as triples."""
    named = [dict(zip(("field", "operator", "value"), each, strict=True)) for each in conditions]
    return zendesk.made("views", **{"title": "Mine", "all": [UNSOLVED, *named], **more})


def _in(zendesk, view, **params):
    return [row["id"] for row in zendesk.get(f"views/{view['id']}/tickets", **params)["tickets"]]


def test_a_view_comes_back_with_its_conditions(zendesk):
    """What was sent as `all`, `any` and `output` comes back as conditions and execution."""
    view = _view(zendesk, any=[], output={"columns": ["status", "created"], "sort_by": "status"})

    assert {"all": [UNSOLVED], "any": []} == view["conditions"]
    assert ["status", "created"] == [each["id"] for each in view["execution"]["columns"]]
    assert ("status", "desc") == (view["execution"]["sort_by"], view["execution"]["sort_order"])
    assert ("Mine", True, False) == (view["raw_title"], view["active"], view["default"])


def test_a_new_account_has_views(zendesk):
    """The views of a new account are there, and counted."""
    titles = [row["title"] for row in zendesk.get("views")["views"]]

    assert "Your unsolved tickets" in titles
    assert len(titles) == zendesk.get("views/count")["count"]["value"] == 6


def test_a_view_is_changed_and_deleted(zendesk):
    """A view keeps the conditions that an update leaves out, and is gone when deleted."""
    view = _view(zendesk)

    changed = zendesk.send("PUT", f"views/{view['id']}", {"view": {"title": "Ours"}}).json()["view"]
    deleted = zendesk.send("DELETE", f"views/{view['id']}")

    assert ("Ours", "Ours") == (changed["title"], changed["raw_title"])
    assert view["conditions"] == changed["conditions"]
    assert view["execution"] == changed["execution"]
    assert 204 == deleted.status_code
    assert 404 == zendesk.send("GET", f"views/{view['id']}/tickets").status_code


def test_views_are_destroyed_at_once(zendesk):
    """Several views go without a job; when one of them is not there, none does."""
    one, two = (_view(zendesk)["id"] for _ in range(2))

    wrong = zendesk.send("DELETE", "views/destroy_many", params={"ids": f"{one},77"})
    right = zendesk.send("DELETE", "views/destroy_many", params={"ids": f"{one},{two}"})

    assert (404, 204) == (wrong.status_code, right.status_code)
    assert 6 == zendesk.get("views/count")["count"]["value"]


def test_a_view_keeps_what_an_output_leaves_out(zendesk):
    """Changing the order of a view leaves its columns alone."""
    view = _view(zendesk, output={"columns": ["status"], "group_by": "type"})

    answer = zendesk.send(
        "PUT", f"views/{view['id']}", {"view": {"output": {"sort_by": "created"}}}
    )

    execution = answer.json()["view"]["execution"]
    assert {**view["execution"], "sort_by": "created"} == {**execution, "sort": None}
    assert ("created", "desc") == (execution["sort"]["id"], execution["sort"]["order"])


@pytest.mark.parametrize(
    ("field", "operator", "value", "found"),
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
def test_a_view_finds_by_its_conditions(zendesk, field, operator, value, found):
    """Each condition finds the tickets that meet it; solved ones are in none."""
    me = zendesk.get("users/me")["user"]["id"]
    ids = {
        "open": zendesk.ticket(
            status="open", priority="high", type="incident", tags=["vip"], assignee_id=me
        )["id"],
    }
    zendesk.clock.sleep(3 * 3600)
    ids["plain"] = zendesk.ticket()["id"]
    zendesk.ticket(status="solved")

    view = _view(zendesk, (field, operator, value))

    assert {ids[name] for name in found} == set(_in(zendesk, view))


def test_any_of_several_conditions_will_do(zendesk):
    """Of the conditions in `any`, one has to be met."""
    high, low, _ = (zendesk.ticket(priority=each)["id"] for each in ("high", "low", "normal"))
    either = [{"field": "priority", "operator": "is", "value": each} for each in ("high", "low")]

    assert [high, low] == _in(zendesk, _view(zendesk, any=either))


def test_all_tags_may_be_wanted(zendesk):
    """Whether `includes` wants one tag or all of them is unconfirmed, so there is a switch."""
    both = zendesk.ticket(tags=["vip", "gold"])["id"]
    zendesk.ticket(tags=["vip"])
    view = _view(zendesk, ("current_tags", "includes", "vip gold"))

    zendesk.emulator.switches.any_tag_includes = False

    assert [both] == _in(zendesk, view)


def test_a_view_has_its_own_order(zendesk):
    """Tickets come as the view sorts them, page by page."""
    ids = [zendesk.ticket()["id"] for _ in range(3)]
    view = _view(zendesk, output={"sort_by": "nice_id", "sort_order": "desc"})

    first = zendesk.get(f"views/{view['id']}/tickets", **{"page[size]": 2})
    second = zendesk.get(first["links"]["next"])

    assert ids[::-1] == [row["id"] for row in (*first["tickets"], *second["tickets"])]
    assert {
        "url": f"https://emulator.zendesk.com/api/v2/views/{view['id']}/count.json",
        "view_id": view["id"],
        "value": 3,
        "pretty": "3",
        "fresh": True,
    } == zendesk.get(f"views/{view['id']}/count")["view_count"]


@pytest.mark.parametrize(
    "condition",
    [
        ("role", "is", "admin"),
        ("status", "includes", "open"),
        ("priority", "less_than", "extreme"),
        ("current_tags", "is", "vip"),
    ],
)
def test_a_condition_that_is_none_is_refused(zendesk, condition):
    """What a view cannot ask for is 422, and says what is wrong."""
    named = dict(zip(("field", "operator", "value"), condition, strict=True))

    answer = zendesk.send("POST", "views", {"view": {"title": "x", "all": [UNSOLVED, named]}})

    assert 422 == answer.status_code
    assert condition[0] in answer.json()["details"]["base"][0]["description"]


def test_a_view_has_to_ask_for_something(zendesk):
    """One of five fields has to stand in `all`."""
    tagged = {"field": "current_tags", "operator": "includes", "value": "vip"}

    answer = zendesk.send("POST", "views", {"view": {"title": "x", "all": [tagged]}})

    assert (422, "RecordInvalid") == (answer.status_code, answer.json()["error"])


@pytest.mark.usefixtures("account")
def test_the_library_reads_a_view():
    """`filter(view=...)` is the list of the view's tickets."""
    view = View.objects.create(title="Urgent", all=[UNSOLVED], output={"sort_by": "nice_id"})
    tickets = [Ticket.objects.create(subject=s, comment={"body": "x"}) for s in ("a", "b")]

    found = list(Ticket.objects.filter(view=view).fresh())

    assert {ticket.id for ticket in tickets} == {ticket.id for ticket in found}
    assert [UNSOLVED] == view.conditions["all"]


@pytest.mark.usefixtures("account")
def test_the_library_reads_what_a_user_is_copied_in_on():
    """`filter(cc=...)` is a search, and a list where fresh rows are wanted."""
    ada = User.objects.create(name="Ada", email="ada@example.com")
    ticket = Ticket.objects.create(comment={"body": "x"}, collaborators=[ada.id])
    Ticket.objects.create(comment={"body": "y"})

    assert [ticket] == list(Ticket.objects.filter(cc=ada))
    assert [ticket] == list(Ticket.objects.filter(cc=ada).fresh())


def test_a_user_who_is_not_there_is_copied_in_on_nothing(zendesk):
    """The tickets of a user who is not there are not there either."""
    assert 404 == zendesk.send("GET", "users/7/tickets/ccd").status_code
