"""Links between tickets and issues of Jira.

Source: https://developer.zendesk.com/api-reference/ticketing/jira/links/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import EXPORT
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import CreateOnly, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class JiraLink(Model):
    """A link between a ticket and an issue of Jira.

    Ids are texts here: `JiraLink.objects.filter(ticket_id="35436")`.
    """

    url: ReadOnly[str | None]
    ticket_id: CreateOnly[str]
    issue_id: CreateOnly[str]
    issue_key: CreateOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "link"
        verbose_name = "Jira link"
        verbose_name_plural = "Jira links"
        required = ("ticket_id", "issue_id", "issue_key")
        api = resource("jira/links", can="show create delete") + listed(
            "jira/links",
            takes={"ticket_id": "filter[ticket_id]", "issue_id": "filter[issue_id]"},
            paging=(EXPORT,),
        )

    @property
    def ticket(self) -> Ticket:
        """The ticket; reading a field of it fetches it."""
        model: Any = registry.find("Ticket", "support")
        found: Ticket = self._session().refer(model, int(self.ticket_id))
        return found
