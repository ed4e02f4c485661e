"""One object at a time: create, update, delete, each with its signals."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request
from zendesk_orm.schema.record import Record
from zendesk_orm.session.pages import envelope
from zendesk_orm.session.session import Session


def save(
    session: Session,
    record: Record,
    *,
    update_fields: Iterable[str] | None = None,
    force_insert: bool = False,
) -> dict[str, Any]:
    """Send what changed, and take over the answer.

    Args:
        session: where to.
        record: what to save; without an id it is created.
        update_fields: names of fields to send; all that changed by default.
        force_insert: create it although it has an id.

    Returns:
        The body of the answer, or {} when nothing had changed and nothing was sent.

    Raises:
        ValidationError, Conflict and the other `ApiError`s; `TransportError`.
    """
    created = record.pk is None or force_insert
    changes = record.changes()
    if update_fields is not None:
        wanted = _checked(record, update_fields)
        changes = {name: change for name, change in changes.items() if name in wanted}
    if not changes and not created:
        return {}
    model = type(record)
    told = {"instance": record, "created": created, "changes": changes, "using": session.alias}
    if signals.pre_save.receivers:
        signals.pre_save.send(model, **told)
        # A receiver may have edited the object further.
        changes = {**changes, **{k: v for k, v in record.changes().items() if k in changes}}
        if update_fields is None:
            changes = told["changes"] = record.changes()
    endpoint = model._meta.endpoint(Verb.CREATE if created else Verb.UPDATE)
    request = _request(endpoint, record, changes)
    answer = session.account.transport.send(request)
    data = envelope(request, answer) if answer.data is not None else {}
    _take_over(session, record, data, changes)
    if signals.post_save.receivers:
        signals.post_save.send(model, origin="local", **told)
    return data


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
    if signals.pre_delete.receivers:
        signals.pre_delete.send(model, instance=record, using=session.alias)
    session.account.transport.send(Request(endpoint.method, path(endpoint, record)))
    session.forget(model, record.pk)
    if signals.post_delete.receivers:
        signals.post_delete.send(model, instance=record, origin="local", using=session.alias)


def path(endpoint: Endpoint, record: Record) -> str:
    """Return the endpoint's path, with placeholders taken from the record."""
    filled = endpoint.path
    for name in endpoint.placeholders:
        field = type(record)._meta.get_field(name)
        wire = getattr(field, "id", field).wire
        filled = filled.replace(f"{{{name}}}", str(record._row.get(wire)))
    return f"/api/v2/{filled}"


def _request(endpoint: Endpoint, record: Record, changes: Iterable[str]) -> Request:
    payload = record.to_payload(changes)
    fields = type(record)._meta.fields
    headers = {"Idempotency-Key": str(uuid.uuid4())} if endpoint.idempotent else {}
    return Request(
        endpoint.method,
        path(endpoint, record),
        json={type(record)._meta.singular: payload},
        headers=headers,
        # What never comes back (a comment) would be there twice after a second sending.
        once=any(not fields[name].readable for name in changes),
    )


def _take_over(
    session: Session, record: Record, data: dict[str, Any], changes: Iterable[str]
) -> None:
    row = data.get(type(record)._meta.singular)
    if isinstance(row, dict):
        record.absorb({**_unsaid(record), **row}, sent=changes)
        session.account.rows.put(type(record), [row])
    record.attach_to(session)
    if record.pk is not None:
        session.identity.add(record)


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
    fields = [meta.get_field(name) for name in names]
    return {getattr(field, "id", field).name for field in fields}
