"""Suspended tickets: messages that did not become tickets, because they may be spam.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import ApiError, BulkError
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.row import Row
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.session.session import Session
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.support.tickets import Ticket
from zendesk_orm.support.users import User
from zendesk_orm.write import bulk, by_action, settling
from zendesk_orm.write.batches import Way
from zendesk_orm.write.manner import Manner
from zendesk_orm.write.outcomes import BulkResult, Outcome


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand

#: The keys under which Zendesk tells of those that were not recovered.
_LEFT = ("suspended_tickets", "suspended_ticket", "ticket", "tickets")


class SuspendedTicketManager(Manager["SuspendedTicket"]):
    """`SuspendedTicket.objects`, which recovers and deletes many at once."""

    def recover_many(self, tickets: Iterable[SuspendedTicket | int]) -> list[Ticket]:
        """Make tickets of suspended ones, a hundred to a request; their authors are the requesters.

        Args:
            tickets: suspended tickets, or their ids; each is sent once.

        Returns:
            The tickets.

        Raises:
            InvalidValue: one was never saved; nothing was sent.
            BulkError: some stay suspended; `.result.failed` tells which, and why. The others
                are tickets.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#recover-multiple-suspended-tickets
        """
        made: list[Ticket] = []
        outcomes: list[Outcome] = []
        for part in by_action.parts(self._named(tickets, "recover_many()")):
            rows, left = self._recovered(part)
            made += _tickets(self._session, rows)
            outcomes += [_outcome(each, left) for each in part]
            _forget(self._session, (each.id for each in outcomes if each.ok))
        failed = [each for each in outcomes if not each.ok]
        if failed:
            raise BulkError(
                f"{len(failed)} of {len(outcomes)} stay suspended, the first: "
                f"{failed[0].object!r}: {failed[0].details}",
                BulkResult(outcomes),
            )
        return made

    def bulk_recover(
        self,
        tickets: Iterable[SuspendedTicket | int],
        *,
        author: User | int | str | None = None,
        raise_on_failure: bool = True,
    ) -> BulkResult:
        """Make tickets of suspended ones in jobs, a hundred to a job, and wait.

        Args:
            tickets: suspended tickets, or their ids; each is sent once.
            author: who shall have written them: a user, an id, or an e-mail; by default
                whoever did.
            raise_on_failure: False returns a result with failures instead of raising.

        Returns:
            One outcome for each.

        Raises:
            BulkError: some failed, after all have run.
            InvalidValue: one, or the author, was never saved; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#bulk-recover-suspended-tickets
        """
        name, found = "bulk_recover", self._named(tickets, "bulk_recover()")
        carrier = by_action.by_ids(self.model, name, _author(self._session, author))
        way = Way("delete", by_action.known, carrier, settling.deleted)
        manner = Manner(raises=raise_on_failure)
        return by_action.run(self._session, self.model, name, way, found, manner)

    def destroy_many(self, tickets: Iterable[SuspendedTicket | int]) -> BulkResult:
        """Delete suspended tickets for good, a hundred to a request.

        Those of a query go by `SuspendedTicket.objects.filter(...).delete()`.

        Args:
            tickets: suspended tickets, or their ids; each is sent once.

        Returns:
            One outcome for each.

        Raises:
            BulkError: some failed, after all were sent.
            InvalidValue: one was never saved; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#delete-multiple-suspended-tickets
        """
        found = self._named(tickets, "destroy_many()")
        return bulk.delete(self._session, self.model, found)

    def export(self) -> None:
        """Let Zendesk write all suspended tickets to a CSV file, and mail where it is.

        Zendesk takes one such call a minute.

        Raises:
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#export-suspended-tickets
        """
        self._call("export")

    def _named(self, tickets: Iterable[Any], what: str) -> list[Any]:
        return by_action.named(self._session, self.model, tickets, what)

    def _recovered(self, part: list[SuspendedTicket]) -> tuple[list[Row], Mapping[Any, Row]]:
        """Return the rows of tickets, and by id those of what stays suspended."""
        try:
            data = self._call("recover_many", ids=[each.pk for each in part])
        except ApiError as error:
            left = _rows(error.body)
            if not left:
                raise
            return [], {row["id"]: row for row in left}
        rows = _rows(data)
        return (
            [row for row in rows if "cause" not in row],
            {row["id"]: row for row in rows if "cause" in row},
        )


class SuspendedTicket(Model):
    """A message that was held back and is no ticket yet, such as one that looks like spam.

    It waits for two weeks to be recovered, and is deleted then.
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
        api = (
            resource("suspended_tickets", can="show delete", many="destroy")
            + listed("suspended_tickets", natural=None, small=True, paging=(CURSOR,))
            + action(
                "recover",
                "PUT",
                "suspended_tickets/{id}/recover",
                "ticket",
                call="recover(as_me=True)",
            )
            + action("recover_many", "PUT", "suspended_tickets/recover_many", "tickets")
            + action("bulk_recover", "PUT", "suspended_tickets/bulk_recover", "job_status")
            + action("export", "POST", "suspended_tickets/export", "export")
        )

    def recover(self, *, as_me: bool = False) -> Ticket:
        """Make a ticket of the message.

        Args:
            as_me: let whoever is asking be the requester, which keeps it from being suspended
                again; by default, that is who wrote it.

        Returns:
            The ticket.

        Raises:
            InvalidValue: it was never saved.
            BulkError: it stays suspended; with `as_me`, a `ValidationError` says so.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/suspended_tickets/#recover-suspended-ticket
        """
        session = self._session()
        if as_me:
            made = _tickets(session, _rows(self._call("recover")))
            _forget(session, [self.pk])
        else:
            manager: Any = type(self).objects.using(session.alias)
            made = manager.recover_many([self])
        return made[0] if made else Ticket()


def _rows(data: Any) -> list[Row]:
    """Return the rows of an answer, whichever of its keys they stand under, one or many."""
    if not isinstance(data, Mapping):
        return []
    found: Any = next((data[key] for key in _LEFT if data.get(key)), [])
    return [found] if isinstance(found, dict) else list(found)


def _tickets(session: Session, rows: Iterable[Row]) -> list[Ticket]:
    """Return the tickets; searches of the next minutes know them, too."""
    made = session.take_in(Ticket, rows)
    for ticket in made:
        session.account.recent.note(Ticket, ticket.pk, {}, ticket._row)
    return made


def _outcome(suspended: SuspendedTicket, left: Mapping[Any, Row]) -> Outcome:
    row = left.get(suspended.pk)
    if row is None:
        return Outcome(suspended, suspended.pk, ok=True)
    details = str(row.get("error_messages") or row.get("cause") or "Zendesk does not say why")
    return Outcome(suspended, suspended.pk, ok=False, error="NotRecovered", details=details)


def _forget(session: Session, ids: Iterable[Any]) -> None:
    if session.outbox is None:
        for pk in ids:
            session.forget(SuspendedTicket, pk)


def _author(session: Session, given: User | int | str | None) -> dict[str, Any] | None:
    if given is None:
        return None
    if isinstance(given, str):
        return {"author": {"email": given}}
    pk = session.id_of(User, given, "author")
    return {"author": {"id": pk}}
