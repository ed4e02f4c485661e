"""The bulk engine: sends requests while their objects arrive, and waits for jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from typing import Any

from zendesk_orm import signals
from zendesk_orm.errors import BulkError, PermissionDenied, ZendeskError
from zendesk_orm.http.clock import OperationCancelled, pause
from zendesk_orm.http.request import Response
from zendesk_orm.progress import Progress
from zendesk_orm.schema.accounts import require_objects
from zendesk_orm.session.responses import object_in
from zendesk_orm.session.session import Session
from zendesk_orm.session.sources import group
from zendesk_orm.signals import add_note, announce, report
from zendesk_orm.write.apply_results import apply_existing_id
from zendesk_orm.write.bulk import results
from zendesk_orm.write.bulk.deferral import defer_changes
from zendesk_orm.write.bulk.in_flight import RequestsInFlight, require_same_values
from zendesk_orm.write.bulk.jobs import (
    MAX_JOBS,
    MAX_MISSES,
    Job,
    announce_jobs,
    fetch_jobs,
    intervals,
)
from zendesk_orm.write.bulk.requests import (
    BulkRequest,
    BulkStrategy,
    Entry,
    Pair,
    ResolvedOptions,
    build_requests,
    confirm_all,
    ignore_duplicates,
)
from zendesk_orm.write.bulk.results import BulkResult, Outcome, Retry
from zendesk_orm.write.lost_responses import (
    confirm_creation,
    forget_write,
    remember_interrupted_writes,
    remember_writes,
)


#: The status of a response without a body, which confirms deletions and nothing else: ids of
#: created objects, and failures of single objects, are in the job.
_NO_CONTENT = 204
#: Seconds for which a request is repeated while too many jobs are running.
MAX_QUEUE_SECONDS = 3600.0
#: Requests for the status of jobs that may fail in succession.
MAX_FAILURES = 5


class BulkOperation:
    """One bulk operation, from the first object to the last outcome.

    Objects are consumed while requests are sent: a generator is not read ahead by more than the
    objects of running requests. Outcomes are recorded in this thread, in the order of the requests.

    Args:
        session, model, strategy, options: what to send, and how.
        retry: sends some of the objects again.
        ignores: returns True for a failed outcome that is to be ignored.
    """

    def __init__(
        self,
        session: Session,
        model: Any,
        strategy: BulkStrategy,
        options: ResolvedOptions,
        *,
        retry: Retry,
        ignores: Callable[[Outcome], bool] | None = None,
    ) -> None:
        self._session = session
        self._transport = session.account.transport
        self._model, self._strategy, self._options = model, strategy, options
        self._retry, self._ignores = retry, ignores
        self._objects: Iterable[Any] = ()
        self._outcomes: list[Outcome] = []
        self._repetitions: dict[int, int] = {}
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, BulkRequest] = {}
        self._in_flight = RequestsInFlight(session.account)
        self._misses: dict[str, int] = {}
        self._deadlines: dict[str, float] = {}
        self._failures, self._sent = 0, False
        self._intervals = intervals()
        self._total: int | None = None
        self._done_count = self._failed_count = 0
        self._result: BulkResult | None = None
        self._error: Exception | None = None

    def run(self, objects: Iterable[Any]) -> BulkResult:
        """Send all objects, and wait for their jobs unless `wait` is false.

        In a batch the changes are added to it; in a dry run they are printed.

        Raises:
            BulkError: some objects failed, after all requests have ended; or the iterable or a
                callback raised an exception.
            InvalidValue: an object is of another model or account; nothing was sent.
        """
        method = self._strategy.method
        self._objects = require_objects(self._model, objects, self._session, method)
        result: BulkResult = self._session.sender.submit(self)
        return result

    def send(self) -> BulkResult:
        """Send all objects now; see `run()`."""
        return self._run(self._send)

    def _run(self, step: Callable[[], BulkResult]) -> BulkResult:
        """Return the result of a step; an interruption of it names the running jobs."""
        try:
            return step()
        except BaseException as error:
            if not isinstance(error, Exception):
                self._note_running_jobs(error)
            raise

    def _send(self) -> BulkResult:
        objects = self._objects
        # A QuerySet has a length, too, but would read all its rows for it.
        self._total = len(objects) if isinstance(objects, (Sequence, AbstractSet)) else None
        try:
            entries = self._filter_entries(objects)
            for request in build_requests(self._strategy, entries, self._options.batch_size):
                self._submit(request)
            while self._in_flight:
                self._receive()
        except Exception as error:
            if not self._sent:
                raise
            self._error = error  # Running jobs are still waited for.
        if not self._options.wait and self._running and self._error is None:
            for request in self._running.values():
                remember_writes(self._session, self._strategy, request.entries, is_running=True)
            return self._make_result(self._outcomes, self.finish)
        return self._finish()

    def defer(self, unit: Any) -> BulkResult:
        """Add the changes to a batch or a dry run; their outcomes are pending.

        Raises:
            FieldError: in a batch, existing objects would have to be looked up first.
            InvalidValue: a batch cannot delay the action.
        """
        entries, size = self._entries(self._objects), self._options.batch_size
        defer_changes(unit, self._session, self._model, self._strategy, entries, size)
        return BulkResult(self._outcomes)

    def finish(self) -> BulkResult:
        """Wait for the running jobs and return the result, which is the same in later calls.

        Raises:
            BulkError: some objects failed; or the iterable or a callback raised an exception.
        """
        return self._run(self._finish)

    def _finish(self) -> BulkResult:
        while self._in_flight or self._running:
            try:
                self._receive() if self._in_flight else self._poll()
            except Exception as error:  # noqa: BLE001, PERF203 - raised when all jobs have ended
                if self._error is None:
                    self._error = error
                else:
                    report(error, f"raised after {self._strategy.method} had stopped")
        if self._result is None:
            for position, first in self._repetitions.items():
                self._outcomes[position] = self._outcomes[first]
            self._result = self._make_result(
                [results.unsent_outcome(outcome) for outcome in self._outcomes]
            )
            if self._sent:
                self._announce(self._result)
        if self._error is not None:
            text = f"stopped after {len(self._result.outcomes)} objects: {self._error}; see .result"
            raise BulkError(f"{text} for their outcomes", self._result) from self._error
        if self._options.raises:
            self._result.raise_for_failures()
        return self._result

    def _announce(self, result: BulkResult) -> None:
        """Send `post_bulk`; an exception of a receiver does not lose the result."""
        values = {"action": self._strategy.action, "result": result, "using": self._session.alias}
        try:
            announce(signals.post_bulk, self._model, **values)
        except Exception as error:
            if self._error is None:
                raise BulkError(
                    f"a receiver of post_bulk raised after the operation had ended: {error}; see "
                    ".result",
                    result,
                ) from error
            report(error, "raised by a receiver of post_bulk")

    def _note_running_jobs(self, error: BaseException) -> None:
        """Add the ids of running jobs to an interruption."""
        for request, receive in self._in_flight.abandon(wait=type(error) is OperationCancelled):
            with suppress(Exception, OperationCancelled):
                self._start(request, receive)
        for request in self._running.values():
            remember_writes(self._session, self._strategy, request.entries)
        if self._running:
            ids = ", ".join(self._running)
            add_note(error, f"these jobs continue at Zendesk; load them by Job.load(): {ids}")

    def _make_result(
        self, outcomes: list[Outcome], finish: Callable[[], BulkResult] | None = None
    ) -> BulkResult:
        """Return a result that can wait and retry."""
        jobs = list(self._jobs.values())
        return BulkResult(outcomes, jobs, self._retry, finish, raises=self._options.raises)

    # -- objects -------------------------------------------------------------

    def _filter_entries(self, objects: Iterable[Any]) -> Iterator[Entry]:
        """Yield the objects to be sent; record the outcomes of the others."""
        entries = self._entries(objects)
        if self._strategy.filter is None:
            yield from entries
            return
        for item in self._strategy.filter(entries):
            if isinstance(item, Entry):
                yield item
            else:
                self._record_outcomes([item])

    def _entries(self, objects: Iterable[Any]) -> Iterator[Entry]:
        """Yield the objects with their payloads; record the outcomes of those without."""
        earlier: dict[int, tuple[int, int]] = {}
        for position, record in enumerate(objects):
            first = earlier.get(id(record))
            if first is not None and self._strategy.action in ("create", "update"):
                # Its change is sent once; the outcome is that of the first occurrence.
                require_same_values(self._strategy, record, first[1])
                self._outcomes.append(results.pending_outcome(record))
                self._repetitions[position] = first[0]
                continue
            prepared = self._strategy.prepare(record)
            earlier[id(record)] = position, hash(repr(prepared))
            if isinstance(prepared, Outcome):
                self._outcomes.append(prepared)
                self._done_count += prepared.ok
                self._failed_count += not prepared.ok
                continue
            self._outcomes.append(results.pending_outcome(record))
            yield Entry(position, record, prepared)

    # -- requests ------------------------------------------------------------

    def _submit(self, request: BulkRequest) -> None:
        """Send a request as soon as the account can run one more job."""
        window, in_flight = self._transport.quota.get("inflight-jobs"), self._in_flight
        limit = MAX_JOBS if window is None else max(window.total, 1)
        while in_flight.shares_objects(request) or in_flight.is_ready:
            self._receive()
        while len(self._running) + len(in_flight) >= limit:
            self._receive() if in_flight else self._wait_for_slot()
        self._sent = True
        in_flight.add(request)
        while in_flight.is_full:
            self._receive()

    def _receive(self) -> None:
        """Wait for the response of the request that was sent first, and record it."""
        with self._in_flight.take() as (request, receive):
            action, waited = receive, 0.0
            while True:
                try:
                    self._start(request, action)
                except ZendeskError as error:
                    # The request was rejected before it had any effect, whatever its status.
                    if results.is_queue_full(error) and waited < MAX_QUEUE_SECONDS:
                        waited += self._wait_for_slot()
                        action = partial(self._transport.send, request.request)
                        continue
                    self._record_outcomes(self._strategy.outcomes_of_error(request.entries, error))
                break
        self._report_progress()

    def _start(self, request: BulkRequest, receive: Callable[[], Response]) -> None:
        """Wait for a response; record its outcomes, or the job that was started."""
        with remember_interrupted_writes(self._session, self._strategy, request.entries):
            response = receive()
            if (read := self._strategy.read_response) is not None:
                self._record_outcomes(read(request.entries, response))
                return
            if response.status == _NO_CONTENT and request.request.is_removal:
                self._record_outcomes(confirm_all(request.entries, response))
                return
            status = object_in(request.request, response, "job_status")
            job = Job.from_row(status, self._session.alias)
            self._jobs[job.id], self._running[job.id] = job, request
            timeout, default = self._options.timeout, self._session.account.job_timeout
            seconds = default if timeout is None else timeout
            self._deadlines[job.id] = self._transport.clock.now() + seconds

    def _wait_for_slot(self) -> float:
        """Wait until one of the running jobs has ended; return the seconds."""
        began, before = self._transport.clock.now(), len(self._running)
        if not self._running:
            pause(self._transport.clock, next(self._intervals))
        while self._running and len(self._running) == before:
            self._poll()
        if len(self._running) < before:
            # More jobs will end soon, so polling starts with short intervals again.
            self._intervals = intervals()
        return max(self._transport.clock.now() - began, 0.5)

    # -- jobs ----------------------------------------------------------------

    def _poll(self) -> None:
        """Wait, fetch all running jobs by one request, and record the outcomes of ended ones."""
        jobs = [self._jobs[pk] for pk in self._running if self._jobs[pk].ended]
        if not jobs:
            pause(self._transport.clock, next(self._intervals))
            try:
                jobs = fetch_jobs(self._transport, list(self._running), self._session.alias)
            except Exception as error:
                if self._error is None and not isinstance(error, ZendeskError):
                    raise
                self._failures += 1
                if self._failures >= MAX_FAILURES or isinstance(error, PermissionDenied):
                    self._give_up(list(self._running), type(error).__name__, str(error))
                self._give_up_late_jobs()
                return
            self._failures = 0
            self._count_misses({job.id for job in jobs})
        for job in jobs:
            self._jobs[job.id] = job
            if job.ended:
                request = self._running[job.id]
                with remember_interrupted_writes(self._session, self._strategy, request.entries):
                    del self._running[job.id]
                    outcomes = results.outcomes_of_job(request.records, job)
                    self._record_outcomes(list(zip(request.entries, outcomes, strict=True)))
        announce_jobs(jobs, self._session.alias, log_only=self._error is not None)
        self._give_up_late_jobs()
        self._report_progress()

    def _give_up_late_jobs(self) -> None:
        """Stop waiting for jobs whose deadline has passed."""
        now = self._transport.clock.now()
        for pk in [pk for pk in self._running if now >= self._deadlines[pk]]:
            status = self._jobs[pk].status
            self._give_up([pk], "JobTimeout", f"its job was still {status} at the deadline")

    def _count_misses(self, present: set[str]) -> None:
        """Give up jobs that were missing from several responses in succession."""
        for pk in self._running:
            self._misses[pk] = 0 if pk in present else self._misses.get(pk, 0) + 1
        lost = [pk for pk in self._running if self._misses[pk] >= MAX_MISSES]
        self._give_up(lost, "JobLost", "its job does not exist any more")

    def _give_up(self, ids: list[str], error: str, reason: str) -> None:
        """Record that the state of the objects of some jobs is unknown."""
        for pk in ids:
            details = results.describe_lost_job(reason, pk)
            unknown = partial(results.unknown_outcome, error=error, details=details)
            entries = self._running.pop(pk).entries
            self._record_outcomes([(entry, unknown(entry.record)) for entry in entries])

    # -- outcomes ------------------------------------------------------------

    def _record_outcomes(self, pairs: list[Pair]) -> None:
        """Record outcomes, and update the objects whose change was applied."""
        applied = []
        for entry, outcome in ignore_duplicates(pairs, self._ignores, self._strategy.find_ids):
            if outcome.state == "ignored":
                apply_existing_id(self._session, entry.record, outcome.id)
                confirm_creation(entry.record)
            if outcome.unknown:
                remember_writes(self._session, self._strategy, [entry])
            elif not self._options.wait:
                forget_write(entry.record)
            if outcome.state == "done":
                self._strategy.apply(self._session, entry, outcome)
                applied += [entry.record] if self._strategy.action != "delete" else []
            self._done_count += outcome.ok
            self._failed_count += not outcome.ok
            self._outcomes[entry.position] = outcome
        group(self._session, applied)

    def _report_progress(self) -> None:
        """Call the progress callback."""
        if self._options.progress is None or self._error is not None:
            return
        done = self._done_count + sum(self._jobs[pk].progress or 0 for pk in self._running)
        self._options.progress(Progress(done, self._failed_count, self._total, len(self._running)))
