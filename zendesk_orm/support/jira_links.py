"""Links between tickets and issues of Jira.

Source: https://developer.zendesk.com/api-reference/ticketing/jira/links/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE, Paging
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Id, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket

_PATH = "/api/services/jira/links"


class _AfterLast(Paging):
    """Rows in the order of their ids, from the one after the last on; an empty page is the end."""

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link in the response, or one to the rows after the last one."""
        rows = data.get("links")
        found = super().link(data)
        last = rows[-1] if isinstance(rows, list) and rows else None
        pk = last.get("id") if isinstance(last, Mapping) else None
        return found if found is not None or pk is None else f"{_PATH}?since_id={pk}"


class JiraLink(Model):
    """A link between a ticket and an issue of Jira.

    `ticket.jira_links.create(issue_id="10001", issue_key="DEV-1")`.
    """

    url: ReadOnly[str | None]
    ticket: CreateOnlyRef[Ticket]
    ticket_id: Id[int]
    issue_id: CreateOnly[str]
    issue_key: CreateOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "link"
        verbose_name = "Jira link"
        verbose_name_plural = "Jira links"
        text_ids = "ticket"
        required = ("ticket", "issue_id", "issue_key")
        api = (
            resource(_PATH, key="links", can="show create delete")
            + listed(_PATH, key="links", paging=(_AfterLast("since id"),))
            + listed(
                _PATH,
                key="links",
                takes={"ticket": "ticket_id", "issue_id": "issue_id"},
                needs="ticket",
                paging=(ONCE,),
            )
            + listed(_PATH, key="links", takes="issue_id", needs="issue_id", paging=(ONCE,))
        )
