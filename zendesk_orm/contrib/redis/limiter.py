"""The rate limits of an account that processes share: a moving window for each bucket, in Redis.

While a report of the server is valid, it decides: it counts the requests of other clients, too.
Otherwise, the windows of the library `limits` do. Beside them is the penalty after a 429.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from zendesk_orm.contrib.redis.server import RedisServer
from zendesk_orm.extras import require_extra
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.quota import PERIOD, Bucket, RateLimiter, Shortage


with require_extra("redis"):
    from limits import RateLimitItemPerSecond
    from limits.storage import RedisStorage
    from limits.strategies import MovingWindowRateLimiter


#: Seconds by which a window is longer than the period of a limit: requests that are sent at the
#: same distance arrive at a shorter one if the first took longer than the second. `limits` counts
#: whole seconds, so that a short window, in which one more would halve the quota, has none.
_MARGIN = 1
#: Seconds from which a period has the margin.
_LONG_PERIOD = 20.0
#: Requests that are counted in a window before the limit was reported.
_UNKNOWN = 100_000
#: Seconds for which a limit is remembered after the last response that reported it.
_REMEMBERED = 86_400
#: Milliseconds for which requests are remembered until a response reports how many remain.
_UNREPORTED = 60_000
#: Seconds, at most, by which waits of processes differ, so that they do not ask all at once.
_JITTER = 0.05
_RANDOM = random.SystemRandom()

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
#: Counts a request in the reported limits, or returns why it may not be sent.
#: KEYS: penalty and report of each bucket. ARGV: the reserve of each bucket.
#: Returns the number of the bucket, or 0; the milliseconds to wait; the limit of each bucket; and
#: whether its report is valid.
_TAKE = (
    _NOW
    + """
local scarce, wait, totals, valid = 0, 0, {}, {}
for i = 1, #ARGV do
    local penalty = redis.call('PTTL', KEYS[2 * i - 1])
    if penalty > wait then
        scarce, wait = i, penalty
    end
    local report = redis.call('HMGET', KEYS[2 * i], 'total', 'left', 'until')
    totals[i] = tonumber(report[1]) or -1
    local ends = tonumber(report[3]) or 0
    valid[i] = ends > now and 1 or 0
    if ends > now and tonumber(report[2]) <= tonumber(ARGV[i]) and ends - now > wait then
        scarce, wait = i, ends - now
    end
end
if scarce == 0 then
    for i = 1, #ARGV do
        local key = KEYS[2 * i]
        if valid[i] == 1 then
            redis.call('HINCRBY', key, 'left', -1)
        else
            -- The first report of a period does not contain those of these that are still on
            -- their way.
            local since = tonumber(redis.call('HGET', key, 'since')) or 0
            if now - since > UNREPORTED then
                redis.call('HSET', key, 'since', string.format('%.0f', now), 'sent', 0)
            end
            redis.call('HINCRBY', key, 'sent', 1)
            redis.call('EXPIRE', key, REMEMBERED)
        end
    end
end
return {scarce, wait, totals, valid}
""".replace("UNREPORTED", str(_UNREPORTED)).replace("REMEMBERED", str(_REMEMBERED))
)
#: Takes the count of a request back that is not sent. KEYS: the reports of its buckets. ARGV:
#: whether each was valid.
_RETURN = """
for i, key in ipairs(KEYS) do
    if redis.call('EXISTS', key) == 1 then
        local valid = tonumber(ARGV[i]) == 1
        redis.call('HINCRBY', key, valid and 'left' or 'sent', valid and 1 or -1)
    end
end
"""
#: Extends a penalty. KEYS: the penalty. ARGV: milliseconds.
_PENALISE = """
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
    redis.call('SET', KEYS[1], 1, 'PX', ARGV[1])
end
"""
#: Stores a limit that a response has reported, as `RateLimiter` does in process.
#: KEYS: the report. ARGV: total, remaining, milliseconds until the reset (or -1), period, expiry.
_REPORT = (
    _NOW
    + """
local total, remaining = tonumber(ARGV[1]), tonumber(ARGV[2])
local resets, period = tonumber(ARGV[3]), tonumber(ARGV[4])
local report = redis.call('HMGET', KEYS[1], 'left', 'until', 'sent', 'since')
local left, current = tonumber(report[1]), tonumber(report[2]) or 0
local ends = resets >= 0 and now + math.max(resets, 1000)
local jump = not ends and left and remaining - left > math.max(total / 4, 1)
if current <= now or jump or (ends and ends > current + period / 2) then
    local since = tonumber(report[4]) or 0
    local sent = now - since <= UNREPORTED and tonumber(report[3]) or 0
    left, current = math.min(remaining, total - sent), ends or now + period
    redis.call('HDEL', KEYS[1], 'sent', 'since')
elseif ends and ends < current - period / 2 then
    return
else
    left, current = math.min(left, remaining), math.min(current, ends or current)
end
redis.call('HSET', KEYS[1], 'total', total, 'left', left, 'until', string.format('%.0f', current))
redis.call('EXPIRE', KEYS[1], ARGV[5])
""".replace("UNREPORTED", str(_UNREPORTED))
)


class _Window(RateLimitItemPerSecond):
    """A moving window whose requests stay counted when its limit is reported with another value."""

    def key_for(self, *identifiers: bytes | str | float) -> str:
        """Return the key of the window."""
        return "/".join(map(str, identifiers))


@frozen
class _Counted:
    """A bucket, and the window in which its requests are counted, with its key."""

    bucket: Bucket
    window: _Window
    key: str


class RedisLimiter:
    """The limiter of one account, shared by all processes; see `Limiter`.

    While the server cannot be reached, the limits are those that this process knows.

    Args:
        server: the server.
        account: the account, as text.
        clock: measures the time while the server cannot be reached.
    """

    def __init__(self, server: RedisServer, account: str, clock: Clock) -> None:
        self._server = server
        self._account = account
        self._local = RateLimiter(clock)
        self._periods: dict[str, float] = {}
        storage = RedisStorage("redis://", connection_pool=server.client.connection_pool)
        self._windows = MovingWindowRateLimiter(storage)
        scripts = (_TAKE, _RETURN, _PENALISE, _REPORT)
        self._take, self._return, self._penalise, self._report = (
            server.client.register_script(script) for script in scripts
        )

    def acquire(self, buckets: Sequence[Bucket]) -> Shortage | None:
        """Count a request in all of its buckets, or return why it may not be sent yet."""
        result: Any = self._server.run(lambda _: (self._acquire(buckets),), None)
        shortage: Shortage | None = self._local.acquire(buckets) if result is None else result[0]
        return shortage

    def observe(self, bucket: str, total: int, remaining: int, resets: float | None) -> None:
        """Store a limit that a response has reported."""
        self._local.observe(bucket, total, remaining, resets)
        until = -1 if resets is None else int(resets * 1000)
        period = int(self._periods.get(_family(bucket), PERIOD) * 1000)
        args = [total, remaining, until, period, _REMEMBERED]
        keys = [self._key("report", bucket)]
        self._server.run(lambda _: self._report(keys=keys, args=args), None)

    def penalise(self, bucket: str, seconds: float) -> None:
        """Allow no request in a bucket for a time, after a 429."""
        self._local.penalise(bucket, seconds)
        keys, args = [self._key("penalty", bucket)], [max(1, math.ceil(seconds * 1000))]
        self._server.run(lambda _: self._penalise(keys=keys, args=args), None)

    def _acquire(self, buckets: Sequence[Bucket]) -> Shortage | None:
        keys = [
            self._key(kind, bucket.name) for bucket in buckets for kind in ("penalty", "report")
        ]
        reserves = [bucket.reserve for bucket in buckets]
        scarce, wait, totals, valid = self._take(keys=keys, args=reserves)
        if scarce:
            return _shortage(buckets[scarce - 1], wait / 1000)
        for bucket in buckets:
            self._periods[_family(bucket.name)] = bucket.seconds
        entries = [
            self._count(bucket, total)
            for bucket, total, is_valid in zip(buckets, totals, valid, strict=True)
            # As in process: a report decides, unless fewer requests are to be sent.
            if not is_valid or (bucket.limit is not None and bucket.limit < total)
        ]
        # A request is counted in one window after the other, the narrowest first.
        entries.sort(key=lambda entry: entry.window.amount / entry.window.get_expiry())
        for entry in entries:
            if len(entries) > 1 and not self._windows.test(entry.window, entry.key):
                return self._refuse(entry, keys, valid)
        for entry in entries:
            if not self._windows.hit(entry.window, entry.key):
                return self._refuse(entry, keys, valid)
        return None

    def _count(self, bucket: Bucket, total: int) -> _Counted:
        """Return the window of a bucket: its own limit, or the one that responses have reported."""
        reported = _UNKNOWN if total < 0 else max(1, total - bucket.reserve)
        amount = reported if bucket.limit is None else bucket.limit
        margin = _MARGIN if bucket.seconds >= _LONG_PERIOD else 0
        window = _Window(amount, math.ceil(bucket.seconds) + margin)
        return _Counted(bucket, window, self._key("window", bucket.name))

    def _refuse(self, counted: _Counted, keys: list[str], valid: list[int]) -> Shortage:
        """Return the shortage of a window that is full; the request is not sent."""
        self._return(keys=keys[1::2], args=valid)
        stats = self._windows.get_window_stats(counted.window, counted.key)
        return _shortage(counted.bucket, stats.reset_time - time.time())

    def _key(self, kind: str, bucket: str) -> str:
        return self._server.key(self._account, kind, bucket)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._account} in {self._server.name}>"


def _family(bucket: str) -> str:
    """Return the name of a bucket without the id of its object."""
    return bucket.partition("/")[0]


def _shortage(bucket: Bucket, seconds: float) -> Shortage:
    jitter = _RANDOM.uniform(0.001, _JITTER)
    return Shortage(bucket.name, max(seconds, 0.0) + jitter)
