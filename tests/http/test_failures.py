"""Failed requests, and successful responses with a malformed body."""

from __future__ import annotations

import contextlib
import gc
import json
import socket
import threading

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
from zendesk_orm.http.failures import decode
from zendesk_orm.http.request import Request


ONCE = RetryPolicy(attempts=1)


# Statuses


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, BadRequest),
        (401, AuthenticationFailed),
        (402, FeatureUnavailable),
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
    """Each status raises its exception, with the request, the status, the id and the errors."""
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

    raised = caught.value
    assert type(raised) is error
    assert (raised.method, raised.path, raised.status) == ("POST", "/api/v2/groups", status)
    assert (raised.code, raised.description, raised.request_id) == ("Broken", "It is broken", "r-1")
    assert raised.details == {"name": ["Name: cannot be blank"]}


def test_the_message_describes_request_and_errors(emulator):
    """The message has request, status, error texts, fields and request id in one line."""
    emulator.fail_next(
        422,
        headers={"x-zendesk-request-id": "r-1"},
        body={"error": "RecordInvalid", "description": "No", "details": {"name": ["is bad"]}},
    )

    with pytest.raises(Unprocessable) as caught:
        Group.objects.create(name="x")

    assert (
        str(caught.value)
        == "POST /api/v2/groups answered 422 · RecordInvalid: No · name: is bad · request id r-1"
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
def test_code_and_description_of_an_error_are_parsed(emulator, body, code, description):
    """Code and description are parsed from each form of Zendesk's errors."""
    emulator.fail_next(403, body=body)

    with pytest.raises(PermissionDenied) as caught:
        Ticket.objects.get(1)

    assert (caught.value.code, str(caught.value.description or "")) == (code, description)


def test_wrong_credentials_raise_authentication_failed():
    """Wrong credentials raise `AuthenticationFailed` instead of returning an empty result."""
    with Emulator(token="right") as emulator:
        connect(
            base_url="https://emulator.zendesk.com",
            session=emulator.session(),
            email="owner@example.com",
            token="wrong",
        )

        with pytest.raises(AuthenticationFailed, match="authenticate"):
            list(Ticket.objects.all())


# Scopes


MISSING_SCOPES = "You are missing the following required scopes: "


@pytest.mark.parametrize(
    ("listed", "scopes", "narrowest"),
    [
        ("groups:read, read", ("groups:read", "read"), "groups:read"),
        ("read", ("read",), "read"),
        ("groups:read", ("groups:read",), "groups:read"),
        ("something:new, read", ("something:new", "read"), "read"),
        ("", ("groups:read", "read"), "groups:read"),
    ],
)
def test_a_missing_scope_raises_missing_scope(emulator, listed, scopes, narrowest):
    """A 403 that lists scopes raises `MissingScope` with the scopes and the remedy."""
    emulator.fail_next(403, body={"error": "Forbidden", "description": f"{MISSING_SCOPES}{listed}"})

    with pytest.raises(MissingScope) as caught:
        list(Group.objects.all())

    assert caught.value.scopes == scopes
    assert caught.value.narrowest == narrowest
    assert f'add "{narrowest}" to the scope= of ClientCredentials' in str(caught.value)


def test_a_missing_scope_in_a_nested_error_raises_missing_scope(emulator):
    """The text about missing scopes is recognized inside an error object, too."""
    emulator.fail_next(
        403, body={"error": {"title": "Forbidden", "message": f"{MISSING_SCOPES}read"}}
    )

    with pytest.raises(MissingScope):
        list(Group.objects.all())


def test_a_missing_scope_with_status_401_raises_missing_scope(account, emulator):
    """A 401 with the code InvalidOAuthScopes raises `MissingScope`, and is not repeated."""
    title = "The oauth scope provided does not match the required scope"
    emulator.fail_next(401, body={"errors": [{"code": "InvalidOAuthScopes", "title": title}]})
    account = emulator.connect()

    with pytest.raises(MissingScope) as caught:
        account.raw.post("/api/v2/guide/theming/jobs/themes/exports", {})

    assert not isinstance(caught.value, AuthenticationFailed)
    assert caught.value.scopes == ("themes:write", "write")
    assert caught.value.status == 401


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"error": "invalid_token", "error_description": "expired"}, AuthenticationFailed),
        (403, {"error": "Forbidden", "description": "You may not"}, PermissionDenied),
        (403, {"errors": [{"code": "InvalidOAuthScopes"}]}, PermissionDenied),
        (422, {"error": "Invalid", "description": f"{MISSING_SCOPES}read"}, Unprocessable),
    ],
)
def test_other_rejections_do_not_raise_missing_scope(emulator, status, body, error):
    """Expired tokens and missing permissions raise other exceptions than `MissingScope`."""
    # Two failures, because a request with a renewable token is sent again after a 401.
    emulator.fail_next(status, body=body, times=2)

    with pytest.raises(ApiError) as caught:
        list(Group.objects.all())

    assert type(caught.value) is error


@pytest.mark.parametrize("status", [401, 403])
def test_a_request_without_the_scope_is_sent_once(emulator, count_requests, status):
    """A request that raises `MissingScope` is not repeated, because its token stays the same."""
    codes = [{"code": "InvalidOAuthScopes", "title": f"{MISSING_SCOPES}read"}]
    emulator.fail_next(status, body={"errors": codes}, times=5)
    account = emulator.connect()

    with count_requests(account, 1), pytest.raises(MissingScope):
        list(Group.objects.all())


# Malformed bodies


BROKEN = {
    "not JSON": "<html>Maintenance</html>",
    "truncated JSON": '{"tickets": [{"id": 1}, {"i',
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
def test_a_body_without_rows_raises_malformed_response(emulator, body, read):
    """A body without rows raises `MalformedResponse` for each kind of query."""
    emulator.connect(retry=ONCE)
    emulator.fail_next(200, body=body)

    with pytest.raises(MalformedResponse):
        read()


@pytest.mark.parametrize("body", ["<html>", "", "[]"])
def test_a_count_that_is_not_json_raises_malformed_response(emulator, body):
    """The response to a count raises `MalformedResponse` if it is not a JSON object."""
    emulator.connect(retry=ONCE)
    emulator.fail_next(200, body=body)

    with pytest.raises(MalformedResponse):
        Ticket.objects.filter(status="new").count()


@pytest.mark.parametrize("body", ["{}", '{"count": null}', '{"count": {}}'])
def test_a_count_without_a_number_raises_malformed_response(emulator, body):
    """The response to a count raises `MalformedResponse` if it contains no number."""
    emulator.fail_next(200, body=body, times=5)

    with pytest.raises(MalformedResponse):
        Ticket.objects.filter(status="new").count()


@pytest.mark.parametrize("body", ["", "{}", '{"groups": []}', '{"group": null}', "[]"])
def test_a_creation_without_a_row_raises_malformed_response(emulator, body):
    """The response to a creation raises `MalformedResponse` if it contains no row."""
    emulator.fail_next(201, body=body, method="POST")

    with pytest.raises(MalformedResponse):
        Group.objects.create(name="a")


def test_a_page_that_links_to_itself_raises_malformed_response(emulator):
    """A page whose next link leads to the same page raises `MalformedResponse`."""
    link = "https://emulator.zendesk.com/api/v2/tickets?page[after]=x"
    page = {"tickets": [{"id": 1}], "meta": {"has_more": True}, "links": {"next": link}}
    emulator.fail_next(200, body=page, times=10)

    with pytest.raises(MalformedResponse, match="twice"):
        list(Ticket.objects.fresh())
    assert len(emulator.requests) == 2


def test_a_bulk_response_without_a_job_raises_bulk_error(emulator):
    """The response to a bulk request raises `BulkError` if it contains no job."""
    emulator.fail_next(200, body={"ok": True}, path="tickets/create_many")

    with pytest.raises(BulkError, match="job_status"):
        Ticket.objects.bulk_create([Ticket(subject="x", comment=Comment(body="y"))])


@pytest.mark.parametrize("conditions", [{}, {"status": "new"}])
def test_an_unknown_endpoint_of_a_list_raises_feature_unavailable(emulator, conditions):
    """A list whose endpoint does not exist raises `FeatureUnavailable`."""
    emulator.fail_next(404, body={"error": "InvalidEndpoint", "description": "Not found"})

    with pytest.raises(FeatureUnavailable):
        list(Ticket.objects.filter(**conditions))


def test_an_unknown_endpoint_of_a_record_raises_feature_unavailable(emulator):
    """A missing endpoint raises `FeatureUnavailable`; a missing record is an empty result."""
    emulator.fail_next(404, body={"error": "InvalidEndpoint", "description": "Not found"})

    with pytest.raises(FeatureUnavailable):
        list(Ticket.objects.filter(id=1))
    assert list(Ticket.objects.filter(id=1)) == []


@pytest.mark.parametrize("rows", [Ticket.objects.fresh(), Ticket.objects.filter(Q(status="new"))])
def test_a_queryset_can_be_read_after_an_error(emulator, rows):
    """A QuerySet whose first reading failed returns all rows when it is read again."""
    for number in range(3):
        Ticket.objects.create(subject=str(number), comment=Comment(body="x"))
    emulator.fail_next(403)
    with pytest.raises(PermissionDenied):
        list(rows)

    assert len(rows.all()) == 3
    assert len(list(rows)) == 3


# Rate limits in headers


@pytest.mark.parametrize("is_enabled", [True, False])
def test_a_body_is_decoded_without_collections(is_enabled):
    """Decoding starts none of the collections of its objects, and keeps the setting of `gc`."""
    body, collections = json.dumps([[[]] * 100] * 1000).encode(), []
    gc.callbacks.append(lambda phase, info: collections.append(phase))
    (gc.enable if is_enabled else gc.disable)()
    try:
        data = decode(Request("GET", "/api/v2/tickets"), 200, {}, body)
        is_enabled_after = gc.isenabled()
    finally:
        gc.callbacks.pop()
        gc.enable()

    assert (len(data), is_enabled_after) == (1000, is_enabled)
    # The first object after it starts one, whose beginning and end are counted.
    assert len(collections) <= 2


@pytest.mark.parametrize("body", [b"[", b"", b'{"error": "x"}'])
def test_a_body_that_cannot_be_decoded_keeps_collections(body):
    """Collections are enabled again if a body is invalid."""
    with contextlib.suppress(MalformedResponse):
        decode(Request("GET", "/api/v2/tickets"), 200, {}, body)

    assert gc.isenabled()


def test_the_quota_is_read_from_responses():
    """`account.quota` is empty before the first response, and has its figures afterwards."""
    with Emulator(requests_per_minute=10) as emulator:
        account = emulator.connect()
        assert account.quota.get() is None
        Ticket.objects.count()
        Ticket.objects.count()

        window = account.quota["account"]

    assert (window.total, window.remaining) == (10, 8)
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
    """`account.quota` has a window for each limit, also after an error response."""
    account = emulator.connect(retry=ONCE)
    blank = {"ratelimit-limit": "", "ratelimit-remaining": "", "ratelimit-reset": ""}
    emulator.fail_next(403, headers={**blank, **headers})

    with pytest.raises(PermissionDenied):
        Ticket.objects.get(1)

    window = account.quota[name]
    assert (window.total, window.remaining) == expected


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (dict.fromkeys(("ratelimit-limit", "ratelimit-remaining"), "9" * 5000), "account"),
        ({"zendesk-ratelimit-x": f"total={'9' * 5000}; remaining={'9' * 5000}"}, "x"),
    ],
)
def test_limits_of_thousands_of_digits_are_large_numbers(emulator, headers, name):
    """A rate limit with thousands of digits counts as a billion."""
    account = emulator.connect()
    emulator.fail_next(200, headers=headers, body={"count": 3})

    assert Ticket.objects.filter(status="new").count() == 3
    assert (account.quota[name].total, account.quota[name].remaining) == (10**9, 10**9)


@pytest.mark.parametrize("value", ["soon", "10, 10", "1.5"])
def test_an_invalid_limit_is_ignored(emulator, value):
    """A rate limit header that is not a number is ignored."""
    headers = dict.fromkeys(("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"), value)
    emulator.fail_next(200, headers=headers, body={"count": 3})

    assert Ticket.objects.filter(status="new").count() == 3


# Signals


@pytest.mark.parametrize(("status", "reported"), [(403, 403), (None, 0), (200, 200)])
def test_signals_are_sent_before_and_after_each_request(emulator, status, reported):
    """`request_finished` has the status of the response, or 0 if there was none."""
    emulator.connect(retry=ONCE, alias="emea")
    emulator.fail_next(status, body={"tickets": [], "meta": {"has_more": False}})
    signals = []

    @receiver(request_started)
    def record_start(sender, request, **kwargs):
        signals.append((sender, request.path))

    @receiver(request_finished)
    def record_end(sender, request, status, seconds, **kwargs):
        signals.append((sender, request.path, status, seconds >= 0))

    with contextlib.suppress(PermissionDenied, ConnectionLost):
        list(Ticket.objects.using("emea").fresh())

    path = "/api/v2/tickets"
    assert signals == [("emea", path), ("emea", path, reported, True)]


# Sockets


def test_the_emulator_can_be_used_through_a_socket():
    """The emulator returns the same rows through a socket as in the process."""
    with Emulator(seed="demo") as emulator, emulator.serve(port=0) as server:
        connect(base_url=server.url, oauth=client_of(emulator))

        assert len(User.objects.all()) == 400
        assert Organization.objects.count() == 60


def test_a_lost_creation_is_not_repeated():
    """A creation whose response is lost raises `ConnectionLost`, and is sent once."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        connect(base_url=server.url, oauth=client_of(emulator))
        emulator.fail_next(None, after_applying=True)

        with pytest.raises(ConnectionLost):
            Group.objects.create(name="a")

        assert emulator.requests == ["POST groups"]


def test_a_refused_connection_is_retried_and_raised():
    """A refused connection is retried, and raises `ConnectFailed` after the last attempt."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    account = connect(base_url=f"http://127.0.0.1:{port}", anonymous=True, clock=VirtualClock())

    with pytest.raises(ConnectFailed, match="POST /api/v2/groups") as caught:
        Group.objects.create(name="a")

    assert f"cannot connect to 127.0.0.1:{port}" in str(caught.value)
    assert "refused" in str(caught.value)
    assert account.requests_sent == 5


def test_a_creation_without_a_response_times_out():
    """A creation without a response raises `RequestTimeout`, and is sent once."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        account = connect(
            base_url=f"http://127.0.0.1:{silent.getsockname()[1]}",
            anonymous=True,
            timeout=(1.0, 0.05),
        )

        with pytest.raises(RequestTimeout):
            Group.objects.create(name="a")
        assert account.requests_sent == 1


UNUSABLE = [
    b"HTTP/1.1 103 Early Hints\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
]


def test_a_response_is_not_taken_for_that_of_the_next_request():
    """After a response that is not usable, a write is uncertain, and the connection is closed."""

    def serve(server, unusable):
        first, _ = server.accept()
        with first:
            first.recv(65536)
            first.sendall(unusable)
            # The client closes the connection; otherwise it would read the late response.
            if first.recv(65536):
                first.sendall(_respond({"groups": [{"id": 1, "name": "late"}]}))
        second, _ = server.accept()
        with second:
            second.recv(65536)
            second.sendall(_respond({"groups": [{"id": 2, "name": "right"}]}))

    for unusable in UNUSABLE:
        with socket.create_server(("127.0.0.1", 0)) as server:
            thread = threading.Thread(target=serve, args=(server, unusable))
            thread.start()
            connect(base_url=f"http://127.0.0.1:{server.getsockname()[1]}", anonymous=True)
            with pytest.raises(
                (MalformedResponse, ConnectionLost), match="may have been applied"
            ) as caught:
                Group.objects.create(name="a")
            assert "redirect" not in str(caught.value)
            assert [group.name for group in Group.objects.all()] == ["right"]
            thread.join()


def _respond(rows):
    """Return the bytes of a response with the only page of a list."""
    body = json.dumps({**rows, "meta": {"has_more": False}}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body
