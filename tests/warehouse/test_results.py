"""The methods that return results, over rows that random conditions select."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warehouse.loading import LOADERS
from tests.warehouse.test_properties import _ORDERS, _PREDICATES, MANY
from zendesk_orm import Count, Max, Min, Q, Sum, Ticket, User, connect_warehouse
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.ordering import arrange
from zendesk_orm.warehouse import layouts


def _group(rows, key):
    return sorted(Counter(row[key] for row in rows).items(), key=repr)


#: Methods of querysets, each with the same result from the selected rows in their order.
METHODS = {
    "first": (lambda q: _id(q.first()), lambda rows: rows[0]["id"] if rows else None),
    "last": (lambda q: _id(q.last()), lambda rows: rows[-1]["id"] if rows else None),
    "reverse": (
        lambda q: [ticket.id for ticket in q.reverse()],
        lambda rows: [row["id"] for row in rows][::-1],
    ),
    "reverse slice": (
        lambda q: [ticket.id for ticket in q.reverse()[2:7]],
        lambda rows: [row["id"] for row in rows][::-1][2:7],
    ),
    "iterator": (
        lambda q: [ticket.id for ticket in q.iterator()],
        lambda rows: [row["id"] for row in rows],
    ),
    "in_bulk": (
        lambda q: {pk: ticket.status for pk, ticket in q.in_bulk([1, 2, 5, 2999, 10**12]).items()},
        lambda rows: {r["id"]: r["status"] for r in rows if r["id"] in (1, 2, 5, 2999)},
    ),
    "values": (
        lambda q: [*q.values("id", "type", "requester_id")],
        lambda rows: [
            {"id": row["id"], "type": row["type"], "requester_id": row["requester_id"]}
            for row in rows
        ],
    ),
    "values_list of a relation": (
        lambda q: [*q.values_list("id", "assignee")],
        lambda rows: [(row["id"], row["assignee_id"]) for row in rows],
    ),
    "aggregate": (
        lambda q: q.aggregate(low=Min("id"), high=Max("id"), total=Sum("id"), number=Count("id")),
        lambda rows: {
            "low": min((row["id"] for row in rows), default=None),
            "high": max((row["id"] for row in rows), default=None),
            "total": sum(row["id"] for row in rows) if rows else None,
            "number": len(rows),
        },
    ),
    "aggregate of a slice": (
        lambda q: q[3:11].aggregate(low=Min("id"), number=Count("assignee")),
        lambda rows: {
            "low": min((row["id"] for row in rows[3:11]), default=None),
            "number": sum(row["assignee_id"] is not None for row in rows[3:11]),
        },
    ),
    "groups": (
        lambda q: sorted(
            (
                (group["status"], group["number"])
                for group in q.order_by().values("status").annotate(number=Count("id"))
            ),
            key=repr,
        ),
        lambda rows: _group(rows, "status"),
    ),
    "groups of nulls": (
        lambda q: sorted(
            (
                (group["priority"], group["number"])
                for group in q.order_by().values("priority").annotate(number=Count("id"))
            ),
            key=repr,
        ),
        lambda rows: _group(rows, "priority"),
    ),
    "exclude none": (
        lambda q: [ticket.id for ticket in q.exclude(id__in=[])],
        lambda rows: [row["id"] for row in rows],
    ),
    "none": (lambda q: [*q.filter(Q(id__in=[]) | Q(status__in=[]))], lambda rows: []),
    "contradiction": (lambda q: [*q.filter(priority=None).exclude(priority=None)], lambda r: []),
    "get of many": (
        lambda q: _id(q.filter(id=7).first()),
        lambda rows: next((row["id"] for row in rows if row["id"] == 7), None),
    ),
    "contains": (lambda q: q.filter(id=12).exists(), lambda r: any(x["id"] == 12 for x in r)),
}


def _id(ticket):
    return None if ticket is None else ticket.id


@pytest.mark.slow
@settings(MANY)
@given(
    q=_PREDICATES,
    other=_PREDICATES,
    order=_ORDERS,
    name=st.sampled_from(sorted(METHODS)),
    loader=st.sampled_from([*LOADERS]),
)
def test_methods_return_the_results_of_the_rows_that_python_selects(
    warehouses, demo_rows, q, other, order, name, loader
):
    """Each method returns what the rows of the same query in Python give."""
    queryset = Ticket.objects.using(loader).filter(q).exclude(other).order_by(*order)
    test = row_test(queryset.query.where, Ticket._meta)
    selected = [row for row in demo_rows[Ticket] if test(row)]
    rows = list(arrange(queryset.query, selected, lambda row: row))
    method, expect = METHODS[name]

    assert method(queryset) == expect(rows)
    assert warehouses[loader].live.requests_sent == 0


@pytest.mark.slow
@settings(MANY)
@given(q=_PREDICATES, loader=st.sampled_from([*LOADERS]))
def test_subqueries_and_prefetched_rows_are_those_of_python(warehouses, demo_rows, q, loader):
    """`__in` of a query, and rows that `prefetch_related()` reads, equal those of Python."""
    tickets = Ticket.objects.using(loader).filter(q)
    test = row_test(tickets.query.where, Ticket._meta)
    people = {row["requester_id"] for row in demo_rows[Ticket] if test(row)}
    present = {row["id"] for row in demo_rows[User] if row["active"] is not False}
    users = User.objects.using(loader)
    chosen = users.filter(id__in=tickets.values("requester"))
    excluded = users.exclude(id__in=tickets.values_list("requester_id", flat=True))

    # The same rows through the relation to many.
    spanned = users.filter(requested_tickets__in=tickets)

    assert {user.id for user in chosen} == people & present
    assert {user.id for user in spanned} == people & present
    assert chosen.count() == len(people & present)
    assert {user.id for user in excluded} == present - people
    for user in chosen.order_by("id").prefetch_related("requested_tickets")[:5]:
        expected = {r["id"] for r in demo_rows[Ticket] if r["requester_id"] == user.id}
        assert {ticket.id for ticket in user.requested_tickets.all()} == expected
    assert warehouses[loader].live.requests_sent == 0


def test_asynchronous_queries_read_the_rows_of_others(warehouses, demo_rows):
    """`async for` and the methods of asyncio return what the others return, without requests."""
    ids = [row["id"] for row in demo_rows[Ticket]]

    async def read(rows):
        first = await rows.aget(id=ids[0])
        groups = rows.values("status").annotate(number=Count("id"))
        assert [group async for group in groups] == list(groups)
        assert (await groups.acount(), await groups.afirst()) == (len(groups), groups[0])
        return (
            [ticket.id async for ticket in rows.order_by("id")],
            await rows.acount(),
            (first.id, first.requester.name),
            [value async for value in rows.values_list("id", flat=True).order_by("id")[:3]],
            await rows.aaggregate(most=Max("id")),
            await asyncio.gather(*(rows.filter(id=pk).acount() for pk in ids[:20])),
        )

    people = {row["id"]: row["name"] for row in demo_rows[User]}
    name = next(people[row["requester_id"]] for row in demo_rows[Ticket])
    for loader, warehouse in warehouses.items():
        assert asyncio.run(read(Ticket.objects.using(loader))) == (
            sorted(ids),
            len(ids),
            (ids[0], name),
            sorted(ids)[:3],
            {"most": max(ids)},
            [1] * 20,
        )
        assert warehouse.live.requests_sent == 0


def test_queries_over_a_database_are_logged(duckdb_databases, caplog):
    """The log of a query names SQL as its plan, whatever is read."""
    connect_warehouse(
        duckdb_databases["native"], layout=layouts.native(), live=None, alias="logged"
    )
    caplog.set_level(logging.DEBUG, "zendesk_orm")
    tickets = Ticket.objects.using("logged")

    reads = [lambda: list(tickets[:2]), tickets.count, tickets.exists, tickets.first]
    reads += [lambda: list(tickets.values("id")[:2]), lambda: tickets.aggregate(Max("id"))]
    for read in [*reads, lambda: list(tickets.values("status").annotate(number=Count("id")))]:
        caplog.clear()
        read()
        lines = [record.message for record in caplog.records if "Ticket" in record.message]
        assert len(lines) == 2, lines
        assert "SQL, 0 requests planned" in lines[0]
        assert "ended" in lines[1]
