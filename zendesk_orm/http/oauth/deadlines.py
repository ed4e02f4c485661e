"""How long a token request may take, and how long others wait for the lock meanwhile.

A process that renews a token holds the lock of its store. The others must wait longer than the
slowest renewal takes: those that give up sooner fail although nothing is wrong.
"""

from __future__ import annotations

from attrs import evolve

from zendesk_orm.http.limits import DEFAULT_LIMITS, Limits
from zendesk_orm.http.retry import RetryPolicy


#: The longest waits for a connection and for each read, and for the whole answer, in seconds.
CONNECT_TIMEOUT, READ_TIMEOUT, RESPONSE_TIMEOUT = 10.0, 15.0, 15.0
#: The largest answer: a token is a small object.
MAX_BYTES = 256 * 1024
#: A limit of requests per minute ends within a minute; the pauses after it are not longer.
RETRY = RetryPolicy(attempts=3, longest=60.0)
#: Requests that a renewal sends while it holds the lock, at most: the stored refresh token is
#: exchanged, or the configured one if the stored one is dead.
REQUESTS = 2
#: Seconds for storing tokens, and for programs that are slowed down.
_SPARE = 30.0


def bounded_limits(limits: Limits) -> Limits:
    """Return the limits of an account, none of them above those of token requests."""
    connect, read = limits.timeout
    return Limits(
        timeout=(min(connect, CONNECT_TIMEOUT), min(read, READ_TIMEOUT)),
        response_timeout=min(limits.response_timeout or RESPONSE_TIMEOUT, RESPONSE_TIMEOUT),
        max_response_bytes=min(limits.max_response_bytes or MAX_BYTES, MAX_BYTES),
    )


def bounded_retry(policy: RetryPolicy) -> RetryPolicy:
    """Return the policy of an account, with no more and no longer attempts than `RETRY` has."""
    return evolve(
        policy,
        attempts=min(policy.attempts, RETRY.attempts),
        longest=min(policy.longest, RETRY.longest),
    )


def longest_request(limits: Limits, policy: RetryPolicy) -> float:
    """Return the seconds that one request may take, with all its attempts and the pauses between.

    The time of a response is looked at after each read, so that it may be exceeded by one read.
    """
    connect, read = limits.timeout
    attempt = connect + read + (limits.response_timeout or 0.0)
    return policy.attempts * attempt + (policy.attempts - 1) * policy.longest


#: Seconds for which a process holds the lock of a store, at most; others wait for so long.
LOCK_SECONDS = REQUESTS * longest_request(bounded_limits(DEFAULT_LIMITS), RETRY) + _SPARE
