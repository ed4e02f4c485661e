"""Answers that are no success, or that are not what they should be."""

from __future__ import annotations

import contextlib
import socket

import pytest

from tests.tokens import client_of
from zendesk_orm import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    BulkError,
    Comment,
    Conflict,
    ConnectFailed,
    ConnectionLost,
    FeatureUnavailable,
    Group,
    MalformedResponse,
    MissingScope,
    NotFound,
    Organization,
    PermissionDenied,
    Q,
    RateLimited,
    RequestTimeout,
    RetryPolicy,
    ServerError,
    Ticket,
    Unprocessable,
    User,
    connect,
    receiver,
    request_finished,
    request_started,
)
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


ONCE = RetryPolicy(attempts=1)


# -- statuses ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequest),
        (401, AuthenticationFailed),
        (402, BadRequest),
        (403, PermissionDenied),
        (404, NotFound),
        (409, Conflict),
        (413, Unprocessable),
        (422, Unprocessable),
        (429, RateLimited),
        (500, ServerError),
        (502, ServerError),
        (503, ServerError),
    ],
)
def test_each_status_has_its_exception(emulator, status, error):
    """It tells the request, the status, the request id and what Zendesk said."""
    emulator.connect(retry=ONCE)
    emulator.fail_next(
        status,
        headers={"x-zendesk-request-id": "r-1"},
        body={
            "error": "Broken",
            "description": "It is broken",
            "details": {"name": [{"description": "Name: cannot be blank", "error": "Blank"}]},
        },
    )

    with pytest.raises(ApiError) as caught:
        Group.objects.create(name="x")

    found = caught.value
    assert error is type(found)
    assert ("POST", "/api/v2/groups", status) == (found.method, found.path, found.status)
    assert ("Broken", "It is broken", "r-1") == (found.code, found.description, found.request_id)
    assert {"name": ["Name: cannot be blank"]} == found.details


def test_the_message_says_it_all(emulator):
    """Request, status, sentences, fields and request id, in one line."""
    emulator.fail_next(
        422,
        headers={"x-zendesk-request-id": "r-1"},
        body={"error": "RecordInvalid", "description": "No", "details": {"name": ["is bad"]}},
    )

    with pytest.raises(Unprocessable) as caught:
        Group.objects.create(name="x")

    assert (
        "POST /api/v2/groups answered 422 · RecordInvalid: No · name: is bad · request id r-1"
        == str(caught.value)
    )


@pytest.mark.parametrize(
    ("body", "code", "description"),
    [
        ({"error": {"title": "Forbidden", "message": "You may not"}}, "Forbidden", "You may not"),
        ({"errors": [{"code": "Bad", "title": "T", "detail": "D"}]}, "Bad", "D"),
        ({"errors": ["a sentence"]}, "", "a sentence"),
        ({"error": "Couldn't authenticate you"}, "Couldn't authenticate you", ""),
        ({"message": "a sentence"}, "", "a sentence"),
        ("<html>Bad gateway</html>", "", "<html>Bad gateway</html>"),
        ([1, 2], "", ""),
        (None, "", ""),
    ],
)
def test_every_shape_of_error_is_read(emulator, body, code, description):
    """Zendesk has no single one."""
    emulator.fail_next(403, body=body)

    with pytest.raises(PermissionDenied) as caught:
        Ticket.objects.get(1)

    assert (code, description) == (caught.value.code, str(caught.value.description or ""))


def test_wrong_credentials_are_told():
    """401 is no empty result."""
    with Emulator(token="right") as emulator:
        connect(
            base_url="https://emulator.zendesk.com",
            session=emulator.session(),
            email="owner@example.com",
            token="wrong",
        )

        with pytest.raises(AuthenticationFailed, match="authenticate"):
            list(Ticket.objects.all())


# -- scopes ------------------------------------------------------------------


LACKS = "You are missing the following required scopes: "


@pytest.mark.parametrize(
    ("named", "scopes", "narrowest"),
    [
        ("groups:read, read", ("groups:read", "read"), "groups:read"),
        ("read", ("read",), "read"),
        ("groups:read", ("groups:read",), "groups:read"),
        ("something:new, read", ("something:new", "read"), "read"),
        ("", ("groups:read", "read"), "groups:read"),
    ],
)
def test_a_missing_scope_is_told(emulator, named, scopes, narrowest):
    """A 403 that names scopes is a MissingScope with these, and says what to ask for."""
    emulator.fail_next(403, body={"error": "Forbidden", "description": f"{LACKS}{named}"})

    with pytest.raises(MissingScope) as caught:
        list(Group.objects.all())

    assert scopes == caught.value.scopes
    assert narrowest == caught.value.narrowest
    assert f'add "{narrowest}" to the scope= of ClientCredentials' in str(caught.value)


def test_a_missing_scope_in_another_shape_of_error_is_told(emulator):
    """The sentence counts, wherever in the body it stands."""
    emulator.fail_next(403, body={"error": {"title": "Forbidden", "message": f"{LACKS}read"}})

    with pytest.raises(MissingScope):
        list(Group.objects.all())


def test_a_missing_scope_that_is_answered_like_bad_credentials_is_told(account, emulator):
    """A 401 with the code InvalidOAuthScopes is a MissingScope: no new token would help."""
    title = "The oauth scope provided does not match the required scope"
    emulator.fail_next(401, body={"errors": [{"code": "InvalidOAuthScopes", "title": title}]})
    account = emulator.connect()

    with pytest.raises(MissingScope) as caught:
        account.raw.post("/api/v2/guide/theming/jobs/themes/exports", {})

    assert not isinstance(caught.value, AuthenticationFailed)
    assert ("themes:write", "write") == caught.value.scopes
    assert 401 == caught.value.status


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"error": "invalid_token", "error_description": "expired"}, AuthenticationFailed),
        (403, {"error": "Forbidden", "description": "You may not"}, PermissionDenied),
        (403, {"errors": [{"code": "InvalidOAuthScopes"}]}, PermissionDenied),
        (422, {"error": "Invalid", "description": f"{LACKS}read"}, Unprocessable),
    ],
)
def test_other_refusals_are_no_missing_scope(emulator, status, body, error):
    """An expired token, and what the role does not allow, keep their exceptions."""
    # Twice: a token that can be renewed is renewed, and the request is sent again.
    emulator.fail_next(status, body=body, times=2)

    with pytest.raises(ApiError) as caught:
        list(Group.objects.all())

    assert error is type(caught.value)


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_scope_is_asked_once(emulator, count_requests, status):
    """The request is not sent again: the same token is refused again."""
    codes = [{"code": "InvalidOAuthScopes", "title": f"{LACKS}read"}]
    emulator.fail_next(status, body={"errors": codes}, times=5)
    account = emulator.connect()

    with count_requests(account, 1), pytest.raises(MissingScope):
        list(Group.objects.all())


# -- bodies that are not what they should be ---------------------------------


BROKEN = {
    "no JSON": "<html>Maintenance</html>",
    "half of it": '{"tickets": [{"id": 1}, {"i',
    "empty": "",
    "a list": "[]",
    "null": "null",
    "text": '"ok"',
    "without rows": "{}",
    "rows are null": '{"tickets": null, "results": null, "count": 0}',
    "rows are an object": '{"tickets": {}, "results": {}}',
    "rows of something else": '{"groups": []}',
}
READS = {
    "list": lambda: list(Ticket.objects.fresh()),
    "search": lambda: list(Ticket.objects.filter(status="new")),
    "slice": lambda: list(Ticket.objects.filter(status="new")[:5]),
    "ids": lambda: list(Ticket.objects.filter(id__in=[1, 2])),
    "one": lambda: Ticket.objects.get(1),
    "first": lambda: Ticket.objects.first(),
    "exists": lambda: Ticket.objects.exists(),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_body_without_its_rows_is_no_empty_result(emulator, body, read):
    """It is a MalformedResponse, whatever was asked."""
    emulator.connect(retry=ONCE)
    emulator.fail_next(200, body=body)

    with pytest.raises(MalformedResponse):
        read()


@pytest.mark.parametrize("body", ["<html>", "", "[]"])
def test_a_broken_count_is_no_zero(emulator, body):
    """A number that did not come is not none."""
    emulator.connect(retry=ONCE)
    emulator.fail_next(200, body=body)

    with pytest.raises(MalformedResponse):
        Ticket.objects.filter(status="new").count()


@pytest.mark.parametrize("body", ["{}", '{"count": null}', '{"count": {}}'])
def test_a_count_without_a_number_is_no_zero(emulator, body):
    """An answer that does not tell the number is malformed."""
    emulator.fail_next(200, body=body, times=5)

    with pytest.raises(MalformedResponse):
        Ticket.objects.filter(status="new").count()


@pytest.mark.parametrize("body", ["", "{}", '{"groups": []}', '{"group": null}', "[]"])
def test_a_creation_whose_answer_holds_no_row_is_no_success(emulator, body):
    """An object without an id must not pass for a saved one."""
    emulator.fail_next(201, body=body, method="POST")

    with pytest.raises(MalformedResponse):
        Group.objects.create(name="a")


def test_a_page_that_comes_twice_is_no_end(emulator):
    """A next link in a circle raises instead of going on for ever."""
    link = "https://emulator.zendesk.com/api/v2/tickets?page[after]=x"
    page = {"tickets": [{"id": 1}], "meta": {"has_more": True}, "links": {"next": link}}
    emulator.fail_next(200, body=page, times=10)

    with pytest.raises(MalformedResponse, match="twice"):
        list(Ticket.objects.fresh())
    assert 2 == len(emulator.requests)


def test_a_job_that_is_not_told_is_malformed(emulator):
    """A bulk request whose answer names no job fails its objects, and says why."""
    emulator.fail_next(200, body={"ok": True}, path="tickets/create_many")

    with pytest.raises(BulkError, match="job_status"):
        Ticket.objects.bulk_create([Ticket(subject="x", comment=Comment(body="y"))])


@pytest.mark.parametrize("where", [{}, {"status": "new"}])
def test_a_wrong_path_is_no_empty_result(emulator, where):
    """404 of a list is an error; 404 of a record is a record that is not there."""
    emulator.fail_next(404, body={"error": "InvalidEndpoint", "description": "Not found"})

    with pytest.raises(FeatureUnavailable):
        list(Ticket.objects.filter(**where))


def test_a_path_that_is_not_there_is_no_missing_record(emulator):
    """Also where one record was asked for."""
    emulator.fail_next(404, body={"error": "InvalidEndpoint", "description": "Not found"})

    with pytest.raises(FeatureUnavailable):
        list(Ticket.objects.filter(id=1))
    assert [] == list(Ticket.objects.filter(id=1))


@pytest.mark.parametrize("rows", [Ticket.objects.fresh(), Ticket.objects.filter(Q(status="new"))])
def test_a_failure_while_reading_is_not_the_end(emulator, rows):
    """Reading the same QuerySet again reads all of it."""
    for number in range(3):
        Ticket.objects.create(subject=str(number), comment=Comment(body="x"))
    emulator.fail_next(403)
    with pytest.raises(PermissionDenied):
        list(rows)

    assert 3 == len(rows.all())
    assert 3 == len(list(rows))


# -- what the headers say ----------------------------------------------------


def test_the_quota_is_read():
    """What is left of the rate limit is known after an answer, and was not before."""
    with Emulator(limit=10) as emulator:
        account = emulator.connect()
        assert account.quota.get() is None
        Ticket.objects.count()
        Ticket.objects.count()

        window = account.quota["account"]

    assert (10, 8) == (window.total, window.remaining)
    assert 0 < window.resets <= 60


@pytest.mark.parametrize(
    ("headers", "name", "expected"),
    [
        ({"x-rate-limit": "400", "x-rate-limit-remaining": "1"}, "account", (400, 1)),
        (
            {"Zendesk-RateLimit-Tickets-Index": "total=100; remaining=99; resets=41"},
            "tickets-index",
            (100, 99),
        ),
    ],
)
def test_limits_of_endpoints_are_read(emulator, headers, name, expected):
    """Each limit has a window of its own, also in an answer that refuses."""
    account = emulator.connect(retry=ONCE)
    blank = {"ratelimit-limit": "", "ratelimit-remaining": "", "ratelimit-reset": ""}
    emulator.fail_next(403, headers={**blank, **headers})

    with pytest.raises(PermissionDenied):
        Ticket.objects.get(1)

    window = account.quota[name]
    assert expected == (window.total, window.remaining)


@pytest.mark.parametrize("value", ["soon", "10, 10", "1.5"])
def test_a_limit_that_is_no_number_is_passed_over(emulator, value):
    """A header that nobody can read does not fail the request that it came with."""
    headers = dict.fromkeys(("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"), value)
    emulator.fail_next(200, headers=headers, body={"count": 3})

    assert 3 == Ticket.objects.filter(status="new").count()


# -- what is announced -------------------------------------------------------


@pytest.mark.parametrize(("status", "told"), [(403, 403), (None, 0), (200, 200)])
def test_each_request_is_announced_before_and_after(emulator, status, told):
    """`request_finished` tells the status, 0 where no answer came."""
    emulator.connect(retry=ONCE, alias="emea")
    emulator.fail_next(status, body={"tickets": [], "meta": {"has_more": False}})
    heard = []

    @receiver(request_started)
    def started(sender, request, **kwargs):
        heard.append((sender, request.path))

    @receiver(request_finished)
    def finished(sender, request, status, seconds, **kwargs):
        heard.append((sender, request.path, status, seconds >= 0))

    with contextlib.suppress(PermissionDenied, ConnectionLost):
        list(Ticket.objects.using("emea").fresh())

    path = "/api/v2/tickets"
    assert [("emea", path), ("emea", path, told, True)] == heard


# -- real sockets ------------------------------------------------------------


def test_over_a_socket_it_is_all_the_same():
    """The emulator behind a socket answers as in the process."""
    with Emulator(seed="demo") as emulator, emulator.serve(port=0) as server:
        connect(base_url=server.url, oauth=client_of(emulator))

        assert 400 == len(User.objects.all())
        assert 60 == Organization.objects.count()


def test_a_connection_that_breaks_is_lost():
    """Something may have been done, so a creation is not sent again."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        connect(base_url=server.url, oauth=client_of(emulator))
        emulator.fail_next(None, after_applying=True)

        with pytest.raises(ConnectionLost):
            Group.objects.create(name="a")

        assert ["POST groups"] == emulator.requests


def test_nobody_there_is_a_failed_connection():
    """Nothing was sent, so it is tried again, and raised in the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    account = connect(base_url=f"http://127.0.0.1:{port}", anonymous=True, clock=VirtualClock())

    with pytest.raises(ConnectFailed, match="POST /api/v2/groups") as caught:
        Group.objects.create(name="a")

    assert f"cannot connect to 127.0.0.1:{port}" in str(caught.value)
    assert "refused" in str(caught.value)
    assert 5 == account.requests_sent


def test_an_answer_that_does_not_come_times_out():
    """The wait is bounded, and a creation is not sent again."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = connect(
            base_url=f"http://127.0.0.1:{silent.getsockname()[1]}",
            anonymous=True,
            timeout=(1.0, 0.05),
        )

        with pytest.raises(RequestTimeout):
            Group.objects.create(name="a")
        assert 1 == account.requests_sent
