"""Users and organizations that are made or changed, and users that are merged."""

from __future__ import annotations

import pytest


def _put(zendesk, plural, **values):
    return zendesk.send("POST", f"{plural}/create_or_update", {plural[:-1]: values})


def test_a_user_is_made_once_and_then_changed(zendesk):
    """By e-mail or external id, the first call is 201 and the second 200, of one user."""
    made = _put(zendesk, "users", name="Ada", email="ada@example.com", external_id="u-1")
    by_email = _put(zendesk, "users", name="Ada L.", email="ADA@example.com")
    by_id = _put(zendesk, "users", notes="n", external_id="U-1")

    rows = [answer.json()["user"] for answer in (made, by_email, by_id)]
    assert [201, 200, 200] == [answer.status_code for answer in (made, by_email, by_id)]
    assert 1 == len({row["id"] for row in rows})
    assert rows[0]["url"] == made.headers["Location"]
    assert ("Ada L.", "n", "U-1") == tuple(rows[2][key] for key in ("name", "notes", "external_id"))


def test_users_are_made_or_changed_by_the_many(zendesk):
    """A job tells what it made and what it changed; what breaks a rule fails alone."""
    zendesk.made("users", name="Ada", email="ada@example.com")
    users = [
        {"email": "ada@example.com", "notes": "n"},
        {"name": "Ben", "email": "ben@example.com"},
        {"email": "nameless@example.com"},
    ]

    job = zendesk.done("POST", "users/create_or_update_many", {"users": users})

    assert ["Updated", "Created", None] == [each.get("status") for each in job["results"]]
    assert (2, "Name: cannot be blank") == (
        job["results"][2]["index"],
        job["results"][2]["details"],
    )


def test_making_users_in_bulk_has_to_be_asked_for(zendesk):
    """An account that has not asked for it is refused; and more than a hundred are, too."""
    many = {"users": [{"name": "x"}] * 101}
    path = "users/create_or_update_many"

    assert 400 == zendesk.send("POST", path, many).status_code
    zendesk.emulator.switches.bulk_users = False
    assert 403 == zendesk.send("POST", path, {"users": [{"name": "x"}]}).status_code


def test_an_organization_is_made_once_and_then_changed(zendesk):
    """By id or external id an organization is changed; its name finds nothing, and clashes."""
    made = _put(zendesk, "organizations", name="Acme", external_id="O-1")
    pk = made.json()["organization"]["id"]
    by_external_id = _put(zendesk, "organizations", name="Acme Inc.", external_id="o-1")
    by_id = _put(zendesk, "organizations", id=pk, notes="n")
    by_name = _put(zendesk, "organizations", name="Acme Inc.")

    answers = (made, by_external_id, by_id, by_name)
    assert [201, 200, 200, 422] == [answer.status_code for answer in answers]
    row = by_id.json()["organization"]
    assert (pk, "Acme Inc.", "n") == (row["id"], row["name"], row["notes"])


@pytest.fixture
def pair(zendesk):
    """Return a client and two end users, the first of whom has a ticket."""
    users = [
        zendesk.made("users", name=name, email=f"{name.lower()}@example.com")
        for name in ("Loser", "Winner")
    ]
    zendesk.ticket(requester_id=users[0]["id"])
    return zendesk, *users


def test_a_user_is_merged_into_another(pair):
    """The other user has the tickets and addresses; the first one is gone."""
    zendesk, loser, winner = pair

    answer = zendesk.send("PUT", f"users/{loser['id']}/merge", {"user": {"id": winner["id"]}})

    assert (200, winner["id"]) == (answer.status_code, answer.json()["user"]["id"])
    assert 404 == zendesk.send("GET", f"users/{loser['id']}").status_code
    assert winner["id"] == zendesk.get("tickets")["tickets"][0]["requester_id"]
    rows = zendesk.get(f"users/{winner['id']}/identities")["identities"]
    assert {"winner@example.com": True, "loser@example.com": False} == {
        row["value"]: row["primary"] for row in rows
    }


def test_a_user_without_an_email_takes_over_the_other(pair):
    """Who has no e-mail has that of the user who was merged."""
    zendesk, loser, _ = pair
    nameless = zendesk.made("users", name="Nobody")

    answer = zendesk.send("PUT", f"users/{loser['id']}/merge", {"user": {"id": nameless["id"]}})

    assert "loser@example.com" == answer.json()["user"]["email"]
    (row,) = zendesk.get(f"users/{nameless['id']}/identities")["identities"]
    assert ("loser@example.com", True) == (row["value"], row["primary"])


def test_only_end_users_are_merged(pair):
    """Agents are not merged, nor is a user with itself, nor with nobody."""
    zendesk, loser, _ = pair
    me = zendesk.get("users/me")["user"]["id"]
    path = f"users/{loser['id']}/merge"

    assert 422 == zendesk.send("PUT", path, {"user": {"id": me}}).status_code
    assert 422 == zendesk.send("PUT", path, {"user": {"id": loser["id"]}}).status_code
    assert 404 == zendesk.send("PUT", path, {"user": {"id": 77}}).status_code
