"""Management permission groups: permissions to edit and publish articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/permission_groups/
"""

from __future__ import annotations

from datetime import datetime

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly


class PermissionGroup(Model):
    """Permissions to edit and to publish articles, by the ids of user segments."""

    name: Field[str]
    edit: Field[list[int]]
    publish: Field[list[int]]
    built_in: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        cache_seconds = 300
        required = ("name",)
        api = resource("guide/permission_groups", fits_in_memory=True, paging=(OFFSET,))
