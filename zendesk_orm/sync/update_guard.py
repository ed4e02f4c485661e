"""Stops a receiver that keeps updating one ticket, before Zendesk's limit stops the account.

Zendesk accepts 30 updates of a ticket in ten minutes.

Source: https://developer.zendesk.com/api-reference/introduction/rate-limits/
"""

from __future__ import annotations

import re
from collections import OrderedDict, deque
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from zendesk_orm import fork
from zendesk_orm.errors import ZendeskError
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.request import Request
from zendesk_orm.session.sender import CHECK_UPDATE


#: The period of Zendesk's limit, in seconds.
PERIOD = 600.0
#: Tickets whose updates are remembered.
_MAX_TICKETS = 10_000
_TICKET = re.compile(r"/api/v2/tickets/(\d+)(?:\.json)?(?:\?|$)")
_MANY = re.compile(r"/api/v2/tickets/update_many(?:\.json)?(?:\?|$)")


class UpdateLoop(ZendeskError):
    """A receiver of remote changes updates one ticket so often that Zendesk's limit is near."""


class UpdateGuard:
    """Counts the updates of each ticket by each receiver.

    Args:
        clock: the clock of the account.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._updates: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._lock = fork.Lock()

    @contextmanager
    def watch(self, receiver: str, limit: int) -> Generator[None]:
        """Count the updates in a block, which a receiver makes.

        Raises:
            UpdateLoop: in the block: the receiver has updated a ticket too often.
        """
        token = CHECK_UPDATE.set(partial(self._check, receiver, limit))
        try:
            yield
        finally:
            CHECK_UPDATE.reset(token)

    def _check(self, receiver: str, limit: int, request: Request) -> None:
        """Count a request that is about to be sent."""
        if request.method != "PUT":
            return
        for ticket in _updated_tickets(request):
            self._count(receiver, limit, ticket)

    def _count(self, receiver: str, limit: int, ticket: str) -> None:
        now = self._clock.now()
        with self._lock:
            times = self._updates.pop((receiver, ticket), None) or deque()
            self._updates[receiver, ticket] = times
            while times and times[0] <= now - PERIOD:
                times.popleft()
            is_loop = len(times) >= limit
            if not is_loop:
                times.append(now)
            if len(self._updates) > _MAX_TICKETS:
                self._updates.popitem(last=False)
        if is_loop:
            raise UpdateLoop(
                f"{receiver} has updated ticket {ticket} {limit} times in ten minutes; the update "
                "was not sent, because Zendesk accepts 30: let the receiver check whether there "
                "is anything to change"
            )


def _updated_tickets(request: Request) -> Iterator[str]:
    """Yield the ids of the tickets that a request updates."""
    match = _TICKET.match(request.path)
    if match is not None:
        yield match.group(1)
    elif _MANY.match(request.path):
        ids = dict(request.params).get("ids", "")
        yield from filter(None, ids.split(","))
        tickets = request.json.get("tickets") if isinstance(request.json, Mapping) else None
        rows: list[Any] = tickets if isinstance(tickets, list) else []
        yield from (str(row["id"]) for row in rows if isinstance(row, Mapping) and "id" in row)
