"""Limits, credentials, and failures on order."""

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


def _get(emulator, path, **more):
    with signed_in_session(emulator) as session:
        return session.get(f"https://emulator.zendesk.com/api/v2/{path}", **more)


def test_every_answer_tells_the_limit(zendesk):
    """The rate limit is told with every answer, also with refusals."""
    answers = [zendesk.send("GET", path) for path in ("tickets", "nonsense")]

    for answer in answers:
        assert ("700", "699") == (
            answer.headers["x-rate-limit"],
            answer.headers["ratelimit-remaining"],
        )


def test_a_limit_lasts_a_minute():
    """Beyond the limit comes 429 with the seconds to wait, and after them it is open again."""
    with Emulator(limit=2) as emulator:
        answers = [_get(emulator, "tickets") for _ in range(3)]
        emulator.clock.sleep(int(answers[2].headers["Retry-After"]))
        after = _get(emulator, "tickets")

    assert [200, 200, 429, 200] == [answer.status_code for answer in (*answers, after)]
    assert ["1", "0", "0", "1"] == [
        answer.headers["x-rate-limit-remaining"] for answer in (*answers, after)
    ]


def test_the_library_waits_a_limit_out():
    """An account at an emulator with a limit gets all it asks for, in no real time."""
    with Emulator(limit=2) as emulator:
        started = emulator.clock.now()
        emulator.connect()
        for number in range(5):
            Ticket.objects.create(subject=str(number), comment={"body": "x"})

        assert emulator.clock.now() - started >= 120


def test_a_token_is_asked_for():
    """An emulator with a token refuses others, and anonymous requests except for users/me."""
    with Emulator(token="secret") as emulator:
        none, wrong, right = (
            _get(emulator, "tickets", auth=auth)
            for auth in (None, ("a@b.c/token", "no"), ("a@b.c/token", "secret"))
        )
        bearer = _get(emulator, "tickets", headers={"Authorization": "Bearer secret"})
        me = _get(emulator, "users/me")
        account = emulator.connect()

    assert [401, 401, 200, 200] == [each.status_code for each in (none, wrong, right, bearer)]
    assert {"error": "Couldn't authenticate you"} == none.json()
    assert ("Anonymous user", None) == (me.json()["user"]["name"], me.json()["user"]["id"])
    assert account.alias == "default"


def test_the_next_request_fails_as_told(zendesk):
    """A fault is met once, with its status, headers and body, and nothing is done."""
    zendesk.emulator.fail_next(503, headers={"Retry-After": "7"}, body={"error": "x"})

    first = zendesk.send("POST", "groups", {"group": {"name": "a"}})
    second = zendesk.send("POST", "groups", {"group": {"name": "b"}})

    assert (503, "7", {"error": "x"}) == (
        first.status_code,
        first.headers["Retry-After"],
        first.json(),
    )
    assert 201 == second.status_code
    assert ["b", "Support"] == sorted(
        (row["name"] for row in zendesk.get("groups")["groups"]), key=str.lower
    )


def test_a_fault_waits_for_its_request(zendesk):
    """A fault for a method and a path leaves other requests alone, and comes as often as told."""
    zendesk.emulator.fail_next(500, times=2, method="put", path="/api/v2/tickets")
    pk = zendesk.ticket()["id"]

    answers = [zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"subject": "x"}}) for _ in "123"]

    assert [500, 500, 200] == [answer.status_code for answer in answers]


def test_an_answer_can_be_lost(zendesk):
    """With `after_applying` the request is done, and then the connection breaks."""
    zendesk.emulator.fail_next(500, after_applying=True)

    with pytest.raises(requests.ConnectionError) as caught:
        zendesk.send("POST", "groups", {"group": {"name": "Hardware"}})

    assert isinstance(caught.value.args[0], ProtocolError)
    assert 2 == zendesk.get("groups")["count"]


def test_the_library_creates_once_although_the_answer_is_lost():
    """A ticket whose creation got no answer is there once: its key makes the second one a hit."""
    with Emulator() as emulator:
        emulator.connect()
        emulator.fail_next(None, after_applying=True)
        ticket = Ticket.objects.create(subject="x", comment={"body": "y"})

        assert 1 == ticket.pk
        assert ["POST tickets", "POST tickets"] == emulator.requests
        assert 1 == Ticket.objects.fresh().count()


@pytest.mark.parametrize(
    ("status", "error"), [(429, RateLimited), (500, ServerError), (None, ConnectionLost)]
)
def test_the_library_sees_faults_as_zendesks(status, error):
    """What fails here raises what it would raise there."""
    with Emulator() as emulator:
        emulator.connect(retry=RetryPolicy(attempts=1))
        emulator.fail_next(status)

        with pytest.raises(error):
            Ticket.objects.get(1)


def test_latency_moves_the_clock():
    """With a latency every request takes its time, on a clock of the emulator's own."""
    with Emulator(latency="0.25") as emulator:
        url = "https://emulator.zendesk.com/api/v2/tickets"
        with signed_in_session(emulator) as session:
            session.get(url)  # Signing in takes its time, too.
            before = emulator.clock.now()
            session.get(url)
            session.get(url)

        assert 0.5 == pytest.approx(emulator.clock.now() - before)


def test_an_unknown_switch_is_refused():
    """A switch that is misspelt is no switch."""
    with pytest.raises(ConfigurationError, match="lag"):
        Emulator(lag=3)
