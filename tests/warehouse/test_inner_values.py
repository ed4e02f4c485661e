"""Values inside JSON objects, which no definition declares, are compared by their kinds."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timezone

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.conftest import ENGINES
from tests.warehouse.predicates import combine
from zendesk_orm import Count, Max, Min, Q, Ticket, connect_warehouse
from zendesk_orm.query.aggregates import compute
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.ordering import arrange
from zendesk_orm.warehouse import layouts


#: The values of each key, all of one kind; `mixed` has several.
VALUES = {
    "number": (10, 9, -1, 2.5, 100, 0, None, 9.0, 1e20, 25),
    "text": ("10", "9", "B", "a", "é", "", "true", "1.5", None, '{"x": 1}'),
    "flag": (True, False, None),
    "day": ("2026-01-10", "2026-01-09", "2025-12-31", None),
    "moment": ("2026-01-10T09:00:00Z", "2026-01-10T10:00:00Z", "2025-12-31T23:59:59Z", None),
    "mixed": (10, "10", 9, "9", True, "true", False, None, "a", {"x": 1}, [1], "2026-01-10"),
}
KEYS = ("number", "text", "flag", "day", "moment")
ROWS = [
    {"id": number, "via": {key: values[number % len(values)] for key, values in VALUES.items()}}
    for number in range(1, 61)
]
_TYPES = {"duckdb": "JSON", "postgres": "JSONB"}


@pytest.fixture(scope="module", params=ENGINES)
def database(request):
    """A database with the rows, whose objects are JSON; in Spark, they are texts."""
    texts = [(row["id"], json.dumps(row["via"])) for row in ROWS]
    if request.param == "spark":
        session = request.getfixturevalue("spark").newSession()
        session.createDataFrame(texts, "id BIGINT, via STRING").createOrReplaceTempView("tickets")
        yield session
        return
    if request.param == "duckdb":
        opened, sign, schema = duckdb.connect(), "?", "inner_values"
    else:
        dsn = request.getfixturevalue("postgres_dsn")
        opened, sign = psycopg.connect(dsn, autocommit=True), "%s"
        schema = f"inner_values_{os.getpid()}"
    cursor = opened.cursor()
    cursor.execute(f"CREATE SCHEMA {schema}")
    cursor.execute(f"CREATE TABLE {schema}.tickets (id BIGINT, via {_TYPES[request.param]})")
    cursor.executemany(f"INSERT INTO {schema}.tickets VALUES ({sign}, {sign})", texts)
    for connection in (opened, cursor):
        connection.execute(f"SET search_path = {schema}")
    yield opened
    cursor.execute(f"DROP SCHEMA {schema} CASCADE")
    opened.close()


@pytest.fixture
def tickets(database):
    """The tickets of the database."""
    connect_warehouse(database, layout=layouts.native(), live=None)
    return Ticket.objects.using("warehouse")


def _compare(values, lookups=("exact", "gt", "gte", "lt", "lte"), keys=tuple(VALUES)):
    return st.tuples(st.sampled_from(keys), st.sampled_from(lookups), st.sampled_from(values)).map(
        lambda parts: Q(**{f"via__{parts[0]}__{parts[1]}": parts[2]})
    )


_MOMENTS = [datetime(2026, 1, 10, hour, tzinfo=timezone.utc) for hour in (8, 9, 10)]
_CONDITIONS = st.one_of(
    _compare([9, 10, 2.5, 0, -1, 1e20, 24]),
    _compare([True, False], ("exact",)),
    _compare(["9", "10", "a", "true", "false", "", "{", "1.5", "é"]),
    _compare(["9", "a", "tru", ""], ("contains", "istartswith"), ("text", "number", "mixed")),
    _compare(_MOMENTS, keys=("moment", "flag")),
    _compare([date(2026, 1, 10), date(2026, 1, 9)], keys=("day", "flag")),
    _compare([[9, 10], ["9", True], ["true"], [False, 2.5]], ("in",)),
    _compare([True, False], ("isnull",)),
)
_PREDICATES = combine(_CONDITIONS, max_leaves=3)


@pytest.mark.slow
@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(q=_PREDICATES, key=st.sampled_from(KEYS), sign=st.sampled_from(["", "-"]))
def test_values_inside_json_are_compared_as_in_python(tickets, q, key, sign):
    """Rows, their order and the extremes of their values equal those of Python."""
    path = f"via__{key}"
    rows = tickets.filter(q).order_by(f"{sign}{path}")
    test = row_test(rows.query.where, Ticket._meta)
    matching = [row for row in ROWS if test(row)]
    expected = [row["id"] for row in arrange(rows.query, matching, lambda row: row)]
    values = [row["via"][key] for row in matching]
    low, high = compute(Ticket, Min(path), values), compute(Ticket, Max(path), values)
    extremes = tickets.filter(q).aggregate(low=Min(path), high=Max(path), number=Count("id"))
    # The same rows, chosen within the aggregates.
    chosen = tickets.aggregate(low=Min(path, filter=q), high=Max(path, filter=q))

    assert list(rows.values_list("id", flat=True)) == expected
    assert extremes == {"low": low, "high": high, "number": len(matching)}
    assert chosen == {"low": low, "high": high}
    assert [type(extremes[name]) is bool for name in chosen] == [
        type(value) is bool for value in (low, high)
    ]


def test_values_of_several_kinds_have_an_order(tickets):
    """Numbers come before truth values, and these before texts; objects and gaps come last."""
    keys = [row["via"]["mixed"] for row in ROWS[:12]]
    rows = tickets.filter(id__lte=12)
    chosen = [keys[pk - 1] for pk in rows.order_by("via__mixed").values_list("id", flat=True)]
    backwards = rows.order_by("-via__mixed").values_list("id", flat=True)

    assert chosen[:9] == [9, 10, False, True, "10", "2026-01-10", "9", "a", "true"]
    assert [keys[pk - 1] for pk in backwards] == chosen[::-1]
    assert rows.aggregate(Min("via__mixed"), Max("via__mixed")) == {
        "via__mixed__min": 9,
        "via__mixed__max": "true",
    }
