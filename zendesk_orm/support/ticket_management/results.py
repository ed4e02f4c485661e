"""Results of a search for all types: tickets, users, organizations and groups.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/
"""

from __future__ import annotations

from datetime import datetime

from zendesk_orm.api.vocabulary import search_index
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class Result(Model):
    """A result of any type, which is returned as an object of the model of its type."""

    result_type: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        discriminator = "result_type"
        # Objects of different types may have the same id.
        unique_ids = False
        api = search_index("", result_type="type", created_at="created", updated_at="updated")
