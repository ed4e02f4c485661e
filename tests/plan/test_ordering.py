"""One order of rows: of the plan, of what is merged, of own writes, and of the emulator."""

from __future__ import annotations

from itertools import groupby

import pytest

from tests.face.stored import filled
from tests.tokens import signed_in_session
from zendesk_orm import Comment, Q, Ticket
from zendesk_orm.api.endpoint import NULLS_FIRST, NULLS_LAST, Endpoint, Verb
from zendesk_orm.query.ordering import mergeable, sort_key, sorts


RANKS = {
    "status": ["new", "open", "pending", "hold", "solved"],
    "priority": ["low", "normal", "high", "urgent", None],
    "type": ["problem", "incident", "question", "task", None],
}


def _more(number):
    values = {name: ranks[number * 7 % len(ranks)] for name, ranks in RANKS.items()}
    return {**values, "tags": ["vip"] if number % 3 == 0 else [], "subject": f"{number % 5}"}


@pytest.fixture(scope="module")
def emulator():
    """Return an emulator whose tickets have each choice, and none."""
    with filled(60, more=_more) as emulator:
        yield emulator


@pytest.fixture
def account(emulator):
    """Return the default account."""
    return emulator.connect()


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
def test_a_slice_is_a_part_of_the_whole(account, name, field, sign):
    """Slices and both ends are those of the full list, for each field that is ordered by."""
    rows = SETS[name].scan().order_by(f"{sign}{field}")
    whole = list(rows)

    for window in (slice(0, 5), slice(7, 23), slice(40, 80)):
        assert whole[window] == list(rows[window])
    assert (whole[0], whole[-1]) == (rows.first(), rows.last())
    assert whole[::-1] == list(rows.reverse())


@pytest.mark.parametrize("field", RANKS)
@pytest.mark.parametrize("name", SETS)
def test_choices_go_by_rank_and_rows_without_one_last(account, name, field):
    """Each choice is one run of rows, in the order of the declaration."""
    rows = SETS[name].scan().order_by(field)
    runs = [value for value, _ in groupby(getattr(ticket, field) for ticket in rows)]

    assert runs == [rank for rank in RANKS[field] if rank in runs]


def test_own_writes_are_put_in_the_same_order(account, emulator):
    """While the index lags, own rows come at their place among those that it knows."""
    with filled(60, more=_more) as lagging:
        lagging.connect()
        lagging.clock.sleep(1000)
        lagging.switches.index_lag = 120
        for priority in ("low", None, "urgent"):
            Ticket.objects.create(
                subject="own", comment=Comment(body="?"), priority=priority, tags=["vip"]
            )
        for rows in (SETS["searched"], SETS["alternatives"]):
            for order in ("priority", "-priority", "status", "created_at", "-updated_at"):
                whole = list(rows.order_by(order))
                key = sort_key(Ticket._meta, (order,))
                assert whole == sorted(whole, key=lambda ticket, key=key: key(ticket._row))
                assert whole[:9] == list(rows.order_by(order)[:9])


def test_the_emulator_sorts_as_the_library(account, emulator):
    """A list that the emulator sorts is in the order that the library sorts by."""
    for path, field in (("search", "priority"), ("search", "ticket_type"), ("tickets", "subject")):
        for way in ("asc", "desc"):
            params = {"sort_by": field, "sort_order": way, "query": "type:ticket"}
            home = "https://emulator.zendesk.com/api/v2/"
            body = signed_in_session(emulator).get(home + path, params=params).json()
            rows = body["results" if path == "search" else "tickets"]
            name = "type" if field == "ticket_type" else field
            key = sort_key(Ticket._meta, (f"-{name}" if way == "desc" else name,))
            assert rows == sorted(rows, key=key)
            assert 60 == len(rows)


def _endpoint(**more):
    orders = {"priority": "priority", "created_at": "created_at", "subject": "subject"}
    return Endpoint(Verb.LIST, "x", "x", orders=orders, **more)


@pytest.mark.parametrize(
    ("endpoint", "order", "expected"),
    [
        (_endpoint(), ("created_at",), True),
        (_endpoint(), ("-created_at",), True),
        (_endpoint(), ("id",), False),
        (_endpoint(natural="id"), ("id",), True),
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
def test_an_endpoint_sorts_only_by_rules_that_are_known(endpoint, order, expected):
    """Ranks and the place of rows without a value are declared; what is not, is unknown."""
    assert expected is sorts(endpoint, Ticket._meta, order)


def test_lists_by_text_are_not_merged():
    """How Zendesk collates text is unknown, so that such lists are sorted here."""
    assert mergeable(Ticket._meta, ("-created_at",))
    assert not mergeable(Ticket._meta, ("subject",))
    assert not mergeable(Ticket._meta, ())


def test_a_choice_that_is_not_declared_comes_after_the_others():
    """A new status of Zendesk's sorts between the known ones and none."""
    key = sort_key(Ticket._meta, ("priority",))
    rows = [{"id": n, "priority": p} for n, p in enumerate([None, "extreme", "urgent", "low"])]

    assert [3, 2, 1, 0] == [row["id"] for row in sorted(rows, key=key)]
