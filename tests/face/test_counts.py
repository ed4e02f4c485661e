"""Numbers of rows: which endpoint tells them, and how fresh they are."""

from __future__ import annotations

import pickle

import pytest

from zendesk_orm import Comment, Organization, Ticket, User


@pytest.mark.parametrize(
    ("rows", "fresh", "stamped"),
    [
        (User.objects.all(), True, True),
        (Ticket.objects.filter(status="open"), False, False),
        (Ticket.objects.filter(status="open")[5:25], False, False),
    ],
)
def test_a_count_says_how_fresh_it_is(demo, count_requests, rows, fresh, stamped):
    """It is a number like any other, with what Zendesk said of its age."""
    with count_requests(demo, 1):
        number = rows.count()

    assert number == len(rows)
    assert fresh is number.fresh
    assert stamped is (number.refreshed_at is not None)
    assert pickle.loads(pickle.dumps(number)) == number


def test_the_count_of_a_list_is_of_what_the_list_has(demo):
    """Archived tickets are in the number only where they are among the rows."""
    company = Organization.objects.all()[0]

    assert company.tickets.count() == len(company.tickets.all())
    assert company.tickets.fresh().count() == len(company.tickets.fresh())


def test_beside_in_time(demo, count_requests):
    """`get_next_by_created_at()` asks for one row."""
    rows = list(Ticket.objects.filter(status="open").order_by("created_at")[:3])
    with count_requests(demo, 2):
        assert rows[2] == rows[1].get_next_by_created_at(status="open")
        assert rows[0] == rows[1].get_previous_by_created_at(status="open")
    with pytest.raises(Ticket.DoesNotExist, match="no ticket beside"):
        rows[0].get_previous_by_created_at(status="open")


def test_deleted_tickets_have_a_manager_of_their_own(demo):
    """For thirty days they are in a list of their own."""
    ticket = Ticket.objects.create(subject="Mistake", comment=Comment(body="?"))
    ticket.delete()

    assert ticket.pk in {deleted.pk for deleted in Ticket.deleted.all()}
    with pytest.raises(AttributeError, match="belongs to Ticket"):
        _ = ticket.deleted
