"""A report on the inbox: numbers, values and what changed, with the requests that each costs.

Runs on the embedded Zendesk, as `examples/triage.py` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from zendesk_orm import (
    Account,
    Count,
    Max,
    Min,
    Prefetch,
    Q,
    QuerySet,
    Ticket,
    User,
    connect,
    connections,
)


class Inbox(QuerySet[Ticket]):
    """Tickets, in the words of the team."""

    def unsolved(self) -> Inbox:
        """Return those that somebody waits for."""
        return self.filter(status__in=["new", "open", "pending", "hold"])

    def pressing(self) -> Inbox:
        """Return those that cannot wait."""
        return self.filter(Q(priority="urgent") | Q(tags="vip"))


class Inquiry(Ticket):
    """A ticket, read through the inbox."""

    objects = Inbox.as_manager()


def measured(account: Account, title: str, ask: Callable[[], Any]) -> None:
    """Print what a question gives, and how many requests it takes."""
    before = account.requests_sent
    found = ask()
    print(f"{title} ({account.requests_sent - before} requests): {found}")


def report() -> None:
    """Tell how the inbox is doing."""
    account = connections["default"]
    waiting = Inquiry.objects.unsolved()
    measured(account, "Waiting", waiting.count)
    measured(
        account,
        "Numbers",
        lambda: waiting.aggregate(Count("id"), oldest=Min("created_at"), worst=Max("priority")),
    )
    measured(
        account,
        "Who waits longest",
        lambda: list(waiting.order_by("created_at").values_list("requester__name", flat=True)[:3]),
    )
    measured(
        account,
        "Pressing, the newest of each priority",
        lambda: [ticket.id for ticket in waiting.pressing().distinct("priority")],
    )
    measured(
        account,
        "Changed within a day",
        lambda: Counter(
            Ticket.objects.filter(changed_since=timedelta(days=1)).values_list("status", flat=True)
        ),
    )
    opened = Prefetch("assigned_tickets", Ticket.objects.filter(status="open"), to_attr="opened")
    agents = User.objects.filter(role="agent").prefetch_related(opened)
    measured(
        account,
        "Busiest agent",
        lambda: max((len(agent.opened), agent.name) for agent in agents),
    )


def main() -> None:
    """Report on the inbox of the demo."""
    connect("emulator://?seed=demo")
    report()


if __name__ == "__main__":
    main()
