"""Background jobs.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/job_statuses/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import READ, SHOW, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import ReadOnly


class JobStatus(StringIdModel):
    """The status of a background job, which Zendesk stores for a day."""

    url: ReadOnly[str]
    job_type: ReadOnly[str | None]
    status: ReadOnly[str]
    progress: ReadOnly[int | None]
    total: ReadOnly[int | None]
    message: ReadOnly[str | None]
    results: ReadOnly[Any]

    class Meta:
        api = resource("job_statuses", can=READ, bulk=SHOW, default_order=None, paging=(CURSOR,))
