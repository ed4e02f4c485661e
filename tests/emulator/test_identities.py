"""Identities of users: e-mail addresses and phone numbers."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decode
from zendesk_orm import User, UserIdentity


@pytest.fixture
def ada(zendesk):
    """Return a client, and the path of the identities of a user with an e-mail address."""
    pk = zendesk.create("users", name="Ada", email="ada@example.com")["id"]
    return zendesk, f"users/{pk}"


def _add(zendesk, path, value, type_="email", **kwargs):
    body = {"identity": {"type": type_, "value": value, **kwargs}}
    response = zendesk.send("POST", f"{path}/identities", body)
    assert response.status_code == 201, response.text
    return response.json()["identity"]


def _list_identities(zendesk, path):
    rows = zendesk.get(f"{path}/identities")["identities"]
    return [(row["value"], row["primary"], row["verified"]) for row in rows]


def test_the_email_of_a_new_user_is_its_primary_identity(ada):
    """A new user with an e-mail address has one identity, which is primary."""
    zendesk, path = ada

    (row,) = zendesk.get(f"{path}/identities")["identities"]

    assert (row["type"], row["value"], row["primary"]) == ("email", "ada@example.com", True)
    assert path == f"users/{row['user_id']}"
    assert row["url"] == f"https://emulator.zendesk.com/api/v2/{path}/identities/{row['id']}.json"
    assert zendesk.get(f"{path}/identities/{row['id']}") == {"identity": row}


def test_the_first_identity_of_a_type_is_primary(ada):
    """The first identity of each type is primary, and further ones are not."""
    zendesk, path = ada

    _add(zendesk, path, "ada@home.example", verified=True)
    _add(zendesk, path, "+49301", "phone_number")

    assert _list_identities(zendesk, path) == [
        ("ada@example.com", True, False),
        ("ada@home.example", False, True),
        ("+49301", True, False),
    ]
    phones = zendesk.get(f"{path}/identities", **{"type[]": "phone_number"})["identities"]
    assert [row["value"] for row in phones] == ["+49301"]


def test_email_in_an_update_adds_an_identity(ada):
    """Another e-mail address in an update adds an identity; the first one stays primary."""
    zendesk, path = ada

    for _ in range(2):
        zendesk.send("PUT", path, {"user": {"email": "ada@home.example"}})

    assert _list_identities(zendesk, path) == [
        ("ada@example.com", True, False),
        ("ada@home.example", False, False),
    ]
    assert zendesk.get(path)["user"]["email"] == "ada@example.com"


def test_an_identity_is_made_primary(ada):
    """The user gets the e-mail address of its new primary identity, and is found by both."""
    zendesk, path = ada
    second = _add(zendesk, path, "ada@home.example")

    response = zendesk.send("PUT", f"{path}/identities/{second['id']}/make_primary")

    reported = {row["value"]: row["primary"] for row in response.json()["identities"]}
    assert reported == {"ada@example.com": False, "ada@home.example": True}
    assert zendesk.get(path)["user"]["email"] == "ada@home.example"
    for email in reported:
        ticket = zendesk.create_ticket(requester={"name": "?", "email": email})
        assert path == f"users/{ticket['requester_id']}"


def test_identities_are_updated_verified_and_deleted(ada):
    """An identity can be updated, verified and deleted; the next one becomes primary."""
    zendesk, path = ada
    first = zendesk.get(f"{path}/identities")["identities"][0]
    second = _add(zendesk, path, "ada@home.example")
    body = {"identity": {"value": "ada@work.example", "primary": False}}

    changed = zendesk.send("PUT", f"{path}/identities/{first['id']}", body).json()["identity"]
    verified = zendesk.send("PUT", f"{path}/identities/{second['id']}/verify").json()["identity"]
    asked = zendesk.send("PUT", f"{path}/identities/{second['id']}/request_verification")
    deleted = zendesk.send("DELETE", f"{path}/identities/{first['id']}")

    assert (changed["value"], changed["primary"]) == ("ada@work.example", True)
    assert (verified["verified"], verified["verification_method"]) == (True, "low")
    assert decode(asked) == (200, {})
    assert deleted.status_code == 204
    assert _list_identities(zendesk, path) == [("ada@home.example", True, True)]
    assert zendesk.get(path)["user"]["email"] == "ada@home.example"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "email", "value": "OWNER@example.com"}, "email"),
        ({"type": "email", "value": "ada@example.com"}, "email"),
        ({"type": "email"}, "value"),
        ({"value": "x@example.com"}, "type"),
    ],
)
def test_invalid_identity_is_rejected(ada, body, field):
    """An identity without a value, or with that of another user, is rejected."""
    zendesk, path = ada

    response = zendesk.send("POST", f"{path}/identities", {"identity": body})

    assert (response.status_code, list(response.json()["details"])) == (422, [field])


def test_secondary_email_of_another_user_is_rejected(ada):
    """A new user with a secondary address of another user is rejected."""
    zendesk, path = ada
    _add(zendesk, path, "ada@home.example")

    response = zendesk.send("POST", "users", {"user": {"name": "x", "email": "ada@home.example"}})

    assert list(response.json()["details"]) == ["email"]


def test_identity_of_another_user_is_not_found(ada):
    """An identity is not found below another user."""
    zendesk, path = ada
    pk = zendesk.get(f"{path}/identities")["identities"][0]["id"]
    other = f"users/{zendesk.create('users', name='Ben')['id']}"

    assert _list_identities(zendesk, other) == []
    assert zendesk.send("PUT", f"{other}/identities/{pk}/make_primary").status_code == 404
    assert zendesk.send("DELETE", f"{other}/identities/{pk}").status_code == 404
    assert zendesk.send("GET", "users/77/identities").status_code == 404


def test_emails_of_a_deleted_user_are_available(ada):
    """The addresses of a deleted user can be used for other users."""
    zendesk, path = ada
    _add(zendesk, path, "ada@home.example")

    zendesk.send("DELETE", path)

    for email in ("ada@example.com", "ada@home.example"):
        assert zendesk.create("users", name="Eve", email=email)["email"] == email


def test_email_in_an_update_can_replace_the_primary_one(ada):
    """The switch `email_adds_identity` decides whether an update replaces the primary address."""
    zendesk, path = ada
    zendesk.emulator.switches.email_adds_identity = False
    zendesk.get(f"{path}/identities")

    zendesk.send("PUT", path, {"user": {"email": "ada@home.example"}})
    taken = zendesk.send("PUT", path, {"user": {"email": "owner@example.com"}})

    assert _list_identities(zendesk, path) == [("ada@home.example", True, False)]
    assert list(taken.json()["details"]) == ["email"]


@pytest.mark.usefixtures("account")
def test_models_read_and_change_identities():
    """Identities are created, listed, updated and deleted through their model."""
    user = User.objects.create(name="Ada", email="ada@example.com")
    identity = UserIdentity.objects.create(user=user, type="email", value="ada@home.example")
    identity.verified = True
    identity.save()

    results = list(UserIdentity.objects.filter(user=user))
    assert [item.value for item in results] == ["ada@example.com", "ada@home.example"]
    assert results[1].verified
    identity.delete()
    assert len(list(UserIdentity.objects.filter(user=user))) == 1


def test_identities_are_side_loaded(ada):
    """The identities of users are returned with them, as old as the users."""
    zendesk, path = ada
    zendesk.clock.sleep(3_600)

    user = zendesk.get(path, include="identities")
    listed = zendesk.get("users", include="identities")

    (row,) = user["identities"]
    assert (row["value"], row["created_at"]) == ("ada@example.com", user["user"]["created_at"])
    assert row in listed["identities"]
    assert zendesk.get(f"{path}/identities")["identities"] == [row]


def test_reading_identities_sends_no_event(ada):
    """The identity of an e-mail address exists since the user does."""
    zendesk, path = ada
    deliveries = []
    zendesk.emulator.receive("https://hooks.example.com/", deliveries.append)
    webhook = {
        "name": "Identities",
        "status": "active",
        "endpoint": "https://hooks.example.com/",
        "http_method": "POST",
        "request_format": "json",
        "subscriptions": ["zen:event-type:user.identity_created"],
    }
    zendesk.send("POST", "webhooks", {"webhook": webhook})

    zendesk.get(f"{path}/identities")
    zendesk.emulator.wait_for_webhooks()
    assert deliveries == []

    identity = {"identity": {"type": "email", "value": "other@example.com"}}
    assert zendesk.send("POST", f"{path}/identities", identity).ok
    zendesk.emulator.wait_for_webhooks()
    assert len(deliveries) == 1
