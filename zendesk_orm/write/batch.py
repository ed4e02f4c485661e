"""`batch()`: what is saved and deleted inside goes out together at the end, through jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import BulkError, FieldError, ZendeskError
from zendesk_orm.schema.record import Record
from zendesk_orm.session.account import Sessions
from zendesk_orm.session.session import Session
from zendesk_orm.signals import report
from zendesk_orm.write import lists, settling, ways
from zendesk_orm.write.batches import Way
from zendesk_orm.write.change import Change
from zendesk_orm.write.ignored import tell_ignored
from zendesk_orm.write.jobs import Job
from zendesk_orm.write.manner import Manner
from zendesk_orm.write.operation import Operation
from zendesk_orm.write.outbox import Outbox
from zendesk_orm.write.outcomes import BulkResult, Outcome
from zendesk_orm.write.unanswered import refused
from zendesk_orm.write.writer import announce_deleted, announce_saved, remove, transmit


if TYPE_CHECKING:
    from typing_extensions import Self

_MANY = {
    "create": Verb.CREATE_MANY,
    "update": Verb.UPDATE_MANY,
    "delete": Verb.DESTROY_MANY,
}
_DONE = {
    "create": settling.created,
    "update": settling.updated,
    "delete": settling.deleted,
}


class Batch(Outbox, AbstractContextManager["Batch"]):
    """Changes that are sent when the block ends: `with account.batch() as batch:`.

    Attributes:
        result: one outcome for each change, in their order, when the block has ended;
            None before, and for a batch within another.
    """

    def __init__(self, account: Sessions, *, raises: bool = True) -> None:
        super().__init__()
        self._account = account
        self._raises = raises
        self._outer: Outbox | None = None
        self._within: AbstractContextManager[None] | None = None
        self.result: BulkResult | None = None

    def __enter__(self) -> Self:
        """Let changes of this thread or task wait here."""
        self._outer = self._account.outbox
        self._within = self._account.collected(self)
        self._within.__enter__()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Send what waits, or hand it to the batch around; after an exception, neither."""
        assert self._within is not None  # noqa: S101 - it was entered
        self._within.__exit__(None, None, None)
        if error is not None:
            return
        if self._outer is None:
            self.flush()
            return
        for change in self:
            self._outer.add(change, change.session)
        for function in self._callbacks:
            self._outer.on_commit(function)

    def flush(self) -> BulkResult:
        """Send what waits, and return the outcomes; `with` does so at its end.

        Raises:
            BulkError: some failed, after all have run.
        """
        sending = Sending(self._account.current(), list(self))
        try:
            sending.run()
        finally:
            self.result = sending.result(self._again, raises=self._raises)
        if sending.broken is not None:
            raise BulkError(
                f"it has ended, see .result, and a receiver raised: {sending.broken}", self.result
            ) from sending.broken
        if self._raises:
            self.result.raise_for_failures()
        if self.result:
            for function in self._callbacks:
                function()
        return self.result

    def _again(self, objects: list[Any], unsure: list[Any]) -> BulkResult:
        """Send once more what concerns some objects."""
        wanted = {id(each) for each in objects}
        again = Batch(self._account, raises=self._raises)
        for change in self:
            if id(change.record) in wanted:
                again.add(change, change.session)
        return again.flush()


class Sending:
    """Changes on their way: what others need goes first, the rest a hundred to a request.

    Attributes:
        broken: the first exception that a receiver raised, or None.
    """

    def __init__(self, session: Session, changes: Sequence[Change]) -> None:
        self._session = session
        self._changes = changes
        self._outcomes: dict[int, Outcome] = {}
        self._jobs: list[Job] = []
        self.broken: Exception | None = None

    def run(self) -> None:
        """Send them all: new and changed objects first, those that are to go last."""
        saves = [each for each in self._changes if each.action != "delete"]
        order = _order(saves)
        left = saves
        while left:
            before = len(left)
            for model in order:
                self._save(each for each in left if type(each.record) is model)
            left = [each for each in left if id(each) not in self._outcomes]
            if len(left) == before:
                break
        for each in left:
            self._outcomes[id(each)] = _stuck(each)
        deletes = [each for each in self._changes if each.action == "delete"]
        for model in _order(deletes)[::-1]:
            self._send("delete", [each for each in deletes if type(each.record) is model])

    def result(self, again: Any, *, raises: bool) -> BulkResult:
        """Return the outcomes, in the order of the changes."""
        outcomes = [self._outcomes.get(id(each)) or _unsent(each) for each in self._changes]
        return BulkResult(outcomes, self._jobs, again, raises=raises)

    def _save(self, changes: Iterable[Change]) -> None:
        """Send the changes of one model, as far as what they point to is there."""
        left = list(changes)
        while True:
            ready = list(_ready(left))
            if not ready:
                return
            for action in ("create", "update"):
                self._send(action, [each for each in ready if each.action == action])
            left = [each for each in left if id(each) not in self._outcomes]

    def _send(self, action: str, changes: list[Change]) -> None:
        """Send changes of one kind to objects of one model, each host its own."""
        accounts: dict[Any, list[Change]] = {}
        for change in changes:
            accounts.setdefault(self._session_of(change).account, []).append(change)
        for some in accounts.values():
            self._send_to(self._session_of(some[0]), action, some)

    def _session_of(self, change: Change) -> Session:
        """Return where a change goes: the host of the account, or of the brand, that it names."""
        session: Session = change.session or self._session
        return session

    def _send_to(self, session: Session, action: str, changes: list[Change]) -> None:
        # Tags can be added to in bulk updates only.
        many = len(changes) > 1 or not {"additional_tags", "remove_tags"}.isdisjoint(
            changes[0].body
        )
        way = _way(session, action, changes) if many else None
        if way is None:
            for change in changes:
                self._outcomes[id(change)] = self._one(change)
            return
        model: Any = type(changes[0].record)
        objects = [each.record for each in changes]
        operation = Operation(session, model, way, Manner(raises=False), again=_nothing)
        try:
            result = operation.run(objects)
        except BulkError as error:
            result = error.result
            self._break(error)
        self._jobs.extend(result.jobs)
        for change, outcome in zip(changes, result.outcomes, strict=True):
            self._outcomes[id(change)] = outcome
            if outcome.state == "done":
                self._announce(change)

    def _one(self, change: Change) -> Outcome:
        """Send one change by itself."""
        record, sent, session = change.record, None, self._session_of(change)
        try:
            if change.action == "delete":
                remove(session, record)
            else:
                sent = transmit(session, change)
        except ZendeskError as error:
            return refused(record, error)
        except Exception as error:  # noqa: BLE001 - a receiver's, that stopped the request
            self._break(error)
            name = type(error).__name__
            return Outcome(record, record.pk, ok=False, error=name, details=str(error))
        if sent is not None:
            self._tell(tell_ignored, session, record, sent.request, sent.answer)
        self._announce(change)
        return Outcome(record, record.pk, ok=True)

    def _announce(self, change: Change) -> None:
        if change.announced and change.action == "delete":
            self._tell(announce_deleted, self._session_of(change), change.record)
        elif change.announced:
            self._tell(announce_saved, self._session_of(change), change)

    def _tell(self, announcement: Callable[..., None], *told: Any) -> None:
        try:
            announcement(*told)
        except Exception as error:  # noqa: BLE001 - the others are announced all the same
            self._break(error)

    def _break(self, error: Exception) -> None:
        if self.broken is None:
            self.broken = error
        else:
            report(error, "raised by a receiver in a batch")


def _order(changes: Sequence[Change]) -> list[type[Record]]:
    """Return the models of changes, those that others point to first."""
    models = list(dict.fromkeys(type(each.record) for each in changes))
    graph = {
        model: {
            relation.model
            for relation in model._meta.relations.values()
            if relation.model in models and relation.model is not model
        }
        | {
            type(each)
            for change in changes
            for each in change.pending.values()
            if type(change.record) is model and type(each) is not model
        }
        for model in models
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError:
        return models


def _ready(changes: Iterable[Change]) -> Iterator[Change]:
    """Yield the changes whose time has come, with the ids that they waited for."""
    before: set[int] = set()
    for change in changes:
        first = id(change.record) not in before
        before.add(id(change.record))
        if first and all(each.pk is not None for each in change.waits_for):
            change.record.settle_relations()
            change.record.settle_custom(change.session)
            yield change


def _way(session: Session, action: str, changes: Iterable[Change]) -> Way | None:
    """Return how many changes go out at once, or None where each goes by itself."""
    some = list(changes)
    meta = some[0].record._meta
    payloads = {id(each.record): each.payload for each in some}
    try:
        if action == "delete":
            carrier = ways.all_alike(meta, _MANY[action], None)
        else:
            carrier = ways.each_its_own(meta, _MANY[action])
    except FieldError:
        return None

    def prepare(record: Record) -> Any:
        payload = payloads[id(record)]
        if action != "update":
            return payload
        return {**lists.by_members(record, payload), "id": record.pk}

    sift = lists.refreshed(session, type(some[0].record)) if action == "update" else None
    return Way(action, prepare, carrier, _DONE[action], ways.apart(meta), sift)


def _nothing(objects: list[Any], unsure: list[Any]) -> BulkResult:
    return BulkResult(())


def _stuck(change: Change) -> Outcome:
    missing = ", ".join(repr(each) for each in change.waits_for if each.pk is None)
    record = change.record
    details = f"it needs {missing}, which was not saved" if missing else "it waits for another"
    return Outcome(record, record.pk, ok=False, error="NotSent", details=details)


def _unsent(change: Change) -> Outcome:
    record = change.record
    return Outcome(record, record.pk, ok=False, error="NotSent", details="it broke off before")
