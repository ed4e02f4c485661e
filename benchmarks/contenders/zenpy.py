"""zenpy, used as its documentation describes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from zenpy import Zenpy
from zenpy.lib.api_objects import Ticket

from benchmarks.expected import LONG_AGO, parse_number, search_times, ticket_ids, user_ids
from benchmarks.jobs import CALLS_PER_PROCESS, OPERATIONS


class ZenpyClient:
    """A `Zenpy` with default settings."""

    def __init__(self, url: str) -> None:
        os.environ["ZENPY_FORCE_NETLOC"] = urlsplit(url).netloc
        os.environ["ZENPY_FORCE_SCHEME"] = "http"
        self._zenpy = Zenpy(subdomain="acme", email="a@b.c", token="t")

    def open_connection(self) -> None:
        """Send a request, so that no job measures connecting."""
        list(self._zenpy.groups())

    # -- speed ---------------------------------------------------------------

    def prepare_get(self) -> Iterator[int]:
        """Return the ids; each of them is fetched once."""
        return iter(ticket_ids(OPERATIONS * CALLS_PER_PROCESS))

    def get(self, ids: Iterator[int]) -> int:
        """Fetch the next tickets one by one and count those with the expected subject."""
        return sum(
            parse_number(self._zenpy.tickets(id=pk).subject) == pk for pk in islice(ids, OPERATIONS)
        )

    def prepare_filter_five(self) -> Iterator[datetime]:
        """Return the values to filter by; each of them is used once."""
        return iter(search_times(OPERATIONS * CALLS_PER_PROCESS))

    def filter_five(self, times: Iterator[datetime]) -> int:
        """Search for five tickets at a time and sum the numbers in their subjects."""
        return sum(
            parse_number(ticket.subject)
            for time in islice(times, OPERATIONS)
            for ticket in self._search_five(time)
        )

    def list_tickets(self) -> int:
        """Sum the ids of all tickets."""
        return sum(ticket.id for ticket in self._zenpy.tickets())

    def include(self) -> int:
        """Sum the numbers in subjects and side-loaded names."""
        return _sum_numbers(self._zenpy.tickets(include=["users", "organizations"]))

    def search(self) -> int:
        """Sum the ids of all hits of a search."""
        tickets = self._zenpy.search(type="ticket", created_after=LONG_AGO)
        return sum(ticket.id for ticket in tickets)

    def get_many_by_ids(self) -> int:
        """Fetch 5,000 users; one call takes a hundred ids."""
        ids = user_ids(5_000)
        chunks = (ids[start : start + 100] for start in range(0, len(ids), 100))
        return sum(user.id for chunk in chunks for user in self._zenpy.users(ids=chunk))

    def list_in_parallel(self) -> int:
        """Sum the ids of all tickets, with one request at a time."""
        return self.list_tickets()

    def export(self) -> int:
        """Sum the ids of all tickets, by the search export."""
        tickets = self._zenpy.search_export(type="ticket", created_after=LONG_AGO)
        return sum(ticket.id for ticket in tickets)

    def hold(self) -> int:
        """Keep a list of all tickets."""
        self.tickets = list(self._zenpy.tickets())
        return sum(ticket.id for ticket in self.tickets)

    def stream(self) -> Iterator[int]:
        """Yield the ids of all tickets."""
        return (ticket.id for ticket in self._zenpy.tickets())

    def access(self) -> dict[str, Callable[[], object]]:
        """Read a plain value, a date and a name through a cached link."""
        ticket = next(iter(self._zenpy.tickets(include=["users"])))
        return {
            "plain_ns": lambda: ticket.subject,
            "date_ns": lambda: ticket.created,
            "link_ns": lambda: ticket.requester.name,
        }

    # -- requests ------------------------------------------------------------

    def follow_links(self) -> int:
        """Sum the numbers in subjects and names, without requesting side-loads."""
        return _sum_numbers(self._zenpy.tickets())

    def get_by_ids(self) -> int:
        """Fetch 250 users."""
        return sum(user.id for user in self._zenpy.users(ids=user_ids(250)))

    def prepare_get_cached_ids(self) -> list[Any]:
        """Fetch 99 users."""
        return list(self._zenpy.users(ids=user_ids(99)))

    def get_cached_ids(self, users: list[Any]) -> int:
        """Fetch 100 users, 99 of which are cached."""
        return sum(user.id for user in self._zenpy.users(ids=user_ids(100)))

    def slice(self) -> list[int]:
        """Slice the list."""
        return [ticket.id for ticket in self._zenpy.tickets()[240:260]]

    def slice_deep(self) -> list[int]:
        """Slice the list with offset pagination, as in the guide."""
        tickets = self._zenpy.tickets(cursor_pagination=False)
        return [ticket.id for ticket in tickets[3950:4000:50]]

    def first(self) -> int:
        """Fetch the first ticket of the list."""
        return int(next(iter(self._zenpy.tickets())).id)

    def count(self) -> int:
        """Count the tickets."""
        return len(self._zenpy.tickets())

    def exists(self) -> bool:
        """Check whether the list has a first ticket."""
        return next(iter(self._zenpy.tickets()), None) is not None

    def prepare_update(self) -> list[Any]:
        """Fetch 1,000 tickets and change them."""
        tickets = list(islice(self._zenpy.tickets(), 1_000))
        for ticket in tickets:
            ticket.priority = "low" if ticket.priority != "low" else "high"
        return tickets

    def update(self, tickets: list[Any]) -> int:
        """Save the changes of all tickets."""
        return self._count_results(self._zenpy.tickets.update(tickets))

    def create(self) -> int:
        """Create 1,000 tickets."""
        tickets = [Ticket(subject=str(n), description="Bulk") for n in range(1_000)]
        self._count_results(self._zenpy.tickets.create(tickets))
        return sum(ticket.id for ticket in tickets)

    def get_twice(self) -> list[int]:
        """Fetch a ticket twice."""
        return [self._zenpy.tickets(id=1).id, self._zenpy.tickets(id=1).id]

    def iterate_twice(self) -> list[int]:
        """Iterate over a list twice."""
        return [sum(ticket.id for ticket in self._zenpy.tickets()) for _ in range(2)]

    def prepare_save_without_changes(self) -> Any:
        """Fetch a ticket."""
        return self._zenpy.tickets(id=1)

    def save_without_changes(self, ticket: Any) -> int:
        """Assign the current value to a field, and update."""
        ticket.subject = ticket.subject
        return int(self._zenpy.tickets.update(ticket).ticket.id)

    def _search_five(self, time: datetime) -> list[Any]:
        # search() always fetches 100 rows; only the export accepts a page size.
        search = self._zenpy.search_export
        return list(search(type="ticket", created_after=time, cursor_pagination=5)[:5])

    def _count_results(self, job: Any) -> int:
        return len(self._zenpy.job_status(id=job.id).results)


def _sum_numbers(tickets: Any) -> int:
    return sum(
        parse_number(ticket.subject)
        + parse_number(ticket.requester.name)
        + parse_number(ticket.organization.name)
        for ticket in tickets
    )
