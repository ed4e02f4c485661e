"""The commands `zendesk-orm watch` and `listen`."""

from __future__ import annotations

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from zendesk_orm import Comment, Ticket, Webhook, connect, verify
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import Clock


# Commands of other processes sign in with an API token.
pytestmark = pytest.mark.lenient


@pytest.fixture
def served():
    """Return the URL of an emulator at a socket, whose exports have no delay."""
    with Emulator(clock=Clock(), export_delay=0) as emulator, emulator.serve(port=0) as server:
        emulator.connect()
        address = server.url.partition("//")[2]
        yield f"zendesk://owner%40example.com:emulated@{address}"


@pytest.fixture
def begin(start, tmp_path, served):
    """Return a function that starts a command, and waits until it watches."""

    def begin(*arguments):
        process = start(*arguments, cwd=tmp_path, env={"ZENDESK_URL": served})
        assert "(Ctrl+C stops it)" in process.stderr.readline()
        return process

    return begin


def stop(process):
    """Interrupt a command, and return its exit code and the remaining output."""
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def create_ticket(url):
    """Create a ticket as another program does."""
    connect(url, alias="other")
    ticket = Ticket(subject="Printer", comment=Comment(body="Help!"))
    return Ticket.objects.using("other").bulk_create([ticket]).succeeded[0].id


@pytest.mark.slow
def test_changes_of_others_are_printed(begin, served):
    """`watch` prints a line of JSON for each change of others, and Ctrl+C ends it with 0."""
    process = begin("watch", "--since", "1day", "--format", "jsonl", "--interval", 1)
    pk = create_ticket(served)

    change = json.loads(process.stdout.readline())
    code, _, err = stop(process)

    assert (change["kind"], change["model"], change["id"]) == ("created", "Ticket", pk)
    assert (code, err) == (0, "")


@pytest.mark.slow
def test_a_state_file_continues_after_a_restart(begin, served, tmp_path):
    """`--state` announces the changes between two runs, each once."""
    arguments = ("watch", "--state", "watch.db", "--since", "1day", "--interval", 1)
    process = begin(*arguments)
    create_ticket(served)
    first = process.stdout.readline()
    stop(process)
    create_ticket(served)

    process = begin(*arguments)
    second = process.stdout.readline()
    code, out, _ = stop(process)

    assert ("created Ticket 1" in first, "created Ticket 2" in second) == (True, True)
    assert (code, out) == (0, "")
    assert (tmp_path / "watch.db").exists()


@pytest.mark.slow
def test_functions_are_called_with_changes(begin, served, tmp_path):
    """`watch module:function` calls receivers and functions with one parameter."""
    (tmp_path / "hooks.py").write_text(
        "from zendesk_orm import Ticket, receiver, remote_created\n"
        "@receiver(remote_created, sender=Ticket)\n"
        "def connected(sender, instance, **kwargs):\n"
        "    print('connected', instance.subject, flush=True)\n"
        "def single(change):\n"
        "    print('single', change.kind, change.instance.subject, flush=True)\n"
    )
    process = begin(
        *("watch", "hooks:connected", "hooks:single", "--since", "1day", "--interval", 1)
    )
    create_ticket(served)

    lines = sorted(process.stdout.readline() for _ in range(2))
    code, out, _ = stop(process)

    assert lines == ["connected Printer\n", "single created Printer\n"]
    assert (code, out) == (0, "")


@pytest.mark.slow
def test_a_closed_output_ends_the_command(begin, served):
    """`watch ... | head` ends when the output is closed."""
    process = begin("watch", "--since", "1day", "--interval", 1)
    process.stdout.close()
    create_ticket(served)

    assert process.wait(timeout=60) == 141


def test_wrong_places_are_usage_errors(demo, run, tmp_path, monkeypatch):
    """A module, a function, a time or a model that is wrong exits with 2 or 1 and one line."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken_hooks.py").write_text("1 / 0\n")
    cases = {
        "no_such_hooks:f": (2, "does not exist"),
        "os:no_such_function": (2, "no_such_function"),
        "os:": (2, "is not module:name"),
        "no-name": (2, "is not the name of a module"),
        "..hooks:f": (2, "is not the name of a module"),
        "os:sep": (2, "is not a function"),
        "broken_hooks:f": (1, "ZeroDivisionError"),
        "--since yesterday": (2, "2024-01-31T12:30Z"),
        "--model brand": (2, "Brand"),
        "--interval 0": (2, "must be a number from 1"),
    }
    for arguments, (expected, message) in cases.items():
        code, out, err = run("watch", *arguments.split(), "--quiet")

        assert (arguments, code, out) == (arguments, expected, "")
        assert message in err
        assert err.count("\n") == 1


class _Handler(BaseHTTPRequestHandler):
    """Records requests."""

    def do_POST(self):
        """Record a request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        """Print nothing."""


@pytest.fixture
def receiver_server():
    """Return a server that records the requests that are forwarded to it."""
    server = HTTPServer(("127.0.0.1", 0), _Handler)
    server.received = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.slow
def test_deliveries_are_forwarded(begin, served, receiver_server):
    """`listen --forward URL` prints each delivery and sends it, signed, to the URL."""
    webhook = Webhook.objects.subscribe("https://example.com/hook", ["ticket.created"])
    secret = webhook.signing_secret().secret
    url = f"http://127.0.0.1:{receiver_server.server_port}/zendesk"
    process = begin("listen", "--forward", url, "--format", "jsonl", "--interval", 1)
    create_ticket(served)

    event = json.loads(process.stdout.readline())
    code, _, err = stop(process)

    [(body, headers)] = receiver_server.received
    assert (event["event"], event["forwarded"]) == ("ticket.created", 204)
    assert verify(body, headers, secret).invocation_id == event["invocation_id"]
    assert (code, err) == (0, "")


def test_listening_without_webhooks_is_an_error(account, run):
    """`listen` without an active webhook is an error that names `--endpoint`."""
    code, out, err = run("listen", "--interval", 1)

    assert (code, out) == (1, "")
    assert "--endpoint" in err
    assert os.linesep not in err.rstrip()
