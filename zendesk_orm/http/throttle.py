"""`Throttle`: waits before a request until the rate limits of the account allow it.

The limiter (`http/quota.py`) decides; this module finds the limits of a request, announces waits,
waits, and raises if a wait would be too long.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

from attrs import Attribute, evolve, field, frozen

from zendesk_orm import log, signals
from zendesk_orm.errors import ConfigurationError, RateLimited
from zendesk_orm.http.clock import Clock, pause
from zendesk_orm.http.endpoint_limits import (
    EndpointLimit,
    combine,
    correct,
    describe_endpoint,
    find_buckets,
    find_period,
    name_bucket,
    override,
)
from zendesk_orm.http.limits import JOBS, Quota, Window, find_api
from zendesk_orm.http.quota import Bucket, Limiter, RateLimiter, Shortage
from zendesk_orm.http.request import Request
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.http.stats import Stats
from zendesk_orm.http.waits import BLOCKS, ROUNDING, WaitLimit, check_seconds
from zendesk_orm.messages import display
from zendesk_orm.signals import announce


#: The bucket of all requests of the account, if `max_rpm` is set.
MAX_RPM = "max_rpm"
#: A wait is interrupted after so many seconds, because responses of others may have ended it.
_STEP = 1.0
#: Seconds that a limiter has to ask for at least.
_SHORTEST = 0.001
#: Seconds that are waited at most after a 429, and by one request without `max_wait`: no documented
#: limit has a longer period.
_MAX_PENALTY = _MAX_TOTAL = 3600.0
#: Seconds without a scarce limit after which requests are no longer counted.
_CALM = 600.0
#: Endpoints whose limits are remembered.
_MAX_ENDPOINTS = 1000
#: Zendesk's code for too many background jobs.
_TOO_MANY_JOBS = "TooManyJobs"
_ALL = re.compile("")


def _check_number(_: Any, attribute: Attribute[Any], value: Any) -> None:
    least = 0 if attribute.name == "reserve" else 1
    is_absent = value is None and attribute.name == "max_rpm"
    if not is_absent and (type(value) is not int or value < least):
        raise ConfigurationError(
            f"{attribute.name} must be a number of requests, {least} or more, not {display(value)}"
        )


def _check_limiter(_: Any, attribute: Attribute[Any], value: Any) -> None:
    methods = [getattr(value, name, None) for name in ("acquire", "observe", "penalise")]
    if value is not None and (isinstance(value, type) or not all(map(callable, methods))):
        raise ConfigurationError(
            "limiter must have the methods of zendesk_orm.http.quota.Limiter, unlike "
            f"{display(value)}"
        )


def _check_overrides(_: Any, attribute: Attribute[Any], value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, Mapping):
        raise ConfigurationError(
            'endpoint_limits must be a dict such as {"incremental-exports": 30}, not '
            f"{display(value)}"
        )
    override(value)


@frozen
class QuotaSettings:
    """The settings of `connect()` for rate limits.

    Attributes:
        max_rpm: requests that are sent in a minute at most; None for no limit.
        reserve: requests of the account's limit that are left to other clients.
        max_wait: seconds that a request waits at most; None for `RetryPolicy.longest`.
        endpoint_limits: other numbers for `ENDPOINT_LIMITS`, by name; None removes a limit.
        limiter: the state of the limits; None to keep it in the process.
    """

    max_rpm: int | None = field(default=None, validator=_check_number)
    reserve: int = field(default=0, validator=_check_number)
    max_wait: float | None = field(default=None, validator=check_seconds)
    endpoint_limits: Mapping[str, int | None] | None = field(
        default=None, validator=_check_overrides
    )
    limiter: Limiter | None = field(default=None, validator=_check_limiter)


class Throttle:
    """The rate limits of an account, which all of its transports share.

    Args:
        settings: the limits that the user has chosen.
        clock: the clock that waits are measured by.
        retry: the policy, whose `longest` limits each wait.

    Attributes:
        quota: the limits, as last reported.
        limited: matches the requests that need `acquire()`: `GET /api/v2/search`. All others are
            sent without any delay.

    Raises:
        ConfigurationError: `max_wait` is longer than the policy allows.
    """

    def __init__(self, settings: QuotaSettings, clock: Clock, retry: RetryPolicy) -> None:
        self.quota = Quota(settings.reserve)
        self._settings = settings
        self._clock = clock
        self._longest = retry.longest
        self._without_header = retry.without_header
        self._check_max_wait("max_wait", settings.max_wait)
        self._overrides = dict(settings.endpoint_limits or {})
        self._ignored = {
            JOBS,
            MAX_RPM,
            *(name for name, limit in self._overrides.items() if limit is None),
        }
        self._limits: tuple[EndpointLimit, ...] = override(self._overrides)
        self._documented = combine(self._limits)
        self._limiter: Limiter = settings.limiter or RateLimiter(clock)
        # The limits that responses of an endpoint have reported, beyond those of the table.
        self._reported: dict[str, tuple[str, ...]] = {}
        self._calm_at = 0.0
        self.limited = self._documented
        self._is_permanent = settings.max_rpm is not None or settings.limiter is not None
        if self._is_permanent:
            self._watch()

    def share(self, limiter: Limiter | None) -> None:
        """Use a limiter that other processes use, too, unless the user has passed another one."""
        if limiter is not None and self._settings.limiter is None:
            self._limiter, self._is_permanent = limiter, True
            self._watch()

    def acquire(self, request: Request, alias: str, stats: Stats) -> Request:
        """Wait until a request may be sent, and return it with the seconds that it has waited.

        Args:
            request: the request.
            alias: the name of the account in signals.
            stats: count the wait.

        Raises:
            RateLimited: the wait would be too long; nothing was sent.
            ConfigurationError: `reserve` leaves no request.
            OperationCancelled: the operation was cancelled.
        """
        buckets = self._find_buckets(request)
        self._check_reserve(buckets)
        started = announced = None
        while (shortage := self._limiter.acquire(buckets)) is not None:
            if not shortage.seconds >= _SHORTEST:
                # Not a number, or one that would be asked for again without end.
                shortage = Shortage(shortage.bucket, _STEP)
            now = self._clock.monotonic()
            waited = request.waited + (0.0 if started is None else now - started)
            self._check_wait(request, shortage, now, waited)
            if started is None:
                started = now
                stats.count_wait()
            if announced is None or now + shortage.seconds > announced + _STEP:
                announced = now + shortage.seconds
                self._announce(request, alias, shortage)
            step = min(shortage.seconds, _STEP)
            stats.count_seconds(step)
            self.wait(step)
        if not self._is_permanent and self._clock.monotonic() > self._calm_at:
            self.limited, self.quota.is_watched = self._documented, False
        if started is None:
            return request
        return evolve(request, waited=request.waited + self._clock.monotonic() - started)

    def observe(self, request: Request, reported: Mapping[str, Window]) -> None:
        """Pass the limits that a response has reported to the limiter."""
        if self.quota.is_scarce(reported):
            self._watch()
        names = {_key(bucket.name): bucket.name for bucket in self._find_buckets(request)}
        for name, reported_window in reported.items():
            window = correct(name, reported_window)
            if window is None or name in self._ignored:
                continue
            bucket = names.get(name) or name_bucket(name, request.path)
            if bucket is None:
                continue
            if name not in names:
                self._remember(request, name)
            self._limiter.observe(bucket, window.total, window.remaining, window.resets)

    def penalise(self, request: Request, error: RateLimited) -> None:
        """Stop all requests that count for the limit that a 429 is about."""
        if error.code == _TOO_MANY_JOBS:
            error.endpoint = JOBS
            return
        if "://" in error.path:
            # It was the response of the host of a file.
            return
        seconds = self._without_header if error.retry_after is None else error.retry_after
        seconds = min(seconds, _MAX_PENALTY)
        self._watch()
        names = self._find_candidates(request, seconds)
        error.endpoint = names[0]
        for name in names:
            self._limiter.penalise(name, seconds)

    def may_wait(self, request: Request, seconds: float) -> bool:
        """Return whether a request may wait after a 429."""
        now, limits = self._clock.monotonic(), BLOCKS.find(self)
        longest = self._max_wait(limits)
        is_short = longest is None or request.waited + seconds <= longest + ROUNDING
        return is_short and all(limit.allows(now, seconds) for limit in limits)

    def wait(self, seconds: float) -> None:
        """Wait for a rate limit, and subtract the time from the budgets of the blocks.

        Raises:
            OperationCancelled: the operation was cancelled.
        """
        now = self._clock.monotonic()
        for limit in BLOCKS.find(self):
            limit.spend(now, seconds)
        pause(self._clock, seconds)

    def limit_waits(
        self, max_wait: float | None, budget: float | None
    ) -> AbstractContextManager[None]:
        """Return a context that limits the waits of its block.

        Raises:
            ConfigurationError: the limits are missing, invalid, or contradict each other.
        """
        limit = WaitLimit(max_wait, budget)
        self._check_max_wait("max_wait", max_wait)
        return BLOCKS.enter(self, limit)

    def _watch(self) -> None:
        """Count all requests for a while."""
        self._calm_at = self._clock.monotonic() + _CALM
        self.limited, self.quota.is_watched = _ALL, True

    # -- the limits of a request -------------------------------------------------

    def _find_buckets(self, request: Request) -> list[Bucket]:
        """Return the limits that a request counts for."""
        buckets, api = [], find_api(request.path)
        if self._settings.max_rpm is not None:
            buckets.append(Bucket(MAX_RPM, self._settings.max_rpm))
        if api is not None:
            buckets.append(Bucket(api, reserve=self._settings.reserve))
        query = "&".join(f"{name}={value}" for name, value in request.params)
        line = f"{request.method} {request.path}{'&' if '?' in request.path else '?'}{query}"
        buckets.extend(map(self._adjust, find_buckets(self._limits, line)))
        endpoint = _describe(request)
        if endpoint in self._reported:
            names = {bucket.name for bucket in buckets}
            for key in (endpoint, *self._reported[endpoint]):
                name = name_bucket(key, request.path)
                if name is not None and name not in names:
                    buckets.append(Bucket(name, seconds=find_period(key)))
        return buckets

    def _adjust(self, bucket: Bucket) -> Bucket:
        """Return a bucket of the table with the limit that responses have reported."""
        key = _key(bucket.name)
        window = None if key in self._overrides else self.quota.get(key)
        if window is None or not window.total:
            return bucket
        return Bucket(bucket.name, window.total, bucket.seconds)

    def _remember(self, request: Request, *names: str) -> None:
        """Remember limits of an endpoint that are not in the table."""
        endpoint = _describe(request)
        if endpoint in self._reported or len(self._reported) < _MAX_ENDPOINTS:
            earlier = self._reported.get(endpoint, ())
            self._reported[endpoint] = tuple(dict.fromkeys((*earlier, *names)))

    def _find_candidates(self, request: Request, seconds: float) -> list[str]:
        """Return the names of the limits that a 429 may be about."""
        api, buckets = find_api(request.path), self._find_buckets(request)
        names = [bucket.name for bucket in buckets if not self._has_requests(bucket.name)]
        if names:
            return names
        # The account has requests left, as far as is known: it is a limit of the endpoint.
        endpoints = [one for one in buckets if one.name not in (MAX_RPM, api) and one.limit]
        fitting = [one for one in endpoints if one.seconds >= seconds] or endpoints
        if fitting:
            return [min(fitting, key=lambda bucket: bucket.seconds).name]
        self._remember(request)
        return [_describe(request)]

    def _has_requests(self, name: str) -> bool:
        window = self.quota.get(_key(name))
        return window is None or not window.total or window.remaining > 0

    # -- the limits of a wait ----------------------------------------------------

    def _check_max_wait(self, name: str, seconds: float | None) -> None:
        if seconds is not None and seconds > self._longest:
            raise ConfigurationError(
                f"{name}={seconds} is longer than {self._longest}, the longest wait of the "
                f"RetryPolicy: pass connect(retry=RetryPolicy(longest={seconds})), too"
            )

    def _check_reserve(self, buckets: Sequence[Bucket]) -> None:
        """Raise if the account has no more requests than are left to others.

        Raises:
            ConfigurationError: it has not.
        """
        for bucket in buckets:
            window = self.quota.get(bucket.name) if bucket.reserve else None
            if window is not None and 0 < window.total <= bucket.reserve:
                raise ConfigurationError(
                    f"reserve={bucket.reserve} leaves no request: the limit {bucket.name} is "
                    f"{window.total} requests; pass connect() a lower reserve"
                )

    def _max_wait(self, limits: Sequence[WaitLimit]) -> float | None:
        """Return the `max_wait` of the innermost block that has one; outside, of the account."""
        for limit in reversed(limits):
            if limit.max_wait is not None:
                return limit.max_wait
        # A budget alone replaces the `max_wait` of the account.
        return None if limits else self._settings.max_wait

    def _check_wait(self, request: Request, shortage: Shortage, now: float, waited: float) -> None:
        """Raise if a request may not wait any longer.

        Raises:
            RateLimited: it may not.
        """
        limits = BLOCKS.find(self)
        longest = self._max_wait(limits)
        total = waited + shortage.seconds
        if longest is None:
            # A request may wait again if others were faster, but not for ever.
            longest = self._longest
            total = shortage.seconds if total <= max(_MAX_TOTAL, longest) else total
        remaining = None if request.timing is None else request.timing.remaining()
        reason = ""
        if remaining is not None and shortage.seconds > remaining:
            reason = f"the deadline is in {max(remaining, 0.0):.1f} s"
        elif total > longest + ROUNDING:
            reason = f"the longest wait is {longest:g} s"
        elif not all(limit.allows(now, shortage.seconds) for limit in limits):
            reason = "the budget of the rate_limit() block is smaller"
        if reason:
            error = RateLimited(
                request.method, request.visible_path, 0, retry_after=shortage.seconds
            )
            error.endpoint = shortage.bucket
            error.explain(
                f"the limit {shortage.bucket} allows the next request in "
                f"{shortage.seconds:.1f} s, but {reason}"
            )
            raise error

    @staticmethod
    def _announce(request: Request, alias: str, shortage: Shortage) -> None:
        """Announce a wait before it begins."""
        values = {
            "request": request.redact(),
            "delay": shortage.seconds,
            "endpoint": shortage.bucket,
            "reason": None,
        }
        log.WAIT.write(alias, values)
        announce(signals.rate_limited, alias, **values)


def _key(name: str) -> str:
    """Return the name of a bucket without the object: `per-ticket-updates`."""
    return name.partition("/")[0]


def _describe(request: Request) -> str:
    return describe_endpoint(request.method, request.visible_path)
