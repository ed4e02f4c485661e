"""Figures of support: times, the backlog, reopened tickets and satisfaction.

Each function takes the alias of an account or of a database, and returns the same figures from
both: Zendesk's lists are read and computed client-side, a database computes them in SQL.

    python -m examples.analyses.figures
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

import duckdb

from examples.analyses.sample import create_account
from zendesk_orm import (
    Avg,
    Count,
    Group,
    Mirror,
    Q,
    SatisfactionRating,
    Ticket,
    TicketMetric,
    User,
    connections,
)


Rows = list[dict[str, Any]]

#: The models that the analyses read.
MODELS = [Ticket, TicketMetric, SatisfactionRating, Group, User]


def average_times(using: str = "default") -> Rows:
    """Return the average hours until the first reply and the solution, of each group."""
    metrics = TicketMetric.objects.using(using).scan()
    groups = metrics.values("ticket__group__name").annotate(
        tickets=Count("id"),
        reply=Avg("reply_time_in_minutes__calendar"),
        solution=Avg("full_resolution_time_in_minutes__calendar"),
    )
    return [
        {
            "group": row["ticket__group__name"],
            "tickets": row["tickets"],
            "reply": _to_hours(row["reply"]),
            "solution": _to_hours(row["solution"]),
        }
        for row in groups
    ]


def _to_hours(minutes: float | None) -> float | None:
    return None if minutes is None else round(minutes / 60, 1)


def count_backlog(using: str = "default") -> dict[date, int]:
    """Return the number of tickets that were unsolved at the end of each day.

    Archived tickets have no metrics, but were solved long before.
    """
    metrics = TicketMetric.objects.using(using).scan()
    changes: Counter[date] = Counter()
    for row in metrics.values("created_at__date").annotate(number=Count("id")):
        changes[row["created_at__date"]] += row["number"]
    solved = metrics.filter(solved_at__isnull=False)
    for row in solved.values("solved_at__date").annotate(number=Count("id")):
        changes[row["solved_at__date"]] -= row["number"]
    if not changes:
        return {}
    first, last = min(changes), max(changes)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return dict(zip(days, accumulate(changes[day] for day in days), strict=True))


def count_reopened(using: str = "default") -> Rows:
    """Return the number of tickets, and of those that were reopened, of each group."""
    metrics = TicketMetric.objects.using(using).scan()
    groups = metrics.values("ticket__group__name").annotate(
        tickets=Count("id"), reopened=Count("id", filter=Q(reopens__gt=0))
    )
    return [
        {
            "group": row["ticket__group__name"],
            "tickets": row["tickets"],
            "reopened": row["reopened"],
        }
        for row in groups
    ]


def rate_satisfaction(using: str = "default") -> Rows:
    """Return the share of good ratings, of each group."""
    ratings = SatisfactionRating.objects.using(using).scan().filter(score__in=["good", "bad"])
    groups = ratings.values("group__name").annotate(
        ratings=Count("id"), good=Count("id", filter=Q(score="good"))
    )
    return [
        {
            "group": row["group__name"],
            "ratings": row["ratings"],
            "good": round(row["good"] / row["ratings"], 2),
        }
        for row in groups
    ]


def print_rows(title: str, rows: Rows) -> None:
    """Print rows as a table."""
    print(title)
    for row in rows:
        print("  " + "  ".join(f"{name} {value}" for name, value in row.items()))


def print_figures(using: str = "default") -> None:
    """Print all figures of an account or a database."""
    print_rows("Average hours until the first reply and the solution", average_times(using))
    backlog = count_backlog(using)
    print(f"Unsolved tickets: at most {max(backlog.values())}, now {[*backlog.values()][-1]}")
    print_rows("Reopened tickets", count_reopened(using))
    print_rows("Share of good ratings", rate_satisfaction(using))


def create_mirror() -> Mirror:
    """Copy the account to a database in memory, and make it available as `mirror`."""
    mirror = Mirror(duckdb.connect(), models=MODELS)
    # Zendesk's exports withhold the changes of the last minute.
    connections["default"].transport.clock.sleep(61)
    mirror.sync()
    mirror.connect()
    return mirror


def main() -> None:
    """Print the figures of the sample account twice: from the account, and from a mirror."""
    create_account()
    create_mirror()
    account = connections["default"]
    for using in ("default", "mirror"):
        before = account.requests_sent
        print_figures(using)
        print(f"{using}: {account.requests_sent - before} requests\n")


if __name__ == "__main__":
    main()
