"""`response_timeout` limits the whole response: status line, headers and body."""

from __future__ import annotations

import socket
import threading
from contextlib import closing

import pytest

from zendesk_orm import Comment, ConnectionLost, RequestTimeout, RetryPolicy, Ticket, connect


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BODY = b'{"ticket": {"id": 1, "subject": "x"}}'
#: Parts of responses that are repeated, with the text that is sent before them.
DRIPS = {
    "interim responses": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "headers": (HEAD, b"X: y\r\n"),
    "a header": (HEAD + b"X: ", b"y"),
    "the status line": (b"HTTP/1.1 200 ", b"O"),
    "the body": (HEAD + b"Content-Length: 100000\r\n\r\n", b" "),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}
#: The number of repetitions, after which the server closes the connection.
PIECES, SECONDS = 80, 0.05


@pytest.fixture
def serve():
    """Return a function that serves one connection by a function, and returns the address."""
    servers = []

    def start(respond):
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def run():
            connection, _ = server.accept()
            with closing(connection):
                connection.recv(65536)
                respond(connection)

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


@pytest.mark.slow
@pytest.mark.parametrize(("start", "piece"), DRIPS.values(), ids=DRIPS)
def test_a_response_that_arrives_slowly_times_out(serve, start, piece):
    """No part of a response keeps a request open longer than the limit."""
    stop = threading.Event()

    def send_slowly(connection):
        try:
            connection.sendall(start)
            for _ in range(PIECES):
                connection.sendall(piece)
                if stop.wait(SECONDS):
                    return
        except OSError:
            # The client has closed the connection.
            return

    connect(
        base_url=serve(send_slowly),
        oauth_token="token",
        response_timeout=0.3,
        retry=RetryPolicy(attempts=1),
    )
    try:
        with pytest.raises(RequestTimeout):
            Ticket.objects.get(1)
    finally:
        stop.set()


def test_headers_that_end_too_early_are_a_lost_response(serve):
    """A connection that ends within the headers has lost the body, which is no empty one."""
    connect(
        base_url=serve(lambda connection: connection.sendall(HEAD)),
        oauth_token="token",
        retry=RetryPolicy(attempts=1),
    )

    with pytest.raises(ConnectionLost, match="may have been applied"):
        Ticket.objects.create(subject="x", comment=Comment(body="y"))


def test_a_connection_is_used_again_after_a_response(serve):
    """The deadline of one response does not apply to the next one."""
    response = HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)

    def respond(connection):
        connection.sendall(response)
        connection.recv(65536)
        threading.Event().wait(0.4)
        connection.sendall(response)

    connect(base_url=serve(respond), oauth_token="token", response_timeout=0.6)

    assert Ticket.objects.get(1).subject == "x"
    threading.Event().wait(0.4)
    assert Ticket.objects.fresh().get(1).subject == "x"
