"""Slices of QuerySets, compared with those of lists."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from zendesk_orm import Group, Organization, Q, Ticket, User


KINDS = {
    "users by cursor or number": User.objects.all(),
    "users in reverse order": User.objects.order_by("-id"),
    "fresh tickets": Ticket.objects.fresh(),
    "all tickets": Ticket.objects.all(),
    "tickets of a status": Ticket.objects.filter(status="open"),
    "more tickets than the row limit": Ticket.objects.filter(status="closed"),
    "tickets by word": Ticket.objects.filter(subject="Cannot log in"),
    "groups": Group.objects.all(),
    "groups filtered client-side": Group.objects.filter(
        name__in=["Billing", "Hardware", "Software"]
    ),
    "organizations": Organization.objects.all(),
    "a union": Ticket.objects.filter(Q(status="new") | Q(tags="vip")),
    "an ordered union": Ticket.objects.filter(Q(status="new") | Q(tags="vip")).order_by(
        "-created_at"
    ),
    "users of a role": User.objects.filter(role="agent"),
}

windows = st.tuples(st.integers(0, 450), st.integers(0, 450))


@pytest.fixture(scope="module")
def all_ids(seeded):
    """Return the ids of all rows of each kind, in their order."""
    seeded.connect()
    return {name: [row.pk for row in rows.all()] for name, rows in KINDS.items()}


@pytest.fixture(autouse=True)
def default_account(seeded, all_ids):
    """Connect the emulator as the default account."""
    return seeded.connect()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(window=windows)
@example(window=(240, 260))
@example(window=(95, 105))
@example(window=(0, 1))
@example(window=(None, 5))
@example(window=(390, None))
@example(window=(7, 7))
@example(window=(399, 401))
def test_slices_equal_slices_of_a_list(all_ids, kind, window):
    """A slice of a QuerySet has the rows of the same slice of a list."""
    start, stop = window

    result = [row.pk for row in KINDS[kind].all()[start:stop]]

    assert result == all_ids[kind][start:stop]


@pytest.mark.parametrize("kind", ["users by cursor or number", "tickets of a status", "groups"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(outer=windows, inner=windows)
def test_slices_can_be_sliced(all_ids, kind, outer, inner):
    """A slice of a slice has the rows that it has with lists."""
    result = KINDS[kind].all()[slice(*outer)][slice(*inner)]

    assert [row.pk for row in result] == all_ids[kind][slice(*outer)][slice(*inner)]


@pytest.mark.parametrize("kind", ["users by cursor or number", "tickets of a status", "groups"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(window=windows, step=st.integers(1, 40))
def test_a_slice_with_a_step_is_a_list(all_ids, kind, window, step):
    """As in Django, a slice with a step is a list."""
    start, stop = window

    result = KINDS[kind].all()[start:stop:step]

    assert isinstance(result, list)
    assert [row.pk for row in result] == all_ids[kind][start:stop:step]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(window=windows, size=st.integers(1, 100))
def test_slices_do_not_depend_on_the_page_size(all_ids, window, size):
    """A slice has the same rows with pages of any size."""
    start, stop = window[0], min(window[1], window[0] + 60)

    result = User.objects.page_size(size)[start:stop]

    assert [row.pk for row in result] == all_ids["users by cursor or number"][start:stop]


@pytest.mark.parametrize("kind", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=5)
@given(window=windows)
def test_a_slice_counts_its_rows(all_ids, kind, window):
    """`count()` of a slice is the number of its rows."""
    start, stop = window

    assert KINDS[kind].all()[start:stop].count() == len(all_ids[kind][start:stop])


@pytest.mark.parametrize("kind", KINDS)
def test_slices_of_cached_rows_make_no_request(all_ids, default_account, kind):
    """A slice of an evaluated QuerySet makes no request."""
    rows = KINDS[kind].all()
    list(rows)
    before = default_account.requests_sent

    result = [row.pk for row in rows[2:5]]

    assert result == all_ids[kind][2:5]
    assert default_account.requests_sent == before


@pytest.mark.parametrize("kind", KINDS)
def test_interrupted_loops_can_be_continued(all_ids, kind):
    """After an interrupted loop, a second loop returns all rows without duplicates or gaps."""
    rows = KINDS[kind].all()
    for _, _row in zip(range(3), rows, strict=False):
        pass

    assert [row.pk for row in rows] == all_ids[kind]
