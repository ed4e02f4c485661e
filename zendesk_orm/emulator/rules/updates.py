"""`TicketUpdate`: a change of a ticket while business rules check and extend it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.tickets import audits
from zendesk_orm.emulator.tickets.history import History, load_histories


@define
class TicketUpdate:
    """The creation or update of a ticket, or the check of one by an automation.

    Attributes:
        row: the ticket after the changes so far.
        before: the ticket before; {} on creation.
        audit: the audit of the update, to which rules add events.
        comment: the comment that is added, or None.
        user_id: the id of the user that makes the update; `audits.SYSTEM` for an automation.
        now: the time of the update, in seconds since the epoch.
        history: the history of the ticket; None to read it when it is used.
    """

    row: dict[str, Any]
    before: Mapping[str, Any]
    audit: dict[str, Any]
    comment: Mapping[str, Any] | None
    user_id: int
    now: float
    _history: History | None = field(default=None, repr=False)

    @property
    def is_creation(self) -> bool:
        """True if the ticket is created."""
        return not self.before

    def load_history(self, context: Context) -> History:
        """Return the history of the ticket, including the events of this update so far."""
        if self._history is None:
            (self._history,) = load_histories(context, [self.row])
        stored = [audit for audit in self._history.audits if audit["id"] != self.audit["id"]]
        return History(self.row, (*stored, self.audit), self._history.agents)


#: Applies a payload, as that of a request, to the ticket of an update, and records the changes
#: with the source of the rule.
ApplyChanges = Callable[[Context, TicketUpdate, Mapping[str, Any], Mapping[str, Any]], None]


def rule_source(rule: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the `via` object of events that a rule causes.

    Args:
        rule: the row of the rule.
        kind: `trigger`, `automation` or `sla_target_change`.
    """
    source = {"deleted": False, "title": rule["title"], "id": rule["id"]}
    return {"channel": "rule", "source": {"from": source, "to": {}, "rel": kind}}


def add_event(
    context: Context, update: TicketUpdate, via: Mapping[str, Any], type_: str, **values: Any
) -> None:
    """Add the event of a rule to the audit of an update."""
    event = {"id": context.store.next_id(), "type": type_, "via": via, **values}
    update.audit["events"].append(event)


def is_system(update: TicketUpdate) -> bool:
    """Return True if no user makes an update, but an automation."""
    return update.user_id == audits.SYSTEM
