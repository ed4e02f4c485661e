"""Updates whose response was lost: looked for at Zendesk before they are sent again.

An update that adds something (a comment) must not be sent twice, so the transport does not repeat
it. The object remembers what was sent; its next save asks the model whether Zendesk has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from attrs import frozen

from zendesk_orm.errors import ApiError, BadRequest, ZendeskError
from zendesk_orm.http.failures import explain
from zendesk_orm.http.retry import may_be_applied
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.session import Session
from zendesk_orm.write.change import Change, change_of, unedited


#: Where an object keeps the key of its creation, and the update of which the response was lost.
KEY, _LOST = "_idempotency_key", "_lost_update"
#: What Zendesk calls the use of an idempotency key with other values.
_OTHER_VALUES = "IdempotentRequestError"
#: Seconds by which the clocks may differ.
_SKEW = 300.0


@frozen(eq=False)
class LostUpdate:
    """An update that was sent, and may have been applied.

    Attributes:
        payload: what was sent, by wire name.
        since: the last moment before it, as Zendesk writes it.
    """

    payload: Mapping[str, Any]
    since: str


def explain_failure(session: Session, change: Change, error: ZendeskError) -> None:
    """Say in an error how to go on after a save, and remember an update that may be applied."""
    record = change.record
    name = record._meta.verbose_name
    key = record.__dict__.get(KEY)
    if isinstance(error, BadRequest) and error.code == _OTHER_VALUES and change.created:
        explain(
            error,
            f"a {name} was created with the idempotency key {key!r} and other values, by a save() "
            f"whose response was lost or by another process; undo the edits made since and save() "
            f"again to get that {name}, or set idempotency_key = None to create another one",
        )
    elif not may_be_applied(error):
        return
    elif change.created and key is not None:
        explain(
            error, f"save() sends the same idempotency key {key!r} and creates no second {name}"
        )
    elif change.adds and record._finds_updates:
        record.__dict__[_LOST] = LostUpdate(change.payload, _last_moment(session, record))
        explain(error, f"save() looks for it among the updates of the {name} before it sends it")


def find_applied(session: Session, change: Change) -> tuple[Change, dict[str, Any] | None]:
    """Look for an earlier update of the object whose response was lost.

    Args:
        session: where it was sent.
        change: what is to be sent now; only if it adds the same is anything looked for.

    Returns:
        What is left to be sent, and what the lost response said as far as it is known; None if
        nothing was applied.
    """
    record = change.record
    lost: LostUpdate | None = record.__dict__.get(_LOST)
    if lost is None or not change.adds:
        return change, None
    del record.__dict__[_LOST]
    if any(lost.payload.get(wire) != change.payload.get(wire) for wire in _added(change)):
        return change, None
    try:
        data = record._find_update(lost.payload, lost.since)
    except (ApiError, OSError):
        # Nothing is known yet, so the next save has to look for it.
        record.__dict__[_LOST] = lost
        raise
    if data is None:
        return change, None
    session.reload(record)
    same = {wire: value for wire, value in lost.payload.items() if wire in change.payload}
    applied = [
        name
        for name in unedited(change)
        if same.get(record._meta.fields[name].wire)
        == change.payload[record._meta.fields[name].wire]
    ]
    record.absorb(record._row, sent=applied)
    return change_of(record, change.wanted), {record._meta.envelope: record._row, **data}


def _added(change: Change) -> list[str]:
    """Return the wire names of what is added, and never comes back."""
    fields = change.record._meta.fields
    names = [name for name in change.edits if name in fields and not fields[name].readable]
    return [fields[name].wire for name in names]


def _last_moment(session: Session, record: Record) -> str:
    """Return when the object was last changed before now, in Zendesk's own time if possible."""
    stamp = None if type(record._row) is Hollow else record._row.get("updated_at")
    if stamp is not None:
        return str(stamp)
    now: float = session.account.transport.clock.now()
    return dump_datetime(datetime.fromtimestamp(now - _SKEW, timezone.utc))
