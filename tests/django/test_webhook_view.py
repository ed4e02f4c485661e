"""The view that receives webhooks in a Django project."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.core.cache.backends.filebased import FileBasedCache
from django.test import RequestFactory
from django.utils.functional import empty

from tests.webhooks.signing import NOW, SECRET, sign
from zendesk_orm import CacheInvocations, ConfigurationError, receiver, webhook_received
from zendesk_orm.contrib.django.views import webhook_view
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


@pytest.fixture(scope="module", autouse=True)
def configured():
    """Configure Django as little as can be, for this module, unless it is configured."""
    if settings.configured:
        yield
        return
    settings.configure()
    yield
    settings._wrapped = empty


@pytest.fixture
def zendesk():
    """Return an emulator at the time of the signatures, connected as the default account."""
    with Emulator(clock=VirtualClock(NOW)) as emulator:
        emulator.connect()
        yield emulator


@pytest.fixture
def payloads():
    """Return the list of the payloads that are received from now on."""
    received = []

    @receiver(webhook_received)
    def record(sender, payload, **kwargs):
        received.append(payload)

    return received


def send(view, signed, **options):
    """Return the response of a view to a signed request."""
    factory = RequestFactory(enforce_csrf_checks=True)
    kind = signed.headers["Content-Type"]
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value for name, value in signed.headers.items()
    }
    request = factory.generic(signed.method, "/", signed.body, kind, **headers, **options)
    return view(request)


def test_a_view_receives_webhooks(zendesk, payloads):
    """Genuine requests are handled once, and others are refused."""
    view = webhook_view(SECRET, max_body_bytes=1_000)
    signed = sign({"a": 1})

    assert [send(view, signed).status_code for _ in range(2)] == [200, 200]
    assert send(view, signed.with_headers(signature=None)).status_code == 401
    assert send(view, sign(b"x" * 1_001)).status_code == 413
    assert send(view, sign(None, method="GET")).status_code == 200
    refused = send(view, sign({}, method="OPTIONS"))
    assert (refused.status_code, refused["Allow"]) == (405, "GET, POST, PUT, PATCH, DELETE")
    assert payloads == [{"a": 1}, None]
    assert view.csrf_exempt is True


def test_large_bodies_are_refused_by_django(zendesk, payloads, monkeypatch):
    """Django's own limit of bodies has the same effect."""
    monkeypatch.setattr(settings, "DATA_UPLOAD_MAX_MEMORY_SIZE", 10, raising=False)
    view = webhook_view(SECRET)

    assert send(view, sign({"a": "long enough"})).status_code == 413
    assert payloads == []


def test_processes_share_a_cache(zendesk, payloads, tmp_path):
    """With a shared cache, a delivery that another process has handled is not handled again."""
    views = [
        webhook_view(SECRET, invocations=CacheInvocations(FileBasedCache(str(tmp_path), {})))
        for _ in range(2)
    ]
    signed = sign({"a": 1})

    assert [send(view, signed).status_code for view in views] == [200, 200]
    assert payloads == [{"a": 1}]


def test_a_view_without_a_secret_raises():
    """A missing secret raises when the view is created."""
    with pytest.raises(ConfigurationError, match="secret"):
        webhook_view("")
