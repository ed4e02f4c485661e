"""Loops that fetch one by one are told, and forbidden where they shall be."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from zendesk_orm import LazyLoadRefused, NPlusOneWarning, Organization, Ticket, User


NEW = Ticket.objects.filter(status="new")


# -- the warning -------------------------------------------------------------


def test_a_loop_over_related_rows_is_told_with_its_line(demo):
    """The tenth request from one line warns, once, and names the remedy."""
    users = list(User.objects.all()[:15])
    with pytest.warns(NPlusOneWarning, match=r"tickets of a User.*prefetch_related") as seen:
        _read_tickets(users)

    assert 1 == len(seen)
    assert __file__ == seen[0].filename
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert lines[seen[0].lineno - 1].endswith("# this line")


def _read_tickets(users):
    for user in users:
        list(user.requested_tickets.all())  # this line


def test_no_remedy_is_named_if_there_is_none(demo):
    """Zendesk lists comments ticket by ticket, so that a prefetch makes as many requests."""
    tickets = list(NEW[:15])
    with pytest.warns(NPlusOneWarning, match="comments of a Ticket.*Zendesk has no") as seen:
        _ = [list(ticket.comments.all()) for ticket in tickets]

    assert "prefetch" not in str(seen[0].message)


def test_counting_in_a_loop_is_a_loop(demo):
    """Numbers cost requests as rows do."""
    companies = list(Organization.objects.all()[:12])
    with pytest.warns(NPlusOneWarning, match="tickets of a Organization"):
        _ = [company.tickets.count() for company in companies]


def test_single_objects_that_are_followed_are_a_loop(demo):
    """Each was fetched by itself, so that no peers can load with it."""
    ids = [ticket.pk for ticket in NEW[:40]]
    with pytest.warns(NPlusOneWarning, match=r"single users.*select_related"):
        _ = [Ticket.objects.get(pk).requester.name for pk in ids]


@pytest.mark.parametrize(
    "read",
    [
        lambda: [t.comments.all() for t in NEW.prefetch_related("comments")[:12]],
        lambda: [t.requester.name for t in NEW[:30]],
        lambda: [t.requester.name for t in NEW.select_related("requester")[:30]],
        lambda: [list(t.comments.all()) for t in NEW[:9]],
        lambda: [list(t.comments.all()) for t in NEW.prefetch_related("comments")[:12]],
    ],
)
def test_what_is_read_together_is_no_loop(demo, read):
    """Nor are a few requests, or none."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read()


# -- strict loading ----------------------------------------------------------


def test_strict_rows_fetch_nothing(demo, count_requests):
    """Touching what was not loaded raises, and says what would have loaded it."""
    ticket = NEW.strict_loading()[:3][0]
    with count_requests(demo, 0):
        assert ticket.requester.pk == ticket.requester_id
        with pytest.raises(LazyLoadRefused, match=r"select_related\('requester'\)"):
            _ = ticket.requester.name
        with pytest.raises(LazyLoadRefused, match=r"prefetch_related\('comments'\)"):
            list(ticket.comments.all())
        with pytest.raises(LazyLoadRefused, match="comments of a Ticket"):
            ticket.comments.count()


def test_strict_rows_have_what_was_asked_for(demo, count_requests):
    """Side-loaded and prefetched rows are there; these are strict as well."""
    rows = NEW.strict_loading().select_related("requester").prefetch_related("comments")
    with count_requests(demo, 4):
        ticket = next(iter(rows[:3]))
    with count_requests(demo, 0):
        assert ticket.requester.name
        assert list(ticket.comments.all())
        with pytest.raises(LazyLoadRefused, match="requested_tickets"):
            ticket.requester.requested_tickets.count()


def test_it_is_the_query_that_is_strict_not_the_row(demo):
    """The same object, given by another query, fetches again."""
    ticket = NEW.strict_loading()[:3][0]
    with pytest.raises(LazyLoadRefused):
        _ = ticket.requester.name
    assert ticket is NEW[:3][0]

    assert ticket.requester.name


def test_strict_objects_are_changed_as_others(demo):
    """Only reading is forbidden."""
    ticket = NEW.strict_loading()[:3][0]
    ticket.priority = "low"
    ticket.save()
    ticket.comments.create(body="Done.", public=False)
    user = User.objects.strict_loading()[:1][0]

    assert "low" == Ticket.objects.get(ticket.pk).priority
    assert user.requested_tickets.filter(status="new").query.strict
