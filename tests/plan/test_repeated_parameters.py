"""Lookups with several values, and ranges, are parameters that are sent repeatedly."""

from __future__ import annotations

import itertools
import json
from datetime import date, datetime, timedelta, timezone

import pytest

from zendesk_orm import AuditLog, NoEndpoint, Ticket, User, UserIdentity
from zendesk_orm.emulator import Emulator
from zendesk_orm.help_center import Article, Post
from zendesk_orm.support import TicketMetricEvent


START = datetime(2026, 1, 1, tzinfo=timezone.utc)
END = START + timedelta(days=3)
JANUARY = (
    ("filter[created_at]", "2026-01-01T00:00:00Z"),
    (
        "filter[created_at]",
        "2026-01-04T00:00:00Z",
    ),
)


def test_values_are_sent_repeatedly():
    """Each value of `__in`, and each end of a range, is a parameter of one request."""
    logs, roles = AuditLog.objects, ["agent", "admin"]
    actions = ("filter[action][]", "create"), ("filter[action][]", "update")
    expected = [
        (User.objects.filter(role__in=roles), (("role[]", "agent"), ("role[]", "admin"))),
        (logs.filter(action__in=["create", "update"]), actions),
        (logs.filter(created_between=(START, END)), JANUARY),
        (logs.filter(actor=5, created_at__range=(START, END)),
         (("filter[actor_id]", "5"), *JANUARY)),
        (UserIdentity.objects.filter(user=5, type="email"), (("type[]", "email"),)),
        (UserIdentity.objects.filter(user=5, type__in=["email", "sdk"]),
         (("type[]", "email"), ("type[]", "sdk"))),
        (TicketMetricEvent.objects.changed_since(START).filter(include_changes=True),
         (("start_time", "1767225600"), ("include_changes", "true"))),
        (Article.objects.changed_since(START).filter(label="a,b"),
         (("start_time", "1767225600"), ("label_names", "a,b"))),
        (Post.objects.search("x").filter(updated_on=date(2026, 1, 1)),
         (("query", "x"), ("updated_at", "2026-01-01"))),
        (Ticket.deleted.filter(support_type_scope="all"), (("support_type_scope", "all"),)),
    ]  # fmt: skip
    paging = {"page[size]", "per_page"}
    actual = [
        (rows, tuple(pair for pair in next(rows.plan.first()).params if pair[0] not in paging))
        for rows, _ in expected
    ]

    assert actual == expected


def test_half_a_range_is_not_sent():
    """Zendesk requires both ends of a range."""
    for lookups in (
        {"created_at__gte": START},
        {"created_at__lte": END},
        {"created_at__gt": START, "created_at__lt": END},
    ):
        with pytest.raises(NoEndpoint, match="cannot filter by created_at"):
            AuditLog.objects.filter(**lookups).plan.first()


def test_several_values_and_one_are_intersected(account, emulator, count_requests):
    """One value and several of a field select the rows that match both, with one request."""
    emulator.make(User, role="admin")
    users = User.objects.filter(role__in=["agent", "admin"]).filter(role="admin").fresh()
    with count_requests(account, 1):
        roles = {user.role for user in users}

    assert roles == {"admin"}


def test_the_audit_log_is_filtered(count_requests):
    """Entries of several actions, and those of a time, are returned by one request each."""
    emulator = Emulator()
    emulator.load(
        json.dumps(
            {"model": "support.AuditLog",
             "row": {"id": number, "action": action, "source_type": "user",
                     "created_at": f"2026-01-0{number}T00:00:00Z"}}
        )
        for number, action in zip(range(1, 6), itertools.cycle(("create", "update", "login")))
    )  # fmt: skip
    account = emulator.connect()
    expected = [
        ({"action__in": ["create", "login"]}, {1, 3, 4}),
        ({"created_between": (START, END)}, {1, 2, 3, 4}),
        ({"created_between": (START, END), "action__in": ["update", "x"]}, {2}),
    ]
    actual = []
    for lookups, _ in expected:
        with count_requests(account, 1):
            actual.append((lookups, {log.pk for log in AuditLog.objects.filter(**lookups)}))

    assert actual == expected


def test_tickets_of_ai_agents_are_returned_by_all_ways_of_reading(account, emulator):
    """Lists, searches, exports and the cache return the same rows, and so do deleted tickets."""
    (user,) = emulator.make(User, 1)
    rows = [*emulator.make(Ticket, 2, requester=user)]
    rows += emulator.make(Ticket, 1, requester=user, support_type="ai_agent")
    emulator.archive(rows[0].pk)
    emulator.clock.sleep(61)
    pks = [ticket.pk for ticket in rows]
    tickets = Ticket.objects.order_by("id")
    with account.session():
        ways = {
            "search": tickets.filter(created_after=START),
            "search export": tickets.all(),
            "changes": Ticket.objects.changed_since(0),
            "ids": tickets.filter(id__in=pks),
            "list": tickets.fresh(),
            "list of a user": tickets.fresh().filter(requester=user),
        }
        expected = {name: pks[1:] if name.startswith("list") else pks for name in ways}
        first = {name: [ticket.pk for ticket in query] for name, query in ways.items()}
        again = {name: [ticket.pk for ticket in query.all()] for name, query in ways.items()}
        counts = {name: int(query.all().count()) for name, query in ways.items()}

    assert first == expected
    assert again == expected
    assert counts == {name: len(pks) for name, pks in expected.items()}
    for ticket in rows:
        ticket.delete()
    # Archived tickets are not listed after their deletion.
    assert {ticket.pk for ticket in Ticket.deleted.all()} == set(pks[1:])
    assert len(Ticket.deleted.filter(support_type_scope="agent")) == 1


def test_tickets_of_ai_agents_are_a_choice(account, emulator, count_requests):
    """A condition selects the tickets of agents, of AI agents or of both, with one request."""
    emulator.make(Ticket, 2)
    (robot,) = emulator.make(Ticket, 1, support_type="ai_agent")
    tickets = Ticket.objects.fresh()
    scopes = {"agent": 2, "ai_agent": 1, "all": 3}
    with count_requests(account, 3):
        counts = {scope: len(tickets.filter(support_type_scope=scope)) for scope in scopes}
    emulator.switches.ai_agents_in_lists = False

    assert counts == scopes
    assert len(tickets.filter(requester=robot.requester_id)) == 0
