"""`updated_at` after several changes of a row."""

from __future__ import annotations

import json

import pytest
import requests

from tests.emulator.row_factory import RowFactory, build_value, first_text_field
from tests.emulator.test_every_resource import CHANGED, CREATED, UNCHANGED, _has_endpoint, _label
from tests.tokens import ANY
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator


STAMPED = [
    model
    for model in CREATED
    if _has_endpoint(model, Verb.UPDATE)
    and "updated_at" in model._meta.fields
    and _label(model) not in UNCHANGED
]


def _collect_stamps(emulator, model, times):
    """Return the timestamps of a row after its creation and several updates."""
    row = RowFactory(emulator).new(model)
    stamps = []
    for _ in range(times):
        name = CHANGED.get(_label(model)) or first_text_field(model)
        value = build_value(model._meta.get_field(name), changed=not getattr(row, name))
        setattr(row, name, value)
        row.save()
        results = emulator._store.get(_label(model), row.pk)
        stamps.append(results["updated_at"])
    return stamps


@pytest.mark.parametrize("model", STAMPED, ids=_label)
def test_changes_have_different_timestamps(emulator, model):
    """With a virtual clock, each change of a row has another `updated_at`."""
    first, second = _collect_stamps(emulator, model, 2)

    assert first < second


def test_updates_can_share_seconds(emulator):
    """With the switch `updates_share_seconds`, consecutive changes have the same `updated_at`."""
    emulator.switches.updates_share_seconds = True
    ticket = next(model for model in STAMPED if _label(model) == "support.Ticket")
    user = next(model for model in STAMPED if _label(model) == "support.User")

    assert len(set(_collect_stamps(emulator, ticket, 3))) == 1
    assert len(set(_collect_stamps(emulator, user, 3))) == 1


def _read_rows(zendesk):
    """Return the rows with `updated_at`, by model and id."""
    texts = zendesk.emulator._store.execute("SELECT kind, id, doc FROM rows")
    rows = {(kind, pk): json.loads(text) for kind, pk, text in texts}
    return {key: row for key, row in rows.items() if row.get("updated_at")}


def test_every_change_of_a_row_advances_its_timestamp(zendesk):
    """Whatever changes a row, its `updated_at` is later, also within a second."""
    organization = zendesk.create("organizations", name="Acme")["id"]
    group = zendesk.create("groups", name="Second")["id"]
    agent = zendesk.create("users", name="Ada", email="ada@example.com", role="agent")["id"]
    field = zendesk.send(
        "POST", "ticket_fields", {"ticket_field": {"type": "tagger", "title": "Colour"}}
    ).json()["ticket_field"]["id"]
    email = {"identity": {"type": "email", "value": "ada@example.org"}}
    identity = zendesk.send("POST", f"users/{agent}/identities", email).json()["identity"]["id"]
    conditions = [{"field": "status", "operator": "is", "value": "new"}]
    action = {"field": "priority", "value": "high"}
    rule = {"title": "t", "conditions": {"all": conditions}, "actions": [action]}
    trigger = zendesk.send("POST", "triggers", {"trigger": rule}).json()["trigger"]["id"]
    option = {"custom_field_option": {"name": "Red", "value": "red"}}
    membership = {"user_id": agent, "organization_id": organization}
    brand = zendesk.get("brands")["brands"][0]["id"]
    requests = (
        ("POST", f"ticket_fields/{field}/options", option),
        ("PUT", f"users/{agent}/identities/{identity}/make_primary", None),
        ("POST", "group_memberships", {"group_membership": {"user_id": agent, "group_id": group}}),
        ("POST", "organization_memberships", {"organization_membership": membership}),
        ("PUT", "triggers/reorder", {"trigger_ids": [trigger]}),
        ("PUT", f"brands/{brand}", {"brand": {"name": "Other"}}),
        ("DELETE", f"organizations/{organization}", None),
        ("DELETE", f"triggers/{trigger}", None),
        ("DELETE", f"users/{agent}", None),
    )
    unchanged, changes = [], 0
    for method, path, body in requests:
        before = _read_rows(zendesk)
        response = zendesk.send(method, path, body)
        assert response.status_code < 300, response.text
        after = _read_rows(zendesk)
        changed = [key for key in before.keys() & after if before[key] != after[key]]
        late = [key for key in changed if after[key]["updated_at"] <= before[key]["updated_at"]]
        unchanged += [(method, path, key) for key in late]
        changes += len(changed)

    assert unchanged == []
    assert changes > len(requests)


@pytest.mark.lenient
def test_a_conflict_is_noticed_at_a_port():
    """A served emulator, whose clock is that of the machine, notices conflicts within a second."""
    with Emulator() as emulator, emulator.serve(port=0) as server, requests.Session() as session:
        session.auth = ANY
        url = f"{server.url}/api/v2/tickets"
        ticket = session.post(url, json={"ticket": {"comment": {"body": "x"}}}).json()["ticket"]
        stamp = {"safe_update": True, "updated_stamp": ticket["updated_at"]}
        statuses = [
            session.put(
                f"{url}/{ticket['id']}", json={"ticket": {"priority": priority, **stamp}}
            ).status_code
            for priority in ("high", "low")
        ]

    assert statuses == [200, 409]
