"""Servers that answer anything: only errors of the library are raised, and nothing hangs."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.security.hostile_server import HostileServer, run_hostile_server
from zendesk_orm import RetryPolicy, Ticket, User, ZendeskError, connect
from zendesk_orm.http.clock import VirtualClock


TOKEN = "a-secret-token"
#: Names of headers that the library or its libraries read.
NAMES = st.sampled_from(
    [
        "Content-Length",
        "Content-Type",
        "Content-Encoding",
        "Transfer-Encoding",
        "Connection",
        "Location",
        "Retry-After",
        "Date",
        "ETag",
        "Set-Cookie",
        "X-Rate-Limit",
        "X-Rate-Limit-Remaining",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "zendesk-ratelimit-tickets-index",
        "Zendesk-RateLimit-search-index",
        "X-Request-Id",
        "x-zendesk-api-warn",
        "Link",
        "WWW-Authenticate",
        "Trailer",
        "Keep-Alive",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [
            "0",
            "-1",
            "1e400",
            "nan",
            "inf",
            "99999999999999999999",
            "chunked",
            "gzip",
            "deflate",
            "br",
            "identity",
            "close",
            "application/json",
            "text/html;charset=utf-7",
            "http://[",
            "https://evil.example/",
            "//evil.example",
            "javascript:alert(1)",
            "/api/v2/users",
            "total=;remaining=;resets=",
            "total=1;remaining=0;resets=9e99",
            "total=-5;remaining=-1;resets=-1",
            "Thu,01-Jan-1970",
        ]
    ),
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=30),
)
LINKS = st.one_of(
    st.none(),
    st.integers(),
    st.sampled_from(
        [
            "https://evil.example/api/v2/tickets.json",
            "http://[",
            "/api/v2/tickets",
            "?page=2",
            "//evil.example",
            "ftp://127.0.0.1/x",
            "https://acme.zendesk.com@evil.example/",
            "\\u0000",
            "tickets",
        ]
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = [
    "ticket",
    "tickets",
    "users",
    "results",
    "error",
    "errors",
    "meta",
    "links",
    "next_page",
    "count",
    "description",
]
ENVELOPES = st.dictionaries(
    st.sampled_from(KEYS), JSON | LINKS | st.fixed_dictionaries({"next": LINKS})
)
BODIES = st.one_of(
    st.binary(max_size=60),
    ENVELOPES.map(lambda data: json.dumps(data).encode()),
    ENVELOPES.map(lambda data: gzip.compress(json.dumps(data).encode())),
    st.just(b"[" * 100_000),
    st.just(b"5\r\n[1,2]\r\n0\r\n\r\n"),
    st.just(b"ffffffff\r\nabc"),
)
STATUS_LINES = st.one_of(
    st.integers(100, 599).map(lambda status: b"HTTP/1.1 %d Reason" % status),
    st.sampled_from([b"HTTP/1.1 200 OK"] * 5 + [b"HTTP/1.1 302 Found", b"HTTP/1.1 429 Slow"]),
    st.sampled_from([b"", b"HTTP/9.9 200", b"HTTP/1.1 two OK", b"HTTP/1.1 -200 OK", b"ICY 200 OK"]),
    st.binary(max_size=20),
)


READS = (
    lambda: Ticket.objects.get(1).subject,
    lambda: [user.name for user in User.objects.all()[:150]],
    lambda: [ticket.subject for ticket in Ticket.objects.filter(status="open")[:150]],
    lambda: Ticket.objects.count(),
    lambda: Ticket.objects.create(subject="a", comment="b"),
)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Draw the bytes of a response."""
    headers = draw(st.lists(st.tuples(NAMES, VALUES), max_size=5))
    body = draw(BODIES)
    if draw(st.booleans()):
        headers.append(("Content-Length", str(len(body))))
    lines = [f"{name}: {value}".encode("latin-1") for name, value in headers]
    return b"\r\n".join([draw(STATUS_LINES), *lines, b"", body])


def _try(read: Callable[[], object]) -> str:
    """Call a function, and return the text of its error; "" if it succeeds."""
    try:
        read()
    except ZendeskError as error:
        return f"{error} {error!r} {error.__context__!r}"
    return ""


@pytest.fixture(scope="module")
def server() -> HostileServer:
    """Run the server."""
    with run_hostile_server() as server:
        yield server


@pytest.mark.fuzz
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(answer=answers())
def test_only_errors_of_the_library_are_raised(server, answer):
    """Any answer leads to a result or to a `ZendeskError` without secrets, within the limits."""
    server.answer = answer
    clock = VirtualClock()
    account = connect(
        base_url=server.url,
        oauth_token=TOKEN,
        clock=clock,
        retry=RetryPolicy(attempts=2, longest=60, deadline=600),
        timeout=(2, 2),
        response_timeout=5,
    )
    server.received.clear()
    begun = clock.now()
    problems = [_try(read) for read in READS]
    account.close()

    assert TOKEN not in " ".join(problems)
    assert clock.now() - begun <= timedelta(hours=1).total_seconds()
    assert len(server.received) < 60
