"""Remote changes as JSON, so that they survive the process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, get_args

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema import registry
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.record import Record
from zendesk_orm.sync.changes import Kind, RemoteChange, Source


_DATETIME, _DATE, _RECORD = "$datetime", "$date", "$record"
#: The keys of a change, and functions that return whether their values are valid.
_CHECKS: Mapping[str, Callable[[Any], bool]] = {
    "key": lambda value: isinstance(value, str),
    "pk": lambda value: type(value) in (int, str),
    "kind": lambda value: value in get_args(Kind),
    "source": lambda value: value in get_args(Source),
    "actor_id": lambda value: value is None or type(value) in (int, str),
    "payload": lambda value: isinstance(value, dict),
}


def dump_change(change: RemoteChange) -> str:
    """Return a change as JSON, without its instance."""
    return json.dumps(
        {
            "key": change.key,
            "model": change.model._meta.label,
            "pk": change.pk,
            "kind": change.kind,
            "source": change.source,
            "moment": None if change.moment is None else change.moment.isoformat(),
            "changes": {name: dump_value(pair) for name, pair in change.changes.items()},
            "actor_id": change.actor_id,
            "payload": dump_value(change.payload),
        }
    )


def load_change(text: str) -> RemoteChange:
    """Return the change of a text of `dump_change()`.

    Raises:
        InvalidValue: the text is something else.
        FieldError: no model has the name in the text.
    """
    try:
        values = json.loads(text)
        product, _, name = values["model"].rpartition(".")
        changes = {name: _load_pair(pair) for name, pair in values["changes"].items()}
        _check(values)
        return RemoteChange(
            key=values["key"],
            model=registry.find(name, product),
            pk=values["pk"],
            kind=values["kind"],
            source=values["source"],
            moment=None if values["moment"] is None else load_datetime(values["moment"]),
            changes=changes,
            actor_id=values["actor_id"],
            payload=load_value(values["payload"]),
        )
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidValue(f"the text is not a remote change: {error}") from None


def _check(values: Mapping[str, Any]) -> None:
    """Raise ValueError if a value of a change has a wrong type."""
    for name, is_valid in _CHECKS.items():
        if not is_valid(values[name]):
            raise ValueError(f"{name} is {display(values[name])}")


def _load_pair(pair: Any) -> tuple[Any, Any]:
    old, new = load_value(pair)
    return old, new


def dump_value(value: Any) -> Any:
    """Return a value in the types of JSON."""
    if isinstance(value, datetime):
        return {_DATETIME: value.isoformat()}
    if isinstance(value, date):
        return {_DATE: value.isoformat()}
    if isinstance(value, Record):
        return {_RECORD: [value._meta.label, dump_value(dict(value._row))]}
    if isinstance(value, Mapping):
        return {str(key): dump_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [dump_value(item) for item in value]
    is_plain = value is None or isinstance(value, (str, int, float, bool))
    return value if is_plain else str(value)


def load_value(value: Any) -> Any:
    """Return the value of `dump_value()`; tuples have become lists."""
    if isinstance(value, list):
        return [load_value(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {_DATETIME}:
        return load_datetime(value[_DATETIME])
    if value.keys() == {_DATE}:
        return date.fromisoformat(value[_DATE])
    if value.keys() == {_RECORD}:
        label, row = value[_RECORD]
        product, _, name = label.rpartition(".")
        return registry.find(name, product).from_row(load_value(row))
    return {key: load_value(item) for key, item in value.items()}
