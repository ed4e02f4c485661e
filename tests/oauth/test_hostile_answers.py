"""Unusual, malformed and hostile responses of the token endpoint."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator

import pytest

from tests.oauth.scripted import Reply, ScriptedServer, pair
from zendesk_orm import (
    Attachment,
    AuthenticationFailed,
    Group,
    MalformedResponse,
    MemoryTokenStore,
    RateLimited,
    RefreshToken,
    RetryPolicy,
    ServerError,
    SignInFailed,
    TransportError,
    ZendeskError,
    connect,
)
from zendesk_orm.http.clock import VirtualClock
from zendesk_orm.http.request import Request
from zendesk_orm.http.secret import reveal


SECRET = "S3CRET"
GRANT = RefreshToken("app", "S3CRET-refresh-0", "S3CRET-client")


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Serve a token endpoint that grants numbered pairs, and a list without rows."""
    with ScriptedServer(lambda body, number: Reply(pair(number))) as scripted:
        yield scripted


def _connect(server, grant=GRANT, **values):
    options = {"retry": RetryPolicy(attempts=2), "clock": VirtualClock(), **values}
    return connect(base_url=server.url, oauth=grant, **options)


def _traceback_text(error):
    """Return the text of an exception with its chain and the local variables of its frames."""
    parts, chain = [], []
    while error is not None and error not in chain:
        chain.append(error)
        parts += [repr(error), str(error), repr(vars(error)), repr(error.args)]
        if error.__traceback__ is not None:
            # The first frame is that of the test.
            formatted = traceback.TracebackException(
                type(error), error, error.__traceback__.tb_next, capture_locals=True
            )
            parts += formatted.format()
        error = error.__cause__ or error.__context__
    return "\n".join(parts)


def _with_text(name, text):
    return json.dumps(pair(1, **{name: -7})).replace("-7", text).encode()


HUGE = "1" + "0" * 400
JWT = "S3CRET.eyJleHAiOiAx" + "MDAw" * 200 + "MDB9.x"


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        *(pair(1, expires_in=value) for value in (None, 0, -1, "abc", "nan", True, [], {}, "300")),
        *(_with_text("expires_in", text) for text in ("1e400", HUGE, "NaN", "-Infinity")),
        _with_text("refresh_token_expires_in", HUGE),
        *(pair(1, scope=value) for value in (None, [], ["read"], 5, {})),
        *(pair(1, refresh_token=value) for value in (..., None, "", 5, [])),
        pair(1, expires_in=..., access_token=JWT),
        pair(1, expires_in=..., access_token="S3CRET." + "W1tb" * 3_000 + ".x"),
        json.dumps(pair(1)).encode("utf-16"),
    ],
)
def test_unusual_values_are_ignored(server, data):
    """A token response with unusual values is used; an invalid refresh token is not stored."""
    server.answer = lambda body, number: Reply(data)
    account = _connect(server)

    assert [Group.objects.count() for _ in range(2)] == [0, 0]
    assert len(server.token_requests) == 1
    assert account.transport.credentials.token.refresh_token.startswith("S3CRET-refresh")


@pytest.mark.parametrize("moment", ["x", "0001-01-01T00:00:00", "9999-12-31T23:59:59-23:59", 5])
def test_an_invalid_expiry_is_ignored(server, moment):
    """A token with an invalid expiry is used for Zendesk's default lifetime."""
    server.answer = lambda body, number: Reply(pair(number, expires_in=...))
    server.current = lambda: Reply({"token": {"expires_at": moment}})
    _connect(server)

    assert Group.objects.count() == 0


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b""),
        Reply([SECRET]),
        Reply({"error": "invalid_grant"}),
        Reply(b"<html>S3CRET</html>", headers={"Content-Type": "text/html"}),
        Reply(b'{"access_token": "S3CRET-access", '),
        Reply(b"S3CRET", headers={"Content-Encoding": "gzip"}),
        Reply(b"[" * 100_000),
        Reply(b"\xffS3CRET"),
        *(
            Reply(pair(1, access_token=value))
            for value in (
                None,
                "",
                5,
                ["S3CRET"],
                "S3CRET\nX-Evil: 1",
                "S3CRETé",
                "S3CRET€",
                "S3CRET x",
                "S3CRET\0",
                " S3CRET",
            )
        ),
        *(
            Reply(b"", status, {"Location": "http://localhost:9/"})
            for status in (301, 302, 307, 308)
        ),
        *(Reply({}, 429, {"Retry-After": value}) for value in ("0", "-5", "nan", "1e9", "soon")),
        *(Reply({}, 503, {"Retry-After": value}) for value in ("0", "-5", "nan")),
        Reply({}, 503),
        Reply(lost=True),
    ],
)
def test_a_response_without_a_token_raises(server, reply, caplog):
    """A response without a token raises, the API is not called, and no secret is displayed."""
    caplog.set_level(logging.DEBUG)
    server.answer = lambda body, number: reply
    _connect(server)

    with pytest.raises(
        (MalformedResponse, SignInFailed, RateLimited, ServerError, TransportError)
    ) as caught:
        Group.objects.count()

    assert SECRET not in _traceback_text(caught.value)
    assert SECRET not in caplog.text
    assert server.calls == []


@pytest.mark.parametrize("place", ["error", "error_description", "details", "header", "title"])
def test_secrets_in_a_response_are_not_displayed(server, place):
    """Secrets are hidden wherever the text of a response contains them."""

    def grant_token(body, number):
        text = " ".join((body["client_secret"], body["refresh_token"]))
        data = {
            "error": {"error": text},
            "title": {"error": {"title": text, "message": text}},
            "error_description": {"error": "invalid_request", "error_description": text},
            "details": {"error": "x", "details": {"client": [{"description": text}]}},
            "header": {"error": "x"},
        }[place]
        return Reply(data, 400, {"X-Request-Id": text} if place == "header" else {})

    server.answer = grant_token
    _connect(server)

    with pytest.raises(SignInFailed) as caught:
        Group.objects.count()

    assert SECRET not in _traceback_text(caught.value)


def test_a_redirect_of_the_token_request_is_not_followed(server):
    """A redirect of the token request raises an error with the remedy, and is not followed."""
    with ScriptedServer(lambda body, number: Reply(pair(number))) as other:
        server.answer = lambda body, number: Reply(
            b"", 307, {"Location": f"{other.url}/oauth/tokens"}
        )
        _connect(server)

        with pytest.raises(SignInFailed, match="redirects its token endpoint"):
            Group.objects.count()

        assert other.headers == []


def test_a_pair_without_a_lifetime_is_stored_before_it_is_used(server):
    """A pair without a lifetime is stored before the lifetime is requested from Zendesk."""
    store = MemoryTokenStore()
    stored = []
    server.answer = lambda body, number: Reply(pair(number, expires_in=...))

    def current():
        stored.extend(reveal(token.access_token) for token in store._tokens.values())
        return Reply({"token": {}})

    server.current = current
    _connect(server, RefreshToken("app", "S3CRET-refresh-0", store=store))

    Group.objects.count()

    assert stored == ["S3CRET-access-1"]


def test_a_malformed_response_keeps_a_valid_token(server):
    """If a renewal returns a malformed response, the old token is used until it expires."""
    account = _connect(server)
    Group.objects.count()
    server.answer = lambda body, number: Reply(b"<html>")
    account.transport.clock.sleep(250)

    assert Group.objects.count() == 0


# Rejected requests


def test_each_request_renews_once_if_every_token_is_rejected(server):
    """A request whose new token is rejected is sent twice in total."""
    server.alive = set()
    _connect(server)

    with pytest.raises(AuthenticationFailed):
        Group.objects.count()

    assert len(server.calls) == 2
    assert len(server.token_requests) == 2


def test_a_download_that_is_rejected_is_sent_again_with_a_new_token(server):
    """A rejected download is sent again with a new token, and returns the file."""
    account = _connect(server)
    server.alive = {"S3CRET-access-2"}
    server.rows = Reply(b"content")
    row = {"id": 1, "content_url": f"{server.url}/attachments/1"}

    assert Attachment.from_row(row, account.current()).read() == b"content"

    assert [call[2] for call in server.calls] == [
        "Bearer S3CRET-access-1",
        "Bearer S3CRET-access-2",
    ]


def test_a_token_replaced_by_another_thread_is_used(server):
    """A rejected request of a user is sent again with the token that another thread has renewed."""
    account = _connect(server)
    credentials = account.transport.credentials
    acting = account.transport.acting_as("anna@example.com")
    old = credentials.authorization()
    server.alive = {"S3CRET-access-2"}
    rows = server.rows

    original = server.reply

    def reply(method, path, headers, body):
        if headers.get("Authorization") == reveal(old) and "groups" in path:
            # Another thread renews the token first.
            credentials.renew(old)
        return original(method, path, headers, body)

    server.reply = reply

    assert acting.send(Request("GET", "/api/v2/groups")).data == rows.data


@pytest.mark.parametrize("status", [429, 500, 503, 404])
def test_a_failure_of_the_check_spends_no_refresh_token(server, status):
    """If checking a token fails without a 401, its refresh token is not exchanged."""
    account = _connect(server)
    Group.objects.count()
    server.current = lambda: Reply({}, status)
    server.rows = Reply({"error": "invalid_token"}, 401)

    with pytest.raises(ZendeskError), account.acting_as("anna@example.com"):
        Group.objects.count()

    assert len(server.token_requests) == 1


def test_cookies_are_not_stored(server):
    """Cookies are not stored, so that requests of one user have no session of another."""
    server.rows.headers["Set-Cookie"] = "_zendesk_session=S3CRET; Path=/"
    account = _connect(server)

    with account.acting_as("anna@example.com"):
        Group.objects.count()
    Group.objects.count()

    assert [sent.get("Cookie") for sent in server.headers] == [None] * 3
