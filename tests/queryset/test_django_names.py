"""Every public name of Django's QuerySet and Manager, and its result in this library.

The names are those of Django 5.2. Each is used on a manager and on a QuerySet of ten tickets, and
is listed with its result and its number of requests."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import frozen

from tests.queryset.stored import NOON, emulator_with_tickets, person, stored_rows
from zendesk_orm import (
    Comment,
    ConfigurationError,
    Count,
    FieldError,
    Manager,
    Max,
    Q,
    QuerySet,
    Ticket,
    User,
    connections,
)


@frozen
class Use:
    """A use of a name, and its expected result.

    Attributes:
        verdict: `native`, `emulated`, `local` or `refused`.
        call: uses the name of the rows that are passed, and returns the result.
        expected: the result; for a refused name, a pattern of the error message.
        requests: the number of requests.
    """

    verdict: str
    call: Callable[[Any], Any]
    expected: Any
    requests: int = 0


def _ids(rows):
    return [ticket.pk for ticket in rows]


def _new(rows):
    return rows.filter(status="new")


def _draft(number):
    return {"subject": f"Made {number}", "comment": Comment(body="?"), "requester_id": person(1)}


def _drafts():
    return [Ticket(**_draft(number)) for number in range(2)]


def _edit(rows):
    """Return the new tickets, each with another priority that is not saved yet."""
    tickets = list(_new(rows))
    for ticket in tickets:
        ticket.priority = "high"
    return tickets


def _people(rows):
    return [ticket.requester.name for ticket in rows]


async def _async_list(rows):
    return [ticket.pk async for ticket in rows]


NEWEST_FIRST = list(range(10, 0, -1))
NEW, OPEN = [9, 7, 5, 3, 1], [10, 8, 6, 4, 2]
NEW_PEOPLE = [f"User {number}" for number in (9, 7, 5, 3, 1)]
MINUTE = timedelta(minutes=1)
FOUR = Ticket(id=4)

#: Requests of a job: one to start it, and two for its status.
JOB = 3

QUERYSET: dict[str, Use] = {
    # Rows
    "all": Use("native", lambda rows: _ids(rows.all()), NEWEST_FIRST, 1),
    "filter": Use("native", lambda rows: _ids(rows.filter(status="new")), NEW, 1),
    "exclude": Use("native", lambda rows: _ids(rows.exclude(status="new")), OPEN, 1),
    "complex_filter": Use(
        "native",
        lambda rows: [
            _ids(rows.complex_filter(Q(status="new"))),
            _ids(rows.complex_filter({"status": "open"})),
        ],
        [NEW, OPEN],
        2,
    ),
    "none": Use("local", lambda rows: (_ids(rows.none()), rows.none().count()), ([], 0)),
    "distinct": Use(
        "emulated",
        lambda rows: [_ids(rows.distinct()), _ids(rows.distinct("status"))],
        [NEWEST_FIRST, [10, 9]],
        2,
    ),
    "raw": Use("native", lambda rows: _ids(rows.raw("status:new tags:vip")), [3], 1),
    # Sets
    "union": Use(
        "emulated",
        lambda rows: sorted(_ids(_new(rows).union(rows.filter(id=4)))),
        sorted([*NEW, 4]),
        2,
    ),
    "intersection": Use(
        "native", lambda rows: _ids(_new(rows).intersection(rows.filter(tags="vip"))), [3], 1
    ),
    "difference": Use(
        "native", lambda rows: _ids(_new(rows).difference(rows.filter(tags="vip"))), [9, 7, 5, 1], 1
    ),
    # Order
    "order_by": Use(
        "native", lambda rows: _ids(rows.order_by("created_at")), NEWEST_FIRST[::-1], 1
    ),
    "reverse": Use(
        "native", lambda rows: _ids(rows.order_by("created_at").reverse()), NEWEST_FIRST, 1
    ),
    "ordered": Use(
        "local", lambda rows: [rows.ordered, rows.order_by("id").ordered], [False, True]
    ),
    # Values
    "values": Use(
        "local",
        lambda rows: list(_new(rows).values("id", "status")[:1]),
        [{"id": 9, "status": "new"}],
        1,
    ),
    "values_list": Use(
        "local",
        lambda rows: [
            list(_new(rows).values_list("id", "status")[:1]),
            list(_new(rows).values_list("id", flat=True)),
            _new(rows).values_list("id", named=True)[0].id,
        ],
        [[(9, "new")], NEW, 9],
        3,
    ),
    "defer": Use("local", lambda rows: rows.defer("subject")[0].subject, "Ticket 10", 1),
    "only": Use("local", lambda rows: rows.only("id")[0].subject, "Ticket 10", 1),
    "dates": Use("emulated", lambda rows: rows.dates("created_at", "day"), [NOON.date()], 2),
    "datetimes": Use(
        "emulated",
        lambda rows: rows.datetimes("created_at", "minute", "DESC"),
        [NOON - number * MINUTE for number in range(10)],
        11,
    ),
    # Related objects
    "select_related": Use(
        "native", lambda rows: _people(_new(rows).select_related("requester")), NEW_PEOPLE, 1
    ),
    "prefetch_related": Use(
        "emulated", lambda rows: _people(_new(rows).prefetch_related("requester")), NEW_PEOPLE, 2
    ),
    # Single rows
    "get": Use("native", lambda rows: [rows.get(id=4).pk, rows.get(tags="vip").pk], [4, 3], 2),
    "first": Use("native", lambda rows: [rows.first().pk, _new(rows).first().pk], [1, 1], 2),
    "last": Use("native", lambda rows: [rows.last().pk, _new(rows).last().pk], [10, 9], 2),
    "latest": Use("native", lambda rows: rows.latest().pk, 10, 1),
    "earliest": Use("native", lambda rows: _new(rows).earliest("updated_at").pk, 1, 1),
    # Counts, aggregates and other results
    "count": Use("native", lambda rows: [rows.count(), _new(rows).count()], [10, 5], 2),
    "exists": Use(
        "native",
        lambda rows: [_new(rows).exists(), rows.filter(status="hold").exists()],
        [True, False],
        2,
    ),
    "contains": Use(
        "native", lambda rows: [rows.contains(FOUR), _new(rows).contains(FOUR)], [True, False], 2
    ),
    "aggregate": Use(
        "native",
        lambda rows: rows.aggregate(Count("id"), newest=Max("created_at")),
        {"id__count": 10, "newest": NOON},
        2,
    ),
    "in_bulk": Use("native", lambda rows: sorted(rows.in_bulk([2, 4, 99])), [2, 4], 1),
    "iterator": Use("native", lambda rows: _ids(rows.iterator(chunk_size=4)), NEWEST_FIRST, 3),
    # Changes, whose resulting rows are in REMAINING
    "create": Use("native", lambda rows: rows.create(**_draft(0)).subject, "Made 0", 1),
    "bulk_create": Use("native", lambda rows: int(rows.bulk_create(_drafts())), 2, JOB),
    "bulk_update": Use(
        "native", lambda rows: int(rows.bulk_update(_edit(rows), ["priority"])), 5, 1 + JOB
    ),
    "update": Use("native", lambda rows: int(_new(rows).update(priority="high")), 5, 1 + JOB),
    "delete": Use("native", lambda rows: int(_new(rows).delete()), 5, 1 + JOB),
    "get_or_create": Use(
        "emulated",
        lambda rows: rows.get_or_create(external_id="x", defaults=_draft(1))[1],
        True,
        3,
    ),
    "update_or_create": Use(
        "emulated",
        lambda rows: rows.update_or_create(external_id="x", defaults=_draft(1))[1],
        True,
        3,
    ),
    # The query and its account
    "db": Use("local", lambda rows: rows.db, "default"),
    "using": Use("local", lambda rows: rows.using("emea").db, "emea"),
    "query": Use("local", lambda rows: str(_new(rows).query), "Ticket: status = 'new'"),
    "explain": Use(
        "local", lambda rows: _new(rows).explain().splitlines()[0], "Ticket: status = 'new'"
    ),
    "as_manager": Use(
        "local",
        lambda rows: isinstance(type(rows).as_manager().__get__(None, User), Manager),
        True,
    ),
    "resolve_expression": Use(
        "emulated",
        lambda rows: sorted(_ids(Ticket.objects.filter(id__in=_new(rows).resolve_expression()))),
        sorted(NEW),
        2,
    ),
    # Unsupported methods
    "extra": Use("refused", lambda rows: rows.extra(where=["1"]), r"search\(\).*filter\(\)"),
    "annotate": Use("refused", lambda rows: rows.annotate(n=Count("comments")), "loop"),
    "alias": Use("refused", lambda rows: rows.alias(n=Count("comments")), "loop"),
    "select_for_update": Use("refused", lambda rows: rows.select_for_update(), "save"),
    # Async methods
    "aaggregate": Use("native", lambda rows: rows.aaggregate(Count("id")), {"id__count": 10}, 1),
    "abulk_create": Use("native", lambda rows: _integer(rows.abulk_create(_drafts())), 2, JOB),
    "abulk_update": Use(
        "native", lambda rows: _integer(rows.abulk_update(_edit(rows), ["priority"])), 5, 1 + JOB
    ),
    "acontains": Use("native", lambda rows: _new(rows).acontains(FOUR), False, 1),
    "acount": Use("native", lambda rows: _new(rows).acount(), 5, 1),
    "acreate": Use("native", lambda rows: _pk(rows.acreate(**_draft(0))), 11, 1),
    "adelete": Use("native", lambda rows: _integer(_new(rows).adelete()), 5, 1 + JOB),
    "aearliest": Use("native", lambda rows: _pk(rows.aearliest()), 1, 1),
    "aexists": Use("native", lambda rows: _new(rows).aexists(), True, 1),
    "aexplain": Use(
        "local", lambda rows: _first_line(_new(rows).aexplain()), "Ticket: status = 'new'"
    ),
    "afirst": Use("native", lambda rows: _pk(rows.afirst()), 1, 1),
    "aget": Use("native", lambda rows: _pk(rows.aget(tags="vip")), 3, 1),
    "ain_bulk": Use("native", lambda rows: _keys(rows.ain_bulk([2, 99])), [2], 1),
    "aiterator": Use(
        "native", lambda rows: _async_list(rows.aiterator(chunk_size=4)), NEWEST_FIRST, 3
    ),
    "alast": Use("native", lambda rows: _pk(_new(rows).alast()), 9, 1),
    "alatest": Use("native", lambda rows: _pk(rows.alatest()), 10, 1),
    "aupdate": Use(
        "native", lambda rows: _integer(_new(rows).aupdate(priority="high")), 5, 1 + JOB
    ),
    "aget_or_create": Use(
        "emulated",
        lambda rows: _second(rows.aget_or_create(external_id="x", defaults=_draft(1))),
        True,
        3,
    ),
    "aupdate_or_create": Use(
        "emulated",
        lambda rows: _second(rows.aupdate_or_create(external_id="x", defaults=_draft(1))),
        True,
        3,
    ),
}

#: The stored rows afterwards: subjects of new tickets, priorities, ids.
REMAINING: dict[str, Any] = {
    "create": ["Made 0"],
    "bulk_create": ["Made 0", "Made 1"],
    "get_or_create": ["Made 1"],
    "update_or_create": ["Made 1"],
    "update": [("high", sorted(NEW)), (None, sorted(OPEN))],
    "delete": sorted(OPEN),
}
REMAINING["bulk_update"] = REMAINING["update"]
REMAINING |= {f"a{name}": rows for name, rows in REMAINING.items()}


def _remaining_rows(name, rows):
    if "create" in name:
        return [row["subject"] for row in rows if row["id"] > 10]
    if "delete" in name:
        return [row["id"] for row in rows]
    return [
        (priority, [row["id"] for row in rows if row["priority"] == priority])
        for priority in ("high", None)
    ]


async def _integer(coroutine):
    return int(await coroutine)


async def _second(coroutine):
    return (await coroutine)[1]


async def _pk(coroutine):
    return (await coroutine).pk


async def _keys(coroutine):
    return sorted(await coroutine)


async def _first_line(coroutine):
    return (await coroutine).splitlines()[0]


class TicketWithoutManager(Ticket):
    """A model to which a test adds a manager."""

    class Meta:
        proxy = True


def _contribute(manager):
    manager.contribute_to_class(TicketWithoutManager, "tickets")
    return _ids(TicketWithoutManager.tickets.filter(tags="vip"))


class VipQuerySet(QuerySet[Ticket]):
    """A QuerySet with a custom method."""

    def vip(self):
        """Return the tickets with the tag."""
        return self.filter(tags="vip")


MANAGER: dict[str, Use] = {
    "auto_created": Use("local", lambda manager: manager.auto_created, expected=False),
    "creation_counter": Use("local", lambda manager: manager.creation_counter, 0),
    "use_in_migrations": Use("local", lambda manager: manager.use_in_migrations, expected=False),
    "check": Use("local", lambda manager: manager.check(), []),
    "db_manager": Use("local", lambda manager: manager.db_manager("emea").db, "emea"),
    "get_queryset": Use("native", lambda manager: _ids(_new(manager.get_queryset())), NEW, 1),
    "from_queryset": Use(
        "native",
        lambda manager: _ids(
            type(manager).from_queryset(VipQuerySet).as_manager().__get__(None, Ticket).vip()
        ),
        [3],
        1,
    ),
    "contribute_to_class": Use("native", _contribute, [3], 1),
    "deconstruct": Use("local", lambda manager: len(manager.deconstruct()), 5),
}


def _cases(table):
    return [
        pytest.param(
            name,
            use,
            id=name,
        )
        for name, use in table.items()
    ]


#: Each test uses a manager, and a QuerySet.
ON_MANAGER_AND_QUERYSET = pytest.mark.parametrize(
    "create", [lambda: Ticket.objects, Ticket.objects.all], ids=["objects", "all"]
)


@pytest.fixture(scope="module")
def shared_ten():
    """Return an emulator with ten tickets, for tests that do not change it."""
    with emulator_with_tickets(10) as emulator:
        yield emulator


@pytest.fixture
def ten(request, shared_ten):
    """Return an emulator with ten tickets, connected as the default account."""
    name = request.node.callspec.params["name"]
    if name not in REMAINING:
        shared_ten.connect()
        yield shared_ten
        return
    with emulator_with_tickets(10) as emulator:
        emulator.connect()
        yield emulator


def _evaluate(use, rows):
    async def run(coroutine):
        return await coroutine

    result = use.call(rows)
    return asyncio.run(run(result)) if asyncio.iscoroutine(result) else result


def _check(use, rows, count_requests):
    account = connections["default"]
    if use.verdict == "refused":
        with count_requests(account, 0), pytest.raises(FieldError, match=use.expected):
            use.call(rows)
    else:
        with count_requests(account, use.requests):
            assert _evaluate(use, rows) == use.expected


@ON_MANAGER_AND_QUERYSET
@pytest.mark.parametrize(("name", "use"), _cases(QUERYSET))
def test_names_of_djangos_queryset(ten, count_requests, create, name, use):
    """A name of Django's QuerySet returns the listed result, with as many requests."""
    assert name in dir(create())
    _check(use, create(), count_requests)
    if name in REMAINING:
        assert _remaining_rows(name, stored_rows(ten)) == REMAINING[name]


@ON_MANAGER_AND_QUERYSET
@pytest.mark.parametrize(("name", "use"), _cases(MANAGER))
def test_names_of_djangos_manager(ten, count_requests, create, name, use):
    """A name of Django's Manager returns the listed result, with as many requests."""
    assert name in dir(create())
    _check(use, create(), count_requests)


def test_all_names_of_django_are_listed():
    """The tables list 68 names of QuerySet and nine others of Manager."""
    assert (len(QUERYSET), len(MANAGER)) == (68, 9)
    assert not QUERYSET.keys() & MANAGER.keys()


def test_the_listed_names_are_those_of_the_installed_django():
    """The tables list the public names of the installed Django, if it is 5.2."""
    django = pytest.importorskip("django", reason="needs Django")
    models = pytest.importorskip("django.db.models", reason="needs Django")
    queryset = {name for name in dir(models.QuerySet) if not name.startswith("_")}
    manager = {name for name in dir(models.Manager) if not name.startswith("_")} - queryset
    if django.VERSION[:2] != (5, 2):
        pytest.skip(f"the tables are those of Django 5.2, and this is {django.__version__}")

    assert (set(QUERYSET), set(MANAGER)) == (queryset, manager)


SUPPORTED = [name for name, use in {**QUERYSET, **MANAGER}.items() if use.verdict != "refused"]


@pytest.mark.parametrize(
    "name",
    SUPPORTED,
)
def test_parameters_of_django_are_accepted(name):
    """The first parameters of a method are those of Django's, in the same order."""
    models = pytest.importorskip("django.db.models", reason="needs Django")
    method = getattr(models.Manager if name in MANAGER else models.QuerySet, name)
    if not callable(method):
        assert not callable(getattr(Ticket.objects, name))
        return
    expected, result = (
        [
            value.name
            for value in inspect.signature(one).parameters.values()
            if value.kind not in (value.VAR_POSITIONAL, value.VAR_KEYWORD) and value.name != "self"
        ]
        for one in (method, getattr(Manager, name))
    )

    assert result[: len(expected)] == expected


@pytest.mark.parametrize(
    "name",
    [
        "select_related",
        "order_by",
        "defer",
        "prefetch_related",
    ],
)
def test_none_removes_earlier_names(name):
    """As in Django, a single None removes the names of earlier calls."""
    names = {"select_related": "requester", "order_by": "created_at", "defer": "subject"}
    rows = getattr(Ticket.objects.all(), name)(names.get(name, "comments"))

    assert getattr(rows, name)(None).query == Ticket.objects.all().query


@pytest.mark.parametrize("name", ["filter", "exclude", "using", "values", "union", "order_by"])
def test_queries_are_built_without_an_account(name):
    """A method needs no account; fetching the rows of its query does."""
    arguments = {"using": ("emea",), "union": (Ticket.objects.none(),)}
    lookups = {"filter": {"status": "new"}, "exclude": {"status": "new"}}

    created = getattr(Ticket.objects, name)(*arguments.get(name, ()), **lookups.get(name, {}))

    assert isinstance(created, QuerySet)
    with pytest.raises(ConfigurationError):
        list(created)


LOCAL = {
    name: use
    for name, use in {**QUERYSET, **MANAGER}.items()
    if use.verdict == "local" and not use.requests
}


@pytest.mark.parametrize(
    "name",
    [*LOCAL],
)
def test_local_methods_need_no_account(name):
    """A method that makes no request needs no account."""
    assert _evaluate(LOCAL[name], Ticket.objects) == LOCAL[name].expected
