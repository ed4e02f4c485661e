"""Deleted tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-deleted-tickets
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, cast

from zendesk_orm import support
from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.vocabulary import LIST, resource
from zendesk_orm.http.annotations import Unpack
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager, RelatedModelManager
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import require_many
from zendesk_orm.schema.fields import Lookup, ReadOnly
from zendesk_orm.session.session import Session
from zendesk_orm.write.bulk.actions import run_action, saved_objects
from zendesk_orm.write.bulk.jobs import Job
from zendesk_orm.write.bulk.requests import BulkOptions, confirm_all, resolve_options
from zendesk_orm.write.bulk.results import BulkResult
from zendesk_orm.write.bulk.strategies import remove


class DeletedTicketManager(Manager["DeletedTicket"]):
    """The manager `Ticket.deleted`, with bulk restoration and permanent deletion."""

    def restore(
        self,
        tickets: Iterable[DeletedTicket | support.Ticket | int],
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Restore deleted tickets, a hundred per request.

        Args:
            tickets: deleted tickets, as `DeletedTicket`, `Ticket` or id; duplicates are sent once.
            options: see `bulk_create()`.

        Returns:
            One outcome per ticket.

        Raises:
            InvalidValue: a ticket was never saved; nothing was sent.
            BulkError: some tickets failed, after all were sent. If a request contains a ticket
                that is not deleted, none of its tickets is restored.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#restore-previously-deleted-tickets-in-bulk
        """
        return run_action(
            self._session,
            self.model,
            "restore_many",
            self._saved_objects(tickets, "restore()"),
            resolve_options(**options),
            action="restore",
            apply=lambda session, entry, _: _apply_restoration(session, entry.record.pk),
            read_response=confirm_all,
        )

    def destroy(
        self,
        tickets: Iterable[DeletedTicket | support.Ticket | int],
        **options: Unpack[BulkOptions],
    ) -> BulkResult:
        """Permanently delete deleted tickets in jobs of a hundred, and wait for the jobs.

        Args:
            tickets: deleted tickets, as `DeletedTicket`, `Ticket` or id; duplicates are sent once.
            options: see `bulk_create()`.

        Returns:
            One outcome per ticket. Zendesk reports one result for all tickets of a job.

        Raises:
            BulkError: some tickets failed, after all jobs have ended.
            InvalidValue: a ticket was never saved; nothing was sent.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#delete-multiple-tickets-permanently
        """
        return run_action(
            self._session,
            self.model,
            "destroy_many",
            self._saved_objects(tickets, "destroy()"),
            resolve_options(**options),
            action="delete",
            apply=remove,
        )

    def _saved_objects(self, tickets: Iterable[Any], method: str) -> list[Any]:
        """Return deleted tickets without duplicates."""
        ticket_model, session = registry.find("Ticket", "support"), self._session
        items = [
            session.id_of(ticket_model, ticket, method)
            if isinstance(ticket, ticket_model)
            else ticket
            for ticket in require_many(tickets, method)
        ]
        return saved_objects(session, self.model, items, method)


class DeletedTickets(RelatedModelManager["DeletedTicket"]):
    """The descriptor of `Ticket.deleted`."""

    def __init__(self) -> None:
        super().__init__(DeletedTicket)

    def __get__(self, record: object | None, owner: type[Any]) -> DeletedTicketManager:
        """Return the manager of deleted tickets.

        Raises:
            AttributeError: the attribute was read from an object instead of the class.
        """
        manager: Any = super().__get__(record, owner)
        return cast("DeletedTicketManager", manager)


class DeletedTicket(Model):
    """A deleted ticket, which can be restored for thirty days.

    Its id is that of the ticket. `destroy()` deletes it permanently, in a job.
    """

    objects = DeletedTicketManager.as_manager()

    subject: ReadOnly[str | None]
    actor: ReadOnly[dict[str, Any] | None]
    deleted_at: ReadOnly[datetime]
    previous_state: ReadOnly[str]

    support_type_scope: Lookup[Literal["all", "agent", "ai_agent"]]

    class Meta:
        api = (
            resource(
                "deleted_tickets",
                can=LIST,
                filters=("support_type_scope",),
                # Zendesk's default, `agent`, omits tickets that only AI agents worked on.
                params={"support_type_scope": "all"},
            )
            + action_endpoint(
                "restore_many", "PUT", "deleted_tickets/restore_many", "", call="restore([...])"
            )
            + action_endpoint(
                "destroy_many",
                "DELETE",
                "deleted_tickets/destroy_many",
                "job_status",
                call="destroy([...])",
            )
        )

    @action("PUT", "deleted_tickets/{id}/restore", removes=True)
    def restore(self) -> None:
        """Restore the ticket.

        Raises:
            NotFound: the ticket is no longer among the deleted tickets.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#restore-a-previously-deleted-ticket
        """

        def apply(_: Any) -> None:
            _apply_restoration(self._session(), self.pk)

        self._call("restore", then=apply, in_dry_run=None)

    @action("DELETE", "deleted_tickets/{id}", key="job_status")
    def destroy(self) -> Job:
        """Permanently delete the ticket in a job, and wait for the job.

        Returns:
            The job.

        Raises:
            NotFound: the ticket is no longer among the deleted tickets.
            BulkError: the job failed.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#delete-ticket-permanently
        """

        def forget(job: Job) -> Job:
            self._session().forget(DeletedTicket, self.pk)
            return job

        return self._call_and_wait("destroy", then=forget)


def _apply_restoration(session: Session, pk: Any) -> None:
    """Update the session after a ticket was restored."""
    session.forget(DeletedTicket, pk)
    session.expire(session.refer(registry.find("Ticket", "support"), pk))
