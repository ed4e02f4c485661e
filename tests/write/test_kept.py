"""Values by key are sent one by one, and what Zendesk does not keep is told."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Organization,
    Ticket,
    User,
    ValidationError,
    post_save,
    value_ignored,
)
from zendesk_orm.http.request import Request, Response
from zendesk_orm.write.ignored import tell_ignored


@pytest.fixture
def told():
    """Names of fields that were ignored, a list for each save."""
    names = []

    def note(sender, instance, **arguments):
        names.append(arguments["names"])

    with value_ignored.connected_to(note):
        yield names


@pytest.mark.parametrize(
    ("model", "field", "values"),
    [
        (User, "user_fields", {"name": "Ann", "email": "ann@acme.com"}),
        (Organization, "organization_fields", {"name": "Acme"}),
    ],
)
def test_values_by_key_are_sent_one_by_one(account, sent, model, field, values):
    """What others set meanwhile under another key stays."""
    made = model.objects.create(**values, **{field: {"plan": "gold", "seats": 5}})
    sent.clear()
    getattr(made, field)["plan"] = "silver"
    made.save()

    (request,) = sent
    assert {model._meta.singular: {field: {"plan": "silver"}}} == request.json
    assert {"plan": "silver", "seats": 5} == getattr(model.objects.get(made.pk), field)


def test_custom_fields_are_sent_one_by_one(demo, sent):
    """By their ids; None clears, and those that nobody touched are not sent."""
    ticket = next(t for t in Ticket.objects.filter(status="open") if len(t.custom_fields) > 1)
    first, second = ticket.custom_fields[:2]
    sent.clear()
    first["value"] = "changed"
    ticket.save(safe=False)
    second["value"] = None
    second_id = second["id"]
    before = len(sent)
    ticket.save(safe=False)

    assert [{"id": first["id"], "value": "changed"}] == sent[0].json["ticket"]["custom_fields"]
    for request in sent[before:]:
        assert [{"id": second_id, "value": None}] == request.json["ticket"]["custom_fields"]


def test_a_key_that_zendesk_does_not_take_is_told(account, told):
    """It says so in a header, as recorded; and the save is no failure."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    warning = (
        '{:allowed_parameters=>{:controller=>"tickets", :action=>"update", '
        ':unpermitted_keys=>["ticket.id", "ticket.forum_topic_id"], :invalid_values=>[]}}'
    )
    request = Request("PUT", f"/api/v2/tickets/{ticket.pk}", json={"ticket": {"subject": "x"}})
    answer = Response(200, {"x-zendesk-api-warn": warning}, {"ticket": dict(ticket._row)})

    tell_ignored(account.current(), ticket, request, answer)

    assert [["id", "forum_topic_id"]] == told


def test_what_was_kept_is_not_told(account, told):
    """Neither another order, nor another case, is another value."""
    ticket = Ticket.objects.create(subject=" Printer ", comment=Comment(body="y"), tags=["B", "a"])
    ticket.priority = "high"
    ticket.external_id = "x-1"
    ticket.save()

    assert [] == told


def test_a_value_that_was_replaced_is_told(account, told):
    """A receiver may go by it: here the answer has another value than was sent."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    owner = User.objects.get(ticket.requester_id)
    owner.email = "other@acme.com"
    owner.save()

    assert [["email"]] == told
    assert post_save is not value_ignored


def _answered(account, ticket, sent, event, metadata=None):
    """Report what an answer with such a comment event does not contain of what was sent."""
    audit = {"id": 1, "events": [{"type": "Comment", **event}], "metadata": metadata or {}}
    answer = Response(200, {}, {"ticket": dict(ticket._row), "audit": audit})
    tell_ignored(account.current(), ticket, Request("PUT", "", json={"ticket": sent}), answer)


@pytest.mark.parametrize(
    ("comment", "event", "ignored"),
    [
        ({"body": "x" * 70_000}, {"body": "x" * 65_535}, True),
        ({"body": "Yes", "public": False}, {"body": "Yes", "public": True}, True),
        ({"body": "Yes", "author_id": 5}, {"body": "Yes", "author_id": 6}, True),
        ({"body": "Yes", "uploads": ["t"]}, {"body": "Yes", "attachments": []}, True),
        ({"body": "Yes", "uploads": ["t"]}, {"body": "Yes", "attachments": [{}]}, False),
        ({"body": "a  b\n\nc "}, {"body": "a b\nc"}, False),
        ({"html_body": "<p>a &amp; b</p>"}, {"html_body": "<p>a & b</p>", "body": "a & b"}, False),
        ({"body": "Dear {{ticket.requester.name}}, yes"}, {"body": "Dear Ann, yes"}, False),
        ({"body": "Dear {{ticket.requester.name}}, yes"}, {"body": "Dear Ann, no"}, True),
    ],
)
def test_a_comment_is_compared_with_the_audit(account, told, comment, event, ignored):
    """Text, visibility, author and files are those that were sent, or the comment is reported."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))

    _answered(account, ticket, {"comment": comment}, event)

    assert [["comment"]] * ignored == told


def test_other_keys_that_never_come_back_are_compared(account, told):
    """Metadata with the audit, people with their ids."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    sent = {
        "metadata": {"order": "17"},
        "followers": [{"user_id": 99, "action": "put"}],
        "email_ccs": [{"user_id": 98, "action": "delete"}, {"user_email": "a@b.com"}],
    }

    _answered(account, ticket, sent, {"body": "y"}, {"custom": {"order": "18"}})

    assert [["metadata", "followers"]] == told


@pytest.mark.parametrize(
    ("text", "size"), [("x" * 65_537, 65_537), ("é" * 40_000, 80_000)], ids=["ascii", "accents"]
)
def test_a_comment_that_would_be_cut_off_is_not_sent(account, count_requests, text, size):
    """Its size counts in bytes of UTF-8."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    ticket.comment = Comment(body=text)
    with count_requests(account, 0), pytest.raises(ValidationError, match=f"{size} bytes"):
        ticket.save()

    ticket.comment = Comment(body="x" * 65_536)
    ticket.save()
