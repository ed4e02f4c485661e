"""The seed `demo`: an account that has been used for some months. Its rows are always the same."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.resources import encode_id
from zendesk_orm.emulator.messages import BASE_URL
from zendesk_orm.emulator.seeds.products import Products
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.store import ALIVE, ARCHIVED, StoredRow
from zendesk_orm.emulator.storage.words import collect_words, normalize_words
from zendesk_orm.emulator.tickets.audits import SYSTEM, audit_row, comment_row
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
#: The age of the account, and the age at which closed tickets are archived, in days.
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
#: Subject, first message and tags of tickets.
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


def fill(context: Context) -> None:
    """Insert the rows of the seed into a new account."""
    _Demo(context).fill()


class _Demo:
    """Builder of the rows of the seed."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._random = random.Random("demo")  # noqa: S311 - plausible, not secret
        self._now = context.now()
        first = context.store.next_id()
        self._ids = count(first, 128)
        self._brands: list[Any] = [context.brand_id]
        self._group_ids: list[Any] = []

    def fill(self) -> None:
        """Insert all rows."""
        insert = self._context.store.insert
        created = self._now - AGE * _DAY
        insert(self._to_rows(Brand._meta, [self._brand()]), created)
        insert(self._to_rows(Group._meta, self._groups()), created)
        fields = list(self._fields())
        insert(self._to_rows(TicketField._meta, fields), created)
        organizations = list(self._organizations())
        insert(self._to_rows(Organization._meta, organizations), created)
        users = list(self._users(organizations))
        insert(self._to_rows(User._meta, users), created)
        insert(self._conversations(users, fields), created)
        self._context.store.set_sequences(next(self._ids), TICKETS)
        agents = [user for user in users if user["role"] != "end-user"]
        people = [user for user in users if user["role"] == "end-user"]
        Products(self._context, agents, people, self._group_ids).fill()

    def _row(self, meta: Options, created: float, **values: Any) -> dict[str, Any]:
        row = build_row(meta)
        row["id"] = next(self._ids)
        row["created_at"] = row["updated_at"] = self._context.timestamp(created)
        row["url"] = defaults.build_url(meta, row)
        row.update(values)
        return row

    def _choose_creation(self) -> float:
        return self._now - self._random.uniform(AGE / 2, AGE) * _DAY

    @staticmethod
    def _to_rows(meta: Options, rows: Any) -> Iterator[StoredRow]:
        for row in rows:
            yield StoredRow(meta.label, row["id"], row, collect_words(row))

    def _brand(self) -> dict[str, Any]:
        row = self._row(
            Brand._meta,
            self._choose_creation(),
            name="Emulator Labs",
            subdomain="labs",
            brand_url="https://labs.zendesk.com",
            active=True,
        )
        self._brands.append(row["id"])
        return row

    def _groups(self) -> Iterator[dict[str, Any]]:
        for name in _GROUPS:
            row = self._row(
                Group._meta, self._choose_creation(), name=name, description=f"All {name.lower()}"
            )
            self._group_ids.append(row["id"])
            yield row

    def _fields(self) -> Iterator[dict[str, Any]]:
        options = [
            {
                "id": next(self._ids),
                "name": name.title(),
                "raw_name": name.title(),
                "value": name,
                "default": False,
            }
            for name in _PRODUCTS
        ]
        fields: Sequence[tuple[str, str, Mapping[str, Any]]] = (
            ("tagger", "Product", {"custom_field_options": options}),
            ("text", "Order number", {}),
            ("checkbox", "Under warranty", {"tag": "warranty"}),
            ("decimal", "Amount", {}),
        )
        for position, (kind, title, values) in enumerate(fields):
            yield self._row(
                TicketField._meta,
                self._choose_creation(),
                type=kind,
                title=title,
                raw_title=title,
                position=100 + position,
                **values,
            )

    def _organizations(self) -> Iterator[dict[str, Any]]:
        words = _COMPANY.split()
        for number in range(ORGANIZATIONS):
            word, trade = words[number % len(words)], _TRADES[number // len(words)]
            yield self._row(
                Organization._meta,
                self._choose_creation(),
                name=f"{word} {trade}",
                external_id=f"org-{number + 1}",
                domain_names=[f"{word.lower()}-{trade.lower()}.example"],
                tags=["vip"] if number % 10 == 0 else [],
                details=f"{trade} since {1950 + number}",
                group_id=self._random.choice(self._group_ids) if number % 5 == 0 else None,
            )

    def _users(self, organizations: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        first, last = _FIRST.split(), _LAST.split()
        # The owner is one of the users.
        for number in range(USERS - 1):
            name = f"{first[number % len(first)]} {last[number * 7 % len(last)]}"
            created = self._choose_creation()
            agent = number < AGENTS - 1
            organization = None if agent else self._random.choice((*organizations, None))
            host = organization["domain_names"][0] if organization else "example.com"
            yield self._row(
                User._meta,
                created,
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
    ) -> Iterator[StoredRow]:
        agents = [user for user in users if user["role"] != "end-user"]
        people = [user for user in users if user["role"] == "end-user"]
        for number in range(1, TICKETS + 1):
            # Evenly distributed, so that ids and dates increase together.
            created = self._now - (TICKETS - number + self._random.random()) * AGE * _DAY / TICKETS
            ticket = self._ticket(number, created, self._random.choice(people), agents, fields)
            state = ALIVE
            is_old = self._now - created > ARCHIVE_AFTER * _DAY * 1.2
            if ticket["status"] == "closed" and is_old:
                state = ARCHIVED
            yield from self._comments(ticket, created)
            words = collect_words(ticket) + normalize_words(_REPLY if ticket["assignee_id"] else "")
            yield StoredRow(Ticket._meta.label, number, ticket, words, state=state)

    def _ticket(
        self,
        number: int,
        created: float,
        requester: Mapping[str, Any],
        agents: Sequence[Mapping[str, Any]],
        fields: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        pick = self._random.choice
        subject, text, tags = pick(_TOPICS)
        status = self._status(created)
        agent = pick(agents) if status != "new" else None
        product = pick((*_PRODUCTS, None))
        values = (product, f"A-{number}" if number % 2 else None, number % 5 == 0, None)
        custom = [
            {"id": field["id"], "value": value} for field, value in zip(fields, values, strict=True)
        ]
        ticket = build_row(Ticket._meta)
        # Exports withhold the last minute, so that nothing has changed in it.
        longest = min(20 * _DAY, max(self._now - 61 - created, 0))
        changed = created + self._random.random() * longest if agent else created
        ticket.update(
            id=number,
            encoded_id=encode_id(number),
            external_id=f"case-{number}" if number % 10 == 0 else None,
            via={"channel": pick(_CHANNELS), "source": defaults.API_VIA["source"]},
            created_at=self._context.timestamp(created),
            updated_at=self._context.timestamp(changed),
            generated_timestamp=int(changed),
            type=pick(("incident", "incident", "question", "problem", "task", None)),
            subject=subject.format(n=number),
            raw_subject=subject.format(n=number),
            description=text.format(n=number),
            priority=pick(("low", "normal", "normal", "normal", "high", "urgent", None)),
            status=status,
            custom_status_id=defaults.CUSTOM_STATUS_IDS[status],
            requester_id=requester["id"],
            submitter_id=requester["id"],
            assignee_id=agent and agent["id"],
            group_id=agent["default_group_id"] if agent else pick((*self._group_ids, None)),
            organization_id=requester["organization_id"],
            brand_id=self._brands[number % 8 == 0],
            tags=[*tags.split(), *requester["tags"], *([product] if product else [])],
            custom_fields=custom,
            fields=custom,
            url=f"{BASE_URL}/api/v2/tickets/{number}.json",
        )
        return ticket

    def _status(self, created: float) -> str:
        """Return a status that fits the age of a ticket: old ones are usually closed."""
        days = (self._now - created) / _DAY
        if days > 30:
            return self._random.choices(("closed", "solved", "open", "hold"), (90, 4, 4, 2))[0]
        weights = (20, 30, 15, 5, 30) if days < 7 else (4, 20, 20, 6, 50)
        return self._random.choices(("new", "open", "pending", "hold", "solved"), weights)[0]

    def _comments(self, ticket: Mapping[str, Any], created: float) -> Iterator[StoredRow]:
        """Yield the comments of a ticket, a question and a reply, and their audits."""
        messages = [(created, ticket["requester_id"], ticket["description"])]
        if ticket["assignee_id"]:
            replied = min(created + 3600, ticket["generated_timestamp"])
            messages.append((replied, ticket["assignee_id"], _REPLY))
        for position, (moment, author, body) in enumerate(messages):
            at = self._context.timestamp(moment)
            audit = audit_row(next(self._ids), ticket["id"], at, author, {"system": {}})
            comment = comment_row(next(self._ids), audit, author, body)
            event = {key: comment[key] for key in _EVENT}
            audit["events"] = [event, *(self._create_events(ticket) if not position else ())]
            for meta, row, words in (
                (Comment._meta, comment, normalize_words(body)),
                (Audit._meta, audit, ""),
            ):
                yield StoredRow(meta.label, row["id"], row, words, ticket["id"])

        if ticket["status"] == "closed":
            yield self._closing_audit(ticket)

    def _closing_audit(self, ticket: Mapping[str, Any]) -> StoredRow:
        """Return the audit of the automation that closed a ticket, which has no user."""
        audit = audit_row(
            next(self._ids), ticket["id"], ticket["updated_at"], SYSTEM, {"system": {}}
        )
        audit["via"] = {"channel": "rule", "source": defaults.API_VIA["source"]}
        audit["events"] = [
            {
                "id": next(self._ids),
                "type": "Change",
                "value": "closed",
                "field_name": "status",
                "previous_value": "solved",
            }
        ]
        return StoredRow(Audit._meta.label, audit["id"], audit, "", ticket["id"])

    def _create_events(self, ticket: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the events of the first audit of a ticket."""
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
