"""Revisions of triggers: earlier versions, and the users who changed them.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-revisions
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import OLDER
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.business_rules.triggers import Trigger
    from zendesk_orm.support.users.users import User


class TriggerRevision(Model):
    """A version of a trigger; lists begin with the newest."""

    trigger: ReadOnlyRef[Trigger]
    trigger_id: Id[int]
    author: ReadOnlyRef[User | None]
    author_id: Id[int | None]
    created_at: ReadOnly[datetime]
    snapshot: ReadOnly[dict[str, Any]]
    diff: ReadOnly[dict[str, Any]]
    url: ReadOnly[str]

    class Meta:
        parent = "trigger"
        api = resource(
            "triggers/{trigger}/revisions",
            can=READ,
            key="trigger_revisions",
            default_order="-created_at",
            includes=("users",),
            fits_in_memory=True,
            paging=(OLDER,),
        )
