"""Control of an emulator by requests to `/_emulator/`."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest
import requests

from tests.tokens import ANY
from zendesk_orm import Ticket
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.control.service import MAX_SNAPSHOTS


class Control:
    """Sends requests to `/_emulator/`."""

    def __init__(self, session, host="https://emulator.zendesk.com"):
        self._session, self._base = session, f"{host}/_emulator"

    def send(self, method, path, body=None, **kwargs):
        """Return the response."""
        return self._session.request(
            method, f"{self._base}/{path}", json=body, timeout=20, **kwargs
        )

    def __call__(self, method, path="", body=None, **kwargs):
        """Return the decoded body of a response, which has to be a success."""
        response = self.send(method, path, body, **kwargs)
        assert response.ok, response.text
        return response.json()


@pytest.fixture
def control(emulator):
    """Return the control of the default account's emulator."""
    with emulator.session() as session:
        yield Control(session)


def test_the_state_is_returned(control, emulator):
    """The state contains clock, switches, faults, and numbers of rows and requests."""
    emulator.make(Ticket, 2)
    Ticket.objects.get(1)

    state = control("GET")

    assert state["rows"]["support.Ticket"] == 2
    assert state["clock"]["seconds"] == emulator.clock.now()
    assert state["clock"]["time"].endswith("Z")
    assert state["switches"]["index_lag"] == 0
    assert (state["faults"], state["ignored"], state["snapshots"]) == ([], 0, [])
    assert state["requests"] >= 1


def test_requests_for_control_are_not_logged(control, emulator):
    """Requests to `/_emulator/` are not logged or limited, and faults do not apply to them."""
    emulator.switches.requests_per_minute = 1
    emulator.clear_log()
    control("POST", "faults", {"status": 500})

    assert [control("GET")["faults"][0]["status"] for _ in range(3)] == [500, 500, 500]
    assert (emulator.requests, len(emulator.log)) == ([], 0)


def test_a_duration_is_added_to_the_clock(control, emulator):
    """A request moves the clock of the emulator by a duration."""
    before = emulator.clock.now()

    after = control("POST", "clock", {"minutes": 5})["clock"]["seconds"]

    assert after - before == 300 == emulator.clock.now() - before


def test_switches_are_changed(control, emulator):
    """Several switches are changed by one request, and the response hides the token."""
    shown = control("PATCH", "switches", {"index_lag": 60, "plan": "team", "token": "secret"})
    wrong = control.send("PATCH", "switches", {"index_lag": 1, "plan": "x"})
    unknown = control.send("PATCH", "switches", {"index_lags": 1})

    assert (emulator.switches.index_lag, emulator.switches.plan) == (60, "team")
    assert (shown["switches"]["index_lag"], shown["switches"]["token"]) == (60, "...")
    assert (wrong.status_code, unknown.status_code) == (400, 400)
    assert "index_lag" in unknown.json()["error"]


def test_faults_are_added_listed_and_removed(control, emulator):
    """Faults are added, listed and removed by requests."""
    added = control("POST", "faults", {"route": "GET /api/v2/users*", "status": 503, "times": 1})
    with emulator.session() as session:
        statuses = [
            session.get("https://emulator.zendesk.com/api/v2/users").status_code in (200, 401)
            for _ in range(2)
        ]
    control("POST", "faults", {"latency": 5})

    assert added["faults"][0]["route"] == "GET /api/v2/users*"
    assert statuses == [False, True]
    assert control("DELETE", "faults") == {"faults": []}
    assert len(emulator.faults) == 0


def test_requests_are_listed_and_cleared(control, emulator):
    """The log of requests is listed, from the start or after a number, and cleared."""
    for number in (1, 2):
        emulator.make(Ticket)
        Ticket.objects.get(number)

    logged = control("GET", "requests")
    last = logged["requests"][-1]
    later = control("GET", "requests", params={"after": last["number"] - 1})

    assert (last["method"], last["path"], last["status"]) == ("GET", "/api/v2/tickets/2", 200)
    assert [entry["path"] for entry in later["requests"]] == ["/api/v2/tickets/2"]
    assert control("DELETE", "requests")["requests"] == []
    assert emulator.requests == []


def test_ignored_parts_are_listed_and_cleared(control, emulator):
    """Ignored parts of requests are listed with their numbers, and cleared."""
    list(Ticket.objects.search("a nonsense:b"))
    emulator.ignored.clear()
    with emulator.session() as session:
        session.auth = None
        session.get("https://emulator.zendesk.com/api/v2/users", params={"include": "x"})

    ignored = control("GET", "ignored")["ignored"]
    expected = {"kind": "include", "name": "x", "request": "GET users", "count": 1}
    assert ignored == ([] if emulator.switches.oauth == "strict" else [expected])
    assert control("DELETE", "ignored") == {"ignored": []}


def test_rows_are_made_and_archived(control):
    """Rows are made with values, and tickets are archived by their ids."""
    tickets = control("POST", "make", {"model": "Ticket", "count": 2, "values": {"status": "open"}})
    articles = control("POST", "make", {"model": "help_center.Article"})
    control("POST", "archive", {"ids": [1]})

    assert tickets == {"ids": [1, 2]}
    assert len(articles["ids"]) == 1
    assert [ticket.status for ticket in Ticket.objects.fresh()] == ["open"]


@pytest.mark.slow
def test_a_dump_is_loaded_after_a_reset(control, emulator):
    """A dump consists of lines of JSON, and loading it restores all rows after a reset."""
    emulator.make(Ticket, 2, subject="Line\u2028break")
    dump = control.send("GET", "rows")
    state = control("POST", "reset")
    loaded = control("POST", "rows", data=dump.content)

    assert dump.headers["Content-Type"] == "application/x-ndjson"
    assert "support.Ticket" not in state["rows"]
    assert loaded["loaded"] > 2
    assert [ticket.subject for ticket in Ticket.objects.fresh()] == ["Line\u2028break"] * 2
    assert control("POST", "reset", {"seed": "demo"})["rows"]["support.Ticket"] == 3000


def test_snapshots_are_restored_and_deleted(control, emulator):
    """Snapshots have ids, by which they are restored and deleted."""
    first = control("POST", "snapshots")["id"]
    emulator.make(Ticket)
    second = control("POST", "snapshots")["id"]

    rows = [
        control("POST", f"snapshots/{name}/restore")["rows"].get("support.Ticket")
        for name in (first, second)
    ]

    assert rows == [None, 1]
    assert [item["id"] for item in control("GET", "snapshots")["snapshots"]] == [first, second]
    control("DELETE", f"snapshots/{first}")
    assert control.send("POST", f"snapshots/{first}/restore").status_code == 400
    assert control("GET")["snapshots"] == [second]


def test_the_number_of_snapshots_is_limited(control):
    """The number of snapshots is limited, because each is a copy of all rows."""
    statuses = [control.send("POST", "snapshots").status_code for _ in range(MAX_SNAPSHOTS + 1)]

    assert statuses == [201] * MAX_SNAPSHOTS + [400]


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "nonsense", b"", 404),
        ("PUT", "faults", b"", 405),
        ("POST", "faults", b"{", 400),
        ("POST", "faults", b"[]", 400),
        ("POST", "faults", b"\xff", 400),
        ("POST", "faults", b'{"status": 1}', 400),
        ("POST", "faults", b'{"nonsense": 1}', 400),
        ("POST", "clock", b'{"minutes": -1}', 400),
        ("POST", "clock", b'{"weeks": 1}', 400),
        ("POST", "make", b'{"model": "Nonsense"}', 400),
        ("POST", "make", b'{"model": "Ticket", "nonsense": 1}', 400),
        ("POST", "make", b'{"model": "Ticket", "values": {"subjet": 1}}', 400),
        ("POST", "make", b'{"model": 1}', 400),
        ("POST", "archive", b'{"ids": 1}', 400),
        ("POST", "archive", b'{"id": [1]}', 400),
        ("POST", "archive", b'{"ids": [999]}', 400),
        ("POST", "archive", b'{"ids": [[]]}', 400),
        ("POST", "reset", b'{"seed": "x"}', 400),
        ("POST", "reset", b'{"seed": 5}', 400),
        ("POST", "reset", b'{"sed": "demo"}', 400),
        ("POST", "rows", b"nonsense", 400),
        ("POST", "rows", b"[" * 100_000, 400),
        ("POST", "rows", b'{"dump": 1}', 400),
        ("POST", "rows", b'{"row": {}}', 400),
        ("POST", "rows", b'{"model": "Ticket", "row": {"id": 1, "subject": NaN}}', 400),
        ("POST", "make", b'{"model": "Ticket", "count": 1000000000000}', 400),
        ("POST", "faults", b'{"route": "GET /x", "body": "\\ud800"}', 400),
        ("POST", "clock", b"[" * 100_000, 400),
        ("PATCH", "switches", b'{"deleted_status": 1}', 400),
        ("PATCH", "switches", b'{"locales": null}', 400),
        ("PATCH", "switches", b'{"token": []}', 400),
        ("PATCH", "switches", b'{"deleted_status": "\\ud800"}', 400),
        ("GET", "requests?after=x", b"", 200),
    ],
)
def test_invalid_requests_are_rejected(control, emulator, method, path, content, status):
    """An invalid request returns an error with its reason, and changes nothing."""
    before = list(emulator.dump_lines())

    response = control.send(method, path, data=content)

    assert (response.status_code, "error" in response.json()) == (status, status >= 400)
    assert list(emulator.dump_lines()) == before


def test_control_works_at_a_socket():
    """Programs in other languages can control an emulator at its socket."""
    with Emulator() as emulator, emulator.serve(port=0) as server, requests.Session() as session:
        control = Control(session, server.url)
        before = control("GET", "clock")["clock"]["seconds"]
        passed = control("POST", "clock", {"days": 1})["clock"]["seconds"] - before
        tickets = control("POST", "make", {"model": "Ticket", "count": 3})

    assert 86_400 <= passed < 86_500
    assert tickets == {"ids": [1, 2, 3]}


@pytest.mark.slow
def test_flags_of_the_command_configure_the_emulator(tmp_path):
    """The command sets switches and faults, and loads rows."""
    path = tmp_path / "rows.jsonl"
    path.write_text('{"model": "Ticket", "row": {"id": 7, "subject": "Fire"}}\n')
    code = "import sys; from zendesk_orm.cli import main; main(sys.argv[1:])"
    flags = ["--plan", "team", "--lag", "60", "--latency", "0", "--load", str(path)]
    fault = ["--fault", "GET /api/v2/users* status=503", "--fault", "/api/v2/groups status=502"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, "emulator", "--port", "0", *flags, *fault],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        loaded, line = process.stdout.readline(), process.stdout.readline()
        url = re.search(r"http://[\d.]+:\d+", line)[0]
        state = requests.get(f"{url}/_emulator/", timeout=20).json()
        statuses = [
            requests.get(f"{url}/api/v2/{path}", auth=ANY, timeout=20).status_code
            for path in ("users", "groups", "tickets/7")
        ]
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)

    assert loaded == "1 rows loaded\n"
    assert (state["switches"]["plan"], state["switches"]["index_lag"]) == ("team", 60)
    assert [fault["status"] for fault in state["faults"]] == [503, 502]
    assert statuses == [503, 502, 200]
