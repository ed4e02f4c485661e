"""Redirect rules.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/redirect_rules/
"""

from __future__ import annotations

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import missing_parameter
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.help_center import RedirectRule


@route("POST", "guide/redirect_rules", RedirectRule)
def create_or_update(context: Context, request: Request, target: Target) -> Response:
    """Create the redirect rule of an address, or update the existing one.

    Raises:
        HTTPError: 400, if one of the two addresses is missing.
    """
    payload = request.get_object("redirect_rule")
    if not payload.get("redirect_from") or not payload.get("redirect_to"):
        raise missing_parameter("redirect_from")
    meta = RedirectRule._meta
    existing = context.store.find(meta.label, "redirect_from", payload["redirect_from"])
    row = existing[0] if existing else {**build_row(meta), "brand_id": str(context.brand_id)}
    row |= {"redirect_from": payload["redirect_from"], "redirect_to": payload["redirect_to"]}
    row["redirect_status"] = str(payload.get("redirect_status", 301))
    if existing:
        row["updated_at"] = context.timestamp()
    else:
        resources.initialize(context, meta, row)
    context.write(meta, row)
    return Response(204)
