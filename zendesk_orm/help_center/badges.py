"""Badges of the community, their categories and assignments.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/badges/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import (
    CreateOnly,
    CreateOnlyRef,
    Field,
    Id,
    Lookup,
    ReadOnly,
    Ref,
    WriteOnly,
)
from zendesk_orm.session.action_bodies import object_of


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.users.users import User


class BadgeManager(Manager["Badge"]):
    """`Badge.objects`, with uploads of icons."""

    @action("POST", "gather/badges/icon_uploads", key="badge_icon_upload")
    def icon_upload(self, content_type: str, file_size: int) -> dict[str, Any]:
        """Request an upload URL for an icon: `id`, `url` and `headers`.

        Upload the icon by a PUT with the headers and without credentials; then set
        `badge.icon_upload_id = id` and call `badge.save()`.

        Args:
            content_type: `image/svg+xml`, `image/png`, `image/jpeg` or `image/gif`.
            file_size: its size in bytes.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/badges/#request-badge-icon-upload-url
        """
        body = {"content_type": content_type, "file_size": file_size}
        return self._call(
            "icon_upload", body, then=lambda data: object_of(data, "badge_icon_upload")
        )


class Badge(StringIdModel):
    """A reward that can be added to a user's profile in the help center."""

    objects = BadgeManager.as_manager()

    badge_category: Ref[BadgeCategory]
    badge_category_id: Id[str]
    name: Field[str]
    description: Field[str]
    icon_url: ReadOnly[str | None]
    icon_upload_id: WriteOnly[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    assignments: Many[BadgeAssignment]

    brand: Lookup[Brand]

    class Meta:
        required = ("badge_category", "name")
        api = resource(
            "gather/badges", filters={"brand": "brand_id"}, fits_in_memory=True, paging=(ONCE,)
        )


class BadgeCategory(StringIdModel):
    """A group of badges of one brand; it can be deleted when it is empty."""

    brand: CreateOnlyRef[Brand]
    brand_id: Id[int]
    name: CreateOnly[str]
    slug: CreateOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    badges: Many[Badge]

    class Meta:
        string_ids = "brand"
        required = ("brand", "name", "slug")
        api = resource(
            "gather/badge_categories",
            can=LIST | SHOW | CREATE | DELETE,
            filters={"brand": "brand_id"},
            fits_in_memory=True,
            paging=(ONCE,),
        )


class BadgeAssignment(StringIdModel):
    """A badge that a user has."""

    badge: CreateOnlyRef[Badge]
    badge_id: Id[str]
    user: CreateOnlyRef[User]
    user_id: Id[int]
    created_at: ReadOnly[datetime]

    badge_category: Lookup[BadgeCategory]
    brand: Lookup[Brand]

    class Meta:
        string_ids = "user"
        required = ("badge", "user")
        api = resource(
            "gather/badge_assignments",
            can=LIST | CREATE | DELETE,
            filters={
                "user": "user_id",
                "badge": "badge_id",
                "badge_category": "badge_category_id",
                "brand": "brand_id",
            },
            fits_in_memory=True,
            paging=(ONCE,),
        )
