"""Requests: tickets as their end users see them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.support.people import connect_as, create_user
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
def ada(account):
    """Create an end user of an organization."""
    return create_user("Ada", organization=Organization.objects.create(name="Acme"))


@pytest.fixture
def ada_account(emulator, ada):
    """Connect the account as the end user."""
    with connect_as(emulator, ada) as other:
        yield other


@pytest.fixture
def ada_requests(ada_account):
    """Return the manager of the end user's requests."""
    return Request.objects.using(ada_account.alias)


def _create_request(ada_requests, subject="Printer", body="It burns.", **values):
    return ada_requests.create(subject=subject, comment=RequestComment(body=body), **values)


def test_a_request_creates_a_ticket(ada, ada_account, ada_requests, count_requests):
    """A request creates a ticket of its requester and the organization of the requester."""
    with count_requests(ada_account, 1):
        request = _create_request(ada_requests, priority="high")
    ticket = Ticket.objects.get(request.pk)

    assert (request.subject, request.priority, request.status) == ("Printer", "high", "new")
    assert (ticket.description, ticket.requester) == ("It burns.", ada)
    assert ticket.organization == ada.organization
    with count_requests(ada_account, 1):
        assert ada_requests.get(request.pk) is request


def test_a_request_requires_a_comment(ada_requests, ada_account, count_requests):
    """A request without a comment raises `ValidationError` before any request."""
    with count_requests(ada_account, 0), pytest.raises(ValidationError, match="comment"):
        ada_requests.create(subject="Printer")


def test_a_request_may_name_its_requester(account, count_requests):
    """A request can name its requester by name and email."""
    with count_requests(account, 1):
        request = Request.objects.create(
            subject="Printer",
            comment=RequestComment(body="x"),
            requester_={"name": "Eve", "email": "eve@example.com"},
        )

    assert User.objects.get(request.requester_id).name == "Eve"


def test_a_reply_is_a_public_comment(account, ada_account, ada_requests, count_requests):
    """`reply()` adds a public comment with attachments and collaborators."""
    request = _create_request(ada_requests)
    upload = Upload.objects.upload(b"x", "photo.png")
    with count_requests(ada_account, 1):
        assert (
            request.reply("Still burning.", uploads=[upload], collaborators=["ben@example.com"])
            is request
        )

    comments = list(Ticket.objects.get(request.pk).comments.all())
    assert [(comment.body, comment.public) for comment in comments] == [
        ("It burns.", True),
        ("Still burning.", True),
    ]
    assert comments[1].attachments[0].file_name == "photo.png"
    assert len(request.collaborator_ids) == 1


def test_an_empty_reply_is_rejected(ada_requests, ada_account, count_requests):
    """An empty reply, or one to an unsaved request, raises `InvalidValue` before any request."""
    request = _create_request(ada_requests)
    with count_requests(ada_account, 0):
        with pytest.raises(InvalidValue, match="comment"):
            request.reply("  ")
        with pytest.raises(InvalidValue, match="never saved"):
            Request(subject="x").reply("y")


def test_a_request_cannot_be_changed_or_deleted(ada_requests):
    """Changing or deleting a request raises `FieldError`."""
    request = _create_request(ada_requests)

    with pytest.raises(FieldError, match="when the object is created"):
        request.subject = "Scanner"
    with pytest.raises(FieldError, match="does not support delete"):
        request.delete()


def test_the_requester_solves_a_request(account, ada_account, ada_requests, count_requests):
    """The requester solves a request once an agent is assigned to it."""
    request = _create_request(ada_requests)
    with count_requests(ada_account, 0), pytest.raises(InvalidValue, match="agent"):
        request.solve()
    ticket = Ticket.objects.get(request.pk)
    ticket.assignee = User.objects.me()
    ticket.save()
    request.refresh_from_db()
    with count_requests(ada_account, 1):
        assert request.solve("It is out.") is request

    assert (request.status, request.solved, request.can_be_solved_by_me) == ("solved", True, False)
    assert list(request.comments.all())[-1].body == "It is out."


def test_private_comments_are_hidden(account, ada_account, ada_requests, count_requests):
    """End users list and fetch public comments, by role or since a time, and no private ones."""
    request, ticket = _create_request(ada_requests), None
    ticket = Ticket.objects.get(request.pk)
    ticket.comments.create(body="A fool.", public=False)
    ticket.comments.create(body="We are coming.")
    with count_requests(ada_account, 1):
        comments = list(request.comments.all())
    assert [row.body for row in comments] == ["It burns.", "We are coming."]
    assert comments[0].request is request

    with count_requests(ada_account, 3):
        assert [row.body for row in request.comments.filter(role="agent")] == ["We are coming."]
        assert list(request.comments.since(datetime.now(timezone.utc) + timedelta(days=1))) == []
        comment = RequestComment.objects.using(ada_account.alias).get(
            request=request, id=comments[1].pk
        )
    assert comments[1] is comment
    with pytest.raises(InvalidValue, match="time zone"):
        request.comments.since(datetime(2026, 1, 1))


def test_requests_are_listed_by_state(account, ada, ada_account, ada_requests, count_requests):
    """Open and solved requests, and those with the user in copy, have a list each."""
    first, second = _create_request(ada_requests, "One"), _create_request(ada_requests, "Two")
    solved = Ticket.objects.get(second.pk)
    solved.assignee, solved.status = User.objects.me(), "solved"
    solved.save()
    other = Ticket.objects.create(
        subject="Three", comment=Comment(body="x"), email_ccs=[{"user_id": ada.pk}]
    )
    with count_requests(ada_account, 4):
        assert list(ada_requests) == [first, second]
        assert list(ada_requests.open()) == [first]
        assert list(ada_requests.solved()) == [second]
        assert [request.pk for request in ada_requests.copied()] == [other.pk]

    assert "requests/open?page[size]=100" in ada_requests.open().explain()


def test_requests_are_searched_by_words_and_status(ada_account, ada_requests, count_requests):
    """Requests are searched by words and status, in one request each."""
    first, _ = _create_request(ada_requests, "Printer"), _create_request(ada_requests, "Scanner")
    with count_requests(ada_account, 2):
        assert list(ada_requests.filter(query="printer")) == [first]
        assert list(ada_requests.filter(query="printer", status="solved")) == []


def test_agents_list_requests_of_users_and_organizations(
    account, ada, ada_requests, count_requests
):
    """Agents list the requests of a user or an organization."""
    request = _create_request(ada_requests)
    with count_requests(account, 2):
        assert [row.pk for row in ada.requests.all()] == [request.pk]
        requests = list(Request.objects.filter(organization=ada.organization_id))
    assert [row.pk for row in requests] == [request.pk]


def test_requests_of_other_users_are_not_found(emulator, ada_requests):
    """An end user neither lists nor fetches requests of other end users."""
    request = _create_request(ada_requests)
    with connect_as(emulator, create_user("Ben"), "ben"):
        with pytest.raises(Request.DoesNotExist):
            Request.objects.using("ben").get(request.pk)
        assert list(Request.objects.using("ben").all()) == []
