"""Webhooks: saved, tested and signed, with their invocations."""

from __future__ import annotations

import json
import logging
import pickle
from datetime import datetime, timedelta, timezone

import pytest

from tests.support.seeding import seed_rows
from zendesk_orm import (
    FieldError,
    InvalidValue,
    InvocationAttempt,
    NotFound,
    ValidationError,
    Webhook,
    WebhookInvocation,
    post_save,
    pre_save,
    receiver,
)


SECRET = "S3CR3T-do-not-show"
ACCESS = {"type": "bearer_token", "data": {"token": SECRET}, "add_position": "header"}
HOOK = {
    "name": "Orders",
    "status": "active",
    "endpoint": "https://example.com/hook",
    "http_method": "POST",
    "request_format": "json",
    "subscriptions": ["conditional_ticket_events"],
}


@pytest.fixture
def webhook(account):
    """Create a webhook with authentication."""
    return Webhook.objects.create(**HOOK, authentication=ACCESS)


def test_the_secret_of_a_webhook_is_removed_after_saving(account, count_requests):
    """A new webhook is created in one request, and its secret is removed from the object."""
    with count_requests(account, 1):
        webhook = Webhook.objects.create(**HOOK, authentication=ACCESS)
        assert webhook.authentication == {"type": "bearer_token", "add_position": "header"}
        assert webhook.changes() == {}


def test_the_secret_of_a_webhook_is_sent(account, sent):
    """The request that creates a webhook contains the secret."""
    Webhook.objects.create(**HOOK, authentication=ACCESS)

    assert SECRET.encode() in json.dumps(sent[-1].json).encode()


def test_a_changed_webhook_is_patched(account, webhook, count_requests, sent):
    """A change is sent as a PATCH request, whose response is empty."""
    webhook.name = "Refunds"
    with count_requests(account, 1):
        webhook.save()
        assert (webhook.name, webhook.changes()) == ("Refunds", {})
        webhook.save()

    assert (sent[-1].method, sent[-1].json) == ("PATCH", {"webhook": {"name": "Refunds"}})
    with count_requests(account, 1):
        assert webhook.updated_at is not None
    assert Webhook.objects.get(webhook.pk).name == "Refunds"


def test_a_changed_secret_is_sent_once(account, webhook, count_requests):
    """A changed secret is sent once."""
    webhook.authentication = {**ACCESS, "data": {"token": "another"}}
    with count_requests(account, 1):
        webhook.save()
        webhook.save()
    assert webhook.authentication == {"type": "bearer_token", "add_position": "header"}


def test_update_fields_limits_what_is_saved(account, webhook):
    """`save(update_fields=...)` sends these fields and keeps other edits."""
    webhook.name, webhook.description = "Refunds", "of orders"
    webhook.save(update_fields=["name"])

    assert list(webhook.changes()) == ["description"]
    webhook.save()
    webhook.refresh_from_db()
    assert (webhook.name, webhook.description) == ("Refunds", "of orders")


def test_webhooks_are_filtered_and_ordered_by_name(account, webhook, count_requests):
    """Webhooks are filtered and ordered by name, in one request each."""
    other = Webhook.objects.create(**{**HOOK, "name": "Bills"})
    with count_requests(account, 2):
        assert list(Webhook.objects.filter(name_contains="order")) == [webhook]
        assert list(Webhook.objects.order_by("name")) == [other, webhook]


def test_a_webhook_is_cloned(account, webhook, count_requests):
    """`clone()` creates a webhook with another id and name."""
    with count_requests(account, 1):
        clone = webhook.clone()
    assert (clone.name, clone.endpoint) == ("Orders (copy)", webhook.endpoint)
    assert clone.pk != webhook.pk


def test_a_webhook_is_tested(account, webhook, count_requests, sent):
    """`test()` tests a webhook as it is, with other values, or before it exists."""
    with count_requests(account, 3):
        as_it_is = webhook.test()
        elsewhere = webhook.test(endpoint="https://example.org")
        new = Webhook.objects.test(endpoint="https://example.net", http_method="GET")

    assert (as_it_is.status_code, as_it_is.payload) == (200, "POST https://example.com/hook")
    assert elsewhere.payload == "POST https://example.org/"
    assert new.payload == "GET https://example.net/"
    assert list(sent[0].params) == [("webhook_id", webhook.pk)]
    assert sent[-1].params == ()


def test_the_signing_secret_is_read_and_reset(account, webhook, count_requests):
    """The signing secret can be read and reset, and no repr shows it."""
    with count_requests(account, 3):
        secret = webhook.signing_secret()
        other = webhook.reset_signing_secret()
        assert other.secret == webhook.signing_secret().secret

    assert secret.algorithm == "SHA256"
    assert secret.secret != other.secret
    for item in (secret, other):
        assert item.secret not in repr(item)


def test_invocations_are_filtered(account, emulator, webhook, count_requests):
    """Invocations of a webhook are filtered by status and time, and have their attempts."""
    now = datetime(2026, 1, 2, tzinfo=timezone.utc)
    rows = [
        {"id": "01A", "status": "success", "status_code": 200,
         "latest_completed_at": "2026-01-01T00:00:00Z"},
        {"id": "01B", "status": "failed", "status_code": 500,
         "latest_completed_at": "2026-01-02T00:00:00Z"},
    ]  # fmt: skip
    seed_rows(emulator, WebhookInvocation, *rows, parent=webhook.pk)
    tries = [{"id": f"t{n}", "invocation_id": "01B", "status_code": 500 + n} for n in (0, 1)]
    seed_rows(emulator, InvocationAttempt, *tries, parent="01B")

    with count_requests(account, 4):
        assert [invocation.pk for invocation in webhook.invocations.all()] == ["01A", "01B"]
        (failed,) = webhook.invocations.filter(status="failed")
        assert list(webhook.invocations.filter(from_ts=now - timedelta(hours=1))) == [failed]
        attempts = failed.attempts()

    assert failed.webhook == webhook
    # All attempts have the id of the webhook, so the identity map must not merge them.
    assert [attempt.status_code for attempt in attempts] == [500, 501]
    assert {attempt.id for attempt in attempts} == {webhook.pk}


@pytest.mark.parametrize("name", ["name", "endpoint", "status"])
def test_a_webhook_requires_its_fields(account, count_requests, name):
    """A webhook without a required field raises `ValidationError` before any request."""
    values = {key: value for key, value in HOOK.items() if key != name}
    with count_requests(account, 0), pytest.raises(ValidationError, match=name):
        Webhook.objects.create(**values)


def test_invalid_values_are_rejected(account, webhook, count_requests):
    """An invalid value, an unknown field and an unsaved webhook raise before any request."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="http_method"):
            webhook.http_method = "BREW"
        with pytest.raises(FieldError, match="nam"):
            Webhook.objects.filter(nam="x")
        with pytest.raises(InvalidValue, match="never saved"):
            Webhook(**HOOK).test()


def test_a_deleted_webhook_is_not_found(account, webhook):
    """Reading the signing secret of a deleted webhook raises `NotFound`."""
    webhook.delete()

    with pytest.raises(NotFound):
        webhook.signing_secret()


def test_the_secret_is_hidden_everywhere(account, emulator, caplog):
    """No repr, log, message, signal, dry run or pickle contains the secret."""
    caplog.set_level(logging.DEBUG)
    texts = []

    @receiver([pre_save, post_save], sender=Webhook)
    def record_changes(sender, instance, changes, **kwargs):
        texts.append(repr(changes))

    webhook = Webhook(**HOOK, authentication=ACCESS)
    texts += [repr(webhook), repr(webhook.changes()), str(webhook), repr(webhook.authentication)]
    with pytest.raises(InvalidValue) as wrong:
        webhook.authentication = SECRET
    with account.dry_run(quiet=True) as diff:
        webhook.save()
        Webhook.objects.test(endpoint="https://x.com", authentication=ACCESS)
    emulator.fail_next(422, body={"error": "RecordInvalid", "details": {}})
    with pytest.raises(ValidationError) as refused:
        webhook.save()
    webhook.save()
    texts += [repr(wrong.value), str(diff), repr(refused.value), caplog.text, repr(webhook)]

    assert [text for text in texts if SECRET in text] == []
    assert SECRET.encode() not in pickle.dumps(webhook)


def test_a_webhook_is_subscribed_to_events(account, count_requests):
    """`subscribe()` creates an active webhook in one request, and completes names of events."""
    with count_requests(account, 1):
        webhook = Webhook.objects.subscribe(
            "https://example.com/hook", ["ticket.created", "zen:event-type:user.created"]
        )

    assert webhook.subscriptions == ["zen:event-type:ticket.created", "zen:event-type:user.created"]
    assert (webhook.status, webhook.http_method, webhook.name) == (
        "active",
        "POST",
        "https://example.com/hook",
    )
    assert Webhook.objects.subscribe("https://example.com/", "ticket.created").subscriptions == [
        "zen:event-type:ticket.created"
    ]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["ticket.statuschanged"], "ticket.status_changed"),
        (["ticket.updated"], "each changed attribute"),
        (["ticket"], "no event"),
        ([5], "name"),
        ([""], "name"),
        ([], "events"),
        (None, "events"),
        (["ticket.created", "conditional_ticket_events"], "two"),
    ],
)
def test_unknown_events_are_rejected(account, count_requests, names, message):
    """An event that does not exist raises an error with a suggestion, and sends nothing."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match=message):
        Webhook.objects.subscribe("https://example.com/hook", names)


def test_edited_subscriptions_are_checked(account, count_requests):
    """A list that was edited in place is checked and completed when the webhook is saved."""
    webhook = Webhook.objects.subscribe("https://example.com/hook", "user.created")
    webhook.subscriptions = ["ticket.created"]
    webhook.subscriptions.append("ticket.creatd")
    with count_requests(account, 0), pytest.raises(InvalidValue, match=r"ticket\.created"):
        webhook.save()
    webhook.subscriptions[1] = "messaging_something.new"
    webhook.save()

    webhook.refresh_from_db()
    assert webhook.subscriptions == [
        "zen:event-type:ticket.created",
        "zen:event-type:messaging_something.new",
    ]


def test_a_payload_is_tested(webhook, sent):
    """`test()` sends a payload as JSON text, or text unchanged."""
    webhook.test({"a": 1})
    webhook.test("<a/>")

    assert [request.json["request"]["payload"] for request in sent] == ['{"a": 1}', "<a/>"]


def test_a_secret_is_rotated(webhook, account, count_requests):
    """`rotate_secret()` returns the new and the old secret, in two requests."""
    old = webhook.signing_secret().secret
    with count_requests(account, 2):
        new, previous = webhook.rotate_secret()

    assert previous.secret == old
    assert new.secret == webhook.signing_secret().secret != old
