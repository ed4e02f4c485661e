"""What became of each object of a bulk operation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from zendesk_orm.errors import BulkError
from zendesk_orm.write.jobs import Job


@frozen
class Outcome:
    """What became of one object.

    Attributes:
        object: the object that was given.
        id: its id, where one is known.
        ok: whether Zendesk did it.
        error: Zendesk's name for what went wrong, or `""`.
        details: Zendesk's sentence about it, or `""`.
    """

    object: Any = field(repr=False)
    id: Any
    ok: bool
    error: str = ""
    details: str = ""


class BulkResult:
    """The outcomes of a bulk operation, in the order of the objects given.

    `len(result)` and `int(result)` are the number of objects that succeeded.
    """

    def __init__(
        self,
        outcomes: Sequence[Outcome],
        jobs: Sequence[Job] = (),
        again: Callable[[list[Any]], BulkResult] | None = None,
    ) -> None:
        self.outcomes = tuple(outcomes)
        self.jobs = tuple(jobs)
        self._again = again

    @property
    def succeeded(self) -> list[Any]:
        """The objects for which it worked."""
        return [outcome.object for outcome in self.outcomes if outcome.ok]

    @property
    def failed(self) -> list[Outcome]:
        """The outcomes of the others, each with its reason."""
        return [outcome for outcome in self.outcomes if not outcome.ok]

    def retry_failed(self) -> BulkResult:
        """Do it again for the objects that failed, and return the result of that."""
        objects = [outcome.object for outcome in self.failed]
        if not objects or self._again is None:
            return BulkResult(())
        return self._again(objects)

    def raise_for_failures(self) -> None:
        """Raise `BulkError` if any object failed; it carries this result."""
        if self.failed:
            first = self.failed[0]
            reason = ": ".join(part for part in (first.error, first.details) if part)
            raise BulkError(
                f"{len(self.failed)} of {len(self.outcomes)} objects failed, the first "
                f"({first.object!r}) with {reason or 'no reason given'}; "
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
        return f"<BulkResult: {len(self)} succeeded, {len(self.failed)} failed>"

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
        ok = job.status == "completed" and _succeeded(results or {})
        reason = "" if ok else job.message or job.status
        return [Outcome(each, each.pk, ok, "" if ok else "JobFailed", reason) for each in objects]
    by_id = {each.pk: position for position, each in enumerate(objects) if each.pk is not None}
    placed: dict[int, Mapping[str, Any]] = {}
    for position, item in enumerate(results):
        placed[_position(item, position, by_id)] = item
    return [_outcome(each, placed.get(index), job) for index, each in enumerate(objects)]


def _position(item: Mapping[str, Any], position: int, by_id: Mapping[Any, int]) -> int:
    index = item.get("index")
    if isinstance(index, int):
        return index
    return by_id.get(item.get("id"), position)


def _outcome(each: Any, item: Mapping[str, Any] | None, job: Job) -> Outcome:
    if item is None:
        reason = job.message or "the job does not tell what became of it"
        return Outcome(each, each.pk, ok=False, error="NoResult", details=reason)
    if _succeeded(item):
        return Outcome(each, item.get("id", each.pk), ok=True)
    error, details = str(item.get("error") or "Failed"), item.get("details") or item.get("errors")
    return Outcome(each, item.get("id", each.pk), ok=False, error=error, details=str(details or ""))


def _succeeded(item: Mapping[str, Any]) -> bool:
    return not item.get("error") and item.get("success", True) is not False
