"""Suspended tickets: messages that did not become tickets, for example because of spam.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import DELETE, SHOW, listing, resource
from zendesk_orm.errors import ApiError, ZendeskError
from zendesk_orm.http.annotations import Unpack
from zendesk_orm.http.request import Response
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.row import Row
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.session.session import Session
from zendesk_orm.support.tickets.attachments import Attachment
from zendesk_orm.support.tickets.tickets import Ticket
from zendesk_orm.support.users.users import User
from zendesk_orm.write.bulk import strategies
from zendesk_orm.write.bulk.actions import run_action, saved_objects
from zendesk_orm.write.bulk.requests import BulkOptions, Entry, Pair, action_ids, resolve_options
from zendesk_orm.write.bulk.results import BulkResult, Outcome


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand

#: The keys under which responses may contain the rows.
_ROW_KEYS = ("suspended_tickets", "suspended_ticket", "ticket", "tickets")


class SuspendedTicketManager(Manager["SuspendedTicket"]):
    """The manager `SuspendedTicket.objects`, with bulk recovery and deletion."""

    @action("PUT", "suspended_tickets/recover_many", key="tickets")
    def recover_many(
        self, tickets: Iterable[SuspendedTicket | int], **options: Unpack[BulkOptions]
    ) -> list[Ticket]:
        """Create tickets from suspended tickets, a hundred per request, requested by the authors.

        Args:
            tickets: suspended tickets, or their ids; duplicates are sent once.
            options: see `bulk_create()`.

        Returns:
            The tickets.

        Raises:
            InvalidValue: a suspended ticket was never saved; nothing was sent.
            BulkError: some remain suspended; `.result.failed` contains them, with the reasons.
                The others have become tickets.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#recover-multiple-suspended-tickets
        """
        session, created = self._session, list[Ticket]()

        def read_response(entries: list[Entry], response: Response) -> list[Pair]:
            rows = _rows(response.data)
            created.extend(_tickets(session, [row for row in rows if "cause" not in row]))
            suspended = {row["id"]: row for row in rows if "cause" in row}
            return [(entry, _outcome(entry.record, suspended)) for entry in entries]

        def read_error(entries: list[Entry], error: ZendeskError) -> list[Pair] | None:
            rows = _rows(error.body) if isinstance(error, ApiError) else []
            suspended = {row["id"]: row for row in rows}
            pairs = [(entry, _outcome(entry.record, suspended)) for entry in entries]
            return pairs if rows else None

        run_action(
            session,
            self.model,
            "recover_many",
            self._saved_objects(tickets, "recover_many()"),
            resolve_options(**options),
            action="recover",
            apply=_forget_entry,
            read_response=read_response,
            read_error=read_error,
        )
        return created

    @action("PUT", "suspended_tickets/bulk_recover", key="job_status")
    def bulk_recover(
        self,
        tickets: Iterable[SuspendedTicket | int],
        *,
        author: User | int | str | None = None,
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Create tickets from suspended tickets in jobs of a hundred, and wait for the jobs.

        Args:
            tickets: suspended tickets, or their ids; duplicates are sent once.
            author: the author of the tickets: a user, an id, or an e-mail address; by default
                the senders of the messages.
            options: see `bulk_create()`.

        Returns:
            One outcome per suspended ticket.

        Raises:
            BulkError: some failed, after all jobs have ended.
            InvalidValue: a suspended ticket or the author was never saved; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#bulk-recover-suspended-tickets
        """
        records = self._saved_objects(tickets, "bulk_recover()")
        return run_action(
            self._session,
            self.model,
            "bulk_recover",
            records,
            resolve_options(**options),
            action="recover",
            build=action_ids(self.model, "bulk_recover", _author(self._session, author)),
            apply=_forget_entry,
        )

    def destroy_many(
        self, tickets: Iterable[SuspendedTicket | int], **options: Unpack[BulkOptions]
    ) -> BulkResult:
        """Permanently delete suspended tickets, a hundred per request.

        `SuspendedTicket.objects.filter(...).delete()` deletes those matching a query.

        Args:
            tickets: suspended tickets, or their ids; duplicates are sent once.
            options: see `bulk_create()`.

        Returns:
            One outcome per suspended ticket.

        Raises:
            BulkError: some failed, after all were sent.
            InvalidValue: a suspended ticket was never saved; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#delete-multiple-suspended-tickets
        """
        records = self._saved_objects(tickets, "destroy_many()")
        return strategies.delete(self._session, self.model, records, resolve_options(**options))

    @action("POST", "suspended_tickets/export", key="export")
    def request_export(self) -> None:
        """Start an export of all suspended tickets to a CSV file, whose URL Zendesk e-mails.

        Zendesk accepts one such request a minute.

        Raises:
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#export-suspended-tickets
        """
        self._call("request_export")

    def _saved_objects(self, tickets: Iterable[Any], method: str) -> list[Any]:
        """Return suspended tickets without duplicates."""
        return saved_objects(self._session, self.model, tickets, method)


class SuspendedTicket(Model):
    """A message that did not become a ticket, for example because it looks like spam.

    It can be recovered for two weeks; then Zendesk deletes it.
    """

    objects = SuspendedTicketManager.as_manager()

    url: ReadOnly[str]
    author: ReadOnly[dict[str, Any]]
    brand: ReadOnlyRef[Brand | None]
    brand_id: Id[int | None]
    subject: ReadOnly[str | None]
    content: ReadOnly[str | None]
    content_html: ReadOnly[str | None]
    cause: ReadOnly[str]
    cause_id: ReadOnly[int]
    message_id: ReadOnly[str | None]
    recipient: ReadOnly[CaseInsensitiveStr | None]
    ticket: ReadOnlyRef[Ticket | None]
    ticket_id: Id[int | None]
    attachments: ReadOnly[list[Attachment]]
    error_messages: ReadOnly[list[dict[str, Any]] | None]
    via: ReadOnly[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        api = resource("suspended_tickets", can=SHOW | DELETE, bulk=DELETE) + listing(
            "suspended_tickets", default_order=None, fits_in_memory=True, paging=(CURSOR,)
        )

    @action("PUT", "suspended_tickets/{id}/recover", key="ticket", call="recover(as_me=True)")
    def recover(self, *, as_me: bool = False) -> Ticket:
        """Create a ticket from the message.

        Args:
            as_me: make the authenticated user the requester, which prevents another suspension;
                by default, the requester is the author of the message.

        Returns:
            The ticket.

        Raises:
            InvalidValue: the suspended ticket was never saved.
            BulkError: the ticket remains suspended (a `ValidationError` with `as_me`).
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#recover-suspended-ticket
        """
        session = self._session()
        if not as_me:
            manager: Any = type(self).objects.using(session.alias)
            created = manager.recover_many([self])
            return created[0] if created else Ticket()

        def update(data: Any) -> Ticket:
            tickets = _tickets(session, _rows(data))
            session.forget(SuspendedTicket, self.pk)
            return tickets[0] if tickets else Ticket()

        return self._call("recover", then=update, in_dry_run=Ticket())


def _rows(data: Any) -> list[Row]:
    """Return the rows of a response, under any of the keys, as one object or a list."""
    if not isinstance(data, Mapping):
        return []
    rows: Any = next((data[key] for key in _ROW_KEYS if data.get(key)), [])
    return [rows] if isinstance(rows, dict) else list(rows)


def _tickets(session: Session, rows: Iterable[Row]) -> list[Ticket]:
    """Return created tickets, and store them for searches, which lag."""
    tickets = session.materialize(Ticket, rows)
    for ticket in tickets:
        session.store(ticket, ticket._row, before={})
    return tickets


def _outcome(suspended: SuspendedTicket, rows: Mapping[Any, Row]) -> Outcome:
    """Return the outcome of a recovery from the rows of those that remain suspended, by id."""
    row = rows.get(suspended.pk)
    if row is None:
        return Outcome(suspended, suspended.pk, ok=True)
    details = str(row.get("error_messages") or row.get("cause") or "Zendesk gave no reason")
    return Outcome(suspended, suspended.pk, ok=False, error="NotRecovered", details=details)


def _forget_entry(session: Session, entry: Entry, outcome: Outcome) -> None:
    """Remove a recovered ticket from the session."""
    session.forget(SuspendedTicket, entry.record.pk)


def _author(session: Session, author: User | int | str | None) -> dict[str, Any] | None:
    """Return the part of a request that contains the author of recovered tickets."""
    if author is None:
        return None
    if isinstance(author, str):
        return {"author": {"email": author}}
    pk = session.id_of(User, author, "author")
    return {"author": {"id": pk}}
