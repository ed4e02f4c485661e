"""One object at a time: create, update, delete, each with its signals."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, frozen

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import Conflict, InvalidValue, ZendeskError
from zendesk_orm.http.request import Request, Response
from zendesk_orm.plan.parameters import located
from zendesk_orm.schema.accounts import require_relations
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow, Row
from zendesk_orm.session.envelopes import check_rows, envelope, malformed, require_objects
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write import conflicts
from zendesk_orm.write.change import Change, change_of, checked, unedited
from zendesk_orm.write.ignored import tell_ignored
from zendesk_orm.write.lost_responses import KEY, explain_failure, find_applied
from zendesk_orm.write.settling import take_over_sent
from zendesk_orm.write.validation import problems, validate


#: Where an object keeps whether it was made by an earlier request.
REPLAYED = "_replayed"
#: What Zendesk answers a create with that it has answered before.
_LOOKUP, _HIT = "x-idempotency-lookup", "hit"


def save(
    session: Session,
    record: Record,
    *,
    update_fields: Iterable[str] | None = None,
    force_insert: bool = False,
    safe: bool | None = None,
    beside: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Send what changed, and take over the answer; in a batch, keep it for later.

    Args:
        session: where to.
        record: what to save; without an id it is created.
        update_fields: names of fields to send; all that changed by default.
        force_insert: create it although it has an id, with all that is known of it.
        safe: whether to overwrite nothing that others changed; as the model says by default.
        beside: what the body says beside the object.

    Returns:
        The body of the answer, or {} when nothing had changed and nothing was sent.

    Raises:
        StaleObjectError: others changed the same fields.
        ValidationError, Conflict and the other `ApiError`s; `TransportError`.
    """
    outbox = session.outbox
    require_relations(record, session)
    if outbox is None:
        record.settle_relations()
    record.settle_custom(session, partly=outbox is not None)
    wanted = checked(record, update_fields)
    change = change_of(record, wanted, force_insert=force_insert)
    if change.empty:
        return {}
    model = type(record)
    told = {"instance": record, "created": change.created, "origin": "local"}
    announce(signals.pre_save, model, changes=change.edits, using=session.alias, **told)
    # A receiver may have edited the object further.
    change = change_of(record, wanted, force_insert=force_insert)
    if change.empty:
        return {}
    validate(record, problems(record, created=change.created, source=session))
    if beside:
        change = evolve(change, beside=beside)
    if outbox is not None:
        outbox.add(change, session)
        return {}
    return deliver(session, change, safe=safe)


def deliver(session: Session, change: Change, *, safe: bool | None = None) -> dict[str, Any]:
    """Send a change, take over the answer and announce it.

    Returns:
        The body of the answer; {} when others had made the same change.
    """
    sent = transmit(session, change, safe=safe)
    if sent is None:
        return {}
    try:
        tell_ignored(session, change.record, sent.request, sent.answer)
    finally:
        # One receiver takes nothing away from another.
        announce_saved(session, sent.change)
    return sent.data


@frozen(eq=False)
class Sent:
    """A change that was made.

    Attributes:
        request, answer: what went out, and what came back.
        data: the body of the answer; {} where there is none.
        change: what was changed in the end.
    """

    request: Request
    answer: Response
    data: dict[str, Any]
    change: Change


def transmit(session: Session, change: Change, *, safe: bool | None = None) -> Sent | None:
    """Send a change and update the object from the response, without signals.

    If the response to an earlier save() was lost, what that has applied is not sent again.

    Returns:
        What was sent; None when others had made the same change.
    """
    rest, found = find_applied(session, change)
    if found is None:
        return _transmit(session, change, safe=safe)
    change.record._saved(found)
    sent = None if rest.empty else _transmit(session, rest, safe=safe)
    if sent is not None:
        edits = {**change.edits, **sent.change.edits}
        return evolve(sent, change=evolve(sent.change, edits=edits))
    request = _request(_endpoint(change), change, {})
    return Sent(request, Response(200, {}, found, repeated=True), found, change)


def _transmit(session: Session, change: Change, *, safe: bool | None) -> Sent | None:
    """Send a change and update the object from the response, without signals."""
    record, created = change.record, change.created
    model = type(record)
    inline = _inline_objects(record)
    before = {} if created else _whole(record)
    if safe is None and not created and not model._meta.safe:
        change = conflicts.merge_remote_lists(session, change)
        if change.empty:
            return None
    exchanged = _exchange(session, change, safe=model._meta.safe if safe is None else safe)
    if exchanged is None:
        return None
    request, answer, change = exchanged
    data = envelope(request, answer) if created or answer.data is not None else {}
    row = record._answered(data)
    if created:
        if not isinstance(row, dict):
            what = f"there is no {model._meta.envelope!r} in the body"
            raise malformed(request, what, answer.status)
        check_rows(request, [model._meta.identified(row)], model._meta)
        session.forget(model, record._key)
        record.__dict__.pop(KEY, None)
        record.__dict__[REPLAYED] = answer.headers.get(_LOOKUP) == _HIT
    if isinstance(row, dict) and row:
        take_over(session, record, row, unedited(change))
    elif not data:
        take_over_sent(session, record, change.payload)
    record.attach_to(session)
    if record.pk is not None:
        session.identity.add(record)
    for name, related in inline.items():
        _identify(session, related, record._row.get(record._meta.relations[name].id.wire))
    record._saved(data)
    session.account.recent.note(model, record._key, before, record._row)
    return Sent(request, answer, data, change)


def _inline_objects(record: Record) -> dict[str, Record]:
    """Return the new objects that Zendesk creates together with this one, by relation."""
    relations = record._meta.relations
    return {
        name: record.__dict__[name]
        for name in record.unsaved
        if relations[name].new in record.__dict__
    }


def _identify(session: Session, record: Record, pk: Any) -> None:
    """Give an object the id under which Zendesk created it, or found it."""
    if pk is None:
        return
    record.absorb(Hollow(id=pk), sent=list(record.changes()))
    record.attach_to(session)
    session.identity.add(record)
    session.account.recent.note(type(record), record._key, None, record._row)


def _exchange(
    session: Session, change: Change, *, safe: bool
) -> tuple[Request, Response, Change] | None:
    """Send a change once, or until it conflicts with no other.

    Returns:
        What was sent, the response and the change; None when others had made the same change.
    """
    try:
        if safe and not change.created:
            return _safely(session, _endpoint(change), change)
        request = _request(_endpoint(change), change, {})
        return request, session.transport.send(request), change
    except ZendeskError as error:
        explain_failure(session, change, error)
        raise


def _endpoint(change: Change) -> Endpoint:
    endpoint: Endpoint = change.record._meta.endpoint(
        Verb.CREATE if change.created else Verb.UPDATE
    )
    return endpoint


def announce_saved(session: Session, change: Change) -> None:
    """Say that a change was made."""
    announce(
        signals.post_save,
        type(change.record),
        instance=change.record,
        created=change.created,
        origin="local",
        using=session.alias,
        changes=change.edits,
    )


def _safely(
    session: Session, endpoint: Endpoint, change: Change
) -> tuple[Request, Response, Change] | None:
    """Send the changes to the row that was changed; to the newer one, where others came first.

    Returns:
        What was sent, the answer and the change; None when others made the same changes.
    """
    attempt = 0
    while True:
        attempt += 1
        if change.empty:
            return None
        stamp = conflicts.stamped(change.record, change.edits)
        request = _request(endpoint, change, stamp)
        try:
            return request, session.transport.send(request), change
        except Conflict as error:
            known = stamp and error.code == conflicts.REFUSED
            if not known or attempt == conflicts.ATTEMPTS:
                raise
            repeated = error.repeated
        conflicts.settle(session, change.record, change.edits)
        rest = change_of(change.record, change.wanted)
        if rest.empty and repeated:
            # The first attempt was applied: the conflict is with the change itself.
            data = {change.record._meta.envelope: change.record._row}
            return request, Response(200, {}, data, repeated=True), change
        change = rest


def delete(session: Session, record: Record) -> None:
    """Delete the object at Zendesk, softly where Zendesk does; in a batch, later.

    Raises:
        InvalidValue: it was never saved.
        NotFound, PermissionDenied and the other `ApiError`s; `TransportError`.
    """
    model = type(record)
    if record.pk is None and session.outbox is None:
        raise InvalidValue(f"{record!r} was never saved, so there is nothing to delete")
    model._meta.endpoint(Verb.DELETE)
    told: dict[str, Any] = {"instance": record, "origin": "local", "using": session.alias}
    announce(signals.pre_delete, model, **told)
    if session.outbox is not None:
        session.outbox.add(Change("delete", record), session)
        return
    remove(session, record)
    announce_deleted(session, record)


def remove(session: Session, record: Record) -> None:
    """Send the deletion of an object; nobody is told yet."""
    model = type(record)
    endpoint = model._meta.endpoint(Verb.DELETE)
    answer = session.transport.send(
        Request(endpoint.method, path(endpoint, record), json=record._removed(), removes=True)
    )
    before, row = _whole(record), _last_row(record, answer)
    session.forget(model, record._key)
    session.account.recent.note(model, record._key, before, None)
    if row is not None:
        # Some rows remain: that of a deleted user says that it is not active.
        record.absorb(row)


def _last_row(record: Record, answer: Response) -> Row | None:
    """Return the row of an object that the response to its deletion holds, or None."""
    row = record._answered(answer.data) if isinstance(answer.data, dict) else None
    if not isinstance(row, dict) or row.get("id") != record.pk:
        return None
    return {**_unsaid(record), **row}


def announce_deleted(session: Session, record: Record) -> None:
    """Say that an object is gone."""
    announce(
        signals.post_delete, type(record), instance=record, origin="local", using=session.alias
    )


def _whole(record: Record) -> Row | None:
    """Return the record's row, or None when it is not known whole."""
    return None if type(record._row) is Hollow else record._row


def path(endpoint: Endpoint, record: Record) -> str:
    """Return the endpoint's path, from the host on, with placeholders taken from the record."""
    meta, row = type(record)._meta, record._row
    given = {name: row.get(column(meta.get_field(name)).wire) for name in endpoint.placeholders}
    return located(endpoint, given)


def _request(endpoint: Endpoint, change: Change, stamp: Mapping[str, Any]) -> Request:
    payload = {**change.payload, **stamp}
    headers = {}
    if endpoint.idempotent and change.created:
        # Kept until it is answered, so that calling save() again makes no second one.
        headers["Idempotency-Key"] = change.record.__dict__.setdefault(KEY, str(uuid.uuid4()))
    return Request(
        endpoint.method,
        path(endpoint, change.record),
        json={**change.beside, **change.record._enveloped(payload)},
        headers=headers,
        # What never comes back (a comment) would be there twice after a second sending, and so
        # would what is made by changing what it belongs to.
        once=change.adds or (change.created and endpoint.method != "POST"),
        # Fields that are set twice are as if they were set once, whatever the method.
        safe=not change.adds and not change.created,
    )


def take_over(session: Session, record: Record, row: Row, sent: Iterable[str] = ()) -> None:
    """Give a record the row of an answer; unsaved edits stay, except those just `sent`."""
    row = record._meta.identified({**_unsaid(record), **require_objects([row])[0]})
    record.absorb(row, sent=sent)
    session.account.rows.put(type(record), [row])


def _unsaid(record: Record) -> dict[str, Any]:
    """Return what the row knows from the path alone, and no answer repeats."""
    return {wire: record._row[wire] for wire in record._meta.place if wire in record._row}
