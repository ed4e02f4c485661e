"""What is declared today is emulated today."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.emulator.guide_rows import Guide
from zendesk_orm import Field, Group, Id, Model, ReadOnly, Ref, Ticket, User, listed, resource
from zendesk_orm.api.vocabulary import action, searched
from zendesk_orm.schema import registry


@pytest.fixture
def satellite():
    """Declare a resource that Zendesk has not heard of."""

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
                resource("satellites", many="show create update destroy", count=True)
                + searched("satellite", "name orbits height")
                + action("fly", "PUT", "satellites/{id}/fly", "satellite")
            )

    return Satellite


@pytest.mark.usefixtures("satellite")
def test_a_new_resource_is_emulated(zendesk):
    """A resource that was declared a moment ago is made, shown, listed, counted and found."""
    made = zendesk.made("satellites", name="Vela One", orbits=["low"], height=400)

    assert {
        "id": made["id"],
        "url": f"https://emulator.zendesk.com/api/v2/satellites/{made['id']}.json",
        "name": "Vela One",
        "orbits": ["low"],
        "height": 400,
        "active": True,
        "created_at": "2026-09-21T14:13:20Z",
    } == made
    assert [made] == zendesk.get("satellites")["satellites"]
    assert 1 == zendesk.get("satellites/count")["count"]["value"]
    assert [made["id"]] == zendesk.found("type:satellite name:vela orbits:low height:400")
    job = zendesk.done("POST", "satellites/create_many", {"satellites": [{"name": "Two"}]})
    assert "completed" == job["status"]


@pytest.mark.usefixtures("satellite")
def test_what_is_not_emulated_says_so(zendesk):
    """An action that the emulator does not know is 501, not a false success."""
    answer = zendesk.send("PUT", "satellites/1/fly")

    assert (501, "NotEmulated") == (answer.status_code, answer.json()["error"])


def test_rows_are_listed_below_what_a_third_model_joins_them_to(zendesk):
    """Where no field says so, a model with relations to both tells what belongs to what."""

    class Sailor(Model):
        """A person at sea."""

        name: Field[str]

        class Meta:
            api = resource("sailors") + listed("groups/{group}/sailors")

    class Berth(Model):
        """A place to sleep."""

        sailor: Ref[Sailor]
        sailor_id: Id[int]
        group: Ref[Group]
        group_id: Id[int]

        class Meta:
            api = resource("berths")

    group = zendesk.made("groups", name="Crew")["id"]
    sailor, _ = (zendesk.made("sailors", name=name) for name in ("Ada", "Ben"))
    zendesk.made("berths", sailor_id=sailor["id"], group_id=group)

    assert [sailor] == zendesk.get(f"groups/{group}/sailors")["sailors"]


def test_rows_that_do_not_name_their_parent_are_kept_below_it(zendesk):
    """A nested resource is made, listed, shown and changed below its parent, and no other."""

    class Note(Model):
        """Something on an organization."""

        ticket: Ref[Ticket]
        ticket_id: Id[int]
        text: Field[str]

        class Meta:
            parent = "ticket"
            api = resource("tickets/{ticket}/notes")

    one, two = (zendesk.ticket()["id"] for _ in range(2))
    note = zendesk.send("POST", f"tickets/{one}/notes", {"note": {"text": "x"}}).json()["note"]
    changed = zendesk.send("PUT", f"tickets/{one}/notes/{note['id']}", {"note": {"text": "y"}})

    assert (one, "x") == (note["ticket_id"], note["text"])
    assert "y" == changed.json()["note"]["text"]
    assert [changed.json()["note"]] == zendesk.get(f"tickets/{one}/notes")["notes"]
    assert [] == zendesk.get(f"tickets/{two}/notes")["notes"]
    assert 404 == zendesk.send("GET", f"tickets/{two}/notes/{note['id']}").status_code
    assert 404 == zendesk.send("POST", "tickets/77/notes", {"note": {"text": "x"}}).status_code


def test_every_list_of_every_model_answers(demo_zendesk):
    """Every list that is declared gives a page under its key."""
    asked = []
    guide = Guide(demo_zendesk)
    for model in registry.models():
        for endpoint in model._meta.api:
            if endpoint.verb.value == "list":
                values = {name: guide.id(endpoint.path, name)
                          if model._meta.app_label == "help_center"
                          else _some_id(demo_zendesk, name)
                          for name in endpoint.placeholders}  # fmt: skip
                path = endpoint.path.format(**values)
                needed = {parameter: MOMENTS.get(parameter, "a")
                          for name, parameter in endpoint.takes.items()
                          if name in endpoint.needs}  # fmt: skip
                kind = list if model._meta.known_by else dict
                body = demo_zendesk.get(path, **needed)
                found = body[endpoint.key] if endpoint.key else body
                asked.append(isinstance(found, kind))

    assert asked
    assert all(asked)


#: Parameters that are no words.
MOMENTS = {"start_time": "1000000000"}


#: What has to be made before anything can be asked of it: the path, the key of a row, the row.
_STATUS = [{"field": "status", "operator": "is", "value": "new"}]
_ACTIONS = [{"field": "status", "value": "open"}]
MADE = {
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


def _some_id(zendesk, name):
    if name in MADE:
        path, key, row = MADE[name]
        known = zendesk.get(path)[path.rpartition("/")[2]]
        return (known or [zendesk.send("POST", path, {key: row}).json()[key]])[0]["id"]
    if name in {"custom_object", "custom_object_key"}:
        body = {"custom_object": {"key": "car", "title": "Car", "title_pluralized": "Cars"}}
        zendesk.send("POST", "custom_objects", body)
        return "car"
    if name == "custom_object_record":
        body = {"custom_object_record": {"name": "My Tesla"}}
        made = zendesk.send("POST", "custom_objects/car/records", body).json()
        return made["custom_object_record"]["id"]
    if name == "ivr":
        zendesk.send("POST", "channels/voice/ivr", {"ivr": {"name": "Main"}})
        return zendesk.get("channels/voice/ivr")["ivrs"][0]["id"]
    if name == "menu":
        path = f"channels/voice/ivr/{_some_id(zendesk, 'ivr')}/menus"
        return zendesk.send("POST", path, {"ivr_menu": {"name": "x"}}).json()["ivr_menu"]["id"]
    if name == "webhook":
        body = {"name": "x", "status": "active", "endpoint": "https://example.com"}
        body |= {"http_method": "POST", "request_format": "json"}
        return zendesk.send("POST", "webhooks", {"webhook": body}).json()["webhook"]["id"]
    users = dict.fromkeys(("requester", "agent", "assignee", "cc", "follower"), "users")
    if name == "request":
        # The owner's own, of which the demonstration has none.
        body = {"request": {"subject": "x", "comment": {"body": "y"}}}
        return zendesk.send("POST", "requests", body).json()["request"]["id"]
    tickets = dict.fromkeys(("collaborates_on", "copied_in_on", "follows", "problem"), "tickets")
    plural = {**users, **tickets}.get(name)
    plural = plural or f"{name}s"
    return zendesk.get(plural, **{"page[size]": 1})[plural][0]["id"]


def test_rows_have_the_fields_that_are_declared(demo_zendesk):
    """Rows of tickets and users have every field of the declaration that Zendesk's rows have."""
    for model, path in ((Ticket, "tickets/1"), (User, "users/me")):
        row = demo_zendesk.get(path)[model._meta.singular]
        unknown = set(row) - {field.wire for field in model._meta.fields.values()}

        assert set() == unknown - {"authenticity_token"}
