"""Deleted tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#list-deleted-tickets
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.write import actions


class DeletedTicket(Model):
    """A ticket that was deleted, and can be restored for thirty days.

    Its id is that of the ticket. It is destroyed for good by an action of its own, in a job.
    """

    subject: ReadOnly[str | None]
    actor: ReadOnly[dict[str, Any] | None]
    deleted_at: ReadOnly[datetime]
    previous_state: ReadOnly[str]

    def restore(self) -> None:
        """Take back the deletion of the ticket.

        Raises:
            NotFound: it is no more among the deleted ones.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#restore-a-previously-deleted-ticket
        """
        actions.act(self._session(), self, "restore")

    class Meta:
        api = (
            resource("deleted_tickets", can="list")
            + action("restore", "PUT", "deleted_tickets/{id}/restore", "")
            + action("restore_many", "PUT", "deleted_tickets/restore_many", "")
            + action("destroy", "DELETE", "deleted_tickets/{id}", "job_status")
            + action("destroy_many", "DELETE", "deleted_tickets/destroy_many", "job_status")
        )
