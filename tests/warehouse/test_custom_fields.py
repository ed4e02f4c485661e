"""Custom fields in columns, in JSON and in tables of their values, compared by their kinds."""

from __future__ import annotations

from collections import Counter
from datetime import date

import duckdb
import psycopg
import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.custom_fields import LOADERS, ROWS, load_custom_fields
from tests.warehouse.predicates import combine
from zendesk_orm import (
    Avg,
    Count,
    CustomField,
    Max,
    Min,
    NoEndpoint,
    Q,
    Sum,
    Ticket,
    connect_warehouse,
)
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.ordering import arrange


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def databases(request):
    """Databases without a live account, by the name of the loader."""
    opened = {}
    for name, loader in LOADERS.items():
        if request.param == "duckdb":
            opened[name] = duckdb.connect()
            load_custom_fields(opened[name].execute, loader, "?", "JSON")
            continue
        dsn = request.getfixturevalue("postgres_dsn")
        opened[name] = psycopg.connect(dsn, autocommit=True)
        opened[name].execute(f"CREATE SCHEMA custom_{name}")
        opened[name].execute(f"SET search_path = custom_{name}")
        load_custom_fields(opened[name].execute, loader, "%s", "JSONB")
    yield opened
    for name, database in opened.items():
        if request.param == "postgres":
            database.execute(f"DROP SCHEMA custom_{name} CASCADE")
        database.close()


@pytest.fixture
def warehouses(databases):
    """Warehouses by the name of the loader."""
    return {
        name: connect_warehouse(database, layout=LOADERS[name].layout, live=None, alias=name)
        for name, database in databases.items()
    }


def _compare(name, values, lookups):
    return st.tuples(st.sampled_from(lookups), st.sampled_from(values)).map(
        lambda pair: Q(**{f"custom_fields__{name}__{pair[0]}": pair[1]})
    )


_ORDERED = ("exact", "gt", "gte", "lt", "lte")
_DAYS = [date(2026, month, day) for month in (1, 2, 3) for day in (10, 13, 16)]
_TEXTS = ("A1", "a", "strasse", "STRASSE", "ß", "%", "\\", "[", "")
_OWNERS = [9_007_199_254_740_993 + number for number in (0, 1, 4, 7)]
_CONDITIONS = st.one_of(
    _compare("Order number", _TEXTS, ("exact", "contains", "icontains", "iexact", "istartswith")),
    _compare("Order number", _TEXTS, ("endswith", "iendswith", "gt", "lte")),
    _compare("Colour", ["colour_red", "colour_blue"], ("exact",)),
    _compare("Under warranty", [True, False], ("exact",)),
    _compare("Delivery", _DAYS, _ORDERED),
    _compare("Seats", range(-4, 10), _ORDERED),
    _compare("Amount", [0.25, 2, 2.5, 7.75, 100], _ORDERED),
    _compare("Parts", ["part_a", "part_b", "part_c"], ("exact",)),
    _compare("Owner", _OWNERS, ("exact",)),
    st.lists(st.sampled_from(range(-3, 9)), max_size=3).map(
        lambda many: Q(custom_fields__Seats__in=many)
    ),
    st.lists(st.sampled_from(["part_a", "part_b"]), max_size=2).map(
        lambda many: Q(custom_fields__Parts__in=many)
    ),
    st.tuples(
        st.sampled_from(("Colour", "Under warranty", "Delivery", "Seats", "Amount", "Parts")),
        st.booleans(),
    ).map(lambda pair: Q(**{f"custom_fields__{pair[0]}__isnull": pair[1]})),
    # By its id, without the definition; numbers may be texts.
    st.sampled_from([5, "5", 2.0]).map(lambda value: Q(custom_fields__45=value)),
)
_PREDICATES = combine(_CONDITIONS, max_leaves=3)
_ORDERS = st.sampled_from(
    ["Seats", "-Amount", "Delivery", "-Delivery", "Colour", "Order number", "-Order number"]
)


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(q=_PREDICATES, order=_ORDERS, name=st.sampled_from([*LOADERS]))
def test_custom_fields_are_compared_as_in_python(warehouses, q, order, name):
    """Rows and their order equal those of the same query in Python, wherever values are stored."""
    path = f"{'-' if order.startswith('-') else ''}custom_fields__{order.removeprefix('-')}"
    queryset = Ticket.objects.using(name).filter(q).order_by(path)
    query = queryset._resolved_query
    test = row_test(query.where, Ticket._meta)
    matching = [row for row in ROWS if test(row)]

    assert [ticket.id for ticket in queryset] == [
        row["id"] for row in arrange(query, matching, lambda row: row)
    ]
    assert queryset.count() == len(matching)


def test_values_of_custom_fields_are_those_of_zendesk(warehouses):
    """`values()`, `distinct()` and groups contain the values that Zendesk sends."""
    titles = ("Order number", "Colour", "Under warranty", "Delivery", "Seats", "Amount")
    for name in ("fivetran", "airbyte", "lakeflow"):
        rows = Ticket.objects.using(name)
        for place, title in enumerate(titles):
            path = f"custom_fields__{title}"
            expected = [row["custom_fields"][place]["value"] for row in ROWS]
            listed = list(rows.order_by("id").values_list(path, flat=True))
            groups = rows.values(path).annotate(number=Count("id"))
            counted = {value: expected.count(value) for value in expected}

            assert [(type(value), value) for value in listed] == [
                (type(value), value) for value in expected
            ]
            assert {group[path]: group["number"] for group in groups} == counted
            present = [value for value in expected if value is not None]
            assert rows.aggregate(Min(path), most=Max(path), kinds=Count(path, distinct=True)) == {
                f"{path}__min": min(present),
                "most": max(present),
                "kinds": len({*present}),
            }
            assert rows.values(path).distinct().count() == len(counted)
            assert [*rows.order_by("id").values_list(path, flat=True).distinct()] == [*counted]
        seats, amounts = (
            [row["custom_fields"][place]["value"] for row in ROWS] for place in (4, 5)
        )
        sums = rows.aggregate(Sum("custom_fields__Seats"), mean=Avg("custom_fields__Amount"))
        present = [value for value in amounts if value is not None]
        assert sums == {
            "custom_fields__Seats__sum": sum(value or 0 for value in seats),
            "mean": pytest.approx(sum(present) / len(present)),
        }
        large, last = Q(custom_fields__Seats__gt=4), "custom_fields__Delivery"
        chosen = rows.filter(large)
        assert rows.aggregate(
            number=Count("id", filter=large), last=Max(last, filter=large)
        ) == chosen.aggregate(number=Count("id"), last=Max(last))
        assert 0 < chosen.count() < rows.count()
        with pytest.raises(NoEndpoint, match="custom_fields__41 cannot be added up"):
            rows.aggregate(Sum("custom_fields__Order number"))
        assert rows.get(id=2).custom["Parts"] == ["part_b", "part_c"]
        assert rows.get(id=2).custom["Delivery"] == date(2026, 3, 12)


def test_rows_of_values_are_read_as_zendesk_sends_them(warehouses):
    """Values that have a row each are numbers, truth values and lists, as their fields are."""
    rows = Ticket.objects.using("rows")
    for ticket, sent in zip(rows.order_by("id"), ROWS, strict=True):
        values = {item["id"]: item["value"] for item in sent["custom_fields"]}
        read = {item["id"]: item["value"] for item in ticket.custom_fields}
        assert read == {pk: value for pk, value in values.items() if value not in (None, [])}
    with pytest.raises(NoEndpoint, match="cannot be grouped"):
        list(rows.values("custom_fields__Parts").annotate(number=Count("id")))


def test_values_need_no_definitions(databases, caplog):
    """Without definitions, values in JSON are compared and grouped by their ids, not ordered.

    sqlglot, which writes the SQL, does not warn about paths that are none.
    """
    for name, rows in databases.items():
        if name not in ("airbyte", "lakeflow"):
            continue
        layout = evolve(LOADERS[name].layout, definitions={"TicketField": "missing"})
        connect_warehouse(rows, layout=layout, live=None, alias="undefined")
        tickets = Ticket.objects.using("undefined")
        for pk, value in ((41, "A1"), (41, "[x"), (43, True), (45, 5), (46, 2.5), (47, "part_a")):
            stored = [item["value"] for row in ROWS for item in row["custom_fields"]]
            values = stored[pk - 41 :: 8]
            path = f"custom_fields__{pk}"
            expected = sum(item in (value, [value]) for item in values)
            assert 0 < tickets.filter(**{path: value}).count() == expected
            assert list(tickets.order_by("id").values_list(path, flat=True)) == values
            groups = tickets.values(path).annotate(number=Count("id"))
            assert {repr(group[path]): group["number"] for group in groups} == Counter(
                map(repr, values)
            )
            for order in (tickets.order_by(path), tickets.order_by(f"-{path}")):
                with pytest.raises(NoEndpoint, match=r"'missing'.*load that table"):
                    list(order)
    assert caplog.records == []


def test_lists_of_options_have_no_order(warehouses):
    """An order by a field with several options is refused, and names the field."""
    for name in LOADERS:
        with pytest.raises(NoEndpoint, match="custom_fields__47 has no order"):
            list(Ticket.objects.using(name).order_by("custom_fields__Parts"))


def test_declared_fields_are_converted(warehouses):
    """Declared custom fields are named by their attributes, and dates are dates."""

    class Order(Ticket):
        delivery = CustomField[date | None]("Delivery")

    values = [row["custom_fields"][3]["value"] for row in ROWS]
    days = sorted(date.fromisoformat(value) for value in values if value is not None)
    for name in ("fivetran", "airbyte", "lakeflow"):
        orders = Order.objects.using(name)
        is_late = Q(delivery__gte=days[5])
        groups = orders.values("status").annotate(
            last=Max("delivery"),
            late=Count("id", filter=is_late),
            first=Min("delivery", filter=is_late),
        )
        expected = {"status": "open", "last": days[-1], "late": len(days[5:]), "first": days[5]}

        assert orders.aggregate(first=Min("delivery")) == {"first": days[0]}
        assert list(groups) == [expected]
        assert groups._group_rows() == [expected]
        assert orders.filter(delivery__lt=days[5]).count() == sum(day < days[5] for day in days)
        assert orders.get(id=2).delivery == date(2026, 3, 12)
