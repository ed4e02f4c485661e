"""Records inside rows: the attachments of a comment, the comment on a ticket."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import plain
from zendesk_orm.schema import registry
from zendesk_orm.schema.loading import load_id, unexpected
from zendesk_orm.schema.values import KINDS, Kind, members_of


def nested(target: str, near: str) -> Kind:
    """Return the kind of a field that holds a record of the model named `target`."""

    def load(raw: Any) -> Any:
        _check(raw, target)
        return registry.find(target, near).from_row(raw)

    def accept(value: Any) -> Any:
        model = registry.find(target, near)
        if isinstance(value, dict):
            return model(**value)
        if isinstance(value, model):
            return value
        raise InvalidValue(f"wants a {target} or a dictionary of its fields, not {value!r}")

    return Kind(target, accept, load, _sent, held=_held, attach=_attach)


def pointed(target: str, near: str) -> Kind:
    """Return the kind of a lookup that takes a record of the model named `target`, or its id."""

    def accept(value: Any) -> Any:
        if isinstance(value, registry.find(target, near)):
            value = value.pk
        if isinstance(value, (int, str)) and not isinstance(value, bool):
            return plain(value)
        raise InvalidValue(f"wants a saved {target} or its id, not {value!r}")

    return Kind(target, accept)


def pointed_list(target: str, near: str) -> Kind:
    """Return the kind of a list of such records, or their ids, of which the ids are kept."""
    one = pointed(target, near)
    whole = KINDS["list"]

    def accept(value: Any) -> Any:
        return [one.accept(item) for item in members_of(value)]

    return Kind(
        f"list[{target}]", accept, whole.load, whole.dump, whole.absent, unknown=whole.unknown
    )


def nested_list(target: str, near: str) -> Kind:
    """Return the kind of a field that holds a list of such records."""
    one = nested(target, near)
    whole = KINDS["list"]

    def load(raw: Any) -> Any:
        if not isinstance(raw, list):
            raise unexpected(raw, f"list[{target}]")
        # The kind of a nested record always has a loader.
        return [one.load(item) for item in raw if item is not None]  # type: ignore[misc]

    def accept(value: Any) -> Any:
        return [one.accept(item) for item in members_of(value)]

    def dump(value: Any) -> Any:
        return [_sent(item) for item in value]

    def held(value: Any) -> Any:
        return [_held(item) for item in value]

    def attach(value: Any, source: Any) -> None:
        for item in value:
            item.attach_to(source)

    name = f"list[{target}]"
    made = Kind(name, accept, load, dump, absent=whole.absent, held=held, attach=attach)
    return evolve(made, unknown=whole.unknown)


def _check(raw: Any, target: str) -> None:
    """Check the object in a response that a record is made of.

    Raises:
        UnexpectedValue: it is not an object, or has an invalid id.
    """
    if not isinstance(raw, dict):
        raise unexpected(raw, target)
    if raw.get("id") is not None:
        load_id(raw["id"])


def _sent(value: Any) -> Any:
    """Return what is sent of a record: its id, if it has one, and all that can be edited."""
    meta = value._meta
    editable = {field.wire for field in meta.fields.values() if field.editable}
    if meta.parent:
        editable.discard(meta.relations[meta.parent].id.wire)
    known = value.to_dict()
    return {key: item for key, item in known.items() if key == "id" or key in editable}


def _held(value: Any) -> Any:
    return value.to_dict()


def _attach(value: Any, source: Any) -> None:
    value.attach_to(source)
