"""Badges of the community, their categories, and who has them.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/badges/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Lookup, ReadOnly, WriteOnly


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
    badge_category_id: Field[str]
    name: Field[str]
    description: Field[str]
    icon_url: ReadOnly[str | None]
    icon_upload_id: WriteOnly[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    brand_id: Lookup[int]

    class Meta:
        required = ("badge_category_id", "name")
        api = resource("gather/badges", takes="brand_id", small=True, paging=(ONCE,)) + action(
            "icon_upload", "POST", "gather/badges/icon_uploads", "badge_icon_upload"
        )


class BadgeCategory(Model):
    """A group of badges of one brand; it can be deleted when it holds none."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    brand_id: CreateOnly[str]
    name: CreateOnly[str]
    slug: CreateOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("brand_id", "name", "slug")
        api = resource(
            "gather/badge_categories",
            can="list show create delete",
            takes="brand_id",
            small=True,
            paging=(ONCE,),
        )


class BadgeAssignment(Model):
    """A badge that a user has; ids are texts here, also the user's."""

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    badge_id: CreateOnly[str]
    user_id: CreateOnly[str]
    created_at: ReadOnly[datetime]

    badge_category_id: Lookup[str]
    brand_id: Lookup[int]

    class Meta:
        required = ("badge_id", "user_id")
        api = resource(
            "gather/badge_assignments",
            can="list create delete",
            takes="user_id badge_id badge_category_id brand_id",
            small=True,
            paging=(ONCE,),
        )
