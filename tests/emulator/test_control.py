"""Control of an emulator in the process: clock, plan, log, snapshots and reset."""

from __future__ import annotations

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import (
    ConfigurationError,
    InvalidValue,
    Ticket,
    User,
    post_save,
    receiver,
)
from zendesk_orm.emulator import Emulator, Fault
from zendesk_orm.http.clock import Clock


def _count_rows(emulator):
    """Return the numbers of rows, without those of sign-ins."""
    return {
        label: number
        for label, number in emulator.count_rows().items()
        if "oauth" not in label.lower()
    }


# Clock and plan


def test_advance_moves_the_clock(emulator):
    """`advance()` moves the clock by days, hours, minutes and seconds."""
    before = emulator.clock.now()

    emulator.advance(days=1, hours=1)
    emulator.clock.advance(minutes=1, seconds=0.5)

    assert emulator.clock.now() - before == 86_400 + 3_600 + 60.5


def test_the_account_shares_the_clock(emulator):
    """A connected account has the clock of its emulator."""
    account = emulator.connect()
    before = account.transport.clock.now()

    emulator.advance(minutes=5)

    assert account.transport.clock.now() - before == 300


@pytest.mark.parametrize("duration", [{"minutes": -1}, {"days": "x"}, {"seconds": float("nan")}])
def test_invalid_durations_are_rejected(emulator, duration):
    """`advance()` rejects negative and invalid durations."""
    with pytest.raises(InvalidValue):
        emulator.advance(**duration)


def test_other_clocks_cannot_be_advanced():
    """`advance()` raises if the emulator uses the clock of the machine."""
    with Emulator(clock=Clock()) as emulator, pytest.raises(ConfigurationError):
        emulator.advance(minutes=5)


def test_a_served_emulator_can_be_advanced():
    """The clock of an emulator at a socket runs by itself, and can be advanced."""
    with Emulator() as emulator:
        emulator.advance(days=2)
        before = emulator.clock.now()
        with emulator.serve(port=0):
            emulator.advance(days=1)
            passed = emulator.clock.now() - before

    assert 86_400 <= passed < 86_400 + 60


@pytest.mark.parametrize(
    ("switches", "limit"),
    [
        ({}, "700"),
        ({"plan": "team"}, "200"),
        ({"plan": "enterprise_plus"}, "2500"),
        ({"plan": "team", "requests_per_minute": 5}, "5"),
    ],
)
def test_the_plan_sets_the_rate_limit(switches, limit):
    """The plan of the account sets the rate limit, unless the limit is set."""
    with Emulator(**switches) as emulator, signed_in_session(emulator) as session:
        response = session.get("https://emulator.zendesk.com/api/v2/users")

    assert response.headers["x-rate-limit"] == limit


def test_unknown_plans_are_rejected():
    """An unknown plan is rejected."""
    with pytest.raises(ConfigurationError):
        Emulator(plan="tem")


# Log


def test_the_log_describes_requests(zendesk):
    """The log contains method, path, parameters, body, status and fault of each request."""
    fault = Fault("DELETE *", status=503)
    zendesk.emulator.faults.add(fault)
    owner = zendesk.get("users/me")["user"]
    zendesk.emulator.log.clear()
    zendesk.send("GET", "users?role=agent")
    zendesk.send("POST", "groups", {"group": {"name": "A"}})
    zendesk.send("DELETE", "groups/1")

    log = zendesk.emulator.log
    assert [(entry.method, entry.path, entry.status) for entry in log] == [
        ("GET", "/api/v2/users", 200),
        ("POST", "/api/v2/groups", 201),
        ("DELETE", "/api/v2/groups/1", 503),
    ]
    assert log[0].params == {"role": ["agent"]}
    assert log[1].body == {"group": {"name": "A"}}
    assert [entry.fault for entry in log] == [None, None, fault]
    assert log[0].user_id == owner["id"]


def test_the_log_is_bounded():
    """The log contains the latest requests only, and the number of all requests."""
    with Emulator(log_size=3) as emulator, signed_in_session(emulator) as session:
        for number in range(5):
            session.get(f"https://emulator.zendesk.com/api/v2/tickets/{number}")
        log = emulator.log

        assert [entry.path for entry in log] == [f"/api/v2/tickets/{n}" for n in (2, 3, 4)]
        assert (len(log), log.total >= 5) == (3, True)


def test_the_log_conceals_credentials(zendesk):
    """The log contains no passwords, secrets or tokens of bodies and addresses."""
    pk = zendesk.get("users")["users"][0]["id"]
    zendesk.send("POST", f"users/{pk}/password", {"password": "hunter2"})
    zendesk.send("GET", "users?access_token=hunter2")
    zendesk.session.post(
        "https://emulator.zendesk.com/oauth/tokens?code=hunter2", json={"code": "hunter2"}
    )

    entries = list(zendesk.emulator.log)[-3:]
    assert [entry.body for entry in entries] == [{"password": "..."}, None, None]
    assert "hunter2" not in repr(entries) + str([entry.to_json() for entry in entries])


# Snapshots


def test_a_snapshot_can_be_restored_repeatedly(emulator):
    """A snapshot contains all rows and the sequence of ids, and can be restored repeatedly."""
    first = emulator.make(Ticket, 2)[0]
    snapshot = emulator.snapshot()

    for _ in range(2):
        first.delete()
        emulator.make(Ticket)
        emulator.restore(snapshot)
        assert [ticket.id for ticket in Ticket.objects.fresh()] == [1, 2]
    assert [ticket.id for ticket in emulator.make(Ticket)] == [3]


def test_restoring_clears_the_caches_of_accounts(emulator):
    """After a restore, accounts do not return replaced rows from caches or own writes."""
    user = emulator.make(User, name="Ann")[0]
    snapshot = emulator.snapshot()
    user.name = "Bea"
    user.save()
    assert [other.name for other in User.objects.search("Bea")] == ["Bea"]

    emulator.restore(snapshot)

    assert User.objects.get(user.id).name == "Ann"
    assert list(User.objects.search("Bea")) == []


def test_a_snapshot_can_be_restored_by_another_emulator():
    """An emulator can restore the snapshot of another one."""
    with Emulator() as first, Emulator() as second:
        first.make_ids(Ticket, 3)
        second.restore(first.snapshot())
        second.connect()

        assert Ticket.objects.fresh().count() == 3


def test_a_file_can_be_restored(tmp_path):
    """Restoring a snapshot replaces the rows in the file of an emulator."""
    path = str(tmp_path / "zendesk.db")
    with Emulator(path) as emulator:
        snapshot = emulator.snapshot()
        emulator.make_ids(Ticket, 3)
        emulator.restore(snapshot)
    with Emulator(path) as emulator:
        assert "support.Ticket" not in emulator.count_rows()


def test_other_values_than_snapshots_are_rejected(emulator):
    """`restore()` accepts only a result of `snapshot()`."""
    with pytest.raises(ConfigurationError):
        emulator.restore(None)


def test_reset_creates_a_new_account(emulator):
    """`reset()` creates the rows of a new account, and removes faults and logged requests."""
    before = _count_rows(emulator)
    ticket = emulator.make(Ticket)[0]
    emulator.faults.add(Fault(status=500))

    emulator.reset()

    assert _count_rows(emulator) == before
    assert (emulator.requests, len(emulator.log), len(emulator.faults)) == ([], 0, 0)
    with pytest.raises(Ticket.DoesNotExist):
        Ticket.objects.get(ticket.id)
    assert [row.id for row in emulator.make(Ticket)] == [1]


@pytest.mark.slow
def test_reset_inserts_the_rows_of_a_seed(emulator):
    """`reset(seed)` inserts the rows of the seed; an unknown seed changes nothing."""
    with pytest.raises(ConfigurationError):
        emulator.reset(seed="dem")
    emulator.reset(seed="demo")

    assert emulator.count_rows()["support.Ticket"] == 3000


# Factories send nothing


def test_factories_send_no_requests(emulator):
    """Factories send no signals, count no requests, and ignore faults and limits."""
    saved = []

    @receiver(post_save)
    def note(sender, **kwargs):
        saved.append(sender)

    emulator.faults.add(Fault(status=500))
    emulator.switches.requests_per_minute = 1
    emulator.clear_log()
    tickets = emulator.make(Ticket, 3)

    assert len(tickets) == 3
    assert (saved, emulator.requests, len(emulator.log)) == ([], [], 0)
