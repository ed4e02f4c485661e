"""Create, update and delete, and what is refused."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import decoded


def _details(answer):
    assert answer.status_code == 422
    assert answer.json()["error"] == "RecordInvalid"
    return answer.json()["details"]


def test_what_is_created_says_where_it_is(zendesk):
    """A creation is answered with 201, the row, and its address."""
    answer = zendesk.send("POST", "organizations", {"organization": {"name": "Acme"}})

    row = answer.json()["organization"]
    assert 201 == answer.status_code
    assert row["url"] == answer.headers["Location"]
    assert f"https://emulator.zendesk.com/api/v2/organizations/{row['id']}.json" == row["url"]
    assert row["created_at"] == row["updated_at"] == "2026-09-21T14:13:20Z"


def test_ids_are_long_and_those_of_tickets_are_not(zendesk):
    """Tickets are counted from one; other ids need 64 bits and are not dense."""
    users = [zendesk.made("users", name=name)["id"] for name in ("Ada", "Ben")]
    tickets = [zendesk.ticket()["id"] for _ in range(2)]

    assert [1, 2] == tickets
    assert users[0] > 2**32
    assert users[1] - users[0] > 1


def test_an_update_moves_updated_at(zendesk):
    """What changes gets a new `updated_at`; what stays the same keeps it."""
    made = zendesk.made("organizations", name="Acme")
    zendesk.clock.sleep(60)

    same = zendesk.send("PUT", f"organizations/{made['id']}", {"organization": {"name": "Acme"}})
    new = zendesk.send("PUT", f"organizations/{made['id']}", {"organization": {"notes": "n"}})

    assert (200, made) == (same.status_code, same.json()["organization"])
    assert {**made, "notes": "n", "updated_at": "2026-09-21T14:14:20Z"} == new.json()[
        "organization"
    ]


def test_unknown_keys_are_ignored_and_reported(zendesk):
    """Keys that cannot be written change nothing, and a header names them."""
    made = zendesk.made("groups", name="Hardware")

    answer = zendesk.send(
        "PUT", f"groups/{made['id']}", {"group": {"id": 7, "nam": "x", "created_at": "y"}}
    )

    assert made == answer.json()["group"]
    assert (
        '{:allowed_parameters=>{:controller=>"groups", :action=>"update", '
        ':unpermitted_keys=>["group.id", "group.nam", "group.created_at"], :invalid_values=>[]}}'
    ) == answer.headers["x-zendesk-api-warn"]


def test_a_body_without_its_envelope_is_refused(zendesk):
    """The object has to stand under the name of the resource."""
    answer = zendesk.send("POST", "groups", {"name": "Hardware"})

    assert (400, "ParameterMissing") == (answer.status_code, answer.json()["error"])


def test_a_deletion_answers_nothing(zendesk):
    """What is deleted is gone from show and list; a second deletion finds nothing."""
    pk = zendesk.made("organizations", name="Acme")["id"]

    assert (204, None) == decoded(zendesk.send("DELETE", f"organizations/{pk}"))
    assert 404 == zendesk.send("GET", f"organizations/{pk}").status_code
    assert 404 == zendesk.send("DELETE", f"organizations/{pk}").status_code
    assert [] == zendesk.get("organizations")["organizations"]


def test_a_deleted_user_comes_back_inactive(zendesk):
    """Deleting a user is the deletion that answers with the row."""
    pk = zendesk.made("users", name="Ada")["id"]

    status, data = decoded(zendesk.send("DELETE", f"users/{pk}"))

    assert (200, pk, False) == (status, data["user"]["id"], data["user"]["active"])


def test_the_members_of_a_deleted_organization_have_none(zendesk):
    """Users and tickets of a deleted organization stay, without it."""
    organization = zendesk.made("organizations", name="Acme")["id"]
    user = zendesk.made("users", name="Ada", organization_id=organization)["id"]
    ticket = zendesk.ticket(requester_id=user)["id"]

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
def test_a_row_that_breaks_a_rule_is_refused(zendesk, path, values, field):
    """A refusal names the field that is wrong, and nothing is kept."""
    before = zendesk.get(path)["count"]

    details = _details(zendesk.send("POST", path, {path[:-1]: values}))

    assert [field] == list(details)
    assert before == zendesk.get(path)["count"]


def test_names_of_organizations_are_unique(zendesk):
    """A second organization of a name is refused in the recorded words, whatever the case."""
    zendesk.made("organizations", name="Acme")

    details = _details(zendesk.send("POST", "organizations", {"organization": {"name": "ACME"}}))

    assert {
        "name": [{"description": "Name:  ACME has already been taken", "error": "DuplicateValue"}]
    } == details


def test_emails_of_users_are_unique(zendesk):
    """A second user of an e-mail is refused."""
    zendesk.made("users", name="Ada", email="ada@example.com")

    details = _details(
        zendesk.send("POST", "users", {"user": {"name": "Eve", "email": "ada@example.com"}})
    )

    assert (
        "Email: ada@example.com is already being used by another user"
        == details["email"][0]["description"]
    )


def test_a_row_may_keep_its_unique_name(zendesk):
    """A row is no duplicate of itself."""
    made = zendesk.made("organizations", name="Acme")

    answer = zendesk.send(
        "PUT", f"organizations/{made['id']}", {"organization": {"name": "ACME", "notes": "x"}}
    )

    assert (200, "ACME") == (answer.status_code, answer.json()["organization"]["name"])


def test_an_email_in_an_update_leaves_the_first_in_place(zendesk):
    """A new e-mail becomes a second identity, which the row does not show."""
    made = zendesk.made("users", name="Ada", email="ada@example.com")

    answer = zendesk.send("PUT", f"users/{made['id']}", {"user": {"email": "new@example.com"}})

    assert "ada@example.com" == answer.json()["user"]["email"]


def test_fields_of_the_account_are_merged_by_key(zendesk):
    """`organization_fields` changes the keys that are given and leaves the others."""
    made = zendesk.made("organizations", name="Acme", organization_fields={"a": 1, "b": 2})

    answer = zendesk.send(
        "PUT",
        f"organizations/{made['id']}",
        {"organization": {"organization_fields": {"b": 3}}},
    )

    assert {"a": 1, "b": 3} == answer.json()["organization"]["organization_fields"]


def test_nothing_that_was_refused_leaves_a_trace(zendesk):
    """A requester made for a ticket that is then refused is not there afterwards."""
    requester = {"name": "Ada", "email": "ada@example.com"}

    zendesk.send("POST", "tickets", {"ticket": {"requester": requester, "status": "x"}})

    assert 1 == zendesk.get("users")["count"]


def test_what_is_settled_is_unknown_in_an_update(zendesk):
    """What can be set only when a row is made is ignored later, and reported as recorded."""
    made = zendesk.send(
        "POST", "ticket_fields", {"ticket_field": {"type": "text", "title": "Size"}}
    ).json()["ticket_field"]

    answer = zendesk.send(
        "PUT",
        f"ticket_fields/{made['id']}",
        {"ticket_field": {"id": made["id"], "title": "Weight", "type": "integer"}},
    )

    assert ("Weight", "text") == tuple(
        answer.json()["ticket_field"][key] for key in ("title", "type")
    )
    assert (
        ':unpermitted_keys=>["ticket_field.id", "ticket_field.type"]'
        in answer.headers["x-zendesk-api-warn"]
    )
