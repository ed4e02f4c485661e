"""Every recorded row, read as an object: all fields and types, without loss or change."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.recordings.replay import list_names, needs_recordings, play
from tests.recordings.rows import RECORDED, read_rows
from zendesk_orm import (
    Account,
    Attachment,
    InvalidValue,
    Ticket,
    User,
)
from zendesk_orm.schema.fields import Attribute, Id
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.secret_fields import SecretField


pytestmark = needs_recordings

#: The Python type of each kind.
IS: Mapping[str, Callable[[Any], bool]] = {
    "Any": lambda _: True,
    "Attachment": lambda value: type(value) is Attachment,
    "bool": lambda value: isinstance(value, bool),
    "date": lambda value: isinstance(value, date) and not isinstance(value, datetime),
    "datetime": lambda value: isinstance(value, datetime) and value.utcoffset() == timedelta(0),
    "dict": lambda value: isinstance(value, dict),
    "float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "int": lambda value: type(value) is int,
    "list": lambda value: isinstance(value, list),
    "list[Attachment]": lambda value: all(type(item) is Attachment for item in value),
    "str": lambda value: isinstance(value, str),
    "User": lambda value: type(value) is User,
}

#: Values that Zendesk returns for a field and does not accept: incremental exports contain
#: deleted tickets.
GIVEN: Mapping[tuple[Any, str], frozenset[str]] = {(Ticket, "status"): frozenset({"deleted"})}

#: A key that no model declares; Zendesk can add keys at any time.
NEW = {"invented_tomorrow": {"deep": [1, None]}}


def _list_recordings_with_rows() -> list[str]:
    return [name for name in list_names() if read_rows(name)]


every_recording = pytest.mark.parametrize("name", _list_recordings_with_rows())


@pytest.fixture
def account(name: str) -> Iterator[Account]:
    """Connect to an empty recording, so that any request fails."""
    with play((), name) as (account, _):
        yield account


def _is_valid(model: Any, field: Attribute[Any], value: Any) -> bool:
    """Return whether the value has the annotated type of the field."""
    if value is None:
        return field.nullable
    if isinstance(field, Id):
        # Most ids are numbers; those of some models are strings.
        target = model._meta.relations[field.relation].model
        return IS[target._meta.fields["id"].kind.name](value)
    if field.kind.choices:
        return value in field.kind.choices or value in _list_fields(model, field)
    return IS[field.kind.name](value)


def _list_fields(model: Any, field: Attribute[Any]) -> frozenset[str] | tuple[()]:
    return GIVEN.get((model, field.name), ())


def _read_all(record: Record) -> dict[str, Any]:
    """Read every field and every relation of a record."""
    return {name: getattr(record, name) for name in record._meta.names}


@every_recording
def test_every_field_can_be_read(name: str, account: Account) -> None:
    """Reading all fields and relations sends no request and creates no edit."""
    session = account.current()

    for model, row in read_rows(name):
        record = model.from_row(row, session)
        _read_all(record)

        assert record.changes() == {}
        assert record.to_payload() == {}
    assert account.requests_sent == 0


@every_recording
def test_values_have_the_declared_types(name: str) -> None:
    """Recorded keys have the declared type; None only if the field is nullable."""
    wrong: Counter[str] = Counter()

    for model, row in read_rows(name):
        record = model.from_row(row)
        for field in model._meta.fields.values():
            if field.wire in row and not _is_valid(model, field, getattr(record, field.name)):
                value = row[field.wire]
                wrong[f"{model.__name__}.{field.name}: {field.kind.name} is {value!r}"] += 1

    assert wrong == {}


@every_recording
def test_every_key_is_readable(name: str) -> None:
    """Each key is a declared field or in `extra`, and `to_dict()` returns the row."""
    for model, row in read_rows(name):
        record = model.from_row(row)
        declared = {field.wire for field in model._meta.fields.values()}

        assert {*declared.intersection(row), *record.extra} == {*row}
        _read_all(record)
        assert row == record.to_dict()


@every_recording
def test_values_survive_a_round_trip(name: str) -> None:
    """A value that is read and serialized equals the recorded value."""
    changed: Counter[str] = Counter()

    for model, row in read_rows(name):
        record = model.from_row(row)
        for field in model._meta.fields.values():
            if field.wire in row and field.editable:
                sent = field.serialize(getattr(record, field.name))
                if sent != row[field.wire]:
                    changed[f"{model.__name__}.{field.name}"] += 1

    assert changed == {}


@every_recording
def test_recorded_values_can_be_assigned(name: str) -> None:
    """A recorded value is accepted by its field, and assigning it is no change."""
    for model, row in read_rows(name):
        record = model.from_row(row)
        for field in model._meta.fields.values():
            value = getattr(record, field.name)
            free = field.editable and not field.create_only
            if field.wire in row and free and value not in _list_fields(model, field):
                setattr(record, field.name, value)

        assert record.changes() == {}


def test_deleted_is_a_read_only_status() -> None:
    """`deleted` is a status in exports that no save can set."""
    rows = [row for _, row in read_rows("TicketsIncrementalTest.test_pagination")]
    deleted = Ticket.from_row(next(row for row in rows if row["status"] == "deleted"))

    assert deleted.status == "deleted"
    with pytest.raises(InvalidValue, match="status"):
        deleted.status = "deleted"


@every_recording
def test_unknown_keys_are_kept(name: str, account: Account) -> None:
    """Undeclared keys are kept by a new row and in pickles; a pickle contains no secrets."""
    session = account.current()

    for model, row in read_rows(name):
        record = model.from_row(row, session)
        _read_all(record)
        record.update_from_row({**row, **NEW})
        again = pickle.loads(pickle.dumps(record))
        fields = model._meta.fields.values()
        secrets = {field.wire for field in fields if isinstance(field, SecretField)}

        for copy in (record, again):
            assert copy.extra["invented_tomorrow"] == NEW["invented_tomorrow"]
            assert copy.changes() == {}
        assert record.to_dict() == {**row, **NEW}
        public = {key: value for key, value in {**row, **NEW}.items() if key not in secrets}
        assert again.to_dict() == public
        assert (record.pk, account.alias) == (again.pk, again.using)


@every_recording
def test_rows_are_not_modified(name: str, account: Account) -> None:
    """Editing a value does not change the row, which is shared."""
    session = account.current()

    for model, row in read_rows(name):
        before = pickle.dumps(row)
        for value in _read_all(model.from_row(row, session)).values():
            _spoil(value)

        assert before == pickle.dumps(row)


def _spoil(value: Any) -> None:
    if isinstance(value, list):
        value.append("spoilt")
    elif isinstance(value, dict):
        value["spoilt"] = True


def test_every_model_is_recorded() -> None:
    """There are rows of each recorded model of Zendesk Support."""
    recorded = {model for name in list_names() for model, _ in read_rows(name)}

    assert recorded == RECORDED
