"""zendesk_orm, used as its documentation says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from benchmarks.truth import LONG_AGO, number, user_ids
from zendesk_orm import Group, QuerySet, Ticket, User, connect


class Orm:
    """One account with its defaults; lists are `.fresh()`, as are those of the others."""

    def __init__(self, url: str) -> None:
        self._account = connect(base_url=url, email="a@b.c", token="t")

    def warm(self) -> None:
        """Open the connection."""
        Group.objects.first()

    # -- speed ---------------------------------------------------------------

    def listing(self) -> int:
        """Sum the ids of all tickets."""
        return sum(ticket.id for ticket in _tickets().page_size(100).iterator())

    def include(self) -> int:
        """Sum what side-loaded names say."""
        return _named(_tickets().select_related("requester", "organization").iterator())

    def hold(self) -> int:
        """Keep all tickets."""
        self.held = list(_tickets().iterator())
        return sum(ticket.id for ticket in self.held)

    def stream(self) -> Iterator[int]:
        """Yield the ids of all tickets."""
        return (ticket.id for ticket in _tickets().iterator())

    def access(self) -> dict[str, Callable[[], object]]:
        """Read a plain value, a date and a name through a link that came along."""
        ticket = _tickets().select_related("requester")[0]
        return {
            "plain_ns": lambda: ticket.subject,
            "date_ns": lambda: ticket.created_at,
            "link_ns": lambda: ticket.requester.name,
        }

    # -- requests ------------------------------------------------------------

    def links(self) -> int:
        """Sum what names say, each fetched when it is read."""
        return _named(_tickets())

    def by_ids(self) -> int:
        """Fetch 250 users."""
        return sum(user.id for user in User.objects.filter(id__in=user_ids(250)))

    def given_kept(self) -> list[User]:
        """Read 99 users."""
        return list(User.objects.filter(id__in=user_ids(99)))

    def kept(self, users: list[User]) -> int:
        """Ask for 100."""
        return sum(user.id for user in User.objects.filter(id__in=user_ids(100)))

    def slice(self) -> list[int]:
        """Take a slice of the list."""
        return [ticket.id for ticket in _tickets()[240:260]]

    def slice_deep(self) -> list[int]:
        """Take a slice further down."""
        return [ticket.id for ticket in _tickets()[3950:4000]]

    def first(self) -> int | None:
        """Ask for the first."""
        ticket = _tickets().first()
        return None if ticket is None else ticket.id

    def count(self) -> int:
        """Ask for the number."""
        return _tickets().count()

    def exists(self) -> bool:
        """Ask whether there is any."""
        return _tickets().exists()

    def given_update(self) -> list[Ticket]:
        """Read 1,000 tickets and change them."""
        tickets = list(_tickets()[:1_000])
        for ticket in tickets:
            ticket.priority = "low" if ticket.priority != "low" else "high"
        return tickets

    def update(self, tickets: list[Ticket]) -> int:
        """Update them all."""
        return len(Ticket.objects.bulk_update(tickets).succeeded)

    def create(self) -> int:
        """Create 1,000 tickets."""
        tickets = [Ticket(subject=str(n)) for n in range(1_000)]
        Ticket.objects.bulk_create(tickets)
        return sum(ticket.id for ticket in tickets)

    def search(self) -> int:
        """Read all hits of a search."""
        found = Ticket.objects.filter(created_after=LONG_AGO)
        return sum(ticket.id for ticket in found.iterator())

    def twice(self) -> list[int]:
        """Read a ticket twice in one unit of work."""
        with self._account.session():
            return [Ticket.objects.get(1).id, Ticket.objects.get(1).id]

    def reread(self) -> list[int]:
        """Go through a QuerySet twice."""
        tickets = _tickets()
        return [sum(ticket.id for ticket in tickets) for _ in range(2)]

    def given_unchanged(self) -> Ticket:
        """Read a ticket."""
        ticket: Ticket = Ticket.objects.get(1)
        return ticket

    def unchanged(self, ticket: Ticket) -> int:
        """Set a field to the value that it has, and save."""
        ticket.subject = ticket.subject
        return ticket.save().id


def _tickets() -> QuerySet[Ticket]:
    return Ticket.objects.fresh()


def _named(tickets: Iterable[Ticket]) -> int:
    total = 0
    for ticket in tickets:
        total += number(ticket.subject or "") + number(ticket.requester.name)
        if ticket.organization is not None:
            total += number(ticket.organization.name)
    return total
