"""Which failures are tried again, and after how long."""

from __future__ import annotations

import random

from attrs import frozen

from zendesk_orm.errors import (
    Conflict,
    ConnectFailed,
    ConnectionLost,
    MalformedResponse,
    RateLimited,
    ResponseTooLarge,
    ServerError,
    ZendeskError,
)
from zendesk_orm.http.request import Request


_UNAVAILABLE = 503


@frozen
class RetryPolicy:
    """The one retry loop's rules; the transport below has none of its own.

    A request is sent again when the failure proves that it was not applied
    (no connection, 429, 503 with `Retry-After`), or when applying it twice is
    the same as once.

    Attributes:
        attempts: how often a request is sent at most.
        longest: seconds; a `Retry-After` beyond it is raised, not waited for.
        first: seconds before the second attempt; doubled before each further one.
        without_header: seconds to wait on a 429 that names none.
    """

    attempts: int = 5
    longest: float = 300.0
    first: float = 0.5
    without_header: float = 10.0

    def delay(self, request: Request, error: ZendeskError, attempt: int) -> float | None:
        """Return the seconds to wait before the next attempt, or None to give up.

        Args:
            request: what was sent.
            error: how it failed.
            attempt: how often it was sent, 1 after the first time.
        """
        if attempt >= self.attempts:
            return None
        asked = getattr(error, "retry_after", None)
        wait = self.first * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter
        if isinstance(error, RateLimited):
            asked = self.without_header if asked is None else asked
        elif not isinstance(error, ServerError) or error.status != _UNAVAILABLE:
            asked = None
        if asked is not None:
            # A server that asks for no wait at all is not called in a tight loop.
            wait = float(asked) if asked >= self.first else wait
        elif not isinstance(error, ConnectFailed) and not self._worth_repeating(request, error):
            return None
        return wait if wait <= self.longest else None

    @staticmethod
    def _worth_repeating(request: Request, error: ZendeskError) -> bool:
        if isinstance(error, Conflict):
            return request.method == "GET"
        if isinstance(error, ResponseTooLarge):
            # The next response would be as large.
            return False
        passing = isinstance(error, (ConnectionLost, ServerError, MalformedResponse))
        return passing and request.repeatable


NEVER = RetryPolicy(attempts=1)


def may_be_applied(error: ZendeskError) -> bool:
    """Return whether Zendesk may have applied the request that failed, at whichever attempt."""
    if error.repeated:
        return True
    if isinstance(error, ServerError):
        # A response that names a time to come back was given instead of applying the request.
        return error.status != _UNAVAILABLE or error.retry_after is None
    return isinstance(error, (ConnectionLost, MalformedResponse))
