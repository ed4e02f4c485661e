"""A report on the inbox, with the number of requests that each query sends.

The program runs on the embedded Zendesk, like `examples/triage.py`.
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
    """Tickets, with filters for the terms of the team."""

    def unsolved(self) -> Inbox:
        """Return the tickets that are neither solved nor closed."""
        return self.filter(status__in=["new", "open", "pending", "hold"])

    def important(self) -> Inbox:
        """Return the urgent tickets and those of VIP customers."""
        return self.filter(Q(priority="urgent") | Q(tags="vip"))


class Inquiry(Ticket):
    """A ticket whose manager has the methods of `Inbox`."""

    objects = Inbox.as_manager()


def print_result(account: Account, title: str, query: Callable[[], Any]) -> None:
    """Run a query and print its result and its number of requests."""
    before = account.requests_sent
    result = query()
    print(f"{title} ({account.requests_sent - before} requests): {result}")


def report() -> None:
    """Print figures of the inbox."""
    account = connections["default"]
    waiting = Inquiry.objects.unsolved()
    print_result(account, "Waiting", waiting.count)
    print_result(
        account,
        "Figures",
        lambda: waiting.aggregate(Count("id"), oldest=Min("created_at"), worst=Max("priority")),
    )
    print_result(
        account,
        "Requesters who have waited longest",
        lambda: list(waiting.order_by("created_at").values_list("requester__name", flat=True)[:3]),
    )
    print_result(
        account,
        "Newest urgent or VIP ticket of each priority",
        lambda: [ticket.id for ticket in waiting.important().distinct("priority")],
    )
    print_result(
        account,
        "Changed within a day",
        lambda: Counter(
            Ticket.objects.filter(changed_since=timedelta(days=1)).values_list("status", flat=True)
        ),
    )
    opened = Prefetch("assigned_tickets", Ticket.objects.filter(status="open"), to_attr="opened")
    agents = User.objects.filter(role="agent").prefetch_related(opened)
    print_result(
        account,
        "Busiest agent",
        lambda: max((len(agent.opened), agent.name) for agent in agents),
    )


def main() -> None:
    """Print the report for the demo data."""
    connect("emulator://?seed=demo")
    report()


if __name__ == "__main__":
    main()
