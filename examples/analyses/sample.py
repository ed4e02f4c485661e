"""An emulated account with some weeks of support, for the analyses.

The same tickets each time: the clock of the emulator is set to each event, which is then sent as a
client would send it, so that Zendesk's metrics follow from the history of the tickets.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from random import Random

from zendesk_orm import Account, Comment, Group, Ticket, User
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.clock import VirtualClock


START = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)
DAYS = 42
TICKETS = 120
#: Groups, each with the hours until the first reply, and until the solution, on average.
GROUPS = {"Billing": (2, 20), "Hardware": (9, 90), "Software": (5, 50)}

#: A moment, and the function that is called then.
Event = tuple[datetime, Callable[[], object]]


def create_account(seed: int = 18) -> Emulator:
    """Create the account, connect to it, and return the emulator.

    Args:
        seed: the seed of the random numbers.
    """
    zendesk = Emulator(clock=VirtualClock(START.timestamp()))
    account = zendesk.connect()
    random = Random(seed)
    groups = {name: Group.objects.create(name=name) for name in GROUPS}
    people = [
        User.objects.create(
            name=f"Customer {number}", email=f"customer-{number}@example.com", verified=True
        )
        for number in range(12)
    ]
    events: list[Event] = []
    for _ in range(TICKETS):
        name = random.choice(list(GROUPS))
        events += plan_ticket(account, random, groups[name], random.choice(people))
    end = START + timedelta(days=DAYS)
    for moment, send in sorted(events, key=lambda event: event[0]):
        if moment < end:
            pass_time(zendesk, moment)
            send()
    pass_time(zendesk, end)
    return zendesk


def pass_time(zendesk: Emulator, moment: datetime) -> None:
    """Set the clock of an emulator."""
    zendesk.clock.sleep(max(moment.timestamp() - zendesk.clock.now(), 0))


def plan_ticket(account: Account, random: Random, group: Group, person: User) -> list[Event]:
    """Return the events of one ticket: replies, the solution, and perhaps more."""
    reply_hours, solution_hours = GROUPS[group.name]
    created = START + timedelta(days=random.uniform(0, DAYS))
    replied = created + timedelta(hours=random.expovariate(1 / reply_hours))
    solved = replied + timedelta(hours=random.expovariate(1 / solution_hours))
    reopened = solved + timedelta(hours=random.uniform(1, 72))
    ticket = Ticket(subject="Help", comment=Comment(body="It fails."), requester=person)
    ticket.group = group

    def reply() -> None:
        ticket.comment = Comment(body="We are looking into it.")
        ticket.save()

    def reopen() -> None:
        ticket.status = "open"
        ticket.save()

    def rate() -> None:
        with account.acting_as(person):
            Ticket.objects.get(id=ticket.id).rate(score)

    score = "bad" if random.random() < reply_hours / 20 else "good"
    events: list[Event] = [(created, ticket.save), (replied, reply), (solved, ticket.solve)]
    if random.random() < (0.3 if group.name == "Hardware" else 0.1):
        events += [(reopened, reopen), (reopened + timedelta(hours=solution_hours), ticket.solve)]
    if random.random() < 0.5:
        rated = solved + timedelta(hours=0.5)
        events.append((rated, rate))
    return events
