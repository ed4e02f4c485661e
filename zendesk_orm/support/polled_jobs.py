"""Jobs that are not among `JobStatus`: of apps, themes and agent statuses.

Source: https://developer.zendesk.com/api-reference/ticketing/apps/apps/#get-job-status
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.errors import BulkError, JobTimeout, NotFound
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.clock import pause
from zendesk_orm.http.limits import require_duration
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.write.bulk.jobs import intervals
from zendesk_orm.write.bulk.results import BulkResult, Outcome


class PolledJob(StringIdModel):
    """A job that has an address of its own; `refresh_from_db()` fetches its state."""

    status: ReadOnly[str]

    #: The statuses of jobs that have not ended.
    _running: ClassVar[frozenset[str]] = frozenset({"pending", "queued", "working"})

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True

    @check_arguments
    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the job has ended, and return it.

        The state is fetched at growing intervals.

        Args:
            timeout: seconds to wait at most; `account.job_timeout` by default.

        Raises:
            InvalidValue: `timeout` is not a positive number.
            JobTimeout: the job has not ended by then; it continues at Zendesk.
            BulkError: the job failed.
            DoesNotExist: the job does not exist.
            ApiError, TransportError.
        """
        if timeout is not None:
            require_duration("timeout", timeout)
        session, waited = self._session(), 0.0
        limit: float = session.account.job_timeout if timeout is None else timeout
        for interval in intervals():
            self._fetch_state()
            if self.status not in self._running:
                break
            if waited >= limit:
                raise JobTimeout(f"{display(self)} is {self.status} after {limit:g} s")
            seconds = min(interval, limit - waited)
            pause(session.transport.clock, seconds)
            waited += seconds
        if self.status != "completed":
            text = self._row.get("message") or self._row.get("errors") or ""
            outcome = Outcome(self, self.pk, ok=False, error=self.status, details=str(text))
            raise BulkError(f"{display(self)}: {self.status}: {text}", BulkResult([outcome], []))
        return self

    def _fetch_state(self) -> None:
        """Fetch the state; that of a failed job may have the status 404.

        Raises:
            NotFound: the job does not exist.
        """
        try:
            self.refresh_from_db()
        except NotFound as error:
            if not isinstance(error.body, dict) or "status" not in error.body:
                raise
            self._session().store(self, error.body)
