"""Calls that have a name of their own: `merge`, `mark_as_spam`, `restore`."""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import BulkError, InvalidValue
from zendesk_orm.http.request import Request, Response
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.pages import held
from zendesk_orm.session.session import Session
from zendesk_orm.write.jobs import Job
from zendesk_orm.write.outcomes import BulkResult, Outcome
from zendesk_orm.write.writer import path


def act(session: Session, record: Record, name: str, body: Any = None) -> Response:
    """Make a call that a model declares with `action(name, ...)`, for one object.

    Args:
        session: where to.
        record: the object.
        name: the action's name.
        body: what to send.

    Returns:
        The answer.

    Raises:
        InvalidValue: the object was never saved.
        ApiError, TransportError.
    """
    if record.pk is None:
        raise InvalidValue(f"{record!r} was never saved; there is nothing to {name}")
    endpoint = type(record)._meta.endpoint(Verb.ACTION, name)
    repeats = endpoint.method == "POST"
    request = Request(endpoint.method, path(endpoint, record), json=body, once=repeats)
    return session.transport.send(request)


def ended(session: Session, record: Record, name: str, body: Any = None) -> Job:
    """Make a call that runs in a job, and wait until it has ended.

    Raises:
        BulkError: the job failed.
        InvalidValue, ApiError, TransportError.
    """
    answer = act(session, record, name, body)
    row = held(Request("", ""), answer, "job_status")
    job = Job.from_row(row, session.alias).wait()
    if job.status != "completed":
        outcome = Outcome(record, record.pk, ok=False, error=job.status, details=job.message or "")
        raise BulkError(
            f"{name} of {record!r}: {job.status}: {job.message}", BulkResult([outcome], [job])
        )
    return job


def outdated(session: Session, record: Record) -> None:
    """Know nothing of an object but its id any more: reading a field fetches its row."""
    record.absorb(Hollow(id=record.pk))
    session.account.rows.forget(type(record), record.pk)
    session.account.recent.note(type(record), record.pk, None, record._row)
