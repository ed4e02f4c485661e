"""Rows after a resume token: each row that the earlier iteration did not return, once."""

from __future__ import annotations

import pytest
from attrs import evolve

from tests.queryset.stored import emulator_with_tickets
from tests.session.faults import connect_faulty
from zendesk_orm import InvalidValue, Q, Ticket, User, ZendeskError
from zendesk_orm.session.lists.positions import decode_token


TICKETS = 330


@pytest.fixture(scope="module")
def pristine():
    """Return an emulator that no test changes."""
    with emulator_with_tickets(TICKETS) as emulator:
        yield emulator


def identify(row):
    """Return the key of a row, or the values themselves."""
    return getattr(row, "pk", row)


def read_until_failure(rows, result):
    """Add rows to a list, and return the error that ends them, or None."""
    try:
        for row in rows:
            result.append(identify(row))
    except ZendeskError as error:
        return error
    return None


#: Queries whose failed requests are not pages of a list.
OF_OTHER_REQUESTS = {
    "ids in chunks": lambda: Ticket.objects.filter(id__in=range(1, TICKETS + 1)),
    "prefetched": lambda: (
        Ticket.objects.fresh().page_size(50).prefetch_related("requester", "organization")
    ),
    "prefetched search": lambda: (
        Ticket.objects.filter(status="open").page_size(50).prefetch_related("requester")
    ),
}


@pytest.mark.parametrize("fail_after", range(1, 9))
@pytest.mark.parametrize("name", OF_OTHER_REQUESTS)
def test_a_failed_request_by_ids_can_be_resumed(pristine, name, fail_after):
    """If a request by ids or for related objects fails, no returned row is returned again."""
    make = OF_OTHER_REQUESTS[name]
    pristine.connect()
    expected = [identify(row) for row in make()]
    _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    adapter.fail_after = fail_after
    result, rows = [], make().iterator()

    error = read_until_failure(rows, result)
    adapter.fail_after = None

    token = rows.resume_token if error is None else error.resume
    assert token == rows.resume_token
    assert [*result, *map(identify, make().resume(token))] == expected


#: Queries whose rows come from several streams.
COMBINED = {
    "distinct": lambda: Ticket.objects.page_size(20).distinct("status"),
    "distinct values": lambda: Ticket.objects.page_size(20).values_list("status").distinct(),
    "slice of distinct": lambda: Ticket.objects.page_size(20).values_list("status").distinct()[:1],
    "union": lambda: Ticket.objects.page_size(20).filter(Q(status="open") | Q(tags="vip")),
    "union in order": lambda: (
        Ticket.objects.page_size(20)
        .filter(Q(status="open") | Q(status="new", tags="vip"))
        .order_by("created_at")
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("read_ahead", [0, 3])
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("name", COMBINED)
def test_a_combined_result_can_be_resumed_from_its_first_row(pristine, name, plain, read_ahead):
    """A combined result has a token before the first row, and none after it."""
    make = COMBINED[name]
    pristine.connect()
    expected = [identify(row) for row in make()]
    for fail_after in range(8):
        _, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",), read_ahead=read_ahead)
        adapter.fail_after = fail_after
        result = []
        error = read_until_failure(make() if plain else make().iterator(), result)
        adapter.fail_after = None
        if error is not None and error.resume is not None:
            assert [*result, *map(identify, make().resume(error.resume))] == expected
            assert result == []


def _emulator_with_lag():
    """Return an emulator whose index contains all rows, and no later write for an hour."""
    emulator = emulator_with_tickets(TICKETS)
    emulator.clock.sleep(7200)
    emulator.switches.index_lag = 3600
    return emulator


@pytest.mark.slow
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("steps", [3, 25, 60, 150])
def test_own_writes_missing_in_the_index_are_returned_once(steps, plain):
    """Rows written before the iteration are returned unless they were returned earlier."""

    def make():
        return Ticket.objects.filter(status="open").page_size(20)

    with _emulator_with_lag() as emulator:
        _, adapter = connect_faulty(emulator, rate=0.0)
        for pk in (1, 77, 133, 233, 301, 329):
            Ticket.objects.filter(id=pk).update(status="open")
        for pk in (2, 200, 300):
            Ticket.objects.filter(id=pk).update(status="pending")
        expected = [ticket.pk for ticket in make()]
        result, rows = [], iter(make()) if plain else make().iterator()
        result += [next(rows).pk for _ in range(steps)]
        adapter.fail_after = 0
        error = read_until_failure(rows, result)
        adapter.fail_after = None

        remaining = [ticket.pk for ticket in make().resume(error.resume)]

    assert [*result, *remaining] == expected


@pytest.mark.parametrize("steps", [3, 25, 60, 150])
def test_rows_written_after_they_were_returned_are_not_returned_again(steps):
    """A loop that saves its rows can be resumed in the same process."""

    def make():
        return Ticket.objects.filter(status="open").page_size(20)

    with _emulator_with_lag() as emulator:
        _, adapter = connect_faulty(emulator, rate=0.0)
        expected = [ticket.pk for ticket in make()]
        result, rows = [], make().iterator()
        for _ in range(steps):
            ticket = next(rows)
            result.append(ticket.pk)
            ticket.subject = f"seen {ticket.pk}"
            ticket.save()
        Ticket.objects.filter(id=expected[-1]).update(subject="early")
        adapter.fail_after = 0
        error = read_until_failure(rows, result)
        adapter.fail_after = None

        remaining = [ticket.pk for ticket in make().resume(error.resume)]

    assert [*result, *remaining] == expected


#: Slices of a hundred rows.
SLICES = {
    "export": lambda: Ticket.objects.filter(status="open").page_size(30)[:100],
    "export from a row on": lambda: Ticket.objects.filter(status="open").page_size(30)[20:120],
    "list": lambda: Ticket.objects.fresh().page_size(30)[:100],
    "list from a row on": lambda: Ticket.objects.fresh().page_size(30)[20:120],
    "numbered": lambda: Ticket.objects.fresh().order_by("created_at").page_size(30)[:100],
    "ids": lambda: Ticket.objects.filter(id__in=range(1, TICKETS + 1))[:100],
    "sorted": lambda: Ticket.objects.filter(status="open").order_by("subject")[:100],
}


@pytest.mark.slow
@pytest.mark.parametrize("steps", [(42,), (5, 10), (31, 30, 30), (99,), (100,)])
@pytest.mark.parametrize("name", SLICES)
def test_a_slice_is_never_exceeded(name, steps):
    """Rows that leave the result after they were returned do not extend a resumed slice."""
    with emulator_with_tickets(TICKETS) as emulator:
        emulator.connect()
        expected = [ticket.pk for ticket in SLICES[name]()]
        result, token = [], None
        for number in steps:
            rows = SLICES[name]().resume(token).iterator()
            yielded = [ticket.pk for _, ticket in zip(range(number), rows, strict=False)]
            result += yielded
            token = rows.resume_token
            emulator.clock.sleep(60)
            Ticket.objects.filter(id__in=yielded[::2]).delete()
            emulator.clock.sleep(600)

        result += [ticket.pk for ticket in SLICES[name]().resume(token)]

    assert result == expected


@pytest.mark.parametrize("name", ["export", "list", "ids", "sorted"])
def test_a_token_excludes_parallel(pristine, count_requests, name):
    """`parallel=` raises with a token, unless the token begins with the first row."""
    account = pristine.connect()
    rows = SLICES[name]().iterator()
    next(rows)

    with count_requests(account, 0), pytest.raises(InvalidValue, match="parallel"):
        list(SLICES[name]().resume(rows.resume_token).iterator(parallel=3))
    ids = Ticket.objects.filter(id__in=[1, 2])
    begin = ids.iterator().resume_token
    assert [ticket.pk for ticket in ids.resume(begin).iterator(parallel=3)] == [1, 2]


#: Changes of a query that make no difference for its rows.
SAME_ROWS = {
    "select_related": lambda rows: rows.select_related("requester"),
    "values of relations": lambda rows: rows.values("id", "requester__name"),
    "prefetch_related": lambda rows: rows.prefetch_related("requester"),
    "page_size": lambda rows: rows.page_size(7),
}


@pytest.mark.parametrize("change", SAME_ROWS)
@pytest.mark.parametrize("name", ["export", "list", "ids"])
def test_related_objects_may_differ(pristine, name, change):
    """A token is valid for queries with other side-loads."""
    pristine.connect()
    plain, changed = SLICES[name], lambda: SAME_ROWS[change](SLICES[name]())
    expected = [ticket.pk for ticket in plain()]
    for first, second in ((plain, changed), (changed, plain)):
        rows = first().iterator()
        result = [_pk(next(rows)) for _ in range(42)]

        result += map(_pk, second().resume(rows.resume_token))

        assert result == expected


def _pk(row):
    return row["id"] if isinstance(row, dict) else row.pk


def test_a_token_belongs_to_the_subquery(pristine):
    """A token of a query with another subquery is rejected."""
    pristine.connect()

    def make(inner):
        return User.objects.filter(id__in=inner)

    vip = Ticket.objects.filter(tags="vip")
    queries = [
        make(vip.values("requester")),
        make(vip.values("submitter")),
        make(Ticket.objects.order_by("created_at").values("requester")[:5]),
        make(Ticket.objects.order_by("-created_at").values("requester")[:5]),
    ]
    tokens = [rows.iterator().resume_token for rows in queries]

    for number, rows in enumerate(queries):
        for other, token in enumerate(tokens):
            if number == other:
                assert len(rows.resume(token)) > 0
            else:
                with pytest.raises(InvalidValue, match="query"):
                    list(rows.resume(token))


@pytest.mark.parametrize("moment", [1e308, float("nan"), float("inf"), -1.0])
def test_an_invalid_time_is_rejected(pristine, moment):
    """A token with an impossible time raises an error of the library before anything is sent."""
    pristine.connect()
    content = decode_token(Ticket.objects.all().iterator().resume_token)

    with pytest.raises(InvalidValue, match="resume"):
        Ticket.objects.resume(evolve(content, moment=moment).encode())
