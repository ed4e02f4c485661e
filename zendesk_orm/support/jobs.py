"""Background jobs.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class JobStatus(Model):
    """A background job, as Zendesk keeps it for a day."""

    id: ReadOnly[str]  # type: ignore[assignment] # a job's id is a word, not a number
    url: ReadOnly[str]
    job_type: ReadOnly[str | None]
    status: ReadOnly[str]
    progress: ReadOnly[int | None]
    total: ReadOnly[int | None]
    message: ReadOnly[str | None]
    results: ReadOnly[Any]

    class Meta:
        api = resource("job_statuses", can=READ, many="show", natural=None, paging=(CURSOR,))
