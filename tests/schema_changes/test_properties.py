"""Plans of random classes for random accounts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.schema_changes.declared import declare, declare_object, read_fields
from zendesk_orm import (
    CustomField,
    CustomObject,
    CustomObjectField,
    Organization,
    OrganizationField,
    Ticket,
    TicketField,
    User,
    UserField,
    connect,
)
from zendesk_orm.schema_changes import plan_schema


#: The type of the fields of each name, so that a field of an account has the declared type.
TYPES = {
    "alpha": "text",
    "beta": "checkbox",
    "gamma": "tagger",
    "delta": "multiselect",
    "epsilon": "integer",
    "zeta": "lookup",
}
OWNERS = ("ticket", "user", "organization", "car", "boat")
_MODELS = {
    "ticket": (Ticket, TicketField),
    "user": (User, UserField),
    "organization": (Organization, OrganizationField),
}

ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "active": st.booleans(),
        "description": st.sampled_from(["", "About it", "Größe\n\x00"]),
        "position": st.integers(1, 50),
    },
)
FIELD = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["", "First", "Second '\"", "{{dc.title}}"]),
        "tags": st.lists(st.integers(0, 5), unique=True, max_size=5),
        "name": st.sampled_from(["One", "Two"]),
        "attributes": ATTRIBUTES,
    }
)
SCHEMA = st.dictionaries(
    st.sampled_from(OWNERS),
    st.dictionaries(st.sampled_from(sorted(TYPES)), FIELD, max_size=5),
    max_size=4,
)


def _type_of(owner: str, name: str) -> str:
    """Return the type of a field, which has another name for tickets."""
    kind = TYPES[name]
    return "dropdown" if kind == "tagger" and owner != "ticket" else kind


def _options_of(owner: str, name: str, field: Any) -> dict[str, str]:
    """Return the titles of the options of a field by tag."""
    return {f"{owner}_{name}_{tag}": f"{field['name']} {tag}" for tag in field["tags"]}


def _declare(schema: Any) -> list[Any]:
    """Return the classes of a schema."""
    models = []
    for owner, fields in schema.items():
        declared = {}
        for name, field in fields.items():
            kind, attributes = _type_of(owner, name), dict(field["attributes"])
            options = None
            if TYPES[name] in ("tagger", "multiselect"):
                options = _options_of(owner, name, field)
            if kind == "lookup":
                attributes["relationship_target_type"] = "zen:user"
            declared[f"field_{name}"] = CustomField(
                name,
                title="" if owner == "ticket" else field["title"],
                type=kind,
                options=options,
                attributes=attributes,
            )
        if owner in _MODELS:
            models.append(declare(owner.title(), _MODELS[owner][0], **declared))
        else:
            models.append(declare_object(owner.title(), owner, owner.title(), **declared))
    return models


def _create(schema: Any) -> None:
    """Create the fields and objects of a schema, by the models of the fields."""
    for owner, fields in schema.items():
        model = _MODELS[owner][1] if owner in _MODELS else CustomObjectField
        values: dict[str, Any] = {}
        if model is CustomObjectField:
            CustomObject.objects.create(key=owner, title=owner, title_pluralized="Many")
            values["custom_object"] = owner
        for name, field in fields.items():
            key = {} if model is TicketField else {"key": name}
            title = name if model is TicketField else field["title"] or name
            options = _options_of(owner, name, field).items()
            target = "zen:user" if TYPES[name] == "lookup" else None
            listed = [{"name": name, "value": tag} for tag, name in options]
            chosen = {"custom_field_options": listed} if "lect" in TYPES[name] else {}
            if TYPES[name] == "tagger":
                chosen = {"custom_field_options": listed}
            model.objects.create(
                **key,
                **values,
                **chosen,
                **field["attributes"],
                title=title,
                type=_type_of(owner, name),
                relationship_target_type=target,
            )


class _Killed(BaseException):
    """The process ends."""


def _check(existing: Any, declared: Any, requests: int, *, deletes: bool) -> None:
    """Apply the plan of a schema to an account in two parts, and check the account."""
    account = connect("emulator://")
    _create(existing)
    models = _declare(declared)
    before = read_fields(account)
    plan = plan_schema(models, account, allow_deletions=deletes)
    sent = account.requests_sent

    def end_after(progress: Any) -> None:
        if account.requests_sent - sent >= requests:
            raise _Killed

    try:
        outcomes = plan.apply(progress=end_after)
    except _Killed:
        outcomes = plan_schema(models, account, allow_deletions=deletes).apply()
    else:
        assert account.requests_sent - sent == plan.requests
    assert [outcome for outcome in outcomes if not outcome.ok] == []
    assert plan_schema(models, account, allow_deletions=deletes).changes == ()
    after = read_fields(account)
    if not deletes:
        _check_nothing_is_lost(before, after)
    else:
        _check_only_declared(declared, after)


def _check_nothing_is_lost(before: Any, after: Any) -> None:
    """Check that all fields, options and objects still exist and are in use."""
    for key, row in before.items():
        tags = {option["value"] for option in row.get("custom_field_options") or ()}
        now = after[key]
        assert tags <= {option["value"] for option in now.get("custom_field_options") or ()}
        assert now.get("active", True) >= row.get("active", True)


def _check_only_declared(declared: Any, after: Any) -> None:
    """Check that the declared owners have no other active fields and options."""
    for (owner, _), row in after.items():
        name = {"TicketField": "ticket", "UserField": "user"}.get(owner, owner)
        name = "organization" if owner == "OrganizationField" else name
        if name not in declared or not declared[name] or not row["active"]:
            continue
        key = row["title"] if name == "ticket" else row["key"]
        if key.startswith("standard::"):
            continue
        tags = [option["value"] for option in row.get("custom_field_options") or ()]
        options = _options_of(name, key, declared[name][key])
        assert tags == (list(options) if TYPES[key] in ("tagger", "multiselect") else [])


@pytest.mark.slow
@settings(max_examples=12, phases=[Phase.explicit, Phase.generate])
@given(SCHEMA, SCHEMA, st.integers(1, 8), st.booleans())
def test_a_plan_is_complete(existing, declared, requests, deletes):
    """After a plan, even one that was interrupted, another is empty, and nothing is lost."""
    _check(existing, declared, requests, deletes=deletes)


@pytest.mark.slow
@settings(max_examples=100, derandomize=False, phases=[Phase.explicit, Phase.generate])
@given(SCHEMA, SCHEMA, st.integers(1, 8), st.booleans())
def test_many_plans_are_complete(existing, declared, requests, deletes):
    """The same holds for more examples, which differ each time."""
    _check(existing, declared, requests, deletes=deletes)
