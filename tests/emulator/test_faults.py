"""Failing requests: rate limits, credentials, `fail_next()` and latency."""

from __future__ import annotations

import pytest
import requests
from urllib3.exceptions import ProtocolError

from tests.tokens import signed_in_session
from zendesk_orm import (
    ConfigurationError,
    ConnectionLost,
    RateLimited,
    RetryPolicy,
    ServerError,
    Ticket,
)
from zendesk_orm.emulator import Emulator


def _get(emulator, path, **kwargs):
    with signed_in_session(emulator) as session:
        return session.get(f"https://emulator.zendesk.com/api/v2/{path}", **kwargs)


def test_responses_describe_the_rate_limit(zendesk):
    """Every response, including errors, has the headers of the rate limit."""
    responses = [zendesk.send("GET", path) for path in ("tickets", "nonsense")]

    for response in responses:
        assert (
            response.headers["x-rate-limit"],
            response.headers["ratelimit-remaining"],
        ) == ("700", "699")


def test_rate_limit_lasts_a_minute():
    """A request beyond the rate limit returns 429, and requests succeed after the minute."""
    with Emulator(requests_per_minute=2) as emulator:
        responses = [_get(emulator, "tickets") for _ in range(3)]
        emulator.clock.sleep(int(responses[2].headers["Retry-After"]))
        after = _get(emulator, "tickets")

    assert [response.status_code for response in (*responses, after)] == [200, 200, 429, 200]
    assert [response.headers["x-rate-limit-remaining"] for response in (*responses, after)] == [
        "1",
        "0",
        "0",
        "1",
    ]


def test_library_waits_for_the_rate_limit():
    """An account reads all rows despite a rate limit, and waits on the virtual clock only."""
    with Emulator(requests_per_minute=2) as emulator:
        started = emulator.clock.now()
        emulator.connect()
        for number in range(5):
            Ticket.objects.create(subject=str(number), comment={"body": "x"})

        assert emulator.clock.now() - started >= 120


def test_token_is_required():
    """An emulator with a token rejects other credentials; only users/me needs none."""
    with Emulator(token="secret") as emulator:
        none, wrong, right = (
            _get(emulator, "tickets", auth=auth)
            for auth in (None, ("a@b.c/token", "no"), ("a@b.c/token", "secret"))
        )
        bearer = _get(emulator, "tickets", headers={"Authorization": "Bearer secret"})
        me = _get(emulator, "users/me")
        account = emulator.connect()

    assert [item.status_code for item in (none, wrong, right, bearer)] == [401, 401, 200, 200]
    assert none.json() == {"error": "Couldn't authenticate you"}
    assert (me.json()["user"]["name"], me.json()["user"]["id"]) == ("Anonymous user", None)
    assert account.alias == "default"


def test_fail_next_fails_one_request(zendesk):
    """One request fails with the given status, headers and body, and has no effect."""
    zendesk.emulator.fail_next(503, headers={"Retry-After": "7"}, body={"error": "x"})

    first = zendesk.send("POST", "groups", {"group": {"name": "a"}})
    second = zendesk.send("POST", "groups", {"group": {"name": "b"}})

    assert (
        first.status_code,
        first.headers["Retry-After"],
        first.json(),
    ) == (503, "7", {"error": "x"})
    assert second.status_code == 201
    assert sorted((row["name"] for row in zendesk.get("groups")["groups"]), key=str.lower) == [
        "b",
        "Support",
    ]


def test_fail_next_matches_method_and_path(zendesk):
    """`fail_next()` affects only requests that match, and as many as `times`."""
    zendesk.emulator.fail_next(500, times=2, method="put", path="/api/v2/tickets")
    pk = zendesk.create_ticket()["id"]

    responses = [zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"subject": "x"}}) for _ in "123"]

    assert [response.status_code for response in responses] == [500, 500, 200]


def test_after_applying_breaks_the_connection_afterwards(zendesk):
    """With `after_applying`, the request is handled before the connection breaks."""
    zendesk.emulator.fail_next(500, after_applying=True)

    with pytest.raises(requests.ConnectionError) as caught:
        zendesk.send("POST", "groups", {"group": {"name": "Hardware"}})

    assert isinstance(caught.value.args[0], ProtocolError)
    assert zendesk.get("groups")["count"] == 2


def test_lost_response_creates_one_ticket():
    """A repeated request has the same idempotency key, and gets the first response."""
    with Emulator() as emulator:
        emulator.connect()
        emulator.fail_next(None, after_applying=True)
        ticket = Ticket.objects.create(subject="x", comment={"body": "y"})

        assert ticket.pk == 1
        assert emulator.requests == ["POST tickets", "POST tickets"]
        assert Ticket.objects.fresh().count() == 1


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (500, ServerError), (None, ConnectionLost)]
)
def test_failures_raise_the_errors_of_the_library(status, error):
    """A failure raises the same exception as at Zendesk."""
    with Emulator() as emulator:
        emulator.connect(retry=RetryPolicy(attempts=1))
        emulator.fail_next(status)

        with pytest.raises(error):
            Ticket.objects.get(1)


def test_latency_advances_the_clock():
    """With a latency, each request advances the virtual clock."""
    with Emulator(latency="0.25") as emulator:
        url = "https://emulator.zendesk.com/api/v2/tickets"
        with signed_in_session(emulator) as session:
            session.get(url)  # The sign-in also takes time.
            before = emulator.clock.now()
            session.get(url)
            session.get(url)

        assert pytest.approx(emulator.clock.now() - before) == 0.5


def test_unknown_switch_is_rejected():
    """A misspelt switch raises an error with a suggestion."""
    with pytest.raises(ConfigurationError, match="lag"):
        Emulator(lag=3)
