"""Slices give exactly the rows that stand there in the whole, whatever the endpoint."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from zendesk_orm import Group, Organization, Q, Ticket, User


KINDS = {
    "users by cursor or number": User.objects.all(),
    "users, the other way round": User.objects.order_by("-id"),
    "fresh tickets": Ticket.objects.fresh(),
    "all tickets": Ticket.objects.all(),
    "tickets of a status": Ticket.objects.filter(status="open"),
    "more than the wall": Ticket.objects.filter(status="closed"),
    "tickets by word": Ticket.objects.filter(subject="Cannot log in"),
    "groups": Group.objects.all(),
    "groups filtered here": Group.objects.filter(name__in=["Billing", "Hardware", "Software"]),
    "organizations": Organization.objects.all(),
    "a union": Ticket.objects.filter(Q(status="new") | Q(tags="vip")),
    "an ordered union": Ticket.objects.filter(Q(status="new") | Q(tags="vip")).order_by(
        "-created_at"
    ),
    "users of a role": User.objects.filter(role="agent"),
}

windows = st.tuples(st.integers(0, 450), st.integers(0, 450))


@pytest.fixture(scope="module")
def wholes(seeded):
    """Return the ids of all rows of each kind, in their order."""
    seeded.connect()
    return {name: [row.pk for row in rows.all()] for name, rows in KINDS.items()}


@pytest.fixture(autouse=True)
def connected(seeded, wholes):
    """Connect the emulator as the default account."""
    return seeded.connect()


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
def test_a_slice_is_a_slice(wholes, kind, window):
    """`rows[a:b]` holds what `list(rows)[a:b]` holds."""
    start, stop = window

    found = [row.pk for row in KINDS[kind].all()[start:stop]]

    assert wholes[kind][start:stop] == found


@pytest.mark.parametrize("kind", ["users by cursor or number", "tickets of a status", "groups"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(outer=windows, inner=windows)
def test_a_slice_of_a_slice_is_one(wholes, kind, outer, inner):
    """Windows narrow each other as those of a list do."""
    found = KINDS[kind].all()[slice(*outer)][slice(*inner)]

    assert wholes[kind][slice(*outer)][slice(*inner)] == [row.pk for row in found]


@pytest.mark.parametrize("kind", ["users by cursor or number", "tickets of a status", "groups"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(window=windows, step=st.integers(1, 40))
def test_a_step_leaves_rows_out(wholes, kind, window, step):
    """`rows[a:b:c]` is a list, as in Django."""
    start, stop = window

    found = KINDS[kind].all()[start:stop:step]

    assert isinstance(found, list)
    assert wholes[kind][start:stop:step] == [row.pk for row in found]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(window=windows, size=st.integers(1, 100))
def test_the_size_of_a_page_changes_nothing(wholes, window, size):
    """A slice is the same in pages of any size."""
    start, stop = window[0], min(window[1], window[0] + 60)

    found = User.objects.page_size(size)[start:stop]

    assert wholes["users by cursor or number"][start:stop] == [row.pk for row in found]


@pytest.mark.parametrize("kind", KINDS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=5)
@given(window=windows)
def test_a_slice_counts_its_rows(wholes, kind, window):
    """`count()` of a slice is the number of its rows."""
    start, stop = window

    assert len(wholes[kind][start:stop]) == KINDS[kind].all()[start:stop].count()


@pytest.mark.parametrize("kind", KINDS)
def test_a_slice_of_what_was_read_is_free(wholes, connected, kind):
    """After a full pass a slice makes no request."""
    rows = KINDS[kind].all()
    list(rows)
    before = connected.requests_sent

    found = [row.pk for row in rows[2:5]]

    assert wholes[kind][2:5] == found
    assert before == connected.requests_sent


@pytest.mark.parametrize("kind", KINDS)
def test_a_pass_that_was_broken_off_goes_on(wholes, kind):
    """The rest of the rows follows, none twice and none missing."""
    rows = KINDS[kind].all()
    for _, _row in zip(range(3), rows, strict=False):
        pass

    assert wholes[kind] == [row.pk for row in rows]
