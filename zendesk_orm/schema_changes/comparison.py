"""Differences between declared fields and objects and those of an account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.inspection import field_types
from zendesk_orm.inspection.field_attributes import is_equal
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema.custom_arguments import get_types
from zendesk_orm.schema.definitions import CHOSEN, Definition, Definitions, fold_name
from zendesk_orm.schema.row import Row
from zendesk_orm.schema_changes.changes import SchemaChange
from zendesk_orm.schema_changes.declarations import DeclaredField, DeclaredObject
from zendesk_orm.schema_changes.field_options import OptionChanges, build_options
from zendesk_orm.schema_changes.owners import Owner, check_object_key
from zendesk_orm.schema_changes.plan import Step
from zendesk_orm.support import CustomObject


#: Attributes of a system field that can be changed.
#: Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/#json-format
_CHANGEABLE = frozenset({"active", "position"})
#: Attributes that Zendesk sets when a field is created, and never changes.
_CREATE_ONLY = frozenset({"key", "relationship_target_type"})


def find_definition(declared: DeclaredField, definitions: Definitions) -> Definition | None:
    """Return the field of the account that a declaration names, or None if there is none.

    Raises:
        InvalidValue: several fields have the name, or name and id belong to different fields.
    """
    by_id = next((d for d in definitions if declared.id is not None and d.id == declared.id), None)
    matches = {d.id: d for name in declared.known_as for d in definitions.find_all(name)}
    if by_id is not None and by_id.id in matches:
        return by_id
    if len(matches) > 1 or (matches and by_id is not None):
        ids = ", ".join(map(str, {**matches, **({} if by_id is None else {by_id.id: by_id})}))
        raise InvalidValue(
            f"several fields have the name or the id of {declared.subject}; declare it by one of "
            f"the ids instead of its title: {ids}"
        )
    return by_id or next(iter(matches.values()), None)


def compare_object(declared: DeclaredObject, row: Row | None) -> Iterator[Step]:
    """Yield the step that creates or changes a custom object.

    Raises:
        InvalidValue: a title is missing, the key is invalid, or an attribute has a wrong type.
    """
    subject = f"custom object {display(declared.key)}"
    attributes = dict(declared.attributes)
    if row is None:
        check_object_key(declared.key)
        missing = [name for name in ("title", "title_pluralized") if name not in attributes]
        if missing:
            raise InvalidValue(
                f"a new custom object needs {' and '.join(missing)}: set custom_object = "
                '{"title": "...", "title_pluralized": "..."} in Meta'
            )
        record = CustomObject(key=declared.key, **attributes)
        details = display(attributes["title"])
        change = SchemaChange("create", subject, details=details, place=declared.place)
        yield Step((change,), record, creates=declared.key)
        return
    changed = {n: value for n, value in attributes.items() if not is_equal(row, n, value)}
    if changed:
        changes = [
            SchemaChange("change", subject, name, row.get(name), value, place=declared.place)
            for name, value in changed.items()
        ]
        yield Step(tuple(changes), _update_record(CustomObject, row, changed))


def create_field(declared: DeclaredField, new_objects: frozenset[str]) -> Step:
    """Return the step that creates a field.

    Args:
        declared: the declaration.
        new_objects: the keys of the custom objects that are created before.

    Raises:
        InvalidValue: the field cannot be created, or not be looked up afterwards.
    """
    owner, attributes = declared.owner, dict(declared.attributes)
    _check_new_field(declared)
    names: dict[str, Any] = {} if owner.by_id else {"key": declared.key}
    title = declared.title or declared.key.replace("_", " ").strip().capitalize()
    values = {**names, "title": title, "type": declared.inferred_type, **attributes}
    details = declared.inferred_type
    if declared.options is not None:
        options = build_options(declared)
        values["custom_field_options"] = options
        details += f", {len(options):,} option{'s' * (len(options) != 1)}"
    definition = owner.parse(values)
    if definition is not None:
        check_type(declared, definition)
    if owner.custom_object:
        values["custom_object"] = owner.custom_object
    change = SchemaChange("create", declared.subject, details=details, place=declared.place)
    target = declared.target.rpartition("custom_object:")[2]
    return Step(
        (change,),
        owner.model(**values),
        needs=frozenset({owner.custom_object, target}) & new_objects,
    )


def _check_new_field(declared: DeclaredField) -> None:
    """Check a field that has to be created.

    Raises:
        InvalidValue: it cannot be created, or not be looked up afterwards.
    """
    owner, type_ = declared.owner, declared.inferred_type
    for name in declared.known_as:
        if not isinstance(name, str):
            raise InvalidValue(
                f"the account has no field {name}, and a new field gets another id: declare it by "
                f"its {'title' if owner.by_id else 'key'}"
            )
        tag = declared.attributes.get("tag") if type_ == "checkbox" else None
        names = (declared.key, declared.title, tag or "")
        if fold_name(name) not in map(fold_name, names):
            raise InvalidValue(
                f"a new field with the title {display(declared.title)} would not be found by "
                f"{display(name)}: declare it by its title"
            )
    if not owner.by_id:
        owner.check_key(declared.key)
    if not (declared.title or declared.key).strip():
        raise InvalidValue("the title of a field cannot be empty")
    types = get_types(owner.model._meta)
    if type_ not in types:
        problem = f"{owner.model._meta.verbose_name_plural} have no type {display(type_)}"
        if not type_:
            problem = "the type of a new field must be declared"
        raise InvalidValue(f"{problem}: set type= to one of {', '.join(sorted(types))}")
    if type_ == "regexp" and not declared.attributes.get("regexp_for_validation"):
        raise InvalidValue("a field of the type regexp needs a regular expression: set pattern=")
    _check_rules(declared, type_)
    if type_ in ("lookup", "parent") and not declared.target:
        raise InvalidValue(
            'a new lookup field needs a target: CustomField["User | None"](...), or set '
            'attributes={"relationship_target_type": "zen:..."}'
        )


def _check_rules(declared: DeclaredField, type_: str) -> None:
    """Check that a field of a type can have the declared pattern and default option.

    Raises:
        InvalidValue: Zendesk would ignore one of them.
    """
    if declared.attributes.get("regexp_for_validation") and type_ != "regexp":
        raise InvalidValue(
            f"a field of the type {type_} has no regular expression: remove pattern="
        )
    if declared.default and type_ not in CHOSEN:
        raise InvalidValue(f"a field of the type {type_} has no default option: remove default=")


def change_field(
    declared: DeclaredField, definition: Definition, *, allow_deletions: bool
) -> tuple[Step | None, list[SchemaChange]]:
    """Return the step that changes a field, or None, and the deletions that are not allowed.

    Raises:
        InvalidValue: Zendesk does not permit a change.
    """
    row, owner = definition.row, declared.owner
    subject = owner.describe(definition.title if owner.by_id else definition.key)
    declared_values = {"active": True, **declared.attributes}
    if declared.states_title:
        declared_values = {"title": declared.title, **declared_values}
    changed = {
        name: value for name, value in declared_values.items() if not is_equal(row, name, value)
    }
    changes = [
        SchemaChange("change", subject, name, row.get(name), value, place=declared.place)
        for name, value in changed.items()
    ]
    skipped = [change for change in changes if change.is_destructive and not allow_deletions]
    changes = [change for change in changes if change not in skipped]
    changed = {change.attribute: change.new for change in changes}
    if definition.chosen:
        options = OptionChanges(declared, subject, row, allow_deletions=allow_deletions)
        option_changes = list(options)
        skipped += options.skipped
        if option_changes:
            changed["custom_field_options"] = options.options
            changes = [*option_changes, *changes]
    _check_rules(declared, definition.type)
    _check_changeable(declared, definition, changed)
    if not changes:
        return None, skipped
    ordered = sorted(changes, key=lambda change: not change.is_destructive)
    return Step(tuple(ordered), _update_record(owner.model, row, changed)), skipped


def check_type(declared: DeclaredField, definition: Definition) -> None:
    """Check that a field has the declared type and target.

    Raises:
        InvalidValue: it has others, which Zendesk cannot change.
    """
    problem = ""
    if declared.target and declared.target != definition.target:
        problem = f"the target is {definition.target or 'unknown'}, not {declared.target}"
    for declaration, label in declared.declarations:
        if not field_types.fits(declaration, definition, label):
            types = " | ".join(field_types.get_declared_types(declaration))
            problem = f"the type is {definition.type}, not {declaration.type or types}"
    if problem:
        other = "title" if declared.owner.by_id else "key"
        raise InvalidValue(
            f"{problem}, and Zendesk cannot change it: declare what the account has, or a new "
            f"field with another {other}"
        )


def _check_changeable(
    declared: DeclaredField, definition: Definition, changed: Mapping[str, Any]
) -> None:
    """Check that Zendesk permits the changes of a field.

    Raises:
        InvalidValue: an attribute cannot be changed.
    """
    for name in changed:
        if name in _CREATE_ONLY:
            raise InvalidValue(
                f"the {name} is {display(definition.row.get(name))}, and Zendesk cannot change it: "
                "declare what the account has, or a new field"
            )
        if definition.row.get("system") and name not in _CHANGEABLE:
            raise InvalidValue(
                f"{definition.key} is a system field, of which only active and position can be "
                f"changed: remove {name} from the declaration"
            )


def _update_record(model: Any, row: Row, values: Mapping[str, Any]) -> Model:
    """Return a record of a row with changed values."""
    record: Model = model.from_row(row)
    for name, value in values.items():
        setattr(record, name, value)
    return record


def delete_field(owner: Owner, definition: Definition) -> Step:
    """Return the step that deletes a field."""
    subject = owner.describe(definition.title if owner.by_id else definition.key)
    change = SchemaChange("delete", subject, details=definition.type)
    return Step((change,), owner.model.from_row(definition.row), is_deletion=True)


def delete_object(key: str, row: Row) -> Step:
    """Return the step that deletes a custom object with its fields and records."""
    details = "with all its fields and records"
    change = SchemaChange("delete", f"custom object {display(key)}", details=details)
    return Step((change,), CustomObject.from_row(row), is_deletion=True)
