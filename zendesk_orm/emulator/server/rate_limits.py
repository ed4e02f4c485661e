"""The rate limits of an account and of endpoints, and the headers that describe them.

Source: https://developer.zendesk.com/api-reference/introduction/rate-limits/
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from attrs import define, field

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.server.errors import too_many_requests
from zendesk_orm.http.endpoint_limits import ENDPOINT_LIMITS, find_buckets
from zendesk_orm.http.limits import CHAT, SUPPORT, find_api
from zendesk_orm.http.quota import Bucket


#: The rate limit in the headers of an account without a limit.
DEFAULT_LIMIT = 700
#: The limit of Chat is that of all plans.
_CHAT_LIMIT = 200


@define
class _Window:
    """The requests of a period, which starts with its first request.

    Attributes:
        seconds: the length of the period.
        started_at: the start of the period.
        count: the requests of the period.
    """

    seconds: float
    started_at: float
    count: int = field(default=0, init=False)

    def add(self, now: float) -> int:
        """Count a request, and return the number of requests of the period."""
        if not 0 <= now - self.started_at < self.seconds:
            self.started_at, self.count = now, 0
        self.count += 1
        return self.count

    def seconds_left(self, now: float) -> int:
        """Return the seconds until the next period, rounded up."""
        return max(1, math.ceil(round(self.seconds - (now - self.started_at), 3)))


class RateLimiter:
    """Counts the requests of each limit."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._windows: dict[str, _Window] = {}

    def count_request(self, request: Request) -> None:
        """Count a request.

        Raises:
            HTTPError: 429, if one of its limits has no requests left.
        """
        now, seconds = self._context.now(), 0
        for bucket in self._find_buckets(request):
            window = self._window(bucket)
            if window.add(now) > (bucket.limit or math.inf):
                seconds = max(seconds, window.seconds_left(now))
        if seconds:
            raise too_many_requests(seconds)

    def headers(self, request: Request) -> dict[str, str]:
        """Return the headers that describe the limits of a request."""
        now = self._context.now()
        headers: dict[str, str] = {}
        for bucket in self._find_buckets(request):
            window, total = self._window(bucket), bucket.limit
            left = DEFAULT_LIMIT - 1 if total is None else max(total - window.count, 0)
            total, resets = DEFAULT_LIMIT if total is None else total, window.seconds_left(now)
            if bucket.name == find_api(_path(request)):
                headers |= {"x-rate-limit": str(total), "x-rate-limit-remaining": str(left)}
                if bucket.name == SUPPORT:
                    headers["ratelimit-limit"] = str(total)
                    headers["ratelimit-remaining"] = str(left)
                    headers["ratelimit-reset"] = str(resets)
            else:
                name = bucket.name.partition("/")[0]
                text = f"total={total}; remaining={left}; resets={resets}"
                headers[f"zendesk-ratelimit-{name}"] = text
        return headers

    def _find_buckets(self, request: Request) -> Iterator[Bucket]:
        """Yield the limits of a request, that of the account first."""
        switches, path = self._context.switches, _path(request)
        limit = switches.rate_limit
        api = find_api(path)
        if api is not None:
            has_chat_limit = api == CHAT and switches.endpoint_limits
            yield Bucket(api, _CHAT_LIMIT if has_chat_limit else limit)
        if switches.endpoint_limits:
            query = "&".join(f"{name}={value}" for name, value in request.params.items())
            yield from find_buckets(ENDPOINT_LIMITS, f"{request.method} {path}?{query}")

    def _window(self, bucket: Bucket) -> _Window:
        window = self._windows.get(bucket.name)
        if window is None:
            window = _Window(bucket.seconds, self._context.now())
            self._windows[bucket.name] = window
        return window


def _path(request: Request) -> str:
    """Return the path of a request with its root, unless it is outside of the API."""
    return request.path if request.path.startswith("~") else f"/api/v2/{request.path}"
