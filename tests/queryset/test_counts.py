"""Counts of rows, and the objects before and after another one."""

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
def test_counts_have_a_refresh_time(demo, count_requests, rows, fresh, stamped):
    """A count is an integer that knows whether and when Zendesk determined it."""
    with count_requests(demo, 1):
        number = rows.count()

    assert number == len(rows)
    assert number.fresh is fresh
    assert (number.refreshed_at is not None) is stamped
    assert pickle.loads(pickle.dumps(number)) == number


def test_counts_equal_the_number_of_listed_rows(demo):
    """The count of a list excludes archived tickets if the list does."""
    company = Organization.objects.all()[0]

    assert company.tickets.count() == len(company.tickets.all())
    assert company.tickets.fresh().count() == len(company.tickets.fresh())


def test_next_and_previous_objects_take_one_request(demo, count_requests):
    """The next or previous object by creation time takes one request."""
    rows = list(Ticket.objects.filter(status="open").order_by("created_at")[:3])
    with count_requests(demo, 2):
        assert rows[1].get_next_by_created_at(status="open") == rows[2]
        assert rows[1].get_previous_by_created_at(status="open") == rows[0]
    with pytest.raises(Ticket.DoesNotExist):
        rows[0].get_previous_by_created_at(status="open")


def test_deleted_tickets_have_a_separate_manager(demo):
    """`Ticket.deleted` lists deleted tickets."""
    ticket = Ticket.objects.create(subject="Mistake", comment=Comment(body="?"))
    ticket.delete()

    assert ticket.pk in {deleted.pk for deleted in Ticket.deleted.all()}
    with pytest.raises(AttributeError, match=r"deleted.*Ticket"):
        _ = ticket.deleted
