"""Types of queries and records. Type checkers check this module; it is never run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from typing_extensions import assert_type

from zendesk_orm import (
    Account,
    Comment,
    Count,
    Counted,
    ExportResult,
    Manager,
    Max,
    Organization,
    Prefetch,
    Q,
    QuerySet,
    TagList,
    Ticket,
    User,
    connect,
)
from zendesk_orm.plan.plan import Plan, UnionPlan
from zendesk_orm.queryset.iteration import AsyncRowIterator, RowIterator
from zendesk_orm.support.tickets.tickets import TicketManager


account = connect("emulator://")
assert_type(account, Account)


# -- queries -----------------------------------------------------------------

assert_type(Ticket.objects, TicketManager[Ticket])
assert_type(Ticket.objects.all(), TicketManager[Ticket])
assert_type(Ticket.objects.filter(status="new"), TicketManager[Ticket])
assert_type(Ticket.objects.filter(Q(status="new") | Q(tags="vip")), TicketManager[Ticket])
assert_type(Ticket.objects.exclude(status="new"), TicketManager[Ticket])
assert_type(Ticket.objects.order_by("-created_at"), TicketManager[Ticket])
assert_type(Ticket.objects.select_related("requester"), TicketManager[Ticket])
assert_type(Ticket.objects.fresh(), TicketManager[Ticket])
assert_type(Ticket.objects.using("emea"), TicketManager[Ticket])
assert_type(Ticket.objects.filter(status="new")[0:5], TicketManager[Ticket])
assert_type(Ticket.objects.filter(status="new")[0], Ticket)
assert_type(Ticket.objects.get(1), Ticket)
assert_type(Ticket.objects.first(), Ticket | None)
assert_type(Ticket.objects.last(), Ticket | None)
assert_type(Ticket.objects.count(), Counted)
assert_type(Ticket.objects.exists(), bool)
assert_type(Ticket.objects.create(subject="Help"), Ticket)
assert_type(Ticket.objects.in_bulk([1, 2]), dict[Any, Ticket])
assert_type(Ticket.objects.filter(status="new").plan, Plan | UnionPlan)
assert_type(Ticket.objects.filter(status="new").explain(), str)
assert_type(next(iter(Ticket.objects.all())), Ticket)
assert_type(list(Ticket.objects.iterator()), list[Ticket])


# -- queries, chained ----------------------------------------------------------

assert_type(
    Ticket.objects.filter(status="new").exclude(tags="vip").order_by("id").reverse()[5:9],
    TicketManager[Ticket],
)
assert_type(
    Ticket.objects.using("emea").fresh().page_size(50).max_requests(9).scan(limit=5).first(),
    Ticket | None,
)
assert_type(Ticket.objects.search("printer").raw("status:new").none().latest(), Ticket)
assert_type(Ticket.objects.select_related("requester").strict_loading()[0], Ticket)
assert_type(Ticket.objects.prefetch_related("comments", Prefetch("audits")).get(1), Ticket)
assert_type(Ticket.objects.defer("subject").only("id").distinct("status"), TicketManager[Ticket])
assert_type(Ticket.objects.filter(id=1) | Ticket.objects.filter(id=2), TicketManager[Ticket])
assert_type(Ticket.objects.filter(id=1) & Ticket.objects.filter(id=2), TicketManager[Ticket])
assert_type(Ticket.objects.filter(id=1) ^ Ticket.objects.filter(id=2), TicketManager[Ticket])
assert_type(Ticket.objects.all().union(Ticket.objects.none()), TicketManager[Ticket])
assert_type(Ticket.objects.all().intersection(Ticket.objects.none()), TicketManager[Ticket])
assert_type(Ticket.objects.all().difference(Ticket.objects.none()), TicketManager[Ticket])
assert_type(Ticket.objects.db_manager("emea"), TicketManager[Ticket])
assert_type(Ticket.objects.get_queryset(), TicketManager[Ticket])
assert_type(Ticket.objects.filter(status="new").iterator(), RowIterator[Ticket])
assert_type(Ticket.objects.contains(Ticket(id=1)), bool)
assert_type(Ticket.objects.ordered, bool)
assert_type(Ticket.objects.aggregate(Count("id"), newest=Max("created_at")), dict[str, Any])
assert_type(Ticket.objects.dates("created_at", "day"), list[date])
assert_type(Ticket.objects.datetimes("created_at", "hour"), list[datetime])


# -- values --------------------------------------------------------------------

assert_type(Ticket.objects.values("id", "status"), QuerySet[dict[str, Any]])
assert_type(Ticket.objects.values("id").filter(status="new")[:5], QuerySet[dict[str, Any]])
assert_type(Ticket.objects.values("id").first(), dict[str, Any] | None)
assert_type(list(Ticket.objects.values()), list[dict[str, Any]])
assert_type(Ticket.objects.values_list("id", "status"), QuerySet[Any])
assert_type(Ticket.objects.values_list("id", flat=True).order_by("id"), QuerySet[Any])
assert_type(Ticket.objects.values_list("id", named=True).count(), Counted)
assert_type(Ticket.objects.export("tickets.csv", overwrite=True), ExportResult)
assert_type(Ticket.objects.values("id").to_pandas(index="id", extra=False), Any)


# -- custom managers -----------------------------------------------------------


class TicketRows(QuerySet[Ticket]):
    """A manager of tickets with a custom method."""

    def vip(self) -> TicketRows:
        """Return the tickets with the tag `vip`."""
        return self.filter(tags="vip")


class Shown(Ticket):
    """A ticket with a custom manager and a second manager."""

    objects = TicketRows.as_manager()  # type: ignore[assignment] # no kind of the one before
    rows = TicketRows.as_manager()


assert_type(Shown.rows, TicketRows)
assert_type(Shown.rows.vip().filter(status="new").vip(), TicketRows)
assert_type(Shown.rows.vip().exclude(tags="x")[:5], TicketRows)
assert_type(Shown.rows.vip().first(), Ticket | None)
assert_type(Shown.rows.vip().values("id"), QuerySet[dict[str, Any]])
assert_type(Shown.objects, TicketRows)
assert_type(Shown.objects.vip().filter(status="new").first(), Ticket | None)


# -- asyncio -------------------------------------------------------------------


async def read() -> None:
    """Read queries asynchronously."""
    assert_type(await Ticket.objects.aget(1), Ticket)
    assert_type(await Ticket.objects.filter(status="new").afirst(), Ticket | None)
    assert_type(await Ticket.objects.alast(), Ticket | None)
    assert_type(await Ticket.objects.alatest(), Ticket)
    assert_type(await Ticket.objects.acount(), Counted)
    assert_type(await Ticket.objects.aexists(), bool)
    assert_type(await Ticket.objects.ain_bulk([1]), dict[Any, Ticket])
    assert_type(await Ticket.objects.aaggregate(Count("id")), dict[str, Any])
    assert_type(await Ticket.objects.acreate(subject="Help"), Ticket)
    assert_type(await Ticket.objects.aexport("tickets.csv", resume=True), ExportResult)
    assert_type(Ticket.objects.aiterator(), AsyncRowIterator[Ticket])
    async for item in Ticket.objects.filter(status="new"):
        assert_type(item, Ticket)
    async for row in Ticket.objects.values("id"):
        assert_type(row, dict[str, Any])


# -- fields ------------------------------------------------------------------

ticket = Ticket.objects.get(1)
assert_type(ticket.id, int)
assert_type(ticket.subject, str | None)
assert_type(ticket.created_at, datetime)
assert_type(ticket.due_at, datetime | None)
assert_type(ticket.tags, TagList)
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
