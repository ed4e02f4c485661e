"""The emulator at a socket, in other WSGI servers, and as a command."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading

import pytest
import requests
from werkzeug.test import Client as WsgiClient

from tests.tokens import EmulatorAuth, client_of, client_token, signed_in_session
from zendesk_orm import InvalidValue, Ticket, cli, connect
from zendesk_orm.cli import emulator as command
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.control.clocks import RunningClock
from zendesk_orm.emulator.server.sockets import Server


def test_an_emulator_is_served_at_a_socket():
    """Any HTTP client can use the socket, and links lead to its host."""
    with Emulator(seed="demo") as emulator, emulator.serve(port=0) as server:
        auth = EmulatorAuth(emulator, server.url)
        params = {"page[size]": 1}
        url = f"{server.url}/api/v2/tickets"
        data = requests.get(url, params, auth=auth, timeout=9).json()

        assert type(emulator.clock) is RunningClock
        assert data["links"]["next"].startswith(f"{server.url}/api/v2/tickets.json?")
        assert data["tickets"][0]["url"].startswith(server.url)


def test_files_are_served_at_a_socket():
    """The bytes of a file are unchanged, and its address has the requested host."""
    content = bytes(range(256))
    with Emulator() as emulator, emulator.serve(port=0) as server:
        address = f"{server.url}/api/v2/uploads.json?filename=a.bin"
        auth = EmulatorAuth(emulator, server.url)
        response = requests.post(address, data=content, auth=auth, timeout=9)
        url = response.json()["upload"]["attachment"]["content_url"]

        assert url.startswith(f"{server.url}/attachments/token/")
        assert response.headers["Location"].startswith(f"{server.url}/api/v2/attachments/")
        assert requests.get(url, timeout=9).content == content


def test_the_library_follows_links_at_a_socket():
    """An account at a socket follows the links of a list."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        account = connect(base_url=server.url, oauth=client_of(emulator))
        for _ in range(3):
            Ticket.objects.create(subject="x", comment={"body": "y"})

        assert len(list(Ticket.objects.fresh().page_size(1))) == 3
        account.close()


def test_a_connection_breaks_at_a_socket():
    """A fault that loses the response breaks the connection at a socket."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        emulator.fail_next(None)

        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.url}/api/v2/tickets", timeout=9)


def test_other_wsgi_servers_run_the_application():
    """Other WSGI servers can run the application, which rejects bodies that are not JSON."""
    with Emulator() as emulator:
        client = WsgiClient(emulator.wsgi)
        headers = {"Authorization": f"Bearer {client_token(emulator)}"}
        listed = client.get("/api/v2/tickets.json", headers=headers)
        outside = client.get("/agent")
        headers |= {"Content-Type": "application/json"}
        broken = client.post("/api/v2/tickets.json", data="{", headers=headers)

    assert listed.json["count"] == 0
    assert listed.headers["Content-Type"] == "application/json; charset=utf-8"
    assert (outside.status_code, broken.status_code) == (404, 422)


def test_threads_create_rows_concurrently():
    """Each of many concurrent threads creates its rows once."""
    with Emulator() as emulator:

        def work():
            with signed_in_session(emulator) as session:
                for _ in range(20):
                    session.post(
                        "https://emulator.zendesk.com/api/v2/tickets",
                        json={"ticket": {"comment": {"body": "x"}}},
                    )

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        with signed_in_session(emulator) as session:
            count = session.get("https://emulator.zendesk.com/api/v2/tickets/count").json()

    assert count["count"]["value"] == 160


def test_stop_waits_for_responses():
    """`stop()` waits for a request that is being handled, whose response arrives."""
    begun, proceed, texts = threading.Event(), threading.Event(), []

    def application(environ, start_response):
        begun.set()
        assert proceed.wait(9)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    server = Server.start("127.0.0.1", 0, application)
    client = threading.Thread(target=lambda: texts.append(requests.get(server.url, timeout=9).text))
    client.start()
    assert begun.wait(9)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    proceed.set()
    stopping.join()
    client.join()

    assert texts == ["done"]
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url, timeout=9)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends signals, which are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_an_emulator(tmp_path, number):
    """`zendesk-orm emulator` prints its address, logs requests, requires its token, and stops."""
    command = [sys.executable, "-c", "from zendesk_orm import cli; cli.main()", "emulator"]
    options = ["--port", "0", "--db", str(tmp_path / "z.db"), "--token", "secret"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([*command, *options], **pipes) as process:
        message = [process.stdout.readline() for _ in range(4)]
        url = re.search(r"http://[\d.:]+", message[0])[0]
        status = requests.get(f"{url}/api/v2/tickets\n?token=x&a=%0a", timeout=9).status_code
        process.send_signal(number)
        others, log = process.communicate()

    assert (status, others, process.returncode) == (401, "stopped\n", 0)
    assert f"{url}/\n" in message[2]
    assert "secret" not in "".join(message)
    assert re.search(r"^\S+Z GET /api/v2/tickets%0A\?token=...&a=%0A 401 ", log)
    assert log.count("\n") == 1


def test_the_command_requires_werkzeug(monkeypatch, capsys):
    """Without Werkzeug, the command prints the package to install."""
    monkeypatch.setattr(command, "serving", None)

    with pytest.raises(SystemExit):
        cli.main(["emulator"])

    assert "zendesk_orm[emulator]" in capsys.readouterr().err


@pytest.mark.parametrize("port", [-1, 65_536, 80_000, True, "8080", 80.0])
def test_invalid_port_is_rejected(port):
    """A port out of range raises an error with the range."""
    with Emulator() as emulator, pytest.raises(InvalidValue, match="from 0 to 65535"):
        emulator.serve(port=port)
