"""How long a renewal may take, and how long others wait for it."""

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


#: What an application may pass to `connect()`.
LIMITS = [
    DEFAULT_LIMITS,
    Limits((1.0, 2.0), 3.0, 4),
    Limits((9_000.0, 9_000.0), None, None),
    Limits((0.5, 9_000.0), 9_000.0, 10**12),
]
POLICIES = [RetryPolicy(), RetryPolicy(1), RetryPolicy(50, longest=9_000.0, first=9_000.0)]


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("policy", POLICIES)
def test_no_configuration_lets_a_renewal_outlast_the_wait_for_its_lock(limits, policy):
    """All attempts at all requests of a renewal end before another process gives up."""
    longest = longest_request(bounded_limits(limits), bounded_retry(policy))

    assert deadlines.REQUESTS * longest < TokenStore.lock_seconds
    assert FileTokenStore.lock_seconds == TokenStore.lock_seconds


def test_logging_out_does_not_outlast_the_wait_for_its_lock():
    """It may look at the token, renew it before or after, and revoke it: four requests."""
    longest = longest_request(bounded_limits(DEFAULT_LIMITS), bounded_retry(sign_in.RETRY))

    assert 4 * longest < TokenStore.lock_seconds


class _Slow(requests.adapters.BaseAdapter):
    """Asks every request to come back later, and notes the timeouts that it is given."""

    def __init__(self, seconds):
        super().__init__()
        self.seconds, self.timeouts = seconds, []

    def send(self, request, timeout=None, **kwargs):
        self.timeouts.append(timeout)
        answer = requests.Response()
        answer.status_code, answer.request, answer.url = 429, request, request.url
        answer.headers["Retry-After"] = str(self.seconds)
        answer.raw = requests.packages.urllib3.HTTPResponse(body=b"{}", status=429)
        return answer

    def close(self):
        pass


@pytest.mark.parametrize(("seconds", "times"), [(60, 3), (61, 1)])
def test_token_requests_are_bounded_whatever_the_account_allows(strict, seconds, times):
    """The account waits for hours; its token requests have their own timeouts and pauses."""
    session, adapter = requests.Session(), _Slow(seconds)
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


class _Noting(MemoryTokenStore):
    """Notes when its lock is held."""

    def __init__(self, events):
        super().__init__()
        self.events = events

    @contextmanager
    def lock(self, key):
        self.events.append("locked")
        yield
        self.events.append("unlocked")


def test_the_lock_is_free_while_a_lifetime_is_looked_up():
    """Others can load the new token while its owner asks Zendesk how long it lasts."""
    events = []

    def current():
        events.append("asked")
        return Reply({"token": {}})

    with ScriptedServer(lambda body, number: Reply(pair(number, expires_in=...))) as server:
        server.current = current
        grant = RefreshToken("app", "S3CRET-refresh-0", store=_Noting(events))
        connect(base_url=server.url, oauth=grant)

        assert Group.objects.count() == 0

    assert events == ["locked", "unlocked", "asked"]
