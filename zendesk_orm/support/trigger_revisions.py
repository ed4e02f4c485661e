"""Revisions of triggers: what each was before it was changed, and by whom.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/triggers/#list-ticket-trigger-revisions
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import OLDER
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.triggers import Trigger
    from zendesk_orm.support.users import User


class TriggerRevision(Model):
    """What a trigger was from one change on; the newest comes first."""

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
            can="list show",
            key="trigger_revisions",
            natural="-created_at",
            includes="users",
            small=True,
            paging=(OLDER,),
        )
