"""`WebhookReceiver`: verifies requests of webhooks and sends their signals, for any framework."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, NamedTuple

from zendesk_orm import log, signals
from zendesk_orm.account import Account, connections
from zendesk_orm.errors import ConfigurationError, WebhookRejected
from zendesk_orm.http.limits import parse_number
from zendesk_orm.http.secret import conceal_arguments
from zendesk_orm.messages import display
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.signals import announce
from zendesk_orm.sync.changes import RemoteChange
from zendesk_orm.sync.delivery import deliver
from zendesk_orm.sync.live_rows import live_rows_of
from zendesk_orm.sync.webhooks.invocations import (
    HOLD_SECONDS,
    LEASE_SECONDS,
    InvocationStore,
    MemoryInvocations,
    require_invocations,
)
from zendesk_orm.sync.webhooks.payloads import decode_payload
from zendesk_orm.sync.webhooks.verification import (
    TOLERANCE,
    Headers,
    Secret,
    Verifier,
    WebhookDelivery,
)
from zendesk_orm.sync.webhooks.webhook_events import TicketKey, read_changes


#: The largest body, in bytes.
MAX_BODY_BYTES = 1_000_000
#: The methods that webhooks use.
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: Seconds after which Zendesk repeats a delivery whose handling failed; it waits for less than 60.
RETRY_SECONDS = 30

_logger = log.child("sync")

#: Starts the handling of a delivery in the background: `executor.submit`.
Submit = Callable[[Callable[[], Any]], Any]


class Reply(NamedTuple):
    """The response to a request of a webhook.

    Attributes:
        status: its status.
        headers: its headers.
        body: its body.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def build_reply(status: int, text: str, **headers: str) -> Reply:
    """Return a response with a text; underscores in names of headers are hyphens."""
    body = f"{text}\n".encode()
    others = [(name.replace("_", "-"), value) for name, value in headers.items()]
    length = ("Content-Length", str(len(body)))
    return Reply(status, [("Content-Type", "text/plain; charset=utf-8"), length, *others], body)


class WebhookReceiver:
    """Receives the requests of webhooks: `webhook_app()` and the views of frameworks use it.

    Args:
        secret, account, and the others: see `webhook_app()`.

    Attributes:
        max_body_bytes: the largest body.
    """

    @conceal_arguments
    def __init__(
        self,
        secret: Secret | Iterable[Secret],
        account: Account | str | None = None,
        *,
        tolerance: float = TOLERANCE,
        ticket_key: TicketKey = "ticket_id",
        invocations: InvocationStore | None = None,
        submit: Submit | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        allow_test_secret: bool = False,
    ) -> None:
        self._verifier = self._create_verifier(
            secret, tolerance, allow_test_secret=allow_test_secret
        )
        if not (account is None or isinstance(account, str) or hasattr(account, "transport")):
            raise ConfigurationError(
                f"account must be an account or its alias, not {display(account)}"
            )
        size: object = max_body_bytes
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ConfigurationError(
                f"max_body_bytes must be at least 1, not {display(max_body_bytes)}"
            )
        if not (isinstance(ticket_key, str) or callable(ticket_key)):
            raise ConfigurationError(
                f"ticket_key must be a key or a function, not {display(ticket_key)}"
            )
        if submit is not None and not callable(submit):
            raise ConfigurationError(
                f"submit must be a function, such as executor.submit, not {display(submit)}"
            )
        self._account = DEFAULT if account is None else account
        self._ticket_key = ticket_key
        self._invocations = require_invocations(invocations) or MemoryInvocations()
        self._submit = submit
        self.max_body_bytes = max_body_bytes

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._verifier!r}>"

    @property
    def account(self) -> Account:
        """The account whose webhooks are received.

        Raises:
            ConfigurationError: it is not connected.
        """
        account = self._account
        return connections[account] if isinstance(account, str) else account

    def handle(self, body: bytes | str, headers: Headers, method: str = "POST") -> Reply:
        """Verify a request, send its signals, and return the response.

        Exceptions of receivers are logged, not raised; the response lets Zendesk repeat the
        request.

        Args:
            body: the body as it was received.
            headers: the headers in any form, see `verify()`.
            method: the HTTP method.

        Returns:
            Status 200 if all receivers have run, or had run before; 202 if they run in the
            background; 401 if the signature is missing, wrong or old; 405 for another method; 409
            if the same delivery is being handled; 413 if the body is too large; 503 if a receiver
            of `webhook_received` failed, or the row could not be read, so that Zendesk repeats
            the request.

        Raises:
            InvalidValue: the body was parsed already.
        """
        if method.upper() not in METHODS:
            return build_reply(405, "webhooks do not use this method", Allow=", ".join(METHODS))
        received: object = body
        if isinstance(received, (str, bytes)) and len(received) > self.max_body_bytes:
            return self.refuse_size()
        try:
            delivery = self._verifier.verify(body, headers, self.account.transport.clock)
        except WebhookRejected as error:
            _logger.warning("a webhook's request was rejected: %s", error)
            return build_reply(401, "rejected", WWW_Authenticate=self._verifier.challenge)
        except ConfigurationError:
            _logger.exception("the account of a webhook is not connected")
            return _fail()
        return self._handle_once(delivery)

    def is_too_large(self, length: str) -> bool:
        """Return whether the `Content-Length` of a request is above the limit."""
        size = parse_number(length)
        return size is not None and size > self.max_body_bytes

    def refuse_size(self) -> Reply:
        """Return the response to a request whose body is too large."""
        _logger.warning("a webhook's request has more than %d bytes", self.max_body_bytes)
        return build_reply(413, "the body is too large")

    def _handle_once(self, delivery: WebhookDelivery) -> Reply:
        """Handle a verified delivery unless it was handled before."""
        try:
            # Zendesk does not repeat a delivery that is queued, so its claim need not end soon.
            seconds = LEASE_SECONDS if self._submit is None else self._hold_seconds
            state = self._invocations.claim(delivery.keys, seconds)
        except Exception:
            # Without the store, a repeated request cannot be recognized, and nothing runs.
            _logger.exception("the store of invocations failed")
            return _fail()
        if state is not None:
            _logger.info("invocation %s was received before", delivery.invocation_id)
            if state == "done":
                return build_reply(200, "received before")
            return build_reply(409, "being handled", Retry_After=str(RETRY_SECONDS))
        if self._submit is None:
            return build_reply(200, "handled") if self._run(delivery) else _fail()
        try:
            self._submit(partial(self._run, delivery))
        except Exception:
            _logger.exception("invocation %s cannot be queued", delivery.invocation_id)
            self._note_end(delivery, is_done=False)
            return _fail()
        return build_reply(202, "queued")

    @property
    def _hold_seconds(self) -> float:
        """The seconds for which a delivery is remembered: while its signature is accepted."""
        return max(HOLD_SECONDS, 2 * self._verifier.tolerance + 60)

    def _run(self, delivery: WebhookDelivery) -> bool:
        """Send the signals of a delivery, and return whether all receivers succeeded."""
        is_done = False
        try:
            self.process(delivery)
            is_done = True
        except Exception:
            _logger.exception("the handling of invocation %s failed", delivery.invocation_id)
        finally:
            # Also after an exception that is no `Exception`, such as the end of a worker.
            self._note_end(delivery, is_done=is_done)
        return is_done

    def _note_end(self, delivery: WebhookDelivery, *, is_done: bool) -> None:
        """Remember a delivery as handled, or forget it so that it may be repeated."""
        try:
            if is_done:
                self._invocations.finish(delivery.keys, self._hold_seconds)
            else:
                self._invocations.release(delivery.keys)
        except Exception:
            _logger.exception("the end of invocation %s was not stored", delivery.invocation_id)

    def process(self, delivery: WebhookDelivery) -> None:
        """Send the signals of a verified delivery.

        The receivers run in a new session, in which objects are loaded once. If one
        fails, the others are called nevertheless.

        Raises:
            Exception: the first one that a receiver raised.
        """
        account = self.account
        payload = decode_payload(delivery)
        session: AbstractContextManager[Any] = account.session()
        with session:
            failures = [
                *_attempt(self._announce, account, delivery, payload),
                *_attempt(self._deliver, account, delivery, payload),
            ]
        for failure in failures[1:]:
            signals.report(failure, "raised by another receiver of the same delivery")
        if failures:
            raise failures[0]

    def _announce(self, account: Account, delivery: WebhookDelivery, payload: Any) -> None:
        announce(
            signals.webhook_received,
            account.alias,
            payload=payload,
            delivery=delivery,
            using=account.alias,
        )

    def _deliver(self, account: Account, delivery: WebhookDelivery, payload: Any) -> None:
        for change in self._read_changes(account, delivery, payload):
            live_rows_of(account).outdate(account, change)
            deliver(account, change)

    def _create_verifier(
        self, secret: Secret | Iterable[Secret], tolerance: float, *, allow_test_secret: bool
    ) -> Verifier:
        """Return the verifier of requests; for subclasses."""
        return Verifier(secret, tolerance, allow_test_secret=allow_test_secret)

    def _read_changes(
        self, account: Account, delivery: WebhookDelivery, payload: Any
    ) -> Iterable[RemoteChange]:
        """Return the changes that a payload announces; for subclasses."""
        return read_changes(payload, delivery, self._ticket_key)


def _attempt(function: Callable[..., None], *args: Any) -> list[Exception]:
    """Call a function and return its exception, if it raises one."""
    try:
        function(*args)
    except Exception as error:  # noqa: BLE001 - it is raised later
        return [error]
    return []


def _fail() -> Reply:
    """Return the response after which Zendesk repeats a request."""
    return build_reply(503, "failed; see the log", Retry_After=str(RETRY_SECONDS))
