"""Users and organizations are created or updated, and users are merged."""

from __future__ import annotations

import json

import pytest


def _upsert(zendesk, plural, **values):
    return zendesk.send("POST", f"{plural}/create_or_update", {plural[:-1]: values})


def test_create_or_update_finds_a_user(zendesk):
    """`create_or_update` by e-mail or external id creates a user, and then updates it."""
    created = _upsert(zendesk, "users", name="Ada", email="ada@example.com", external_id="u-1")
    by_email = _upsert(zendesk, "users", name="Ada L.", email="ADA@example.com")
    by_id = _upsert(zendesk, "users", notes="n", external_id="U-1")

    rows = [response.json()["user"] for response in (created, by_email, by_id)]
    assert [response.status_code for response in (created, by_email, by_id)] == [201, 200, 200]
    assert len({row["id"] for row in rows}) == 1
    assert rows[0]["url"] == created.headers["Location"]
    assert tuple(rows[2][key] for key in ("name", "notes", "external_id")) == ("Ada L.", "n", "U-1")


def test_create_or_update_many_reports_each_user(zendesk):
    """`create_or_update_many` reports created and updated users, and an invalid one fails alone."""
    zendesk.create("users", name="Ada", email="ada@example.com")
    users = [
        {"email": "ada@example.com", "notes": "n"},
        {"name": "Ben", "email": "ben@example.com"},
        {"email": "nameless@example.com"},
    ]

    job = zendesk.run_job("POST", "users/create_or_update_many", {"users": users})

    assert [item.get("status") for item in job["results"]] == ["Updated", "Created", None]
    assert (
        job["results"][2]["index"],
        job["results"][2]["details"],
    ) == (2, "Name: cannot be blank")


def test_bulk_imports_of_users_are_limited(zendesk):
    """A bulk import returns 403 if the account has none, and accepts a hundred users."""
    many = {"users": [{"name": "x"}] * 101}
    path = "users/create_or_update_many"

    assert zendesk.send("POST", path, many).status_code == 400
    zendesk.emulator.switches.bulk_users = False
    assert zendesk.send("POST", path, {"users": [{"name": "x"}]}).status_code == 403


def test_create_or_update_finds_an_organization(zendesk):
    """`create_or_update` finds an organization by id or external id, and rejects a name in use."""
    created = _upsert(zendesk, "organizations", name="Acme", external_id="O-1")
    pk = created.json()["organization"]["id"]
    by_external_id = _upsert(zendesk, "organizations", name="Acme Inc.", external_id="o-1")
    by_id = _upsert(zendesk, "organizations", id=pk, notes="n")
    by_name = _upsert(zendesk, "organizations", name="Acme Inc.")

    responses = (created, by_external_id, by_id, by_name)
    assert [response.status_code for response in responses] == [201, 200, 200, 422]
    row = by_id.json()["organization"]
    assert (pk, "Acme Inc.", "n") == (row["id"], row["name"], row["notes"])


@pytest.fixture
def end_users(zendesk):
    """Return a client and two end users, the first of whom has a ticket."""
    users = [
        zendesk.create("users", name=name, email=f"{name.lower()}@example.com")
        for name in ("Loser", "Winner")
    ]
    zendesk.create_ticket(requester_id=users[0]["id"])
    return zendesk, *users


def test_the_winner_of_a_merge_has_tickets_and_addresses(end_users):
    """The winner of a merge gets tickets and addresses, and the loser is deleted."""
    zendesk, loser, winner = end_users

    response = zendesk.send("PUT", f"users/{loser['id']}/merge", {"user": {"id": winner["id"]}})

    assert (200, winner["id"]) == (response.status_code, response.json()["user"]["id"])
    assert zendesk.get(f"users/{loser['id']}")["user"]["active"] is False
    assert zendesk.get("tickets")["tickets"][0]["requester_id"] == winner["id"]
    rows = zendesk.get(f"users/{winner['id']}/identities")["identities"]
    assert {row["value"]: row["primary"] for row in rows} == {
        "winner@example.com": True,
        "loser@example.com": False,
    }
    assert [zendesk.get(row["url"])["identity"] for row in rows] == rows


def test_the_winner_of_a_merge_gets_a_missing_email(end_users):
    """In a merge, a winner without an e-mail address gets that of the loser."""
    zendesk, loser, _ = end_users
    nameless = zendesk.create("users", name="Nobody")

    response = zendesk.send("PUT", f"users/{loser['id']}/merge", {"user": {"id": nameless["id"]}})

    assert response.json()["user"]["email"] == "loser@example.com"
    (row,) = zendesk.get(f"users/{nameless['id']}/identities")["identities"]
    assert (row["value"], row["primary"]) == ("loser@example.com", True)


def test_only_end_users_can_be_merged(end_users):
    """Agents, the user itself and missing users cannot be merged."""
    zendesk, loser, _ = end_users
    me = zendesk.get("users/me")["user"]["id"]
    path = f"users/{loser['id']}/merge"

    assert zendesk.send("PUT", path, {"user": {"id": me}}).status_code == 422
    assert zendesk.send("PUT", path, {"user": {"id": loser["id"]}}).status_code == 422
    assert zendesk.send("PUT", path, {"user": {"id": 77}}).status_code == 404


def test_a_new_organization_of_a_user_is_a_membership_at_once(zendesk):
    """The membership exists since the update of the user, whose events include it."""
    organization = zendesk.create("organizations", name="Acme")["id"]
    pk = zendesk.create("users", name="Ann", email="ann@example.com")["id"]
    types = []
    zendesk.emulator.receive(
        "https://hooks.example.com/", lambda request: types.append(json.loads(request.body)["type"])
    )
    webhook = {
        "name": "Memberships",
        "status": "active",
        "endpoint": "https://hooks.example.com/",
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": ["zen:event-type:user.organization_membership_created"],
    }
    zendesk.send("POST", "webhooks", {"webhook": webhook})

    zendesk.send("PUT", f"users/{pk}", {"user": {"organization_id": organization}})
    zendesk.emulator.wait_for_webhooks()
    assert types == webhook["subscriptions"]

    (membership,) = zendesk.get("organization_memberships")["organization_memberships"]
    zendesk.emulator.wait_for_webhooks()
    assert (membership["user_id"], membership["default"]) == (pk, True)
    assert types == webhook["subscriptions"]
