"""Expected results, which follow from the rules by which the fake server creates rows.

The subject of ticket `i` (from 1) is `Ticket i: …`. Its requester is user `(i * 7919) % 300` of
300, and the organization of that user is the same number modulo 50. Names of users and
organizations contain their id, so that the names a job reads can be checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone


FIRST_USER = 6_130_869_000_000
FIRST_ORGANIZATION = 6_164_110_000_000

#: All tickets are newer, so that a search for newer tickets returns all of them.
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)

_REQUESTERS, _ORGANIZATIONS, _STEP = 300, 50, 7_919


def parse_number(name: str) -> int:
    """Return the id in a name or subject: 7 for `Ticket 7: printer on fire`."""
    return int(name.split(" ", 2)[1].rstrip(":"))


def sum_linked_ids(tickets: int) -> int:
    """Return the sum of the ids of the first tickets, their requesters and their organizations."""
    return sum(
        ticket + _requester_id(ticket) + _organization_id(ticket) for ticket in ticket_ids(tickets)
    )


def sum_ids(tickets: int) -> int:
    """Return the sum of the ids of the first tickets."""
    return sum(ticket_ids(tickets))


def ticket_ids(tickets: int) -> Iterable[int]:
    """Return the ids of the first tickets."""
    return range(1, tickets + 1)


def user_ids(users: int) -> list[int]:
    """Return the ids of the first users."""
    return [FIRST_USER + index for index in range(users)]


def search_times(searches: int) -> list[datetime]:
    """Return a different time for each search; all tickets are newer than each of them."""
    return [LONG_AGO - timedelta(minutes=index) for index in range(searches)]


def _requester_id(ticket: int) -> int:
    return FIRST_USER + ticket * _STEP % _REQUESTERS


def _organization_id(ticket: int) -> int:
    return FIRST_ORGANIZATION + ticket * _STEP % _REQUESTERS % _ORGANIZATIONS
