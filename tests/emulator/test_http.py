"""HTTP behaviour in process and at a socket: connections, caching, compression, methods."""

from __future__ import annotations

import gzip
import json
import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
import requests

from tests.emulator.conftest import Client
from zendesk_orm import Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.sockets import Server


# Raw requests have an API token.
pytestmark = pytest.mark.lenient

HEAD = "Host: localhost\nAuthorization: Basic b3duZXJAZXhhbXBsZS5jb206eA==\n"


@contextmanager
def connect_raw(emulator):
    """Return a context manager for a connection: a file to which bytes are sent."""
    with emulator.serve(port=0) as server:
        url = urlsplit(server.url)
        with socket.create_connection((url.hostname, url.port), timeout=9) as connection:
            yield connection.makefile("rwb")


def exchange(file, text, body=b""):
    """Send a request, and return status, headers and body of the response."""
    file.write(text.replace("\n", "\r\n").encode() + b"\r\n" + body)
    file.flush()
    return read_response(file, is_head=text.startswith("HEAD"))


def read_response(file, *, is_head=False):
    """Return status, headers and body of a response."""
    status = int(file.readline().split()[1])
    headers = {}
    while line := file.readline().strip():
        name, _, value = line.decode().partition(": ")
        headers[name.lower()] = value
    body = b"" if is_head else file.read(int(headers.get("content-length", 0)))
    return status, headers, body


@pytest.fixture
def session(zendesk):
    """Return a session in process whose requests have full addresses."""
    zendesk.emulator.make_ids(Ticket, 30)
    return zendesk.session


def test_connections_stay_open():
    """A connection serves several requests, and bodies that no handler reads."""
    with Emulator() as emulator, connect_raw(emulator) as file:
        first = exchange(file, f"GET /api/v2/tickets HTTP/1.1\n{HEAD}")
        unread = exchange(
            file, f"DELETE /api/v2/nothing HTTP/1.1\n{HEAD}Content-Length: 5\n", b"x" * 5
        )
        body = json.dumps({"ticket": {"comment": {"body": "x"}}}).encode()
        head = f"POST /api/v2/tickets HTTP/1.1\n{HEAD}Content-Type: application/json\n"
        chunked = exchange(
            file,
            f"{head}Transfer-Encoding: chunked\n",
            b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
        )
        assert [status for status, *_ in (first, unread, chunked)] == [200, 404, 201]
        assert len(emulator.requests) == 3


@pytest.mark.parametrize("line", ["Connection: close", "HTTP/1.0"])
def test_connections_are_closed_on_request(line):
    """A connection is closed if the client requests it or uses HTTP/1.0."""
    version, extra = ("1.0", "") if line == "HTTP/1.0" else ("1.1", f"{line}\n")
    with Emulator() as emulator, connect_raw(emulator) as file:
        status, _, body = exchange(file, f"GET /api/v2/tickets HTTP/{version}\n{HEAD}{extra}")

        assert (status, bool(body)) == (200, True)
        assert file.read() == b""


@pytest.mark.parametrize(
    "text",
    [
        "nonsense\n",
        "GET http://[ HTTP/1.1\nHost: x\n",
        "GET /api/v2/tickets HTTP/9.9\nHost: x\n",
        "POST /api/v2/tickets HTTP/1.1\nHost: x\nContent-Length: -5\n",
        "POST /api/v2/tickets HTTP/1.1\nHost: x\nContent-Length: many\n",
        "POST /api/v2/tickets HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nzz\n",
        "GET /" + "x" * 70_000 + " HTTP/1.1\nHost: x\n",
        "GET / HTTP/1.1\n" + "X: y\n" * 200,
        "BREW /api/v2/tickets HTTP/1.1\nHost: x\n",
    ],
    ids=lambda text: text[:40],
)
def test_no_error_is_a_page(text):
    """Requests that cannot be read have errors in JSON, and the next connection works."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        url = urlsplit(server.url)
        for request, expected in ((text, range(400, 600)), (f"GET /x HTTP/1.1\n{HEAD}", {404})):
            with socket.create_connection((url.hostname, url.port), timeout=9) as connection:
                file = connection.makefile("rwb")
                status, headers, body = exchange(file, request)
                assert status in expected, (status, body)
                assert headers["content-type"].startswith("application/json")
                assert json.loads(body)["error"]


def test_a_stopped_server_closes_its_connections():
    """Open connections end when the server is stopped."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        url = urlsplit(server.url)
        with socket.create_connection((url.hostname, url.port), timeout=9) as connection:
            file = connection.makefile("rwb")
            assert exchange(file, f"GET /api/v2/tickets HTTP/1.1\n{HEAD}")[0] == 200
            server.stop()
            assert file.read() == b""


def test_etags_save_responses(zendesk):
    """A response with a known ETag has the status 304 and no body, until the row changes."""
    pk = zendesk.create_ticket()["id"]
    first = zendesk.send("GET", f"tickets/{pk}")
    tag = first.headers["ETag"]

    for tags in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = zendesk.send("GET", f"tickets/{pk}", headers={"If-None-Match": tags})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert "Content-Type" not in again.headers

    zendesk.send("PUT", f"tickets/{pk}", {"ticket": {"priority": "high"}})
    changed = zendesk.send("GET", f"tickets/{pk}", headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["ETag"] == tag) == (200, False)

    zendesk.emulator.switches.not_modified = False
    tag = changed.headers["ETag"]
    headers = {"If-None-Match": tag}
    assert zendesk.send("GET", f"tickets/{pk}", headers=headers).status_code == 200


def test_the_help_center_sends_known_responses(zendesk):
    """The Help Center ignores `If-None-Match`."""
    path = "help_center/categories"
    tag = zendesk.send("GET", path).headers["ETag"]

    assert zendesk.send("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_long_responses_are_compressed(session):
    """Long responses are compressed for clients that accept it, in process and at a socket."""
    emulator = Emulator()
    emulator.make_ids(Ticket, 30)
    with emulator, emulator.serve(port=0) as server:
        sizes = {}
        for encoding in ("gzip, deflate", "identity", "gzip;q=0"):
            headers = {"Accept-Encoding": encoding}
            response = requests.get(
                f"{server.url}/api/v2/tickets",
                headers=headers,
                auth=("owner@example.com", "x"),
                timeout=9,
                stream=True,
            )
            raw = response.raw.read(decode_content=False)
            coded = response.headers.get("Content-Encoding")
            assert int(response.headers["Content-Length"]) == len(raw)
            assert response.headers["Vary"] == "Accept-Encoding"
            text = gzip.decompress(raw) if coded else raw
            assert len(json.loads(text)["tickets"]) == 30
            sizes[encoding] = (coded, len(raw))

        assert {name: coded for name, (coded, _) in sizes.items()} == {
            "gzip, deflate": "gzip",
            "identity": None,
            "gzip;q=0": None,
        }
        assert sizes["gzip, deflate"][1] < sizes["identity"][1] / 3

    response = session.get("https://emulator.zendesk.com/api/v2/tickets")
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(response.json()["tickets"]) == 30


def test_each_response_has_its_own_request_id(zendesk):
    """Each response has an id, under both names."""
    responses = [zendesk.send("GET", path) for path in ("tickets", "tickets", "nothing")]

    ids = {response.headers["X-Request-Id"] for response in responses}
    assert len(ids) == 3
    assert ids == {response.headers["X-Zendesk-Request-Id"] for response in responses}


def test_rate_limit_headers_count_requests():
    """The headers of the account and of an endpoint change with each request, and in time."""
    with Emulator(plan="team", endpoint_limits=True) as emulator:
        zendesk = Client(emulator)
        seen = []
        for _ in range(3):
            headers = zendesk.send("GET", "incremental/tickets/cursor?start_time=1").headers
            exports = headers["zendesk-ratelimit-incremental-exports"]
            seen.append((headers["x-rate-limit-remaining"], exports))
        emulator.advance(seconds=20)
        later = zendesk.send("GET", "tickets").headers
        emulator.advance(minutes=1)
        renewed = zendesk.send("GET", "tickets").headers

    remaining = [int(left) for left, _ in seen]
    assert remaining == list(range(remaining[0], remaining[0] - 3, -1))
    assert len({text for _, text in seen}) == 3
    assert int(later["ratelimit-reset"]) <= 40
    assert renewed["x-rate-limit-remaining"] == "199"


def test_head_is_get_without_a_body(zendesk):
    """`HEAD` has the headers of `GET`, also at a socket."""
    pk = zendesk.create_ticket()["id"]
    get, head = (zendesk.send(method, f"tickets/{pk}") for method in ("GET", "HEAD"))

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert head.headers["ETag"] == get.headers["ETag"]
    with connect_raw(zendesk.emulator) as file:
        status, headers, _ = exchange(file, f"HEAD /api/v2/tickets/{pk} HTTP/1.1\n{HEAD}")
        got = exchange(file, f"GET /api/v2/tickets/{pk} HTTP/1.1\n{HEAD}")
        assert (status, headers["etag"]) == (got[0], got[1]["etag"])


def test_options_lists_the_methods_of_a_path(zendesk):
    """`OPTIONS` returns the methods of a path without credentials, and 404 for others."""
    ticket = zendesk.send("OPTIONS", "tickets/1", auth=lambda request: request)
    unknown = zendesk.send("OPTIONS", "nothing")

    assert ticket.status_code == 200
    assert set(ticket.headers["Allow"].split(", ")) >= {"GET", "HEAD", "PUT", "DELETE", "OPTIONS"}
    assert ticket.headers["Access-Control-Allow-Origin"] == "*"
    assert unknown.status_code == 404


def test_media_types_are_checked(zendesk):
    """Requests must accept JSON, unless a switch turns that off, and contain JSON."""
    body = {"ticket": {"comment": {"body": "x"}}}
    accepted = ["*/*", "application/json", "text/html, application/*;q=0.5", "application/vnd+json"]
    for accept in accepted:
        assert zendesk.send("GET", "tickets", headers={"Accept": accept}).status_code == 200
    assert zendesk.send("GET", "tickets", headers={"Accept": "text/html"}).status_code == 406
    headers = {"Content-Type": "application/xml"}
    assert zendesk.send("POST", "tickets", body, headers=headers).status_code == 415
    headers = {"Content-Type": "application/json; charset=utf-8"}
    assert zendesk.send("POST", "tickets", body, headers=headers).status_code == 201

    zendesk.emulator.switches.not_acceptable_status = 0
    assert zendesk.send("GET", "tickets", headers={"Accept": "text/html"}).status_code == 200


def test_a_body_of_unknown_length_ends_with_the_connection():
    """A connection is closed after a response without `Content-Length`."""

    def serve(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"a", b"b"]

    with Server.start("127.0.0.1", 0, serve) as server:
        response = requests.get(server.url, timeout=9)

    assert (response.headers["Connection"], response.text) == ("close", "ab")
