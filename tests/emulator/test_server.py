"""The emulator behind a socket, below any WSGI server, and from the command line."""

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
from zendesk_orm.http.clock import Clock


def test_a_socket_serves_the_same():
    """Behind a socket it answers any client, with links that lead to the same host."""
    with Emulator(seed="demo") as emulator, emulator.serve(port=0) as server:
        auth = EmulatorAuth(emulator, server.url)
        params = {"page[size]": 1}
        url = f"{server.url}/api/v2/tickets"
        data = requests.get(url, params, auth=auth, timeout=9).json()

        assert type(emulator.clock) is Clock
        assert data["links"]["next"].startswith(f"{server.url}/api/v2/tickets.json?")
        assert data["tickets"][0]["url"].startswith(server.url)


def test_files_go_through_a_socket():
    """Bytes come back as they went in, from an address at the host that was asked."""
    content = bytes(range(256))
    with Emulator() as emulator, emulator.serve(port=0) as server:
        address = f"{server.url}/api/v2/uploads.json?filename=a.bin"
        auth = EmulatorAuth(emulator, server.url)
        answer = requests.post(address, data=content, auth=auth, timeout=9)
        url = answer.json()["upload"]["attachment"]["content_url"]

        assert url.startswith(f"{server.url}/attachments/token/")
        assert answer.headers["Location"].startswith(f"{server.url}/api/v2/attachments/")
        assert content == requests.get(url, timeout=9).content


def test_the_library_speaks_to_a_socket():
    """An account at a socket pages through a list by following the links."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        account = connect(base_url=server.url, oauth=client_of(emulator))
        for _ in range(3):
            Ticket.objects.create(subject="x", comment={"body": "y"})

        assert 3 == len(list(Ticket.objects.fresh().page_size(1)))
        account.close()


def test_a_socket_breaks_where_the_adapter_raises():
    """A lost answer is a broken connection at a socket, too."""
    with Emulator() as emulator, emulator.serve(port=0) as server:
        emulator.fail_next(None)

        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.url}/api/v2/tickets", timeout=9)


def test_any_wsgi_server_will_do():
    """The application is WSGI, and takes bodies that are no JSON for none."""
    with Emulator() as emulator:
        client = WsgiClient(emulator.wsgi)
        headers = {"Authorization": f"Bearer {client_token(emulator)}"}
        listed = client.get("/api/v2/tickets.json", headers=headers)
        outside = client.get("/")
        broken = client.post("/api/v2/tickets.json", data="{", headers=headers)

    assert 0 == listed.json["count"]
    assert "application/json; charset=utf-8" == listed.headers["Content-Type"]
    assert (404, 422) == (outside.status_code, broken.status_code)


def test_threads_do_not_disturb_each_other():
    """Many threads at once make each its rows, and none twice."""
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

    assert 160 == count["count"]["value"]


@pytest.mark.skipif(os.name != "posix", reason="sends signals, which are POSIX's")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_until_it_is_interrupted(tmp_path, number):
    """`zendesk-orm emulator` says where it is, keeps a file, asks for its token, and stops."""
    command = [sys.executable, "-c", "from zendesk_orm import cli; cli.main()", "emulator"]
    options = ["--port", "0", "--file", str(tmp_path / "z.db"), "--token", "secret"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        url = re.search(r"http://[\d.:]+", process.stdout.readline())[0]
        status = requests.get(f"{url}/api/v2/tickets", timeout=9).status_code
        process.send_signal(number)
        rest = process.stdout.read()

    assert (401, "stopped\n", 0) == (status, rest, process.returncode)


def test_the_command_says_what_is_missing(monkeypatch):
    """Without Werkzeug the command tells what to install."""
    monkeypatch.setattr(command, "emulator", None)

    with pytest.raises(SystemExit, match=r"zendesk_orm\[emulator\]"):
        cli.main(["emulator"])


@pytest.mark.parametrize("port", [-1, 65_536, 80_000, True, "8080", 80.0])
def test_a_port_that_does_not_exist_is_refused(port):
    """The error names the range; no other port is used in its place."""
    with Emulator() as emulator, pytest.raises(InvalidValue, match="from 0 to 65535"):
        emulator.serve(port=port)
