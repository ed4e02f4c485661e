"""Deleted tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-deleted-tickets
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.manager import Elsewhere, Manager
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.session.session import Session
from zendesk_orm.write import actions, by_action, settling
from zendesk_orm.write.batches import Way
from zendesk_orm.write.jobs import Job
from zendesk_orm.write.manner import Manner
from zendesk_orm.write.outcomes import BulkResult


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class DeletedTicketManager(Manager["DeletedTicket"]):
    """`Ticket.deleted`, which restores and destroys many at once."""

    def restore(self, tickets: Iterable[DeletedTicket | Ticket | int]) -> None:
        """Take back the deletion of tickets, a hundred to a request.

        Args:
            tickets: deleted tickets, the tickets that they were, or ids; each is sent once.

        Raises:
            InvalidValue: one was never saved; nothing was sent.
            NotFound: one is no more among the deleted ones; of its hundred, none is restored.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#restore-previously-deleted-tickets-in-bulk
        """
        for part in by_action.parts(self._named(tickets, "restore()")):
            self._call("restore_many", ids=[each.pk for each in part])
            for each in part:
                _back(self._session, each.pk)

    def destroy(
        self, tickets: Iterable[DeletedTicket | Ticket | int], *, raise_on_failure: bool = True
    ) -> BulkResult:
        """Destroy deleted tickets for good, a hundred to a job, and wait. There is no way back.

        Args:
            tickets: deleted tickets, the tickets that they were, or ids; each is sent once.
            raise_on_failure: False returns a result with failures instead of raising.

        Returns:
            One outcome for each. Zendesk tells of a job as a whole how it went.

        Raises:
            BulkError: some failed, after all have run.
            InvalidValue: one was never saved; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#delete-multiple-tickets-permanently
        """
        name, found = "destroy_many", self._named(tickets, "destroy()")
        way = Way("delete", by_action.known, by_action.by_ids(self.model, name), settling.deleted)
        manner = Manner(raises=raise_on_failure)
        return by_action.run(self._session, self.model, name, way, found, manner)

    def _named(self, tickets: Iterable[Any], what: str) -> list[Any]:
        kind, session = registry.find("Ticket", "support"), self._session
        meant = [
            session.id_of(kind, each, what) if isinstance(each, kind) else each
            for each in require_many(tickets, what)
        ]
        return by_action.named(session, self.model, meant, what)


class Deleted(Elsewhere["DeletedTicket"]):
    """The descriptor of `Ticket.deleted`."""

    def __init__(self) -> None:
        super().__init__(DeletedTicket)

    def __get__(self, record: object | None, owner: type[Any]) -> DeletedTicketManager:
        """Return the manager of deleted tickets.

        Raises:
            AttributeError: asked of an object.
        """
        found: Any = super().__get__(record, owner)
        manager: DeletedTicketManager = found
        return manager


class DeletedTicket(Model):
    """A ticket that was deleted, and can be restored for thirty days.

    Its id is that of the ticket. It is destroyed for good by `destroy()`, in a job.
    """

    objects = DeletedTicketManager.as_manager()

    subject: ReadOnly[str | None]
    actor: ReadOnly[dict[str, Any] | None]
    deleted_at: ReadOnly[datetime]
    previous_state: ReadOnly[str]

    class Meta:
        api = (
            resource("deleted_tickets", can="list")
            + action("restore", "PUT", "deleted_tickets/{id}/restore", "", removes=True)
            + action(
                "restore_many", "PUT", "deleted_tickets/restore_many", "", call="restore([...])"
            )
            + action("destroy", "DELETE", "deleted_tickets/{id}", "job_status")
            + action(
                "destroy_many",
                "DELETE",
                "deleted_tickets/destroy_many",
                "job_status",
                call="destroy([...])",
            )
        )

    def restore(self) -> None:
        """Take back the deletion of the ticket.

        Raises:
            NotFound: it is no more among the deleted ones.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#restore-a-previously-deleted-ticket
        """
        self._call("restore")
        _back(self._session(), self.pk)

    def destroy(self) -> Job:
        """Destroy the ticket for good, in a job that is waited for. There is no way back.

        Returns:
            The job.

        Raises:
            NotFound: it is no more among the deleted ones.
            BulkError: the job failed.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#delete-ticket-permanently
        """
        job = self._job("destroy")
        if self._session().outbox is None:
            self._session().forget(DeletedTicket, self.pk)
        return job


def _back(session: Session, pk: Any) -> None:
    """Know that a ticket is there again, and not among the deleted ones."""
    if session.outbox is None:
        session.forget(DeletedTicket, pk)
        actions.outdated(session, session.refer(registry.find("Ticket", "support"), pk))
