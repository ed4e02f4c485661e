"""What the right answers are: they follow from the rules by which the fake server makes rows.

Ticket `i` (from 1) is called `Ticket i: …`, its requester is user `(i * 7919) % 300` of
300, and that user's organization is the same number modulo 50. Users and organizations
carry their id in their names, so that a name that was read can be checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone


FIRST_USER = 6_130_869_000_000
FIRST_ORGANIZATION = 6_164_110_000_000

#: Every ticket was made later, so that a search for later ones finds all.
LONG_AGO = datetime(2020, 1, 1, tzinfo=timezone.utc)

_REQUESTERS, _ORGANIZATIONS, _STEP = 300, 50, 7_919


def number(name: str) -> int:
    """Return the id in a name or subject: 7 of `Ticket 7: printer on fire`."""
    return int(name.split(" ", 2)[1].rstrip(":"))


def links(tickets: int) -> int:
    """Return the sum of the ids of tickets, their requesters and their organizations."""
    return sum(ticket + _requester(ticket) + _organization(ticket) for ticket in _ids(tickets))


def ids(tickets: int) -> int:
    """Return the sum of the ids of that many tickets."""
    return sum(_ids(tickets))


def user_ids(users: int) -> list[int]:
    """Return the ids of the first users."""
    return [FIRST_USER + each for each in range(users)]


def _ids(tickets: int) -> Iterable[int]:
    return range(1, tickets + 1)


def _requester(ticket: int) -> int:
    return FIRST_USER + ticket * _STEP % _REQUESTERS


def _organization(ticket: int) -> int:
    return FIRST_ORGANIZATION + ticket * _STEP % _REQUESTERS % _ORGANIZATIONS
