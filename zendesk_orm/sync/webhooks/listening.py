"""`listen()`: the deliveries of an account's webhooks, shown and forwarded to another URL.

Zendesk keeps the requests of its webhooks for seven days. They are read from there, so that a
program on a developer's machine, which Zendesk cannot reach, receives them.

Source: https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/#list-webhook-invocations
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlsplit

import requests
from attrs import evolve, field, frozen
from cachetools import LRUCache

from zendesk_orm.account import Account
from zendesk_orm.errors import (
    BadRequest,
    ConfigurationError,
    NotFound,
    PermissionDenied,
    Unprocessable,
)
from zendesk_orm.http.clock import Clock, pause
from zendesk_orm.http.limits import require_duration
from zendesk_orm.http.secret import SecretBytes
from zendesk_orm.messages import display
from zendesk_orm.schema.values import aware
from zendesk_orm.support.webhooks.event_names import NAMES, short_name
from zendesk_orm.support.webhooks.webhooks import Webhook, WebhookInvocation
from zendesk_orm.sync.delivery import find_account
from zendesk_orm.sync.webhooks.verification import compute_signature, read_secrets


#: Seconds between two requests for the invocations of a webhook.
INTERVAL = 5.0
#: Seconds before the latest invocation that are read again, because invocations end in any order.
_OVERLAP = 60
#: Invocations that are remembered, so that each is returned once.
_REMEMBERED = 50_000
#: The seconds to wait before each further attempt if the URL cannot be reached.
_RETRIES = (0.5, 1.0, 2.0)
#: Seconds to wait for the response of the URL; Zendesk itself waits for ten or twelve.
_TIMEOUT = 10.0
#: Areas of events that a temporary webhook is subscribed to by default.
_AREAS = ("ticket.", "user.", "organization.", "article.", "community_post.")
_CONTENT_TYPES = {
    "json": "application/json",
    "xml": "application/xml",
    "form_encoded": "application/x-www-form-urlencoded",
}
_UNAUTHORIZED = 401


@frozen(eq=False)
class WebhookEvent:
    """A delivery of a webhook, as Zendesk has recorded it.

    Attributes:
        webhook: the webhook.
        invocation_id: the id of the invocation.
        moment: when it ended; None if it has not.
        status: whether the webhook's URL accepted it: `success` or `failed`.
        status_code: the status of the response of that URL, or None.
        method: the HTTP method.
        body: the body.
        forwarded: the status of the response of `forward`; None if it was not reached.
        error: the reason why `forward` was not reached, or "".
    """

    webhook: Webhook
    invocation_id: str
    moment: datetime | None
    status: str
    status_code: int | None
    method: str
    body: str = field(repr=False)
    forwarded: int | None = None
    error: str = ""

    @property
    def payload(self) -> Any:
        """The decoded body, or its text if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return self.body

    @property
    def name(self) -> str:
        """The name of the event, such as `ticket.created`; "" for requests of triggers."""
        payload = self.payload
        name = payload.get("type") if isinstance(payload, dict) else None
        return short_name(name) if isinstance(name, str) else ""

    @property
    def was_refused(self) -> bool:
        """Whether `forward` was reached and did not accept the delivery."""
        return self.forwarded is not None and not 200 <= self.forwarded < 300


def listen(
    account: Account | str | None = None,
    *,
    forward: str | None = None,
    endpoint: str | None = None,
    events: Iterable[str] | None = None,
    since: datetime | None = None,
    interval: float = INTERVAL,
) -> Iterator[WebhookEvent]:
    """Yield the deliveries of the active webhooks of an account, and forward them to a URL.

    ::

        for event in listen(forward="http://localhost:8000/zendesk"):
            print(event.name, event.forwarded)

    Forwarded requests are signed with the webhook's own secret and the current time. If the URL
    cannot be reached, they are repeated three times; the next delivery waits meanwhile. Each
    round takes one request for the webhooks and one for each webhook, and each delivery another.

    Args:
        account: the account, or its alias; the default account otherwise.
        forward: the URL that receives the deliveries.
        endpoint: a public URL, for which a webhook is created that is deleted at the end. Without
            it, the account's own webhooks are used, and none is changed.
        events: the events of that webhook; by default those of tickets, users, organizations,
            articles and posts.
        since: the time from which deliveries are returned; by default the current time.
        interval: seconds between two rounds.

    Returns:
        An iterator that waits for the next delivery and does not end.

    Raises:
        ConfigurationError: an argument is invalid, or the account has no active webhook.
        InvalidValue: an event or the account does not exist, or `since` is not a moment.
        ApiError, TransportError: Zendesk cannot be read, or refuses to list or create webhooks.
            `watch()` is the alternative, which needs none.
    """
    for name, url in (("forward", forward), ("endpoint", endpoint)):
        _check_url(name, url)
    if events is not None and endpoint is None:
        raise ConfigurationError("events= needs endpoint=, the URL of the webhook to create")
    require_duration("interval", interval)
    used = find_account(account)
    now = datetime.fromtimestamp(used.transport.clock.now(), timezone.utc)
    listener = _Listener(used, forward, now if since is None else aware(since))
    if endpoint is None and since is None:
        listener.skip_existing()
    return listener.run(interval, endpoint, events)


class _Listener:
    """Reads the invocations of webhooks, and forwards them.

    Args:
        account: the account.
        forward: the URL that receives the deliveries, or None.
        since: the time from which deliveries are returned.
    """

    def __init__(self, account: Account, forward: str | None, since: datetime) -> None:
        self._account, self._forward, self._since = account, forward, since
        self._start = since
        self._seen: LRUCache[str, bool] = LRUCache(_REMEMBERED)
        self._secrets: dict[str, SecretBytes] = {}
        self._session = requests.Session()
        self._temporary: Webhook | None = None

    def skip_existing(self) -> None:
        """Leave out the deliveries of the current second that have ended already.

        Raises:
            ConfigurationError: the account has no active webhook.
        """
        for invocation, _ in self._list_new():
            self._seen[invocation.pk] = True

    def run(
        self, interval: float, endpoint: str | None, events: Iterable[str] | None
    ) -> Generator[WebhookEvent]:
        """Yield deliveries, and wait between two rounds."""
        with self._session, self._temporary_webhook(endpoint, events):
            while True:
                yield from self._read_round()
                pause(self._account.transport.clock, interval)

    @contextmanager
    def _temporary_webhook(
        self, endpoint: str | None, events: Iterable[str] | None
    ) -> Generator[None]:
        """Create a webhook that is deleted at the end, if there is a URL for it."""
        if endpoint is None:
            yield
            return
        chosen = sorted(name for name in NAMES if name.startswith(_AREAS))
        names = chosen if events is None else events
        manager: Any = Webhook.objects.using(self._account.alias)
        with _explain_refusal():
            webhook = manager.subscribe(endpoint, names, name="zendesk-orm listen")
        self._temporary = webhook
        try:
            yield
        finally:
            webhook.delete()

    def _read_round(self) -> Iterator[WebhookEvent]:
        """Yield the deliveries since the last round, in their order."""
        for invocation, webhook in self._list_new():
            # An invocation that was repeated is listed again.
            if invocation.pk in self._seen:
                continue
            event = self._read_event(webhook, invocation)
            yield event if self._forward is None else self._send(self._forward, event)
            self._seen[invocation.pk] = True
            self._since = max(self._since, invocation.latest_completed_at or self._since)

    def _list_new(self) -> list[tuple[WebhookInvocation, Webhook]]:
        """Return the invocations since the last round, in their order, with their webhooks.

        Raises:
            ConfigurationError: the account has no active webhook.
        """
        since = max(self._since - timedelta(seconds=_OVERLAP), self._start)
        pairs = [
            (invocation, webhook)
            for webhook in self._list_webhooks()
            for invocation in self._list_invocations(webhook, since)
            if invocation.pk not in self._seen
        ]
        pairs.sort(key=lambda pair: (pair[0].latest_completed_at or self._since, pair[0].pk))
        return pairs

    def _list_webhooks(self) -> list[Webhook]:
        """Return the temporary webhook, or the active ones of the account.

        Raises:
            ConfigurationError: the account has no active webhook.
        """
        if self._temporary is not None:
            return [self._temporary]
        manager: Any = Webhook.objects.using(self._account.alias)
        with _explain_refusal():
            webhooks = [webhook for webhook in manager.all() if webhook.status == "active"]
        if webhooks:
            return webhooks
        raise ConfigurationError(
            "the account has no active webhook: create one with Webhook.objects.subscribe(), or "
            "pass endpoint=, a public URL for a temporary one; watch() needs no webhook"
        )

    def _list_invocations(self, webhook: Webhook, since: datetime) -> list[WebhookInvocation]:
        """Return the invocations of a webhook since a time."""
        manager: Any = WebhookInvocation.objects.using(self._account.alias)
        # Each round is a unit of work; in a longer one, the repeated requests cause a warning.
        with self._account.session():
            return list(manager.filter(webhook=webhook.pk, from_ts=since))

    @staticmethod
    def _read_event(webhook: Webhook, invocation: WebhookInvocation) -> WebhookEvent:
        """Return a delivery with the body of its latest attempt."""
        attempts = invocation.attempts()
        request = attempts[-1].request if attempts else {}
        body = request.get("payload")
        return WebhookEvent(
            webhook,
            invocation.pk,
            invocation.latest_completed_at,
            invocation.status,
            invocation.status_code,
            str(request.get("method") or webhook.http_method),
            body if isinstance(body, str) else "" if body is None else json.dumps(body),
        )

    def _send(self, url: str, event: WebhookEvent) -> WebhookEvent:
        """Return a delivery with the result of forwarding it."""
        sent = self._post(url, event)
        if sent.forwarded == _UNAUTHORIZED and event.webhook.pk in self._secrets:
            # The secret may have been replaced since it was read.
            del self._secrets[event.webhook.pk]
            sent = self._post(url, event)
        return sent

    def _post(self, url: str, event: WebhookEvent) -> WebhookEvent:
        """Send a delivery, again if the URL cannot be reached."""
        # Text that a server has decoded from JSON need not have an encoding.
        body, error = event.body.encode(errors="replace"), ""
        for delay in (0.0, *_RETRIES):
            if delay:
                pause(self._account.transport.clock, delay)
            try:
                # The body of the response is not read; it may be endless.
                with self._session.request(
                    event.method,
                    url,
                    data=body,
                    headers=self._sign(event, body),
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    return evolve(event, forwarded=response.status_code)
            except (requests.RequestException, ValueError) as failure:
                error = type(failure).__name__
        return evolve(event, error=error)

    def _sign(self, event: WebhookEvent, body: bytes) -> dict[str, str]:
        """Return the headers of a forwarded request, with a signature of the current time."""
        pk = event.webhook.pk
        if pk not in self._secrets:
            (secret,) = read_secrets(event.webhook.signing_secret())
            self._secrets[pk] = SecretBytes(secret)
        now = datetime.fromtimestamp(Clock().now(), timezone.utc)
        timestamp = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        signature = compute_signature(self._secrets[pk], timestamp.encode() + body)
        return {
            "User-Agent": "Zendesk Webhook",
            "Content-Type": _CONTENT_TYPES.get(event.webhook.request_format, "application/json"),
            "X-Zendesk-Webhook-Id": pk,
            "X-Zendesk-Webhook-Invocation-Id": event.invocation_id,
            "X-Zendesk-Webhook-Signature": signature.decode(),
            "X-Zendesk-Webhook-Signature-Timestamp": timestamp,
        }


@contextmanager
def _explain_refusal() -> Generator[None]:
    """Add the alternative to the error of an account, or a user, that may not use webhooks."""
    try:
        yield
    except (BadRequest, PermissionDenied, NotFound, Unprocessable) as error:
        error.explain(
            "webhooks need an administrator, and a trial account has ten of them; watch(), and "
            "`zendesk-orm watch`, report changes without webhooks, a minute later"
        )
        raise


def _check_url(name: str, url: Any) -> None:
    """Raise if an argument is neither None nor a URL.

    Raises:
        ConfigurationError: it is not.
    """
    if url is None:
        return
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(
            f"{name} must be a URL, such as http://localhost:8000/zendesk, not {display(url)}"
        )
