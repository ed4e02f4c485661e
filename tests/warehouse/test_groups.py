"""Groups of rows: `values(...).annotate(...)`, client-side and in SQL."""

from __future__ import annotations

import asyncio
import json

import duckdb
import pytest

from zendesk_orm import (
    Avg,
    Count,
    FieldError,
    InvalidValue,
    Max,
    Min,
    NoEndpoint,
    Q,
    Ticket,
    connect,
    connect_warehouse,
)
from zendesk_orm.warehouse import layouts


QUERIES = [
    lambda rows: rows.values("status").annotate(number=Count("id")),
    lambda rows: rows.values("status", "priority").annotate(Count("id"), last=Max("created_at")),
    lambda rows: rows.values("created_at__date").annotate(number=Count("id")),
    lambda rows: rows.values("created_at__month").annotate(first=Min("id")),
    lambda rows: rows.values("created_at__week_day").annotate(number=Count("*")),
    lambda rows: rows.values("group__name").annotate(number=Count("id"), worst=Max("priority")),
    lambda rows: rows.values("type").annotate(first=Min("subject"), last=Max("subject")),
    lambda rows: rows.values("via__channel", "priority").annotate(number=Count("id")),
    lambda rows: rows.order_by("id").distinct("status", "type").values("type").annotate(Max("id")),
    lambda rows: rows.values("requester").annotate(kinds=Count("type", distinct=True)),
    lambda rows: rows.exclude(status="closed").values("group").annotate(mean=Avg("id")),
    lambda rows: rows.values("group").annotate(
        urgent=Count("id", filter=Q(priority="urgent") & ~Q(status="closed")),
        mean=Avg("id", filter=Q(tags__in=["vip", "refund"])),
        last=Max("priority", filter=Q(created_at__month=11)),
    ),
    lambda rows: rows.none().values("status").annotate(number=Count("id")),
]


@pytest.mark.slow
@pytest.mark.parametrize("loader", ["native", "fivetran", "airbyte", "dlt", "lakeflow"])
def test_groups_of_a_database_equal_those_computed_client_side(warehouses, loader):
    """The database groups rows as Python does, in the same order."""
    rows, complete = Ticket.objects.using(loader), Ticket.objects.using("native")
    for build in QUERIES:
        groups = build(rows)
        client_side = build(complete)._group_rows()

        assert sorted(map(repr, groups)) == sorted(map(repr, client_side))


def test_groups_are_ordered_by_their_values_and_aggregates(warehouses):
    """Without an order, groups are in that of their values; `order_by()` names aggregates, too."""
    groups = Ticket.objects.using("native").values("priority").annotate(number=Count("id"))

    assert [group["priority"] for group in groups] == ["high", "low", "normal", "urgent", None]
    numbers = [group["number"] for group in groups.order_by("-number")]
    assert numbers == sorted(numbers, reverse=True)
    assert groups.count() == len(groups) == 5


def test_groups_are_filtered_by_values_and_aggregates(warehouses):
    """`filter()` and `exclude()` of groups compare values, as `HAVING` does."""
    groups = Ticket.objects.using("native").values("status", "priority")
    groups = groups.annotate(number=Count("id"), last=Max("created_at"))
    rows = list(groups)
    middle = sorted(row["number"] for row in rows)[len(rows) // 2]
    last = max(row["last"] for row in rows)
    cases = [
        (groups.filter(number__gte=middle), lambda row: row["number"] >= middle),
        (groups.exclude(number__gte=middle), lambda row: row["number"] < middle),
        (groups.filter(priority=None), lambda row: row["priority"] is None),
        (groups.exclude(priority__gt="a"), lambda row: row["priority"] is None),
        (groups.filter(status__in=iter(["new"])), lambda row: row["status"] == "new"),
        (
            groups.filter(Q(status="new") | Q(number__range=(1, middle)), last__lt=last),
            lambda row: (
                (row["status"] == "new" or 1 <= row["number"] <= middle) and row["last"] < last
            ),
        ),
    ]
    for chosen, test in cases:
        expected = [row for row in rows if test(row)]
        assert list(chosen) == expected
        assert chosen.count() == len(expected)
        assert chosen.exists() is bool(expected)
        assert chosen.last() == (expected[-1] if expected else None)
    by_number = groups.filter(number__gt=0).order_by("-number")
    assert by_number.exclude(status="closed").order_by("number").first()["number"] > 0


def test_groups_are_read_by_asyncio():
    """`async for` computes the groups in a thread."""
    connect("emulator://?seed=demo")
    groups = Ticket.objects.scan().values("status").annotate(number=Count("id"))

    async def read():
        return [group async for group in groups.filter(number__gt=100)], await groups.acount()

    chosen, number = asyncio.run(read())
    assert chosen == list(groups.filter(number__gt=100))
    assert number == 6


def test_groups_of_an_account_need_scan():
    """All rows of a large model are read only if `scan()` allows it."""
    connect("emulator://?seed=demo")
    groups = Ticket.objects.values("status").annotate(number=Count("id"))

    with pytest.raises(NoEndpoint, match="scan"):
        list(groups)

    scanned = Ticket.objects.scan().values("status").annotate(number=Count("id"))
    assert sum(group["number"] for group in scanned) == 3000


def test_wrong_groups_are_refused(warehouses):
    """A clear error names values that do not exist, before anything is read."""
    rows = Ticket.objects.using("native")

    with pytest.raises(FieldError, match="values"):
        rows.annotate(number=Count("id"))
    with pytest.raises(FieldError, match="already"):
        rows.values("status").annotate(status=Count("id"))
    with pytest.raises(InvalidValue, match="Count"):
        rows.values("status").annotate(number=1)
    with pytest.raises(InvalidValue, match="Q object"):
        rows.aggregate(Count("id", filter={"status": "open"}))
    groups = rows.values("status").annotate(number=Count("id"))
    with pytest.raises(FieldError, match="numbr"):
        groups.order_by("-numbr")
    for lookups in ({"numbr": 1}, {"number__gtt": 1}, {"number__regex": "1"}):
        with pytest.raises(FieldError):
            groups.filter(**lookups)
    wrong = [{"number__in": 5}, {"number__in": "15"}, {"number__range": (1,)}]
    for lookups in [*wrong, {"number__isnull": 1}, {"number__gt": None}]:
        with pytest.raises(InvalidValue, match=r"must be|None cannot be compared"):
            groups.filter(**lookups)
    with pytest.raises(InvalidValue, match="cannot be compared"):
        list(groups.filter(number__gt="5"))


def test_groups_of_values_of_several_types_are_ordered():
    """Objects, and custom fields with several types of JSON, have an order, too."""
    database = duckdb.connect()
    database.execute("CREATE TABLE tickets (id BIGINT, via JSON, custom_fields JSON)")
    values = (5, "b", None, True, 2.5, ["a"], {"a": 1}, "a", False)
    for number, value in enumerate(values):
        fields = [{"id": 41, "value": value}]
        row = [number, json.dumps({"channel": value}), json.dumps(fields)]
        database.execute("INSERT INTO tickets VALUES (?, ?, ?)", row)
    connect_warehouse(database, layout=layouts.airbyte(), live=None, alias="mixed")
    rows = Ticket.objects.using("mixed")

    for path in ("via__channel", "custom_fields__41"):
        groups = list(rows.values(path).annotate(number=Count("id")))
        expected = [2.5, 5, False, True, "a", "b"]
        assert [group[path] for group in groups][:6] == expected
        assert groups[-1][path] is None
    assert len(rows.values("via").annotate(number=Count("id"))) == len(values)


def test_no_aggregates_have_no_results(warehouses):
    """`aggregate()` without arguments returns no results, and runs no statement."""
    assert Ticket.objects.using("native").aggregate() == {}


def test_conditions_of_aggregates_span_relations(warehouses):
    """The database reads the related rows that the condition of an aggregate compares."""
    matching = Q(requester__name__icontains="e")
    for loader in warehouses:
        rows = Ticket.objects.using(loader)
        groups = rows.values("status").annotate(number=Count("id", filter=matching))
        expected = dict.fromkeys(rows.values_list("status", flat=True).distinct(), 0)
        chosen = rows.filter(matching).values("status").annotate(number=Count("id"))
        expected |= {group["status"]: group["number"] for group in chosen}

        assert {group["status"]: group["number"] for group in groups} == expected
        assert rows.aggregate(number=Count("id", filter=matching)) == {
            "number": sum(expected.values())
        }
        assert sum(expected.values()) > 0


def test_aggregates_with_conditions_are_counted_by_requests(count_requests):
    """An account counts the rows of each condition, in one request each, without reading them."""
    account = connect("emulator://?seed=demo")
    figures = {"new": Count("id", filter=Q(status="new")), "number": Count("*")}

    with count_requests(account, 2):
        assert Ticket.objects.aggregate(**figures) == {"new": 35, "number": 3000}
    rows = Ticket.objects.filter(id__in=range(1, 51))
    urgent = [ticket.id for ticket in rows if ticket.priority == "urgent"]
    with count_requests(account, 1):
        assert rows.all().aggregate(
            urgent=Count("id", filter=Q(priority="urgent")),
            mean=Avg("id", filter=Q(priority="urgent")),
            first=Min("id", filter=Q(priority="urgent")),
        ) == {"urgent": len(urgent), "mean": sum(urgent) / len(urgent), "first": min(urgent)}
