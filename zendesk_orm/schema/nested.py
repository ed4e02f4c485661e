"""Records inside rows: the attachments of a comment, the comment on a ticket."""

from __future__ import annotations

from typing import Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.schema import registry
from zendesk_orm.schema.values import KINDS, Kind


def nested(target: str, near: str) -> Kind:
    """Return the kind of a field that holds a record of the model named `target`."""

    def load(raw: Any) -> Any:
        return registry.find(target, near).from_row(raw) if isinstance(raw, dict) else raw

    def accept(value: Any) -> Any:
        model = registry.find(target, near)
        if isinstance(value, dict):
            return model(**value)
        if isinstance(value, model):
            return value
        raise InvalidValue(f"wants a {target} or a dictionary of its fields, not {value!r}")

    def dump(value: Any) -> Any:
        return value.to_payload()

    return Kind(target, accept, load, dump)


def nested_list(target: str, near: str) -> Kind:
    """Return the kind of a field that holds a list of such records."""
    one = nested(target, near)
    whole = KINDS["list"]

    def load(raw: Any) -> Any:
        return [one.load(item) for item in raw] if one.load else raw

    def accept(value: Any) -> Any:
        return [one.accept(item) for item in whole.accept(value)]

    def dump(value: Any) -> Any:
        return [one.dump(item) for item in value] if one.dump else value

    return Kind(f"list[{target}]", accept, load, dump, whole.absent)
