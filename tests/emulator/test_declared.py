"""Models are emulated by their declarations."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.emulator.help_center_rows import HelpCenterRows
from zendesk_orm import Field, Group, Id, Model, ReadOnly, Ref, Ticket, User, listing, resource
from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.paging import ONE
from zendesk_orm.api.vocabulary import CRUD, search_index
from zendesk_orm.schema import registry


@pytest.fixture
def satellite():
    """Declare a resource that Zendesk does not have."""

    class Satellite(Model):
        """A thing in orbit."""

        url: ReadOnly[str]
        name: Field[str]
        orbits: Field[list[str]]
        height: Field[int | None]
        active: Field[bool]
        created_at: ReadOnly[datetime]

        class Meta:
            api = (
                resource("satellites", bulk=CRUD, count=True)
                + search_index("satellite", ("name", "orbits", "height"))
                + action_endpoint("fly", "PUT", "satellites/{id}/fly", "satellite")
            )

    return Satellite


@pytest.mark.usefixtures("satellite")
def test_a_new_declaration_is_emulated(zendesk):
    """Rows of a newly declared resource can be created, shown, listed, counted and searched."""
    created = zendesk.create("satellites", name="Vela One", orbits=["low"], height=400)

    assert created == {
        "id": created["id"],
        "url": f"https://emulator.zendesk.com/api/v2/satellites/{created['id']}.json",
        "name": "Vela One",
        "orbits": ["low"],
        "height": 400,
        "active": True,
        "created_at": "2026-09-21T14:13:20Z",
    }
    assert zendesk.get("satellites")["satellites"] == [created]
    assert zendesk.get("satellites/count")["count"]["value"] == 1
    assert zendesk.search("type:satellite name:vela orbits:low height:400") == [created["id"]]
    job = zendesk.run_job("POST", "satellites/create_many", {"satellites": [{"name": "Two"}]})
    assert job["status"] == "completed"


@pytest.mark.usefixtures("satellite")
def test_unsupported_action_returns_501(zendesk):
    """An action that the emulator does not support returns 501 instead of a success."""
    response = zendesk.send("PUT", "satellites/1/fly")

    assert (response.status_code, response.json()["error"]) == (501, "NotEmulated")


def test_rows_are_listed_through_a_joining_model(zendesk):
    """Rows are listed below another row through a third model with relations to both."""

    class Sailor(Model):
        """A person at sea."""

        name: Field[str]

        class Meta:
            api = resource("sailors") + listing("groups/{group}/sailors")

    class Berth(Model):
        """A place to sleep."""

        sailor: Ref[Sailor]
        sailor_id: Id[int]
        group: Ref[Group]
        group_id: Id[int]

        class Meta:
            api = resource("berths")

    group = zendesk.create("groups", name="Crew")["id"]
    sailor, _ = (zendesk.create("sailors", name=name) for name in ("Ada", "Ben"))
    zendesk.create("berths", sailor_id=sailor["id"], group_id=group)

    assert zendesk.get(f"groups/{group}/sailors")["sailors"] == [sailor]


def test_a_nested_resource_needs_no_parent_field(zendesk):
    """A nested resource is created, listed, shown and updated below its parent only."""

    class Note(Model):
        """Something on an organization."""

        ticket: Ref[Ticket]
        ticket_id: Id[int]
        text: Field[str]

        class Meta:
            parent = "ticket"
            api = resource("tickets/{ticket}/notes")

    one, two = (zendesk.create_ticket()["id"] for _ in range(2))
    note = zendesk.send("POST", f"tickets/{one}/notes", {"note": {"text": "x"}}).json()["note"]
    changed = zendesk.send("PUT", f"tickets/{one}/notes/{note['id']}", {"note": {"text": "y"}})

    assert (one, "x") == (note["ticket_id"], note["text"])
    assert changed.json()["note"]["text"] == "y"
    assert zendesk.get(f"tickets/{one}/notes")["notes"] == [changed.json()["note"]]
    assert zendesk.get(f"tickets/{two}/notes")["notes"] == []
    assert zendesk.send("GET", f"tickets/{two}/notes/{note['id']}").status_code == 404
    assert zendesk.send("POST", "tickets/77/notes", {"note": {"text": "x"}}).status_code == 404


@pytest.mark.slow
def test_every_declared_list_returns_a_page(demo_zendesk):
    """Every declared list returns a page under its key."""
    asked = []
    guide = HelpCenterRows(demo_zendesk)
    identifier = {"type": "id", "value": "1"}
    profile = {"source": "shop", "type": "customer", "identifiers": [identifier]}
    demo_zendesk.send("PUT", "user_profiles", {"profile": profile}, params=NEEDED)
    # Messaging has its own credentials and tests.
    for model in (item for item in registry.models() if item._meta.app_label != "messaging"):
        for endpoint in model._meta.api:
            if endpoint.verb.value == "list" and IN_OTHER_TESTS.isdisjoint(endpoint.placeholders):
                values = {name: guide.id(endpoint.path, name)
                          if model._meta.app_label == "help_center"
                          else _find_id(demo_zendesk, name)
                          for name in endpoint.placeholders}  # fmt: skip
                path = endpoint.path.format(**values)
                needed = {parameter: NEEDED.get(parameter, "a")
                          for name, parameter in endpoint.filters.items()
                          if name in endpoint.required}  # fmt: skip
                is_one = endpoint.paging is ONE
                kind = list if model._meta.pk_key and not is_one else dict
                body = demo_zendesk.get(path, **needed)
                results = body[endpoint.key] if endpoint.key else body
                asked.append(isinstance(results, kind))

    assert asked
    assert all(asked)


#: Parts of paths of lists that are read in `tests/support`, below rows that are created there.
IN_OTHER_TESTS = {"channel", "installation", "profile", "rule", "side_conversation"}
#: Parameters whose values cannot be any strings.
NEEDED = {"identifier": "shop:customer:id:1", "start_time": "1000000000"}


_STATUS = [{"field": "status", "operator": "is", "value": "new"}]
_ACTIONS = [{"field": "status", "value": "open"}]
#: Rows that have to be created for a list below them: path, key of the row, row.
CREATED = {
    "asset_type": ("it_asset_management/asset_types", "asset_type", {}),
    "attribute": ("routing/attributes", "attribute", {"name": "Language"}),
    "item": (
        "dynamic_content/items",
        "item",
        {
            "name": "x",
            "default_locale_id": 1,
            "variants": [{"locale_id": 1, "content": "y", "default": True}],
        },
    ),
    "macro": ("macros", "macro", {"title": "x", "actions": _ACTIONS}),
    "schedule": ("business_hours/schedules", "schedule", {"name": "x", "time_zone": "Berlin"}),
    "task_list_template": ("task_list_templates", "task_list_template", {"name": "x"}),
    "trigger": ("triggers", "trigger", {"title": "x", "actions": _ACTIONS, "all": _STATUS}),
    "user_field": ("user_fields", "user_field", {"key": "plan", "title": "Plan"}),
}


def _find_id(zendesk, name):
    if name in CREATED:
        path, key, row = CREATED[name]
        names = zendesk.get(path)[path.rpartition("/")[2]]
        return (names or [zendesk.send("POST", path, {key: row}).json()[key]])[0]["id"]
    if name in {"custom_object", "custom_object_key"}:
        body = {"custom_object": {"key": "car", "title": "Car", "title_pluralized": "Cars"}}
        zendesk.send("POST", "custom_objects", body)
        return "car"
    if name == "custom_object_record":
        body = {"custom_object_record": {"name": "My Tesla"}}
        created = zendesk.send("POST", "custom_objects/car/records", body).json()
        return created["custom_object_record"]["id"]
    if name == "ivr":
        zendesk.send("POST", "channels/voice/ivr", {"ivr": {"name": "Main"}})
        return zendesk.get("channels/voice/ivr")["ivrs"][0]["id"]
    if name == "menu":
        path = f"channels/voice/ivr/{_find_id(zendesk, 'ivr')}/menus"
        return zendesk.send("POST", path, {"ivr_menu": {"name": "x"}}).json()["ivr_menu"]["id"]
    if name == "webhook":
        body = {"name": "x", "status": "active", "endpoint": "https://example.com"}
        body |= {"http_method": "POST", "request_format": "json"}
        return zendesk.send("POST", "webhooks", {"webhook": body}).json()["webhook"]["id"]
    users = dict.fromkeys(("requester", "agent", "assignee", "cc", "follower"), "users")
    if name == "request":
        # Rows of the owner, which the demo rows do not contain.
        body = {"request": {"subject": "x", "comment": {"body": "y"}}}
        return zendesk.send("POST", "requests", body).json()["request"]["id"]
    tickets = dict.fromkeys(("collaborates_on", "copied_in_on", "follows", "problem"), "tickets")
    plural = {**users, **tickets}.get(name)
    plural = plural or f"{name}s"
    return zendesk.get(plural, **{"page[size]": 1})[plural][0]["id"]


def test_rows_have_the_declared_fields(demo_zendesk):
    """Rows of tickets and users have every declared field that Zendesk's rows have."""
    for model, path in ((Ticket, "tickets/1"), (User, "users/me")):
        row = demo_zendesk.get(path)[model._meta.singular]
        unknown = set(row) - {field.wire for field in model._meta.fields.values()}

        assert unknown - {"authenticity_token"} == set()
