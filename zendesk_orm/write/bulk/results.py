"""Results of bulk operations: one outcome for each object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from attrs import Factory, evolve, field, frozen

from zendesk_orm.errors import ApiError, BulkError, InvalidValue, ZendeskError
from zendesk_orm.http.retry import may_be_applied
from zendesk_orm.messages import display
from zendesk_orm.write.bulk.jobs import Job


State = Literal["done", "ignored", "failed", "unknown", "pending"]
#: Sends some objects again. Arguments: the objects, and those among them that may have been
#: applied already.
Retry = Callable[[list[Any], list[Any]], "BulkResult"]

#: Values of `success` in the result of an object that did not fail.
_CONFIRMED = frozenset({"true", "1"})
#: Words in the status of a failed result; other statuses are `Created`, `Updated`, `Deleted`.
_FAILING = ("fail", "error", "invalid", "reject")
#: Hint in the details of an outcome whose state is unknown.
RETRY_HINT = "retry_failed(unknown=True) sends it again"


def describe_lost_job(reason: str, pk: str) -> str:
    """Return the details of an outcome that only a job contains."""
    return f"{reason}; Job.load({display(pk)}).wait() may return the results; {RETRY_HINT}"


@frozen
class Outcome:
    """The outcome of one object of a bulk operation.

    >>> tickets = [Ticket(id=2990, priority="low"), Ticket(id=7777, priority="low")]
    >>> result = Ticket.objects.bulk_update(tickets, raise_on_failure=False)
    >>> [(outcome.id, outcome.state, outcome.details) for outcome in result]
    [(2990, 'done', ''), (7777, 'failed', 'Not found')]

    Attributes:
        object: the object.
        id: its id if known; for an ignored object, the id of the existing row.
        ok: whether nothing is left to do: Zendesk applied the change, or it was ignored.
        error: Zendesk's name of the error, or `""`.
        details: Zendesk's description of the error, or `""`.
        state: `done`; `ignored`, because the object exists already; `failed`; `unknown`, if it
            was sent and no response confirms or denies the change; `pending` until its job has
            been waited for.
    """

    object: Any = field(repr=False)
    id: Any
    ok: bool
    error: str = ""
    details: str = ""
    state: State = Factory(lambda self: "done" if self.ok else "failed", takes_self=True)

    @property
    def unknown(self) -> bool:
        """Whether the change may or may not have been applied."""
        return self.state == "unknown"


class BulkResult:
    """The outcomes of a bulk operation, in the order of the objects.

    `len(result)` and `int(result)` are the number of objects that succeeded; a result is true
    if no object failed.

    >>> result = Ticket.objects.filter(status="new", tags="toner").update(priority="low")
    >>> result
    <BulkResult: 5 succeeded, 0 failed>
    >>> {outcome.state for outcome in result}
    {'done'}
    >>> result.succeeded[0].priority
    'low'
    """

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        jobs: Sequence[Job] = (),
        retry: Retry | None = None,
        finish: Callable[[], BulkResult] | None = None,
        *,
        raises: bool = True,
    ) -> None:
        self.outcomes = tuple(outcomes)
        self.jobs = tuple(jobs)
        self._retry = retry
        self._finish = finish
        self._raises = raises
        # The identities of objects that later attempts have succeeded with, whichever result
        # made them.
        self._applied: set[int] = set()

    @property
    def succeeded(self) -> list[Any]:
        """The objects that succeeded."""
        return [outcome.object for outcome in self.outcomes if outcome.state == "done"]

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes of objects that failed, including those whose state is unknown."""
        return [outcome for outcome in self.outcomes if outcome.state in ("failed", "unknown")]

    @property
    def unknown(self) -> list[Outcome]:
        """The outcomes of objects that were sent, and may or may not have been applied."""
        return [outcome for outcome in self.outcomes if outcome.state == "unknown"]

    @property
    def ignored(self) -> list[Outcome]:
        """The outcomes of objects that exist already and were ignored as requested."""
        return [outcome for outcome in self.outcomes if outcome.state == "ignored"]

    @property
    def pending(self) -> list[Outcome]:
        """The outcomes of objects whose jobs have not been waited for; see `wait()`."""
        return [outcome for outcome in self.outcomes if outcome.state == "pending"]

    def wait(self) -> BulkResult:
        """Wait for the jobs of an operation with `wait=False`.

        Returns:
            The result with the outcome of each object; this one if no job is pending.

        Raises:
            BulkError: some objects failed; `.result` is the same result.
            InvalidValue: the result was pickled, and has lost the operation.
        """
        if self._finish is not None:
            return self._finish()
        if self.jobs and self.pending:
            raise InvalidValue(
                "wait() must be called in the process that ran the operation, because pickled "
                "results lose it; wait() of each job in .jobs returns the results of the job"
            )
        return self

    def retry_failed(self, *, unknown: bool = False) -> BulkResult:
        """Send the failed objects again.

        Objects that may have been applied are sent again only on request. Tickets and other
        objects that were to be created with an `external_id` are looked up first; those that
        exist count as created. Objects with which an earlier call succeeded are not sent again.

        Args:
            unknown: whether objects whose state is unknown are sent again, too.

        Returns:
            The result for those objects.

        Raises:
            BulkError: some failed again or are still unknown, unless the operation was called
                with `raise_on_failure=False`.
            InvalidValue: the result was pickled, and has lost the operation.
        """
        open_outcomes = [o for o in self.failed if id(o.object) not in self._applied]
        uncertain = [outcome.object for outcome in open_outcomes if outcome.unknown]
        # Later changes of an object in a batch wait for those whose state is unknown.
        identities = {id(record) for record in uncertain}
        unclear = [outcome for outcome in open_outcomes if id(outcome.object) in identities]
        failed = [o.object for o in open_outcomes if id(o.object) not in identities]
        if not open_outcomes:
            return BulkResult(())
        if self._retry is None:
            raise InvalidValue(
                "retry_failed() must be called in the process that ran the operation, because "
                "pickled results lose it; pass the objects of .failed to the same method"
            )
        if unknown:
            for record in uncertain:
                record._state.lost_creation = None
            return self._send_again([outcome.object for outcome in open_outcomes], uncertain)
        if not uncertain:
            return self._send_again(failed, [])
        error: BulkError | None = None
        try:
            retried = self._send_again(failed, []) if failed else BulkResult(())
        except BulkError as caught:
            retried, error = caught.result, caught
        outcomes = [*retried.outcomes, *unclear]
        result = BulkResult(outcomes, retried.jobs, self._retry, raises=self._raises)
        result._applied = self._applied
        if self._raises:
            try:
                result.raise_for_failures()
            except BulkError as caught:
                raise caught from error
        return result

    def _send_again(self, objects: list[Any], uncertain: list[Any]) -> BulkResult:
        """Send objects again, and remember which of them succeeded."""
        retry: Any = self._retry
        try:
            result: BulkResult = retry(objects, uncertain)
        except BulkError as error:
            self._note_success(error.result)
            raise
        self._note_success(result)
        return result

    def _note_success(self, result: BulkResult) -> None:
        """Remember the objects that succeeded in a later attempt, and those of its attempts."""
        result._applied = self._applied
        # A batch has several outcomes for an object that it changes several times.
        failed = {id(outcome.object) for outcome in result.outcomes if not outcome.ok}
        self._applied.update({id(outcome.object) for outcome in result.outcomes} - failed)

    def raise_for_failures(self) -> None:
        """Raise `BulkError`, which contains this result, if any object failed."""
        if self.failed:
            first = self.failed[0]
            reason = ": ".join(part for part in (first.error, first.details) if part)
            unknown = len(self.unknown)
            count = f"; the state of {unknown} is unknown" if unknown else ""
            raise BulkError(
                f"{len(self.failed)} of {len(self.outcomes)} objects failed, the first "
                f"({display(first.object)}) with {reason or 'no reason given'}{count}; "
                "see .result.failed and .result.retry_failed()",
                self,
            )

    def __len__(self) -> int:
        return len(self.succeeded)

    __int__ = __index__ = __len__

    def __bool__(self) -> bool:
        return not self.failed

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    def __repr__(self) -> str:
        others = "".join(
            f", {len(outcomes)} {state}"
            for state, outcomes in (("ignored", self.ignored), ("pending", self.pending))
            if outcomes
        )
        return f"<BulkResult: {len(self)} succeeded, {len(self.failed)} failed{others}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return BulkResult, (self.outcomes, self.jobs)


def pending_outcome(record: Any) -> Outcome:
    """Return the outcome of an object that has not been sent or confirmed yet."""
    return Outcome(record, record.pk, ok=False, state="pending")


def unsent_outcome(outcome: Outcome) -> Outcome:
    """Return the outcome of an object whose operation stopped; failed if it was not sent."""
    if outcome.state != "pending":
        return outcome
    return evolve(outcome, state="failed", error="NotSent", details="the operation stopped before")


def failed_outcome(record: Any, error: str, details: str) -> Outcome:
    """Return the outcome of an object that was not changed."""
    return Outcome(record, record.pk, ok=False, error=error, details=details)


def unknown_outcome(record: Any, error: str, details: str) -> Outcome:
    """Return the outcome of an object that was sent, and may or may not have been changed."""
    return Outcome(record, record.pk, ok=False, error=error, details=details, state="unknown")


def failed_request(record: Any, error: ZendeskError) -> Outcome:
    """Return the outcome of an object whose request raised an error."""
    name, description = type(error).__name__, str(error)
    if may_be_applied(error) and not is_queue_full(error):
        return unknown_outcome(
            record, name, f"{description}; it may have been applied; {RETRY_HINT}"
        )
    return failed_outcome(record, name, description)


def is_queue_full(error: ZendeskError) -> bool:
    """Return True if too many jobs are queued; the status of that response is undocumented."""
    if not isinstance(error, ApiError):
        return False
    return error.code == "TooManyJobs" or "jobs are currently queued" in error.description


def outcomes_of_job(records: Sequence[Any], job: Job) -> list[Outcome]:
    """Return one outcome for each object of a job that has ended.

    Results have one of five recorded shapes: with an `index`, in any order; with the `id` that
    was sent; in the order of the objects, with neither; one object for the whole job; or none.
    """
    results = job.results
    if not isinstance(results, list):
        return [_outcome_of_whole_job(record, results or {}, job) for record in records]
    matched = _match_results(records, results)
    return [_outcome(record, matched.get(index), job) for index, record in enumerate(records)]


def _match_results(records: Sequence[Any], results: Sequence[Any]) -> dict[int, Mapping[str, Any]]:
    """Return the results by the position of their object: by id, by `index`, or by order.

    A result with the id of another object is never that of an object that has an id.
    """
    items = [item for item in results if isinstance(item, Mapping)]
    matched: dict[int, Mapping[str, Any]] = {}
    by_id: dict[str, list[int]] = {}
    for position, record in enumerate(records):
        if record.pk is not None:
            by_id.setdefault(str(record.pk), []).append(position)
    unmatched: list[Mapping[str, Any]] = []
    for item in items:
        positions, index = by_id.get(str(item.get("id"))), item.get("index")
        if positions:
            matched[positions.pop(0)] = item
        elif type(index) is not int:
            unmatched.append(item)
        elif 0 <= index < len(records) and _can_belong(item, records[index]):
            matched[index] = item
    free = [position for position in range(len(records)) if position not in matched]
    pairs = list(zip(free, unmatched, strict=False))
    # If results are missing or belong to others, the order does not identify any.
    if len(unmatched) == len(free) and all(_can_belong(i, records[p]) for p, i in pairs):
        matched.update(pairs)
    return matched


def _can_belong(item: Mapping[str, Any], record: Any) -> bool:
    """Return True if a result that matches no id can be that of an object."""
    return item.get("id") is None or record.pk is None


def _outcome_of_whole_job(record: Any, result: Mapping[str, Any], job: Job) -> Outcome:
    """Return the outcome of an object whose job reports one result for all objects."""
    if job.status == "completed" and _is_success(result):
        if record.pk is not None:
            return Outcome(record, record.pk, ok=True)
        return _missing(record, job)
    details = result.get("details") or result.get("error") or job.message or job.status
    # Some objects may have been changed before the job failed.
    return unknown_outcome(record, "JobFailed", str(details))


def _outcome(record: Any, item: Mapping[str, Any] | None, job: Job) -> Outcome:
    """Return the outcome of an object from its own result, if there is one."""
    if item is None:
        return _missing(record, job)
    meta, pk = record._meta, record.pk
    pk = meta.to_id(item.get("id")) if pk is None else pk
    if _is_success(item):
        return Outcome(record, pk, ok=True) if meta.is_id(pk) else _missing(record, job)
    keys = ("details", "errors", "description", "message", "status")
    details = next((item[key] for key in keys if item.get(key)), "")
    error = str(item.get("error") or "Failed")
    return Outcome(record, pk, ok=False, error=error, details=str(details))


def _missing(record: Any, job: Job) -> Outcome:
    """Return the outcome of an object that the results of its job do not contain."""
    message = "" if job.status == "completed" else job.message
    return unknown_outcome(
        record, "NoResult", message or "the results of the job do not contain it"
    )


def _is_success(item: Mapping[str, Any]) -> bool:
    """Return True if no key of a result reports a failure."""
    success = item.get("success", True)
    confirmed = str(success).casefold() in _CONFIRMED
    status = str(item.get("status") or "").casefold()
    failing = any(word in status for word in _FAILING)
    return confirmed and not failing and not item.get("error") and not item.get("errors")
