"""`Courier`: sends the requests of webhooks in a thread, and repeats them as Zendesk does.

Source: https://developer.zendesk.com/documentation/webhooks/creating-and-monitoring-webhooks/
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests

from zendesk_orm import fork
from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.webhooks import deliveries, invocations
from zendesk_orm.emulator.webhooks.deliveries import sign
from zendesk_orm.emulator.webhooks.invocations import Answer
from zendesk_orm.emulator.webhooks.outbox import Delivery
from zendesk_orm.emulator.webhooks.pauses import Pauses
from zendesk_orm.emulator.webhooks.receivers import Receiver, ReceiverAdapter, SelectiveAdapter
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.http.deadlines import CLOCK, DEADLINE


#: How often a request is repeated, by status; no other status is repeated.
RETRIES: Mapping[int, int] = {409: 3, 429: 3, 503: 3}
#: How often a request is repeated that times out.
TIMEOUT_RETRIES = 5
#: Statuses that are repeated only with a `Retry-After` of less than a minute.
_WITH_RETRY_AFTER = frozenset({429, 503})
_MAX_RETRY_AFTER = 60
#: The statuses of requests that time out, or that cannot be sent.
TIMEOUT, UNREACHABLE = 504, 502
_FIRST_ERROR = 400
#: The longest response that is recorded, in bytes.
MAX_BODY = 10_000
#: The longest waits for a request that is due later, and for the thread, in seconds.
_PAUSE, _STEP = 0.2, 0.01

_logger = logging.getLogger("zendesk_orm.emulator")


class Courier:
    """Sends the requests in an outbox.

    A thread is started when a request is due, and ends when none is left. With a virtual clock,
    requests that are due later wait until the clock has advanced.

    Args:
        context: the account.

    Attributes:
        session: the session that sends the requests. Adapters for other hosts can be mounted.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._pauses = Pauses(context.switches)
        self._thread: threading.Thread | None = None
        self._lock = fork.Lock()
        self._closed = threading.Event()
        #: Set while no request is sent.
        self._idle = threading.Event()
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, SelectiveAdapter(context))
        fork.renew_in_children(self)

    def renew(self) -> None:
        """Forget the thread of the parent process."""
        self._thread = None

    def receive(self, url: str, receiver: Receiver) -> None:
        """Send requests to addresses that start with `url` to a function."""
        self.session.mount(url, ReceiverAdapter(receiver))

    def start(self) -> None:
        """Start to send the requests that are due, without waiting for them."""
        if not self._has_due() and (self._is_virtual or not len(self._context.outbox)):
            return
        with self._lock:
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(
                    target=self._run, name="zendesk webhooks", daemon=True
                )
                self._thread.start()

    def wait(self) -> None:
        """Wait until all requests that are due have been sent, and recorded."""
        if self._thread is threading.current_thread():
            return
        self.start()
        while (thread := self._thread) is not None and (
            self._is_virtual or self._has_due() or not self._idle.is_set()
        ):
            thread.join(_STEP)
            self.start()

    def close(self) -> None:
        """Stop to send requests."""
        self._closed.set()
        self._context.outbox.clear()

    def send(self, delivery: Delivery, at: float | None = None) -> Answer:
        """Send a request and return the response.

        Args:
            delivery: the request.
            at: the time of the signature, in seconds since the epoch; by default the current one.
        """
        timestamp = self._context.timestamp(at)
        signature = sign(delivery, timestamp) if delivery.secret else {}
        headers = {**delivery.headers, **signature}
        timeout = self._context.switches.webhook_timeout
        deadline = CLOCK.monotonic() + timeout
        token = DEADLINE.set(deadline)
        try:
            with self.session.request(
                delivery.method,
                delivery.url,
                data=delivery.body,
                headers=headers,
                timeout=timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return Answer(response.status_code, response.headers, _read_text(response))
        except (requests.RequestException, OSError, ValueError) as error:
            is_late = isinstance(error, (requests.Timeout, TimeoutError))
            if is_late or CLOCK.monotonic() >= deadline:
                return Answer(TIMEOUT, {}, "", timed_out=True)
            return Answer(UNREACHABLE, {}, str(error)[:MAX_BODY])
        finally:
            DEADLINE.reset(token)

    @property
    def _is_virtual(self) -> bool:
        return isinstance(self._context.clock, VirtualClock)

    def _has_due(self) -> bool:
        """Return whether a request is due."""
        due_at = self._context.outbox.next_due_at
        return due_at is not None and due_at <= self._context.now()

    def _run(self) -> None:
        while True:
            self._idle.clear()
            while delivery := self._context.outbox.take(self._context.now()):
                # A virtual clock may have advanced by hours, in which requests were repeated.
                at = delivery.due_at if self._is_virtual else self._context.now()
                paused_until = self._pauses.find_end(delivery.webhook, at)
                if paused_until is None:
                    self._deliver(delivery, at)
                else:
                    self._delay(delivery, paused_until)
            with self._lock:
                self._idle.set()
                is_done = self._is_virtual or not len(self._context.outbox)
                if self._closed.is_set() or (is_done and not self._has_due()):
                    self._thread = None
                    return
            self._closed.wait(_PAUSE)

    def _deliver(self, delivery: Delivery, at: float) -> None:
        """Send a request, record the attempt, and queue the next one if it has to be repeated."""
        try:
            if delivery.has_waited and not deliveries.is_active(self._context, delivery.webhook):
                invocations.give_up(self._context, delivery)
                return
            answer = self.send(delivery, at)
            failed = answer.status >= _FIRST_ERROR
            self._pauses.note(delivery.webhook, at, failed=failed)
            with self._context.store.lock:
                if self._closed.is_set():
                    return
                with self._context.store.transaction():
                    delay = self._find_delay(delivery, answer)
                    is_final = delay is None
                    invocations.record(self._context, delivery, answer, at, is_final=is_final)
            if delay is not None:
                self._delay(delivery, (at if self._is_virtual else self._context.now()) + delay)
        except Exception:
            # A fault of the emulator, which must not stop the other requests.
            _logger.exception("the webhook %s cannot be recorded", delivery.webhook)

    def _delay(self, delivery: Delivery, until: float) -> None:
        """Send a request later, unless its webhook is not active any more."""
        delivery.due_at, delivery.has_waited = until, True
        self._context.outbox.add(delivery)

    def _find_delay(self, delivery: Delivery, answer: Answer) -> float | None:
        """Return the seconds until a request is repeated, or None if it is not."""
        status = answer.status
        failures = delivery.failures.get(status, 0)
        delivery.failures[status] = failures + 1
        limit = TIMEOUT_RETRIES if answer.timed_out else RETRIES.get(status, 0)
        if failures >= limit:
            return None
        if status not in _WITH_RETRY_AFTER:
            return self._context.switches.webhook_retry_seconds
        text = answer.headers.get("Retry-After", "")
        return float(text) if is_number(text) and int(text) < _MAX_RETRY_AFTER else None


def _read_text(response: requests.Response) -> str:
    """Return the beginning of a body as text; the remainder may be endless."""
    body = b""
    for piece in response.iter_content(MAX_BODY):
        body += piece
        if len(body) >= MAX_BODY:
            break
    return body[:MAX_BODY].decode(errors="replace")


def describe_headers(headers: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return headers in the form of responses about webhooks."""
    return [{"key": name, "value": str(value)} for name, value in headers.items()]
