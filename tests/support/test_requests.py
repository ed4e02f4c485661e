"""Requests: tickets as those see them who ask."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.support.people import person, signed_in
from zendesk_orm import (
    Comment,
    FieldError,
    InvalidValue,
    Organization,
    Request,
    RequestComment,
    Ticket,
    Upload,
    User,
    ValidationError,
)


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def ada(account):
    """An end user of an organization."""
    return person("Ada", organization=Organization.objects.create(name="Acme"))


@pytest.fixture
def hers(emulator, ada):
    """The account, as the end user uses it."""
    with signed_in(emulator, ada) as other:
        yield other


@pytest.fixture
def mine(hers):
    """The requests of the end user."""
    return Request.objects.using(hers.alias)


def _asked(mine, subject="Printer", body="It burns.", **values):
    return mine.create(subject=subject, comment=RequestComment(body=body), **values)


def test_a_request_is_a_ticket(ada, hers, mine, count_requests):
    """Made by the one who asks, in one request."""
    with count_requests(hers, 1):
        request = _asked(mine, priority="high")
    ticket = Ticket.objects.get(request.pk)

    assert ("Printer", "high", "new") == (request.subject, request.priority, request.status)
    assert ("It burns.", ada) == (ticket.description, ticket.requester)
    assert ada.organization == ticket.organization
    with count_requests(hers, 1):
        assert request is mine.get(request.pk)


def test_a_request_says_something(mine, hers, count_requests):
    """Without a comment it is not sent."""
    with count_requests(hers, 0), pytest.raises(ValidationError, match="comment"):
        mine.create(subject="Printer")


def test_somebody_without_an_account_says_who_asks(account, count_requests):
    """By name and address."""
    with count_requests(account, 1):
        request = Request.objects.create(
            subject="Printer",
            comment=RequestComment(body="x"),
            requester_={"name": "Eve", "email": "eve@example.com"},
        )

    assert "Eve" == User.objects.get(request.requester_id).name


def test_a_request_is_replied_to(account, hers, mine, count_requests):
    """What is said is a public comment; files and further people go along."""
    request = _asked(mine)
    upload = Upload.objects.upload(b"x", "photo.png")
    with count_requests(hers, 1):
        assert request is request.reply(
            "Still burning.", uploads=[upload], collaborators=["ben@example.com"]
        )

    comments = list(Ticket.objects.get(request.pk).comments.all())
    assert [("It burns.", True), ("Still burning.", True)] == [
        (each.body, each.public) for each in comments
    ]
    assert "photo.png" == comments[1].attachments[0].file_name
    assert 1 == len(request.collaborator_ids)


def test_nothing_is_no_reply(mine, hers, count_requests):
    """Nor can what was never made be replied to."""
    request = _asked(mine)
    with count_requests(hers, 0):
        with pytest.raises(InvalidValue, match="wants words"):
            request.reply("  ")
        with pytest.raises(InvalidValue, match="first comment"):
            Request(subject="x").reply("y")


def test_a_request_is_settled_when_it_is_made(mine):
    """What was said cannot be said otherwise."""
    request = _asked(mine)

    with pytest.raises(FieldError, match="when the object is made"):
        request.subject = "Scanner"
    with pytest.raises(FieldError, match="no delete"):
        request.delete()


def test_a_request_is_solved(account, hers, mine, count_requests):
    """By the one who asks, as soon as an agent has it."""
    request = _asked(mine)
    with count_requests(hers, 0), pytest.raises(InvalidValue, match="agent"):
        request.solve()
    ticket = Ticket.objects.get(request.pk)
    ticket.assignee = User.objects.me()
    ticket.save()
    request.refresh_from_db()
    with count_requests(hers, 1):
        assert request is request.solve("It is out.")

    assert ("solved", True, False) == (request.status, request.solved, request.can_be_solved_by_me)
    assert "It is out." == list(request.comments.all())[-1].body


def test_private_comments_are_not_seen(account, hers, mine, count_requests):
    """Comments are those that are public, each by itself or all; by whom, or since when."""
    request, ticket = _asked(mine), None
    ticket = Ticket.objects.get(request.pk)
    ticket.comments.create(body="A fool.", public=False)
    ticket.comments.create(body="We are coming.")
    with count_requests(hers, 1):
        comments = list(request.comments.all())
    assert ["It burns.", "We are coming."] == [each.body for each in comments]
    assert request is comments[0].request

    with count_requests(hers, 3):
        assert ["We are coming."] == [each.body for each in request.comments.filter(role="agent")]
        assert [] == list(request.comments.since(datetime.now(timezone.utc) + timedelta(days=1)))
        found = RequestComment.objects.using(hers.alias).get(request=request, id=comments[1].pk)
    assert found is comments[1]
    with pytest.raises(InvalidValue, match="time zone"):
        request.comments.since(datetime(2026, 1, 1))


def test_requests_are_listed_by_how_far_they_are(account, ada, hers, mine, count_requests):
    """Open, solved, and those of others that one is copied in on: a list each."""
    first, second = _asked(mine, "One"), _asked(mine, "Two")
    solved = Ticket.objects.get(second.pk)
    solved.assignee, solved.status = User.objects.me(), "solved"
    solved.save()
    other = Ticket.objects.create(
        subject="Three", comment=Comment(body="x"), email_ccs=[{"user_id": ada.pk}]
    )
    with count_requests(hers, 4):
        assert [first, second] == list(mine)
        assert [first] == list(mine.open())
        assert [second] == list(mine.solved())
        assert [other.pk] == [each.pk for each in mine.copied()]

    assert "requests/open?page[size]=100" in mine.open().explain()


def test_requests_are_searched(hers, mine, count_requests):
    """By a query of their own, and by how far they are."""
    first, _ = _asked(mine, "Printer"), _asked(mine, "Scanner")
    with count_requests(hers, 2):
        assert [first] == list(mine.filter(query="printer"))
        assert [] == list(mine.filter(query="printer", status="solved"))


def test_requests_of_others_are_seen_from_them(account, ada, mine, count_requests):
    """Of a user, and of an organization."""
    request = _asked(mine)
    with count_requests(account, 2):
        assert [request.pk] == [each.pk for each in ada.requests.all()]
        found = list(Request.objects.filter(organization=ada.organization_id))
    assert [request.pk] == [each.pk for each in found]


def test_nobody_sees_the_requests_of_another(emulator, mine):
    """They are not there."""
    request = _asked(mine)
    with signed_in(emulator, person("Ben"), "ben"):
        with pytest.raises(Request.DoesNotExist):
            Request.objects.using("ben").get(request.pk)
        assert [] == list(Request.objects.using("ben").all())
