"""Responses to surveys of customer satisfaction."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from zendesk_orm import Comment, Conflict, InvalidValue, Ticket, User, ValidationError
from zendesk_orm.support import SurveyResponse


@pytest.fixture
def ticket(account):
    """Create a ticket of a customer."""
    amy = User.objects.create(name="Amy", email="amy@example.com")
    return Ticket.objects.create(subject="Fire", comment=Comment(body="Hot"), requester=amy)


def _invite(ticket, **values):
    zrns = [f"zen:ticket:{ticket.pk}"]
    values = {"survey_id": "01S", "responder": ticket.requester, "locale": "en-us", **values}
    return SurveyResponse.objects.create(subject_zrns=zrns, **values)


def test_a_user_is_invited_and_answers(account, ticket, count_requests):
    """An invitation has links and loads its other fields; answers are submitted in one request."""
    with count_requests(account, 1):
        response = _invite(ticket)
        assert response.links[0]["rating_links"][4]["rating"] == 5
    with count_requests(account, 1):
        assert (response.survey["id"], response.answers) == ("01S", [])
    with count_requests(account, 1):
        response.answer([{"type": "rating_scale", "rating": 5}], locale="en-us")
    assert response.answers[0]["rating_category"] == "good"
    assert (response.ticket, response.responder) == (ticket, ticket.requester)


def test_responses_are_found(emulator, account, ticket, count_requests):
    """Responses are found by ticket, by responder and by time, in one request each."""
    first = _invite(ticket)
    emulator.clock.sleep(3600)
    other = Ticket.objects.create(
        subject="B", comment=Comment(body="C"), requester=ticket.requester
    )
    second = _invite(other)
    middle = datetime.fromtimestamp(emulator.clock.now() - 60, timezone.utc)
    with count_requests(account, 4):
        assert list(ticket.survey_responses.all()) == [first]
        assert list(ticket.requester.survey_responses.order_by("-id")) == [second, first]
        assert list(SurveyResponse.objects.filter(created_at_start=middle)) == [second]
        assert list(SurveyResponse.objects.filter(created_at_end=middle)) == [first]


def test_pages_without_links_are_followed(account, ticket, count_requests):
    """A list without links is continued by its cursor."""
    responses = [_invite(ticket, survey_id=f"S{number}") for number in range(3)]
    with count_requests(account, 2):
        assert list(SurveyResponse.objects.order_by("id").page_size(2)) == responses


def test_invalid_responses_are_rejected(account, ticket):
    """A second invitation, a missing survey and missing answers raise an error."""
    response = _invite(ticket)
    with pytest.raises(Conflict, match="exists"):
        _invite(ticket)
    with pytest.raises(ValidationError, match="survey_id"):
        SurveyResponse.objects.create(responder=ticket.requester, subject_zrns=["x"], locale="de")
    for answers in ([], None, "good", [5], {"type": "rating_scale", "rating": 5}):
        with pytest.raises(InvalidValue, match="answer"):
            response.answer(answers, locale="en-us")
    with pytest.raises(InvalidValue, match="save"):
        Ticket().survey_responses.all()
