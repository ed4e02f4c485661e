"""The requests that webhooks have to send, in the order of the times at which they are due."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping

from attrs import define, field

from zendesk_orm import fork


@define
class Delivery:
    """A request of a webhook, which is repeated until it succeeds or fails for good.

    Attributes:
        invocation: the id of the invocation.
        webhook: the id of the webhook.
        method: the HTTP method.
        url: the address.
        headers: the headers, without those of the signature.
        body: the body.
        secret: the secret with which the request is signed; "" for a request without signature.
        due_at: the time at which it is sent next, in seconds since the epoch.
        failures: the number of failures for each status.
        has_waited: whether it was repeated, or waited for the end of a pause.
    """

    invocation: str
    webhook: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    secret: str = field(repr=False)
    due_at: float
    failures: dict[int, int] = field(factory=dict)
    has_waited: bool = False


class Outbox:
    """Requests that are waiting. Each thread may add or take some.

    Attributes:
        staged: the requests of the current transaction, which are dropped if it fails.
    """

    def __init__(self) -> None:
        self.staged: list[Delivery] = []
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._numbers = itertools.count()
        self._lock = fork.Lock()
        fork.renew_in_children(self)

    def renew(self) -> None:
        """Forget the requests of the parent process, which sends them itself."""
        self.staged, self._waiting = [], []

    def add(self, delivery: Delivery) -> None:
        """Add a request."""
        with self._lock:
            heapq.heappush(self._waiting, (delivery.due_at, next(self._numbers), delivery))

    def commit(self) -> None:
        """Add the requests of the current transaction, which has succeeded."""
        staged, self.staged = self.staged, []
        for delivery in staged:
            self.add(delivery)

    def take(self, now: float) -> Delivery | None:
        """Return and remove the first request that is due, or None."""
        with self._lock:
            if self._waiting and self._waiting[0][0] <= now:
                return heapq.heappop(self._waiting)[2]
        return None

    @property
    def next_due_at(self) -> float | None:
        """The time at which the next request is due, or None without one."""
        with self._lock:
            return self._waiting[0][0] if self._waiting else None

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._waiting.clear()
            self.staged.clear()

    def __len__(self) -> int:
        return len(self._waiting)
