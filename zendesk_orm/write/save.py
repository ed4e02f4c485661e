"""Saving and deleting one object, with its signals."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from attrs import evolve, frozen

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import Conflict, MalformedResponse
from zendesk_orm.http.clock import pause
from zendesk_orm.http.failures import explain_uncertainty
from zendesk_orm.http.request import Request, Response
from zendesk_orm.messages import display
from zendesk_orm.schema.accounts import require_relations
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.session.own_writes import loaded_row
from zendesk_orm.session.responses import accept_row, envelope, malformed
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write.apply_results import apply_sent_values
from zendesk_orm.write.change import Change, compute_change, field_names, path_of
from zendesk_orm.write.conflicts import (
    is_unchecked,
    merge_read_lists,
    merge_remote_changes,
    merge_remote_lists,
    version_stamp,
)
from zendesk_orm.write.ignored_values import announce_ignored_values
from zendesk_orm.write.lost_responses import (
    check_creation,
    confirm_creation,
    explain_failure,
    find_applied_update,
)
from zendesk_orm.write.validation import find_problems, validate


#: The header of a response to a create that was answered before, and its value.
_LOOKUP, _HIT = "x-idempotency-lookup", "hit"
#: Zendesk's code for an update of a row that has changed since it was read.
CONFLICT = "UpdateConflict"
#: How many times an update is repeated because others changed the row.
MAX_ATTEMPTS = 10
#: Seconds in which version stamps may be equal: the resolution of `updated_at`, and a margin.
_STAMP_SECONDS = 1.1


class SaveOptions(TypedDict, total=False):
    """The options of a save, which `_save()` hooks pass on.

    Attributes:
        update_fields: names of fields to send; all changed fields by default.
        force_insert: True creates the object although it has an id.
        safe: False overwrites changes of others; tickets are safe by default.
        root_keys: keys of the request body next to the object.
    """

    update_fields: Iterable[str] | None
    force_insert: bool
    safe: bool | None
    root_keys: Mapping[str, Any] | None


class SaveKeywords(TypedDict, total=False):
    """The keywords of the method `save()`.

    Attributes:
        update_fields, force_insert, safe: see `SaveOptions`.
        using: the alias of the account; that of the object by default.
    """

    update_fields: Iterable[str] | None
    force_insert: bool
    safe: bool | None
    using: str | None


def save(
    session: Session,
    record: Record,
    *,
    update_fields: Iterable[str] | None = None,
    force_insert: bool = False,
    safe: bool | None = None,
    root_keys: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Send the changes of an object and update it from the response.

    In a batch or a dry run the change is added to it.

    Args:
        session: the session to send with.
        record: the object; without an id it is created.
        update_fields: names of fields to send; all changed fields by default.
        force_insert: whether it is created although it has an id, with all its values.
        safe: whether changes of others are not overwritten; the default of the model if None.
        root_keys: keys of the request body next to the object.

    Returns:
        The body of the response; {} if nothing was sent.

    Raises:
        InvalidValue: the object cannot be changed.
        StaleObjectError: others changed the same fields.
        ValidationError, Conflict and the other `ApiError`s; `TransportError`.
    """
    require_relations(record, session)
    sender: Any = session.sender
    sender.resolve(record, session)
    names = field_names(record, update_fields)
    complete = sender.complete_change
    change: Change = complete(compute_change(record, names, force_insert=force_insert), session)
    if change.is_empty:
        return {}
    if not change.creates:
        record._check_changeable()
    announce(
        signals.pre_save, type(record), changes=change.edits, **_signal_values(session, change)
    )
    if signals.pre_save.receivers:
        # A receiver may have edited the object.
        change = complete(compute_change(record, names, force_insert=force_insert), session)
        if change.is_empty:
            return {}
    sent = change.diff
    if names is not None:
        # Edits that are not sent (`update_fields`) are not checked.
        sent = {name: edit for name, edit in sent.items() if name in change.edits}
    validate(record, find_problems(record, sent, created=change.creates, source=session))
    change = evolve(change, root_keys=root_keys or {}, safe=safe)
    data: dict[str, Any] = sender.submit(_Save(session, change))
    return data


def _signal_values(session: Session, change: Change) -> dict[str, Any]:
    """Return the arguments that `pre_save` and `post_save` share."""
    return {
        "instance": change.record,
        "created": change.creates,
        "origin": "local",
        "using": session.alias,
    }


@frozen(eq=False)
class _Save:
    """A change of one object, ready to be sent."""

    session: Session
    change: Change

    def send(self) -> dict[str, Any]:
        """Send the change, update the object and announce it; return the body of the response."""
        exchange = transmit(self.session, self.change)
        if exchange is None:
            return {}
        try:
            if signals.value_ignored.is_observed:
                record = self.change.record
                announce_ignored_values(self.session, record, exchange.request, exchange.response)
        finally:
            # An exception of one receiver does not keep `post_save` from others.
            announce_save(self.session, exchange.change)
        return exchange.data

    def defer(self, unit: Any) -> dict[str, Any]:
        """Add the change to a batch or a dry run."""
        unit.add(self.change, self.session)
        return {}


@frozen(eq=False)
class SavedChange:
    """A request that saved an object, and its response.

    Attributes:
        request: the request.
        response: the response.
        data: the body of the response; {} if it has none.
        change: the change that was applied.
    """

    request: Request
    response: Response
    data: dict[str, Any]
    change: Change


def transmit(session: Session, change: Change) -> SavedChange | None:
    """Send a change and update the object from the response, without signals.

    If the response to an earlier `save()` was lost, values that it has applied are not sent again.

    Returns:
        The exchange; None if others have made the same change.
    """
    if change.creates:
        check_creation(change.record, "save")
    if change.record._state.lost_update is None:
        return _transmit(session, change)
    remaining, data = find_applied_update(session, change)
    if data is None:
        if change.write_only:
            # Others than those that were lost are added.
            change.record._state.lost_update = None
        return _transmit(session, change)
    change.record._after_save(data)
    exchange = None if remaining.is_empty else _transmit(session, remaining)
    if exchange is not None:
        edits = {**change.edits, **exchange.change.edits}
        return evolve(exchange, change=evolve(exchange.change, edits=edits))
    request = _build_request(change, {})
    return SavedChange(request, Response(200, {}, data, repeated=True), data, change)


def _transmit(session: Session, change: Change) -> SavedChange | None:
    """Send a change and update the object from the response, without signals."""
    record, created = change.record, change.creates
    inline = _inline_objects(record)
    before = {} if created else loaded_row(record)
    change = merge_read_lists(change)
    if change.safe is None and not created and not record._meta.safe:
        change = merge_remote_lists(session, change)
    try:
        # Calls in a batch may change nothing, too, such as the addition of a tag that is there.
        exchanged = None if change.is_empty else _exchange(session, change)
        if exchanged is None:
            # Assigned tags are those of the row now, so that calls on them are sent.
            record.update_from_row(record._row)
            return None
        request, response, change = exchanged
        data = _apply_response(session, change, request, response, before)
    except BaseException as error:
        # An interruption leaves the state unknown, too.
        _note_failure(session, change, error)
        raise
    for name, related in inline.items():
        pk = record._row.get(record._meta.relations[name].id.wire)
        if pk is not None:
            _identify(session, related, pk)
    record._after_save(data)
    return SavedChange(request, response, data, change)


def _apply_response(
    session: Session, change: Change, request: Request, response: Response, before: Row | None
) -> dict[str, Any]:
    """Update the object of a change from the response, and return the body of the response."""
    record, created = change.record, change.creates
    # Zendesk may accept a new row without a response, if nothing refers to it by an id.
    is_answered = response.data is not None or (created and record._meta.unique_ids)
    try:
        data = envelope(request, response) if is_answered else {}
        row = _row_in(data, record, request, response, created=created)
    except MalformedResponse as error:
        # The transport has accepted the response, and does not know that it is of no use.
        explain_uncertainty(error, request)
        raise
    if created:
        session.forget(type(record), record._key)
        record._state.replayed = response.headers.get(_LOOKUP) == _HIT
    if row:
        session.store(record, row, change.sent_fields, before, written=change.edits)
    else:
        apply_sent_values(session, record, change.payload)
    if created:
        # Last: an interrupted creation is repeated with the same key.
        confirm_creation(record)
    return data


def _row_in(
    data: dict[str, Any], record: Record, request: Request, response: Response, *, created: bool
) -> Row | None:
    """Return the row in the response to a save, or None if the response to an update has none.

    Raises:
        MalformedResponse: the row is not that of the object, or that of a new object is missing.
    """
    meta, row = record._meta, record._get_response_row(data)
    if created and not isinstance(row, dict):
        raise malformed(request, f"the body has no {display(meta.envelope)}", response.status)
    if not isinstance(row, dict) or not (row or created):
        return None
    return accept_row(meta, row, None if created else record.pk, request, response.status)


def _inline_objects(record: Record) -> dict[str, Record]:
    """Return the new objects that Zendesk creates together with this one, by relation."""
    relations = record._meta.relations
    return {
        name: record.__dict__[name]
        for name in record.unsaved
        if relations[name].new in record.__dict__
    }


def _identify(session: Session, record: Record, pk: Any) -> None:
    """Give an object that was sent with another one the id that Zendesk returned."""
    session.store(record, PartialRow(id=pk), list(record.changes()), before=None)


def _exchange(session: Session, change: Change) -> tuple[Request, Response, Change] | None:
    """Send a change; if it is safe, until it conflicts with no other.

    Returns:
        The request, the response and the change; None if others have made the same change.
    """
    if change.checked_fields and not change.creates:
        return _send_safely(session, change)
    request = _build_request(change, {})
    return request, session.transport.send(request), change


def _note_failure(session: Session, change: Change, error: BaseException) -> None:
    """Note a change whose result is not known, and explain the error."""
    if not change.creates:
        session.account.changes.note(type(change.record), change.record._row)
    explain_failure(session, change, error)


def _send_safely(session: Session, change: Change) -> tuple[Request, Response, Change] | None:
    """Send a change with a version stamp, and repeat it on the new row after a conflict."""
    record, attempt = change.record, 0
    if is_unchecked(record, change.checked_fields):
        change = merge_remote_changes(session, change, change.checked_fields)
    while not change.is_empty:
        attempt += 1
        stamp = version_stamp(record, change.checked_fields)
        request = _build_request(change, stamp)
        try:
            return request, session.transport.send(request), change
        except Conflict as error:
            rejected = stamp and error.code == CONFLICT
            if not rejected or attempt == MAX_ATTEMPTS:
                raise
            repeated = error.repeated
        remaining = merge_remote_changes(session, change, change.checked_fields)
        while not remaining.is_empty and _has_recent_stamp(session, record):
            # Others may still write in the second of the stamp, and would not be noticed.
            attempt += 1
            if attempt == MAX_ATTEMPTS:
                break
            pause(session.transport.clock, _STAMP_SECONDS)
            remaining = merge_remote_changes(session, remaining, remaining.checked_fields)
        if remaining.is_empty and repeated:
            # The first attempt was applied: the conflict is with the change itself.
            data = {record._meta.envelope: record._row}
            return request, Response(200, {}, data, repeated=True), change
        change = remaining
    return None


def _has_recent_stamp(session: Session, record: Record) -> bool:
    """Return True if a row may change again without a new version stamp."""
    stamp = record._row.get("updated_at")
    if stamp is None:
        return False
    age: float = session.transport.clock.now() - load_datetime(stamp).timestamp()
    return abs(age) < _STAMP_SECONDS


def announce_save(session: Session, change: Change) -> None:
    """Send `post_save` for a change."""
    values = _signal_values(session, change)
    announce(signals.post_save, type(change.record), changes=change.edits, **values)


def _build_request(change: Change, stamp: Mapping[str, Any]) -> Request:
    """Return the request that sends a change."""
    record, creates = change.record, change.creates
    endpoint: Endpoint = record._get_save_endpoint(Verb.CREATE if creates else Verb.UPDATE)
    headers = {}
    if endpoint.idempotent and creates:
        # Kept until there is a response, so that a second save() creates no second row.
        state = record._state
        state.idempotency_key = state.idempotency_key or str(uuid.uuid4())
        headers["Idempotency-Key"] = state.idempotency_key
    adds = bool(change.write_only)
    return Request(
        endpoint.method,
        path_of(endpoint, record),
        endpoint.fixed_params,
        json={**change.root_keys, **record._wrap_payload({**change.payload, **stamp})},
        headers=headers,
        # Sent twice, a comment would be added twice; so would an object that is created by an
        # update of its parent.
        once=adds or (creates and endpoint.method != "POST"),
        # Setting fields twice has the same effect as once, whatever the method.
        safe=not adds and not creates,
    )
