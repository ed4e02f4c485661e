"""Rows have the custom fields that were created after them, however they are read."""

from __future__ import annotations

import pytest

from tests.emulator.conftest import Client
from zendesk_orm import Ticket, User
from zendesk_orm.emulator import Emulator


#: Paths of lists and rows, with the number of a ticket, user or organization.
READS = (
    *("tickets/{ticket}", "tickets", "tickets?page[size]=2", "tickets/show_many?ids={ticket}"),
    *("search?query=type:ticket subject:printer", "requests/{ticket}"),
    "search/export?query=printer&filter[type]=ticket&page[size]=2",
    *("incremental/tickets?start_time=1", "incremental/tickets/cursor?start_time=1"),
    *("users/{user}", "users/me", "users", "users?page[size]=1", "users/show_many?ids={user}"),
    *("users/search?query=ada", "users/autocomplete?name=ada", "search?query=type:user ada"),
    *("incremental/users/cursor?start_time=1", "tickets?include=users,organizations"),
    *("organizations/{organization}", "organizations", "organizations/search?name=acme"),
    *("users/{user}?include=organizations", "users/{user}/organizations"),
    *("organizations/show_many?ids={organization}", "incremental/organizations?start_time=1"),
    *("organizations/{organization}/users", "users/{user}/tickets/requested"),
)


def list_fields(value):
    """Return the keys or ids of the custom fields of each row in a body, with their values."""
    if isinstance(value, list):
        return [fields for item in value for fields in list_fields(item)]
    if not isinstance(value, dict):
        return []
    rows = []
    for name, part in value.items():
        if name in ("user_fields", "organization_fields"):
            rows.append(part)
        elif name in ("custom_fields", "fields"):
            rows.append({item["id"]: item["value"] for item in part})
        else:
            rows += list_fields(part)
    return rows


@pytest.fixture
def account(zendesk):
    """Return a client of an account with a row of each model, and their ids."""
    organization = zendesk.create("organizations", name="Acme")["id"]
    user = zendesk.create("users", name="Ada", organization_id=organization)["id"]
    ticket = zendesk.create_ticket(requester_id=user, subject="Printer")["id"]
    zendesk.clock.sleep(3600)
    return zendesk, {"ticket": ticket, "user": user, "organization": organization}


def create_fields(zendesk):
    """Create a text and a checkbox for each model, and return the ids of those of tickets."""
    ids = []
    for type_ in ("text", "checkbox"):
        for model in ("user", "organization"):
            zendesk.create(f"{model}_fields", type=type_, title=type_, key=type_)
        ids.append(zendesk.create("ticket_fields", type=type_, title=type_)["id"])
    return ids


def test_rows_have_fields_that_were_created_later(account):
    """Each response has all fields of each row, without a value."""
    zendesk, ids = account
    text, checkbox = create_fields(zendesk)
    expected = ({"text": None, "checkbox": False}, {text: None, checkbox: None})
    zendesk.send("PUT", f"users/{ids['user']}", {"user": {"notes": '"user_fields":{"a'}})
    zendesk.clock.sleep(3600)
    problems = []
    for path in READS:
        rows = list_fields(zendesk.get(path.format_map(ids)))
        problems += [] if rows else [f"{path}: no row"]
        problems += [f"{path}: {row}" for row in rows if row not in expected]

    assert problems == []


def test_values_are_kept(account):
    """Values that are set remain, next to fields that are created afterwards."""
    zendesk, ids = account
    text, _ = create_fields(zendesk)
    value = 'a "quoted" }] ü\u2028 \\'
    fields = [{"id": text, "value": value}]
    zendesk.send("PUT", f"tickets/{ids['ticket']}", {"ticket": {"custom_fields": fields}})
    zendesk.send("PUT", f"users/{ids['user']}", {"user": {"user_fields": {"text": value}}})
    late = zendesk.create("ticket_fields", type="text", title="Late")["id"]
    zendesk.create("user_fields", type="text", title="Late", key="late")
    ticket = zendesk.get(f"tickets/{ids['ticket']}")["ticket"]
    user = zendesk.get(f"users/{ids['user']}")["user"]

    assert {item["id"]: item["value"] for item in ticket["fields"]}[text] == value
    assert [item["value"] for item in ticket["custom_fields"] if item["id"] == late] == [None]
    assert user["user_fields"] == {"text": value, "checkbox": False, "late": None}


def test_inactive_fields_are_not_added(account):
    """Fields that are inactive or deleted are not added."""
    zendesk, ids = account
    text, checkbox = create_fields(zendesk)
    zendesk.send("PUT", f"ticket_fields/{text}", {"ticket_field": {"active": False}})
    zendesk.send("DELETE", f"ticket_fields/{checkbox}")
    (field, _) = zendesk.get("user_fields")["user_fields"]
    zendesk.send("DELETE", f"user_fields/{field['id']}")

    assert zendesk.get(f"tickets/{ids['ticket']}")["ticket"]["custom_fields"] == []
    assert zendesk.get(f"users/{ids['user']}")["user"]["user_fields"] == {"checkbox": False}


def test_generated_rows_have_fields(zendesk):
    """Generated rows have the fields, too."""
    for model in (Ticket, User):
        zendesk.emulator.generate(model, 1_000)
    text, checkbox = create_fields(zendesk)
    ticket, (user, *_) = zendesk.get("tickets/7")["ticket"], zendesk.get("users")["users"]

    assert ticket["custom_fields"] == [{"id": text, "value": None}, {"id": checkbox, "value": None}]
    assert user["user_fields"] == {"text": None, "checkbox": False}


def test_other_processes_create_fields(tmp_path):
    """A field that another emulator creates in the same file is added."""
    path = str(tmp_path / "account.db")
    with Emulator(path) as emulator, Emulator(path) as other:
        client = Client(emulator)
        before = client.get("users/me")["user"]["user_fields"]
        create_fields(Client(other))
        after = client.get("users/me")["user"]["user_fields"]

    assert (before, after) == ({}, {"text": None, "checkbox": False})
