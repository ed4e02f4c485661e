"""`batch()`: changes that are saved and deleted in a block are sent together at its end."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from zendesk_orm.errors import BulkError, ConfigurationError, InvalidValue, ZendeskError
from zendesk_orm.messages import display
from zendesk_orm.schema.record import Record
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.results import BulkResult
from zendesk_orm.write.change import Change
from zendesk_orm.write.delivery import Delivery
from zendesk_orm.write.lost_responses import drop_applied_update
from zendesk_orm.write.member_changes import forget_calls
from zendesk_orm.write.merged_changes import render_calls
from zendesk_orm.write.unit_of_work import UnitOfWork


class Batch(UnitOfWork):
    """Changes that are sent when the block ends: `with account.batch() as batch:`.

    >>> with account.batch() as batch:
    ...     for ticket in Ticket.objects.filter(status="new")[:2]:
    ...         ticket.priority = "high"
    ...         _ = ticket.save()
    >>> batch.result
    <BulkResult: 2 succeeded, 0 failed>

    Attributes:
        result: one outcome for each change, in their order, after the block has ended; None
            before, and for a batch within another one.
    """

    def __init__(self, account: Connection, *, raises: bool = True) -> None:
        super().__init__(account)
        if not isinstance(raises, bool):
            raise InvalidValue(f"raise_on_failure must be True or False, not {display(raises)}")
        self._raises = raises
        self._uncertain: Sequence[Record] = ()
        self._began = 0.0
        self.result: BulkResult | None = None

    def _complete(self) -> None:
        """Send the changes, or add them to the outer batch."""
        if not self._outer.deferred:
            self.flush()
            return
        self._outer._undo.extend(self._undo)
        for change in self:
            self._outer.insert(change)
        for function in self._callbacks:
            self._outer.on_commit(function)

    def check_user_change(self) -> None:
        """Raise, because the changes of the batch are sent after `acting_as()` has ended.

        Raises:
            ConfigurationError: always.
        """
        raise ConfigurationError(
            "acting_as() cannot begin inside batch(), whose changes are sent after it has ended: "
            "open the batch inside acting_as()"
        )

    def add(self, change: Change, session: Any) -> None:
        """Add a change, or merge it into an earlier change of the same object.

        Raises:
            InvalidValue: the object was deleted before or never saved, or the change has keys
                that only a single request can have.
        """
        if change.root_keys:
            raise InvalidValue(
                f"{', '.join(change.root_keys)} must be used before or after the batch, because "
                "requests for many objects do not have it"
            )
        super().add(change, session)

    def flush(self) -> BulkResult:
        """Send the changes and return their outcomes; `with` does so at its end.

        Raises:
            BulkError: some changes failed, after all have been sent.
        """
        session = self._account.current()
        self._began = self._began or session.transport.clock.now()
        self._drop_applied_values(session)
        delivery = Delivery(session, list(self), self._uncertain, self._began)
        try:
            delivery.run()
        finally:
            self._end_calls(delivery.finished)
            self.result = delivery.result(partial(self._retry, delivery), raises=self._raises)
        if delivery.error is not None:
            raise BulkError(
                f"{type(delivery.error).__name__} was raised while the batch was sent: "
                f"{delivery.error}; see .result",
                self.result,
            ) from delivery.error
        if self._raises:
            self.result.raise_for_failures()
        if self.result:
            for function in self._callbacks:
                function()
        return self.result

    def _end_calls(self, finished: set[int]) -> None:
        """Undo the effects of calls that were not sent; on a new object, they become edits."""
        unsaved = [change.record for change in self if change.creates and change.record.pk is None]
        self.undo_calls(finished.union(map(id, unsaved)))
        for record in unsaved:
            forget_calls(record)

    def _retry(self, delivery: Delivery, objects: list[Any], uncertain: list[Any]) -> BulkResult:
        """Send the changes of some objects again, except for those that were applied."""
        states = {"failed", "unknown"} if uncertain else {"failed"}
        identities = {id(record) for record in objects}
        batch = Batch(self._account, raises=self._raises)
        batch._uncertain, batch._began = uncertain, self._began
        # Each of several comments on an object has its own change; the object has the last one.
        latest = {
            (id(change.record), name): position
            for position, change in self._changes.items()
            for name in change.write_only
        }
        batch._changes = {
            position: _correct(
                change,
                [n for n in change.write_only if latest[id(change.record), n] != position],
            )
            for position, change in self._changes.items()
            if id(change.record) in identities and delivery.outcome(change).state in states
        }
        try:
            return batch.flush()
        finally:
            # A later call sends only the changes that have failed again.
            outcomes = () if batch.result is None else batch.result.outcomes
            for (position, change), outcome in zip(batch._changes.items(), outcomes, strict=False):
                self._changes[position] = change
                delivery.replace_outcome(change, outcome)

    def _drop_applied_values(self, session: Session) -> None:
        """Drop the values of updates that Zendesk has applied although the response was lost.

        They must not be sent again if the request for the others fails.
        """
        for position, change in self._changes.items():
            if change.action == "update" and "_state" in change.record.__dict__:
                # After a failure the values are looked up again before they are sent.
                with suppress(ZendeskError):
                    self._changes[position] = drop_applied_update(session, change)


def _correct(change: Change, excluded: Collection[str]) -> Change:
    """Return a failed change with the present values of its object, which may be corrected.

    Args:
        change: the change.
        excluded: the fields whose present value belongs to a later change.
    """
    if change.creates and change.tags is not None:
        # Calls on a new object that was not created are edits, which may be corrected, too.
        change = render_calls(change).with_tags(None)
    current, fields = change.record.changes(), change.record._meta.fields
    edits = {
        name: (old, current[name][1])
        for name, (old, new) in change.edits.items()
        if name in current and name not in change.bulk_values and current[name][1] != new
        if name not in excluded and fields[name].wire not in change.unsaved
    }
    return change.with_edits(edits) if edits else change
