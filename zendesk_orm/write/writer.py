"""One object at a time: create, update, delete, each with its signals."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import Conflict, InvalidValue
from zendesk_orm.http.request import Request, Response
from zendesk_orm.plan.plan import located
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow, Row
from zendesk_orm.session.pages import envelope, held
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write import conflicts
from zendesk_orm.write.ignored import tell_ignored


def save(
    session: Session,
    record: Record,
    *,
    update_fields: Iterable[str] | None = None,
    force_insert: bool = False,
    safe: bool | None = None,
) -> dict[str, Any]:
    """Send what changed, and take over the answer.

    Args:
        session: where to.
        record: what to save; without an id it is created.
        update_fields: names of fields to send; all that changed by default.
        force_insert: create it although it has an id.
        safe: whether to overwrite nothing that others changed; as the model says by default.

    Returns:
        The body of the answer, or {} when nothing had changed and nothing was sent.

    Raises:
        StaleObjectError: others changed the same fields.
        ValidationError, Conflict and the other `ApiError`s; `TransportError`.
    """
    created = record.pk is None or force_insert
    wanted = None if update_fields is None else _checked(record, update_fields)
    changes = _changes(record, wanted)
    if not changes and not created:
        return {}
    model = type(record)
    told: dict[str, Any] = {
        "instance": record,
        "created": created,
        "origin": "local",
        "using": session.alias,
    }
    announce(signals.pre_save, model, changes=changes, **told)
    # A receiver may have edited the object further.
    changes = _changes(record, wanted)
    endpoint = model._meta.endpoint(Verb.CREATE if created else Verb.UPDATE)
    before = {} if created else _whole(record)
    safe = model._meta.safe if safe is None else safe
    if safe and not created:
        sent = _safely(session, endpoint, record, wanted)
        if sent is None:
            return {}
        request, answer, changes = sent
    else:
        request = _request(endpoint, record, changes, {})
        answer = session.transport.send(request)
    data = envelope(request, answer) if answer.data is not None else {}
    if created:
        held(request, answer, model._meta.envelope)
        session.forget(model, record.pk)
    _take_over(session, record, data, changes)
    session.account.recent.note(model, record.pk, before, record._row)
    tell_ignored(session, record, request, answer)
    announce(signals.post_save, model, changes=changes, **told)
    return data


def _safely(
    session: Session, endpoint: Endpoint, record: Record, wanted: set[str] | None
) -> tuple[Request, Response, dict[str, tuple[Any, Any]]] | None:
    """Send the changes to the row that was changed; to the newer one, where others came first.

    Returns:
        What was sent, the answer and the changes; None when others made the same changes.
    """
    attempt = 0
    while True:
        attempt += 1
        changes = _changes(record, wanted)
        if not changes:
            return None
        stamp = conflicts.stamped(record, changes)
        request = _request(endpoint, record, changes, stamp)
        try:
            return request, session.transport.send(request), changes
        except Conflict as error:
            known = stamp and error.code == conflicts.REFUSED
            if not known or attempt == conflicts.ATTEMPTS:
                raise
        conflicts.settle(session, record, changes)


def delete(session: Session, record: Record) -> None:
    """Delete the object at Zendesk, softly where Zendesk does.

    Raises:
        InvalidValue: it was never saved.
        NotFound, PermissionDenied and the other `ApiError`s; `TransportError`.
    """
    model = type(record)
    if record.pk is None:
        raise InvalidValue(f"{record!r} was never saved, so there is nothing to delete")
    endpoint = model._meta.endpoint(Verb.DELETE)
    told: dict[str, Any] = {"instance": record, "origin": "local", "using": session.alias}
    announce(signals.pre_delete, model, **told)
    session.account.transport.send(Request(endpoint.method, path(endpoint, record)))
    session.forget(model, record.pk)
    session.account.recent.note(model, record.pk, _whole(record), None)
    announce(signals.post_delete, model, **told)


def _whole(record: Record) -> Row | None:
    """Return the record's row, or None when it is not known whole."""
    return None if type(record._row) is Hollow else record._row


def path(endpoint: Endpoint, record: Record) -> str:
    """Return the endpoint's path, from the host on, with placeholders taken from the record."""
    meta, row = type(record)._meta, record._row
    return located(
        endpoint, {n: row.get(column(meta.get_field(n)).wire) for n in endpoint.placeholders}
    )


def _changes(record: Record, wanted: set[str] | None) -> dict[str, tuple[Any, Any]]:
    changes = record.changes()
    if wanted is None:
        return changes
    return {name: change for name, change in changes.items() if name in wanted}


def _request(
    endpoint: Endpoint, record: Record, changes: Iterable[str], stamp: Mapping[str, Any]
) -> Request:
    meta, payload = type(record)._meta, {**record.to_payload(changes), **stamp}
    fields = meta.fields
    headers = {"Idempotency-Key": str(uuid.uuid4())} if endpoint.idempotent else {}
    return Request(
        endpoint.method,
        path(endpoint, record),
        json={meta.envelope: payload} if meta.envelope else payload,
        headers=headers,
        # What never comes back (a comment) would be there twice after a second sending.
        once=any(not fields[name].readable for name in changes),
    )


def _take_over(
    session: Session, record: Record, data: dict[str, Any], changes: Iterable[str]
) -> None:
    meta = type(record)._meta
    row = data.get(meta.envelope) if meta.envelope else data
    if isinstance(row, dict) and row:
        take_over(session, record, row, changes)
    record.attach_to(session)
    if record.pk is not None:
        session.identity.add(record)


def take_over(session: Session, record: Record, row: Row, sent: Iterable[str] = ()) -> None:
    """Give a record the row of an answer; unsaved edits stay, except those just `sent`."""
    row = record._meta.identified({**_unsaid(record), **row})
    record.absorb(row, sent=sent)
    session.account.rows.put(type(record), [row])


def _unsaid(record: Record) -> dict[str, Any]:
    """Return what the row knows from the path alone, and no answer repeats."""
    parent = type(record)._meta.parent
    if not parent:
        return {}
    wire = type(record)._meta.relations[parent].id.wire
    return {wire: record._row.get(wire)}


def _checked(record: Record, names: Iterable[str]) -> set[str]:
    """Return field names for the given names, where a relation stands for its id."""
    meta = type(record)._meta
    return {column(meta.get_field(name)).name for name in names}
