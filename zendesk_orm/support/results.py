"""What search finds when no type is named: tickets, users, organizations and groups at once.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/search/
"""

from __future__ import annotations

from datetime import datetime

from zendesk_orm.api.vocabulary import searched
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class Result(Model):
    """A row of any type that search knows; reading gives each as an object of its own model."""

    result_type: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        mixed = "result_type"
        # Rows of kinds that have no model; ids of two kinds may be the same.
        unique_ids = False
        api = searched("", result_type="type", created_at="created", updated_at="updated")
