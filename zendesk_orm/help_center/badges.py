"""Badges of the community, their categories, and who has them.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/badges/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
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


if TYPE_CHECKING:
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.users import User


class BadgeManager(Manager["Badge"]):
    """`Badge.objects`, which asks for a place for icons."""

    def icon_upload(self, content_type: str, file_size: int) -> dict[str, Any]:
        """Return where an icon can be put: `id`, `url` and `headers`.

        It is put there by a PUT with the headers, and without credentials; then
        `badge.icon_upload_id = id` and `badge.save()` give it to a badge.

        Args:
            content_type: `image/svg+xml`, `image/png`, `image/jpeg` or `image/gif`.
            file_size: the bytes that it has.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/badges/#request-badge-icon-upload-url
        """
        body = {"content_type": content_type, "file_size": file_size}
        found: dict[str, Any] = self._call("icon_upload", body)["badge_icon_upload"]
        return found


class Badge(Model):
    """A reward that can be added to a user's profile in the help center."""

    objects = BadgeManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
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
            "gather/badges", takes={"brand": "brand_id"}, small=True, paging=(ONCE,)
        ) + action("icon_upload", "POST", "gather/badges/icon_uploads", "badge_icon_upload")


class BadgeCategory(Model):
    """A group of badges of one brand; it can be deleted when it holds none."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    brand: CreateOnlyRef[Brand]
    brand_id: Id[int]
    name: CreateOnly[str]
    slug: CreateOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    badges: Many[Badge]

    class Meta:
        text_ids = "brand"
        required = ("brand", "name", "slug")
        api = resource(
            "gather/badge_categories",
            can="list show create delete",
            takes={"brand": "brand_id"},
            small=True,
            paging=(ONCE,),
        )


class BadgeAssignment(Model):
    """A badge that a user has."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    badge: CreateOnlyRef[Badge]
    badge_id: Id[str]
    user: CreateOnlyRef[User]
    user_id: Id[int]
    created_at: ReadOnly[datetime]

    badge_category: Lookup[BadgeCategory]
    brand: Lookup[Brand]

    class Meta:
        text_ids = "user"
        required = ("badge", "user")
        api = resource(
            "gather/badge_assignments",
            can="list create delete",
            takes={
                "user": "user_id",
                "badge": "badge_id",
                "badge_category": "badge_category_id",
                "brand": "brand_id",
            },
            small=True,
            paging=(ONCE,),
        )
