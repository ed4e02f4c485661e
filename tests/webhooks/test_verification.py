"""`verify()`: genuine requests in each form of headers, and errors of configuration."""

from __future__ import annotations

import io
import logging
import traceback
from datetime import datetime, timezone
from email.message import Message

import pytest
from django.http.request import HttpHeaders
from requests.structures import CaseInsensitiveDict
from werkzeug.datastructures import Headers

from tests.webhooks.signing import NOW, SECRET, TIMESTAMP, compute_signature, sign
from zendesk_orm import (
    ConfigurationError,
    InvalidValue,
    MemoryInvocations,
    WebhookRejected,
    WebhookRepeated,
    verify,
)
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.http.secret import Secret
from zendesk_orm.support import SigningSecret


CLOCK = VirtualClock(NOW)
TEST_SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="


def to_environ(headers):
    """Return headers as a WSGI environment."""
    environ = {f"HTTP_{name.upper().replace('-', '_')}": text for name, text in headers.items()}
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE")
    return {**environ, "wsgi.input": io.BytesIO(), "REQUEST_METHOD": "POST"}


def to_message(headers):
    """Return headers as the standard library's HTTP server has them."""
    message = Message()
    for name, text in headers.items():
        message[name] = text
    return message


FORMS = (
    dict,
    lambda headers: {name.lower(): text for name, text in headers.items()},
    lambda headers: {name.upper(): [text] for name, text in headers.items()},
    lambda headers: list(headers.items()),
    lambda headers: [(name.lower().encode(), text.encode()) for name, text in headers.items()],
    lambda headers: iter(headers.items()),
    CaseInsensitiveDict,
    Headers,
    to_environ,
    to_message,
    lambda headers: HttpHeaders(to_environ(headers)),
)


def test_genuine_requests_are_returned():
    """A signed request is returned with its ids, time, body and media type."""
    request = sign({"ticket_id": "5"}, invocation="01INVOCATION")

    delivery = verify(request.body, request.headers, SECRET, clock=CLOCK)

    assert delivery.invocation_id == "01INVOCATION"
    assert delivery.webhook_id == request.headers["X-Zendesk-Webhook-Id"]
    assert delivery.moment == datetime.fromtimestamp(NOW, timezone.utc)
    assert (delivery.body, delivery.content_type) == (request.body, "application/json")


def test_headers_have_any_form():
    """Mappings, pairs, WSGI environments and ASGI headers are read alike."""
    request = sign({"a": "ü"}, invocation="i")

    deliveries = [
        verify(request.body, form(request.headers), SECRET, clock=CLOCK) for form in FORMS
    ]

    assert {delivery.keys for delivery in deliveries} == {deliveries[0].keys}
    assert {delivery.content_type for delivery in deliveries} == {"application/json"}


def test_headers_of_another_form_are_rejected():
    """Values that are neither a mapping nor pairs raise an error that describes the form."""
    for headers in (None, 5, "abc", [(1, 2, 3)], ["ab"]):
        with pytest.raises(InvalidValue, match="mapping or pairs"):
            verify(b"{}", headers, SECRET)


def test_bodies_are_bytes_or_text():
    """Bytes, views of bytes and the decoded text have the same signature; so has no body."""
    request = sign('{"name": "Zoë 🎉"}'.encode())
    for body in (
        request.body,
        bytearray(request.body),
        memoryview(request.body),
        request.body.decode(),
    ):
        assert verify(body, request.headers, SECRET, clock=CLOCK).body == request.body
    empty = sign(method="GET")
    assert verify(b"", empty.headers, SECRET, clock=CLOCK).body == b""


def test_parsed_bodies_are_refused():
    """A body that was parsed raises an error that names the raw body."""
    request = sign({"a": 1})
    for body in ({"a": 1}, None, io.BytesIO(request.body)):
        with pytest.raises(InvalidValue, match="received"):
            verify(body, request.headers, SECRET, clock=CLOCK)


def test_times_of_both_directions_are_limited():
    """A signature may be as old, or as far in the future, as the tolerance."""
    request = sign({"a": 1})
    for seconds, tolerance, expected in (
        (300, 300, True),
        (-300, 300, True),
        (301, 300, False),
        (-301, 300, False),
        (301, 600, True),
        (2, 1, False),
    ):
        clock = VirtualClock(NOW + seconds)
        try:
            verify(request.body, request.headers, SECRET, tolerance, clock=clock)
            accepted = True
        except WebhookRejected:
            accepted = False
        assert (seconds, tolerance, accepted) == (seconds, tolerance, expected)


def test_timestamps_have_a_zone():
    """Times with fractions and offsets are accepted; without a zone, bytes could be moved."""
    base = TIMESTAMP[:-1]
    for timestamp in (f"{base}Z", f"{base}.5Z", f"{base}.123456789Z", f"{base}+00:00"):
        request = sign({"a": 1}, timestamp)
        assert verify(request.body, request.headers, SECRET, clock=CLOCK).moment.tzinfo
    impossible = ("2026-13-45T99:99:99Z", "2026-06-30T23:59:60Z", f"{base}+99:99")
    others = (base, TIMESTAMP[:10], f"{base}.1234567890Z", str(int(NOW)), f" {base}Z")
    for timestamp in (*others, *impossible):
        request = sign({"a": 1}, timestamp)
        with pytest.raises(WebhookRejected):
            verify(request.body, request.headers, SECRET, clock=CLOCK)


def test_two_secrets_are_accepted():
    """While a secret is replaced, requests with either one are accepted."""
    old, new = sign({"a": 1}, secret="old"), sign({"a": 1}, secret="new")
    for request in (old, new):
        for secrets in (["new", "old"], ("old", b"new"), iter(["old", Secret("new")])):
            assert verify(request.body, request.headers, secrets, clock=CLOCK)
    with pytest.raises(WebhookRejected):
        verify(old.body, old.headers, ["new"], clock=CLOCK)


def test_secrets_of_webhooks_are_accepted():
    """The result of `signing_secret()` is accepted as a secret."""
    secret = SigningSecret.from_row({"algorithm": "SHA256", "secret": SECRET})
    request = sign({"a": 1})

    assert verify(request.body, request.headers, secret, clock=CLOCK)
    assert verify(request.body, request.headers, [secret, "other"], clock=CLOCK)


@pytest.mark.parametrize(
    "secret",
    [None, "", b"", "  ", [], [None], ["x", ""], ["x", None], 5, {"a": "b"}, " x", "x\n", "a b"],
)
def test_invalid_secrets_raise(secret):
    """A secret that is missing, empty or mangled is an error of the configuration."""
    request = sign({"a": 1}, secret="x")

    with pytest.raises(ConfigurationError, match="secret"):
        verify(request.body, request.headers, secret, clock=CLOCK)


def test_the_public_secret_is_refused():
    """Zendesk's public secret for tests is accepted only on request."""
    request = sign({"a": 1}, secret=TEST_SECRET)
    for secret in (TEST_SECRET, TEST_SECRET.encode(), [SECRET, TEST_SECRET]):
        with pytest.raises(ConfigurationError, match="public"):
            verify(request.body, request.headers, secret, clock=CLOCK)
    assert verify(request.body, request.headers, TEST_SECRET, allow_test_secret=True, clock=CLOCK)


@pytest.mark.parametrize("tolerance", [0, -1, float("inf"), float("nan"), None, "300", True])
def test_invalid_tolerances_raise(tolerance):
    """The tolerance is a finite number above 0, so that the window cannot be switched off."""
    request = sign({"a": 1})

    with pytest.raises(ConfigurationError, match="tolerance"):
        verify(request.body, request.headers, SECRET, tolerance, clock=CLOCK)


def test_a_store_accepts_a_delivery_once():
    """With a store, a delivery is accepted once, and again after it was released."""
    store, request = MemoryInvocations(), sign({"a": 1})
    delivery = verify(request.body, request.headers, SECRET, invocations=store, clock=CLOCK)

    with pytest.raises(WebhookRepeated, match="received before"):
        verify(request.body, request.headers, SECRET, invocations=store, clock=CLOCK)
    store.release(delivery.keys)

    assert verify(request.body, request.headers, SECRET, invocations=store, clock=CLOCK)


def test_a_signature_is_accepted_once():
    """A copy with another id of the invocation, which is not signed, is a repetition."""
    store, request = MemoryInvocations(), sign({"a": 1})
    verify(request.body, request.headers, SECRET, invocations=store, clock=CLOCK)
    copy = request.with_headers(invocation_id="01ANOTHER")

    with pytest.raises(WebhookRepeated):
        verify(copy.body, copy.headers, SECRET, invocations=store, clock=CLOCK)


def describe_error(*args):
    """Return the error of `verify()`, with the local variables of the frames below this one."""
    with pytest.raises((WebhookRejected, ConfigurationError)) as caught:
        verify(*args, clock=CLOCK)
    error = caught.value
    summary = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [str(frame.locals) for frame in summary.stack[1:]]
    return f"{error!r} {error} {error.__context__!r} {frames}"


def test_secrets_are_not_displayed(caplog):
    """Errors, their tracebacks with local variables, and logs do not contain the secret."""
    secret = "s3cr3t-s3cr3t"
    request = sign({"a": 1}).with_headers(signature=compute_signature(b"other"))
    with caplog.at_level(logging.DEBUG):
        texts = [
            describe_error(request.body, request.headers, value)
            for value in (secret, [secret, "x\n"])
        ]

    assert ["s3cr3t" in text for text in (*texts, caplog.text)] == [False] * 3


def test_bodies_need_not_be_text():
    """Any bytes can be signed, and are returned unchanged."""
    request = sign(b"\xff\x00 not text")

    assert verify(request.body, request.headers, SECRET, clock=CLOCK).body == request.body
