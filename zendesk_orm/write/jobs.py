"""Zendesk's background jobs: what one says, and waiting until it has ended.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import define, field, fields

from zendesk_orm.errors import NotFound, ObjectDoesNotExist
from zendesk_orm.http.cancellation import pause
from zendesk_orm.http.request import Request
from zendesk_orm.http.transport import Transport
from zendesk_orm.http.values import join, path_segment
from zendesk_orm.schema import registry
from zendesk_orm.session.envelopes import UNKNOWN, envelope, malformed, object_in, objects_in


if TYPE_CHECKING:
    from typing_extensions import Self

#: Jobs of one account that may be queued or running at once.
MOST = 30
#: Jobs that one request shows.
_SHOWN = 100
#: Seconds before the first look at a job, and the longest between two.
FIRST_LOOK, LONGEST = 0.5, 8.0
#: How often a job may be found nowhere before it is given up.
LOST = 5

#: `killed` is not in Zendesk's documentation; other clients have met it.
_ENDED = frozenset({"completed", "failed", "killed"})

_PATH = "/api/v2/job_statuses"


@define
class Job:
    """A background job, as it was when it was last looked at.

    Its id is all that has to be kept to find it again, also in another process, for a
    day: `Job.load(id).wait().results`.

    Attributes:
        id: Zendesk's name for it: `V3-…`.
        status: `queued`, `working`, `completed`, `failed` or `killed`.
        progress, total: items done and items in all, where Zendesk tells.
        message: Zendesk's sentence about it.
        results: a result for each item once it has ended, in one of five shapes.
        using: the alias of the account that it runs in.

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
            MalformedResponse: it has no id or no status.
        """
        pk, status = row.get("id"), row.get("status")
        if not pk or not isinstance(pk, (str, int)) or not isinstance(status, str):
            raise malformed(UNKNOWN, "there is a job without an id or without a status")
        numbers = (_number(row.get("progress")), _number(row.get("total")))
        message = row.get("message")
        text = message if message is None or isinstance(message, str) else str(message)
        return cls(str(pk), status, *numbers, text, row.get("results"), using=using)

    @classmethod
    def load(cls, pk: str, using: str = "default") -> Job:
        """Return the job of that id, as it is now.

        Args:
            pk: its id, from `result.jobs` of this process or of one that is gone.
            using: the account's alias.

        Raises:
            ObjectDoesNotExist: Zendesk does not know it; it keeps a job for a day.
            ApiError, TransportError: nothing could be asked.
        """
        for job in look(_session(using).transport, [pk], using):
            return job
        raise _gone(pk)

    @property
    def ended(self) -> bool:
        """Whether it is over, well or not."""
        return self.status in _ENDED

    def refresh(self) -> Self:
        """Look at it once more, take over what it says, and return it.

        Raises:
            ObjectDoesNotExist: Zendesk does not know it any more.
            ApiError, TransportError: nothing could be asked.
        """
        now = Job.load(self.id, self.using)
        for each in fields(Job):
            setattr(self, each.name, getattr(now, each.name))
        return self

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until it has ended, looking at growing intervals, and return it.

        Args:
            timeout: seconds to wait at most; by default those of `account.job_timeout`.

        Raises:
            TimeoutError: it has not ended by then; it goes on at Zendesk.
            ObjectDoesNotExist: Zendesk does not know it any more.
            ApiError, TransportError: nothing could be asked.
        """
        account = _session(self.using).account
        seconds = account.job_timeout if timeout is None else timeout
        (ended,) = wait(account.transport, [self], seconds)
        for each in fields(Job):
            if each.name != "using":
                setattr(self, each.name, getattr(ended, each.name))
        return self


def look(transport: Transport, ids: Sequence[str], using: str = "default") -> list[Job]:
    """Return the present state of jobs: one request for up to a hundred.

    A job that its own page, or that of many, does not show is looked for in the list of
    all: after some thousand jobs pages go missing that the list still knows. Jobs that
    are found nowhere are absent.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(ids), _SHOWN):
        some = ids[start : start + _SHOWN]
        found.update(_own(transport, some) if len(some) == 1 else {})
        if not found.keys() >= set(some):
            found.update(_shown(transport, some))
    if not found.keys() >= set(ids):
        for row in listed(transport):
            if row.get("id") in ids:
                found.setdefault(row["id"], row)
            if found.keys() >= set(ids):
                break
    return [Job.from_row(found[pk], using) for pk in ids if pk in found]


def listed(transport: Transport) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of all jobs that Zendesk still knows: those of a day."""
    request: Request | None = Request("GET", _PATH, (("page[size]", "100"),))
    seen: set[str] = set()
    while request is not None:
        data = envelope(request, transport.send(request))
        yield from data.get("job_statuses") or ()
        more = (data.get("meta") or {}).get("has_more")
        link = (data.get("links") or {}).get("next") if more else None
        request = None if not link or link in seen else Request("GET", link)
        seen.add(link or "")


def intervals() -> Iterator[float]:
    """Yield the seconds to wait before each look: longer and longer."""
    seconds = FIRST_LOOK
    while True:
        yield seconds
        seconds = min(seconds * 2, LONGEST)


def wait(
    transport: Transport,
    jobs: Iterable[Job],
    timeout: float | None = None,
    *,
    missing_ok: bool = False,
) -> list[Job]:
    """Return the jobs when all have ended, in the order given.

    Args:
        transport: the way to the account.
        jobs: the jobs as they were last seen.
        timeout: seconds to wait at most; None for as long as it takes.
        missing_ok: whether a job that Zendesk does not know any more is left as it was.

    Raises:
        TimeoutError: some have not ended by then.
        ObjectDoesNotExist: Zendesk does not know one any more.
    """
    known = {job.id: job for job in jobs}
    missing: dict[str, int] = {}
    waited = 0.0
    for interval in intervals():
        running = [job for job in known.values() if not job.ended and missing.get(job.id, 0) < LOST]
        if not running:
            break
        if timeout is not None and waited >= timeout:
            raise TimeoutError(f"job {running[0].id} is {running[0].status} after {timeout:g} s")
        seconds = interval if timeout is None else min(interval, timeout - waited)
        pause(transport.clock, seconds)
        waited += seconds
        ids = [job.id for job in running]
        found = {job.id: job for job in look(transport, ids, running[0].using)}
        known.update(found)
        for pk in ids:
            missing[pk] = 0 if pk in found else missing.get(pk, 0) + 1
            if missing[pk] >= LOST and not missing_ok:
                raise _gone(pk)
    return list(known.values())


def _own(transport: Transport, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    request = Request("GET", f"{_PATH}/{path_segment('id', ids[0])}")
    try:
        return {ids[0]: object_in(request, transport.send(request), "job_status")}
    except NotFound:
        return {}


def _shown(transport: Transport, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    request = Request("GET", f"{_PATH}/show_many", (("ids", join(ids)),))
    try:
        data = envelope(request, transport.send(request))
    except NotFound:
        return {}
    return {str(row.get("id")): row for row in objects_in(data, "job_statuses")}


def _number(value: Any) -> int | None:
    return value if type(value) is int else None


def _session(using: str) -> Any:
    # Accounts stand above this layer; the model of jobs knows how to find its own.
    model: Any = registry.find("JobStatus", "support")
    return model.objects.using(using)._session


def _gone(pk: str) -> ObjectDoesNotExist:
    return ObjectDoesNotExist(f"there is no job {pk}; Zendesk keeps what became of one for a day")
