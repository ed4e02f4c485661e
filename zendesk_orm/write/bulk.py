"""Any number of objects: a hundred to a request, through jobs, one outcome each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from attrs import frozen

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import InvalidValue, ZendeskError
from zendesk_orm.http.request import Request
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import Hollow
from zendesk_orm.session.pages import held
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce
from zendesk_orm.write.jobs import MOST, Job, intervals, look
from zendesk_orm.write.outcomes import BulkResult, Outcome, outcomes


#: What Zendesk sets once and for all.
_LASTING = frozenset({"id", "url", "created_at"})
#: Objects in one request.
CHUNK = 100


@frozen(eq=False)
class _Chunk:
    """Objects that go out together, and the request that carries them."""

    objects: list[Any]
    request: Request


def create(session: Session, model: Any, objects: Iterable[Any]) -> BulkResult:
    """Create objects; each gets its id.

    Raises:
        BulkError: some failed; it carries the result of all.
    """
    endpoint = model._meta.endpoint(Verb.CREATE_MANY)

    def body(chunk: list[Any]) -> dict[str, Any]:
        return {model._meta.plural: [record.to_payload() for record in chunk]}

    result = _run(session, "create", model, _chunks(endpoint, _new(objects), body), _created)
    return _ended(result, lambda failed: create(session, model, failed))


def update(
    session: Session, model: Any, objects: Iterable[Any], fields: Iterable[str] | None = None
) -> BulkResult:
    """Send what changed on each object; unchanged ones succeed without a request.

    Raises:
        BulkError: some failed; it carries the result of all.
    """
    endpoint = model._meta.endpoint(Verb.UPDATE_MANY)
    meta = model._meta
    names = None if fields is None else [column(meta.get_field(name)).name for name in fields]

    def body(chunk: list[Any]) -> dict[str, Any]:
        sent = [{**record.to_payload(names), "id": record.pk} for record in chunk]
        return {model._meta.plural: sent}

    def done(session: Session, record: Any, outcome: Outcome) -> None:
        _settle(session, record, record.to_payload(names))

    given = list(objects)
    changed = [record for record in given if _known(record) and record.to_payload(names)]
    result = _run(session, "update", model, _chunks(endpoint, changed, body), done)
    known = {id(outcome.object): outcome for outcome in result.outcomes}
    whole = BulkResult(
        [known.get(id(each)) or Outcome(each, each.pk, ok=True) for each in given], result.jobs
    )
    return _ended(whole, lambda failed: update(session, model, failed, fields))


def update_alike(
    session: Session, model: Any, objects: Iterable[Any], values: Mapping[str, Any]
) -> BulkResult:
    """Make the same change to each object.

    Raises:
        BulkError: some failed; it carries the result of all.
    """
    endpoint = model._meta.endpoint(Verb.UPDATE_MANY)
    pattern = model(**values)
    payload = pattern.to_payload()

    def done(session: Session, record: Any, outcome: Outcome) -> None:
        _settle(session, record, payload)

    chunks = _by_ids(endpoint, objects, {model._meta.singular: payload})
    result = _run(session, "update", model, chunks, done)
    return _ended(result, lambda failed: update_alike(session, model, failed, values))


def delete(session: Session, model: Any, objects: Iterable[Any]) -> BulkResult:
    """Delete the objects, softly where Zendesk does.

    Raises:
        BulkError: some failed; it carries the result of all.
    """
    endpoint = model._meta.endpoint(Verb.DESTROY_MANY)
    result = _run(session, "delete", model, _by_ids(endpoint, objects, None), _deleted)
    return _ended(result, lambda failed: delete(session, model, failed))


def _run(
    session: Session,
    action: str,
    model: Any,
    chunks: Iterable[_Chunk],
    done: Callable[[Session, Any, Outcome], None],
) -> BulkResult:
    """Send the chunks, as many jobs at once as Zendesk allows, and wait for all of them."""
    transport = session.account.transport
    results: list[list[Outcome]] = []
    jobs: dict[str, Job] = {}
    running: dict[str, tuple[int, _Chunk]] = {}
    waits = intervals()
    for position, chunk in enumerate(chunks):
        results.append([])
        try:
            job = _submitted(session, chunk)
        except ZendeskError as error:
            results[position] = [_refused(each, error) for each in chunk.objects]
            continue
        jobs[job.id] = job
        running[job.id] = (position, chunk)
        while len(running) >= MOST:
            _look(session, running, jobs, results, next(waits))
    while running:
        _look(session, running, jobs, results, next(waits))
    flat = [outcome for chunk in results for outcome in chunk]
    for outcome in flat:
        if outcome.ok:
            done(session, outcome.object, outcome)
    result = BulkResult(flat, list(jobs.values()))
    announce(signals.post_bulk, model, action=action, result=result, using=transport.alias)
    return result


def _submitted(session: Session, chunk: _Chunk) -> Job:
    answer = session.account.transport.send(chunk.request)
    return Job.from_row(held(chunk.request, answer, "job_status"))


def _look(
    session: Session,
    running: dict[str, tuple[int, _Chunk]],
    jobs: dict[str, Job],
    results: list[list[Outcome]],
    seconds: float,
) -> None:
    """Wait, look at all running jobs in one request, and take in those that have ended."""
    if not any(jobs[job_id].ended for job_id in running):
        session.account.transport.clock.sleep(seconds)
        for job in look(session.account.transport, list(running)):
            jobs[job.id] = job
    for job_id in list(running):
        job = jobs[job_id]
        signal = signals.job_finished if job.ended else signals.job_progress
        announce(signal, type(job), job=job, using=session.alias)
        if job.ended:
            position, chunk = running.pop(job_id)
            results[position] = outcomes(chunk.objects, job)


def _ended(result: BulkResult, again: Callable[[list[Any]], BulkResult]) -> BulkResult:
    whole = BulkResult(result.outcomes, result.jobs, again)
    whole.raise_for_failures()
    return whole


def _chunks(
    endpoint: Endpoint, objects: Iterable[Any], body: Callable[[list[Any]], Any]
) -> Iterator[_Chunk]:
    for chunk in _hundreds(objects):
        request = Request(endpoint.method, f"/api/v2/{endpoint.path}", json=body(chunk), once=True)
        yield _Chunk(chunk, request)


def _by_ids(endpoint: Endpoint, objects: Iterable[Any], body: Any) -> Iterator[_Chunk]:
    for chunk in _hundreds(objects):
        ids = ",".join(str(_known(record)) for record in chunk)
        path = f"/api/v2/{endpoint.path}"
        yield _Chunk(chunk, Request(endpoint.method, path, (("ids", ids),), json=body))


def _hundreds(objects: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(objects)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def _new(objects: Iterable[Any]) -> Iterator[Any]:
    for record in objects:
        if record.pk is not None:
            raise InvalidValue(f"{record!r} exists already; bulk_update() changes it")
        yield record


def _known(record: Record) -> Any:
    if record.pk is None:
        raise InvalidValue(f"{record!r} has no id yet; bulk_create() makes it")
    return record.pk


def _refused(each: Any, error: ZendeskError) -> Outcome:
    return Outcome(each, each.pk, ok=False, error=type(error).__name__, details=str(error))


def _created(session: Session, record: Any, outcome: Outcome) -> None:
    fields = record._meta.fields.values()
    known = {field.wire for field in fields if field.readable}
    row = {key: value for key, value in record.to_payload().items() if key in known}
    record.absorb(Hollow({**row, "id": outcome.id}), sent=list(record.changes()))
    record.attach_to(session)
    session.identity.add(record)
    session.account.recent.note(type(record), record.pk, {}, record._row)


def _settle(session: Session, record: Any, payload: Mapping[str, Any]) -> None:
    """Take over what was sent; what Zendesk sets itself is fetched when it is next read."""
    fields = record._meta.fields.values()
    before = None if type(record._row) is Hollow else record._row
    stale = {field.wire for field in fields if not field.editable and field.wire not in _LASTING}
    row = {key: value for key, value in record._row.items() if key not in stale}
    sent = [field.name for field in fields if field.wire in payload]
    record.absorb(Hollow({**row, **payload}), sent=sent)
    session.account.rows.forget(type(record), record.pk)
    session.account.recent.note(type(record), record.pk, before, record._row)


def _deleted(session: Session, record: Any, outcome: Outcome) -> None:
    session.forget(type(record), record.pk)
    before = None if type(record._row) is Hollow else record._row
    session.account.recent.note(type(record), record.pk, before, None)
