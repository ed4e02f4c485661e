"""Reading a QuerySet: what it gives, and what it never does in silence."""

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


EVERY_KIND = {
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


@pytest.fixture(params=EVERY_KIND.values(), ids=EVERY_KIND)
def rows(request, demo):
    """Return a QuerySet of each kind, not yet read."""
    return request.param.all()


# -- one question, one answer ------------------------------------------------


def test_a_second_pass_gives_the_same_objects(rows):
    """Iterating twice gives the same objects in the same order."""
    first = list(rows)

    assert len(first) == len(list(rows))
    assert all(one is two for one, two in zip(first, rows, strict=True))


def test_nested_passes_do_not_disturb_each_other(demo):
    """Two loops over one QuerySet see all rows each."""
    rows = User.objects.all()

    pairs = sum(1 for _ in zip(rows, iter(rows), strict=True))

    assert 400 == pairs


def test_no_row_comes_twice(rows):
    """Whatever the endpoint, and however it is paged."""
    ids = [row.pk for row in rows]

    assert len(set(ids)) == len(ids)


def test_numbers_agree(rows):
    """len(), count(), bool() and exists() tell of the same rows."""
    number = len(list(rows))

    assert number == len(rows) == rows.all().count()
    assert (number > 0) is bool(rows.all()) is rows.all().exists()


def test_first_and_last_are_among_the_rows(rows):
    """And None where there are none; a slice is not put into another order."""
    found = list(rows)
    if rows.query.windowed:
        with pytest.raises(FieldError, match="slice"):
            rows.all().last()
        return

    first, last = rows.all().first(), rows.all().last()

    if found:
        assert first in found
        assert last in found
    else:
        assert (None, None) == (first, last)


def test_an_index_is_a_place(rows):
    """`rows[n]` is the row that stands there, and beyond the end is IndexError."""
    found = list(rows)

    for place in {0, 1, len(found) - 1} & set(range(len(found))):
        assert found[place] == rows.all()[place]
    with pytest.raises(IndexError):
        rows.all()[len(found)]


def test_containment_is_by_row(rows):
    """A row is in, also as another object; any other row is not."""
    found = list(rows)

    assert all(row in rows for row in found[:3])
    assert rows.model(id=987_654_321) not in rows


def test_streaming_gives_the_same_rows(rows):
    """`iterator()` yields what a list holds."""
    assert [row.pk for row in rows.iterator()] == [row.pk for row in rows]


def test_a_pickle_holds_what_was_read(rows):
    """A read QuerySet comes back with its rows, an unread one with its question."""
    unread = pickle.loads(pickle.dumps(rows))
    list(rows)
    read = pickle.loads(pickle.dumps(rows))

    assert rows.query == unread.query == read.query
    assert [row.pk for row in rows] == [row.pk for row in read] == [row.pk for row in unread]


def test_streaming_keeps_nothing(demo):
    """A row that the loop let go of is gone."""
    rows = User.objects.all()
    refs = [weakref.ref(user) for user in rows.iterator()]
    gc.collect()

    assert 100 > sum(ref() is not None for ref in refs)
    assert "read" not in repr(rows)


# -- one row -----------------------------------------------------------------


@pytest.mark.parametrize(
    "find",
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
def test_one_row_is_got(demo, find):
    """By id, by external id, or by what is known of it."""
    assert 10 == find().pk


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
def test_a_row_that_is_not_there_raises(demo, model, lookups):
    """The model's own DoesNotExist tells what was asked."""
    with pytest.raises(model.DoesNotExist, match=str(next(iter(lookups.values())))):
        model.objects.get(**lookups)


@pytest.mark.parametrize(
    "rows", [Ticket.objects.filter(status="new"), User.objects.all(), Group.objects.all()]
)
def test_several_rows_raise(demo, rows):
    """The model's own MultipleObjectsReturned."""
    with pytest.raises(rows.model.MultipleObjectsReturned, match="several"):
        rows.get()


def test_exceptions_are_the_models_own(demo):
    """A missing ticket is not caught as a missing user."""
    with pytest.raises(Ticket.DoesNotExist) as caught:
        Ticket.objects.get(999_999)

    assert not isinstance(caught.value, User.DoesNotExist)


def test_a_missing_id_is_an_empty_result(demo):
    """As in Django; only `get()` raises."""
    assert [] == list(Ticket.objects.filter(id=999_999))
    assert Ticket.objects.filter(id=999_999).first() is None
    assert not Ticket.objects.filter(id=999_999).exists()


def test_in_bulk_leaves_out_what_is_not_there(demo):
    """Rows by id, in the order asked."""
    found = Ticket.objects.in_bulk([9, 5, 999_999, 7])

    assert {9, 5, 7} == set(found)
    assert all(pk == ticket.pk for pk, ticket in found.items())


def test_the_oldest_and_the_newest(demo):
    """Rows in no order have a first and a last one as in Django: by age."""
    assert (1, 3000) == (Ticket.objects.first().pk, Ticket.objects.last().pk)
    everybody = sorted(user.pk for user in User.objects.all())
    assert (everybody[0], everybody[-1]) == (User.objects.first().pk, User.objects.last().pk)


# -- orders ------------------------------------------------------------------


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
def test_rows_come_in_the_order_asked(demo, rows, name):
    """Up or down, by what the endpoint can order by."""
    field = name.lstrip("-")
    rank = {each: place for place, each in enumerate(Ticket.status.kind.choices)}

    values = [getattr(row, field) for row in rows.order_by(name)]

    key = rank.get if field == "status" else None
    assert sorted(values, key=key, reverse=name.startswith("-")) == values


def test_a_reversed_order_ends_where_the_order_begins(demo):
    """`last()` of an order is `first()` of its reverse."""
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
def test_an_order_that_there_is_not_is_refused(demo, rows):
    """Instead of rows in another order."""
    with pytest.raises(NoEndpoint, match="cannot order by"):
        list(rows)


# -- what is refused ---------------------------------------------------------


def test_a_wall_gives_what_arrived(demo):
    """The error says what the result holds, and carries the rows before the wall."""
    rows = Ticket.objects.filter(status="closed").order_by("subject", "id")

    with pytest.raises(ResultLimitExceeded, match="has 2,293 rows, and 1,000"):
        list(rows)


def test_a_result_as_long_as_the_wall_is_whole(demo):
    """A slice that ends at the wall is whole, and so is one that reaches over it."""
    rows = Ticket.objects.filter(status="closed").order_by("status")

    assert 1000 == len(set(rows[:1000]))
    assert 1001 == len(set(rows[:1001]))


def test_a_budget_is_kept(demo, count_requests):
    """A query that would cost more is refused before the first request."""
    with count_requests(demo, 0), pytest.raises(RequestBudgetExceeded, match="10"):
        list(Ticket.objects.fresh()[:1000].max_requests(5))
    assert 500 == len(Ticket.objects.fresh()[:500].max_requests(5))


@pytest.mark.parametrize(
    "step",
    [
        lambda rows: rows.filter(status="new"),
        lambda rows: rows.exclude(status="new"),
        lambda rows: rows.order_by("id"),
    ],
)
def test_a_slice_is_not_narrowed(step):
    """As in Django."""
    with pytest.raises(FieldError, match="slice"):
        step(Ticket.objects.all()[:5])


@pytest.mark.parametrize("key", [-1, slice(-5, None), slice(0, -1)])
def test_negative_places_are_refused(key):
    """As in Django."""
    with pytest.raises(InvalidValue, match="negative"):
        Ticket.objects.all()[key]


def test_a_path_that_is_not_there_raises(demo):
    """A list that Zendesk does not know is an error, not an empty result."""
    with pytest.raises(NotFound):
        list(Ticket(id=999_999).comments.all())


def test_a_manager_belongs_to_the_class():
    """As in Django."""
    with pytest.raises(AttributeError, match="Ticket"):
        Ticket(subject="x").objects  # noqa: B018 - reading is the test


def test_page_size_is_what_is_asked_for(demo, sent):
    """Smaller pages give the same rows."""
    rows = User.objects.page_size(30)

    assert 400 == len(rows)
    assert 14 == len(sent)
    with pytest.raises(InvalidValue):
        User.objects.page_size(0)


def test_archived_tickets_are_left_out_only_where_that_was_said(demo):
    """`fresh()` leaves them out, and no other condition does."""
    assert 3000 == len(Ticket.objects.all()) == Ticket.objects.count()
    assert 2245 == len(Ticket.objects.fresh()) == Ticket.objects.fresh().count()
    assert 3000 == sum(
        Ticket.objects.filter(status=status).count() for status in Ticket.status.kind.choices
    )


def test_fresh_sees_what_the_index_does_not_yet(emulator):
    """A ticket of this second is in the list, and not in the search."""
    emulator.switches.index_lag = 60
    # By another account: what this one writes itself is laid over the index.
    emulator.connect(alias="other")
    (made,) = (
        Ticket.objects.using("other")
        .bulk_create([Ticket(subject="x", comment=Comment(body="y"))])
        .succeeded
    )
    made = Ticket.objects.get(made.pk)

    assert [made] == list(Ticket.objects.fresh())
    assert [] == list(Ticket.objects.all())
    emulator.clock.sleep(61)
    assert [made] == list(Ticket.objects.all())


def test_rows_that_the_index_has_late_are_compared_once_more(emulator):
    """What no longer matches is not given, although the index still says so."""
    made = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    emulator.switches.index_lag = 60
    emulator.clock.sleep(120)
    made.status = "pending"
    made.save()

    found = list(Ticket.objects.filter(status="new"))

    assert all(ticket.status == "new" for ticket in found)
