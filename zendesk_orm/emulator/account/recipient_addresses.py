"""Recipient addresses (support addresses) and their verification.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/support_addresses/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.routes import creates, route
from zendesk_orm.emulator.storage.store import WriteResult
from zendesk_orm.schema.options import Options
from zendesk_orm.support import RecipientAddress


_META = RecipientAddress._meta
#: Fields that a verification sets, by its type.
_VERIFIED: Mapping[str, Mapping[str, str]] = {
    "forwarding": {"forwarding_status": "verified"},
    "spf": {"spf_status": "verified"},
    "dns": {"cname_status": "verified", "dns_results": "verified"},
}


@creates(RecipientAddress)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create an address that is not verified yet.

    Raises:
        HTTPError: 422, if the e-mail address is missing or taken.
    """
    email = str(payload.get("email") or "")
    if not email:
        raise invalid_record({"email": [field_error("Email: cannot be blank", "BlankValue")]})
    if context.store.find(meta.label, "email", email):
        text = f"Email: {email} has already been taken"
        raise invalid_record({"email": [field_error(text, "DuplicateValue")]})
    # Recorded.
    also = {
        "brand_id": payload.get("brand_id") or context.brand_id,
        "default": payload.get("default"),
        "forwarding_status": "waiting",
        "spf_status": "failed",
        "cname_status": "unknown",
        "domain_verification_status": "failed",
        "domain_verification_code": f"{context.store.next_id('domain'):016x}",
    }
    return resources.create(context, meta, payload, path, also)


@route("PUT", "recipient_addresses/{id}/verify", RecipientAddress)
def verify(context: Context, request: Request, target: Target) -> Response:
    """Verify an address; every verification succeeds.

    Raises:
        HTTPError: 404, if the address does not exist; 422, if the type is unknown.
    """
    row = resources.get(context, _META, target.args[0]).doc
    kind = request.body.get("type", "forwarding")
    if kind not in _VERIFIED:
        text = f"Type: {kind} is not valid"
        raise invalid_record({"type": [field_error(text, "InvalidValue")]})
    context.write(_META, {**row, **_VERIFIED[kind], "updated_at": context.timestamp()})
    return Response(200)
