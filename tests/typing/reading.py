"""What a type checker knows of queries and records. Checked, never run."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from typing_extensions import assert_type

from zendesk_orm import Account, Comment, Manager, Organization, Q, Ticket, User, connect
from zendesk_orm.plan.plan import Plan, Union


account = connect("emulator://")
assert_type(account, Account)


# -- queries -----------------------------------------------------------------

assert_type(Ticket.objects, Manager[Ticket])
assert_type(Ticket.objects.all(), Manager[Ticket])
assert_type(Ticket.objects.filter(status="new"), Manager[Ticket])
assert_type(Ticket.objects.filter(Q(status="new") | Q(tags="vip")), Manager[Ticket])
assert_type(Ticket.objects.exclude(status="new"), Manager[Ticket])
assert_type(Ticket.objects.order_by("-created_at"), Manager[Ticket])
assert_type(Ticket.objects.select_related("requester"), Manager[Ticket])
assert_type(Ticket.objects.fresh(), Manager[Ticket])
assert_type(Ticket.objects.using("emea"), Manager[Ticket])
assert_type(Ticket.objects.filter(status="new")[0:5], Manager[Ticket])
assert_type(Ticket.objects.filter(status="new")[0], Ticket)
assert_type(Ticket.objects.get(1), Ticket)
assert_type(Ticket.objects.first(), Ticket | None)
assert_type(Ticket.objects.last(), Ticket | None)
assert_type(Ticket.objects.count(), int)
assert_type(Ticket.objects.exists(), bool)
assert_type(Ticket.objects.create(subject="Help"), Ticket)
assert_type(Ticket.objects.in_bulk([1, 2]), dict[Any, Ticket])
assert_type(Ticket.objects.filter(status="new").plan, Plan | Union)
assert_type(Ticket.objects.filter(status="new").explain(), str)
assert_type(next(iter(Ticket.objects.all())), Ticket)
assert_type(list(Ticket.objects.iterator()), list[Ticket])


# -- fields ------------------------------------------------------------------

ticket = Ticket.objects.get(1)
assert_type(ticket.id, int)
assert_type(ticket.subject, str | None)
assert_type(ticket.created_at, datetime)
assert_type(ticket.due_at, datetime | None)
assert_type(ticket.tags, list[str])
assert_type(ticket.priority, Literal["low", "normal", "high", "urgent"] | None)


# -- relations ---------------------------------------------------------------

assert_type(ticket.requester, User)
assert_type(ticket.requester_id, int)
assert_type(ticket.requester.name, str)
assert_type(ticket.assignee, User | None)
assert_type(ticket.assignee_id, int | None)
assert_type(ticket.organization, Organization | None)
assert_type(ticket.comments, Manager[Comment])
assert_type(ticket.requester.requested_tickets, Manager[Ticket])
assert_type(ticket.requester.requested_tickets.filter(status="new").first(), Ticket | None)
