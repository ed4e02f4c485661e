"""`latest()`, `earliest()` and `contains()`."""

from __future__ import annotations

import pytest

from zendesk_orm import Audit, Comment, InvalidValue, Ticket, connect


@pytest.fixture
def three():
    """Return three tickets, created at intervals of a minute."""
    account = connect("emulator://")
    created = []
    for subject in ("a", "b", "c"):
        created.append(Ticket.objects.create(subject=subject, comment=Comment(body="x")))
        account.transport.clock.sleep(60)
    return created


def test_latest_and_earliest_use_the_creation_time(three):
    """`latest()` and `earliest()` compare creation times, or the field that is passed."""
    first, _, last = three

    assert (Ticket.objects.earliest(), Ticket.objects.latest()) == (first, last)
    assert Ticket.objects.latest("-created_at") == first


def test_latest_of_an_empty_query_raises():
    """As in Django, `latest()` raises DoesNotExist without rows."""
    connect("emulator://")

    with pytest.raises(Ticket.DoesNotExist):
        Ticket.objects.filter(status="hold").latest()


def test_contains_compares_with_the_conditions(three):
    """`contains()` is True if the object matches the conditions of the query."""
    first = three[0]

    assert Ticket.objects.filter(subject="a").contains(first)
    assert not Ticket.objects.filter(subject="b").contains(first)


def test_contains_rejects_unsaved_objects():
    """`contains()` raises for an unsaved object, which has no id."""
    with pytest.raises(InvalidValue, match="never saved"):
        Ticket.objects.filter(status="new").contains(Ticket())


def test_reversed_reads_from_the_end(account, count_requests):
    """`reversed()` requests the rows in the opposite order if an endpoint supports it."""
    for _ in range(3):
        Ticket.objects.create(subject="?", comment=Comment(body="?"))
    ticket = Ticket.objects.fresh()[0]
    ticket.subject = "!"
    ticket.save()
    audits = [audit.pk for audit in ticket.audits.all()]

    with count_requests(account, 1):
        assert [audit.pk for audit in reversed(ticket.audits.all())] == audits[::-1]
    tickets = [row.pk for row in Ticket.objects.fresh()]
    with count_requests(account, 1):
        assert next(reversed(Ticket.objects.fresh().page_size(1))).pk == tickets[-1]
    for rows in (
        Ticket.objects.fresh()[:2],
        Ticket.objects.fresh().order_by("-updated_at"),
        Ticket.objects.filter(id__in=tickets[1:]),
        Ticket.objects.none(),
        Audit.objects.all(),
    ):
        assert [row.pk for row in reversed(rows)] == [row.pk for row in rows.all()][::-1]
