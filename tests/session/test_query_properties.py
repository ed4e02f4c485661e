"""Random queries return the rows that plain Python selects, whatever was read or written before.

Six setups: nothing cached, everything cached, an explicit session, a loop that saves the rows
it reads, a second client that writes in the same second while the search index lags, and writes
of all kinds between queries of a lagging index.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import evolve, frozen
from cachetools import LFUCache, LRUCache, RRCache, TTLCache
from hypothesis import given
from hypothesis import strategies as st

from tests.explained import skip_comparison
from tests.queryset.stored import (
    NOON,
    STEP,
    emulator_with_tickets,
    moment,
    person,
    stored_rows,
)
from tests.threads import Worker, wait_for_requests
from zendesk_orm import Comment, F, FieldError, InvalidValue, NoEndpoint, Q, Ticket, User
from zendesk_orm.emulator.context import format_timestamp


pytestmark = [pytest.mark.fuzz, pytest.mark.slow]

TICKETS = 37
LAG = 60

STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")
TYPES = ("problem", "incident", "question", "task")
ROLES = ("end-user", "agent", "admin")
RANKS = {"status": STATUSES, "priority": PRIORITIES, "type": TYPES, "role": ROLES}


def _creation_time(number: int) -> str:
    # Three rows are created in each second, all of them after the account's owner.
    return format_timestamp(NOON.timestamp() + 1 + number // 3 * STEP)


def _ticket(number: int) -> dict[str, Any]:
    return {
        "created_at": _creation_time(number),
        "updated_at": format_timestamp(NOON.timestamp() + 1800 + number * 5 % 7 * STEP),
        "status": STATUSES[number * 7 % 5],
        "priority": (None, *PRIORITIES)[number * 3 % 5],
        "type": (None, *TYPES)[number * 11 % 5],
        "tags": [tag for at, tag in enumerate(("vip", "gold", "late")) if number >> at & 1],
        "external_id": f"x{number}" if number % 4 == 0 else None,
        "subject": f"{'Bba'[number % 3]} {number}",
    }


def _user(number: int) -> dict[str, Any]:
    return {
        "created_at": _creation_time(number),
        "updated_at": _creation_time(number * 3 % 10),
        "role": "agent" if number % 3 == 0 else "end-user",
        "name": f"{'cab'[number % 3]} {number}",
        "tags": ["vip"] if number % 2 else [],
        "external_id": f"u{number}" if number % 4 == 0 else None,
    }


@pytest.fixture(scope="module")
def pristine():
    """Return an emulator with tickets and users that no test changes."""
    with emulator_with_tickets(TICKETS, of_ticket=_ticket, of_user=_user) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def emulator(pristine):
    """Return an emulator that each example resets to the pristine rows."""
    with emulator_with_tickets(0) as emulator:
        yield emulator


#: The numbers of compared and of rejected queries of a test.
COUNTS: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def count_comparisons() -> Iterator[None]:
    """Print the numbers of compared and of rejected queries; at least half must be compared."""
    COUNTS.clear()
    yield
    sys.stdout.write(f"{dict(COUNTS)}\n")
    assert COUNTS["compared"] >= COUNTS["rejected"]


# -- random queries and their rows in plain Python ----------------------------

Row = dict[str, Any]
Test = Callable[[Row], bool]


@frozen
class RandomQuery:
    """A random query.

    Attributes:
        model: the model.
        where: the conditions, and whether `exclude()` negates each.
        order: the fields to order by.
        window: the slice, or None.
        page_size: the number of rows per page, or None.
        scan: whether rows may be filtered client-side.
    """

    model: Any
    where: tuple[tuple[Q, Test, bool], ...]
    order: tuple[str, ...]
    window: slice | None
    page_size: int | None
    scan: bool

    @property
    def unsliced(self) -> Any:
        rows = self.model.objects.all()
        for q, _, negated in self.where:
            rows = rows.exclude(q) if negated else rows.filter(q)
        rows = rows.order_by(*self.order)
        rows = rows.page_size(self.page_size) if self.page_size else rows
        return rows.scan() if self.scan else rows

    @property
    def rows(self) -> Any:
        return self.unsliced if self.window is None else self.unsliced[self.window]

    def matching(self, rows: list[Row]) -> list[Row]:
        return [row for row in rows if all(test(row) is not no for _, test, no in self.where)]

    def ordered(self, rows: list[Row]) -> list[Row]:
        return sort_rows(self.matching(rows), self.order)

    def expected(self, rows: list[Row]) -> list[Row]:
        ordered = self.ordered(rows)
        return ordered if self.window is None else ordered[self.window]


def sort_rows(rows: list[Row], order: tuple[str, ...]) -> list[Row]:
    """Sort rows by rank, empty values last, equal values by id; `-` reverses the order."""
    rows = sorted(rows, key=lambda row: row["id"], reverse=bool(order) and order[-1][0] == "-")
    for name in reversed(order):
        wire = name.lstrip("-")
        ranks = RANKS.get(wire)

        def key(row, wire=wire, ranks=ranks):
            value = row[wire]
            if value is None:
                return True, 0
            return False, ranks.index(value) if ranks else value

        rows.sort(key=key, reverse=name[0] == "-")
    return rows


def _among(name: str, values: list[Any]) -> tuple[Q, Test]:
    return Q(**{f"{name}__in": values}), lambda row: row[name] in values


def _is(name: str, value: Any) -> tuple[Q, Test]:
    return Q(**{name: value}), lambda row: row[name] == value


def _tagged(tag: str) -> tuple[Q, Test]:
    return Q(tags=tag), lambda row: tag in row["tags"]


def _empty(name: str) -> tuple[Q, Test]:
    return Q(**{f"{name}__isnull": True}), lambda row: row[name] is None


def _since(name: str, moment: str) -> tuple[Q, Test]:
    return Q(**{f"{name}__gte": moment}), lambda row: row[name] >= moment


def _or(one: tuple[Q, Test], two: tuple[Q, Test]) -> tuple[Q, Test]:
    return one[0] | two[0], lambda row: one[1](row) or two[1](row)


def _and(one: tuple[Q, Test], two: tuple[Q, Test]) -> tuple[Q, Test]:
    return one[0] & two[0], lambda row: one[1](row) and two[1](row)


def _not(one: tuple[Q, Test]) -> tuple[Q, Test]:
    return ~one[0], lambda row: not one[1](row)


def draw_some(values):
    """Draw some of the values."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=len(values), unique=True)


MODELS: dict[Any, tuple[Any, list[str]]] = {
    Ticket: (
        st.one_of(
            draw_some(range(1, TICKETS + 2)).map(lambda ids: _among("id", ids)),
            draw_some(STATUSES).map(lambda values: _among("status", values)),
            st.sampled_from(PRIORITIES).map(lambda value: _is("priority", value)),
            st.sampled_from(TYPES).map(lambda value: _is("type", value)),
            st.sampled_from(["vip", "gold", "late", "none"]).map(_tagged),
            st.sampled_from(["priority", "type"]).map(_empty),
            st.sampled_from([_creation_time(n) for n in range(0, TICKETS, 5)]).map(
                lambda moment: _since("created_at", moment)
            ),
            st.integers(0, TICKETS).map(lambda number: _is("external_id", f"x{number}")),
        ),
        ["id", "created_at", "updated_at", "status", "priority", "type", "subject"],
    ),
    User: (
        st.one_of(
            draw_some([person(number) for number in range(10)]).map(lambda ids: _among("id", ids)),
            st.sampled_from(ROLES[:2]).map(lambda value: _is("role", value)),
            st.sampled_from(["vip", "none"]).map(_tagged),
            st.integers(0, 10).map(lambda number: _is("external_id", f"u{number}")),
        ),
        ["id", "created_at", "updated_at", "name", "role"],
    ),
}


def draw_conditions(simple):
    """Draw a tree of conditions, and the equivalent test of a row."""
    return st.recursive(
        simple,
        lambda part: st.one_of(
            st.tuples(part, part).map(lambda two: _or(*two)),
            st.tuples(part, part).map(lambda two: _and(*two)),
            part.map(_not),
        ),
        max_leaves=3,
    )


@st.composite
def draw_queries(draw, models=tuple(MODELS), *, by_id=True):
    """Draw a query."""
    model = draw(st.sampled_from(models))
    simple, fields = MODELS[model]
    if not by_id:
        simple = simple.filter(lambda one: one[0].parts[0][0] != "id__in")
    parts = draw(st.lists(st.tuples(draw_conditions(simple), st.booleans()), max_size=2))
    signed = st.tuples(st.sampled_from(["", "-"]), st.sampled_from(fields)).map("".join)
    order = draw(st.lists(signed, max_size=2, unique_by=lambda name: name.lstrip("-")))
    start = draw(st.sampled_from([0, 0, 1, 3, 10, 40]))
    stop = draw(st.sampled_from([None, 1, 2, 5, 8, 30]))
    window = None if stop is None and draw(st.booleans()) else slice(start, stop and start + stop)
    return RandomQuery(
        model,
        tuple((q, test, negated) for (q, test), negated in parts),
        tuple(order),
        window,
        draw(st.sampled_from([None, 3, 7])),
        draw(st.booleans()),
    )


# -- ways of reading -----------------------------------------------------------


def ids(records) -> list[Any]:
    return [record.pk for record in records]


def pks(rows: list[Row]) -> list[Any]:
    return [row["id"] for row in rows]


def assert_same_rows(query: RandomQuery, result: list[Any], rows: list[Row]) -> None:
    """Assert that ids are those of the query, in its order if it has one."""
    ordered = pks(query.ordered(rows))
    expected = ordered if query.window is None else ordered[query.window]
    if query.order:
        assert result == expected
        return
    assert len(result) == len(set(result)) == len(expected)
    assert set(result) <= set(ordered)


def _listed(query: RandomQuery, rows: list[Row]) -> None:
    assert_same_rows(query, ids(query.rows), rows)


def _iterated(query: RandomQuery, rows: list[Row]) -> None:
    assert_same_rows(query, ids(query.rows.iterator()), rows)


def _in_parallel(query: RandomQuery, rows: list[Row]) -> None:
    try:
        result = ids(query.rows.iterator(parallel=3))
    except NoEndpoint as error:
        if "parallel" not in str(error):
            raise
    else:
        assert_same_rows(query, result, rows)


def _by_threads(query: RandomQuery, rows: list[Row]) -> None:
    for worker in [Worker(lambda: ids(query.rows)) for _ in range(3)]:
        assert_same_rows(query, worker.get(), rows)


def _by_id_and_threads(query: RandomQuery, rows: list[Row]) -> None:
    selected = query.unsliced.filter(id__in=pks(rows))
    with skip_comparison():
        for worker in [Worker(lambda: ids(selected.all())) for _ in range(3)]:
            assert_same_rows(evolve(query, window=None), worker.get(), rows)


def _awaited(query: RandomQuery, rows: list[Row]) -> None:
    async def get_all() -> list[Any]:
        return await asyncio.gather(*map(query.unsliced.aget, sample), return_exceptions=True)

    matching, sample = pks(query.matching(rows)), [*pks(rows)[::3], *pks(rows)[:2], 999_999]
    for pk, result in zip(sample, asyncio.run(get_all()), strict=True):
        if isinstance(result, NoEndpoint):
            raise result
        if pk in matching:
            assert result.pk == pk
        else:
            assert isinstance(result, query.model.DoesNotExist)


def _in_bulk(query: RandomQuery, rows: list[Row]) -> None:
    result = query.rows.in_bulk()
    assert list(result) == ids(result.values())
    assert_same_rows(query, list(result), rows)


def _in_bulk_of_some(query: RandomQuery, rows: list[Row]) -> None:
    selected = pks(rows)[::2]
    result = query.unsliced.in_bulk(selected)
    assert set(result) == set(selected) & set(pks(query.matching(rows)))


def _values(query: RandomQuery, rows: list[Row]) -> None:
    result = list(query.rows.values("id", "updated_at"))
    assert_same_rows(query, [values["id"] for values in result], rows)
    assert_same_rows(query, list(query.rows.values_list("id", flat=True)), rows)


def _counted(query: RandomQuery, rows: list[Row]) -> None:
    expected = len(query.expected(rows))
    assert (query.rows.count(), len(query.rows)) == (expected, expected)


def _exists(query: RandomQuery, rows: list[Row]) -> None:
    expected = bool(query.expected(rows))
    assert (query.rows.exists(), bool(query.rows)) == (expected, expected)


def _first(query: RandomQuery, rows: list[Row]) -> None:
    result = query.unsliced.first()
    # Without an order, all rows are ordered by id.
    expected = query.ordered(rows)
    assert (result and result.pk) == (expected[0]["id"] if expected else None)


def _last(query: RandomQuery, rows: list[Row]) -> None:
    result = query.unsliced.last()
    expected = query.ordered(rows)
    assert (result and result.pk) == (expected[-1]["id"] if expected else None)


def _reversed(query: RandomQuery, rows: list[Row]) -> None:
    if not query.order:
        with pytest.raises(FieldError):
            query.unsliced.reverse()
        return
    result = ids(query.unsliced.reverse()[query.window or slice(None)])
    assert result == pks(query.ordered(rows)[::-1][query.window or slice(None)])


def _extremes(query: RandomQuery, rows: list[Row]) -> None:
    order = query.order or ("created_at",)
    expected = pks(sort_rows(query.matching(rows), order))
    for read, place in ((query.unsliced.earliest, 0), (query.unsliced.latest, -1)):
        if expected:
            assert read(*order).pk == expected[place]
        else:
            with pytest.raises(query.model.DoesNotExist):
                read(*order)


def _indexed(query: RandomQuery, rows: list[Row]) -> None:
    expected = pks(query.expected(rows))
    place = len(expected) // 2
    if not expected:
        with pytest.raises(IndexError):
            query.rows[place]
    elif query.order:
        assert query.rows[place].pk == expected[place]
    else:
        assert query.rows[place].pk in pks(query.matching(rows))


def _from_the_end(query: RandomQuery, rows: list[Row]) -> None:
    expected = pks(query.expected(rows))
    if not query.order and not query.rows.query.windowed:
        with pytest.raises(InvalidValue, match="order"):
            query.rows[-1]
    elif not expected:
        with pytest.raises(IndexError):
            query.rows[-1]
    elif query.order:
        assert query.rows[-1].pk == expected[-1]
    else:
        assert query.rows[-1].pk in pks(query.matching(rows))


def _got(query: RandomQuery, rows: list[Row]) -> None:
    matching = pks(query.matching(rows))
    pk = rows[len(rows) // 2]["id"]
    if pk in matching:
        assert query.unsliced.get(pk).pk == pk
    else:
        with pytest.raises(query.model.DoesNotExist):
            query.unsliced.get(pk)


METHODS = [
    _listed,
    _iterated,
    _in_parallel,
    _by_threads,
    _by_id_and_threads,
    _awaited,
    _in_bulk,
    _in_bulk_of_some,
    _values,
    _counted,
    _exists,
    _first,
    _last,
    _reversed,
    _extremes,
    _indexed,
    _from_the_end,
    _got,
]

BY_ID = (_in_bulk_of_some, _got, _awaited, _by_id_and_threads)

draw_methods = st.lists(st.sampled_from(METHODS), min_size=3, max_size=4, unique=True)


def compare(query: RandomQuery, reads: list[Any], rows: list[Row]) -> None:
    """Read a query in several ways, and compare the rows; a query may be rejected.

    The option -rP of pytest prints the numbers of compared and of rejected queries.
    """
    for read in reads:
        before = COUNTS["rejected"]
        with count_rejections():
            read(query, rows)
        COUNTS["compared"] += COUNTS["rejected"] == before


@contextmanager
def count_rejections() -> Iterator[None]:
    """Count a query that is rejected."""
    try:
        yield
    except NoEndpoint:
        COUNTS["rejected"] += 1


def reset(emulator, pristine, **switches):
    """Reset an emulator to the pristine rows, some time after they were written."""
    wait_for_requests()
    emulator._store.copy_from(pristine._store)
    emulator.clock.sleep(max(0, pristine.clock.now() - emulator.clock.now()) + 3600)
    emulator.switches.index_lag = switches.get("index_lag", 0)
    return emulator.connect(read_ahead=switches.get("read_ahead", 0))


def read_stored_rows(emulator, model) -> list[Row]:
    """Return the stored rows of a model, including those of a new account."""
    return stored_rows(emulator, model)


# -- the six setups ------------------------------------------------------------


@given(query=draw_queries(), reads=draw_methods, ahead=st.sampled_from([0, 2]))
def test_queries_of_a_cold_cache(emulator, pristine, query, reads, ahead):
    """A query returns the expected rows if nothing was read before."""
    for read in reads:
        reset(emulator, pristine, read_ahead=ahead)
        compare(query, [read], read_stored_rows(emulator, query.model))


@given(
    query=draw_queries(),
    reads=draw_methods,
    step=st.integers(0, 2),
    implementation=st.sampled_from([LRUCache, LFUCache, RRCache, TTLCache]),
    maxsize=st.sampled_from([1, 7, 1_000]),
)
def test_queries_of_a_warm_cache(emulator, pristine, query, reads, step, implementation, maxsize):
    """Rows in a cache of any class, all or some of them, change no result."""
    account = reset(emulator, pristine)
    options = {"ttl": 600} if implementation is TTLCache else {}
    for model in (Ticket, User):
        account.cache.add(model, implementation, maxsize, **options)
    rows = read_stored_rows(emulator, query.model)
    cached = query.model.objects.in_bulk(pks(rows)[step::step] if step else pks(rows))
    compare(query, reads, rows)
    assert cached is not None


@given(query=draw_queries(), reads=draw_methods, every=st.integers(1, 3))
def test_queries_of_an_explicit_session(emulator, pristine, query, reads, every):
    """Rows held by a session, all or some of them, change no result."""
    account = reset(emulator, pristine)
    rows = read_stored_rows(emulator, query.model)
    with account.session():
        query.model.objects.in_bulk(pks(rows)[::every])
        compare(query, reads, rows)


def _change(record: Any, number: int) -> None:
    """Change the values that queries filter and order by."""
    if isinstance(record, Ticket):
        record.status = STATUSES[1 + number % 4]
        record.priority = PRIORITIES[number % 4]
    else:
        record.name = f"{'dab'[number % 3]} {record.pk}"
    record.tags.append(f"seen-{record.pk}")


@given(
    query=draw_queries(),
    lag=st.sampled_from([0, LAG]),
    ahead=st.sampled_from([0, 2]),
    pause=st.sampled_from([0, 1]),
    streams=st.booleans(),
)
def test_a_loop_that_saves_its_rows(emulator, pristine, query, lag, ahead, pause, streams):
    """A loop that saves the rows it reads visits each of them once, in order."""
    reset(emulator, pristine, index_lag=lag, read_ahead=ahead)
    before = read_stored_rows(emulator, query.model)
    visited: list[Any] = []
    try:
        for number, record in enumerate(query.rows.iterator() if streams else query.rows):
            visited.append(record.pk)
            _change(record, number)
            record.save(safe=False)
            emulator.clock.sleep(pause)
    except NoEndpoint:
        assert not visited
        COUNTS["rejected"] += 1
        return

    COUNTS["compared"] += 1
    assert_same_rows(query, visited, before)
    after = {row["id"]: row for row in read_stored_rows(emulator, query.model)}
    assert {pk for pk, row in after.items() if f"seen-{pk}" in row["tags"]} == set(visited)
    compare(query, [_listed, _counted], list(after.values()))


@given(
    query=draw_queries(models=(Ticket,), by_id=False),
    among=st.one_of(st.none(), draw_some(range(1, TICKETS + 2))),
    reads=draw_methods,
    writes=st.lists(
        st.tuples(st.booleans(), st.integers(1, TICKETS), st.integers(0, 99)), max_size=6
    ),
    end=st.sampled_from(["at once", "read by id", "index caught up"]),
)
def test_another_client_writes_in_the_same_second(
    emulator, pristine, query, among, reads, writes, end
):
    """Own writes are visible at once, those of others when they are read by id or indexed."""
    if among is not None:
        query = evolve(query, where=(*query.where, (*_among("id", among), False)))
    reset(emulator, pristine, index_lag=LAG)
    emulator.connect(alias="colleague")
    visible = {row["id"]: row for row in read_stored_rows(emulator, Ticket)}
    mine: set[int] = set()
    for is_own, pk, number in writes:
        ticket = Ticket.objects.using("default" if is_own else "colleague").get(pk)
        _change(ticket, number)
        ticket.save(safe=False)
        if is_own:
            mine.add(pk)
            visible[pk] = emulator._store.get("support.Ticket", pk)
    truth = {row["id"]: row for row in read_stored_rows(emulator, Ticket)}
    if end == "read by id":
        Ticket.objects.in_bulk(sorted(mine))
        visible |= {pk: truth[pk] for pk in mine}
    elif end == "index caught up":
        emulator.clock.sleep(LAG + 1)
        visible = truth
    # Reads by id never lag, and may return later changes by others.
    for read in sorted(reads, key=lambda read: read in BY_ID):
        rows = truth if read in BY_ID or among is not None else visible
        compare(query, [read], list(rows.values()))


def _new(model: Any, number: int) -> Any:
    """Return a new object."""
    if model is Ticket:
        values = {"subject": f"c {number}", "comment": Comment(body="b")}
        return Ticket(priority=PRIORITIES[number % 4], tags=["vip"], **values)
    return User(name=f"c {number}", email=f"{number}@example.org", tags=["vip"])


def _with_tag(model: Any, *tags: str) -> Any:
    """Return the value of `update()` that adds tags; those of users can only be replaced."""
    return F("tags") + tags if model is Ticket else list(tags)


def _save_in_batch(account: Any, model: Any, pks: list[int], number: int) -> None:
    with account.batch():
        for pk in pks:
            record = model.objects.get(pk)
            _change(record, number)
            record.save(safe=False)


def _add_tags_in_batch(account: Any, model: Any, pks: list[int], number: int) -> None:
    with account.batch():
        for pk in pks:
            model(id=pk).tags.add("late")


def _save(account: Any, model: Any, pks: list[int], number: int) -> None:
    for record in model.objects.in_bulk(pks).values():
        _change(record, number)
        record.save(safe=False)


def _save_by_id(account: Any, model: Any, pks: list[int], number: int) -> None:
    for pk in pks:
        model(id=pk, external_id=f"e{pk}-{number}").save()


def _bulk_update(account: Any, model: Any, pks: list[int], number: int) -> None:
    records = list(model.objects.in_bulk(pks).values())
    for record in records:
        _change(record, number)
    model.objects.bulk_update(records)


def _update(account: Any, model: Any, pks: list[int], number: int) -> None:
    values = {"type": TYPES[number % 4]} if model is Ticket else {"notes": "n"}
    model.objects.filter(id__in=pks).update(tags=_with_tag(model, "gold"), **values)


def _update_by_filter(account: Any, model: Any, pks: list[int], number: int) -> None:
    model.objects.filter(tags="vip").scan().update(tags=_with_tag(model, "late"))


def _add_tags(account: Any, model: Any, pks: list[int], number: int) -> None:
    for pk in pks:
        model(id=pk).tags.add("late")


def _remove_tags(account: Any, model: Any, pks: list[int], number: int) -> None:
    for record in model.objects.in_bulk(pks).values():
        record.tags.remove("vip")


def _create(account: Any, model: Any, pks: list[int], number: int) -> None:
    _new(model, number).save()


def _bulk_create(account: Any, model: Any, pks: list[int], number: int) -> None:
    model.objects.bulk_create([_new(model, number * 100 + n) for n in range(3)])


def _delete(account: Any, model: Any, pks: list[int], number: int) -> None:
    if model is Ticket:
        model(id=pks[0]).delete()


def _delete_together(account: Any, model: Any, pks: list[int], number: int) -> None:
    if model is Ticket:
        model.objects.filter(id__in=pks).delete()


WRITES = [
    _save,
    _save_by_id,
    _save_in_batch,
    _bulk_update,
    _update,
    _update_by_filter,
    _add_tags,
    _remove_tags,
    _add_tags_in_batch,
    _create,
    _bulk_create,
    _delete,
    _delete_together,
]


def _written_values(query: RandomQuery, rows: list[Row]) -> None:
    """Compare the values of rows, including those that a job has changed."""
    written = {row["id"]: row for row in rows}
    for record in query.rows:
        row = written[record.pk]
        assert (record.updated_at, sorted(record.tags)) == (
            moment(row, "updated_at"),
            sorted(row["tags"]),
        )


@st.composite
def _draw_histories(draw):
    """Draw a model, and writes and queries of it, with pauses in between."""
    model = draw(st.sampled_from([Ticket, Ticket, Ticket, User]))
    pause = st.sampled_from([0, 0, 1, 5, 12, 30, 100])
    write = st.tuples(
        pause,
        st.sampled_from(WRITES),
        st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True),
    )
    reads = st.lists(
        st.sampled_from([*METHODS, _written_values]), min_size=1, max_size=2, unique=True
    )
    query = st.tuples(pause, draw_queries(models=(model,)), reads)
    steps = st.one_of(write, write, query)
    return model, draw(st.lists(steps, max_size=7)), draw(query)


@given(
    history=_draw_histories(),
    lag=st.sampled_from([LAG, 3 * LAG]),
    ahead=st.sampled_from([0, 2]),
    holds=st.booleans(),
)
def test_writes_of_all_kinds_between_queries(emulator, pristine, history, lag, ahead, holds):
    """Writes by `save()`, jobs, batches and calls are visible at once in all queries."""
    account = reset(emulator, pristine, index_lag=lag, read_ahead=ahead)
    model, steps, last = history
    records = model.objects.in_bulk(pks(read_stored_rows(emulator, model))) if holds else None
    for number, (pause, action, argument) in enumerate([*steps, last]):
        emulator.clock.sleep(pause)
        rows = read_stored_rows(emulator, model)
        if isinstance(action, RandomQuery):
            compare(action, argument, rows)
        else:
            all_ids = pks(rows)
            some_ids = list(dict.fromkeys(all_ids[place % len(all_ids)] for place in argument))
            action(account, model, some_ids, number)
    assert (records is None) != holds
