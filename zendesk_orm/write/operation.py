"""One bulk operation: requests go out as their objects come, jobs are waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from attrs import evolve

from zendesk_orm import signals
from zendesk_orm.errors import BulkError, FieldError, PermissionDenied, ZendeskError
from zendesk_orm.http.cancellation import pause
from zendesk_orm.schema.accounts import require_objects
from zendesk_orm.session.envelopes import object_in
from zendesk_orm.session.peers import group
from zendesk_orm.session.session import Session
from zendesk_orm.signals import announce, note, report
from zendesk_orm.write import settling
from zendesk_orm.write.batches import Batch, Item, Way, batches
from zendesk_orm.write.change import prepared_change
from zendesk_orm.write.jobs import LOST, MOST, Job, intervals, look
from zendesk_orm.write.manner import Manner
from zendesk_orm.write.outcomes import TOLD, Again, BulkResult, Outcome, outcomes
from zendesk_orm.write.progress import Progress
from zendesk_orm.write.unanswered import is_queue_full, refused, unknown


#: The status of an answer that has no body, and needs none.
_NO_CONTENT = 204
#: Seconds for which a request is sent again because too many jobs run.
PATIENCE = 3600.0
#: Looks at jobs that may fail one after the other.
FAILING = 5


class Operation:
    """One bulk operation, from the first object to the last outcome.

    Objects are asked for as their requests go out, so that a generator is never read ahead
    by more than what is under way.

    Args:
        session: where to.
        model: of the objects.
        way: what is done to them.
        manner: how it is run.
        again: does it once more, for some of them.
        tolerated: tells of a failed outcome whether it is to be ignored.
    """

    def __init__(
        self,
        session: Session,
        model: Any,
        way: Way,
        manner: Manner,
        *,
        again: Again,
        tolerated: Callable[[Outcome], bool] | None = None,
    ) -> None:
        self._session = session
        self._transport = session.account.transport
        self._model = model
        self._way = way
        self._manner = manner
        self._again = again
        self._tolerated = tolerated
        self._outcomes: list[Outcome] = []
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, Batch] = {}
        self._missing: dict[str, int] = {}
        self._deadlines: dict[str, float] = {}
        self._failing = 0
        self._sent = False
        self._waits = intervals()
        self._total: int | None = None
        self._settled = self._failed = 0
        self._result: BulkResult | None = None
        self._broken: Exception | None = None

    def run(self, objects: Iterable[Any]) -> BulkResult:
        """Send everything, and wait unless told not to.

        Raises:
            BulkError: some failed, after all have run; or the objects stopped coming, or a
                callback failed.
        """
        objects = require_objects(self._model, objects, self._session, f"bulk_{self._way.action}")
        if self._session.outbox is not None:
            return self._collected(objects)
        # A QuerySet has a length, too, and would read all its rows to tell it.
        self._total = len(objects) if isinstance(objects, (Sequence, AbstractSet)) else None
        size = self._manner.size
        try:
            for batch in batches(self._way, self._sifted(objects), size):
                self._submit(batch)
        except Exception as error:
            if not self._sent:
                raise
            # What is under way is not left alone because what follows is not to be had.
            self._broken = error
        except BaseException as error:
            self._leave(error)
            raise
        if not self._manner.wait and self._running and self._broken is None:
            return self._told(self._outcomes, self.finish)
        return self.finish()

    def _collected(self, objects: Iterable[Any]) -> BulkResult:
        """Let the changes wait for the end of the batch around, which has their outcomes then.

        Raises:
            FieldError: they cannot wait.
        """
        if self._way.sift is not None or self._way.action not in ("create", "update", "delete"):
            raise FieldError(
                "what exists already is looked for at once, and a batch sends nothing before its "
                "end; call bulk_create() with conflicts before or after it"
            )
        if self._way.call:
            return self._noted(objects)
        outcomes = []
        for record in objects:
            prepared = self._way.prepare(record)
            if isinstance(prepared, Outcome):
                outcomes.append(prepared)
                continue
            change = prepared_change(self._way.action, record, prepared)
            self._session.outbox.add(change, self._session)
            outcomes.append(_pending(record))
        return BulkResult(outcomes)

    def _noted(self, objects: Iterable[Any]) -> BulkResult:
        """Let a dry run take note of requests that no batch can delay.

        Raises:
            InvalidValue: it is a batch.
        """
        for batch in batches(self._way, self._prepared(objects), self._manner.size):
            self._session.outbox.call(self._model, self._way.call, batch.request.json)
        return BulkResult(
            [
                evolve(each, ok=True, state="done") if each.state == "pending" else each
                for each in self._outcomes
            ]
        )

    def finish(self) -> BulkResult:
        """Wait for what is under way, and return the result; the same one the next time.

        Raises:
            BulkError: some failed; or the objects stopped coming.
        """
        while self._running:
            try:
                self._look()
            except Exception as error:  # noqa: PERF203 - a look is a request
                # A callback or a receiver failed; what is under way is not lost with it.
                if self._broken is not None:
                    raise
                self._broken = error
            except BaseException as error:
                self._leave(error)
                raise
        if self._result is None:
            self._result = self._told([_unsent(each) for each in self._outcomes])
            if self._sent:
                self._announce(self._result)
        if self._broken is not None:
            raise BulkError(
                f"stopped after {len(self._result.outcomes)} objects: {self._broken}; those that "
                "were sent are done, see .result",
                self._result,
            ) from self._broken
        if self._manner.raises:
            self._result.raise_for_failures()
        return self._result

    def _announce(self, result: BulkResult) -> None:
        """Say that it has ended; what a receiver raises takes nobody the result."""
        action, using = self._way.action, self._session.alias
        try:
            announce(signals.post_bulk, self._model, action=action, result=result, using=using)
        except Exception as error:
            if self._broken is None:
                raise BulkError(
                    f"it has ended, see .result, and a receiver of post_bulk raised: {error}",
                    result,
                ) from error
            report(error, "raised by a receiver of post_bulk")

    def _leave(self, error: BaseException) -> None:
        """Say with an interruption what goes on without us."""
        if self._running:
            ids = ", ".join(self._running)
            note(error, f"jobs under way at Zendesk, to be found with Job.load(): {ids}")

    def _told(
        self, outcomes: list[Outcome], later: Callable[[], BulkResult] | None = None
    ) -> BulkResult:
        jobs = list(self._jobs.values())
        return BulkResult(outcomes, jobs, self._again, later, raises=self._manner.raises)

    # -- objects -------------------------------------------------------------

    def _sifted(self, objects: Iterable[Any]) -> Iterator[Item]:
        items = self._prepared(objects)
        if self._way.sift is None:
            yield from items
            return
        for each in self._way.sift(items):
            if isinstance(each, Item):
                yield each
            else:
                self._take_in([each[0]], [each[1]])

    def _prepared(self, objects: Iterable[Any]) -> Iterator[Item]:
        """Yield what is to be sent; what is not has its outcome at once."""
        for position, record in enumerate(objects):
            prepared = self._way.prepare(record)
            if isinstance(prepared, Outcome):
                self._outcomes.append(prepared)
                self._settled += 1
                continue
            self._outcomes.append(_pending(record))
            yield Item(position, record, prepared)

    # -- requests ------------------------------------------------------------

    def _submit(self, batch: Batch) -> None:
        """Send a request, as soon as there is room for its job."""
        window = self._transport.quota.get("inflight-jobs")
        while len(self._running) >= (MOST if window is None else max(window.total, 1)):
            self._make_room()
        waited, self._sent = 0.0, True
        while True:
            try:
                self._started(batch)
            except ZendeskError as error:
                if is_queue_full(error) and waited < PATIENCE:
                    # Refused before anything was done, whatever the status.
                    waited += self._make_room()
                    continue
                self._take_in(batch.items, [refused(each, error) for each in batch.objects])
            break
        self._tell()

    def _started(self, batch: Batch) -> None:
        answer = self._transport.send(batch.request)
        if answer.status == _NO_CONTENT:
            # Some resources are changed at once, without a job.
            done = [Outcome(each, each.pk, ok=True) for each in batch.objects]
            self._take_in(batch.items, done)
            return
        job = Job.from_row(object_in(batch.request, answer, "job_status"), self._session.alias)
        self._jobs[job.id], self._running[job.id] = job, batch
        seconds = self._session.account.job_timeout
        if self._manner.timeout is not None:
            seconds = self._manner.timeout
        self._deadlines[job.id] = self._transport.clock.now() + seconds

    def _make_room(self) -> float:
        """Wait until a job of ours has ended, or for others; return the seconds."""
        began, before = self._transport.clock.now(), len(self._running)
        if not self._running:
            pause(self._transport.clock, next(self._waits))
        while self._running and len(self._running) == before:
            self._look()
        if len(self._running) < before:
            # Others follow, so that it is worth while to look soon.
            self._waits = intervals()
        return max(self._transport.clock.now() - began, 0.5)

    # -- jobs ----------------------------------------------------------------

    def _look(self) -> None:
        """Wait, look at all running jobs in one request, and take in those that have ended."""
        found = [self._jobs[pk] for pk in self._running if self._jobs[pk].ended]
        if not found:
            pause(self._transport.clock, next(self._waits))
            try:
                found = look(self._transport, list(self._running), self._session.alias)
            except Exception as error:
                if self._broken is None and not isinstance(error, ZendeskError):
                    raise
                self._failing += 1
                if self._failing >= FAILING or isinstance(error, PermissionDenied):
                    self._give_up(list(self._running), type(error).__name__, str(error))
                self._expire()
                return
            self._failing = 0
            self._miss({job.id for job in found})
        for job in found:
            self._jobs[job.id] = job
            if job.ended:
                batch = self._running.pop(job.id)
                self._take_in(batch.items, outcomes(batch.objects, job))
        self._announce_jobs(found)
        self._expire()
        self._tell()

    def _expire(self) -> None:
        """Give up jobs that have run for longer than they are waited for."""
        now = self._transport.clock.now()
        late = [pk for pk in self._running if now >= self._deadlines[pk]]
        for pk in late:
            status = self._jobs[pk].status
            self._give_up([pk], "JobTimeout", f"its job was still {status} at the deadline")

    def _announce_jobs(self, jobs: Iterable[Job]) -> None:
        """Tell of jobs; what a receiver raises is raised once, after all were told of."""
        first: Exception | None = None
        for job in jobs:
            signal = signals.job_finished if job.ended else signals.job_progress
            try:
                announce(signal, type(job), job=job, using=self._session.alias)
            except Exception as error:  # noqa: BLE001 - it is raised below
                if first is None and self._broken is None:
                    first = error
                else:
                    report(error, f"raised by a receiver of {signal.name}")
        if first is not None:
            raise first

    def _miss(self, found: set[str]) -> None:
        """Give up jobs that were found nowhere several times."""
        for pk in self._running:
            self._missing[pk] = 0 if pk in found else self._missing.get(pk, 0) + 1
        lost = [pk for pk in self._running if self._missing[pk] >= LOST]
        self._give_up(lost, "JobLost", "Zendesk shows its job nowhere any more")

    def _give_up(self, ids: list[str], error: str, reason: str) -> None:
        for pk in ids:
            batch = self._running.pop(pk)
            details = f"{reason}; Job.load({pk!r}).wait() may tell; {TOLD}"
            self._take_in(batch.items, [unknown(each, error, details) for each in batch.objects])

    # -- outcomes ------------------------------------------------------------

    def _take_in(self, items: Iterable[Item], told: Iterable[Outcome]) -> None:
        done = []
        for item, outcome in self._ignoring(list(zip(items, told, strict=True))):
            if outcome.state == "ignored":
                settling.existing(self._session, item, outcome)
            if outcome.state == "done":
                self._way.done(self._session, item, outcome)
            self._settled += outcome.ok
            self._failed += not outcome.ok
            self._outcomes[item.position] = outcome
            if outcome.state == "done" and self._way.action != "delete":
                done.append(item.object)
        group(self._session, done)

    def _ignoring(self, pairs: list[tuple[Item, Outcome]]) -> list[tuple[Item, Outcome]]:
        """Return outcomes in which tolerated failures are ignored, with the ids of their rows."""
        refused = [
            (item, evolve(outcome, ok=True, state="ignored"))
            for item, outcome in pairs
            if outcome.state == "failed" and self._tolerated and self._tolerated(outcome)
        ]
        if not refused:
            return pairs
        if self._way.identify is not None:
            refused = self._way.identify(refused)
        ignored = {item.position: outcome for item, outcome in refused}
        return [(item, ignored.get(item.position, outcome)) for item, outcome in pairs]

    def _tell(self) -> None:
        if self._manner.progress is None or self._broken is not None:
            return
        under_way = sum(self._jobs[pk].progress or 0 for pk in self._running)
        self._manner.progress(
            Progress(self._settled + under_way, self._failed, self._total, len(self._running))
        )


def _pending(record: Any) -> Outcome:
    return Outcome(record, record.pk, ok=False, state="pending")


def _unsent(outcome: Outcome) -> Outcome:
    """Return the outcome of an object that no request carried, because it broke off before."""
    if outcome.state != "pending":
        return outcome
    return evolve(outcome, state="failed", error="NotSent", details="it broke off before")
