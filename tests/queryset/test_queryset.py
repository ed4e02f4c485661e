"""Fetching rows: iteration, caching, indexes, `get()`, orders and limits."""

from __future__ import annotations

import gc
import pickle
import weakref

import pytest

from zendesk_orm import (
    Comment,
    FieldError,
    Group,
    InvalidValue,
    NoEndpoint,
    NotFound,
    Organization,
    Q,
    RequestBudgetExceeded,
    ResultLimitExceeded,
    Ticket,
    User,
)


KINDS = {
    "search": Ticket.objects.filter(status="open"),
    "loose search": Ticket.objects.filter(subject="Cannot log in"),
    "cursor list": User.objects.all(),
    "reversed list": User.objects.order_by("-id"),
    "short list": Group.objects.filter(name="Billing"),
    "union": Ticket.objects.filter(Q(status="new") | Q(tags="vip")),
    "ids": Ticket.objects.filter(id__in=[5, 7, 9]),
    "slice": Ticket.objects.filter(status="open")[10:30],
    "ordered": Ticket.objects.fresh().order_by("subject")[:50],
    "nothing": Ticket.objects.none(),
    "no match": Ticket.objects.filter(external_id="case-1"),
}


@pytest.fixture(params=KINDS.values(), ids=KINDS)
def rows(request, demo):
    """Return an unevaluated QuerySet of each kind."""
    return request.param.all()


def test_iterating_twice_returns_the_same_objects(rows):
    """Iterating twice returns the same objects in the same order."""
    first = list(rows)

    assert len(first) == len(list(rows))
    assert all(row is again for row, again in zip(first, rows, strict=True))


def test_nested_loops_are_independent(demo):
    """Two concurrent iterators over one QuerySet return all rows each."""
    rows = User.objects.all()

    pairs = sum(1 for _ in zip(rows, iter(rows), strict=True))

    assert pairs == 400


def test_no_row_is_returned_twice(rows):
    """A QuerySet returns each row once, whichever endpoint it uses."""
    ids = [row.pk for row in rows]

    assert len(set(ids)) == len(ids)


def test_len_count_bool_and_exists_agree(rows):
    """`len()`, `count()`, `bool()` and `exists()` describe the same rows."""
    number = len(list(rows))

    assert len(rows) == rows.all().count() == number
    assert bool(rows.all()) is rows.all().exists() is (number > 0)


def test_first_and_last_are_among_the_rows(rows):
    """`first()` and `last()` return a row, or None without rows; a slice has no `last()`."""
    result = list(rows)
    if rows.query.windowed:
        with pytest.raises(FieldError, match="slice"):
            rows.all().last()
        return

    first, last = rows.all().first(), rows.all().last()

    if result:
        assert first in result
        assert last in result
    else:
        assert (first, last) == (None, None)


def test_indexes_return_single_rows(rows):
    """An index returns the row at that position, and beyond the end raises IndexError."""
    result = list(rows)

    for position in {0, 1, len(result) - 1} & set(range(len(result))):
        assert rows.all()[position] == result[position]
    with pytest.raises(IndexError):
        rows.all()[len(result)]


def test_containment_compares_rows(rows):
    """`in` is true for a row of the QuerySet, and false for another one."""
    result = list(rows)

    assert all(row in rows for row in result[:3])
    assert rows.model(id=987_654_321) not in rows


def test_iterator_returns_the_same_rows(rows):
    """`iterator()` returns the rows that a normal iteration returns."""
    assert [row.pk for row in rows.iterator()] == [row.pk for row in rows]


def test_pickles_contain_cached_rows(rows):
    """A pickled QuerySet keeps its query, and its rows if it was evaluated."""
    unevaluated = pickle.loads(pickle.dumps(rows))
    list(rows)
    evaluated = pickle.loads(pickle.dumps(rows))

    assert unevaluated.query == evaluated.query == rows.query
    assert (
        [row.pk for row in evaluated] == [row.pk for row in unevaluated] == [row.pk for row in rows]
    )


def test_iterator_caches_nothing(demo):
    """The objects of `iterator()` are garbage collected after the loop releases them."""
    rows = User.objects.all()
    refs = [weakref.ref(user) for user in rows.iterator()]
    gc.collect()

    assert sum(ref() is not None for ref in refs) < 100
    assert "read" not in repr(rows)


@pytest.mark.parametrize(
    "get",
    [
        lambda: Ticket.objects.get(10),
        lambda: Ticket.objects.get(id=10),
        lambda: Ticket.objects.get(pk=10),
        lambda: Ticket.objects.get(external_id="case-10"),
        lambda: Ticket.objects.get(Q(id=10)),
        lambda: Ticket.objects.filter(id=10).get(),
        lambda: Ticket.objects.get(10, status="closed"),
    ],
)
def test_get_returns_one_object(demo, get):
    """`get()` returns the object that matches an id, another field or a Q."""
    assert get().pk == 10


@pytest.mark.parametrize(
    ("model", "lookups"),
    [
        (Ticket, {"id": 999_999}),
        (Ticket, {"external_id": "case-1"}),
        (Ticket, {"id": 10, "status": "new"}),
        (User, {"id": 1}),
        (User, {"email": "nobody@example.com"}),
        (Group, {"name": "Nowhere"}),
        (Organization, {"name": "Nowhere"}),
    ],
)
def test_get_raises_does_not_exist(demo, model, lookups):
    """`get()` raises the DoesNotExist of the model, which names the value."""
    with pytest.raises(model.DoesNotExist, match=str(next(iter(lookups.values())))):
        model.objects.get(**lookups)


@pytest.mark.parametrize(
    "rows", [Ticket.objects.filter(status="new"), User.objects.all(), Group.objects.all()]
)
def test_get_raises_multiple_objects_returned(demo, rows):
    """`get()` raises the MultipleObjectsReturned of the model."""
    with pytest.raises(rows.model.MultipleObjectsReturned, match="several"):
        rows.get()


def test_models_have_their_own_exceptions(demo):
    """The DoesNotExist of tickets is not that of users."""
    with pytest.raises(Ticket.DoesNotExist) as caught:
        Ticket.objects.get(999_999)

    assert not isinstance(caught.value, User.DoesNotExist)


def test_filtering_by_a_missing_id_returns_no_rows(demo):
    """As in Django, a filter by a missing id matches no row, and does not raise."""
    assert list(Ticket.objects.filter(id=999_999)) == []
    assert Ticket.objects.filter(id=999_999).first() is None
    assert not Ticket.objects.filter(id=999_999).exists()


def test_in_bulk_omits_missing_ids(demo):
    """`in_bulk()` returns existing objects by id, without the missing ones."""
    result = Ticket.objects.in_bulk([9, 5, 999_999, 7])

    assert set(result) == {9, 5, 7}
    assert all(ticket.pk == pk for pk, ticket in result.items())


def test_first_and_last_of_unordered_queries_compare_ids(demo):
    """Without an order, `first()` and `last()` have the lowest and the highest id."""
    assert (Ticket.objects.first().pk, Ticket.objects.last().pk) == (1, 3000)
    user_ids = sorted(user.pk for user in User.objects.all())
    assert (User.objects.first().pk, User.objects.last().pk) == (user_ids[0], user_ids[-1])


@pytest.mark.parametrize(
    ("rows", "name"),
    [
        (Ticket.objects.filter(status="open"), "created_at"),
        (Ticket.objects.filter(status="open"), "-created_at"),
        (Ticket.objects.filter(status="open"), "updated_at"),
        (Ticket.objects.filter(tags="vip"), "status"),
        (Ticket.objects.fresh(), "-id"),
        (Ticket.objects.fresh(), "updated_at"),
        (User.objects.all(), "-id"),
        (User.objects.all(), "updated_at"),
        (Group.objects.all(), "name"),
        (Group.objects.all(), "-name"),
        (Organization.objects.all(), "-id"),
    ],
)
def test_order_by_orders_rows(demo, rows, name):
    """`order_by()` orders by a field in ascending or descending order."""
    field = name.lstrip("-")
    ranks = {item: position for position, item in enumerate(Ticket.status.kind.choices)}

    values = [getattr(row, field) for row in rows.order_by(name)]

    key = ranks.get if field == "status" else None
    assert values == sorted(values, key=key, reverse=name.startswith("-"))


def test_last_is_first_of_the_reverse(demo):
    """`last()` of an order is `first()` of the reversed order."""
    rows = Ticket.objects.filter(status="open").order_by("created_at")

    assert rows.last() == rows.reverse().first()


@pytest.mark.parametrize(
    "rows",
    [
        User.objects.order_by("name"),
        Ticket.objects.fresh().order_by("subject", "id"),
        User.objects.filter(role="agent").fresh().order_by("name"),
    ],
)
def test_unsupported_orders_raise(demo, rows):
    """An order that no endpoint supports raises NoEndpoint."""
    with pytest.raises(NoEndpoint, match="cannot order by"):
        list(rows)


def test_too_many_rows_for_an_order_raise(demo):
    """Ordering more rows than can be read raises ResultLimitExceeded."""
    rows = Ticket.objects.filter(status="closed").order_by("subject", "id")

    with pytest.raises(ResultLimitExceeded, match="has 2,293 rows, but at most 1,000"):
        list(rows)


def test_an_incomplete_result_is_never_reused(demo):
    """Iterating again after ResultLimitExceeded raises it again."""
    rows = Ticket.objects.filter(subject__contains="zzz").scan(limit=5)

    for _ in range(2):
        with pytest.raises(ResultLimitExceeded):
            list(rows)


def test_slices_at_the_row_limit_are_complete(demo):
    """A slice that ends at the row limit, or behind it, has all of its rows."""
    rows = Ticket.objects.filter(status="closed").order_by("status")

    assert len(set(rows[:1000])) == 1000
    assert len(set(rows[:1001])) == 1001


def test_max_requests_raises_in_advance(demo, count_requests):
    """A query that needs more requests than `max_requests()` raises before the first one."""
    with count_requests(demo, 0), pytest.raises(RequestBudgetExceeded, match="10"):
        list(Ticket.objects.fresh()[:1000].max_requests(5))
    assert len(Ticket.objects.fresh()[:500].max_requests(5)) == 500


@pytest.mark.parametrize(
    "step",
    [
        lambda rows: rows.filter(status="new"),
        lambda rows: rows.exclude(status="new"),
        lambda rows: rows.order_by("id"),
    ],
)
def test_filtering_a_slice_raises(step):
    """As in Django, filtering or ordering a slice raises."""
    with pytest.raises(FieldError, match="slice"):
        step(Ticket.objects.all()[:5])


@pytest.mark.parametrize("key", [-1, slice(-5, None), slice(0, -1)])
def test_negative_slices_raise(key):
    """As in Django, a slice with a negative bound raises."""
    with pytest.raises(InvalidValue, match="negative"):
        Ticket.objects.all()[key]


def test_comments_of_a_missing_ticket_raise_not_found(demo):
    """The comments of a ticket that does not exist raise NotFound."""
    with pytest.raises(NotFound):
        list(Ticket(id=999_999).comments.all())


def test_objects_cannot_be_read_from_an_instance():
    """As in Django, `objects` of an instance raises AttributeError."""
    with pytest.raises(AttributeError, match="Ticket"):
        Ticket(subject="x").objects  # noqa: B018 - reading is the test


def test_page_size_sets_the_rows_per_page(demo, sent):
    """`page_size()` sets the number of rows per request."""
    rows = User.objects.page_size(30)

    assert len(rows) == 400
    assert len(sent) == 14
    with pytest.raises(InvalidValue):
        User.objects.page_size(0)


def test_only_fresh_omits_archived_tickets(demo):
    """`fresh()` omits archived tickets, and other queries include them."""
    assert len(Ticket.objects.all()) == Ticket.objects.count() == 3000
    assert len(Ticket.objects.fresh()) == Ticket.objects.fresh().count() == 2245
    assert (
        sum(Ticket.objects.filter(status=status).count() for status in Ticket.status.kind.choices)
        == 3000
    )


def test_fresh_returns_new_tickets(emulator):
    """`fresh()` returns a new ticket that the search index does not contain yet."""
    emulator.switches.index_lag = 60
    # Another account creates it, because own writes are merged into search results.
    emulator.connect(alias="other")
    (created,) = (
        Ticket.objects.using("other")
        .bulk_create([Ticket(subject="x", comment=Comment(body="y"))])
        .succeeded
    )
    created = Ticket.objects.get(created.pk)

    assert list(Ticket.objects.fresh()) == [created]
    assert list(Ticket.objects.all()) == []
    emulator.clock.sleep(61)
    assert list(Ticket.objects.all()) == [created]


def test_outdated_search_results_are_removed(emulator):
    """A ticket that no longer matches is removed, although the search index contains it."""
    created = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    emulator.switches.index_lag = 60
    emulator.clock.sleep(120)
    created.status = "pending"
    created.save()

    result = list(Ticket.objects.filter(status="new"))

    assert all(ticket.status == "new" for ticket in result)
