"""zendesk_orm, used as its documentation describes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from benchmarks.expected import LONG_AGO, parse_number, search_times, ticket_ids, user_ids
from benchmarks.jobs import CALLS_PER_PROCESS, OPERATIONS
from zendesk_orm import Comment, Group, Q, QuerySet, Ticket, User, connect
from zendesk_orm.http.endpoint_limits import NO_ENDPOINT_LIMITS
from zendesk_orm.plan.planner import plan
from zendesk_orm.plan.selection import select_plan
from zendesk_orm.query.query import Query


class Orm:
    """An account with default settings; lists are `.fresh()`, as the others read lists."""

    def __init__(self, url: str) -> None:
        # The server applies no rate limits, and the other libraries know none.
        self._account = connect(
            base_url=url, email="a@b.c", token="t", endpoint_limits=NO_ENDPOINT_LIMITS
        )

    def open_connection(self) -> None:
        """Send a request, so that no job measures connecting."""
        Group.objects.first()

    # -- speed ---------------------------------------------------------------

    def prepare_get(self) -> Iterator[int]:
        """Return the ids; each of them is fetched once."""
        return iter(ticket_ids(OPERATIONS * CALLS_PER_PROCESS))

    def get(self, ids: Iterator[int]) -> int:
        """Fetch the next tickets one by one and count those with the expected subject."""
        return sum(
            parse_number(Ticket.objects.get(pk).subject or "") == pk
            for pk in islice(ids, OPERATIONS)
        )

    def prepare_filter_five(self) -> Iterator[datetime]:
        """Return the values to filter by; each of them is used once."""
        return iter(search_times(OPERATIONS * CALLS_PER_PROCESS))

    def filter_five(self, times: Iterator[datetime]) -> int:
        """Filter for five tickets at a time and sum the numbers in their subjects."""
        return sum(
            parse_number(ticket.subject or "")
            for time in islice(times, OPERATIONS)
            for ticket in Ticket.objects.filter(created_after=time)[:5]
        )

    def list_tickets(self) -> int:
        """Sum the ids of all tickets."""
        return sum(ticket.id for ticket in _tickets().page_size(100).iterator())

    def include(self) -> int:
        """Sum the numbers in subjects and side-loaded names."""
        return _sum_numbers(_tickets().select_related("requester", "organization").iterator())

    def search(self) -> int:
        """Sum the ids of all hits of a search."""
        tickets = Ticket.objects.filter(created_after=LONG_AGO)
        return sum(ticket.id for ticket in tickets.iterator())

    def get_many_by_ids(self) -> int:
        """Fetch 5,000 users."""
        return sum(user.id for user in User.objects.filter(id__in=user_ids(5_000)))

    def list_in_parallel(self) -> int:
        """Sum the ids of all tickets, with eight requests at the same time."""
        return sum(ticket.id for ticket in _tickets().iterator(parallel=8))

    def export(self) -> int:
        """Sum the ids of all tickets, archived ones included."""
        return sum(ticket.id for ticket in Ticket.objects.all().iterator())

    def hold(self) -> int:
        """Keep a list of all tickets."""
        self.tickets = list(_tickets().iterator())
        return sum(ticket.id for ticket in self.tickets)

    def stream(self) -> Iterator[int]:
        """Yield the ids of all tickets."""
        return (ticket.id for ticket in _tickets().iterator())

    def access(self) -> dict[str, Callable[[], object]]:
        """Read a plain value, a date and a name through a side-loaded link."""
        ticket = _tickets().select_related("requester")[0]
        return {
            "plain_ns": lambda: ticket.subject,
            "date_ns": lambda: ticket.created_at,
            "link_ns": lambda: ticket.requester.name,
        }

    def plan(self) -> dict[str, Callable[[], object]]:
        """Plan queries of one condition, and of 1,000 ids, with and without the cache."""
        one, many = Q(status="new").resolve(Ticket), Q(id__in=range(1, 1_001)).resolve(Ticket)
        return {
            "new_us": lambda: select_plan(Query(Ticket, one, stop=5)),
            "cached_us": lambda: plan(Query(Ticket, one, stop=5)),
            "ids_us": lambda: select_plan(Query(Ticket, many)),
            "cached_ids_us": lambda: plan(Query(Ticket, many)),
        }

    # -- requests ------------------------------------------------------------

    def follow_links(self) -> int:
        """Sum the numbers in subjects and names, without requesting side-loads."""
        return _sum_numbers(_tickets())

    def get_by_ids(self) -> int:
        """Fetch 250 users."""
        return sum(user.id for user in User.objects.filter(id__in=user_ids(250)))

    def prepare_get_cached_ids(self) -> list[User]:
        """Fetch 99 users."""
        return list(User.objects.filter(id__in=user_ids(99)))

    def get_cached_ids(self, users: list[User]) -> int:
        """Fetch 100 users, 99 of which are cached."""
        return sum(user.id for user in User.objects.filter(id__in=user_ids(100)))

    def slice(self) -> list[int]:
        """Slice the list."""
        return [ticket.id for ticket in _tickets()[240:260]]

    def slice_deep(self) -> list[int]:
        """Slice the list at a large offset."""
        return [ticket.id for ticket in _tickets()[3950:4000]]

    def first(self) -> int | None:
        """Fetch the first ticket."""
        ticket = _tickets().first()
        return None if ticket is None else ticket.id

    def count(self) -> int:
        """Count the tickets."""
        return _tickets().count()

    def exists(self) -> bool:
        """Check whether a ticket exists."""
        return _tickets().exists()

    def prepare_update(self) -> list[Ticket]:
        """Fetch 1,000 tickets that are not closed, and change them."""
        changeable = (ticket for ticket in _tickets().iterator() if ticket.status != "closed")
        tickets = list(islice(changeable, 1_000))
        for ticket in tickets:
            ticket.priority = "low" if ticket.priority != "low" else "high"
        return tickets

    def update(self, tickets: list[Ticket]) -> int:
        """Save the changes of all tickets."""
        return len(Ticket.objects.bulk_update(tickets).succeeded)

    def create(self) -> int:
        """Create 1,000 tickets."""
        tickets = [Ticket(subject=str(n), comment=Comment(body="Bulk")) for n in range(1_000)]
        Ticket.objects.bulk_create(tickets)
        return sum(ticket.id for ticket in tickets)

    def get_twice(self) -> list[int]:
        """Fetch a ticket twice in one unit of work."""
        with self._account.session():
            return [Ticket.objects.get(1).id, Ticket.objects.get(1).id]

    def iterate_twice(self) -> list[int]:
        """Iterate over a QuerySet twice."""
        tickets = _tickets()
        return [sum(ticket.id for ticket in tickets) for _ in range(2)]

    def prepare_save_without_changes(self) -> Ticket:
        """Fetch a ticket."""
        ticket: Ticket = Ticket.objects.get(1)
        return ticket

    def save_without_changes(self, ticket: Ticket) -> int:
        """Assign the current value to a field, and save."""
        ticket.subject = ticket.subject
        return ticket.save().id


def _tickets() -> QuerySet[Ticket]:
    return Ticket.objects.fresh()


def _sum_numbers(tickets: Iterable[Ticket]) -> int:
    total = 0
    for ticket in tickets:
        total += parse_number(ticket.subject or "") + parse_number(ticket.requester.name)
        if ticket.organization is not None:
            total += parse_number(ticket.organization.name)
    return total
