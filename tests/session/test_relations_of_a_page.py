"""Relations of rows that were read together are loaded together."""

from __future__ import annotations

from zendesk_orm import Comment, Ticket, User


def _tickets(*rows):
    return Ticket.objects.bulk_create(
        Ticket(subject="x", comment=Comment(body="y"), **values) for values in rows
    ).succeeded


def _users(number):
    return User.objects.bulk_create(User(name=f"U{n}") for n in range(number)).succeeded


def test_a_relation_is_loaded_for_all_rows_of_a_page(demo_emulator, count_requests):
    """The first access to `requester` loads the requesters of all tickets on the page."""
    account = demo_emulator.connect()
    tickets = list(Ticket.objects.filter(status="new"))

    with count_requests(account, 1):
        names = {ticket.requester.name for ticket in tickets}

    assert len(names) > 10


def test_relations_are_loaded_a_hundred_to_a_request(emulator, count_requests):
    """250 requesters need three requests."""
    account = emulator.connect()
    _tickets(*({"requester": user} for user in _users(250)))
    account.cache.clear()

    with account.session():
        tickets = list(Ticket.objects.all())
        with count_requests(account, 3):
            names = {ticket.requester.name for ticket in tickets}

    assert len(names) == 250


def test_related_rows_that_are_not_cached_are_loaded_together(emulator, count_requests):
    """Tickets are not cached, but the problems of incidents need one request."""
    account = emulator.connect()
    problems = _tickets(*[{"type": "problem"}] * 3)
    incidents = _tickets(*({"type": "incident", "problem": problem} for problem in problems))
    ids = [incident.pk for incident in incidents]
    del problems, incidents

    tickets = list(Ticket.objects.filter(id__in=ids))
    with count_requests(account, 1):
        subjects = [ticket.problem.subject for ticket in tickets]

    assert subjects == ["x"] * 3


def test_loading_a_relation_keeps_edits(demo_emulator):
    """A relation that was assigned to another row of the page stays assigned."""
    first, second, *_ = Ticket.objects.filter(status="new").order_by("created_at")[:20]
    other = User.objects.first()
    second.requester = other

    assert first.requester.name
    assert second.requester is other


def test_other_relations_are_not_loaded(demo_emulator, sent):
    """Access to `assignee` requests the assignees only."""
    demo_emulator.connect()
    tickets = list(Ticket.objects.filter(status="open")[:50])
    ids = {ticket.assignee_id for ticket in tickets if ticket.assignee_id}
    del sent[:]

    assert all(ticket.assignee.name for ticket in tickets if ticket.assignee_id)
    assert len(sent) == 1
    assert {int(pk) for pk in dict(sent[0].params)["ids"].split(",")} == ids
