"""Rows are created, updated and deleted, and invalid requests are rejected."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decode


def _read_details(answer):
    assert answer.status_code == 422
    assert answer.json()["error"] == "RecordInvalid"
    return answer.json()["details"]


def test_a_row_is_created(zendesk):
    """Creating a row returns 201 with the row and its address."""
    response = zendesk.send("POST", "organizations", {"organization": {"name": "Acme"}})

    row = response.json()["organization"]
    assert response.status_code == 201
    assert row["url"] == response.headers["Location"]
    assert row["url"] == f"https://emulator.zendesk.com/api/v2/organizations/{row['id']}.json"
    assert row["created_at"] == row["updated_at"] == "2026-09-21T14:13:20Z"


def test_ids_are_numbered_as_at_zendesk(zendesk):
    """Tickets are numbered from 1; other ids need 64 bits and are sparse."""
    users = [zendesk.create("users", name=name)["id"] for name in ("Ada", "Ben")]
    tickets = [zendesk.create_ticket()["id"] for _ in range(2)]

    assert tickets == [1, 2]
    assert users[0] > 2**32
    assert users[1] - users[0] > 1


def test_a_change_sets_updated_at(zendesk):
    """A change sets `updated_at`, and an update without changes keeps it."""
    created = zendesk.create("organizations", name="Acme")
    zendesk.clock.sleep(60)

    same = zendesk.send("PUT", f"organizations/{created['id']}", {"organization": {"name": "Acme"}})
    new = zendesk.send("PUT", f"organizations/{created['id']}", {"organization": {"notes": "n"}})

    assert (200, created) == (same.status_code, same.json()["organization"])
    assert new.json()["organization"] == {
        **created,
        "notes": "n",
        "updated_at": "2026-09-21T14:14:20Z",
    }


def test_unknown_keys_are_ignored_and_reported(zendesk):
    """Keys that are not writable are ignored, and a header lists them."""
    created = zendesk.create("groups", name="Hardware")

    response = zendesk.send(
        "PUT", f"groups/{created['id']}", {"group": {"id": 7, "nam": "x", "created_at": "y"}}
    )

    assert response.json()["group"] == created
    assert response.headers["x-zendesk-api-warn"] == (
        '{:allowed_parameters=>{:controller=>"groups", :action=>"update", '
        ':unpermitted_keys=>["group.id", "group.nam", "group.created_at"], :invalid_values=>[]}}'
    )


def test_missing_envelope_is_rejected(zendesk):
    """An object that is not under the name of its resource is rejected."""
    response = zendesk.send("POST", "groups", {"name": "Hardware"})

    assert (response.status_code, response.json()["error"]) == (400, "ParameterMissing")


def test_a_row_is_deleted(zendesk):
    """A deleted row is neither shown nor listed, and a second deletion returns 404."""
    pk = zendesk.create("organizations", name="Acme")["id"]

    assert decode(zendesk.send("DELETE", f"organizations/{pk}")) == (204, None)
    assert zendesk.send("GET", f"organizations/{pk}").status_code == 404
    assert zendesk.send("DELETE", f"organizations/{pk}").status_code == 404
    assert zendesk.get("organizations")["organizations"] == []


def test_a_user_is_deleted(zendesk):
    """Deleting a user returns the user, who is inactive."""
    pk = zendesk.create("users", name="Ada")["id"]

    status, data = decode(zendesk.send("DELETE", f"users/{pk}"))

    assert (200, pk, False) == (status, data["user"]["id"], data["user"]["active"])


def test_an_organization_is_deleted(zendesk):
    """Users and tickets of a deleted organization remain without an organization."""
    organization = zendesk.create("organizations", name="Acme")["id"]
    user = zendesk.create("users", name="Ada", organization_id=organization)["id"]
    ticket = zendesk.create_ticket(requester_id=user)["id"]

    zendesk.send("DELETE", f"organizations/{organization}")

    assert zendesk.get(f"users/{user}")["user"]["organization_id"] is None
    assert zendesk.get(f"tickets/{ticket}")["ticket"]["organization_id"] is None


@pytest.mark.parametrize(
    ("path", "values", "field"),
    [
        ("organizations", {}, "name"),
        ("groups", {"description": "x"}, "name"),
        ("users", {"name": " "}, "name"),
        ("users", {"name": "Ada", "role": "boss"}, "role"),
        ("users", {"name": "Ada", "organization_id": 7}, "organization"),
        ("tickets", {"subject": "x"}, "description"),
        ("tickets", {"comment": {"body": "x"}, "status": "solvd"}, "status"),
        ("tickets", {"comment": {"body": "x"}, "priority": "max"}, "priority"),
        ("tickets", {"comment": {"body": "x"}, "type": "bug"}, "type"),
        ("tickets", {"comment": {"body": "x"}, "requester_id": 7}, "requester"),
        ("tickets", {"comment": {"body": "x"}, "assignee_email": "no@example.com"}, "assignee"),
    ],
)
def test_invalid_row_is_rejected(zendesk, path, values, field):
    """An invalid row returns an error with the field, and nothing is stored."""
    before = zendesk.get(path)["count"]

    details = _read_details(zendesk.send("POST", path, {path[:-1]: values}))

    assert list(details) == [field]
    assert zendesk.get(path)["count"] == before


def test_names_of_organizations_are_unique(zendesk):
    """A second organization with a name, ignoring case, is rejected with the recorded error."""
    zendesk.create("organizations", name="Acme")

    details = _read_details(
        zendesk.send("POST", "organizations", {"organization": {"name": "ACME"}})
    )

    assert details == {
        "name": [{"description": "Name:  ACME has already been taken", "error": "DuplicateValue"}]
    }


def test_emails_of_users_are_unique(zendesk):
    """A second user with an e-mail address is rejected."""
    zendesk.create("users", name="Ada", email="ada@example.com")

    details = _read_details(
        zendesk.send("POST", "users", {"user": {"name": "Eve", "email": "ada@example.com"}})
    )

    assert (
        details["email"][0]["description"]
        == "Email: ada@example.com is already being used by another user"
    )


def test_a_row_keeps_its_unique_name(zendesk):
    """A row can be updated with its own unique name."""
    created = zendesk.create("organizations", name="Acme")

    response = zendesk.send(
        "PUT", f"organizations/{created['id']}", {"organization": {"name": "ACME", "notes": "x"}}
    )

    assert (response.status_code, response.json()["organization"]["name"]) == (200, "ACME")


def test_an_email_in_an_update_is_added(zendesk):
    """A new e-mail address in an update becomes a second identity, and the row keeps the first."""
    created = zendesk.create("users", name="Ada", email="ada@example.com")

    response = zendesk.send("PUT", f"users/{created['id']}", {"user": {"email": "new@example.com"}})

    assert response.json()["user"]["email"] == "ada@example.com"


def test_custom_fields_are_merged_by_key(zendesk):
    """`organization_fields` changes the given keys, keeps the others, and ignores unknown ones."""
    for key in ("a", "b"):
        zendesk.create("organization_fields", type="integer", title=key, key=key)
    values = {"a": 1, "b": 2, "c": 3}
    created = zendesk.create("organizations", name="Acme", organization_fields=values)
    assert created["organization_fields"] == {"a": 1, "b": 2}

    response = zendesk.send(
        "PUT",
        f"organizations/{created['id']}",
        {"organization": {"organization_fields": {"b": 3, "c": 4}}},
    )

    assert response.json()["organization"]["organization_fields"] == {"a": 1, "b": 3}


def test_rejected_request_is_rolled_back(zendesk):
    """A requester that was created for an invalid ticket does not exist after its rejection."""
    requester = {"name": "Ada", "email": "ada@example.com"}

    zendesk.send("POST", "tickets", {"ticket": {"requester": requester, "status": "x"}})

    assert zendesk.get("users")["count"] == 1


def test_create_only_keys_are_ignored_in_an_update(zendesk):
    """Keys that can only be set on creation are ignored in updates, and listed, as recorded."""
    created = zendesk.send(
        "POST", "ticket_fields", {"ticket_field": {"type": "text", "title": "Size"}}
    ).json()["ticket_field"]

    response = zendesk.send(
        "PUT",
        f"ticket_fields/{created['id']}",
        {"ticket_field": {"id": created["id"], "title": "Weight", "type": "integer"}},
    )

    assert tuple(response.json()["ticket_field"][key] for key in ("title", "type")) == (
        "Weight",
        "text",
    )
    assert (
        ':unpermitted_keys=>["ticket_field.id", "ticket_field.type"]'
        in response.headers["x-zendesk-api-warn"]
    )
