"""Queries whose values are other queries, which SQL computes in the same statement."""

from __future__ import annotations

import pytest

from zendesk_orm import Ticket, User


def _list_statements(warehouse, queryset):
    """Return the statements that read tickets while a query is iterated."""
    statements, run = [], warehouse.executor.run

    def record(sql):
        statements.append(sql)
        return run(sql)

    warehouse.executor.run = record
    list(queryset)
    warehouse.executor.run = run
    return [sql for sql in statements if "LIMIT" in sql]


@pytest.mark.parametrize("loader", ["native", "fivetran", "airbyte"])
def test_ids_of_a_subquery_do_not_replace_the_order(warehouses, demo_rows, loader):
    """Rows that a subquery selects by id have the default order, and a slice is that of SQL."""
    tickets = Ticket.objects.using(loader)
    solved = [row for row in demo_rows[Ticket] if row["status"] == "solved"]
    expected = sorted((row["id"] for row in solved), reverse=True)

    selected = tickets.filter(id__in=tickets.filter(status="solved"))

    assert [ticket.id for ticket in selected.order_by("-id")] == expected
    default = [ticket.id for ticket in tickets.filter(status="solved")]
    assert sorted(ticket.id for ticket in selected) == sorted(default)
    assert [ticket.id for ticket in selected.all()[5:9]] == [ticket.id for ticket in selected][5:9]
    assert _list_statements(warehouses[loader], selected.all()[5:9])[-1].endswith(
        "LIMIT 4 OFFSET 5"
    )


@pytest.mark.parametrize("loader", ["native", "fivetran", "airbyte"])
def test_related_rows_are_selected_in_one_statement(warehouses, demo_rows, loader):
    """A span over a relation, and a query as the value of a relation, select the same rows."""
    person = demo_rows[User][5]
    expected = {row["id"] for row in demo_rows[Ticket] if row["requester_id"] == person["id"]}
    tickets, users = Ticket.objects.using(loader), User.objects.using(loader)

    by_span = tickets.filter(requester__email=person["email"])
    by_query = tickets.filter(requester__in=users.filter(email=person["email"]))

    assert {ticket.id for ticket in by_span} == expected
    assert {ticket.id for ticket in by_query} == expected
