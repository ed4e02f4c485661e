"""Badges, their categories and icons.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/badges/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.help_center.errors import guide_error, invalid_property
from zendesk_orm.emulator.help_center.media import MAX_IMAGE_SIZE, create_upload
from zendesk_orm.emulator.messages import BASE_URL, Request, Response, Target
from zendesk_orm.emulator.server.routes import creates, deletes, route, updates
from zendesk_orm.emulator.storage.sql import Where, json_value, where_in
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.help_center import Badge, BadgeCategory
from zendesk_orm.schema.options import Options


@route("POST", "gather/badges/icon_uploads", Badge)
def create_icon_upload(context: Context, request: Request, target: Target) -> Response:
    """Return the address that the icon of a badge can be uploaded to."""
    upload = create_upload(context, request, MAX_IMAGE_SIZE)
    body = {"id": upload.id, "url": upload.url, "headers": upload.headers}
    return Response(201, dump_json({"badge_icon_upload": body}))


@route("GET", "gather/badges", Badge)
def list_badges(context: Context, request: Request, target: Target) -> Response:
    """Return all badges, or those of a brand."""
    where = Where("state < ?", (DELETED,))
    brand = request.params.get("brand_id")
    if brand:
        categories = context.store.find(BadgeCategory._meta.label, "brand_id", brand)
        ids = [category["id"] for category in categories]
        where &= where_in(json_value("badge_category_id"), ids)
    page = select_page(context, request, target, where)
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


@creates(Badge)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a badge with an uploaded icon.

    Raises:
        HTTPError: 400, if the category does not exist.
    """
    icon = payload.get("icon_upload_id")
    also = {"icon_url": _build_icon_url(icon)} if icon else {}
    if context.store.get(BadgeCategory._meta.label, payload.get("badge_category_id")) is None:
        raise invalid_property()
    return resources.create(context, meta, payload, path, also)


@updates(Badge)
def update(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update a badge. `icon_upload_id` None removes its icon."""
    also: dict[str, Any] = {}
    if "icon_upload_id" in payload:
        icon = payload["icon_upload_id"]
        also["icon_url"] = _build_icon_url(icon) if icon else None
    return resources.update(context, meta, stored, payload, also)


@deletes(BadgeCategory)
def delete_category(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Delete a category of badges.

    Raises:
        HTTPError: 422, if the category has badges.
    """
    if context.store.find(Badge._meta.label, "badge_category_id", stored.id):
        raise guide_error("UnprocessibleEntity", "The request could not be processed", 422)
    return resources.delete(context, meta, stored)


def _build_icon_url(icon: Any) -> str:
    return f"{BASE_URL}/hc/badges/{icon}"
