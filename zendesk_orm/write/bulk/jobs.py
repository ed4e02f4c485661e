"""Background jobs of Zendesk: their status, and waiting until they have ended.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, fields

from zendesk_orm import signals
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.chunks import chunks
from zendesk_orm.errors import JobTimeout, NotFound, ObjectDoesNotExist
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.clock import pause
from zendesk_orm.http.limits import require_duration
from zendesk_orm.http.request import Request
from zendesk_orm.http.transport import Transport
from zendesk_orm.http.values import join, path_segment
from zendesk_orm.schema import registry
from zendesk_orm.session.lists.endless_lists import iterate_lists
from zendesk_orm.session.responses import (
    UNKNOWN,
    envelope,
    malformed,
    object_in,
    objects,
    objects_in,
)


#: Jobs of one account that may be queued or running at the same time.
MAX_JOBS = 30
#: Jobs that one request can show.
_MAX_IDS_PER_REQUEST = 100
#: Seconds before the first request for the status of a job, and the longest between two.
FIRST_INTERVAL, LONGEST_INTERVAL = 0.5, 8.0
#: How many times a job may be missing from the responses before it is given up.
MAX_MISSES = 5
#: Seconds for which jobs of other processes are waited for.
_MAX_WAIT = 3600.0

#: `killed` is not documented; other clients have received it.
_ENDED = frozenset({"completed", "failed", "killed"})

_PATH = "/api/v2/job_statuses"
_PAGE_SIZE = 100


@define
class Job:
    """A background job, with the status of the last time it was fetched.

    Zendesk keeps a job for a day. Another process needs only its id to continue:

    >>> tickets = [Ticket(subject="New", comment=Comment(body="Hello"))]
    >>> [job] = Ticket.objects.bulk_create(tickets, wait=False).jobs
    >>> Job.load(job.id).wait().status
    'completed'

    Attributes:
        id: Zendesk's id of the job: `V3-…`.
        status: `queued`, `working`, `completed`, `failed` or `killed`.
        progress, total: number of finished items and of all items, if Zendesk reports them.
        message: Zendesk's message about the job.
        results: one result for each item after the job has ended, in one of five shapes.
        using: the alias of the account in which the job runs.

    Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
    """

    id: str
    status: str
    progress: int | None = None
    total: int | None = None
    message: str | None = None
    results: Any = field(default=None, repr=False)
    using: str = field(default="default", eq=False, repr=False, kw_only=True)

    @classmethod
    def from_row(cls, row: Mapping[str, Any], using: str = "default") -> Job:
        """Return the job of a `job_status` row.

        Raises:
            MalformedResponse: the row has no id or no status.
        """
        pk, status = row.get("id"), row.get("status")
        if not pk or not isinstance(pk, (str, int)) or not isinstance(status, str):
            raise malformed(UNKNOWN, "there is a job without an id or without a status")
        numbers = (_integer(row.get("progress")), _integer(row.get("total")))
        message = row.get("message")
        text = message if message is None or isinstance(message, str) else str(message)
        return cls(str(pk), status, *numbers, text, row.get("results"), using=using)

    @classmethod
    def load(cls, pk: str, using: str = "default") -> Job:
        """Fetch a job by id.

        Args:
            pk: the id, from `result.jobs` of this process or of an earlier one.
            using: the account's alias.

        Raises:
            ObjectDoesNotExist: the job does not exist; Zendesk keeps jobs for a day.
            ApiError, TransportError: the request failed.
        """
        for job in fetch_jobs(_session(using).transport, [pk], using):
            return job
        raise _does_not_exist(pk)

    @property
    def ended(self) -> bool:
        """Whether the job has ended, successfully or not."""
        return self.status in _ENDED

    def refresh(self) -> Self:
        """Fetch the present status, update the job, and return it.

        Raises:
            ObjectDoesNotExist: the job does not exist any more.
            ApiError, TransportError: the request failed.
        """
        current = Job.load(self.id, self.using)
        for attribute in fields(Job):
            setattr(self, attribute.name, getattr(current, attribute.name))
        return self

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the job has ended, update it, and return it.

        The status is fetched at growing intervals.

        Args:
            timeout: seconds to wait at most; `account.job_timeout` by default.

        Raises:
            InvalidValue: `timeout` is not a positive number.
            JobTimeout: the job has not ended by then; it continues at Zendesk.
            ObjectDoesNotExist: the job does not exist any more.
            ApiError, TransportError: a request failed.
        """
        if timeout is not None:
            require_duration("timeout", timeout)
        account = _session(self.using).account
        seconds = account.job_timeout if timeout is None else timeout
        (ended,) = wait_for_jobs(account.transport, [self], seconds)
        for attribute in fields(Job):
            if attribute.name != "using":
                setattr(self, attribute.name, getattr(ended, attribute.name))
        return self


def fetch_jobs(transport: Transport, ids: Sequence[str], using: str = "default") -> list[Job]:
    """Return the present state of jobs, up to a hundred by one request.

    A job that is missing from the response is looked up in the list of all jobs: after some
    thousand jobs, Zendesk answers 404 for jobs that the list still contains. Jobs that are in
    neither are left out.
    """
    rows: dict[str, Mapping[str, Any]] = {}
    for chunk in chunks(ids, _MAX_IDS_PER_REQUEST):
        rows.update(_fetch_one(transport, chunk[0]) if len(chunk) == 1 else {})
        if not rows.keys() >= set(chunk):
            rows.update(_fetch_many(transport, chunk))
    if not rows.keys() >= set(ids):
        for row in iterate_jobs(transport):
            if row.get("id") in ids:
                rows.setdefault(row["id"], row)
            if rows.keys() >= set(ids):
                break
    return [Job.from_row(rows[pk], using) for pk in ids if pk in rows]


def iterate_jobs(transport: Transport) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of all jobs that Zendesk keeps: those of a day."""
    request = Request("GET", _PATH, CURSOR.page_params(_PAGE_SIZE))
    for rows in iterate_lists(request, "job_statuses", transport.send):
        yield from objects(request, rows, "job_statuses")


def wait_for_running_jobs(transport: Transport, using: str, words: Iterable[str]) -> None:
    """Wait for the running jobs of any process that may make changes of one kind.

    Args:
        transport: the transport of the account.
        using: the alias of the account.
        words: words in the titles of such jobs; jobs without a title are waited for, too.

    Raises:
        JobTimeout: a job has not ended after an hour.
    """
    jobs = [
        Job.from_row(row, using)
        for row in iterate_jobs(transport)
        if (title := row.get("job_type")) is None or any(word in str(title) for word in words)
    ]
    running = [job for job in jobs if not job.ended]
    wait_for_jobs(transport, running, _MAX_WAIT, missing_ok=True)


def intervals() -> Iterator[float]:
    """Yield the growing number of seconds to wait before each request for the status."""
    seconds = FIRST_INTERVAL
    while True:
        yield seconds
        seconds = min(seconds * 2, LONGEST_INTERVAL)


def wait_for_jobs(
    transport: Transport,
    jobs: Iterable[Job],
    timeout: float | None = None,
    *,
    missing_ok: bool = False,
) -> list[Job]:
    """Wait until all jobs have ended, and return them in the same order.

    Args:
        transport: the transport of the account.
        jobs: the jobs.
        timeout: seconds to wait at most; None to wait without a limit.
        missing_ok: whether a job that does not exist any more is returned as it is.

    Raises:
        JobTimeout: some jobs have not ended by then.
        ObjectDoesNotExist: a job does not exist any more.
    """
    states = {job.id: job for job in jobs}
    misses: dict[str, int] = {}
    waited = 0.0
    for interval in intervals():
        running = [
            job for job in states.values() if not job.ended and misses.get(job.id, 0) < MAX_MISSES
        ]
        if not running:
            break
        if timeout is not None and waited >= timeout:
            raise JobTimeout(f"job {running[0].id} is {running[0].status} after {timeout:g} s")
        seconds = interval if timeout is None else min(interval, timeout - waited)
        pause(transport.clock, seconds)
        waited += seconds
        ids = [job.id for job in running]
        current = {job.id: job for job in fetch_jobs(transport, ids, running[0].using)}
        states.update(current)
        for pk in ids:
            misses[pk] = 0 if pk in current else misses.get(pk, 0) + 1
            if misses[pk] >= MAX_MISSES and not missing_ok:
                raise _does_not_exist(pk)
    return list(states.values())


def announce_jobs(jobs: Iterable[Job], using: str, *, log_only: bool) -> None:
    """Send the signals of jobs, then raise the first exception of a receiver.

    Args:
        jobs: the jobs.
        using: the alias of the account.
        log_only: whether exceptions are only logged.
    """
    first: Exception | None = None
    for job in jobs:
        signal = signals.job_finished if job.ended else signals.job_progress
        try:
            signals.announce(signal, type(job), job=job, using=using)
        except Exception as error:  # noqa: BLE001 - it is raised below
            if first is None and not log_only:
                first = error
            else:
                signals.report(error, f"raised by a receiver of {signal.name}")
    if first is not None:
        raise first


def _fetch_one(transport: Transport, pk: str) -> dict[str, Mapping[str, Any]]:
    """Fetch a job from its own path."""
    request = Request("GET", f"{_PATH}/{path_segment('id', pk)}")
    try:
        return {pk: object_in(request, transport.send(request), "job_status")}
    except NotFound:
        return {}


def _fetch_many(transport: Transport, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Fetch several jobs by one request."""
    request = Request("GET", f"{_PATH}/show_many", (("ids", join(ids)),))
    try:
        data = envelope(request, transport.send(request))
    except NotFound:
        return {}
    return {str(row.get("id")): row for row in objects_in(data, "job_statuses")}


def _integer(value: Any) -> int | None:
    """Return a value if it is an integer, else None."""
    return value if type(value) is int else None


def _session(using: str) -> Any:
    """Return the session of an account by alias."""
    # Accounts are in a layer above this one; the model of jobs finds its own.
    model: Any = registry.find("JobStatus", "support")
    return model.objects.using(using)._session


def _does_not_exist(pk: str) -> ObjectDoesNotExist:
    """Return the error for a job that Zendesk does not know."""
    return ObjectDoesNotExist(f"job {pk} does not exist; Zendesk keeps jobs for a day")
