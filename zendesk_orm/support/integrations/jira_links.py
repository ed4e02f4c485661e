"""Links between tickets and issues of Jira.

Source: https://developer.zendesk.com/api-reference/ticketing/jira/links/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE, Paging
from zendesk_orm.api.vocabulary import CREATE, DELETE, SHOW, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Id, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.tickets import Ticket

_PATH = "/api/services/jira/links"


class _AfterLast(Paging):
    """Paging by the id of the last row, until a page is empty."""

    def link(self, data: Mapping[str, Any]) -> str | None:
        """Return the link in the response, or a link to the rows after the last row."""
        rows = data.get("links")
        link = super().link(data)
        last = rows[-1] if isinstance(rows, list) and rows else None
        pk = last.get("id") if isinstance(last, Mapping) else None
        return link if link is not None or pk is None else f"{_PATH}?since_id={pk}"


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
        string_ids = "ticket"
        required = ("ticket", "issue_id", "issue_key")
        api = (
            resource(_PATH, key="links", can=SHOW | CREATE | DELETE)
            + listing(_PATH, key="links", paging=(_AfterLast("since id"),))
            + listing(
                _PATH,
                key="links",
                filters={"ticket": "ticket_id", "issue_id": "issue_id"},
                required=("ticket",),
                paging=(ONCE,),
            )
            + listing(
                _PATH, key="links", filters=("issue_id",), required=("issue_id",), paging=(ONCE,)
            )
        )
