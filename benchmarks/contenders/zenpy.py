"""zenpy, used as its documentation says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from zenpy import Zenpy
from zenpy.lib.api_objects import Ticket

from benchmarks.truth import LONG_AGO, number, user_ids


class ZenpyClient:
    """One `Zenpy` with its defaults."""

    def __init__(self, url: str) -> None:
        os.environ["ZENPY_FORCE_NETLOC"] = urlsplit(url).netloc
        os.environ["ZENPY_FORCE_SCHEME"] = "http"
        self._zenpy = Zenpy(subdomain="acme", email="a@b.c", token="t")

    def warm(self) -> None:
        """Open the connection."""
        list(self._zenpy.groups())

    # -- speed ---------------------------------------------------------------

    def listing(self) -> int:
        """Sum the ids of all tickets."""
        return sum(ticket.id for ticket in self._zenpy.tickets())

    def include(self) -> int:
        """Sum what side-loaded names say."""
        return _named(self._zenpy.tickets(include=["users", "organizations"]))

    def hold(self) -> int:
        """Keep all tickets."""
        self.held = list(self._zenpy.tickets())
        return sum(ticket.id for ticket in self.held)

    def stream(self) -> Iterator[int]:
        """Yield the ids of all tickets."""
        return (ticket.id for ticket in self._zenpy.tickets())

    def access(self) -> dict[str, Callable[[], object]]:
        """Read a plain value, a date and a name through a link that is in the cache."""
        ticket = next(iter(self._zenpy.tickets(include=["users"])))
        return {
            "plain_ns": lambda: ticket.subject,
            "date_ns": lambda: ticket.created,
            "link_ns": lambda: ticket.requester.name,
        }

    # -- requests ------------------------------------------------------------

    def links(self) -> int:
        """Sum what names say, each fetched when it is read."""
        return _named(self._zenpy.tickets())

    def by_ids(self) -> int:
        """Fetch 250 users."""
        return sum(user.id for user in self._zenpy.users(ids=user_ids(250)))

    def given_kept(self) -> list[Any]:
        """Read 99 users."""
        return list(self._zenpy.users(ids=user_ids(99)))

    def kept(self, users: list[Any]) -> int:
        """Ask for 100."""
        return sum(user.id for user in self._zenpy.users(ids=user_ids(100)))

    def slice(self) -> list[int]:
        """Take a slice of the list."""
        return [ticket.id for ticket in self._zenpy.tickets()[240:260]]

    def slice_deep(self) -> list[int]:
        """Take a slice as the guide does, of the paging that it was written for."""
        tickets = self._zenpy.tickets(cursor_pagination=False)
        return [ticket.id for ticket in tickets[3950:4000:50]]

    def first(self) -> int:
        """Take the first of the list."""
        return int(next(iter(self._zenpy.tickets())).id)

    def count(self) -> int:
        """Take the length of the list."""
        return len(self._zenpy.tickets())

    def exists(self) -> bool:
        """Take the first of the list, if there is one."""
        return next(iter(self._zenpy.tickets()), None) is not None

    def given_update(self) -> list[Any]:
        """Read 1,000 tickets and change them."""
        tickets = list(islice(self._zenpy.tickets(), 1_000))
        for ticket in tickets:
            ticket.priority = "low" if ticket.priority != "low" else "high"
        return tickets

    def update(self, tickets: list[Any]) -> int:
        """Update them all."""
        return self._awaited(self._zenpy.tickets.update(tickets))

    def create(self) -> int:
        """Create 1,000 tickets."""
        tickets = [Ticket(subject=str(n), description="Bulk") for n in range(1_000)]
        self._awaited(self._zenpy.tickets.create(tickets))
        return sum(ticket.id for ticket in tickets)

    def search(self) -> int:
        """Read all hits of a search."""
        found = self._zenpy.search(type="ticket", created_after=LONG_AGO)
        return sum(ticket.id for ticket in found)

    def twice(self) -> list[int]:
        """Read a ticket twice."""
        return [self._zenpy.tickets(id=1).id, self._zenpy.tickets(id=1).id]

    def reread(self) -> list[int]:
        """Go through a list twice."""
        return [sum(ticket.id for ticket in self._zenpy.tickets()) for _ in range(2)]

    def given_unchanged(self) -> Any:
        """Read a ticket."""
        return self._zenpy.tickets(id=1)

    def unchanged(self, ticket: Any) -> int:
        """Set a field to the value that it has, and update."""
        ticket.subject = ticket.subject
        return int(self._zenpy.tickets.update(ticket).ticket.id)

    def _awaited(self, job: Any) -> int:
        return len(self._zenpy.job_status(id=job.id).results)


def _named(tickets: Any) -> int:
    return sum(
        number(ticket.subject) + number(ticket.requester.name) + number(ticket.organization.name)
        for ticket in tickets
    )
