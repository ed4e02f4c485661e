"""Deletion schedules: rules for automatic deletion.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/deletion_schedules/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly


class DeletionSchedule(Model):
    """A rule by which Zendesk deletes old tickets, users or bots' conversations."""

    url: ReadOnly[str]
    title: Field[str]
    description: Field[str | None]
    active: Field[bool]
    default: ReadOnly[bool]
    object: Field[str]
    conditions: Field[dict[str, Any]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("title",)
        api = resource("deletion_schedules", fits_in_memory=True, paging=(ONCE,))
