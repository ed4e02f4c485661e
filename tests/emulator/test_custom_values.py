"""Values of the custom fields of tickets, by the type of the field."""

from __future__ import annotations

import pytest


OPTIONS = [{"name": "Red", "value": "red"}, {"name": "Blue", "value": "blue"}]
FIELDS = {
    "checkbox": {"tag": "checked"},
    "date": {},
    "decimal": {},
    "integer": {},
    "multiselect": {"custom_field_options": OPTIONS},
    "regexp": {"regexp_for_validation": r"^\d+$"},
    "tagger": {"custom_field_options": OPTIONS},
    "text": {},
}
#: The value that is sent, the value that is stored, and the tags of the ticket.
ACCEPTED = [
    ("checkbox", True, True, ["checked"]),
    ("checkbox", "true", True, ["checked"]),
    ("checkbox", "1", True, ["checked"]),
    ("checkbox", False, False, []),
    ("checkbox", "", False, []),
    ("date", "2026-01-31", "2026-01-31", []),
    ("date", "", None, []),
    ("decimal", 1.5, 1.5, []),
    ("decimal", "1.5", "1.5", []),
    ("integer", -5, -5, []),
    ("integer", "5", "5", []),
    ("multiselect", ["red", "blue"], ["red", "blue"], ["red", "blue"]),
    ("multiselect", "red", ["red"], ["red"]),
    ("multiselect", [], [], []),
    ("regexp", "12", "12", []),
    ("tagger", "red", "red", ["red"]),
    ("tagger", "", None, []),
    ("text", "", "", []),
    *((kind, None, None, []) for kind in FIELDS),
]
REJECTED = [
    ("date", "31.01.2026", "FieldDate"),
    ("date", "2026-02-30", "FieldDate"),
    ("date", "2026-01-31T00:00:00", "FieldDate"),
    ("decimal", "much", "FieldDecimal"),
    ("integer", "5.5", "FieldInteger"),
    ("integer", 5.5, "FieldInteger"),
    ("integer", True, "FieldInteger"),
    ("regexp", "twelve", "FieldRegexp"),
]


@pytest.fixture
def fields(zendesk):
    """Return the ids of fields by type."""
    return {
        kind: zendesk.create("ticket_fields", type=kind, title=kind.title(), **values)["id"]
        for kind, values in FIELDS.items()
    }


def _get(ticket, pk):
    (value,) = [field["value"] for field in ticket["custom_fields"] if field["id"] == pk]
    return value


def test_values_are_stored_by_type(zendesk, fields):
    """A value is stored in the form of its type, with the tags of options and checkboxes."""
    for kind, value, stored, tags in ACCEPTED:
        pk = fields[kind]
        custom = [{"id": pk, "value": value}]
        created = zendesk.create_ticket(tags=["kept"], custom_fields=custom)
        path = f"tickets/{zendesk.create_ticket()['id']}"
        updated = zendesk.send("PUT", path, {"ticket": {"custom_fields": custom}}).json()["ticket"]

        assert (_get(created, pk), created["tags"]) == (stored, ["kept", *tags]), (kind, value)
        assert (_get(updated, pk), updated["tags"]) == (stored, tags), (kind, value)


def test_invalid_values_are_rejected(zendesk, fields):
    """The error names the field and its type, and nothing changes; a switch sets its text."""
    ticket = zendesk.create_ticket()
    zendesk.emulator.switches.invalid_value_text = "has to be valid"
    for kind, value, name in REJECTED:
        text = "is not valid" if kind == "date" else "has to be valid"
        body = {
            "ticket": {"subject": "New", "custom_fields": [{"id": fields[kind], "value": value}]}
        }
        response = zendesk.send("PUT", f"tickets/{ticket['id']}", body)

        assert response.status_code == 422, (kind, value)
        assert response.json()["details"] == {
            "base": [
                {
                    "description": f"{kind.title()} {text}",
                    "error": "InvalidValue",
                    "ticket_field_id": fields[kind],
                    "ticket_field_type": name,
                }
            ]
        }
    assert zendesk.get(f"tickets/{ticket['id']}")["ticket"] == ticket


def test_unknown_options_are_ignored(zendesk, fields):
    """A value that is no option leaves the old one, as at Zendesk, and is counted."""
    pk, many = fields["tagger"], fields["multiselect"]
    custom = [{"id": pk, "value": "red"}, {"id": many, "value": ["blue"]}]
    ticket = zendesk.create_ticket(custom_fields=custom)

    custom = [{"id": pk, "value": "green"}, {"id": many, "value": ["red", "green"]}]
    body = {"ticket": {"custom_fields": custom}}
    updated = zendesk.send("PUT", f"tickets/{ticket['id']}", body).json()["ticket"]

    assert (_get(updated, pk), _get(updated, many)) == ("red", ["red"])
    assert zendesk.emulator.ignored.describe().splitlines() == [
        f"ticket field {many}: option green (1 x)",
        f"ticket field {pk}: option green (1 x)",
    ]


def test_tags_follow_values(zendesk, fields):
    """The tag of the previous option, or of a cleared checkbox, is removed."""
    pk, box = fields["tagger"], fields["checkbox"]
    custom = [{"id": pk, "value": "red"}, {"id": box, "value": True}]
    path = f"tickets/{zendesk.create_ticket(tags=['kept'], custom_fields=custom)['id']}"

    custom = [{"id": pk, "value": "blue"}, {"id": box, "value": False}]
    updated = zendesk.send("PUT", path, {"ticket": {"custom_fields": custom}}).json()["ticket"]

    assert updated["tags"] == ["kept", "blue"]


#: The type of a field of users, the value that is sent, and the stored one.
KEYED = [
    ("checkbox", "true", True),
    ("date", "2026-01-31", "2026-01-31T00:00:00+00:00"),
    ("date", "2026-01-31T00:00:00+00:00", "2026-01-31T00:00:00+00:00"),
    ("decimal", "1.5", 1.5),
    ("dropdown", "red", "red"),
    ("integer", "5", 5),
    ("lookup", 7, 7),
    ("multiselect", ["red"], ["red"]),
    ("regexp", "12", "12"),
    ("text", "0018", "0018"),
]
REJECTED_KEYED = {"date": "31.01.2026", "decimal": "much", "integer": "5.5", "regexp": "twelve"}
SETTINGS = {**FIELDS, "dropdown": FIELDS["tagger"], "lookup": {}}


@pytest.mark.parametrize("singular", ["user", "organization"])
def test_values_by_key_are_stored_by_type(zendesk, singular):
    """Fields of users and organizations store numbers and times, and change their tags."""
    for kind in dict.fromkeys(kind for kind, _, _ in KEYED):
        values = {"key": kind, "type": kind, "title": kind.title(), **SETTINGS[kind]}
        zendesk.create(f"{singular}_fields", **values)
    wire = f"{singular}_fields"
    for kind, value, stored in KEYED:
        row = zendesk.create(f"{singular}s", name=f"{kind} {value}", **{wire: {kind: value}})

        assert row[wire] == {
            **dict.fromkeys(kind for kind, _, _ in KEYED),
            "checkbox": False,
            kind: stored,
        }
    sent = {"checkbox": True, "dropdown": "red", "multiselect": ["blue"]}
    row = zendesk.create(f"{singular}s", name="New", tags=["kept"], **{wire: sent})
    path = f"{singular}s/{row['id']}"
    changed = {"checkbox": None, "dropdown": "blue", "multiselect": []}
    updated = zendesk.send("PUT", path, {singular: {wire: changed}}).json()[singular]
    responses = [
        zendesk.send("PUT", path, {singular: {"notes": "new", wire: {kind: value}}})
        for kind, value in REJECTED_KEYED.items()
    ]

    assert row["tags"] == ["kept", "checked", "red", "blue"]
    assert updated["tags"] == ["kept", "blue"]
    assert [(response.status_code, response.json()["details"]) for response in responses] == [
        (422, {kind: [{"description": f"{kind.title()}: is not valid", "error": "InvalidValue"}]})
        for kind in REJECTED_KEYED
    ]
    assert zendesk.get(path)[singular] == updated
