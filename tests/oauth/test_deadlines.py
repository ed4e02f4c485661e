"""Time limits of renewing a token, and of waiting for renewals by other processes."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import requests

from tests.oauth.conftest import HOME
from tests.oauth.scripted import Reply, ScriptedServer, pair
from zendesk_orm import (
    ClientCredentials,
    FileTokenStore,
    Group,
    MemoryTokenStore,
    RateLimited,
    RefreshToken,
    RetryPolicy,
    TokenStore,
    connect,
)
from zendesk_orm.cli import sign_in
from zendesk_orm.http.limits import DEFAULT_LIMITS, Limits
from zendesk_orm.http.oauth import deadlines
from zendesk_orm.http.oauth.deadlines import bounded_limits, bounded_retry, longest_request


#: Options of `connect()`.
LIMITS = [
    DEFAULT_LIMITS,
    Limits((1.0, 2.0), 3.0, 4),
    Limits((9_000.0, 9_000.0), None, None),
    Limits((0.5, 9_000.0), 9_000.0, 10**12),
]
POLICIES = [RetryPolicy(), RetryPolicy(1), RetryPolicy(50, longest=9_000.0, first=9_000.0)]


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("policy", POLICIES)
def test_a_renewal_ends_before_others_stop_waiting_for_its_lock(limits, policy):
    """All attempts of a renewal together are shorter than the wait for its lock."""
    longest = longest_request(bounded_limits(limits), bounded_retry(policy))

    assert deadlines.REQUESTS * longest < TokenStore.lock_seconds
    assert FileTokenStore.lock_seconds == TokenStore.lock_seconds


def test_a_logout_ends_before_others_stop_waiting_for_its_lock():
    """The four requests of a logout together are shorter than the wait for its lock."""
    longest = longest_request(bounded_limits(DEFAULT_LIMITS), bounded_retry(sign_in.RETRY))

    assert 4 * longest < TokenStore.lock_seconds


class _RateLimitedAdapter(requests.adapters.BaseAdapter):
    """An adapter that returns 429 for every request, and records the timeouts."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds, self.timeouts = seconds, []

    def send(self, request, timeout=None, **kwargs):
        self.timeouts.append(timeout)
        response = requests.Response()
        response.status_code, response.request, response.url = 429, request, request.url
        response.headers["Retry-After"] = str(self.seconds)
        response.raw = requests.packages.urllib3.HTTPResponse(body=b"{}", status=429)
        return response

    def close(self):
        pass


@pytest.mark.parametrize(("seconds", "times"), [(60, 3), (61, 1)])
def test_token_requests_have_bounded_timeouts_and_waits(strict, seconds, times):
    """Token requests have short timeouts and waits, even if the account allows hours."""
    session, adapter = requests.Session(), _RateLimitedAdapter(seconds)
    session.mount("https://", adapter)
    before = strict.clock.monotonic()
    connect(
        base_url=HOME,
        session=session,
        clock=strict.clock,
        oauth=ClientCredentials("app", "secret"),
        retry=RetryPolicy(attempts=9, longest=9_000.0),
        timeout=(9_000.0, 9_000.0),
        response_timeout=None,
    )

    with pytest.raises(RateLimited):
        Group.objects.count()

    assert adapter.timeouts == [(10.0, 15.0)] * times
    assert strict.clock.monotonic() - before == (times - 1) * 60


class _RecordingStore(MemoryTokenStore):
    """A store that records when its lock is acquired and released."""

    def __init__(self, events):
        super().__init__()
        self.events = events

    @contextmanager
    def lock(self, key):
        self.events.append("lock")
        yield
        self.events.append("unlock")


def test_the_lock_is_released_before_the_lifetime_is_requested():
    """Other processes can load a new token while its lifetime is requested from Zendesk."""
    events = []

    def current():
        events.append("requested")
        return Reply({"token": {}})

    with ScriptedServer(lambda body, number: Reply(pair(number, expires_in=...))) as server:
        server.current = current
        grant = RefreshToken("app", "S3CRET-refresh-0", store=_RecordingStore(events))
        connect(base_url=server.url, oauth=grant)

        assert Group.objects.count() == 0

    assert events == ["lock", "unlock", "requested"]
