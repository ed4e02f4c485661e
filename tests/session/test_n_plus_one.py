"""Loops that send one request for each row: the warning, and strict loading."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from zendesk_orm import LazyLoadRefused, NPlusOneWarning, Organization, Q, Ticket, User


NEW = Ticket.objects.filter(status="new")


# -- the warning -------------------------------------------------------------


def test_a_loop_over_related_rows_warns_at_its_line(demo):
    """The tenth request from one line warns once, with the line and the remedy."""
    users = list(User.objects.all()[:15])
    with pytest.warns(NPlusOneWarning, match="prefetch_related") as seen:
        _read_tickets(users)

    assert len(seen) == 1
    assert seen[0].filename == __file__
    lines = Path(__file__).read_text(encoding="utf-8").splitlines()
    assert lines[seen[0].lineno - 1].endswith("# this line")


def _read_tickets(users):
    for user in users:
        list(user.requested_tickets.all())  # this line


def test_an_empty_list_of_values_has_no_influence(demo):
    """The warning is given for a query with such a condition, too."""
    spared = Q(status="new") & Q(custom_status_id__in=[])
    users = list(User.objects.all()[:15])
    with pytest.warns(NPlusOneWarning, match="requested_tickets"):
        _ = [user.requested_tickets.exclude(spared).first() for user in users]


def test_the_warning_names_no_remedy_that_does_not_help(demo):
    """Zendesk lists comments ticket by ticket, so that a prefetch sends as many requests."""
    tickets = list(NEW[:15])
    with pytest.warns(NPlusOneWarning, match="comments") as seen:
        _ = [list(ticket.comments.all()) for ticket in tickets]

    assert "prefetch" not in str(seen[0].message)


def test_counting_in_a_loop_warns(demo):
    """`count()` of related rows in a loop warns, too."""
    companies = list(Organization.objects.all()[:12])
    with pytest.warns(NPlusOneWarning, match="tickets"):
        _ = [company.tickets.count() for company in companies]


def test_relations_of_single_objects_warn(demo):
    """Objects that were fetched one by one cannot load a relation together."""
    ids = [ticket.pk for ticket in NEW[:40]]
    with pytest.warns(NPlusOneWarning, match="select_related"):
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
def test_rows_that_load_together_do_not_warn(demo, read):
    """Prefetched rows, side-loads, relations of a page and fewer than ten requests do not warn."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read()


# -- strict loading ----------------------------------------------------------


def test_strict_loading_raises_instead_of_fetching(demo, count_requests):
    """Access to a relation that was not loaded raises, and names the method that loads it."""
    ticket = NEW.strict_loading()[:3][0]
    with count_requests(demo, 0):
        assert ticket.requester.pk == ticket.requester_id
        with pytest.raises(LazyLoadRefused, match=r"select_related\('requester'\)"):
            _ = ticket.requester.name
        with pytest.raises(LazyLoadRefused, match=r"prefetch_related\('comments'\)"):
            list(ticket.comments.all())
        with pytest.raises(LazyLoadRefused, match="comments"):
            ticket.comments.count()


def test_strict_loading_allows_loaded_relations(demo, count_requests):
    """Side-loaded and prefetched rows can be read, and are strict as well."""
    rows = NEW.strict_loading().select_related("requester").prefetch_related("comments")
    with count_requests(demo, 4):
        ticket = next(iter(rows[:3]))
    with count_requests(demo, 0):
        assert ticket.requester.name
        assert list(ticket.comments.all())
        with pytest.raises(LazyLoadRefused, match="requested_tickets"):
            ticket.requester.requested_tickets.count()


def test_strict_loading_applies_to_the_query(demo):
    """The same object can load relations when another query returns it."""
    ticket = NEW.strict_loading()[:3][0]
    with pytest.raises(LazyLoadRefused):
        _ = ticket.requester.name
    assert NEW[:3][0] is ticket

    assert ticket.requester.name


def test_strict_objects_can_be_changed(demo):
    """`save()`, `create()` and explicit queries of a strict object are allowed."""
    ticket = NEW.strict_loading()[:3][0]
    ticket.priority = "low"
    ticket.save()
    ticket.comments.create(body="Done.", public=False)
    user = User.objects.strict_loading()[:1][0]

    assert Ticket.objects.get(ticket.pk).priority == "low"
    assert user.requested_tickets.filter(status="new").query.strict
