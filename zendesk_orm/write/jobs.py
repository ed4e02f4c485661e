"""Zendesk's background jobs: what one says, and waiting until it has ended.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from zendesk_orm.http.request import Request
from zendesk_orm.http.transport import Transport
from zendesk_orm.session.pages import envelope, held


#: Jobs of one account that may be queued or running at once.
MOST = 30
#: Seconds before the first look at a job, and the longest between two.
FIRST_LOOK, LONGEST = 0.5, 8.0

#: `killed` is not in Zendesk's documentation; other clients have met it.
_ENDED = frozenset({"completed", "failed", "killed"})


@frozen
class Job:
    """One look at a background job.

    Attributes:
        id: Zendesk's name for it: `V3-…`.
        status: `queued`, `working`, `completed`, `failed` or `killed`.
        progress, total: items done and items in all, where Zendesk tells.
        message: Zendesk's sentence about it.
        results: a result for each item once it has ended, in one of five shapes.
    """

    id: str
    status: str
    progress: int | None = None
    total: int | None = None
    message: str | None = None
    results: Any = field(default=None, repr=False)

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Job:
        """Return the job of a `job_status` row."""
        return cls(
            str(row["id"]),
            str(row["status"]),
            row.get("progress"),
            row.get("total"),
            row.get("message"),
            row.get("results"),
        )

    @property
    def ended(self) -> bool:
        """Whether it is over, well or not."""
        return self.status in _ENDED


def look(transport: Transport, ids: Sequence[str]) -> list[Job]:
    """Return the present state of jobs: one request for up to a hundred."""
    if len(ids) == 1:
        request = Request("GET", f"/api/v2/job_statuses/{ids[0]}")
        return [Job.from_row(held(request, transport.send(request), "job_status"))]
    request = Request("GET", "/api/v2/job_statuses/show_many", (("ids", ",".join(ids)),))
    rows = envelope(request, transport.send(request)).get("job_statuses")
    return [Job.from_row(row) for row in rows or ()]


def intervals() -> Iterator[float]:
    """Yield the seconds to wait before each look: longer and longer."""
    seconds = FIRST_LOOK
    while True:
        yield seconds
        seconds = min(seconds * 2, LONGEST)


def wait(transport: Transport, jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs when all have ended, in the order given."""
    known = {job.id: job for job in jobs}
    for seconds in intervals():
        running = [job.id for job in known.values() if not job.ended]
        if not running:
            break
        transport.clock.sleep(seconds)
        known.update((job.id, job) for job in look(transport, running))
    return list(known.values())
