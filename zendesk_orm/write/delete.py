"""Deleting one object, with its signals."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request, Response
from zendesk_orm.messages import display
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Row
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write.change import Change, path_of


def delete(session: Session, record: Record) -> None:
    """Delete an object at Zendesk, softly if Zendesk does so; in a batch, at its end.

    Raises:
        InvalidValue: it was never saved.
        NotFound, PermissionDenied and the other `ApiError`s; `TransportError`.
    """
    model = type(record)
    if record.pk is None and not session.sender.deferred:
        raise InvalidValue(f"{display(record)} was never saved, so it cannot be deleted")
    model._meta.endpoint(Verb.DELETE)
    announce(signals.pre_delete, model, instance=record, origin="local", using=session.alias)
    session.sender.submit(_Delete(session, record))


@frozen(eq=False)
class _Delete:
    """The deletion of one object, ready to be sent."""

    session: Session
    record: Record

    def send(self) -> None:
        """Delete the object and announce it."""
        send_deletion(self.session, self.record)
        announce_deletion(self.session, self.record)

    def defer(self, unit: Any) -> None:
        """Add the deletion to a batch or a dry run."""
        unit.add(Change("delete", self.record), self.session)


def send_deletion(session: Session, record: Record) -> None:
    """Delete an object without signals."""
    model = type(record)
    endpoint = model._meta.endpoint(Verb.DELETE)
    path, body = path_of(endpoint, record), record._build_delete_body()
    # Some rows are deleted by POST; a second deletion changes nothing.
    request = Request(endpoint.method, path, json=body, removes=True, safe=True)
    response = session.transport.send(request)
    row = _last_row(record, response)
    session.remove(record)
    if row is not None:
        # Some rows remain: that of a deleted user is inactive.
        record.update_from_row(row)


def _last_row(record: Record, response: Response) -> Row | None:
    """Return the row of an object in the response to its deletion, or None."""
    row = record._get_response_row(response.data) if isinstance(response.data, dict) else None
    if not isinstance(row, dict) or row.get("id") != record.pk:
        return None
    path = {wire: record._row[wire] for wire in record._meta.parent_keys if wire in record._row}
    return {**path, **row}


def announce_deletion(session: Session, record: Record) -> None:
    """Send `post_delete` for an object."""
    announce(
        signals.post_delete, type(record), instance=record, origin="local", using=session.alias
    )
