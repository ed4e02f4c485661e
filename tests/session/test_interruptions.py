"""An iteration continues with the page that failed: no row is lost, and none is returned twice."""

from __future__ import annotations

import asyncio
import json
import pickle
from datetime import timedelta

import pytest
from attrs import evolve

from tests.queryset.stored import emulator_with_tickets
from tests.session.faults import connect_faulty
from zendesk_orm import (
    ApiError,
    Comment,
    InvalidValue,
    Organization,
    Q,
    ResultLimitExceeded,
    RetryPolicy,
    ServerError,
    Ticket,
    TransportError,
    User,
    ZendeskError,
)
from zendesk_orm.session.lists.positions import decode_token


FAILURES = (ApiError, TransportError)
TICKETS = 330


@pytest.fixture(scope="module")
def pristine():
    """Return an emulator that no test changes."""
    with emulator_with_tickets(TICKETS) as emulator:
        yield emulator


#: Queries of every shape, by name.
SHAPES = {
    "list": lambda: Ticket.objects.fresh().page_size(20),
    "export": lambda: Ticket.objects.page_size(20),
    "users": lambda: User.objects.page_size(2),
    "numbered": lambda: Ticket.objects.fresh().order_by("created_at").page_size(20),
    "moving": lambda: Ticket.objects.fresh().order_by("updated_at").page_size(20),
    "slice": lambda: Ticket.objects.page_size(20)[15:173],
    "union": lambda: Ticket.objects.page_size(20).filter(Q(status="open") | Q(tags="vip")),
    "union in order": lambda: (
        Ticket.objects.page_size(20)
        .filter(Q(status="open") | Q(status="new", tags="vip"))
        .order_by("created_at")
    ),
    "sorted": lambda: Ticket.objects.page_size(20).order_by("subject"),
    "filtered": lambda: Ticket.objects.page_size(20).filter(status="new").exclude(id__in=[4, 8]),
    "by id": lambda: Ticket.objects.filter(id__in=range(1, TICKETS + 1)),
    "related": lambda: Ticket.objects.page_size(20).select_related("requester", "organization"),
    "prefetched": lambda: Ticket.objects.page_size(50)[:100].prefetch_related("requester"),
    "subquery": lambda: Ticket.objects.page_size(20).filter(
        requester__in=User.objects.filter(role="end-user")
    ),
    "distinct": lambda: Ticket.objects.page_size(20).distinct("status"),
    "values": lambda: Ticket.objects.page_size(20).values_list("id", "requester__name"),
}


def identify(row):
    """Return the key of a row, or the values themselves."""
    return getattr(row, "pk", row)


def read_with_retries(rows):
    """Return all rows of an iterator, calling `next()` again after each failure."""
    result = []
    while not _read_until_failure(rows, result):
        continue
    return result


def _read_until_failure(rows, result):
    """Add rows to a list, and return whether the iterator ended without a failure."""
    try:
        result.extend(map(identify, rows))
    except FAILURES:
        return False
    return True


def without_faults(adapter, make):
    """Return the rows of a query when no request fails."""
    rate, adapter.rate = adapter.rate, 0.0
    try:
        return [identify(row) for row in make()]
    finally:
        adapter.rate = rate


@pytest.mark.slow
@pytest.mark.parametrize("read_ahead", [0, 3])
@pytest.mark.parametrize("name", SHAPES)
def test_a_failed_iteration_can_be_continued(pristine, name, read_ahead):
    """Rows read with failures at random requests are those of the list, in the same order."""
    account, adapter = connect_faulty(pristine, read_ahead=read_ahead, rate=0.4)
    expected = without_faults(adapter, SHAPES[name])
    account.cache.clear()

    result = [read_with_retries(SHAPES[name]().iterator()) for _ in range(3)]

    assert result == [expected] * 3
    assert adapter.failed > 0


@pytest.mark.parametrize("name", SHAPES)
def test_a_failed_evaluation_can_be_continued(pristine, name):
    """A QuerySet keeps the pages that it has cached, and requests none of them again."""
    account, adapter = connect_faulty(pristine, rate=0.0)
    adapter.sent = 0
    expected = without_faults(adapter, SHAPES[name])
    needed, adapter.rate = adapter.sent, 0.4
    account.cache.clear()
    adapter.sent, tickets = 0, SHAPES[name]()

    result = read_with_retries(iter(tickets))

    assert (result, [identify(row) for row in tickets]) == (expected, expected)
    # A subquery is read again from its beginning.
    assert adapter.sent - adapter.failed <= needed or name == "subquery"


@pytest.mark.parametrize("name", ["list", "export", "by id", "slice"])
def test_len_and_list_continue(pristine, name):
    """`len()` and `list()` can be called again after a failure."""
    _, adapter = connect_faulty(pristine, rate=0.4)
    expected = without_faults(adapter, SHAPES[name])
    tickets = SHAPES[name]()

    while True:
        try:
            assert len(tickets) == len(expected)
            break
        except FAILURES:
            continue

    assert [identify(row) for row in list(tickets)] == expected


@pytest.mark.parametrize("name", ["list", "export", "numbered"])
def test_a_parallel_iteration_can_be_continued(pristine, name):
    """The failed part is read again, and the order stays the same."""
    _, adapter = connect_faulty(pristine, rate=0.3)
    expected = without_faults(adapter, SHAPES[name])

    result = read_with_retries(SHAPES[name]().iterator(parallel=3))

    assert sorted(result) == sorted(expected)
    assert adapter.failed > 0


def test_an_asynchronous_iteration_can_be_continued(pristine):
    """`anext()` requests the failed page again."""
    _, adapter = connect_faulty(pristine, rate=0.4)
    expected = without_faults(adapter, SHAPES["export"])

    async def read(rows):
        result = []
        while (row := await get_next(rows)) is not None:
            result += [row.pk] if row else []
        return result

    async def get_next(rows):
        try:
            return await rows.__anext__()
        except StopAsyncIteration:
            return None
        except FAILURES:
            return ()

    assert asyncio.run(read(SHAPES["export"]().aiterator())) == expected
    assert asyncio.run(read(SHAPES["export"]().__aiter__())) == expected


def test_own_writes_are_merged_once_although_requests_fail():
    """Tickets that the search index lacks are returned once, although requests fail."""
    with emulator_with_tickets(60) as emulator:
        emulator.clock.sleep(7200)
        emulator.switches.index_lag = 3600
        _, adapter = connect_faulty(emulator, rate=0.0)
        for number in range(3):
            Ticket.objects.create(subject=f"new {number}", comment=Comment(body="x"))
        expected = [ticket.pk for ticket in Ticket.objects.page_size(20)]
        emulator.clock.sleep(60)
        adapter.rate = 0.4

        result = read_with_retries(Ticket.objects.page_size(20).iterator())

    assert len(expected) == 63
    assert result == expected


def test_a_permanent_error_is_raised_again(pristine):
    """After the row limit, each `next()` raises the error again instead of ending the iteration."""
    pristine.connect()
    tickets = Ticket.objects.fresh().page_size(20).exclude(status="open")
    rows, result = tickets.scan(limit=50).iterator(), []

    for _ in range(3):
        with pytest.raises(ResultLimitExceeded):
            result.extend(map(identify, rows))

    assert result == [pk for pk in range(1, 41) if pk in {*result}]
    assert len(result) == 20


def test_an_interrupted_iteration_never_ends_early(pristine):
    """After Ctrl+C, `next()` raises an error instead of ending the iteration."""
    _, adapter = connect_faulty(pristine, rate=0.0, kinds=("interrupt",))
    rows, result = Ticket.objects.fresh().page_size(20).iterator(), []
    result.append(next(rows).pk)
    adapter.rate = 1.0

    for error in (KeyboardInterrupt, ZendeskError, ZendeskError):
        with pytest.raises(error):
            result.extend(map(identify, rows))

    assert result == [*range(1, 21)]


# -- resume tokens -----------------------------------------------------------------

#: The shapes that another process can continue.
RESUMABLE = [
    *("list", "export", "users", "numbered", "moving", "slice", "sorted", "filtered"),
    *("by id", "related", "prefetched", "subquery", "values"),
]


@pytest.mark.parametrize("name", RESUMABLE)
def test_another_process_continues_after_the_last_row(pristine, name):
    """A new iteration with the token of the error yields the remaining rows, each once."""
    _, adapter = connect_faulty(pristine, rate=0.25)
    expected = without_faults(adapter, SHAPES[name])
    result, token = [], None

    for number in range(500):
        # Another account: nothing is cached.
        _, adapter = connect_faulty(pristine, seed=number, rate=0.25)
        rows = SHAPES[name]().resume(token).iterator()
        try:
            result.extend(map(identify, rows))
            break
        except FAILURES as error:
            token = error.resume

    assert result == expected


@pytest.mark.slow
@pytest.mark.parametrize("steps", [1, 7, 20, 33])
@pytest.mark.parametrize("name", ["list", "export", "slice", "sorted", "by id", "numbered"])
def test_a_token_is_available_after_each_row(pristine, name, steps):
    """`resume_token` continues after the last row, at each position within a page."""
    pristine.connect()
    make, result, token = SHAPES[name], [], None
    expected = [identify(row) for row in make()]

    while len(result) < len(expected):
        rows = make().resume(token).iterator()
        result += [identify(row) for _, row in zip(range(steps), rows, strict=False)]
        token = rows.resume_token

    assert result == expected
    assert [*make().resume(token)] == []


def test_a_token_contains_the_cursor_of_the_page(pristine, count_requests):
    """A list by cursor sends only the requests for the remaining pages."""
    account = pristine.connect()
    for make in (SHAPES["list"], SHAPES["export"]):
        rows = make().iterator()
        first = [next(rows).pk for _ in range(300)]

        with count_requests(account, 3):
            remaining = [ticket.pk for ticket in make().resume(rows.resume_token)]

        assert len({*first, *remaining}) == TICKETS
        assert len(first) + len(remaining) == TICKETS


def test_the_token_of_an_error_begins_with_the_failed_page(pristine, count_requests):
    """No page is requested again of which all rows were yielded."""
    account, adapter = connect_faulty(pristine, rate=0.0, kinds=("500",))
    rows = Ticket.objects.fresh().page_size(20).iterator()
    result = [next(rows).pk for _ in range(300)]
    adapter.rate = 1.0
    with pytest.raises(ServerError) as raised:
        next(rows)
    adapter.rate = 0.0

    with count_requests(account, 2):
        result += [t.pk for t in Ticket.objects.fresh().page_size(20).resume(raised.value.resume)]

    assert result == [*range(1, TICKETS + 1)]


def test_a_token_tolerates_deleted_rows_and_an_expired_cursor():
    """Rows deleted meanwhile displace no others, and an old token needs no cursor."""
    with emulator_with_tickets(120) as emulator:
        emulator.connect()
        rows = Ticket.objects.page_size(20).iterator()
        first = [next(rows).pk for _ in range(50)]
        token = rows.resume_token
        Ticket.objects.get(id=first[45]).delete()
        emulator.clock.sleep(4000)

        remaining = [ticket.pk for ticket in Ticket.objects.page_size(20).resume(token)]

    assert [*first, *remaining] == [*range(120, 0, -1)]


def test_a_loop_over_a_queryset_has_a_token(pristine):
    """The error of a loop over a QuerySet has a token that continues after the returned rows."""
    _, adapter = connect_faulty(pristine, rate=0.0)
    result, rows = [], iter(Ticket.objects.fresh().page_size(20))
    result += [next(rows).pk for _ in range(20)]
    adapter.rate = 1.0
    with pytest.raises(FAILURES) as raised:
        next(rows)
    adapter.rate = 0.0

    remaining = Ticket.objects.fresh().page_size(20).resume(raised.value.resume)

    assert [*result, *(ticket.pk for ticket in remaining)] == [*range(1, TICKETS + 1)]


def test_relative_times_keep_their_meaning():
    """A token contains the time to which `created_after=timedelta(...)` refers."""
    with emulator_with_tickets(100) as emulator:
        emulator.connect()

        def make():
            return Ticket.objects.page_size(20).filter(created_after=timedelta(minutes=80))

        expected = [ticket.pk for ticket in make()]
        rows = make().iterator()
        first = [next(rows).pk for _ in range(30)]
        emulator.clock.sleep(1800)

        remaining = [ticket.pk for ticket in make().resume(rows.resume_token)]

    assert [*first, *remaining] == expected


@pytest.mark.parametrize("name", ["union", "union in order", "distinct"])
def test_some_results_have_no_token_after_the_first_row(pristine, name):
    """A combined or distinct result can be resumed from its first row only."""
    pristine.connect()
    rows = SHAPES[name]().iterator()
    begin = rows.resume_token
    next(rows)

    assert (begin is None, rows.resume_token) == (False, None)


def test_a_parallel_iteration_has_no_token(pristine):
    """Its rows are not read in their order."""
    pristine.connect()
    rows = SHAPES["export"]().iterator(parallel=2)
    next(rows)

    assert rows.resume_token is None


OTHERS = {
    "another condition": lambda: Ticket.objects.fresh().filter(status="open"),
    "another model": lambda: User.objects.fresh(),
    "another order": lambda: Ticket.objects.fresh().order_by("-id"),
    "another slice": lambda: Ticket.objects.fresh()[:50],
    "other rows": lambda: Ticket.objects.all(),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_token_of_another_query_is_rejected(pristine, count_requests, name):
    """Nothing is sent, and the message contains the remedy."""
    account = pristine.connect()
    rows = Ticket.objects.fresh().page_size(20).iterator()
    next(rows)
    token = rows.resume_token

    with count_requests(account, 0), pytest.raises(InvalidValue, match="query"):
        list(OTHERS[name]().resume(token))


def test_a_token_of_another_account_or_user_is_rejected(pristine):
    """A token is valid for the account and the user that created it."""
    pristine.connect()
    rows = Ticket.objects.fresh().iterator()
    next(rows)
    token = rows.resume_token

    with emulator_with_tickets(3) as other:
        other.connect()
        with pytest.raises(InvalidValue, match="account"):
            list(Ticket.objects.fresh().resume(token))


@pytest.mark.parametrize(
    "text", ["", "x", "zr1.", "zr1.AAAA", 7, b"zr1.", "zr1." + "A" * 2_000_000]
)
def test_an_invalid_token_is_rejected(emulator, text):
    """It raises an error of the library before anything is sent."""
    with pytest.raises(InvalidValue, match="resume"):
        Ticket.objects.resume(text)


def test_a_changed_token_is_rejected_or_harmless(pristine):
    """A modified token never changes the path, and raises only errors of the library."""
    pristine.connect()
    rows = Ticket.objects.fresh().page_size(20).iterator()
    next(rows)
    token = rows.resume_token

    for index in range(4, len(token), 3):
        changed = token[:index] + ("A" if token[index] != "A" else "B") + token[index + 1 :]
        try:
            list(Ticket.objects.fresh().resume(changed)[:1])
        except ZendeskError:
            continue


def test_a_forged_parameter_is_rejected(pristine):
    """A token cannot change the conditions of the query, only the position."""
    pristine.connect()
    rows = Ticket.objects.fresh().page_size(20).iterator()
    next(rows)
    content = decode_token(rows.resume_token)
    forged = evolve(content, place={**content.place, "params": [["query", "secret"]]})

    with pytest.raises(InvalidValue, match="resume"):
        Ticket.objects.resume(forged.encode())


def test_a_token_contains_no_values_of_the_query(pristine):
    """Neither values of the query nor the host are part of it."""
    pristine.connect()
    rows = Ticket.objects.filter(subject="swordfish").iterator()
    assert list(rows) == []
    content = json.dumps(decode_token(rows.resume_token).place, default=str)

    assert ("swordfish" in content, "zendesk.com" in content) == (False, False)


def test_pickled_errors_keep_their_token(pristine):
    """A task queue can store the error."""
    _, adapter = connect_faulty(pristine, rate=0.0)
    for kind in ("429", "500", "reset"):
        adapter.rate, adapter._kinds = 0.0, (kind,)
        rows = Ticket.objects.fresh().page_size(20).iterator()
        next(rows)
        adapter.rate = 1.0
        with pytest.raises(FAILURES) as raised:
            list(rows)

        assert pickle.loads(pickle.dumps(raised.value)).resume == raised.value.resume
        assert raised.value.resume.startswith("zr1.")


def test_other_errors_have_no_token(emulator):
    """Errors outside an iteration cannot be resumed."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(500)

    with pytest.raises(ServerError) as raised:
        Organization.objects.create(name="Acme")

    assert raised.value.resume is None


def test_remaining_rows_can_be_counted_but_not_sliced(pristine):
    """`count()` of a resumed query counts the remaining rows; a slice raises."""
    pristine.connect()
    rows = Ticket.objects.fresh().page_size(20).iterator()
    for _ in range(30):
        next(rows)
    remaining = Ticket.objects.fresh().resume(rows.resume_token)

    assert remaining.count() == TICKETS - 30
    with pytest.raises(InvalidValue, match="last"):
        list(remaining[:5])
