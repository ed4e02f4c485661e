"""Identities of users."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decoded
from zendesk_orm import User, UserIdentity


@pytest.fixture
def ada(zendesk):
    """Return a client, and the path of the identities of a user with an e-mail."""
    pk = zendesk.made("users", name="Ada", email="ada@example.com")["id"]
    return zendesk, f"users/{pk}"


def _added(zendesk, path, value, type_="email", **more):
    body = {"identity": {"type": type_, "value": value, **more}}
    answer = zendesk.send("POST", f"{path}/identities", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["identity"]


def _known(zendesk, path):
    rows = zendesk.get(f"{path}/identities")["identities"]
    return [(row["value"], row["primary"], row["verified"]) for row in rows]


def test_the_email_of_a_user_is_an_identity(ada):
    """A user with an e-mail has one identity, the primary one."""
    zendesk, path = ada

    (row,) = zendesk.get(f"{path}/identities")["identities"]

    assert ("email", "ada@example.com", True) == (row["type"], row["value"], row["primary"])
    assert path == f"users/{row['user_id']}"
    assert f"https://emulator.zendesk.com/api/v2/{path}/identities/{row['id']}.json" == row["url"]
    assert {"identity": row} == zendesk.get(f"{path}/identities/{row['id']}")


def test_an_identity_is_added(ada):
    """A second address is not the primary one; the first of another type is."""
    zendesk, path = ada

    _added(zendesk, path, "ada@home.example", verified=True)
    _added(zendesk, path, "+49301", "phone_number")

    assert [
        ("ada@example.com", True, False),
        ("ada@home.example", False, True),
        ("+49301", True, False),
    ] == _known(zendesk, path)
    phones = zendesk.get(f"{path}/identities", **{"type[]": "phone_number"})["identities"]
    assert ["+49301"] == [row["value"] for row in phones]


def test_an_email_in_an_update_becomes_an_identity(ada):
    """A further e-mail stands beside the first one, once."""
    zendesk, path = ada

    for _ in range(2):
        zendesk.send("PUT", path, {"user": {"email": "ada@home.example"}})

    assert [("ada@example.com", True, False), ("ada@home.example", False, False)] == _known(
        zendesk, path
    )
    assert "ada@example.com" == zendesk.get(path)["user"]["email"]


def test_another_address_is_made_the_primary_one(ada):
    """All identities are told; the user has the new e-mail, and is found by either."""
    zendesk, path = ada
    second = _added(zendesk, path, "ada@home.example")

    answer = zendesk.send("PUT", f"{path}/identities/{second['id']}/make_primary")

    told = {row["value"]: row["primary"] for row in answer.json()["identities"]}
    assert {"ada@example.com": False, "ada@home.example": True} == told
    assert "ada@home.example" == zendesk.get(path)["user"]["email"]
    for email in told:
        ticket = zendesk.ticket(requester={"name": "?", "email": email})
        assert path == f"users/{ticket['requester_id']}"


def test_an_identity_is_changed_verified_and_deleted(ada):
    """A value can be changed; deleting the primary address makes the next one that."""
    zendesk, path = ada
    first = zendesk.get(f"{path}/identities")["identities"][0]
    second = _added(zendesk, path, "ada@home.example")
    body = {"identity": {"value": "ada@work.example", "primary": False}}

    changed = zendesk.send("PUT", f"{path}/identities/{first['id']}", body).json()["identity"]
    verified = zendesk.send("PUT", f"{path}/identities/{second['id']}/verify").json()["identity"]
    asked = zendesk.send("PUT", f"{path}/identities/{second['id']}/request_verification")
    deleted = zendesk.send("DELETE", f"{path}/identities/{first['id']}")

    assert ("ada@work.example", True) == (changed["value"], changed["primary"])
    assert (True, "low") == (verified["verified"], verified["verification_method"])
    assert (200, {}) == decoded(asked)
    assert 204 == deleted.status_code
    assert [("ada@home.example", True, True)] == _known(zendesk, path)
    assert "ada@home.example" == zendesk.get(path)["user"]["email"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"type": "email", "value": "OWNER@example.com"}, "email"),
        ({"type": "email", "value": "ada@example.com"}, "email"),
        ({"type": "email"}, "value"),
        ({"value": "x@example.com"}, "type"),
    ],
)
def test_an_address_belongs_to_one_user(ada, body, field):
    """What is another's, or not there, is refused."""
    zendesk, path = ada

    answer = zendesk.send("POST", f"{path}/identities", {"identity": body})

    assert (422, [field]) == (answer.status_code, list(answer.json()["details"]))


def test_a_second_address_is_nobody_elses_first(ada):
    """No user is made with the second address of another."""
    zendesk, path = ada
    _added(zendesk, path, "ada@home.example")

    answer = zendesk.send("POST", "users", {"user": {"name": "x", "email": "ada@home.example"}})

    assert ["email"] == list(answer.json()["details"])


def test_identities_are_below_their_user(ada):
    """Below another user, an identity is not there."""
    zendesk, path = ada
    pk = zendesk.get(f"{path}/identities")["identities"][0]["id"]
    other = f"users/{zendesk.made('users', name='Ben')['id']}"

    assert [] == _known(zendesk, other)
    assert 404 == zendesk.send("PUT", f"{other}/identities/{pk}/make_primary").status_code
    assert 404 == zendesk.send("DELETE", f"{other}/identities/{pk}").status_code
    assert 404 == zendesk.send("GET", "users/77/identities").status_code


def test_the_addresses_of_a_deleted_user_are_free(ada):
    """Who is deleted leaves addresses that others may have."""
    zendesk, path = ada
    _added(zendesk, path, "ada@home.example")

    zendesk.send("DELETE", path)

    for email in ("ada@example.com", "ada@home.example"):
        assert zendesk.made("users", name="Eve", email=email)["email"] == email


def test_an_email_in_an_update_may_replace_the_first(ada):
    """Whether it does is a switch; the primary identity goes with it."""
    zendesk, path = ada
    zendesk.emulator.switches.email_adds_identity = False
    zendesk.get(f"{path}/identities")

    zendesk.send("PUT", path, {"user": {"email": "ada@home.example"}})
    taken = zendesk.send("PUT", path, {"user": {"email": "owner@example.com"}})

    assert [("ada@home.example", True, False)] == _known(zendesk, path)
    assert ["email"] == list(taken.json()["details"])


@pytest.mark.usefixtures("account")
def test_the_library_keeps_identities():
    """Identities are made below a user, listed, changed and deleted."""
    user = User.objects.create(name="Ada", email="ada@example.com")
    identity = UserIdentity.objects.create(user=user, type="email", value="ada@home.example")
    identity.verified = True
    identity.save()

    found = list(UserIdentity.objects.filter(user=user))
    assert ["ada@example.com", "ada@home.example"] == [each.value for each in found]
    assert found[1].verified
    identity.delete()
    assert 1 == len(list(UserIdentity.objects.filter(user=user)))
