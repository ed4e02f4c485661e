"""Random queries give what plain Python gives over all rows, whatever was read or written before.

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


def _born(number: int) -> str:
    # Three rows each are created in the same second, all of them after the account's owner.
    return format_timestamp(NOON.timestamp() + 1 + number // 3 * STEP)


def _ticket(number: int) -> dict[str, Any]:
    return {
        "created_at": _born(number),
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
        "created_at": _born(number),
        "updated_at": _born(number * 3 % 10),
        "role": "agent" if number % 3 == 0 else "end-user",
        "name": f"{'cab'[number % 3]} {number}",
        "tags": ["vip"] if number % 2 else [],
        "external_id": f"u{number}" if number % 4 == 0 else None,
    }


@pytest.fixture(scope="module")
def pristine():
    """Return an emulator with tickets and users, which nobody changes."""
    with emulator_with_tickets(TICKETS, of_ticket=_ticket, of_user=_user) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def emulator(pristine):
    """Return an emulator that each example sets back to the pristine rows."""
    with emulator_with_tickets(0) as emulator:
        yield emulator


#: How many queries of one test were compared, and how many were refused.
TALLY: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def tally() -> Iterator[None]:
    """Print how many queries were compared; most of them have to be."""
    TALLY.clear()
    yield
    sys.stdout.write(f"{dict(TALLY)}\n")
    assert TALLY["compared"] >= TALLY["refused"]


# -- queries, and the same in plain Python ------------------------------------

Row = dict[str, Any]
Test = Callable[[Row], bool]


@frozen
class Asked:
    """A random query.

    Attributes:
        model: the model.
        where: the conditions, and whether each is left out with `exclude()`.
        order: the fields to order by.
        window: the slice, or None.
        page_size: rows a page, or None.
        scan: whether rows may be compared client-side.
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

    def whole(self, rows: list[Row]) -> list[Row]:
        return in_order(self.matching(rows), self.order)

    def expected(self, rows: list[Row]) -> list[Row]:
        whole = self.whole(rows)
        return whole if self.window is None else whole[self.window]


def in_order(rows: list[Row], order: tuple[str, ...]) -> list[Row]:
    """Sort rows: by rank, those without a value last, ties by id; `-` reverses all of it."""
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


def _either(one: tuple[Q, Test], two: tuple[Q, Test]) -> tuple[Q, Test]:
    return one[0] | two[0], lambda row: one[1](row) or two[1](row)


def _both(one: tuple[Q, Test], two: tuple[Q, Test]) -> tuple[Q, Test]:
    return one[0] & two[0], lambda row: one[1](row) and two[1](row)


def _not(one: tuple[Q, Test]) -> tuple[Q, Test]:
    return ~one[0], lambda row: not one[1](row)


def some(values):
    """Draw some of the values."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=len(values), unique=True)


MODELS: dict[Any, tuple[Any, list[str]]] = {
    Ticket: (
        st.one_of(
            some(range(1, TICKETS + 2)).map(lambda ids: _among("id", ids)),
            some(STATUSES).map(lambda values: _among("status", values)),
            st.sampled_from(PRIORITIES).map(lambda value: _is("priority", value)),
            st.sampled_from(TYPES).map(lambda value: _is("type", value)),
            st.sampled_from(["vip", "gold", "late", "none"]).map(_tagged),
            st.sampled_from(["priority", "type"]).map(_empty),
            st.sampled_from([_born(n) for n in range(0, TICKETS, 5)]).map(
                lambda moment: _since("created_at", moment)
            ),
            st.integers(0, TICKETS).map(lambda number: _is("external_id", f"x{number}")),
        ),
        ["id", "created_at", "updated_at", "status", "priority", "type", "subject"],
    ),
    User: (
        st.one_of(
            some([person(number) for number in range(10)]).map(lambda ids: _among("id", ids)),
            st.sampled_from(ROLES[:2]).map(lambda value: _is("role", value)),
            st.sampled_from(["vip", "none"]).map(_tagged),
            st.integers(0, 10).map(lambda number: _is("external_id", f"u{number}")),
        ),
        ["id", "created_at", "updated_at", "name", "role"],
    ),
}


def conditions(simple):
    """Draw a tree of conditions, and the same as a test of a row."""
    return st.recursive(
        simple,
        lambda part: st.one_of(
            st.tuples(part, part).map(lambda two: _either(*two)),
            st.tuples(part, part).map(lambda two: _both(*two)),
            part.map(_not),
        ),
        max_leaves=3,
    )


@st.composite
def queries(draw, models=tuple(MODELS), *, by_id=True):
    """Draw a query."""
    model = draw(st.sampled_from(models))
    simple, fields = MODELS[model]
    if not by_id:
        simple = simple.filter(lambda one: one[0].parts[0][0] != "id__in")
    parts = draw(st.lists(st.tuples(conditions(simple), st.booleans()), max_size=2))
    signed = st.tuples(st.sampled_from(["", "-"]), st.sampled_from(fields)).map("".join)
    order = draw(st.lists(signed, max_size=2, unique_by=lambda name: name.lstrip("-")))
    start = draw(st.sampled_from([0, 0, 1, 3, 10, 40]))
    stop = draw(st.sampled_from([None, 1, 2, 5, 8, 30]))
    window = None if stop is None and draw(st.booleans()) else slice(start, stop and start + stop)
    return Asked(
        model,
        tuple((q, test, negated) for (q, test), negated in parts),
        tuple(order),
        window,
        draw(st.sampled_from([None, 3, 7])),
        draw(st.booleans()),
    )


# -- every way of reading ------------------------------------------------------


def ids(records) -> list[Any]:
    return [record.pk for record in records]


def pks(rows: list[Row]) -> list[Any]:
    return [row["id"] for row in rows]


def alike(asked: Asked, found: list[Any], rows: list[Row]) -> None:
    """Assert that ids are those of the query: in its order, or in any where it has none."""
    whole = pks(asked.whole(rows))
    expected = whole if asked.window is None else whole[asked.window]
    if asked.order:
        assert found == expected
        return
    assert len(found) == len(set(found)) == len(expected)
    assert set(found) <= set(whole)


def _listed(asked: Asked, rows: list[Row]) -> None:
    alike(asked, ids(asked.rows), rows)


def _iterated(asked: Asked, rows: list[Row]) -> None:
    alike(asked, ids(asked.rows.iterator()), rows)


def _in_parallel(asked: Asked, rows: list[Row]) -> None:
    try:
        found = ids(asked.rows.iterator(parallel=3))
    except NoEndpoint as error:
        if "parallel" not in str(error):
            raise
    else:
        alike(asked, found, rows)


def _by_threads(asked: Asked, rows: list[Row]) -> None:
    for worker in [Worker(lambda: ids(asked.rows)) for _ in range(3)]:
        alike(asked, worker.get(), rows)


def _by_id_and_threads(asked: Asked, rows: list[Row]) -> None:
    selected = asked.unsliced.filter(id__in=pks(rows))
    for worker in [Worker(lambda: ids(selected.all())) for _ in range(3)]:
        alike(evolve(asked, window=None), worker.get(), rows)


def _awaited(asked: Asked, rows: list[Row]) -> None:
    async def get_all() -> list[Any]:
        return await asyncio.gather(*map(asked.unsliced.aget, some), return_exceptions=True)

    matching, some = pks(asked.matching(rows)), [*pks(rows)[::3], *pks(rows)[:2], 999_999]
    for pk, found in zip(some, asyncio.run(get_all()), strict=True):
        if isinstance(found, NoEndpoint):
            raise found
        if pk in matching:
            assert found.pk == pk
        else:
            assert isinstance(found, asked.model.DoesNotExist)


def _in_bulk(asked: Asked, rows: list[Row]) -> None:
    found = asked.rows.in_bulk()
    assert list(found) == ids(found.values())
    alike(asked, list(found), rows)


def _in_bulk_of_some(asked: Asked, rows: list[Row]) -> None:
    wanted = pks(rows)[::2]
    found = asked.unsliced.in_bulk(wanted)
    assert set(found) == set(wanted) & set(pks(asked.matching(rows)))


def _values(asked: Asked, rows: list[Row]) -> None:
    found = list(asked.rows.values("id", "updated_at"))
    alike(asked, [each["id"] for each in found], rows)
    alike(asked, list(asked.rows.values_list("id", flat=True)), rows)


def _counted(asked: Asked, rows: list[Row]) -> None:
    expected = len(asked.expected(rows))
    assert (asked.rows.count(), len(asked.rows)) == (expected, expected)


def _exists(asked: Asked, rows: list[Row]) -> None:
    expected = bool(asked.expected(rows))
    assert (asked.rows.exists(), bool(asked.rows)) == (expected, expected)


def _first(asked: Asked, rows: list[Row]) -> None:
    found = asked.unsliced.first()
    # Without an order, the whole is ordered by id.
    expected = asked.whole(rows)
    assert (found and found.pk) == (expected[0]["id"] if expected else None)


def _last(asked: Asked, rows: list[Row]) -> None:
    found = asked.unsliced.last()
    expected = asked.whole(rows)
    assert (found and found.pk) == (expected[-1]["id"] if expected else None)


def _reversed(asked: Asked, rows: list[Row]) -> None:
    if not asked.order:
        with pytest.raises(FieldError):
            asked.unsliced.reverse()
        return
    found = ids(asked.unsliced.reverse()[asked.window or slice(None)])
    assert found == pks(asked.whole(rows)[::-1][asked.window or slice(None)])


def _extremes(asked: Asked, rows: list[Row]) -> None:
    order = asked.order or ("created_at",)
    expected = pks(in_order(asked.matching(rows), order))
    for read, place in ((asked.unsliced.earliest, 0), (asked.unsliced.latest, -1)):
        if expected:
            assert read(*order).pk == expected[place]
        else:
            with pytest.raises(asked.model.DoesNotExist):
                read(*order)


def _indexed(asked: Asked, rows: list[Row]) -> None:
    expected = pks(asked.expected(rows))
    place = len(expected) // 2
    if not expected:
        with pytest.raises(IndexError):
            asked.rows[place]
    elif asked.order:
        assert asked.rows[place].pk == expected[place]
    else:
        assert asked.rows[place].pk in pks(asked.matching(rows))


def _from_the_end(asked: Asked, rows: list[Row]) -> None:
    expected = pks(asked.expected(rows))
    if not asked.order and not asked.rows.query.windowed:
        with pytest.raises(InvalidValue, match="order"):
            asked.rows[-1]
    elif not expected:
        with pytest.raises(IndexError):
            asked.rows[-1]
    elif asked.order:
        assert asked.rows[-1].pk == expected[-1]
    else:
        assert asked.rows[-1].pk in pks(asked.matching(rows))


def _got(asked: Asked, rows: list[Row]) -> None:
    matching = pks(asked.matching(rows))
    pk = rows[len(rows) // 2]["id"]
    if pk in matching:
        assert asked.unsliced.get(pk).pk == pk
    else:
        with pytest.raises(asked.model.DoesNotExist):
            asked.unsliced.get(pk)


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

methods = st.lists(st.sampled_from(METHODS), min_size=3, max_size=4, unique=True)


def compare(asked: Asked, reads: list[Any], rows: list[Row]) -> None:
    """Read in several ways, and compare; what is refused is not wrong.

    The option -rP of pytest prints how many were compared, and how many refused.
    """
    for read in reads:
        before = TALLY["refused"]
        with refusals_counted():
            read(asked, rows)
        TALLY["compared"] += TALLY["refused"] == before


@contextmanager
def refusals_counted() -> Iterator[None]:
    """Count a query that is refused."""
    try:
        yield
    except NoEndpoint:
        TALLY["refused"] += 1


def restored(emulator, pristine, **switches):
    """Set an emulator back to the pristine rows, a while after they were written."""
    wait_for_requests()
    emulator._store.copy_from(pristine._store)
    emulator.clock.sleep(max(0, pristine.clock.now() - emulator.clock.now()) + 3600)
    emulator.switches.index_lag = switches.get("index_lag", 0)
    return emulator.connect(read_ahead=switches.get("read_ahead", 0))


def existing(emulator, model) -> list[Row]:
    """Return the rows of a model, those that every account begins with included."""
    return stored_rows(emulator, model)


# -- the six setups ------------------------------------------------------------


@given(asked=queries(), reads=methods, ahead=st.sampled_from([0, 2]))
def test_queries_of_a_cold_cache(emulator, pristine, asked, reads, ahead):
    """A query gives the rows that plain Python gives if nothing was read before."""
    for read in reads:
        restored(emulator, pristine, read_ahead=ahead)
        compare(asked, [read], existing(emulator, asked.model))


@given(
    asked=queries(),
    reads=methods,
    held=st.integers(0, 2),
    implementation=st.sampled_from([LRUCache, LFUCache, RRCache, TTLCache]),
    maxsize=st.sampled_from([1, 7, 1_000]),
)
def test_queries_of_a_warm_cache(emulator, pristine, asked, reads, held, implementation, maxsize):
    """Rows that are cached, all or some of them, in any class of cache, change no result."""
    account = restored(emulator, pristine)
    options = {"ttl": 600} if implementation is TTLCache else {}
    for model in (Ticket, User):
        account.cache.add(model, implementation, maxsize, **options)
    rows = existing(emulator, asked.model)
    known = asked.model.objects.in_bulk(pks(rows)[held::held] if held else pks(rows))
    compare(asked, reads, rows)
    assert known is not None


@given(asked=queries(), reads=methods, every=st.integers(1, 3))
def test_queries_of_an_explicit_session(emulator, pristine, asked, reads, every):
    """Rows that a session holds, all or some of them, change no result."""
    account = restored(emulator, pristine)
    rows = existing(emulator, asked.model)
    with account.session():
        asked.model.objects.in_bulk(pks(rows)[::every])
        compare(asked, reads, rows)


def _change(record: Any, number: int) -> None:
    """Change what rows are found and ordered by."""
    if isinstance(record, Ticket):
        record.status = STATUSES[1 + number % 4]
        record.priority = PRIORITIES[number % 4]
    else:
        record.name = f"{'dab'[number % 3]} {record.pk}"
    record.tags.append(f"seen-{record.pk}")


@given(
    asked=queries(),
    lag=st.sampled_from([0, LAG]),
    ahead=st.sampled_from([0, 2]),
    pause=st.sampled_from([0, 1]),
    streams=st.booleans(),
)
def test_a_loop_that_saves_its_rows(emulator, pristine, asked, lag, ahead, pause, streams):
    """A loop that saves the rows it reads visits each of them once, in their order."""
    restored(emulator, pristine, index_lag=lag, read_ahead=ahead)
    before = existing(emulator, asked.model)
    visited: list[Any] = []
    try:
        for number, record in enumerate(asked.rows.iterator() if streams else asked.rows):
            visited.append(record.pk)
            _change(record, number)
            record.save(safe=False)
            emulator.clock.sleep(pause)
    except NoEndpoint:
        assert not visited
        TALLY["refused"] += 1
        return

    TALLY["compared"] += 1
    alike(asked, visited, before)
    after = {row["id"]: row for row in existing(emulator, asked.model)}
    assert {pk for pk, row in after.items() if f"seen-{pk}" in row["tags"]} == set(visited)
    compare(asked, [_listed, _counted], list(after.values()))


@given(
    asked=queries(models=(Ticket,), by_id=False),
    among=st.one_of(st.none(), some(range(1, TICKETS + 2))),
    reads=methods,
    writes=st.lists(
        st.tuples(st.booleans(), st.integers(1, TICKETS), st.integers(0, 99)), max_size=6
    ),
    end=st.sampled_from(["at once", "read by id", "index caught up"]),
)
def test_another_client_writes_in_the_same_second(
    emulator, pristine, asked, among, reads, writes, end
):
    """Own writes are seen at once, those of others when they are read or indexed."""
    if among is not None:
        asked = evolve(asked, where=(*asked.where, (*_among("id", among), False)))
    restored(emulator, pristine, index_lag=LAG)
    emulator.connect(alias="colleague")
    visible = {row["id"]: row for row in existing(emulator, Ticket)}
    mine: set[int] = set()
    for own, pk, number in writes:
        ticket = Ticket.objects.using("default" if own else "colleague").get(pk)
        _change(ticket, number)
        ticket.save(safe=False)
        if own:
            mine.add(pk)
            visible[pk] = emulator._store.get("support.Ticket", pk)
    truth = {row["id"]: row for row in existing(emulator, Ticket)}
    if end == "read by id":
        Ticket.objects.in_bulk(sorted(mine))
        visible |= {pk: truth[pk] for pk in mine}
    elif end == "index caught up":
        emulator.clock.sleep(LAG + 1)
        visible = truth
    # What is read by id never lags, and may show what others wrote meanwhile.
    for read in sorted(reads, key=lambda read: read in BY_ID):
        rows = truth if read in BY_ID or among is not None else visible
        compare(asked, [read], list(rows.values()))


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


def _update_found(account: Any, model: Any, pks: list[int], number: int) -> None:
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
    _update_found,
    _add_tags,
    _remove_tags,
    _add_tags_in_batch,
    _create,
    _bulk_create,
    _delete,
    _delete_together,
]


def _as_written(asked: Asked, rows: list[Row]) -> None:
    """Compare the values of rows, also those that a job has changed."""
    written = {row["id"]: row for row in rows}
    for record in asked.rows:
        row = written[record.pk]
        assert (record.updated_at, sorted(record.tags)) == (
            moment(row, "updated_at"),
            sorted(row["tags"]),
        )


@st.composite
def _histories(draw):
    """Draw a model, and writes and queries of it with pauses between them."""
    model = draw(st.sampled_from([Ticket, Ticket, Ticket, User]))
    pause = st.sampled_from([0, 0, 1, 5, 12, 30, 100])
    write = st.tuples(
        pause,
        st.sampled_from(WRITES),
        st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True),
    )
    reads = st.lists(st.sampled_from([*METHODS, _as_written]), min_size=1, max_size=2, unique=True)
    query = st.tuples(pause, queries(models=(model,)), reads)
    steps = st.one_of(write, write, query)
    return model, draw(st.lists(steps, max_size=7)), draw(query)


@given(
    history=_histories(),
    lag=st.sampled_from([LAG, 3 * LAG]),
    ahead=st.sampled_from([0, 2]),
    holds=st.booleans(),
)
def test_writes_of_all_kinds_between_queries(emulator, pristine, history, lag, ahead, holds):
    """Writes by save(), jobs, batches and calls are seen at once, however they are queried."""
    account = restored(emulator, pristine, index_lag=lag, read_ahead=ahead)
    model, steps, last = history
    held = model.objects.in_bulk(pks(existing(emulator, model))) if holds else None
    for number, (pause, action, argument) in enumerate([*steps, last]):
        emulator.clock.sleep(pause)
        rows = existing(emulator, model)
        if isinstance(action, Asked):
            compare(action, argument, rows)
        else:
            known = pks(rows)
            some_ids = list(dict.fromkeys(known[place % len(known)] for place in argument))
            action(account, model, some_ids, number)
    assert (held is None) != holds
