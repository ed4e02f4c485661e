"""Every recorded row, read as an object: each field, each type, nothing lost, nothing changed."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.recordings.replay import names, needs_recordings, played
from tests.recordings.rows import recorded_rows
from zendesk_orm import (
    Account,
    Activity,
    Attachment,
    Audit,
    Automation,
    Brand,
    Comment,
    CustomRole,
    Group,
    GroupMembership,
    InvalidValue,
    JobStatus,
    Macro,
    Organization,
    OrganizationField,
    Ticket,
    TicketField,
    Trigger,
    User,
    UserField,
    View,
)
from zendesk_orm.help_center import Article, Category, ContentTag, Topic
from zendesk_orm.schema.fields import Attribute, Id
from zendesk_orm.schema.record import Record
from zendesk_orm.support import Engagement, RecipientAddress, Webhook, WebhookResponse
from zendesk_orm.talk import PartnerCall


pytestmark = needs_recordings

MODELS = {
    Activity,
    Article,
    Attachment,
    Audit,
    Automation,
    Brand,
    Category,
    Comment,
    ContentTag,
    CustomRole,
    Engagement,
    Group,
    GroupMembership,
    JobStatus,
    Macro,
    Organization,
    OrganizationField,
    PartnerCall,
    RecipientAddress,
    Ticket,
    TicketField,
    Topic,
    Trigger,
    User,
    UserField,
    View,
    Webhook,
    WebhookResponse,
}

#: What values of each kind are in Python.
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
    "list[Attachment]": lambda value: all(type(each) is Attachment for each in value),
    "str": lambda value: isinstance(value, str),
    "User": lambda value: type(value) is User,
}

#: Values that Zendesk gives for a field and nobody can give to it: a ticket that
#: was deleted is still in an incremental export.
GIVEN: Mapping[tuple[Any, str], frozenset[str]] = {(Ticket, "status"): frozenset({"deleted"})}

#: A key that no model declares, as Zendesk may add one any day.
NEW = {"invented_tomorrow": {"deep": [1, None]}}


def _full() -> list[str]:
    return [name for name in names() if recorded_rows(name)]


every_recording = pytest.mark.parametrize("name", _full())


@pytest.fixture
def account(name: str) -> Iterator[Account]:
    """Connect to a recording of nothing, so that any request fails."""
    with played((), name) as (account, _):
        yield account


def _right(model: Any, field: Attribute[Any], value: Any) -> bool:
    """Tell whether the value is what the annotation of the field promises."""
    if value is None:
        return field.nullable
    if isinstance(field, Id):
        # Most ids are numbers; those of some models are words.
        target = model._meta.relations[field.relation].model
        return IS[target._meta.fields["id"].kind.name](value)
    if field.kind.choices:
        return value in field.kind.choices or value in _given(model, field)
    return IS[field.kind.name](value)


def _given(model: Any, field: Attribute[Any]) -> frozenset[str] | tuple[()]:
    return GIVEN.get((model, field.name), ())


def _read(record: Record) -> dict[str, Any]:
    """Read every field and every relation of a record."""
    return {name: getattr(record, name) for name in record._meta.names}


@every_recording
def test_every_field_can_be_read(name: str, account: Account) -> None:
    """Reading all fields and relations makes no request, and no change to be saved."""
    session = account.current()

    for model, row in recorded_rows(name):
        record = model.from_row(row, session)
        _read(record)

        assert {} == record.changes()
        assert {} == record.to_payload()
    assert account.requests_sent == 0


@every_recording
def test_values_are_what_is_declared(name: str) -> None:
    """A key that Zendesk sent reads as a value of the declared type; None only where allowed."""
    wrong: Counter[str] = Counter()

    for model, row in recorded_rows(name):
        record = model.from_row(row)
        for field in model._meta.fields.values():
            if field.wire in row and not _right(model, field, getattr(record, field.name)):
                value = row[field.wire]
                wrong[f"{model.__name__}.{field.name}: {field.kind.name} is {value!r}"] += 1

    assert {} == wrong


@every_recording
def test_nothing_that_was_sent_is_lost(name: str) -> None:
    """Each key is a declared field or in `extra`, and `to_dict()` gives the row again."""
    for model, row in recorded_rows(name):
        record = model.from_row(row)
        declared = {field.wire for field in model._meta.fields.values()}

        assert {*row} == {*declared.intersection(row), *record.extra}
        _read(record)
        assert row == record.to_dict()


@every_recording
def test_values_go_back_as_they_came(name: str) -> None:
    """A value that is read and sent again is the one that Zendesk sent."""
    changed: Counter[str] = Counter()

    for model, row in recorded_rows(name):
        record = model.from_row(row)
        for field in model._meta.fields.values():
            if field.wire in row and field.editable:
                sent = field.dumped(getattr(record, field.name))
                if sent != row[field.wire]:
                    changed[f"{model.__name__}.{field.name}"] += 1

    assert {} == changed


@every_recording
def test_recorded_values_can_be_assigned(name: str) -> None:
    """What Zendesk gives for a field that can be changed is accepted for it, and is no change."""
    for model, row in recorded_rows(name):
        record = model.from_row(row)
        for field in model._meta.fields.values():
            value = getattr(record, field.name)
            free = field.editable and not field.settled
            if field.wire in row and free and value not in _given(model, field):
                setattr(record, field.name, value)

        assert {} == record.changes()


def test_a_deleted_ticket_can_be_read_and_not_made() -> None:
    """`deleted` is a status that exports tell of, and that no save may ask for."""
    rows = [row for _, row in recorded_rows("TicketsIncrementalTest.test_pagination")]
    deleted = Ticket.from_row(next(row for row in rows if row["status"] == "deleted"))

    assert deleted.status == "deleted"
    with pytest.raises(InvalidValue, match="status"):
        deleted.status = "deleted"


@every_recording
def test_unknown_keys_outlive_everything(name: str, account: Account) -> None:
    """A key that nobody declared is still there after a new row, an edit and a pickle."""
    session = account.current()

    for model, row in recorded_rows(name):
        record = model.from_row(row, session)
        _read(record)
        record.absorb({**row, **NEW})
        again = pickle.loads(pickle.dumps(record))

        for each in (record, again):
            assert NEW["invented_tomorrow"] == each.extra["invented_tomorrow"]
            assert {**row, **NEW} == each.to_dict()
            assert {} == each.changes()
        assert (record.pk, account.alias) == (again.pk, again.using)


@every_recording
def test_rows_are_not_touched(name: str, account: Account) -> None:
    """Editing what was read leaves the row as it came: it may be somebody else's, too."""
    session = account.current()

    for model, row in recorded_rows(name):
        before = pickle.dumps(row)
        for value in _read(model.from_row(row, session)).values():
            _spoil(value)

        assert before == pickle.dumps(row)


def _spoil(value: Any) -> None:
    if isinstance(value, list):
        value.append("spoilt")
    elif isinstance(value, dict):
        value["spoilt"] = True


def test_every_model_is_recorded() -> None:
    """There are rows of each model that Zendesk Support declares."""
    recorded = {model for name in names() for model, _ in recorded_rows(name)}

    assert recorded == MODELS
