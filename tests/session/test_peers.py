"""Records of one page: what one of them points to comes for all of them."""

from __future__ import annotations

from zendesk_orm import Comment, Ticket, User


def _tickets(*values):
    return Ticket.objects.bulk_create(
        Ticket(subject="x", comment=Comment(body="y"), **each) for each in values
    ).succeeded


def _users(number):
    return User.objects.bulk_create(User(name=f"U{n}") for n in range(number)).succeeded


def test_a_loop_over_a_relation_makes_one_request_for_the_page(demo_emulator, count_requests):
    """The first requester that is read brings those of the other tickets along."""
    account = demo_emulator.connect()
    tickets = list(Ticket.objects.filter(status="new"))

    with count_requests(account, 1):
        names = {ticket.requester.name for ticket in tickets}

    assert len(names) > 10


def test_more_than_a_hundred_come_by_the_hundred(emulator, count_requests):
    """What is there already is not asked for again."""
    account = emulator.connect()
    _tickets(*({"requester": user} for user in _users(250)))
    account.cache.clear()

    with account.session():
        tickets = list(Ticket.objects.all())
        with count_requests(account, 3):
            names = {ticket.requester.name for ticket in tickets}

    assert 250 == len(names)


def test_what_is_not_kept_is_held_by_the_peers(emulator, count_requests):
    """Tickets are kept nowhere, and the problems of incidents come in one request all the same."""
    account = emulator.connect()
    problems = _tickets(*[{"type": "problem"}] * 3)
    incidents = _tickets(*({"type": "incident", "problem": problem} for problem in problems))
    wanted = [incident.pk for incident in incidents]
    del problems, incidents

    found = list(Ticket.objects.filter(id__in=wanted))
    with count_requests(account, 1):
        subjects = [ticket.problem.subject for ticket in found]

    assert ["x"] * 3 == subjects


def test_an_unsaved_relation_of_a_peer_stays(demo_emulator):
    """What comes along does not overwrite an edit."""
    first, second, *_ = Ticket.objects.filter(status="new").order_by("created_at")[:20]
    other = User.objects.first()
    second.requester = other

    assert first.requester.name
    assert other is second.requester


def test_only_the_relation_that_is_read_comes_along(demo_emulator, sent):
    """Who reads assignees has not asked for requesters."""
    demo_emulator.connect()
    tickets = list(Ticket.objects.filter(status="open")[:50])
    wanted = {ticket.assignee_id for ticket in tickets if ticket.assignee_id}
    del sent[:]

    assert all(ticket.assignee.name for ticket in tickets if ticket.assignee_id)
    assert 1 == len(sent)
    assert wanted == {int(pk) for pk in dict(sent[0].params)["ids"].split(",")}
