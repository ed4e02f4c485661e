"""Queries by id return the same rows, order and slices whether or not rows are cached or held."""

from __future__ import annotations

import pytest

from zendesk_orm import Group, NoEndpoint, Organization, Ticket, User


@pytest.fixture
def users(demo):
    """Return seven users that the account has cached."""
    return list(User.objects.all()[:7])


def _ids(records):
    return [record.pk for record in records]


def test_cached_rows_are_ordered(users, demo, count_requests):
    """Cached rows are ordered like lists, without a request."""
    rows = User.objects.filter(id__in=_ids(users)).order_by("name")
    expected = sorted(users, key=lambda user: (user.name, user.pk))
    with count_requests(demo, 0):
        assert list(rows) == expected
        assert list(rows.reverse()) == expected[::-1]
        assert (rows.first(), rows.last()) == (expected[0], expected[-1])
        assert rows.latest("name") == expected[-1]


def test_cached_rows_are_sliced(users, demo, count_requests):
    """Slices of cached rows, their lengths and counts are those of lists, without a request."""
    rows = User.objects.filter(id__in=_ids(users)).order_by("-id")
    expected = sorted(_ids(users), reverse=True)
    with count_requests(demo, 0):
        assert _ids(rows[2:4]) == expected[2:4]
        assert rows[5].pk == expected[5]
        assert (rows[:3].count(), len(rows[5:]), len(rows[7:])) == (3, 2, 0)
        assert not rows[9:].exists()
        assert list(User.objects.filter(id=expected[0])[5:]) == []


@pytest.mark.parametrize("cached", [0, 1, 3, 7])
def test_rows_by_id_have_the_order_of_the_ids(users, demo, cached):
    """The rows and their order are the same, however many of them are cached."""
    ids = _ids(users)[::-1]
    demo.cache.clear()
    User.objects.in_bulk(ids[:cached])

    assert _ids(User.objects.filter(id__in=ids)) == ids
    assert _ids(User.objects.filter(id__in=ids)[1:5]) == ids[1:5]
    demo.cache.clear()
    User.objects.in_bulk(ids[-cached:])
    names = [user.name for user in User.objects.filter(id__in=ids).order_by("name")]
    assert names == sorted(user.name for user in users)


def test_a_repeated_id_returns_one_row(users):
    """An id that occurs twice in `id__in` returns one row."""
    pk = users[0].pk

    assert _ids(User.objects.filter(id__in=[pk, pk])) == [pk]


@pytest.mark.parametrize("loaded", [[], [5], [5, 6, 7]])
def test_rows_held_by_a_session_are_ordered_and_sliced(demo, loaded):
    """A query inside a session returns the same rows as outside, however many the session holds."""
    rows = Ticket.objects.filter(id__in=[5, 6, 7])
    with demo.session():
        for pk in loaded:
            Ticket.objects.get(pk)

        assert _ids(rows.order_by("-id")[:2]) == [7, 6]
        assert (rows[:2].count(), rows[2:].count()) == (2, 1)
        assert (rows.first().pk, rows.last().pk) == (5, 7)
        assert rows.order_by("id")[1].pk == 6


@pytest.mark.parametrize("model", [User, Organization, Group])
def test_cached_rows_are_filtered(demo, model):
    """Cached rows that do not match are omitted before the slice is taken."""
    names = [row.name for row in model.objects.all()[:6]]
    ids = _ids(model.objects.all()[:6])
    rows = model.objects.filter(id__in=ids).exclude(name=names[0])

    assert [row.name for row in rows] == names[1:]
    assert [row.name for row in rows[:2]] == names[1:3]
    assert rows.count() == len(names) - 1


def test_first_and_last_raise_without_an_order(demo):
    """`first()` and `last()` raise `NoEndpoint` if the endpoint has no known order."""
    rows = Ticket.objects.exclude(external_id="case-2290")
    for read in (rows.first, rows.last):
        with pytest.raises(NoEndpoint):
            read()
