"""Writes whose response was lost: looked up at Zendesk before they are sent again.

An update that adds something (a comment) must not be sent twice, so the transport does not repeat
it. The object remembers the payload, and its next save, alone or in bulk, asks the model whether
it was applied. A creation is repeated only by the method that Zendesk or the library recognizes:
a save has an idempotency key, which bulk requests do not have.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from attrs import define, frozen

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import BadRequest, InvalidValue, ZendeskError
from zendesk_orm.http.failures import explain
from zendesk_orm.http.retry import may_be_applied
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.messages import display, with_article
from zendesk_orm.schema.record import Record
from zendesk_orm.session.own_writes import loaded_row
from zendesk_orm.session.session import Session
from zendesk_orm.signals import add_note
from zendesk_orm.write.bulk.jobs import wait_for_running_jobs
from zendesk_orm.write.change import Change, bulk_change


#: Zendesk's code for the use of an idempotency key with other values.
_OTHER_VALUES = "IdempotentRequestError"
#: Seconds by which the clocks of Zendesk and of this machine may differ.
_CLOCK_SKEW = 300.0
#: Words in the titles of jobs that update rows.
_UPDATING = ("Update",)


@define(eq=False)
class LostJob:
    """A job that a bulk request may have started, although its response was lost.

    Attributes:
        has_ended: whether no job can be applying the request any more.
    """

    has_ended: bool = False

    def wait(self, session: Session) -> None:
        """Wait for the job, once for all objects of the request.

        Raises:
            JobTimeout: a job has not ended after an hour.
        """
        if not self.has_ended:
            wait_for_running_jobs(session.account.transport, session.alias, _UPDATING)
            self.has_ended = True


@frozen(eq=False)
class LostUpdate:
    """An update that was sent, and may have been applied.

    Attributes:
        payload: the values that were sent, by wire name.
        since: a time before the request, in Zendesk's format.
        is_running: whether a job is applying it that no caller has waited for yet.
        job: the job that may be applying it; None for a single request.
    """

    payload: Mapping[str, Any]
    since: str
    is_running: bool = False
    job: LostJob | None = None


def explain_failure(session: Session, change: Change, error: BaseException) -> None:
    """Add to an error how to continue, and remember a write that may have been applied."""
    record = change.record
    name = record._meta.verbose_name
    key = record._state.idempotency_key
    if isinstance(error, BadRequest) and error.code == _OTHER_VALUES and change.creates:
        explain(
            error,
            f"{with_article(name)} was created with the idempotency key {display(key)} and other "
            "values, by a save() whose response was lost or by another process; undo the edits "
            f"made since and save() again to get that {name}, or set idempotency_key = None to "
            "create another one",
        )
        return
    if isinstance(error, ZendeskError) and not may_be_applied(error):
        return
    if not remember_write(session, change, "save"):
        return
    if change.creates:
        text = f"save() sends the same idempotency key {display(key)} and creates no second {name}"
    else:
        text = f"save() looks for it among the updates of the {name} before it sends it"
    if isinstance(error, ZendeskError):
        explain(error, text)
    else:
        add_note(error, text)


def remember_write(
    session: Session, change: Change, method: str, *, is_running: bool = False
) -> bool:
    """Remember a write that may have been applied, if it must not be sent twice.

    Args:
        session: the session that sent it.
        change: the change.
        method: the method that sent it.
        is_running: whether a job will apply it.

    Returns:
        Whether it is remembered.
    """
    record = change.record
    if change.creates:
        # A job without an outcome creates the object, whether or not it would be created twice.
        remembers = is_running or bool(record._meta.endpoint(Verb.CREATE).idempotent)
        record._state.lost_creation = method if remembers else None
    else:
        remembers = bool(change.write_only) and record._finds_updates
        if remembers:
            since = _last_update(session, record)
            record._state.lost_update = LostUpdate(change.payload, since, is_running)
    return remembers


def remember_writes(
    session: Session, strategy: Any, entries: Iterable[Any], *, is_running: bool = False
) -> None:
    """Remember the writes of a bulk operation whose outcomes are unknown.

    Args:
        session: the session that sent them.
        strategy: the strategy of the operation, with its action and its method.
        entries: the objects with the values that were sent.
        is_running: whether a job will apply them.
    """
    job = None if strategy.read_response else LostJob()
    for entry in entries if strategy.action in ("create", "update") else ():
        record, payload = entry.record, entry.payload
        if strategy.action == "create":
            change = bulk_change("create", record, payload)
            remember_write(session, change, strategy.method, is_running=is_running)
        elif _adds_values(record, payload) and record._finds_updates:
            since = _last_update(session, record)
            record._state.lost_update = LostUpdate(_without_id(payload), since, is_running, job)


@contextmanager
def remember_interrupted_writes(
    session: Session, strategy: Any, entries: Iterable[Any]
) -> Generator[None]:
    """Remember the writes of a bulk request if a block is interrupted that records their outcomes.

    The edits of objects whose outcome was recorded are gone.
    """
    try:
        yield
    except ZendeskError:
        raise
    except BaseException:
        remember_writes(session, strategy, [one for one in entries if one.record.changes()])
        raise


def _adds_values(record: Record, payload: Mapping[str, Any]) -> bool:
    """Return True if an update adds something that it would add a second time."""
    return any(
        field.wire in payload and not field.readable for field in record._meta.fields.values()
    )


def _without_id(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a payload without the id of the row."""
    return {wire: value for wire, value in payload.items() if wire != "id"}


def is_applied(session: Session, record: Record, payload: Mapping[str, Any]) -> bool:
    """Return True if an update with the same values was applied although its response was lost.

    Args:
        session: the session that sent it.
        record: the object.
        payload: the values that are to be sent now.
    """
    lost: LostUpdate | None = record._state.lost_update
    if lost is None or lost.is_running or lost.payload != _without_id(payload):
        return False
    return _find(session, record, lost) is not None


def _find(session: Session, record: Record, lost: LostUpdate) -> dict[str, Any] | None:
    """Return the known part of a lost response, or None if the update was not applied.

    After an error the state is still unknown, so that the next attempt looks it up again.
    """
    if lost.job is not None:
        lost.job.wait(session)
    data: dict[str, Any] | None = record._find_update(lost.payload, lost.since)
    if data is not None:
        session.reload(record)
    record._state.lost_update = None
    return data


def forget_write(record: Record) -> None:
    """Forget a write of a job whose outcome is known now."""
    lost = record._state.lost_update
    if lost is not None and lost.is_running:
        record._state.lost_update = None
    record._state.lost_creation = None


def check_creation(record: Record, method: str) -> None:
    """Check that a method does not create an object that another method may have created.

    Raises:
        InvalidValue: the response of the other method was lost.
    """
    earlier = record._state.lost_creation
    if earlier is None or earlier == method == "save":
        return
    remedy = "save() it"
    if earlier != "save":
        remedy = "call wait() of its result, then retry_failed(unknown=True)"
    if record._meta.endpoint(Verb.CREATE).idempotent:
        name = record._meta.verbose_name
        remedy = f"{remedy}, or set idempotency_key = None to create another {name}"
    raise InvalidValue(
        f"{display(record)} may have been created by {earlier}(), whose outcome is unknown: "
        f"{remedy}"
    )


def confirm_creation(record: Record) -> None:
    """Forget earlier attempts to create an object, after one succeeded."""
    record._state.idempotency_key = record._state.lost_creation = None


def drop_applied_update(session: Session, change: Change) -> Change:
    """Return a change without the values that an earlier update has applied.

    The object is updated from the response that was lost.
    """
    if change.record._state.lost_update is None:
        return change
    remaining, data = find_applied_update(session, change)
    if data is not None:
        change.record._after_save(data)
    return remaining


def find_applied_update(session: Session, change: Change) -> tuple[Change, dict[str, Any] | None]:
    """Look up an earlier update of an object whose response was lost.

    Args:
        session: the session that sent it.
        change: the change to be sent now; the lookup is made only if it adds the same values.

    Returns:
        The change that remains to be sent, and the reconstructed body of the lost response, or
        None if the earlier update was not applied.
    """
    record = change.record
    lost: LostUpdate | None = record._state.lost_update
    if lost is None or not change.write_only:
        return change, None
    fields = record._meta.fields
    added = [fields[name].wire for name in change.write_only]
    if any(lost.payload.get(wire) != change.payload.get(wire) for wire in added):
        return change, None
    if lost.is_running:
        raise InvalidValue(
            f"a job that was started with wait=False adds the same values to {display(record)}; "
            "call wait() of its result before saving the object"
        )
    data = _find(session, record, lost)
    if data is None:
        return change, None
    payload = change.payload
    applied = {
        name
        for name in change.edits
        if (wire := fields[name].wire if name in fields else name) in lost.payload
        and lost.payload[wire] == payload.get(wire)
    }
    record.update_from_row(record._row, sent=applied.intersection(change.sent_fields))
    return change.without(applied), {record._meta.envelope: record._row, **data}


def _last_update(session: Session, record: Record) -> str:
    """Return the time of the last known update of an object, by Zendesk's clock if possible."""
    stamp = (loaded_row(record) or {}).get("updated_at")
    if stamp is not None:
        return str(stamp)
    now: float = session.account.transport.clock.now()
    return dump_datetime(datetime.fromtimestamp(now - _CLOCK_SKEW, timezone.utc))
