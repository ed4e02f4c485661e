"""The rate limit: requests a minute, and what every answer says of it.

Source: https://developer.zendesk.com/api-reference/introduction/rate-limits/
"""

from __future__ import annotations

from zendesk_orm.emulator.refusals import too_many_requests
from zendesk_orm.emulator.world import World


#: What an account without a limit says of one.
ADVERTISED = 700


class Limits:
    """One window of a minute, which opens with the first request in it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._opened = world.now()
        self._used = 0

    def take(self) -> None:
        """Count a request.

        Raises:
            Refusal: the minute has no more.
        """
        now, limit = self._world.now(), self._world.switches.limit
        if not 0 <= now - self._opened < 60:
            self._opened, self._used = now, 0
        self._used += 1
        if limit is not None and self._used > limit:
            raise too_many_requests(self._resets())

    def headers(self) -> dict[str, str]:
        """Return what an answer says of the limit."""
        limit = self._world.switches.limit
        total = ADVERTISED if limit is None else limit
        left = str(total - 1 if limit is None else max(total - self._used, 0))
        return {
            "x-rate-limit": str(total),
            "x-rate-limit-remaining": left,
            "ratelimit-limit": str(total),
            "ratelimit-remaining": left,
            "ratelimit-reset": str(self._resets()),
        }

    def _resets(self) -> int:
        return max(1, int(60 - (self._world.now() - self._opened) + 0.999))
