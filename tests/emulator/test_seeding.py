"""What an emulator begins with."""

from __future__ import annotations

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import ConfigurationError, Ticket, connect
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


def _get(emulator, path):
    with signed_in_session(emulator) as session:
        return session.get(f"https://emulator.zendesk.com/api/v2/{path}").json()


def test_a_new_account_has_an_owner(zendesk):
    """An empty account has one user, one group, one brand, the system's fields, and no ticket."""
    counts = [
        len(zendesk.get(path)[path])
        for path in ("users", "groups", "brands", "ticket_fields", "tickets", "organizations")
    ]

    assert [1, 1, 1, 7, 0, 0] == counts


def test_the_demonstration_is_plausible(demo_zendesk):
    """The demonstration has the promised numbers of rows, in all statuses, some archived."""
    agents = demo_zendesk.get("users", **{"role[]": ["agent", "admin"]})["count"]
    found = {
        status: demo_zendesk.get("search/count", query=f"type:ticket status:{status}")["count"]
        for status in ("new", "open", "pending", "hold", "solved", "closed")
    }
    listed = demo_zendesk.get("tickets")["count"]

    assert [400, 60, 8] == [
        demo_zendesk.get(path)["count"] for path in ("users", "organizations", "groups")
    ]
    assert 25 == agents
    assert 3000 == sum(found.values())
    assert all(found.values())
    assert 2000 < listed < 2900
    for tag in ("vip", "refund", "printer"):
        assert demo_zendesk.get("search/count", query=f"type:ticket tags:{tag}")["count"]


def test_demonstration_tickets_have_comments_and_audits(demo_zendesk):
    """Tickets of the demonstration have their description as the first comment."""
    ticket = demo_zendesk.get("tickets/2000")["ticket"]

    comments = demo_zendesk.get("tickets/2000/comments")["comments"]
    audits = demo_zendesk.get("tickets/2000/audits")["audits"]

    assert ticket["description"] == comments[0]["body"]
    by_people = [audit["id"] for audit in audits if audit["author_id"] != -1]
    assert [comment["audit_id"] for comment in comments] == by_people


def test_life_goes_on_after_the_demonstration(demo_zendesk):
    """New rows get ids behind those of the demonstration."""
    assert 3001 == demo_zendesk.ticket()["id"]
    assert demo_zendesk.made("users", name="Ada", email="new@example.com")["id"]


def test_the_demonstration_is_the_same_every_time():
    """At the same time of the clock it has the same rows."""
    texts = []
    for _ in range(2):
        with Emulator(seed="demo", clock=VirtualClock(1_790_000_000)) as emulator:
            texts.append([_get(emulator, path) for path in ("tickets", "users", "ticket_audits")])

    assert texts[0] == texts[1]


def test_emulators_do_not_share_their_rows():
    """What happens in one emulator happens in no other."""
    with Emulator(seed="demo") as one, Emulator(seed="demo") as two:
        with signed_in_session(one) as session:
            session.delete("https://emulator.zendesk.com/api/v2/tickets/2999")

        assert "error" in _get(one, "tickets/2999")
        assert "ticket" in _get(two, "tickets/2999")


def test_an_unknown_seed_is_refused():
    """A seed that does not exist is told, with the nearest."""
    with pytest.raises(ConfigurationError, match="demo"):
        Emulator(seed="deno")


def test_a_file_keeps_the_rows(tmp_path):
    """An emulator over a file goes on where the last one stopped."""
    path = str(tmp_path / "zendesk.db")
    for _ in range(2):
        with Emulator(path, seed="demo") as emulator:
            emulator.connect()
            pk = Ticket.objects.create(subject="x", comment={"body": "y"}).pk

    assert 3002 == pk


def test_a_url_makes_an_emulator():
    """`emulator://` takes the seed and the switches."""
    account = connect("emulator://?seed=demo&limit=100")

    assert Ticket.objects.get(1).subject
    assert 100 == account.quota["account"].total
