"""Mapping fields are sent key by key, and values that Zendesk ignores are reported."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Comment,
    Organization,
    OrganizationField,
    Ticket,
    User,
    UserField,
    ValidationError,
    post_save,
    value_ignored,
)
from zendesk_orm.http.request import Request, Response
from zendesk_orm.write.ignored_values import announce_ignored_values


@pytest.fixture
def ignored_names():
    """The names of ignored fields, a list for each signal."""
    names = []

    def note(sender, instance, **arguments):
        names.append(arguments["names"])

    with value_ignored.connected_to(note):
        yield names


@pytest.mark.parametrize(
    ("model", "definitions", "values"),
    [
        (User, UserField, {"name": "Ann", "email": "ann@acme.com"}),
        (Organization, OrganizationField, {"name": "Acme"}),
    ],
)
def test_changed_keys_are_sent(account, sent, ignored_names, model, definitions, values):
    """Values that others set under another key stay, and unknown keys are reported."""
    field = definitions._meta.plural
    for key in ("plan", "seats"):
        definitions.objects.create(key=key, title=key, type="text" if key == "plan" else "integer")
    created = model.objects.create(**values, **{field: {"plan": "gold", "seats": 5}})
    sent.clear()
    getattr(created, field)["plan"] = "silver"
    created.save()

    (request,) = sent
    assert request.json == {model._meta.singular: {field: {"plan": "silver"}}}
    assert getattr(model.objects.get(created.pk), field) == {"plan": "silver", "seats": 5}
    getattr(created, field)["plann"] = "gold"
    created.save()
    assert ignored_names == [[f"{field}.plann"]]


def test_changed_custom_fields_are_sent(demo, sent):
    """They are sent with their ids; None clears, and unchanged ones are not sent."""
    ticket = next(t for t in Ticket.objects.filter(status="open") if len(t.custom_fields) > 1)
    first, second = ticket.custom_fields[:2]
    sent.clear()
    first["value"] = "changed"
    ticket.save(safe=False)
    second["value"] = None
    second_id = second["id"]
    before = len(sent)
    ticket.save(safe=False)

    assert sent[0].json["ticket"]["custom_fields"] == [{"id": first["id"], "value": "changed"}]
    for request in sent[before:]:
        assert request.json["ticket"]["custom_fields"] == [{"id": second_id, "value": None}]


def test_a_rejected_key_is_announced(account, ignored_names):
    """A header of the response names it, as recorded; the save succeeds."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    warning = (
        '{:allowed_parameters=>{:controller=>"tickets", :action=>"update", '
        ':unpermitted_keys=>["ticket.id", "ticket.forum_topic_id"], :invalid_values=>[]}}'
    )
    request = Request("PUT", f"/api/v2/tickets/{ticket.pk}", json={"ticket": {"subject": "x"}})
    answer = Response(200, {"x-zendesk-api-warn": warning}, {"ticket": dict(ticket._row)})

    announce_ignored_values(account.current(), ticket, request, answer)

    assert ignored_names == [["id", "forum_topic_id"]]


def test_stored_values_are_not_announced(account, ignored_names):
    """A different order or case is not a different value."""
    ticket = Ticket.objects.create(subject=" Printer ", comment=Comment(body="y"), tags=["B", "a"])
    ticket.priority = "high"
    ticket.external_id = "x-1"
    ticket.save()

    assert ignored_names == []


def test_a_replaced_value_is_announced(account, ignored_names):
    """Receivers can react if the response has another value than was sent."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    owner = User.objects.get(ticket.requester_id)
    owner.email = "other@acme.com"
    owner.save()

    assert ignored_names == [["email"]]
    assert post_save is not value_ignored


def _compare_response(account, ticket, sent, event, metadata=None):
    """Announce the values that are missing from a response with such a comment event."""
    audit = {"id": 1, "events": [{"type": "Comment", **event}], "metadata": metadata or {}}
    answer = Response(200, {}, {"ticket": dict(ticket._row), "audit": audit})
    announce_ignored_values(
        account.current(), ticket, Request("PUT", "", json={"ticket": sent}), answer
    )


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
def test_a_comment_is_compared_with_the_audit(account, ignored_names, comment, event, ignored):
    """A comment is reported unless text, visibility, author and files are those sent."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))

    _compare_response(account, ticket, {"comment": comment}, event)

    assert ignored_names == [["comment"]] * ignored


def test_write_only_keys_are_compared(account, ignored_names):
    """Metadata are compared with the audit, and users with their ids."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    sent = {
        "metadata": {"order": "17"},
        "followers": [{"user_id": 99, "action": "put"}],
        "email_ccs": [{"user_id": 98, "action": "delete"}, {"user_email": "a@b.com"}],
    }

    _compare_response(account, ticket, sent, {"body": "y"}, {"custom": {"order": "18"}})

    assert ignored_names == [["metadata", "followers"]]


@pytest.mark.parametrize(
    ("text", "size"), [("x" * 65_537, 65_537), ("é" * 40_000, 80_000)], ids=["ascii", "accents"]
)
def test_a_comment_that_is_too_long_is_rejected(account, count_requests, text, size):
    """Its size is measured in bytes of UTF-8."""
    ticket = Ticket.objects.create(subject="x", comment=Comment(body="y"))
    ticket.comment = Comment(body=text)
    with count_requests(account, 0), pytest.raises(ValidationError, match=str(size)):
        ticket.save()

    ticket.comment = Comment(body="x" * 65_536)
    ticket.save()
