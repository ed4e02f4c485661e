"""The view `webhook`, its URLs, its settings and its system checks."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from django.core.cache import caches
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connections as databases
from django.db import transaction
from django.test import AsyncClient, Client, override_settings
from django.urls import include, path, reverse

from tests.django.people.models import User as Person
from tests.webhooks.signing import NOW, SECRET, build_event, sign
from zendesk_orm import Ticket, receiver, remote_changed, remote_created, webhook_received
from zendesk_orm.contrib.django.models import AnnouncedChange, AnnouncedFact, Checkpoint
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


pytestmark = pytest.mark.usefixtures("database")


class urls:  # noqa: N801 - it stands for a module
    """The URLs of a project."""

    urlpatterns = (path("zendesk/", include("zendesk_orm.contrib.django.urls")),)


OTHER = "b3RoZXItc2VjcmV0"


@pytest.fixture
def zendesk():
    """Return an emulator at the time of the signatures, connected as two accounts."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        emulator.connect()
        emulator.connect("emea")
        yield emulator


@pytest.fixture
def project(zendesk):
    """Configure a project with two accounts, whose webhooks have secrets."""
    settings = {
        "ROOT_URLCONF": urls,
        "ZENDESK": {
            "default": {"url": "emulator://", "webhook_secrets": SECRET},
            "emea": {"url": "emulator://", "WEBHOOK_SECRETS": [lambda: OTHER, "unused-secret"]},
            "apac": {"url": "emulator://"},
        },
    }
    caches["default"].clear()
    with override_settings(**settings):
        yield
    for model in (AnnouncedChange, AnnouncedFact, Checkpoint):
        model.objects.all().delete()


@pytest.fixture
def received():
    """Return the list of the aliases and payloads that are received from now on."""
    pairs = []

    @receiver(webhook_received)
    def record(sender, payload, using, **kwargs):
        pairs.append((using, payload))

    return pairs


def post(url, signed):
    """Return the response of a project to a signed request."""
    client = Client(enforce_csrf_checks=True)
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.headers.items()
    }
    return client.post(url, signed.body, content_type="application/json", **headers)


def test_each_account_has_its_secrets(project, received):
    """A request is accepted with a secret of its account, and with no other."""
    default, emea = reverse("zendesk_orm:webhook"), reverse("zendesk_orm:webhook", args=["emea"])
    assert (default, emea) == ("/zendesk/webhook/", "/zendesk/webhook/emea/")

    assert post(default, sign({"a": 1})).status_code == 200
    assert post(emea, sign({"b": 2}, secret=OTHER)).status_code == 200
    for url, secret in ((default, OTHER), (emea, SECRET), (default, "wrong")):
        assert post(url, sign({"c": 3}, secret=secret)).status_code == 401
    assert post("/zendesk/webhook/apac/", sign({"c": 3})).status_code == 401
    assert post("/zendesk/webhook/nowhere/", sign({"c": 3})).status_code == 404

    assert received == [("default", {"a": 1}), ("emea", {"b": 2})]


def test_without_a_secret_nothing_runs(zendesk, received):
    """Without any secret, requests are rejected, also with an empty one."""
    for options in ({}, {"ZENDESK_WEBHOOK_SECRET": ""}, {"ZENDESK_WEBHOOK_SECRET": []}):
        with override_settings(ROOT_URLCONF=urls, **options):
            assert post("/zendesk/webhook/", sign({"a": 1}, secret="")).status_code == 401
    assert received == []


def test_the_secret_of_the_default_account_is_a_setting(zendesk, received):
    """`ZENDESK_WEBHOOK_SECRET` is a secret, or several while one replaces another."""
    for number, secrets in enumerate((SECRET, [OTHER, SECRET], lambda: SECRET)):
        with override_settings(ROOT_URLCONF=urls, ZENDESK_WEBHOOK_SECRET=secrets):
            assert post("/zendesk/webhook/", sign({"number": number})).status_code == 200
    assert len(received) == 3


def test_repeated_requests_are_recognized_by_the_cache(project, received):
    """A delivery runs once, as long as the cache remembers it; the cache can be chosen."""
    signed = sign({"a": 1})
    assert [post("/zendesk/webhook/", signed).status_code for _ in range(3)] == [200] * 3
    assert len(received) == 1

    backends = {
        name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name}
        for name in ("default", "shared")
    }
    with override_settings(CACHES=backends, ZENDESK_WEBHOOK_CACHE="shared"):
        post("/zendesk/webhook/", sign({"b": 2}))
        assert (len(caches["default"]._cache), len(caches["shared"]._cache) > 0) == (0, True)


@pytest.mark.parametrize("client_class", [Client, AsyncClient], ids=["wsgi", "asgi"])
def test_receivers_run_outside_of_atomic_requests(project, database, client_class):
    """With ATOMIC_REQUESTS, rows of a receiver are committed although another one fails.

    `on_commit()` runs at once outside of a transaction, and at its end inside of one.
    """
    calls = []

    @receiver(webhook_received)
    def save(sender, **kwargs):
        calls.append(transaction.get_connection().in_atomic_block)
        with transaction.atomic():
            Person.objects.create(username="ada")
            transaction.on_commit(lambda: calls.append("committed"))
            calls.append("saved")

    @receiver(webhook_received)
    def fail(sender, **kwargs):
        raise RuntimeError

    signed = sign({"a": 1})
    saved = {alias: databases[alias].settings_dict["ATOMIC_REQUESTS"] for alias in databases}
    for alias in databases:
        databases[alias].settings_dict["ATOMIC_REQUESTS"] = True
    try:
        if client_class is Client:
            status = post("/zendesk/webhook/", signed).status_code
        else:
            status = run_async(signed)
    finally:
        for alias, value in saved.items():
            databases[alias].settings_dict["ATOMIC_REQUESTS"] = value

    assert status == 503
    assert calls == [False, "saved", "committed"]
    assert Person.objects.filter(username="ada").delete()[0] == 1


def run_async(signed):
    """Return the status of an asynchronous request."""

    async def send():
        client = AsyncClient(enforce_csrf_checks=True)
        headers = {name.lower(): value for name, value in signed.headers.items()}
        headers.pop("content-type")
        kind = {"content_type": "application/json"}
        return await client.post("/zendesk/webhook/", signed.body, **kind, headers=headers)

    return asyncio.run(send()).status_code


def test_events_reach_receivers_of_remote_changes(project, zendesk):
    """An event sends the signal of its change, with the object, which other processes then know."""
    ticket = Ticket.objects.create(subject="Fire", comment={"body": "Help!"})
    calls = []

    @receiver(remote_changed, sender=Ticket)
    def record(sender, instance, changes, origin, **kwargs):
        calls.append((instance, set(changes), origin))

    assert post("/zendesk/webhook/", sign(build_event(pk=ticket.pk))).status_code == 200
    assert calls == [(ticket, {"status"}, "remote")]
    assert [change.is_done for change in AnnouncedChange.objects.all()] == [True]


def test_a_change_of_a_webhook_is_not_announced_by_watching(project, zendesk):
    """The web server and `zendesk_watch` know from the database which changes were announced."""
    ticket = Ticket.objects.using("emea").create(subject="Fire", comment={"body": "Help!"})
    calls = []

    @receiver([remote_created, remote_changed], sender=Ticket)
    def record(sender, instance, changes, change, **kwargs):
        calls.append((change.source, change.kind, sorted(changes)))
        if change.source == "export" and change.kind == "changed":
            os.kill(os.getpid(), signal.SIGTERM)

    zendesk.advance(seconds=120)
    ticket.priority = "high"
    ticket.save()
    moment = ticket.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    values = {"event": {"current": "HIGH", "previous": None}, "detail": {"updated_at": moment}}
    event = build_event("ticket.priority_changed", ticket.pk, time=moment, **values)
    assert post("/zendesk/webhook/", sign(event, timestamp=moment)).status_code == 200
    zendesk.advance(seconds=120)
    ticket.type = "question"
    ticket.save()
    zendesk.advance(seconds=120)
    # The stores of this process are replaced, as if the command ran in another one.
    call_command("zendesk_watch", "Ticket", since=60, verbosity=0)

    assert calls == [
        ("webhook", "changed", ["priority"]),
        ("export", "created", []),
        ("export", "changed", ["type"]),
    ]


def _ids(**settings):
    """Return the ids of the messages of the checks of webhooks."""
    account = {"default": {"url": "emulator://"}}
    with override_settings(**{"ROOT_URLCONF": urls, "ZENDESK": account, **settings}):
        return [message.id.rpartition(".")[2] for message in run_checks(tags=["zendesk_orm"])]


def test_webhooks_are_checked():
    """A routed view needs a secret, and a cache that processes share."""
    shared = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
        "shared": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "x"},
    }
    caches = {"CACHES": shared, "ZENDESK_WEBHOOK_CACHE": "shared"}
    secrets = {"default": {"url": "emulator://", "WEBHOOK_SECRETS": [SECRET]}}

    assert _ids(ROOT_URLCONF="tests.django.urls") == []
    assert _ids() == ["E004", "W004"]
    assert _ids(ZENDESK_WEBHOOK_SECRET=SECRET) == ["W004"]
    assert _ids(ZENDESK_WEBHOOK_SECRET=lambda: pytest.fail("called"), DEBUG=True) == []
    assert _ids(ZENDESK=secrets, **caches) == []
