"""`verify()`: checks that a request was signed by Zendesk, recently, and was not received before.

Nothing of a request is parsed before its signature was compared. The signature covers the timestamp
and the body, and no other header: not the id of the invocation, and not the parameters of a URL.

Source: https://developer.zendesk.com/documentation/webhooks/verifying/
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import re
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from attrs import Factory, field, frozen

from zendesk_orm.errors import (
    ConfigurationError,
    InvalidValue,
    UnexpectedValue,
    WebhookRejected,
    WebhookRepeated,
)
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.secret import SecretBytes, conceal_arguments, reveal
from zendesk_orm.messages import display, with_article
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support.webhooks.webhooks import SigningSecret
from zendesk_orm.sync.webhooks.invocations import (
    HOLD_SECONDS,
    InvocationStore,
    require_invocations,
)


#: A signing secret: text, bytes, or the result of `webhook.signing_secret()`.
Secret = str | bytes | SigningSecret
#: Headers as web frameworks have them: a mapping, a WSGI environment, or pairs.
Headers = Mapping[Any, Any] | Iterable[tuple[Any, Any]]

#: The public secret of `webhooks/test` for webhooks that do not exist yet.
TEST_SECRET = b"dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
#: Seconds by which the time of a signature may differ from the clock.
TOLERANCE = 300.0
#: The longest header that is read, in characters.
MAX_HEADER = 200

_PREFIX = "x-zendesk-webhook-"
#: The length of a pair of a header's name and value.
_PAIR = 2
#: Without a separator, bytes could move between timestamp and body if the zone were optional.
_TIMESTAMP = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", flags=re.ASCII
)


@frozen(eq=False)
class WebhookDelivery:
    """A verified request of a webhook.

    Attributes:
        invocation_id: the id of the invocation, which Zendesk's own repetitions share. It is not
            signed.
        webhook_id: the id of the webhook, or "". It is not signed.
        moment: when the request was signed.
        body: the body, which is signed.
        content_type: the media type of the body: `application/json`; or "".
        keys: the texts that identify the delivery: by its invocation, and by its signature.
    """

    invocation_id: str
    webhook_id: str
    moment: datetime
    body: bytes = field(repr=False)
    content_type: str = ""
    keys: tuple[str, ...] = field(repr=False, default=Factory(tuple))


def verify(
    body: bytes | str,
    headers: Headers,
    secret: Secret | Iterable[Secret],
    tolerance: float = TOLERANCE,
    *,
    invocations: InvocationStore | None = None,
    allow_test_secret: bool = False,
    clock: Clock | None = None,
) -> WebhookDelivery:
    """Return a request of a webhook, if Zendesk has signed it.

    ::

        delivery = verify(request.body, request.headers, os.environ["ZENDESK_WEBHOOK_SECRET"])

    Args:
        body: the body as it was received; parsing it and writing it again changes the signature.
        headers: the headers in any form: a mapping, a WSGI environment, or pairs.
        secret: the signing secret of the webhook; several while one replaces another.
        tolerance: seconds by which the time of the signature may differ from the clock.
        invocations: remembers deliveries, so that each is accepted once. If the handling fails,
            `invocations.release(delivery.keys)` lets it be repeated.
        allow_test_secret: accept the public secret of tests that were sent before the webhook
            was created: anyone can sign with it.
        clock: the clock; by default that of the machine.

    Raises:
        WebhookRejected: the request is not signed with the secret, or too old.
        WebhookRepeated: the delivery was received before.
        ConfigurationError: the secret is missing or invalid.
        InvalidValue: the body was parsed already, or the headers have another type.

    Source: https://developer.zendesk.com/documentation/webhooks/verifying/
    """
    try:
        verifier = Verifier(secret, tolerance, allow_test_secret=allow_test_secret)
    finally:
        # Tracebacks display local variables.
        del secret
    store = require_invocations(invocations)
    delivery = verifier.verify(body, headers, clock or Clock())
    if store is not None and store.claim(delivery.keys, HOLD_SECONDS) is not None:
        raise WebhookRepeated(f"invocation {delivery.invocation_id} was received before")
    return delivery


class Verifier:
    """The secrets of webhooks, checked once, and the rules by which requests are accepted.

    Args:
        secret, tolerance, allow_test_secret: see `verify()`.

    Raises:
        ConfigurationError: a secret is missing or invalid.

    Attributes:
        challenge: the scheme of the credentials, for the response to a request without them.
    """

    challenge = "Zendesk-Webhook-Signature"

    @conceal_arguments
    def __init__(
        self,
        secret: Secret | Iterable[Secret],
        tolerance: float = TOLERANCE,
        *,
        allow_test_secret: bool = False,
    ) -> None:
        seconds: object = tolerance
        is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        if not is_number or not 0 < tolerance < math.inf:
            raise ConfigurationError(f"tolerance must be seconds above 0, not {display(tolerance)}")
        self.tolerance = float(tolerance)
        self._secrets = tuple(read_secrets(secret, allow_test_secret=allow_test_secret))

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self._secrets)} secrets, {self.tolerance:g} s>"

    def verify(self, body: bytes | str, headers: Headers, clock: Clock) -> WebhookDelivery:
        """Return a request if its signature is valid and recent; the method may be any.

        Raises:
            WebhookRejected: it is not.
            InvalidValue: the body was parsed already.
        """
        content, values = read_body(body), read_headers(headers)
        signature = require_header(values, f"{_PREFIX}signature")
        timestamp = require_header(values, f"{_PREFIX}signature-timestamp")
        invocation_id = require_header(values, f"{_PREFIX}invocation-id")
        if not self._is_signed(timestamp.encode() + content, signature.encode()):
            raise WebhookRejected("the signature does not match the body, the time and the secret")
        moment = self._check_time(timestamp, clock)
        return WebhookDelivery(
            invocation_id,
            get_header(values, f"{_PREFIX}id"),
            moment,
            content,
            get_header(values, "content-type").partition(";")[0].strip().lower(),
            (
                digest("invocation", invocation_id.encode()),
                digest("signature", signature.encode()),
            ),
        )

    def _is_signed(self, message: bytes, signature: bytes) -> bool:
        """Compare a signature with those of all secrets, in the same time for each result."""
        matches = [
            hmac.compare_digest(compute_signature(secret, message), signature)
            for secret in self._secrets
        ]
        return any(matches)

    def _check_time(self, timestamp: str, clock: Clock) -> datetime:
        """Return the time of a signature.

        Raises:
            WebhookRejected: it is invalid, too old, or in the future.
        """
        moment = None
        if _TIMESTAMP.fullmatch(timestamp):
            with suppress(UnexpectedValue):
                moment = load_datetime(timestamp)
        if moment is None:
            raise WebhookRejected("the time of the signature is not an ISO 8601 time with a zone")
        age = clock.now() - moment.timestamp()
        if abs(age) > self.tolerance:
            direction = "old" if age > 0 else "in the future"
            raise WebhookRejected(
                f"the signature is {abs(age):.0f} seconds {direction}, and {self.tolerance:g} are "
                "allowed; check the clock of this machine if all deliveries are rejected"
            )
        return moment


def digest(kind: str, value: bytes) -> str:
    """Return a key that any store accepts."""
    return f"{kind}:{hashlib.sha256(value).hexdigest()}"


def compute_signature(secret: bytes, message: bytes) -> bytes:
    """Return the signature of a message: its HMAC with SHA-256, as base64."""
    return base64.b64encode(hmac.new(secret, message, hashlib.sha256).digest())


def read_secrets(
    secret: Secret | Iterable[Secret], *, allow_test_secret: bool = False
) -> Iterable[bytes]:
    """Yield the secrets of an argument as bytes that are not displayed.

    Raises:
        ConfigurationError: one is missing, contains spaces, or is the public one of tests.
    """
    value: object = secret
    is_single = value is None or isinstance(value, (str, bytes, SigningSecret))
    secrets: list[Any] = [value] if is_single else list(_iterate(value))
    if not secrets:
        raise ConfigurationError(_HOW)
    for item in secrets:
        value = item.secret if isinstance(item, SigningSecret) else item
        if isinstance(value, str):
            value = reveal(value).encode(errors="surrogatepass")
        if not isinstance(value, bytes) or not value.strip():
            raise ConfigurationError(_HOW)
        if any(byte in b" \t\r\n\v\f\0" for byte in value):
            raise ConfigurationError(
                "the signing secret contains spaces or a line break, which Zendesk's do not: "
                "remove them where it is stored"
            )
        if value == TEST_SECRET and not allow_test_secret:
            raise ConfigurationError(
                "this is Zendesk's public secret for tests, with which anyone can sign: pass the "
                "webhook's signing secret, or allow_test_secret=True in a test"
            )
        yield SecretBytes(value)


_HOW = (
    "the secret of the webhook is missing: webhook.signing_secret() returns it, or webhook.secret "
    "for messaging, and Zendesk's Admin Center shows it; while it is replaced, pass a list of both"
)


def _iterate(secrets: Any) -> Iterable[Any]:
    """Return the members of a collection of secrets.

    Raises:
        ConfigurationError: it is not a collection.
    """
    if isinstance(secrets, Mapping) or not isinstance(secrets, Iterable):
        raise ConfigurationError(
            f"a signing secret must be text, bytes or a list of them, not {type(secrets).__name__}"
        )
    return secrets


def read_body(body: Any) -> bytes:
    """Return a body as bytes; text is encoded as it was sent.

    Raises:
        InvalidValue: it was parsed.
        WebhookRejected: the text contains characters that no body contains.
    """
    if isinstance(body, str):
        try:
            return body.encode()
        except UnicodeEncodeError:
            raise WebhookRejected("the body is not UTF-8") from None
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    kind = with_article(type(body).__name__)
    raise InvalidValue(
        f"verify() needs the body as it was received, as bytes, not {kind}: "
        "request.body in Django, request.get_data() in Flask, await request.body() in Starlette"
    )


def read_headers(headers: Headers, others: Container[str] = ()) -> Mapping[str, list[str]]:
    """Return the values of the headers of webhooks by their names in lower case.

    Args:
        headers: a mapping of names to values or lists of values, a WSGI environment, or pairs of
            texts or bytes, as in ASGI.
        others: the names of further headers.

    Raises:
        InvalidValue: they have another form.
    """
    values: dict[str, list[str]] = {}
    source: Any = headers
    items = source.items() if hasattr(source, "items") else source
    if not isinstance(items, Iterable):
        raise InvalidValue(f"headers must be a mapping or pairs, not {display(headers)}")
    for item in items:
        if not isinstance(item, (tuple, list)) or len(item) != _PAIR:
            raise InvalidValue(f"headers must be a mapping or pairs, not {display(headers)}")
        name, value = item
        key = _read_name(name)
        if key == "content-type" or key.startswith(_PREFIX) or key in others:
            several = value if isinstance(value, (list, tuple)) else [value]
            values.setdefault(key, []).extend(map(_to_text, several))
    return values


def _read_name(name: Any) -> str:
    """Return a name in lower case, with hyphens: of `HTTP_X_NAME`, `x-name`."""
    text = _to_text(name)
    if text.startswith("HTTP_"):
        text = text[5:].replace("_", "-")
    return "content-type" if text == "CONTENT_TYPE" else text.lower()


def _to_text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def get_header(values: Mapping[str, list[str]], name: str) -> str:
    """Return the value of a header that need not exist, or ""."""
    texts = values.get(name) or [""]
    return texts[0][:MAX_HEADER]


def require_header(values: Mapping[str, list[str]], name: str) -> str:
    """Return the only value of a header.

    Raises:
        WebhookRejected: it is missing, repeated, empty, too long, or not ASCII.
    """
    texts = values.get(name) or []
    if len(texts) != 1:
        problem = "repeated" if texts else "missing"
        raise WebhookRejected(f"the header {name} is {problem}")
    value = texts[0]
    if not value or len(value) > MAX_HEADER or not value.isascii() or not value.isprintable():
        raise WebhookRejected(f"the header {name} is invalid")
    return value
