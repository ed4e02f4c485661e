"""Records and values inside fields: the attachments of a comment, `via__channel`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import plain
from zendesk_orm.messages import display, with_article
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.loading import load_id, unexpected_value
from zendesk_orm.schema.values import KINDS, Kind, members_of


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record


def nested_kind(target: str, near: str) -> Kind:
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
        raise InvalidValue(
            f"must be {with_article(target)} or a dictionary of its fields, not {display(value)}"
        )

    return Kind(target, accept, load, _build_payload, to_row=_to_json, attach=_attach)


def reference_kind(target: str, near: str) -> Kind:
    """Return the kind of a lookup that takes a record of the model named `target`, or its id."""

    def accept(value: Any) -> Any:
        if isinstance(value, registry.find(target, near)):
            value = value.pk
        if isinstance(value, (int, str)) and not isinstance(value, bool):
            return plain(value)
        raise InvalidValue(f"must be a saved {target} or its id, not {display(value)}")

    return Kind(target, accept)


def reference_list_kind(target: str, near: str) -> Kind:
    """Return the kind of a list of such records, or their ids, of which the ids are kept."""
    one = reference_kind(target, near)
    lists = KINDS["list"]

    def accept(value: Any) -> Any:
        return [one.accept(item) for item in members_of(value)]

    return Kind(
        f"list[{target}]", accept, lists.load, lists.dump, lists.absent, unknown=lists.unknown
    )


def nested_list_kind(target: str, near: str) -> Kind:
    """Return the kind of a field that holds a list of such records."""
    one = nested_kind(target, near)
    load_one: Any = one.load
    lists = KINDS["list"]

    def load(raw: Any) -> Any:
        if not isinstance(raw, list):
            raise unexpected_value(raw, f"list[{target}]")
        return [load_one(item) for item in raw if item is not None]

    def accept(value: Any) -> Any:
        return [one.accept(item) for item in members_of(value)]

    def dump(value: Any) -> Any:
        return [_build_payload(item) for item in value]

    def to_row(value: Any) -> Any:
        return [_to_json(item) for item in value]

    def attach(value: Any, source: Any) -> None:
        for item in value:
            item.attach_to(source)

    name = f"list[{target}]"
    kind = Kind(name, accept, load, dump, absent=lists.absent, to_row=to_row, attach=attach)
    return evolve(kind, unknown=lists.unknown)


def _check(raw: Any, target: str) -> None:
    """Check the object in a response that a record is made of.

    Raises:
        UnexpectedValue: it is not an object, or has an invalid id.
    """
    if not isinstance(raw, dict):
        raise unexpected_value(raw, target)
    if raw.get("id") is not None:
        load_id(raw["id"])


def _build_payload(value: Any) -> Any:
    """Return the payload of a nested record: its id, if any, and all editable fields."""
    meta = value._meta
    editable = {field.wire for field in meta.fields.values() if field.editable}
    if meta.parent:
        editable.discard(meta.relations[meta.parent].id.wire)
    values = value.to_dict()
    return {key: item for key, item in values.items() if key == "id" or key in editable}


def _to_json(value: Any) -> Any:
    return value.to_dict()


def _attach(value: Any, source: Any) -> None:
    value.attach_to(source)


class KeyTransform(Attribute[Any]):
    """A value inside another field's: `via__channel`, `user_fields__plan`, `custom_fields__42`."""

    editable = False
    readable = False

    def __init__(self, outer: Attribute[Any], key: str) -> None:
        super().__init__(f"{outer.name}__{key}", KINDS["Any"])
        self.outer = outer
        self.key_in_outer = key

    def read(self, row: Mapping[str, Any]) -> Any:
        """Return the value that the row gives."""
        return self._inside(self.outer.read(row))

    def peek(self, record: Record) -> Any:
        """Return the record's value, edits included, or None."""
        return self._inside(self.outer.peek(record))

    def _inside(self, value: Any) -> Any:
        if isinstance(value, list):
            # Custom fields of a ticket: `[{"id": 42, "value": "gold"}]`.
            items = (item for item in value if isinstance(item, dict))
            values = (e.get("value") for e in items if str(e.get("id")) == self.key_in_outer)
            return next(values, None)
        for key in self.key_in_outer.split("__"):
            value = value.get(key) if isinstance(value, dict) else None
        return value
