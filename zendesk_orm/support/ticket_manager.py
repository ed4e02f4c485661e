"""`Ticket.objects`: problems, what was looked at last, imports, and spam.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar, overload

from zendesk_orm import signals
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import FieldError, NotFound
from zendesk_orm.manager import Manager
from zendesk_orm.queryset.objects import Own
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.signals import announce
from zendesk_orm.support import ticket_imports
from zendesk_orm.support.ticket_imports import Imported
from zendesk_orm.write import by_action, settling
from zendesk_orm.write.batches import Way
from zendesk_orm.write.bulk import Conflicts
from zendesk_orm.write.manner import Manner, manner
from zendesk_orm.write.outcomes import BulkResult
from zendesk_orm.write.progress import Told
from zendesk_orm.write.writer import take_over


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.tickets import Ticket

T = TypeVar("T", bound="Ticket")
#: The class of the query itself; jedi understands no `Self` of a generic class.
S = TypeVar("S", bound="TicketManager[Any]")


class TicketManager(Manager[T]):
    """`Ticket.objects`, which knows problems, and takes in tickets from elsewhere."""

    def problems(self: S) -> S:
        """Return the problems, those changed last first; a query, as `filter()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-ticket-problems
        """
        return self.filter(problems=True)

    def autocomplete_problems(self, text: str) -> list[T]:
        """Return the problems whose subject contains a text.

        Args:
            text: the text.

        Raises:
            InvalidValue: it is empty.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#autocomplete-problems
        """
        body = {"text": require_text("autocomplete_problems()", text)}
        return self._made((self._call("autocomplete_problems", body) or _NONE)["tickets"])

    def recent(self: S) -> S:
        """Return the tickets that whoever asks looked at last, or made; up to five.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-recent-tickets
        """
        return self.filter(recent=True)

    def of_conversation(self, conversation: str) -> T:
        """Return the ticket in which a messaging conversation goes on.

        Once the ticket is closed, or the session was ended, it is not found so any more.

        Args:
            conversation: the id of the conversation.

        Raises:
            DoesNotExist: no ticket is active in it.
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#show-ticket-by-messaging-conversation-id
        """
        try:
            data = self._call("of_conversation", path={"conversation": conversation})
        except NotFound as error:
            raise self.model.DoesNotExist(
                f"no ticket is active in the conversation {conversation}"
            ) from error
        return self._made([data["ticket"]])[0]

    def mark_many_as_spam(
        self, tickets: Iterable[Ticket | int], *, raise_on_failure: bool = True
    ) -> BulkResult:
        """Delete tickets, and suspend their requesters; a hundred to a job, which is waited for.

        Args:
            tickets: saved tickets, or their ids; each is sent once.
            raise_on_failure: False returns a result with failures instead of raising.

        Returns:
            One outcome for each.

        Raises:
            BulkError: some failed, after all have run.
            InvalidValue: one was never saved; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#bulk-mark-tickets-as-spam
        """
        name, session = "mark_many_as_spam", self._session
        found = by_action.named(session, self.model, tickets, f"{name}()")
        way = Way("delete", by_action.known, by_action.by_ids(self.model, name), settling.deleted)
        how = Manner(raises=raise_on_failure)
        return by_action.run(session, self.model, name, way, found, how)

    def import_ticket(self, ticket: Imported, *, archive_immediately: bool = False) -> T:
        """Create a ticket with its past: dates, and comments with dates of their own.

        ::

            Ticket.objects.import_ticket({
                "subject": "Printer",
                "requester": user,
                "created_at": then,
                "comments": [
                    {"body": "It smokes.", "author": user, "created_at": then},
                    {"body": "Paper only!", "author": agent, "public": False, "created_at": later},
                ],
            })

        Nobody is told by e-mail. Unlike `create()`, it has no key that makes it safe to repeat:
        give an `external_id`.

        Args:
            ticket: a new ticket; or its values, and those that only an import may say:
                `comments`, `created_at`, `updated_at`, `solved_at`, `description`, `via`.
            archive_immediately: put it right into the archive if its status is `closed`.

        Returns:
            The ticket: the one given, if it was one.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/#ticket-import
        """
        session = self._session
        made, payload = ticket_imports.prepared(session, self.model, ticket)
        edits = made.changes()
        told = {"instance": made, "created": True, "origin": "local", "using": session.alias}
        announce(signals.pre_save, self.model, changes=edits, **told)
        # A receiver may have edited it further.
        edits, payload = made.changes(), {**payload, **made.to_payload()}
        archive = archive_immediately or None
        data = self._call("import_ticket", {"ticket": payload}, archive_immediately=archive)
        if data:
            take_over(session, made, data["ticket"], list(edits))
            session.identity.add(made)
            session.account.recent.note(self.model, made.pk, {}, made._row)
            announce(signals.post_save, self.model, changes=edits, **told)
        imported: T = made
        return imported

    def import_many(  # noqa: PLR0913 - what jobs need
        self,
        tickets: Iterable[Imported],
        *,
        archive_immediately: bool = False,
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        unique_fields: Iterable[str] | None = None,
        progress: Told | bool | None = None,
        wait: bool = True,
        raise_on_failure: bool = True,
        timeout: float | None = None,
    ) -> BulkResult:
        """Create any number of tickets with their past, a hundred to a job, and wait.

        Tickets are asked for as their requests go out; a generator is not read ahead. An import
        that was interrupted is resumed by the same call, if each ticket has an external id::

            Ticket.objects.import_many(
                rows(), ignore_conflicts=True, unique_fields=["external_id"], progress=True
            )

        Args:
            tickets: new tickets or their values, as `import_ticket()` takes them.
            archive_immediately: put those right into the archive whose status is `closed`.
            ignore_conflicts: leave out the tickets that exist, which are looked up by
                `unique_fields`; Zendesk itself never refuses a ticket as a duplicate.
            batch_size, unique_fields, progress, wait, raise_on_failure, timeout: see
                `bulk_create()`.

        Returns:
            One outcome for each, in their order; its `object` is the ticket, with its id.

        Raises:
            BulkError: some failed, after all have run.
            FieldError, InvalidValue: an invalid name or value, or `ignore_conflicts` without
                `unique_fields`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_import/#ticket-bulk-import
        """
        if ignore_conflicts and not unique_fields:
            raise FieldError(
                "import_many(ignore_conflicts=True) needs unique_fields=['external_id']: Zendesk "
                "does not refuse a ticket that exists"
            )
        conflicts = Conflicts.of(
            self._query.meta,
            ignore=ignore_conflicts,
            update=False,
            fields=None,
            unique=unique_fields,
        )
        how = manner(batch_size, progress, wait, raise_on_failure, timeout)
        return ticket_imports.run(
            self._session, self.model, tickets, conflicts, how, archive=archive_immediately
        )


class TicketObjects(Own["TicketManager[Any]"]):
    """The descriptor behind `Ticket.objects`; type checkers know it of subclasses, too."""

    if TYPE_CHECKING:
        # It gives another class than every model's own.
        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[T]) -> TicketManager[T]: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride] # the same reason
            self, record: object | None, owner: type[Any]
        ) -> Any: ...


#: What a call answers that is not made, in a dry run.
_NONE: dict[str, list[dict[str, object]]] = {"tickets": []}


def managing() -> Api:
    """Declare the calls of `TicketManager`."""
    return (
        action("autocomplete_problems", "POST", "problems/autocomplete", "tickets")
        + action("import_many", "POST", "imports/tickets/create_many", "job_status")
        + action("import_ticket", "POST", "imports/tickets", "ticket")
        + action("mark_many_as_spam", "PUT", "tickets/mark_many_as_spam", "job_status")
        + action("of_conversation", "GET", "tickets/messaging/conversations/{conversation}/ticket")
    )
