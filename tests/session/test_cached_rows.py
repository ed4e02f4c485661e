"""Rows that are cached, or held by a session, are ordered, sliced and counted as others are."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, NoEndpoint, Organization, Ticket, User


@pytest.fixture
def users(demo):
    """Return seven users that the account has cached."""
    return list(User.objects.all()[:7])


def _ids(records):
    return [record.pk for record in records]


def test_cached_rows_come_in_the_order_that_is_asked(users, demo, count_requests):
    """An order, its opposite and both ends are those of all rows, without a request."""
    rows = User.objects.filter(id__in=_ids(users)).order_by("name")
    expected = sorted(users, key=lambda user: (user.name, user.pk))
    with count_requests(demo, 0):
        assert expected == list(rows)
        assert expected[::-1] == list(rows.reverse())
        assert (expected[0], expected[-1]) == (rows.first(), rows.last())
        assert expected[-1] == rows.latest("name")


def test_cached_rows_are_cut_to_the_slice(users, demo, count_requests):
    """A slice of cached rows has its rows, its length and its number."""
    rows = User.objects.filter(id__in=_ids(users)).order_by("-id")
    expected = sorted(_ids(users), reverse=True)
    with count_requests(demo, 0):
        assert expected[2:4] == _ids(rows[2:4])
        assert expected[5] == rows[5].pk
        assert (3, 2, 0) == (rows[:3].count(), len(rows[5:]), len(rows[7:]))
        assert not rows[9:].exists()
        assert [] == list(User.objects.filter(id=expected[0])[5:])


@pytest.mark.parametrize("cached", [0, 1, 3, 7])
def test_rows_by_id_come_in_the_order_of_their_ids(users, demo, cached):
    """Some of the rows being cached changes neither the rows nor their order."""
    ids = _ids(users)[::-1]
    demo.cache.clear()
    User.objects.in_bulk(ids[:cached])

    assert ids == _ids(User.objects.filter(id__in=ids))
    assert ids[1:5] == _ids(User.objects.filter(id__in=ids)[1:5])
    demo.cache.clear()
    User.objects.in_bulk(ids[-cached:])
    names = [user.name for user in User.objects.filter(id__in=ids).order_by("name")]
    assert names == sorted(user.name for user in users)


def test_ids_that_are_named_twice_come_once(users):
    """An id that a list names twice is one row."""
    pk = users[0].pk

    assert [pk] == _ids(User.objects.filter(id__in=[pk, pk]))


@pytest.mark.parametrize("held", [[], [5], [5, 6, 7]])
def test_rows_of_a_session_are_ordered_and_cut(demo, held):
    """A query inside a session gives what it gives outside."""
    rows = Ticket.objects.filter(id__in=[5, 6, 7])
    with demo.session():
        for pk in held:
            Ticket.objects.get(pk)

        assert [7, 6] == _ids(rows.order_by("-id")[:2])
        assert (2, 1) == (rows[:2].count(), rows[2:].count())
        assert (5, 7) == (rows.first().pk, rows.last().pk)
        assert 6 == rows.order_by("id")[1].pk


@pytest.mark.parametrize("model", [User, Organization, Group])
def test_a_filter_holds_for_cached_rows(demo, model):
    """Cached rows that do not match are left out before the slice is taken."""
    names = [row.name for row in model.objects.all()[:6]]
    ids = _ids(model.objects.all()[:6])
    rows = model.objects.filter(id__in=ids).exclude(name=names[0])

    assert names[1:] == [row.name for row in rows]
    assert names[1:3] == [row.name for row in rows[:2]]
    assert len(names) - 1 == rows.count()


def test_the_first_of_no_order_is_refused_where_none_is_known(demo):
    """Neither end of rows in no order is guessed."""
    rows = Ticket.objects.exclude(external_id="case-2290")
    for read in (rows.first, rows.last):
        with pytest.raises(NoEndpoint, match=r"scan\(\)|no endpoint"):
            read()
