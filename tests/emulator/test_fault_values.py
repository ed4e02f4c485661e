"""Faults as values: routes, effects, and the requests to which they apply."""

from __future__ import annotations

import pytest
import requests

from tests.tokens import EmulatorAuth
from zendesk_orm import ConfigurationError, ConnectionLost, RetryPolicy, ServerError, Ticket
from zendesk_orm.emulator import Emulator, Fault


def _collect_statuses(zendesk, count, path="tickets"):
    """Return the statuses of a number of requests."""
    return [zendesk.send("GET", path).status_code for _ in range(count)]


@pytest.mark.parametrize(
    ("route", "method", "path", "fails"),
    [
        ("*", "GET", "tickets", True),
        ("GET *", "GET", "tickets", True),
        ("GET *", "POST", "groups", False),
        ("get /api/v2/tickets", "GET", "tickets", True),
        ("/api/v2/tickets", "GET", "tickets/count", False),
        ("/api/v2/tickets*", "GET", "tickets/count", True),
        ("* /api/v2/*/count", "GET", "tickets/count", True),
        ("/api/v2/tickets.json", "GET", "tickets.json", True),
        ("/api/v2/ticket?", "GET", "tickets", False),
    ],
)
def test_a_route_matches_method_and_path(zendesk, route, method, path, fails):
    """A route has a method and a path, in which `*` matches any text."""
    zendesk.emulator.faults.add(Fault(route, status=418))

    response = zendesk.send(method, path, {"group": {"name": "a"}} if method == "POST" else None)

    assert (response.status_code == 418) == fails


@pytest.mark.slow
def test_chance_is_reproducible():
    """With a chance, the same requests fail for the same seed."""
    results = []
    for seed in (1, 1, 2):
        with Emulator(faults=[Fault(status=503, chance=0.3, seed=seed)]) as emulator:
            session = emulator.session()
            url = "https://emulator.zendesk.com/api/v2/nonsense"
            results.append([session.get(url).status_code for _ in range(200)])

    assert results[0] == results[1] != results[2]
    assert 40 < results[0].count(503) < 80


def test_skip_and_times_select_requests(zendesk):
    """`skip` requests succeed before `times` requests fail, and later ones succeed again."""
    zendesk.emulator.faults.add(Fault(status=503, skip=1, times=2))

    assert _collect_statuses(zendesk, 5) == [200, 503, 503, 200, 200]
    assert len(zendesk.emulator.faults) == 0


def test_the_first_fault_that_matches_is_used(zendesk):
    """Of several faults, the first one that matches a request applies to it."""
    zendesk.emulator.faults.add(Fault("/api/v2/users*", status=500, times=1))
    zendesk.emulator.faults.add(Fault(status=503, times=1))

    assert _collect_statuses(zendesk, 2) == [503, 200]
    assert _collect_statuses(zendesk, 2, "users") == [500, 200]


def test_faults_can_be_listed_and_removed(zendesk):
    """Faults can be listed, and removed one by one or all at once."""
    first, second = Fault(status=500), Fault(status=503)
    faults = zendesk.emulator.faults
    faults.add(first)
    faults.add(second)

    assert list(faults) == [first, second]
    faults.remove(Fault(status=500))
    assert list(faults) == [second]
    faults.clear()
    assert _collect_statuses(zendesk, 1) == [200]


def test_a_fault_with_a_status_has_no_effect_on_rows(zendesk):
    """A request that fails with a status changes no rows, unless `applied` is set."""
    zendesk.emulator.faults.add(Fault("POST *", status=504, times=1))
    zendesk.emulator.faults.add(Fault("POST *", status=504, applied=True, times=1))

    for name in ("lost", "applied"):
        assert zendesk.send("POST", "groups", {"group": {"name": name}}).status_code == 504

    names = {row["name"] for row in zendesk.get("groups")["groups"]}
    assert names == {"Support", "applied"}


def test_disconnect_breaks_the_connection(zendesk):
    """`disconnect` breaks the connection; with `applied`, the request is handled before."""
    zendesk.emulator.faults.add(Fault("POST *", disconnect=True, applied=True))

    with pytest.raises(requests.ConnectionError):
        zendesk.send("POST", "groups", {"group": {"name": "a"}})

    assert zendesk.get("groups")["count"] == 2


def test_truncate_breaks_the_connection_within_the_body(zendesk):
    """A truncated response breaks the connection in the middle of its body."""
    zendesk.emulator.faults.add(Fault(truncate=True))

    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        zendesk.send("GET", "users")


def test_body_and_headers_are_replaced(zendesk):
    """Body and headers of a fault replace those of the response, whose status remains."""
    zendesk.emulator.faults.add(Fault(body='{"users": [', headers={"x-proxy": "down"}))

    response = zendesk.send("GET", "users")

    assert (response.status_code, response.text) == (200, '{"users": [')
    assert response.headers["x-proxy"] == "down"


def test_a_body_that_is_not_text_is_sent_as_json(zendesk):
    """A body that is not text is sent as JSON."""
    zendesk.emulator.faults.add(Fault(status=503, body={"error": "Down"}))

    assert zendesk.send("GET", "users").json() == {"error": "Down"}


def test_latency_takes_virtual_time(zendesk):
    """A latency advances the virtual clock, and the request succeeds."""
    before = zendesk.clock.now()
    zendesk.emulator.faults.add(Fault("* /api/v2/users*", latency=30))

    assert _collect_statuses(zendesk, 1, "users") == [200]
    assert _collect_statuses(zendesk, 1) == [200]
    assert zendesk.clock.now() - before == 30


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=502), ServerError),
        (Fault(disconnect=True), ConnectionLost),
        (Fault(truncate=True), ConnectionLost),
    ],
)
def test_the_library_raises_for_each_fault(emulator, fault, error):
    """The library raises its own exception for each kind of fault."""
    ticket = emulator.make(Ticket)[0]
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.faults.add(fault)

    with pytest.raises(error):
        Ticket.objects.get(ticket.id)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(disconnect=True, times=1), requests.ConnectionError),
        (Fault(truncate=True, times=1), requests.RequestException),
    ],
)
def test_faults_work_at_a_socket(fault, error):
    """A fault breaks a connection at a socket, and the next request succeeds."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        auth, url = EmulatorAuth(emulator, server.url), f"{server.url}/api/v2/users"
        requests.get(url, auth=auth, timeout=9)
        emulator.faults.add(fault)

        with pytest.raises(error):
            requests.get(url, auth=auth, timeout=9)
        assert requests.get(url, auth=auth, timeout=9).status_code == 200


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/v2/tickets* status=503 chance=0.05",
        "GET '/api/v2/tickets*' status=503 chance=0.05",
    ],
)
def test_faults_are_parsed(text):
    """A fault can be written as a line of text, as in arguments of the command."""
    assert Fault.parse(text) == Fault("GET /api/v2/tickets*", status=503, chance=0.05)


def test_flags_and_quoted_bodies_are_parsed():
    """Flags in the text of a fault are words, and a quoted body can contain blanks."""
    fault = Fault.parse("body='<html> oops' truncate=yes applied=false latency=0.5 times=2")

    expected = Fault(body="<html> oops", truncate=True, applied=False, latency=0.5, times=2)
    assert fault == expected


def test_every_value_has_a_text():
    """Small chances and headers can be written, and an empty body is an effect."""
    text = """* status=429 chance=1e-3 headers='{"Retry-After": "5"}'"""

    assert Fault.parse(text) == Fault(status=429, chance=0.001, headers={"Retry-After": "5"})
    assert [Fault(body=body).body for body in ("", {}, [])] == ["", {}, []]


@pytest.mark.parametrize(
    "build",
    [
        lambda: Fault(),
        lambda: Fault("tickets", status=500),
        lambda: Fault("GET tickets", status=500),
        lambda: Fault(status=99),
        lambda: Fault(status="x"),
        lambda: Fault(status=500, chance=2),
        lambda: Fault(status=500, chance=float("nan")),
        lambda: Fault(status=500, times=0),
        lambda: Fault(latency=-1),
        lambda: Fault(disconnect=1),
        lambda: Fault(latency=None),
        lambda: Fault(status=500, chance=None),
        lambda: Fault(headers={"a": 1}),
        lambda: Fault(status=500, headers=[]),
        lambda: Fault(headers={"Retry After": "1"}),
        lambda: Fault(headers={"": "1"}),
        lambda: Fault(headers={"X-Text": "a\r\nX-Other: b"}),
        lambda: Fault(headers={"X-Text": "\u20ac"}),
        lambda: Fault(headers={"Content-Length": "5"}),
        lambda: Fault(headers={"transfer-encoding": "chunked"}),
        lambda: Fault.parse("status=500 status=503"),
        lambda: Fault.parse("status=429 headers=Retry-After:5"),
        lambda: Fault.parse("status=500 chanse=1"),
        lambda: Fault.parse("'"),
        lambda: Fault.from_options([]),
        lambda: Emulator(faults=["status=500"]),
    ],
)
def test_invalid_faults_are_rejected(build):
    """A fault without an effect, or with an invalid value, is rejected."""
    with pytest.raises(ConfigurationError):
        build()


def test_token_requests_fail_only_for_their_path():
    """A fault for all paths does not apply to token requests; a fault for their path does."""
    with Emulator(faults=[Fault(status=503)]) as emulator:
        url = "https://emulator.zendesk.com/oauth/tokens"
        first = emulator.session().post(url, json={})
        emulator.faults.add(Fault("POST /oauth/*", status=503))
        second = emulator.session().post(url, json={})

    assert first.status_code != 503
    assert second.status_code == 503
