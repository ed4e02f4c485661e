"""The emulator counts parts of requests that Zendesk ignores."""

from __future__ import annotations

import pytest

from zendesk_orm import Organization, Ticket, User
from zendesk_orm.emulator import Emulator
from zendesk_orm.help_center import Article


def _list_ignored(zendesk):
    return sorted(map(str, zendesk.emulator.ignored))


@pytest.mark.parametrize(
    ("query", "keywords"),
    [
        ("type:ticket status:open priority>low", []),
        ("type:ticket stauts:open", ["stauts"]),
        ("type:ticket custom_field_123:a", []),
        ("role:agent", []),
        ("type:ticket role:agent", ["role"]),
        ("type:organization plan:gold", ["plan"]),
        ("printer -nonsense:1 type:user", ["nonsense"]),
        ("order_by:created sort:asc", []),
    ],
)
def test_unknown_search_keywords_are_counted(zendesk, query, keywords):
    """A search keyword that none of the searched types has is counted once per request."""
    zendesk.get("search", query=query)

    assert _list_ignored(zendesk) == [f"GET search: keyword {name}" for name in keywords]


def test_keys_of_custom_fields_are_keywords(zendesk):
    """The keys of custom fields of organizations are keywords of search, and not counted."""
    field = {"key": "plan", "title": "Plan", "type": "text"}
    zendesk.send("POST", "organization_fields", {"organization_field": field})

    zendesk.get("search", query="type:organization plan:gold")

    assert _list_ignored(zendesk) == []


@pytest.mark.parametrize(
    ("path", "include", "names"),
    [
        ("tickets", "users,groups,comment_count", []),
        ("tickets", "users,usres", ["usres"]),
        ("tickets/1", "users", []),
        ("users", "organizations, nonsense", ["nonsense"]),
        ("search.json?query=type:ticket", "tickets(users,groups)", []),
        ("search.json?query=type:ticket", "tickets(usres)", ["usres"]),
        ("ticket_forms", "ticket_fields", []),
        ("incremental/ticket_events?start_time=1", "comment_events", []),
    ],
)
def test_unknown_side_loads_are_counted(zendesk, path, include, names):
    """A side-load that the endpoint does not have is counted."""
    zendesk.create_ticket()
    zendesk.send("GET", path, params={"include": include})

    assert [str(part).rpartition(" ")[2] for part in zendesk.emulator.ignored] == names


def test_ignored_keys_of_a_body_are_counted(zendesk):
    """Ignored keys of a body are counted with the object that contains them."""
    pk = zendesk.create_ticket(subjet="Fire")["id"]
    for _ in range(2):
        zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"subject": "x", "made_up": 1}, "also": 1})

    assert zendesk.emulator.ignored.describe().splitlines() == [
        "POST tickets: key ticket.subjet (1 x)",
        "PUT tickets/*: key also (2 x)",
        "PUT tickets/*: key ticket.made_up (2 x)",
    ]


def test_the_counters_can_be_cleared(zendesk):
    """The counters can be cleared."""
    zendesk.create_ticket(subjet="Fire")

    zendesk.emulator.ignored.clear()

    assert not zendesk.emulator.ignored


def test_the_library_sends_nothing_that_is_ignored():
    """Queries, side-loads and writes of the library contain no part that is ignored."""
    with Emulator() as emulator:
        emulator.connect()
        emulator.make(Article)
        ticket = emulator.make(Ticket, tags=["a"])[0]
        ticket.subject = "New"
        ticket.tags.append("b")
        ticket.save()
        Ticket.objects.filter(tags="a").update(priority="high")
        list(Ticket.objects.select_related("requester", "organization").filter(status="new"))
        list(Ticket.objects.search("new").filter(created_after=ticket.created_at))
        list(User.objects.filter(role="agent").select_related("organization"))
        list(Article.objects.all().select_related("section"))
        Organization.objects.create(name="A").delete()

        assert emulator.ignored.describe() == ""
