"""Rows with which an emulator starts."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.tokens import signed_in_session
from zendesk_orm import ConfigurationError, Ticket, connect
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.router import Router
from zendesk_orm.http.clock import VirtualClock


def _get(emulator, path):
    with signed_in_session(emulator) as session:
        return session.get(f"https://emulator.zendesk.com/api/v2/{path}").json()


def test_a_new_account_has_the_default_rows(zendesk):
    """A new account has a user, a group, a brand, the system fields, and no ticket."""
    counts = [
        len(zendesk.get(path)[path])
        for path in ("users", "groups", "brands", "ticket_fields", "tickets", "organizations")
    ]

    assert counts == [1, 1, 1, 7, 0, 0]


def test_the_demo_has_the_documented_rows(demo_zendesk):
    """The demo has the documented numbers of rows, in all statuses, some of them archived."""
    agents = demo_zendesk.get("users", **{"role[]": ["agent", "admin"]})["count"]
    results = {
        status: demo_zendesk.get("search/count", query=f"type:ticket status:{status}")["count"]
        for status in ("new", "open", "pending", "hold", "solved", "closed")
    }
    listed = demo_zendesk.get("tickets")["count"]

    assert [demo_zendesk.get(path)["count"] for path in ("users", "organizations", "groups")] == [
        400,
        60,
        8,
    ]
    assert agents == 25
    assert sum(results.values()) == 3000
    assert all(results.values())
    assert 2000 < listed < 2900
    for tag in ("vip", "refund", "printer"):
        assert demo_zendesk.get("search/count", query=f"type:ticket tags:{tag}")["count"]


#: Lists of the demo that are empty, by reason.
EMPTY = frozenset(
    {
        # Nobody has done anything as the caller, or to the caller, yet.
        *("activities", "requests", "requests/ccd", "requests/open", "requests/solved"),
        *("requests/search", "sessions", "tickets/recent", "job_statuses", "engagements"),
        # No rows were changed or deleted, and nothing failed.
        *("audit_logs", "deleted_tickets", "deleted_users", "target_failures"),
        *("capacity/rules/assignees", "email_notifications", "guide/survey_responses"),
        # An active automation would change tickets.
        "automations/active",
        # Parameters select the rows.
        *("dynamic_content/items/show_many", "help_center/deflection/suggestions"),
        *("help_center/service_catalog/items/search", "it_asset_management/assets/search"),
        # Dashboards are rows with undocumented keys.
        "channels/voice/dashboard/account_level_activity",
        "channels/voice/dashboard/agent_level_activity",
        "channels/voice/dashboard/queue_level_activity",
        # Secrets differ between accounts.
        *("oauth/clients", "oauth/tokens", "oauth/global_clients"),
        "oauth/global_clients/token_summary",
        # Few accounts use these.
        *("apps", "apps/installations", "apps/location_installations", "apps/owned"),
        *("approval_requests", "brand_agents", "resource_collections", "ticket_form_statuses"),
        *("channels/twitter/monitored_twitter_handles", "sharing_agreements"),
        *("guide/external_content/records", "guide/medias", "guide/theming/themes"),
        *("help_center/integration/account_custom_claims", "help_center/service_catalog/items"),
        "remote_authentications",
    }
)


@pytest.mark.lenient  # A strict emulator has a client and a token.
def test_the_lists_of_the_demo_are_filled(demo_zendesk):
    """Each list without a placeholder or a required parameter has rows, except for some."""
    empty = set()
    for (method, path), route in Router().routes.items():
        endpoint = route.targets[0].endpoint
        if method == "GET" and endpoint.verb is Verb.LIST and "{" not in path and path[0] != "~":
            response = demo_zendesk.send("GET", path)
            body = response.json()
            rows = body.get(endpoint.key) if isinstance(body, dict) and endpoint.key else body
            if response.status_code != 400 and not rows:
                empty.add(path)

    assert empty == EMPTY


def test_demo_tickets_have_comments_and_audits(demo_zendesk):
    """Tickets of the demo have their description as the first comment."""
    ticket = demo_zendesk.get("tickets/2000")["ticket"]

    comments = demo_zendesk.get("tickets/2000/comments")["comments"]
    audits = demo_zendesk.get("tickets/2000/audits")["audits"]

    assert ticket["description"] == comments[0]["body"]
    by_people = [audit["id"] for audit in audits if audit["author_id"] != -1]
    assert [comment["audit_id"] for comment in comments] == by_people


def test_the_demo_has_been_quiet():
    """Exports, which withhold the last minute, have all rows; replies are not after updates."""
    emulator = Emulator(seed="demo")
    cursor, exported = "start_time=0", {}
    for _ in range(4):
        page = _get(emulator, f"incremental/tickets/cursor?{cursor}")
        exported.update((row["id"], row["updated_at"]) for row in page["tickets"])
        cursor = f"cursor={page['after_cursor']}"
    users = _get(emulator, "incremental/users/cursor?start_time=0")["users"]
    assert (len(exported), len(users)) == (3000, 400)
    for pk in range(2900, 3001):
        comments = _get(emulator, f"tickets/{pk}/comments")["comments"]
        assert comments[-1]["created_at"] <= exported[pk]


def test_new_rows_have_ids_after_the_demo(demo_zendesk):
    """New rows get ids after those of the demo."""
    assert demo_zendesk.create_ticket()["id"] == 3001
    assert demo_zendesk.create("users", name="Ada", email="new@example.com")["id"]


@pytest.mark.slow
def test_demo_is_deterministic():
    """At the same time of the clock, the demo has the same rows."""
    texts = []
    for _ in range(2):
        with Emulator(seed="demo", clock=VirtualClock(1_790_000_000)) as emulator:
            texts.append([_get(emulator, path) for path in ("tickets", "users", "ticket_audits")])

    assert texts[0] == texts[1]


def test_emulators_do_not_share_rows():
    """Changes in one emulator do not affect another."""
    with Emulator(seed="demo") as one, Emulator(seed="demo") as two:
        with signed_in_session(one) as session:
            session.delete("https://emulator.zendesk.com/api/v2/tickets/2999")

        assert "error" in _get(one, "tickets/2999")
        assert "ticket" in _get(two, "tickets/2999")


def test_unknown_seed_is_rejected():
    """An unknown seed raises an error with the nearest name."""
    with pytest.raises(ConfigurationError, match="demo"):
        Emulator(seed="deno")


@pytest.mark.slow
def test_a_file_keeps_the_rows(tmp_path):
    """An emulator with a file continues with the rows of the previous emulator."""
    path = str(tmp_path / "zendesk.db")
    for _ in range(2):
        with Emulator(path, seed="demo") as emulator:
            emulator.connect()
            pk = Ticket.objects.create(subject="x", comment={"body": "y"}).pk

    assert pk == 3002


def test_a_url_accepts_seed_and_switches():
    """`emulator://` accepts the seed and the switches."""
    account = connect("emulator://?seed=demo&requests_per_minute=100")

    assert Ticket.objects.get(1).subject
    assert account.quota["account"].total == 100


def test_databases_of_other_programs_are_rejected(tmp_path):
    """A file that is not a database, or one of another program, is rejected and unchanged."""
    other, text = tmp_path / "other.db", tmp_path / "text.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE orders (id)")
    text.write_text("no database, but long enough to be one" * 9)
    for path in (other, text, tmp_path, tmp_path / "missing" / "z.db"):
        before = path.read_bytes() if path.is_file() else None

        with pytest.raises(ConfigurationError, match="database"):
            Emulator(str(path))

        assert before is None or path.read_bytes() == before
