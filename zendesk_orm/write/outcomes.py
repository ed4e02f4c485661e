"""What became of each object of a bulk operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from attrs import Factory, field, frozen

from zendesk_orm.errors import BulkError, InvalidValue
from zendesk_orm.write.jobs import Job


State = Literal["done", "ignored", "failed", "unknown", "pending"]
#: Does it again for some objects, of which the second ones may have been done before.
Again = Callable[[list[Any], list[Any]], "BulkResult"]

#: What `success` may say of a result that did not fail.
_CONFIRMED = frozenset({"true", "1"})
#: Words in the status of a result that failed; others are `Created`, `Updated`, `Deleted`.
_FAILING = ("fail", "error", "invalid", "reject")
#: Said of what may have been applied.
TOLD = "retry_failed(unknown=True) sends it again all the same"


@frozen
class Outcome:
    """What became of one object.

    Attributes:
        object: the object that was given.
        id: its id, where one is known; of an object that was ignored, that of the row in
            its place.
        ok: whether there is nothing left to do: Zendesk did it, or it was ignored.
        error: Zendesk's name for what went wrong, or `""`.
        details: Zendesk's sentence about it, or `""`.
        state: `done`; `ignored`, because it exists and was to be left alone then; `failed`;
            `unknown`, because it was sent and nothing tells whether it was done; `pending`,
            while its job has not been waited for.
    """

    object: Any = field(repr=False)
    id: Any
    ok: bool
    error: str = ""
    details: str = ""
    state: State = Factory(lambda self: "done" if self.ok else "failed", takes_self=True)

    @property
    def unknown(self) -> bool:
        """Whether it may have been done, and nothing tells."""
        return self.state == "unknown"


class BulkResult:
    """The outcomes of a bulk operation, in the order of the objects given.

    `len(result)` and `int(result)` are the number of objects that succeeded; a result is
    true when none failed.
    """

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        jobs: Sequence[Job] = (),
        again: Again | None = None,
        later: Callable[[], BulkResult] | None = None,
        *,
        raises: bool = True,
    ) -> None:
        self.outcomes = tuple(outcomes)
        self.jobs = tuple(jobs)
        self._again = again
        self._later = later
        self._raises = raises

    @property
    def succeeded(self) -> list[Any]:
        """The objects for which it worked."""
        return [outcome.object for outcome in self.outcomes if outcome.state == "done"]

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes of the others, each with its reason; those of unknown fate among them."""
        return [outcome for outcome in self.outcomes if outcome.state in ("failed", "unknown")]

    @property
    def unknown(self) -> list[Outcome]:
        """The outcomes of objects that were sent and may or may not have been done."""
        return [outcome for outcome in self.outcomes if outcome.state == "unknown"]

    @property
    def ignored(self) -> list[Outcome]:
        """The outcomes of objects that exist, and were to be ignored then."""
        return [outcome for outcome in self.outcomes if outcome.state == "ignored"]

    @property
    def pending(self) -> list[Outcome]:
        """The outcomes of objects whose jobs were not waited for; see `wait()`."""
        return [outcome for outcome in self.outcomes if outcome.state == "pending"]

    def wait(self) -> BulkResult:
        """Wait for the jobs of an operation that was told `wait=False`.

        Returns:
            The result with the outcome of each object; this one if nothing is pending.

        Raises:
            BulkError: some failed; `.result` is the same result.
        """
        return self if self._later is None else self._later()

    def retry_failed(self, *, unknown: bool = False) -> BulkResult:
        """Do it again for the objects that failed.

        What may have been done is not done again unless that is said. Tickets and others
        that were to be created with an `external_id` of their own are looked for first, and
        those that are found have been created.

        Args:
            unknown: also for objects of which nothing tells whether they were done.

        Returns:
            The result of that, for those objects.

        Raises:
            BulkError: some failed again, or are still unknown; not where the operation was
                told `raise_on_failure=False`.
            InvalidValue: the result comes from another process, which knew how.
        """
        failed = [outcome.object for outcome in self.failed if not outcome.unknown]
        doubtful = [outcome.object for outcome in self.unknown]
        if not self.failed:
            return BulkResult(())
        if self._again is None:
            raise InvalidValue(
                "this result was pickled, and does not know how to try again; "
                "give the objects of .failed to the same method"
            )
        if unknown:
            return self._again([each.object for each in self.failed], doubtful)
        if not doubtful:
            return self._again(failed, [])
        error: BulkError | None = None
        try:
            again = self._again(failed, []) if failed else BulkResult(())
        except BulkError as caught:
            again, error = caught.result, caught
        left = [*again.outcomes, *self.unknown]
        result = BulkResult(left, again.jobs, self._again, raises=self._raises)
        if self._raises:
            try:
                result.raise_for_failures()
            except BulkError as caught:
                raise caught from error
        return result

    def raise_for_failures(self) -> None:
        """Raise `BulkError` if any object failed; it carries this result."""
        if self.failed:
            first = self.failed[0]
            reason = ": ".join(part for part in (first.error, first.details) if part)
            unsure = len(self.unknown)
            count = f"; of {unsure} it is unknown" if unsure else ""
            raise BulkError(
                f"{len(self.failed)} of {len(self.outcomes)} objects failed, the first "
                f"({first.object!r}) with {reason or 'no reason given'}{count}; "
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
        more = "".join(
            f", {len(each)} {name}"
            for name, each in (("ignored", self.ignored), ("pending", self.pending))
            if each
        )
        return f"<BulkResult: {len(self)} succeeded, {len(self.failed)} failed{more}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return BulkResult, (self.outcomes, self.jobs)


def outcomes(objects: Sequence[Any], job: Job) -> list[Outcome]:
    """Return one outcome for each object of a job that has ended.

    Results come in five recorded shapes: with an `index`, in any order; with
    the `id` that was sent; in the order sent, with neither; one object for the
    whole job; and none at all.
    """
    results = job.results
    if not isinstance(results, list):
        return [_of_all(each, results or {}, job) for each in objects]
    placed = _placed(objects, results)
    return [_outcome(each, placed.get(index), job) for index, each in enumerate(objects)]


def _placed(objects: Sequence[Any], results: Sequence[Any]) -> dict[int, Mapping[str, Any]]:
    """Return the results by the position of the object that each is about."""
    places: dict[Any, list[int]] = {}
    for position, each in enumerate(objects):
        if each.pk is not None:
            places.setdefault(str(each.pk), []).append(position)
    placed: dict[int, Mapping[str, Any]] = {}
    rest: list[Mapping[str, Any]] = []
    items = [item for item in results if isinstance(item, Mapping)]
    for item in (each for each in items if isinstance(each.get("index"), int)):
        placed[item["index"]] = item
    for item in (each for each in items if not isinstance(each.get("index"), int)):
        own = [place for place in places.get(str(item.get("id")), ()) if place not in placed]
        if own:
            placed[own[0]] = item
        else:
            rest.append(item)
    free = [place for place in range(len(objects)) if place not in placed]
    if len(rest) == len(free):
        # With some of them missing, nobody could tell which is which.
        placed.update(zip(free, rest, strict=True))
    return placed


def _of_all(each: Any, result: Mapping[str, Any], job: Job) -> Outcome:
    """Return the outcome of an object whose job tells one thing for all."""
    if job.status == "completed" and _succeeded(result):
        if each.pk is not None:
            return Outcome(each, each.pk, ok=True)
        return _untold(each, job)
    details = result.get("details") or result.get("error") or job.message or job.status
    # It may have come some way.
    return Outcome(each, each.pk, ok=False, error="JobFailed", details=str(details),
                   state="unknown")  # fmt: skip


def _outcome(each: Any, item: Mapping[str, Any] | None, job: Job) -> Outcome:
    if item is None:
        return _untold(each, job)
    if _succeeded(item):
        pk = item.get("id", each.pk)
        return _untold(each, job) if pk is None else Outcome(each, pk, ok=True)
    error, details = str(item.get("error") or "Failed"), _reason(item)
    return Outcome(each, item.get("id", each.pk), ok=False, error=error, details=str(details or ""))


def _reason(item: Mapping[str, Any]) -> Any:
    names = ("details", "errors", "description", "message", "status")
    return next((item[name] for name in names if item.get(name)), None)


def _untold(each: Any, job: Job) -> Outcome:
    said = "" if job.status == "completed" else job.message
    reason = said or "the job does not tell what became of it"
    return Outcome(each, each.pk, ok=False, error="NoResult", details=reason, state="unknown")


def _succeeded(item: Mapping[str, Any]) -> bool:
    """Return True if nothing in a result says that it failed."""
    success = item.get("success", True)
    confirmed = str(success).casefold() in _CONFIRMED
    status = str(item.get("status") or "").casefold()
    failed = any(word in status for word in _FAILING)
    return confirmed and not failed and not item.get("error") and not item.get("errors")
