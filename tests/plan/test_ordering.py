"""Rows have the same order in plans, merged results, own writes and the emulator."""

from __future__ import annotations

from itertools import groupby

import pytest

from tests.queryset.stored import emulator_with_tickets
from tests.tokens import signed_in_session
from zendesk_orm import Comment, Q, Ticket
from zendesk_orm.api.endpoint import NULLS_FIRST, NULLS_LAST, Endpoint, Verb
from zendesk_orm.query.ordering import mergeable, sort_key, sorts


RANKS = {
    "status": ["new", "open", "pending", "hold", "solved"],
    "priority": ["low", "normal", "high", "urgent", None],
    "type": ["problem", "incident", "question", "task", None],
}


def _add_ticket(number):
    values = {name: ranks[number * 7 % len(ranks)] for name, ranks in RANKS.items()}
    return {**values, "tags": ["vip"] if number % 3 == 0 else [], "subject": f"{number % 5}"}


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator with a ticket of each choice, and one without a choice."""
    with emulator_with_tickets(60, of_ticket=_add_ticket) as emulator:
        yield emulator


FIELDS = ["id", "created_at", "updated_at", "subject", *RANKS]
SETS = {
    "searched": Ticket.objects.filter(status__in=RANKS["status"]),
    "fresh": Ticket.objects.fresh(),
    "alternatives": Ticket.objects.filter(Q(tags="vip") | Q(priority="low")),
    "scanned": Ticket.objects.exclude(external_id="x").scan(),
}


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", SETS)
def test_a_slice_is_part_of_all_rows(account, name, field, sign):
    """Slices, `first()` and `last()` agree with the full list, for each order."""
    rows = SETS[name].scan().order_by(f"{sign}{field}")
    all_rows = list(rows)

    for window in (slice(0, 5), slice(7, 23), slice(40, 80)):
        assert all_rows[window] == list(rows[window])
    assert (rows.first(), rows.last()) == (all_rows[0], all_rows[-1])
    assert all_rows[::-1] == list(rows.reverse())


@pytest.mark.parametrize("field", RANKS)
@pytest.mark.parametrize("name", SETS)
def test_choices_are_sorted_by_rank_and_null_last(account, name, field):
    """Choices are sorted in the order of their declaration, and null is last."""
    rows = SETS[name].scan().order_by(field)
    runs = [value for value, _ in groupby(getattr(ticket, field) for ticket in rows)]

    assert runs == [rank for rank in RANKS[field] if rank in runs]


def test_own_writes_are_inserted_in_order(account, emulator):
    """While the index lags, own rows are inserted at their place in the order."""
    with emulator_with_tickets(60, of_ticket=_add_ticket) as lagging:
        lagging.connect()
        lagging.clock.sleep(1000)
        lagging.switches.index_lag = 120
        for priority in ("low", None, "urgent"):
            Ticket.objects.create(
                subject="own", comment=Comment(body="?"), priority=priority, tags=["vip"]
            )
        for rows in (SETS["searched"], SETS["alternatives"]):
            for order in ("priority", "-priority", "status", "created_at", "-updated_at"):
                all_rows = list(rows.order_by(order))
                key = sort_key(Ticket._meta, (order,))
                assert all_rows == sorted(all_rows, key=lambda ticket, key=key: key(ticket._row))
                assert all_rows[:9] == list(rows.order_by(order)[:9])


def test_the_emulator_sorts_like_the_library(account, emulator):
    """The emulator sorts a list in the same order as the library."""
    for path, field in (("search", "priority"), ("search", "ticket_type"), ("tickets", "subject")):
        for way in ("asc", "desc"):
            params = {"sort_by": field, "sort_order": way, "query": "type:ticket"}
            home = "https://emulator.zendesk.com/api/v2/"
            body = signed_in_session(emulator).get(home + path, params=params).json()
            rows = body["results" if path == "search" else "tickets"]
            name = "type" if field == "ticket_type" else field
            key = sort_key(Ticket._meta, (f"-{name}" if way == "desc" else name,))
            assert rows == sorted(rows, key=key)
            assert len(rows) == 60


def _endpoint(**options):
    orders = {"priority": "priority", "created_at": "created_at", "subject": "subject"}
    return Endpoint(Verb.LIST, "x", "x", orders=orders, **options)


@pytest.mark.parametrize(
    ("endpoint", "order", "expected"),
    [
        (_endpoint(), ("created_at",), True),
        (_endpoint(), ("-created_at",), True),
        (_endpoint(), ("id",), False),
        (_endpoint(default_order="id"), ("id",), True),
        (_endpoint(), ("created_at", "id"), False),
        (_endpoint(), ("priority",), False),
        (_endpoint(ranked=frozenset({"priority"})), ("priority",), False),
        (_endpoint(nulls=NULLS_LAST), ("priority",), False),
        (_endpoint(ranked=frozenset({"priority"}), nulls=NULLS_FIRST), ("priority",), False),
        (_endpoint(ranked=frozenset({"priority"}), nulls=NULLS_LAST), ("-priority",), True),
        (_endpoint(), ("subject",), False),
        (_endpoint(nulls=NULLS_LAST), ("subject",), True),
        (_endpoint(nulls=NULLS_LAST, fresh=False), ("subject",), False),
    ],
)
def test_an_endpoint_sorts_only_by_known_rules(endpoint, order, expected):
    """An endpoint does not sort by choices or null whose rank is not declared."""
    assert sorts(endpoint, Ticket._meta, order) is expected


def test_text_is_sorted_client_side():
    """Text is sorted client-side, because Zendesk's collation is unknown."""
    assert mergeable(Ticket._meta, ("-created_at",))
    assert not mergeable(Ticket._meta, ("subject",))
    assert not mergeable(Ticket._meta, ())


def test_undeclared_choices_are_sorted_last():
    """A status that is not declared is sorted after the declared ones and before null."""
    key = sort_key(Ticket._meta, ("priority",))
    rows = [{"id": n, "priority": p} for n, p in enumerate([None, "extreme", "urgent", "low"])]

    assert [row["id"] for row in sorted(rows, key=key)] == [3, 2, 1, 0]
