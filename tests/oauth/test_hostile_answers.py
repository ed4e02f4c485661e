"""Whatever the token endpoint answers, the program gets an error of the library or a token."""

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
    given = {"retry": RetryPolicy(attempts=2), "clock": VirtualClock(), **values}
    return connect(base_url=server.url, oauth=grant, **given)


def _text(error):
    """Return all that an exception tells: its chain, and the local variables of its frames."""
    parts, seen = [], []
    while error is not None and error not in seen:
        seen.append(error)
        parts += [repr(error), str(error), repr(vars(error)), repr(error.args)]
        if error.__traceback__ is not None:
            # The first frame is that of the test.
            shown = traceback.TracebackException(
                type(error), error, error.__traceback__.tb_next, capture_locals=True
            )
            parts += shown.format()
        error = error.__cause__ or error.__context__
    return "\n".join(parts)


def _replaced(name, text):
    return json.dumps(pair(1, **{name: -7})).replace("-7", text).encode()


HUGE = "1" + "0" * 400
JWT = "S3CRET.eyJleHAiOiAx" + "MDAw" * 200 + "MDB9.x"


@pytest.mark.parametrize(
    "data",
    [
        *(pair(1, expires_in=value) for value in (None, 0, -1, "abc", "nan", True, [], {}, "300")),
        *(_replaced("expires_in", text) for text in ("1e400", HUGE, "NaN", "-Infinity")),
        _replaced("refresh_token_expires_in", HUGE),
        *(pair(1, scope=value) for value in (None, [], ["read"], 5, {})),
        *(pair(1, refresh_token=value) for value in (..., None, "", 5, [])),
        pair(1, expires_in=..., access_token=JWT),
        pair(1, expires_in=..., access_token="S3CRET." + "W1tb" * 3_000 + ".x"),
        json.dumps(pair(1)).encode("utf-16"),
    ],
)
def test_odd_values_in_an_answer_do_not_matter(server, data):
    """The access token is used; a refresh token that is none does not replace the old one."""
    server.answer = lambda body, number: Reply(data)
    account = _connect(server)

    assert [Group.objects.count() for _ in range(2)] == [0, 0]
    assert len(server.token_requests) == 1
    assert account.transport.credentials.token.refresh_token.startswith("S3CRET-refresh")


@pytest.mark.parametrize("moment", ["x", "0001-01-01T00:00:00", "9999-12-31T23:59:59-23:59", 5])
def test_an_expiry_that_cannot_be_read_is_unknown(server, moment):
    """The token is used as long as Zendesk's default."""
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
def test_an_answer_without_a_token_raises_an_error_of_the_library(server, reply, caplog):
    """Nothing that it tells, or logs, contains a secret; no call of the API is made."""
    caplog.set_level(logging.DEBUG)
    server.answer = lambda body, number: reply
    _connect(server)

    with pytest.raises(
        (MalformedResponse, SignInFailed, RateLimited, ServerError, TransportError)
    ) as caught:
        Group.objects.count()

    assert SECRET not in _text(caught.value)
    assert SECRET not in caplog.text
    assert server.calls == []


@pytest.mark.parametrize("place", ["error", "error_description", "details", "header", "title"])
def test_secrets_that_an_answer_repeats_are_not_shown(server, place):
    """Wherever the answer has them."""

    def answer(body, number):
        text = " ".join((body["client_secret"], body["refresh_token"]))
        data = {
            "error": {"error": text},
            "title": {"error": {"title": text, "message": text}},
            "error_description": {"error": "invalid_request", "error_description": text},
            "details": {"error": "x", "details": {"client": [{"description": text}]}},
            "header": {"error": "x"},
        }[place]
        return Reply(data, 400, {"X-Request-Id": text} if place == "header" else {})

    server.answer = answer
    _connect(server)

    with pytest.raises(SignInFailed) as caught:
        Group.objects.count()

    assert SECRET not in _text(caught.value)


def test_a_redirect_of_the_token_request_is_not_followed(server):
    """Neither secrets nor tokens go to the other host; the error names the remedy."""
    with ScriptedServer(lambda body, number: Reply(pair(number))) as other:
        server.answer = lambda body, number: Reply(
            b"", 307, {"Location": f"{other.url}/oauth/tokens"}
        )
        _connect(server)

        with pytest.raises(SignInFailed, match="redirects its token endpoint"):
            Group.objects.count()

        assert other.headers == []


def test_a_pair_without_a_lifetime_is_stored_before_it_is_used(server):
    """Also before Zendesk is asked how long it lasts."""
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


def test_a_malformed_answer_does_not_end_a_living_token(server):
    """The old token is used as long as it lives."""
    account = _connect(server)
    Group.objects.count()
    server.answer = lambda body, number: Reply(b"<html>")
    account.transport.clock.sleep(250)

    assert Group.objects.count() == 0


# -- 401 ---------------------------------------------------------------------


def test_each_request_renews_once_if_every_token_is_rejected(server):
    """The request is sent twice."""
    server.alive = set()
    _connect(server)

    with pytest.raises(AuthenticationFailed):
        Group.objects.count()

    assert len(server.calls) == 2
    assert len(server.token_requests) == 2


def test_a_download_that_is_rejected_is_sent_again_with_a_new_token(server):
    """The file is that of the second answer."""
    account = _connect(server)
    server.alive = {"S3CRET-access-2"}
    server.rows = Reply(b"content")
    row = {"id": 1, "content_url": f"{server.url}/attachments/1"}

    assert Attachment.from_row(row, account.current()).read() == b"content"

    assert [call[2] for call in server.calls] == [
        "Bearer S3CRET-access-1",
        "Bearer S3CRET-access-2",
    ]


def test_a_token_that_another_thread_replaced_is_not_taken_for_an_unknown_user(server):
    """A request that acts as a user is sent again with the new token."""
    account = _connect(server)
    credentials = account.transport.credentials
    acting = account.transport.acting_as("anna@example.com")
    old = credentials.authorization()
    server.alive = {"S3CRET-access-2"}
    rows = server.rows

    original = server.reply

    def reply(method, path, headers, body):
        if headers.get("Authorization") == reveal(old) and "groups" in path:
            # Another thread is faster.
            credentials.renew(old)
        return original(method, path, headers, body)

    server.reply = reply

    assert acting.send(Request("GET", "/api/v2/groups")).data == rows.data


@pytest.mark.parametrize("status", [429, 500, 503, 404])
def test_a_failure_of_the_check_spends_no_refresh_token(server, status):
    """Only a 401 means that the token is dead."""
    account = _connect(server)
    Group.objects.count()
    server.current = lambda: Reply({}, status)
    server.rows = Reply({"error": "invalid_token"}, 401)

    with pytest.raises(ZendeskError), account.acting_as("anna@example.com"):
        Group.objects.count()

    assert len(server.token_requests) == 1


def test_cookies_are_not_kept(server):
    """A session that Zendesk opens for one user is not sent with the requests of another."""
    server.rows.headers["Set-Cookie"] = "_zendesk_session=S3CRET; Path=/"
    account = _connect(server)

    with account.acting_as("anna@example.com"):
        Group.objects.count()
    Group.objects.count()

    assert [sent.get("Cookie") for sent in server.headers] == [None] * 3
