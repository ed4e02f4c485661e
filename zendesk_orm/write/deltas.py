"""What is added to a row or removed from it by itself, so that what others do to it stays.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/tags/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.http.request import Request
from zendesk_orm.schema.members import Members, TagList
from zendesk_orm.schema.record import Record
from zendesk_orm.session.envelopes import object_in
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce, report
from zendesk_orm.write.actions import act
from zendesk_orm.write.change import Change, change_of
from zendesk_orm.write.writer import path, take_over


#: The calls that change tags.
_TAGGING = {"add": "add_tags", "remove": "remove_tags", "set": "set_tags"}
#: What bulk updates of tickets call the same.
_JOINED = {"add": "additional_tags", "remove": "remove_tags"}


def change(session: Session, record: Record, name: str, action: str, values: list[Any]) -> None:
    """Add members to a field of a row, remove some, or set them, with `m2m_changed` around it.

    Args:
        session: where to.
        record: the row's object.
        name: the field.
        action: `add`, `remove` or `set`.
        values: the members.

    Raises:
        ApiError, TransportError.
    """
    record.adopt(session)
    steps = _steps(record, name, action, values)
    for step, members in steps:
        _announce(session, record, name, f"pre_{step}", members)
    if name == "tags":
        _tag(session, record, action, values)
    else:
        _join(session, record, record._meta.fields[name], action, values)
    first: Exception | None = None
    for step, members in steps:
        try:
            _announce(session, record, name, f"post_{step}", members)
        except Exception as error:  # noqa: BLE001, PERF203 - all are told, and the first is raised
            if first is not None:
                report(error, "raised by a receiver of m2m_changed")
            first = first or error
    if first is not None:
        raise first


def _steps(
    record: Record, name: str, action: str, values: list[Any]
) -> list[tuple[str, list[Any]]]:
    """Return what is told as added, and what as removed."""
    if action != "set":
        return [(action, values)]
    before = record._meta.fields[name].known(record) or []
    gone = [each for each in before if each not in values]
    new = [each for each in values if each not in before]
    return [(step, members) for step, members in (("remove", gone), ("add", new)) if members]


def _announce(session: Session, record: Record, name: str, action: str, members: list[Any]) -> None:
    field: Any = record._meta.fields[name]
    announce(
        signals.m2m_changed,
        type(record),
        instance=record,
        action=action,
        field=name,
        model=getattr(field, "target", None),
        pk_set=[str(each) if isinstance(each, dict) else each for each in members],
        reverse=False,
        using=session.alias,
    )


def _tag(session: Session, record: Record, action: str, tags: list[str]) -> None:
    if session.outbox is not None:
        session.outbox.add(_waiting(record, action, tags), session)
        return
    answer = act(session, record, _TAGGING[action], {"tags": tags})
    found: list[str] = list((answer.data or {}).get("tags", tags))
    before = dict(record._row)
    # The stamp is an old one now, so that a save that follows looks before it overwrites.
    _take_in(record, found)
    session.account.rows.forget(type(record), record._key)
    session.account.recent.note(type(record), record._key, before, record._row)


def _take_in(record: Record, found: list[str]) -> None:
    """Let the row have the tags; those that were edited and not saved stay edits."""
    field = record._meta.fields["tags"]
    base = field.loaded(record._row) or []
    mine = record.__dict__.get("tags")
    record.absorb(type(record._row)({**record._row, "tags": found}), sent=("tags",))
    if not isinstance(mine, TagList):
        return
    gone = [tag for tag in base if tag not in mine]
    new = [tag for tag in mine if tag not in base]
    mine[:] = [*(tag for tag in found if tag not in gone), *(t for t in new if t not in found)]
    record.__dict__["tags"] = mine


def _waiting(record: Record, action: str, tags: list[str]) -> Change:
    """Return the change as it waits in a batch: tickets can be added to there, others are set."""
    field = record._meta.fields["tags"]
    if action in _JOINED and record._meta.concrete._meta.singular == "ticket":
        wanted = frozenset({_JOINED[action]})
        return Change(
            "update", record, {_JOINED[action]: (None, tags)}, {_JOINED[action]: tags}, {}, wanted
        )
    # The rest of the tags of an object of a known id is fetched.
    before = list(getattr(record, field.name) or [])
    after = {
        "add": [*before, *(tag for tag in tags if tag not in before)],
        "remove": [tag for tag in before if tag not in tags],
        "set": tags,
    }[action]
    waiting = record.__dict__["tags"] = TagList(after)
    waiting.bind(record)
    return change_of(record, frozenset({"tags"}))


def _join(session: Session, record: Record, field: Any, action: str, people: list[Any]) -> None:
    members: Members[Any] = field
    payload = members.payload(record, action, people)
    if session.outbox is not None:
        edits = {wire: (None, value) for wire, value in payload.items()}
        change = Change("update", record, edits, payload, {}, frozenset(edits))
        session.outbox.add(change, session)
        return
    meta = record._meta
    endpoint = meta.endpoint(Verb.UPDATE)
    before = dict(record._row)
    request = Request(endpoint.method, path(endpoint, record), json={meta.envelope: payload})
    row = object_in(request, session.transport.send(request), meta.envelope)
    take_over(session, record, row)
    session.account.recent.note(type(record), record._key, before, record._row)
