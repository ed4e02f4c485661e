"""The history of a ticket, read from its audits: what happened to it when.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_metric_events/
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.reads import among
from zendesk_orm.emulator.store import Where, value_of
from zendesk_orm.emulator.world import World
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.support import Audit, User


SOLVED = ("solved", "closed")


@frozen
class History:
    """What happened to a ticket.

    Attributes:
        ticket: its row.
        audits: its audits, the oldest first.
        agents: the ids of those who answer.
    """

    ticket: Mapping[str, Any]
    audits: tuple[Mapping[str, Any], ...]
    agents: Collection[Any]

    def values(self, name: str) -> list[tuple[str, Any]]:
        """Return the values that a field has had, each with the moment since when."""
        return [
            (audit["created_at"], event.get("value"))
            for audit in self.audits
            for event in audit["events"]
            if event.get("field_name") == name and event["type"] in ("Create", "Change")
        ]

    @property
    def statuses(self) -> list[tuple[str, str]]:
        """Return the statuses that it has had, each with the moment since when."""
        told = self.values("status")
        born = str(self.ticket["created_at"])
        if not told or told[0][0] != born:
            first = "new" if told else str(self.ticket["status"])
            told.insert(0, (born, first))
        return told

    def times(self) -> Iterator[tuple[str, float]]:
        """Yield how many seconds each status lasted that is over."""
        statuses = self.statuses
        for (since, status), (until, _) in itertools.pairwise(statuses):
            yield status, seconds(until) - seconds(since)

    def solved(self) -> list[str]:
        """Return the moments at which it was solved."""
        found, before = [], ""
        for moment, status in self.statuses:
            if status in SOLVED and before not in SOLVED:
                found.append(moment)
            before = status
        return found

    def replies(self) -> list[str]:
        """Return the moments at which agents answered in public; what it began with is none."""
        return [
            audit["created_at"]
            for audit in self.audits[1:]
            for event in audit["events"]
            if event["type"] == "Comment"
            and event.get("public")
            and event["author_id"] in self.agents
            and event["author_id"] != self.ticket["requester_id"]
        ]

    def comments(self) -> list[str]:
        """Return the moments at which anybody said something."""
        return [
            audit["created_at"]
            for audit in self.audits
            for event in audit["events"]
            if event["type"] == "Comment"
        ]

    def by(self, author: Any) -> str | None:
        """Return when a user changed it last."""
        moments = [audit["created_at"] for audit in self.audits if audit["author_id"] == author]
        return max(moments, default=None) if author is not None else None


def histories(world: World, tickets: Iterable[Mapping[str, Any]]) -> list[History]:
    """Return the histories of tickets, in their order."""
    tickets = list(tickets)
    below: dict[Any, list[Mapping[str, Any]]] = defaultdict(list)
    where = among("parent", [ticket["id"] for ticket in tickets])
    for audit in world.store.docs(Audit._meta.label, where, f"{value_of('created_at')}, id"):
        below[audit["ticket_id"]].append(audit)
    agents = agents_of(world)
    return [History(ticket, tuple(below[ticket["id"]]), agents) for ticket in tickets]


def agents_of(world: World) -> frozenset[Any]:
    """Return the ids of the users who are agents or administrators."""
    where = Where(f"{value_of('role')} != 'end-user'")
    return frozenset(row[1] for row in world.store.texts(User._meta.label, where))


def seconds(moment: str) -> float:
    """Return a moment in seconds since the epoch."""
    return load_datetime(moment).timestamp()
