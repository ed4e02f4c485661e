"""Random queries over SQL return the rows that Python selects, in the same order."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.warehouse.loading import LOADERS
from tests.warehouse.predicates import combine
from zendesk_orm import Count, F, Q, Ticket, User
from zendesk_orm.query.matching import row_test
from zendesk_orm.query.ordering import arrange
from zendesk_orm.query.projection import build_projection
from zendesk_orm.warehouse.rows import row_reader


#: The layout of each example is drawn, and fewer ones would not draw each of them often enough.
MANY = settings(
    max_examples=3 * settings().max_examples,
    suppress_health_check=list(HealthCheck),
    deadline=None,
)
_START = datetime(2026, 1, 1, tzinfo=timezone.utc)
_MOMENTS = st.integers(0, 330).map(lambda days: _START + timedelta(days=days))
_STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
_PRIORITIES = ("low", "normal", "high", "urgent")
_TAGS = ("refund", "printer", "export", "vip", "nowhere")
_TEXTS = ("printer", "Export", "fails", "on fire", "'", "%", "_", "\\", "é", "")

_PATTERNS = (
    *("^Printer", "[0-9]{2}", "FAILS$", "a.c", r"on.two", r"two\nlines$", r"\d+$", r"\bon\b"),
    *(r"caf\w\s", r"[\s\S]+\bS", r"\A100% \[", r"^\W", r"(?s)two.l", r"(?m)^lines", r"a{200}"),
    *(r"[^a-z]{4}", r"(Pri|Exp)[^\d]", r"x*$", r"\\ a_b\Z", "\u00e9"),
)
_LETTERS = (
    *("strasse", "stra\u00dfe", "STRASSE", "\u0130", "i", "s", "\u00e9cole", "FI", "\ufb01re"),
    *("\u03c2", "\u03a3\u038a", "k", "\u017e", "", "lait 12\n", "strasse \u00c9cole", "\u0131"),
)


def _draw_conditions():
    """Return the strategy of single conditions."""
    pks = range(1, 3001)
    people = range(6130830014080, 6130830062080, 128)
    return st.one_of(
        st.sampled_from(_STATUSES).map(lambda status: Q(status=status)),
        st.lists(st.sampled_from(_STATUSES), max_size=3).map(lambda many: Q(status__in=many)),
        st.sampled_from(_PRIORITIES).map(lambda priority: Q(priority=priority)),
        st.sampled_from(_PRIORITIES).map(lambda priority: Q(priority__gt=priority)),
        st.sampled_from(_STATUSES).map(lambda status: Q(status__lte=status)),
        st.sampled_from(_TAGS).map(lambda tag: Q(tags=tag)),
        st.lists(st.sampled_from(_TAGS), min_size=1, max_size=3).map(lambda m: Q(tags__in=m)),
        st.booleans().map(lambda empty: Q(tags__isnull=empty)),
        st.booleans().map(lambda empty: Q(priority__isnull=empty)),
        st.booleans().map(lambda empty: Q(assignee__isnull=empty)),
        st.sampled_from(people).map(lambda pk: Q(requester=pk)),
        st.lists(st.sampled_from(people), max_size=4).map(lambda many: Q(requester__in=many)),
        st.lists(st.sampled_from(pks), max_size=4).map(lambda many: Q(id__in=many)),
        st.sampled_from(pks).map(lambda pk: Q(id__gte=pk)),
        _MOMENTS.map(lambda moment: Q(created_at__gte=moment)),
        _MOMENTS.map(lambda moment: Q(updated_at__lt=moment)),
        _MOMENTS.map(lambda moment: Q(created_at__date=moment.date())),
        st.integers(1, 12).map(lambda month: Q(created_at__month=month)),
        st.integers(1, 7).map(lambda day: Q(created_at__week_day=day)),
        st.integers(1, 7).map(lambda day: Q(updated_at__iso_week_day=day)),
        st.integers(1, 53).map(lambda week: Q(created_at__week=week)),
        st.integers(1, 4).map(lambda quarter: Q(updated_at__quarter=quarter)),
        st.integers(0, 23).map(lambda hour: Q(created_at__hour=hour)),
        st.sampled_from(_TEXTS).map(lambda text: Q(subject__contains=text)),
        st.sampled_from(_TEXTS).map(lambda text: Q(subject__icontains=text)),
        st.sampled_from(_TEXTS).map(lambda text: Q(subject__istartswith=text)),
        st.sampled_from(_TEXTS).map(lambda text: Q(subject__endswith=text)),
        st.sampled_from(_PATTERNS).map(lambda pattern: Q(subject__regex=pattern)),
        st.sampled_from(["^printer", "fails$", "straSSe", "(?s)E.o"]).map(
            lambda text: Q(subject__iregex=text)
        ),
        st.tuples(
            st.sampled_from(["icontains", "iexact", "istartswith", "iendswith", "gt", "lte"]),
            st.sampled_from(_LETTERS),
        ).map(lambda pair: Q(**{f"subject__{pair[0]}": pair[1]})),
        st.sampled_from(["created_at", "due_at"]).map(lambda name: Q(updated_at=F(name))),
        st.just(Q(priority__lt=F("priority")) | Q(due_at__isnull=False)),
        st.sampled_from(range(2, 60, 9)).map(lambda hour: Q(created_at__time=time(hour % 24, 0))),
        st.sampled_from([2024, 2025, 2026]).map(lambda year: Q(created_at__iso_year=year)),
        st.sampled_from([2**63, -(2**63), 2**80]).map(lambda pk: Q(id__lt=pk)),
        st.sampled_from([2**63, 2**80]).map(lambda pk: Q(requester=pk)),
        st.just(Q(updated_at__gt=F("created_at"))),
        st.sampled_from(["requester", "assignee_id"]).map(lambda name: Q(submitter=F(name))),
        st.sampled_from(["web", "email", "api", "chat"]).map(lambda name: Q(via__channel=name)),
    )


_PREDICATES = combine(_draw_conditions())
_ORDERS = st.sampled_from(
    [
        ("id",),
        ("-id",),
        ("created_at",),
        ("-updated_at", "id"),
        ("priority",),
        ("-priority", "created_at"),
        ("status", "-id"),
        ("subject",),
        ("-subject",),
        ("assignee", "-created_at"),
        ("-type",),
    ]
)
_WINDOWS = st.tuples(st.integers(0, 30), st.none() | st.integers(1, 40))


@pytest.mark.slow
@settings(MANY)
@given(q=_PREDICATES, order=_ORDERS, window=_WINDOWS, loader=st.sampled_from([*LOADERS]))
def test_a_query_returns_the_rows_that_python_selects(
    warehouses, demo_rows, q, order, window, loader
):
    """Rows, their order and their number equal those of the same query in Python."""
    tickets = demo_rows[Ticket]
    start, size = window
    stop = None if size is None else start + size
    expected_query = Ticket.objects.filter(q).order_by(*order)[start:stop].query
    test = row_test(expected_query.where, Ticket._meta)
    matching = [row for row in tickets if test(row)]
    expected = [row["id"] for row in arrange(expected_query, matching, lambda row: row)]
    queryset = Ticket.objects.using(loader).filter(q).order_by(*order)

    assert [ticket.id for ticket in queryset[start:stop]] == expected
    assert queryset.count() == len(matching)
    assert queryset.exists() == bool(matching)
    # The same condition within an aggregate.
    numbers = Ticket.objects.using(loader).aggregate(number=Count("id", filter=q))
    assert numbers == {"number": len(matching)}
    assert warehouses[loader].live.requests_sent == 0


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(q=_PREDICATES, order=_ORDERS, window=_WINDOWS)
def test_cached_statements_equal_compiled_ones(warehouses, q, order, window):
    """The statement of a shape with the values of a query is the one that its values compile to."""
    start, size = window
    stop = None if size is None else start + size
    for loader in ("native", "dlt", "airbyte"):
        warehouse = warehouses[loader]
        planning = warehouse.current().planning
        rows = Ticket.objects.using(loader).filter(q).order_by(*order)
        query = warehouse.current().resolve_custom_fields(rows[start:stop].query)
        reader = row_reader(warehouse.catalogue.storage(Ticket))

        def columns(storage, alias, reader=reader):
            return reader.columns(alias)

        compiled = warehouse.to_sql(planning.compiler(query).select(query, columns))
        assert [planning.select(query, columns, reader) for _ in range(2)] == [compiled] * 2


_VALUES = st.sampled_from(
    [
        ("status",),
        ("priority", "type"),
        ("assignee",),
        ("created_at__date",),
        ("created_at__month", "status"),
        ("via__channel",),
        ("updated_at",),
    ]
)


@pytest.mark.slow
@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(
    q=_PREDICATES,
    order=_ORDERS,
    window=_WINDOWS,
    names=_VALUES,
    loader=st.sampled_from([*LOADERS]),
)
def test_distinct_returns_the_first_rows_that_python_selects(
    warehouses, demo_rows, q, order, window, names, loader
):
    """The first row of each combination of values, in order, and their number."""
    start, size = window
    stop = None if size is None else start + size
    query = Ticket.objects.filter(q).order_by(*order).query
    test = row_test(query.where, Ticket._meta)
    matching = [row for row in demo_rows[Ticket] if test(row)]
    to_values = build_projection(Ticket._meta, names, "tuple").function()
    expected = {}
    for row in arrange(query, matching, lambda row: row):
        expected.setdefault(to_values(Ticket.from_row(row)), row["id"])
    rows = Ticket.objects.using(loader).filter(q).order_by(*order)

    assert [*rows.values_list(*names).distinct()[start:stop]] == [*expected][start:stop]
    assert [ticket.id for ticket in rows.distinct(*names)] == [*expected.values()]
    assert rows.values(*names).distinct().count() == len(expected)
    assert rows.values(*names).distinct()[start:stop].count() == len([*expected][start:stop])


def test_conditions_on_related_rows_are_negated_as_in_python(warehouses, demo_rows):
    """`exclude()` over a relation keeps rows without the related row."""
    tickets, people = demo_rows[Ticket], {row["id"]: row for row in demo_rows[User]}
    for loader in LOADERS:
        rows = Ticket.objects.using(loader)
        for name in ("e", "straße", ""):
            matching = {
                pk for pk, row in people.items() if name.casefold() in row["name"].casefold()
            } - {pk for pk, row in people.items() if row["active"] is False}
            expected = {row["id"] for row in tickets if row["assignee_id"] not in matching}
            excluded = rows.exclude(assignee__name__icontains=name)

            assert {ticket.id for ticket in excluded} == expected
            both = rows.exclude(assignee__name__icontains=name).exclude(assignee=None)
            assert {ticket.id for ticket in both} == {
                row["id"]
                for row in tickets
                if row["assignee_id"] is not None and row["assignee_id"] not in matching
            }
