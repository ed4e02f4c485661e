"""Calls that have a name of their own: `merge`, `mark_as_spam`, `restore`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import BulkError, InvalidValue
from zendesk_orm.http.request import Request, Response
from zendesk_orm.plan.parameters import located
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.envelopes import UNKNOWN, body_of, object_in
from zendesk_orm.session.session import Session
from zendesk_orm.write.jobs import Job
from zendesk_orm.write.outcomes import BulkResult, Outcome
from zendesk_orm.write.raw import query
from zendesk_orm.write.unanswered import unknown
from zendesk_orm.write.writer import take_over


class Unsent(dict[str, Any]):
    """The body of a response to a request that a dry run holds back: empty, and false."""

    def __getitem__(self, key: str) -> NoReturn:
        """Raise: there is no response to read.

        Raises:
            InvalidValue: always.
        """
        raise InvalidValue(
            f"dry_run() held the request back, so there is no {key!r} to return; call the method "
            "outside of it"
        )


#: What a call answers that is not made, in a dry run.
UNSENT = Response(204, {}, Unsent())


def call(
    session: Session,
    model: type[Record],
    name: str,
    body: Any = None,
    params: Mapping[str, Any] | None = None,
    path: Mapping[str, Any] | None = None,
) -> Response:
    """Make a call that a model declares with `action(name, ...)`.

    Args:
        session: where to.
        model: what declares it.
        name: the action's name.
        body: what to send.
        params: the query; None leaves a parameter out, a list is joined by commas.
        path: what stands in the placeholders of the path, by name.

    Returns:
        The answer.

    Raises:
        ApiError, TransportError.
    """
    endpoint = model._meta.endpoint(Verb.ACTION, name)
    if session.outbox is not None and endpoint.method != "GET":
        session.outbox.call(model, name, body)
        return UNSENT
    request = Request(
        endpoint.method,
        located(endpoint, path or {}),
        (*endpoint.always, *query(params or {})),
        json=body,
        once=endpoint.method == "POST" and not endpoint.repeatable,
        safe=endpoint.repeatable,
        removes=endpoint.removes,
    )
    response = session.transport.send(request)
    return evolve(response, data=body_of(response.data))


def act(
    session: Session,
    record: Record,
    name: str,
    body: Any = None,
    params: Mapping[str, Any] | None = None,
    path: Mapping[str, Any] | None = None,
) -> Response:
    """Make such a call for one object, which fills the placeholders that `path` does not.

    Raises:
        InvalidValue: the object was never saved.
        ApiError, TransportError.
    """
    if record.pk is None:
        raise InvalidValue(f"{record!r} was never saved; there is nothing to {name}")
    record.adopt(session)
    meta, given = record._meta, dict(path or {})
    for each in meta.endpoint(Verb.ACTION, name).placeholders:
        if each not in given:
            given[each] = record._row.get(column(meta.get_field(each)).wire)
    return call(session, type(record), name, body, params, given)


def took(session: Session, record: Record, name: str, body: Any = None, **more: Any) -> Record:
    """Make such a call for one object, and let it take over the row of the answer.

    Raises:
        MalformedResponse: the answer does not hold the row.
        InvalidValue, ApiError, TransportError.
    """
    key = record._meta.endpoint(Verb.ACTION, name).key
    before = None if type(record._row) is Hollow else record._row
    answer = act(session, record, name, body, **more)
    if answer is UNSENT:
        return record
    row = object_in(UNKNOWN, answer, key)
    take_over(session, record, row)
    session.account.recent.note(type(record), record._key, before, record._row)
    return record


def ended(session: Session, record: Record, name: str, body: Any = None) -> Job:
    """Make a call for one object that runs in a job, and wait until it has ended.

    Raises:
        BulkError: the job failed.
        InvalidValue, ApiError, TransportError.
    """
    return job_of(session, act(session, record, name, body), f"{name} of {record!r}", record)


def job_of(session: Session, answer: Response, what: str, record: Any = None) -> Job:
    """Wait for the job that an answer tells of, and return it.

    Raises:
        BulkError: it failed.
        ApiError, TransportError.
    """
    if answer is UNSENT:
        return Job("", status="completed", using=session.alias)
    if answer.data is None and answer.repeated:
        # The job of the first attempt has removed the object already.
        return Job("", status="completed", using=session.alias)
    row = object_in(UNKNOWN, answer, "job_status")
    job = Job.from_row(row, session.alias)
    pk = None if record is None else record.pk
    try:
        job.wait(session.account.job_timeout)
    except TimeoutError as error:
        lost = unknown(record, "JobTimeout", f"{error}; Job.load({job.id!r}).wait() may tell")
        raise BulkError(f"{what}: {error}", BulkResult([lost], [job])) from error
    if job.status != "completed":
        outcome = Outcome(record, pk, ok=False, error=job.status, details=job.message or "")
        raise BulkError(f"{what}: {job.status}: {job.message}", BulkResult([outcome], [job]))
    return job


def outdated(session: Session, record: Record) -> None:
    """Know nothing of an object but its id any more: reading a field fetches its row."""
    record.absorb(Hollow(record._meta.known_row(record._row)))
    session.account.rows.forget(type(record), record._key)
    session.account.recent.note(type(record), record._key, None, record._row)
