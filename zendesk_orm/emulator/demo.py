"""An account that has been in use for a while: the seed `demo`, the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from zendesk_orm.emulator import templates
from zendesk_orm.emulator.audits import SYSTEM, audit_row, comment_row
from zendesk_orm.emulator.store import ALIVE, ARCHIVED, Stored, spaced
from zendesk_orm.emulator.templates import blank
from zendesk_orm.emulator.world import HOME, World, words_of
from zendesk_orm.schema.options import Options
from zendesk_orm.support import (
    Audit,
    Brand,
    Comment,
    Group,
    Organization,
    Ticket,
    TicketField,
    User,
)


TICKETS, USERS, AGENTS, ORGANIZATIONS = 3000, 400, 25, 60
#: Days that the account has been in use, and after which a closed ticket is archived.
AGE, ARCHIVE_AFTER = 200, 120

_DAY = 86_400
_GROUPS = ("Billing", "Hardware", "Logistics", "Onboarding", "Partners", "Security", "Software")
_FIRST = (
    "Ada Amir Amy Ana Ben Carla Chen Dana Diego Elif Emma Femi Finn Grace Hana Hugo Ines Ivan "
    "Jonas Kemal Lena Liam Mara Mei Nadia Noah Olga Omar Priya Quinn Rosa Sam Sofia Tariq Uma "
    "Viktor Wanda Xenia Yusuf Zoe"
)
_LAST = (
    "Abbott Becker Costa Dubois Eriksen Fischer Garcia Haddad Ito Jansen Kovacs Larsen Moreau "
    "Nakamura Okafor Petrov Quist Rossi Silva Tanaka Ueda Vargas Weber Xu Yilmaz Zhang"
)
_COMPANY = (
    "Alder Basalt Cedar Delta Ember Fjord Garnet Harbor Indigo Juniper Krill Lumen Meadow Nimbus "
    "Onyx Pioneer Quartz Ridge Summit Tidal"
)
_TRADES = ("Foods", "Logistics", "Press")
#: Subject, first message, and tags of what people write about.
_TOPICS: Sequence[tuple[str, str, str]] = (
    ("Printer {n} is on fire", "Smoke came out of printer {n} this morning.", "printer hardware"),
    ("Printer {n} jams", "The printer on floor {n} jams on every page.", "printer"),
    ("Refund for order {n}", "Please refund order {n}, it never arrived.", "refund billing"),
    ("Invoice {n} is wrong", "Invoice {n} lists an item that we did not buy.", "billing"),
    ("Cannot log in", "My password is refused since the update to version {n}.", "login"),
    ("Where is parcel {n}?", "The tracking of parcel {n} has not moved in days.", "shipping"),
    ("Toner for device {n}", "We are out of toner for device {n}.", "toner hardware"),
    ("Question about plan {n}", "What does plan {n} include?", "sales"),
    ("Screen flickers", "Since day {n} the screen flickers at noon.", "hardware"),
    ("Export of report {n} fails", "The export of report {n} ends with an error.", "software"),
)
_REPLY = "Thank you for writing. We are looking into it and will be back within the day."
_PRODUCTS = ("laser", "inkjet", "scanner", "cloud")
_CHANNELS = ("email", "web", "api", "chat")


def fill(world: World) -> None:
    """Fill an account that has nothing but its owner."""
    _Demo(world).fill()


class _Demo:
    """The rows under way, and what they have in common."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._random = random.Random("demo")  # noqa: S311 - plausible, not secret
        self._now = world.now()
        first = world.store.next_id()
        self._ids = count(first, 128)
        self._brands: list[Any] = [world.brand]
        self._group_ids: list[Any] = []

    def fill(self) -> None:
        """Put everything into the store."""
        put = self._world.store.fill
        born = self._now - AGE * _DAY
        put(self._labelled(Brand._meta, [self._brand()]), born)
        put(self._labelled(Group._meta, self._groups()), born)
        fields = list(self._fields())
        put(self._labelled(TicketField._meta, fields), born)
        organizations = list(self._organizations())
        put(self._labelled(Organization._meta, organizations), born)
        users = list(self._users(organizations))
        put(self._labelled(User._meta, users), born)
        put(self._conversations(users, fields), born)
        self._world.store.skip_to(next(self._ids), TICKETS)

    def _row(self, meta: Options, born: float, **values: Any) -> dict[str, Any]:
        row = blank(meta)
        row["id"] = next(self._ids)
        row["created_at"] = row["updated_at"] = self._world.stamp(born)
        row["url"] = templates.url(meta, row)
        row.update(values)
        return row

    def _born(self) -> float:
        return self._now - self._random.uniform(AGE / 2, AGE) * _DAY

    @staticmethod
    def _labelled(meta: Options, rows: Any) -> Iterator[Stored]:
        for row in rows:
            yield Stored(meta.label, row["id"], row, words_of(row))

    def _brand(self) -> dict[str, Any]:
        row = self._row(
            Brand._meta,
            self._born(),
            name="Emulator Labs",
            subdomain="labs",
            brand_url="https://labs.zendesk.com",
            active=True,
        )
        self._brands.append(row["id"])
        return row

    def _groups(self) -> Iterator[dict[str, Any]]:
        for name in _GROUPS:
            row = self._row(Group._meta, self._born(), name=name, description=f"All {name.lower()}")
            self._group_ids.append(row["id"])
            yield row

    def _fields(self) -> Iterator[dict[str, Any]]:
        options = [
            {"id": next(self._ids), "name": name.title(), "raw_name": name.title(), "value": name}
            for name in _PRODUCTS
        ]
        made: Sequence[tuple[str, str, Mapping[str, Any]]] = (
            ("tagger", "Product", {"custom_field_options": options}),
            ("text", "Order number", {}),
            ("checkbox", "Under warranty", {"tag": "warranty"}),
            ("decimal", "Amount", {}),
        )
        for position, (kind, title, more) in enumerate(made):
            yield self._row(
                TicketField._meta,
                self._born(),
                type=kind,
                title=title,
                raw_title=title,
                position=100 + position,
                **more,
            )

    def _organizations(self) -> Iterator[dict[str, Any]]:
        words = _COMPANY.split()
        for number in range(ORGANIZATIONS):
            word, trade = words[number % len(words)], _TRADES[number // len(words)]
            yield self._row(
                Organization._meta,
                self._born(),
                name=f"{word} {trade}",
                external_id=f"org-{number + 1}",
                domain_names=[f"{word.lower()}-{trade.lower()}.example"],
                tags=["vip"] if number % 10 == 0 else [],
                details=f"{trade} since {1950 + number}",
                group_id=self._random.choice(self._group_ids) if number % 5 == 0 else None,
            )

    def _users(self, organizations: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        first, last = _FIRST.split(), _LAST.split()
        # The owner is one of them.
        for number in range(USERS - 1):
            name = f"{first[number % len(first)]} {last[number * 7 % len(last)]}"
            born = self._born()
            agent = number < AGENTS - 1
            organization = None if agent else self._random.choice((*organizations, None))
            host = organization["domain_names"][0] if organization else "example.com"
            yield self._row(
                User._meta,
                born,
                name=name,
                email=f"{name.lower().replace(' ', '.')}.{number + 1}@{host}",
                role="end-user" if not agent else "admin" if number < 3 else "agent",
                verified=agent or number % 3 == 0,
                external_id=None if agent else f"user-{number + 1}",
                organization_id=organization and organization["id"],
                phone=f"+4930{number:07}" if number % 4 == 0 else None,
                tags=["vip"] if number % 20 == 0 else [],
                default_group_id=self._random.choice(self._group_ids) if agent else None,
                ticket_restriction=None if agent else "requested",
                restricted_agent=not agent,
                moderator=agent,
                notes="Prefers to be called" if number % 15 == 0 else None,
            )

    def _conversations(
        self, users: Sequence[dict[str, Any]], fields: Sequence[Mapping[str, Any]]
    ) -> Iterator[Stored]:
        agents = [user for user in users if user["role"] != "end-user"]
        people = [user for user in users if user["role"] == "end-user"]
        for number in range(1, TICKETS + 1):
            # Evenly over the time, so that ids and dates grow together.
            born = self._now - (TICKETS - number + self._random.random()) * AGE * _DAY / TICKETS
            ticket = self._ticket(number, born, self._random.choice(people), agents, fields)
            state = ALIVE
            old = self._now - born > ARCHIVE_AFTER * _DAY * 1.2
            if ticket["status"] == "closed" and old:
                state = ARCHIVED
            yield from self._told(ticket, born)
            words = words_of(ticket) + spaced(_REPLY if ticket["assignee_id"] else "")
            yield Stored(Ticket._meta.label, number, ticket, words, state=state)

    def _ticket(
        self,
        number: int,
        born: float,
        requester: Mapping[str, Any],
        agents: Sequence[Mapping[str, Any]],
        fields: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        pick = self._random.choice
        subject, text, tags = pick(_TOPICS)
        status = self._status(born)
        agent = pick(agents) if status != "new" else None
        product = pick((*_PRODUCTS, None))
        values = (product, f"A-{number}" if number % 2 else None, number % 5 == 0, None)
        custom = [
            {"id": field["id"], "value": value} for field, value in zip(fields, values, strict=True)
        ]
        ticket = blank(Ticket._meta)
        changed = min(born + self._random.random() * 20 * _DAY, self._now) if agent else born
        ticket.update(
            id=number,
            external_id=f"case-{number}" if number % 10 == 0 else None,
            via={"channel": pick(_CHANNELS), "source": templates.API["source"]},
            created_at=self._world.stamp(born),
            updated_at=self._world.stamp(changed),
            generated_timestamp=int(changed),
            type=pick(("incident", "incident", "question", "problem", "task", None)),
            subject=subject.format(n=number),
            raw_subject=subject.format(n=number),
            description=text.format(n=number),
            priority=pick(("low", "normal", "normal", "normal", "high", "urgent", None)),
            status=status,
            custom_status_id=templates.CUSTOM_STATUS[status],
            requester_id=requester["id"],
            submitter_id=requester["id"],
            assignee_id=agent and agent["id"],
            group_id=agent["default_group_id"] if agent else pick((*self._group_ids, None)),
            organization_id=requester["organization_id"],
            brand_id=self._brands[number % 8 == 0],
            tags=[*tags.split(), *requester["tags"], *([product] if product else [])],
            custom_fields=custom,
            fields=custom,
            url=f"{HOME}/api/v2/tickets/{number}.json",
        )
        return ticket

    def _status(self, born: float) -> str:
        """Return a status that fits the age: what is old has mostly been closed."""
        days = (self._now - born) / _DAY
        if days > 30:
            return self._random.choices(("closed", "solved", "open", "hold"), (90, 4, 4, 2))[0]
        weights = (20, 30, 15, 5, 30) if days < 7 else (4, 20, 20, 6, 50)
        return self._random.choices(("new", "open", "pending", "hold", "solved"), weights)[0]

    def _told(self, ticket: Mapping[str, Any], born: float) -> Iterator[Stored]:
        """Yield the comments and audits of a ticket: what was asked, and what was answered."""
        said = [(born, ticket["requester_id"], ticket["description"])]
        if ticket["assignee_id"]:
            said.append((min(born + 3600, self._now), ticket["assignee_id"], _REPLY))
        for position, (moment, author, body) in enumerate(said):
            at = self._world.stamp(moment)
            audit = audit_row(next(self._ids), ticket["id"], at, author, {"system": {}})
            comment = comment_row(next(self._ids), audit, author, body)
            event = {key: comment[key] for key in _EVENT}
            audit["events"] = [event, *(self._created(ticket) if not position else ())]
            for meta, row, words in (
                (Comment._meta, comment, spaced(body)),
                (Audit._meta, audit, ""),
            ):
                yield Stored(meta.label, row["id"], row, words, ticket["id"])

        if ticket["status"] == "closed":
            yield self._closed(ticket)

    def _closed(self, ticket: Mapping[str, Any]) -> Stored:
        """Return the audit of the automation that closed a ticket, which is by no user."""
        audit = audit_row(
            next(self._ids), ticket["id"], ticket["updated_at"], SYSTEM, {"system": {}}
        )
        audit["via"] = {"channel": "rule", "source": templates.API["source"]}
        audit["events"] = [
            {
                "id": next(self._ids),
                "type": "Change",
                "value": "closed",
                "field_name": "status",
                "previous_value": "solved",
            }
        ]
        return Stored(Audit._meta.label, audit["id"], audit, "", ticket["id"])

    def _created(self, ticket: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for name in ("subject", "requester_id", "priority", "type"):
            value = str(ticket[name]) if name == "requester_id" else ticket[name]
            pk = next(self._ids)
            yield {"id": pk, "type": "Create", "value": value, "field_name": name}


_EVENT = (
    "id",
    "type",
    "author_id",
    "body",
    "html_body",
    "plain_body",
    "public",
    "attachments",
    "audit_id",
)
