"""Webhooks: made, changed, tested, signed, and what became of their calls."""

from __future__ import annotations

import json
import logging
import pickle
from datetime import datetime, timedelta, timezone

import pytest

from tests.support.kept import keep
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
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def webhook(account):
    """A webhook that authenticates itself."""
    return Webhook.objects.create(**HOOK, authentication=ACCESS)


def test_a_webhook_is_made(account, count_requests):
    """In one request; what it authenticates itself with goes out, and does not come back."""
    with count_requests(account, 1):
        made = Webhook.objects.create(**HOOK, authentication=ACCESS)
        assert {"type": "bearer_token", "add_position": "header"} == made.authentication
        assert {} == made.changes()


def test_the_secret_goes_out(account, sent):
    """As it is."""
    Webhook.objects.create(**HOOK, authentication=ACCESS)

    assert SECRET.encode() in json.dumps(sent[-1].json).encode()


def test_a_webhook_is_changed(account, webhook, count_requests, sent):
    """By what was changed, in a PATCH that is answered with nothing."""
    webhook.name = "Refunds"
    with count_requests(account, 1):
        webhook.save()
        assert ("Refunds", {}) == (webhook.name, webhook.changes())
        webhook.save()

    assert ("PATCH", {"webhook": {"name": "Refunds"}}) == (sent[-1].method, sent[-1].json)
    with count_requests(account, 1):
        assert webhook.updated_at is not None
    assert "Refunds" == Webhook.objects.get(webhook.pk).name


def test_a_change_of_the_secret_is_sent_once(account, webhook, count_requests):
    """What never comes back is no change any more once it was sent."""
    webhook.authentication = {**ACCESS, "data": {"token": "another"}}
    with count_requests(account, 1):
        webhook.save()
        webhook.save()
    assert {"type": "bearer_token", "add_position": "header"} == webhook.authentication


def test_only_the_named_fields_are_saved(account, webhook):
    """The others are unsaved still."""
    webhook.name, webhook.description = "Refunds", "of orders"
    webhook.save(update_fields=["name"])

    assert ["description"] == list(webhook.changes())
    webhook.save()
    webhook.refresh_from_db()
    assert ("Refunds", "of orders") == (webhook.name, webhook.description)


def test_webhooks_are_found_by_their_names(account, webhook, count_requests):
    """And come in the order of their names."""
    other = Webhook.objects.create(**{**HOOK, "name": "Bills"})
    with count_requests(account, 2):
        assert [webhook] == list(Webhook.objects.filter(name_contains="order"))
        assert [other, webhook] == list(Webhook.objects.order_by("name"))


def test_a_webhook_is_cloned(account, webhook, count_requests):
    """The other one has another id and name."""
    with count_requests(account, 1):
        other = webhook.clone()
    assert ("Orders (copy)", webhook.endpoint) == (other.name, other.endpoint)
    assert other.pk != webhook.pk


def test_a_webhook_is_tested(account, webhook, count_requests, sent):
    """As it is, or with what shall be otherwise; or one that does not exist yet."""
    with count_requests(account, 3):
        as_it_is = webhook.test()
        elsewhere = webhook.test(endpoint="https://example.org")
        new = Webhook.objects.test(endpoint="https://example.net", http_method="GET")

    assert (200, "POST https://example.com/hook") == (as_it_is.status_code, as_it_is.payload)
    assert "POST https://example.org" == elsewhere.payload
    assert "GET https://example.net" == new.payload
    assert [("webhook_id", webhook.pk)] == list(sent[0].params)
    assert () == sent[-1].params


def test_a_webhook_signs_its_requests(account, webhook, count_requests):
    """With a secret that can be read, and reset."""
    with count_requests(account, 3):
        secret = webhook.signing_secret()
        other = webhook.reset_signing_secret()
        assert other.secret == webhook.signing_secret().secret

    assert "SHA256" == secret.algorithm
    assert secret.secret != other.secret
    for each in (secret, other):
        assert each.secret not in repr(each)


def test_the_calls_of_a_webhook_are_listed(account, emulator, webhook, count_requests):
    """All, or those that went wrong, or those of a time; each with its attempts."""
    now = datetime(2026, 1, 2, tzinfo=timezone.utc)
    rows = [
        {"id": "01A", "status": "success", "status_code": 200,
         "latest_completed_at": "2026-01-01T00:00:00Z"},
        {"id": "01B", "status": "failed", "status_code": 500,
         "latest_completed_at": "2026-01-02T00:00:00Z"},
    ]  # fmt: skip
    keep(emulator, WebhookInvocation, *rows, parent=webhook.pk)
    tries = [{"id": f"t{n}", "invocation_id": "01B", "status_code": 500 + n} for n in (0, 1)]
    keep(emulator, InvocationAttempt, *tries, parent="01B")

    with count_requests(account, 4):
        assert ["01A", "01B"] == [each.pk for each in webhook.invocations.all()]
        (failed,) = webhook.invocations.filter(status="failed")
        assert [failed] == list(webhook.invocations.filter(from_ts=now - timedelta(hours=1)))
        attempts = failed.attempts()

    assert webhook == failed.webhook
    # All have the id of the webhook, and are not mistaken for each other.
    assert [500, 501] == [each.status_code for each in attempts]
    assert {webhook.pk} == {each.id for each in attempts}


@pytest.mark.parametrize("name", ["name", "endpoint", "status"])
def test_what_a_webhook_wants_is_asked_for(account, count_requests, name):
    """Before anything is sent."""
    values = {key: value for key, value in HOOK.items() if key != name}
    with count_requests(account, 0), pytest.raises(ValidationError, match=name):
        Webhook.objects.create(**values)


def test_bad_values_are_refused(account, webhook, count_requests):
    """Before anything is sent."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="http_method"):
            webhook.http_method = "BREW"
        with pytest.raises(FieldError, match="nam"):
            Webhook.objects.filter(nam="x")
        with pytest.raises(InvalidValue, match="never saved"):
            Webhook(**HOOK).test()


def test_a_webhook_that_is_gone_is_not_found(account, webhook):
    """Its secret neither."""
    webhook.delete()

    with pytest.raises(NotFound):
        webhook.signing_secret()


def test_nothing_shows_the_secret(account, emulator, caplog):
    """No repr, log, message, signal or dry run."""
    caplog.set_level(logging.DEBUG)
    told = []

    @receiver([pre_save, post_save], sender=Webhook)
    def seen(sender, instance, changes, **kwargs):
        told.append(repr(changes))

    made = Webhook(**HOOK, authentication=ACCESS)
    told += [repr(made), repr(made.changes()), str(made), repr(made.authentication)]
    with pytest.raises(InvalidValue) as wrong:
        made.authentication = SECRET
    with account.dry_run(quiet=True) as diff:
        made.save()
        Webhook.objects.test(endpoint="https://x.com", authentication=ACCESS)
    emulator.fail_next(422, body={"error": "RecordInvalid", "details": {}})
    with pytest.raises(ValidationError) as refused:
        made.save()
    made.save()
    told += [repr(wrong.value), str(diff), repr(refused.value), caplog.text, repr(made)]

    assert [] == [each for each in told if SECRET in each]
    assert SECRET.encode() not in pickle.dumps(made)
