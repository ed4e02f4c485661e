"""Limits that servers and gateways report: plausible ones are used, absurd ones are ignored."""

from __future__ import annotations

import contextlib

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zendesk_orm import RateLimited, Ticket, ZendeskError
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.adapter import EmulatorAdapter
from zendesk_orm.http.quota import Shortage


SEARCH = "/api/v2/search?query=type:ticket"
EXPORT = "/api/v2/incremental/users/cursor?start_time=1"
#: The account's headers while many requests remain.
PLENTY = {"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "699", "ratelimit-reset": "50"}


class Gateway(EmulatorAdapter):
    """An adapter to an emulator that replaces the rate limit headers of responses.

    Attributes:
        headers: the headers of the next responses; the last item is used for all further ones.
    """

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator.wsgi)
        self.headers: list[dict[str, str]] = [{}]

    def send(self, request: requests.PreparedRequest, *args, **kwargs) -> requests.Response:
        """Pass the request on, and replace the headers of the response."""
        response = super().send(request, *args, **kwargs)
        for name in [name for name in response.headers if "rate" in name.lower()]:
            del response.headers[name]
        response.headers.update(self.headers.pop(0) if self.headers[1:] else self.headers[0])
        return response


def _open_gateway(emulator, **settings):
    # An emulator's account has documented limits only if they are passed.
    account = emulator.connect(**{"endpoint_limits": {}, **settings})
    gateway = Gateway(emulator)
    account.transport._session.mount("https://", gateway)
    return account, gateway


@pytest.fixture
def elapsed(emulator):
    """Return a function that returns the seconds since the beginning of the test."""
    start = emulator.clock.now()
    # No request waits for less than a millisecond.
    return lambda: round(emulator.clock.now() - start, 2)


# -- absurd numbers ------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Rate-Limit": "0", "X-Rate-Limit-Remaining": "0", "ratelimit-reset": "5"},
        {"zendesk-ratelimit-foo": "total=0; remaining=0; resets=5"},
        {"zendesk-ratelimit-search-index": "total=0; remaining=0; resets=5"},
        {"zendesk-ratelimit-max_rpm": "total=1; remaining=0; resets=5"},
    ],
    ids=str,
)
def test_a_total_of_zero_is_not_a_limit(emulator, elapsed, headers):
    """A reported limit of 0 is ignored, because Zendesk answered the request."""
    account, gateway = _open_gateway(emulator, reserve=3)
    gateway.headers = [headers]

    for _ in range(4):
        account.raw.get(SEARCH)

    assert (len(emulator.requests), elapsed()) == (4, 0)


@pytest.mark.parametrize(
    "headers",
    [
        {**PLENTY, "X-Rate-Limit-Remaining": "0", "ratelimit-reset": "1790000000"},
        {"zendesk-ratelimit-search-index": "total=9; remaining=0; resets=1790000000"},
        {"zendesk-ratelimit-foo": "total=9; remaining=0; resets=1790000000"},
    ],
    ids=str,
)
def test_a_reset_in_the_far_future_ends_with_the_period(emulator, elapsed, headers):
    """A reset time since the epoch, as gateways send it, counts as a wait of one minute."""
    account, gateway = _open_gateway(emulator)
    gateway.headers = [headers, PLENTY]

    for _ in range(4):
        account.raw.get(SEARCH)

    assert (len(emulator.requests), elapsed()) == (4, 60)


def test_a_reset_within_ten_minutes_is_waited_for(emulator, elapsed):
    """The period of an unknown limit may be as long as the longest documented period."""
    account, gateway = _open_gateway(emulator)
    gateway.headers = [{"zendesk-ratelimit-foo": "total=9; remaining=0; resets=200"}]
    for _ in range(2):
        account.raw.get(SEARCH)

    assert elapsed() == 200


def test_more_remaining_requests_than_the_limit_raise_the_limit(emulator, elapsed):
    """A limit is at least as high as its number of remaining requests."""
    account, gateway = _open_gateway(emulator)
    gateway.headers = [{**PLENTY, "X-Rate-Limit": "1", "X-Rate-Limit-Remaining": "20"}]

    for _ in range(5):
        account.raw.get(SEARCH)

    assert elapsed() == 0


def _texts():
    numbers = st.one_of(
        st.integers(-2, 20).map(str),
        st.sampled_from(["", "nan", "inf", "60", "600", "1790000000", "9" * 50, "1e9", "0x1"]),
    )
    parts = st.builds("total={}; remaining={}; resets={}".format, numbers, numbers, numbers)
    names = st.sampled_from(
        ["search-index", "foo", "per-ticket-updates", "inflight-jobs", "account", "max_rpm"]
    )
    endpoint = st.dictionaries(names.map("zendesk-ratelimit-{}".format), parts, max_size=3)
    account = st.fixed_dictionaries(
        {},
        optional={
            "X-Rate-Limit": numbers,
            "X-Rate-Limit-Remaining": numbers,
            "ratelimit-reset": numbers,
        },
    )
    return st.builds(lambda one, two: {**one, **two}, endpoint, account)


@given(st.lists(_texts(), min_size=1, max_size=5), st.integers(0, 3))
@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_headers_block_a_program_for_long(emulator, headers, reserve):
    """Whatever headers report, each request is sent or raises within 20 minutes."""
    account, gateway = _open_gateway(emulator, reserve=reserve)
    gateway.headers = list(headers)
    for _ in range(8):
        before = emulator.clock.now()
        with contextlib.suppress(ZendeskError):
            account.raw.get(SEARCH)
        assert emulator.clock.now() - before <= 1200
    gateway.headers = [{}]
    account.quota.update({name.lower(): text for name, text in PLENTY.items()})
    emulator.clock.sleep(1200)
    before = len(emulator.requests)
    account.raw.get(SEARCH)

    assert len(emulator.requests) == before + 1
    assert account.stats.waits <= 9


# -- reports and the table -----------------------------------------------------


def test_a_limit_of_one_object_does_not_stop_others(emulator):
    """A response about the tags of a ticket reports the limit of the ticket."""
    account, gateway = _open_gateway(emulator, max_wait=0)
    tickets = [Ticket.objects.create(subject="a", comment={"body": "b"}) for _ in range(2)]
    first, second = (f"/api/v2/tickets/{ticket.pk}" for ticket in tickets)
    gateway.headers = [
        {"zendesk-ratelimit-per-ticket-updates": "total=30; remaining=0; resets=200"},
        PLENTY,
    ]

    account.raw.put(f"{first}/tags", {"tags": ["x"]})
    account.raw.put(f"{second}/tags", {"tags": ["x"]})
    for path, body in ((f"{first}/tags", {"tags": ["y"]}), (first, {"ticket": {"type": "task"}})):
        with pytest.raises(RateLimited) as caught:
            account.raw.put(path, body)
        assert caught.value.endpoint == f"per-ticket-updates/{tickets[0].pk}"

    assert account.stats.waits == 0


def test_a_limit_of_one_object_is_ignored_without_an_object(emulator, elapsed):
    """A limit of an object in a response without an object is ignored."""
    account, gateway = _open_gateway(emulator)
    gateway.headers = [{"zendesk-ratelimit-per-foo": "total=30; remaining=0; resets=200"}]

    for _ in range(2):
        account.raw.get(SEARCH)

    assert elapsed() == 0


def test_a_reported_period_replaces_the_own_count():
    """The server counts by fixed periods; no request waits that the server would answer."""
    with Emulator(endpoint_limits=True, export_delay=0) as emulator:
        account = emulator.connect(max_wait=0)
        account.raw.get(EXPORT)
        emulator.clock.sleep(55)
        for _ in range(9):
            account.raw.get(EXPORT)
        emulator.clock.sleep(5)
        for _ in range(10):
            account.raw.get(EXPORT)

        assert account.stats.responses == {"GET 2xx": 20}
        with pytest.raises(RateLimited) as caught:
            account.raw.get(EXPORT)
        assert (caught.value.status, caught.value.retry_after) == (0, 60)


def test_a_ticket_is_updated_as_often_as_the_server_allows():
    """Thirty updates in the fixed period of ten minutes, and thirty more in the next one."""
    with Emulator(endpoint_limits=True, seed="demo") as emulator:
        account = emulator.connect(max_wait=0)
        for number in range(60):
            body = {"ticket": {"subject": f"subject {number}"}}
            if number in (1, 30):
                emulator.clock.sleep(550 if number == 1 else 60)
            account.raw.put("/api/v2/tickets/2991", body)

        assert account.stats.responses == {"PUT 2xx": 60}


def test_a_limit_of_the_user_applies_to_any_minute():
    """A limit that the user has set applies even if the server reports a higher one."""
    with Emulator(endpoint_limits=True, export_delay=0) as emulator:
        account = emulator.connect(endpoint_limits={"incremental-exports": 5}, max_wait=0)
        account.raw.get(EXPORT)
        emulator.clock.sleep(55)
        for _ in range(4):
            account.raw.get(EXPORT)
        emulator.clock.sleep(6)
        account.raw.get(EXPORT)

        with pytest.raises(RateLimited) as caught:
            account.raw.get(EXPORT)
        assert caught.value.retry_after == 54


# -- limiters of users ---------------------------------------------------------


class _EndlessLimiter:
    """A limiter that never allows a request."""

    def __init__(self, seconds):
        self.seconds, self.asked = seconds, 0

    def acquire(self, buckets):
        self.asked += 1
        return Shortage(buckets[0].name, self.seconds)

    def observe(self, bucket, total, remaining, resets):
        pass

    def penalise(self, bucket, seconds):
        pass


@pytest.mark.parametrize("seconds", [0, -5.0, float("nan"), 7.0])
def test_a_limiter_that_never_allows_a_request_ends_in_an_error(emulator, elapsed, seconds):
    """A limiter is called each second for an hour; then the request raises."""
    limiter = _EndlessLimiter(seconds)
    emulator.connect(limiter=limiter)

    with pytest.raises(RateLimited):
        Ticket.objects.count()

    assert 3590 <= elapsed() <= 3600
    assert limiter.asked <= 3601
    assert emulator.requests == []
