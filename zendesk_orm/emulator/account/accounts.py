"""Accounts: settings, trial accounts and exports of audit logs.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/account_settings/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import field_error, invalid_record, missing_parameter
from zendesk_orm.emulator.server.routes import route, updates
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import AccountSettings, AuditLog, EmailSettings, TrialAccount


#: Subdomains that are not available.
_SUBDOMAINS = frozenset({"emulator", "zendesk", "support"})


@updates(AccountSettings)
@updates(EmailSettings)
def update_settings(
    context: Context, meta: Options, stored: StoredRow, payload: Mapping[str, Any]
) -> WriteResult:
    """Update the given settings; other settings of the same section are unchanged."""
    merged = {
        section: {**(stored.doc.get(section) or {}), **values}
        if isinstance(values, dict)
        else values
        for section, values in payload.items()
    }
    return resources.update(context, meta, stored, merged)


@route("POST", "audit_logs/export", AuditLog)
def export_audit_logs(context: Context, request: Request, target: Target) -> Response:
    """Accept an export, whose file Zendesk sends by e-mail and the emulator does not."""
    return Response(202)


@route("POST", "accounts", TrialAccount)
def create_account(context: Context, request: Request, target: Target) -> Response:
    """Create a trial account.

    Raises:
        HTTPError: 422, if the subdomain is missing or taken.
    """
    payload = request.get_object("account")
    subdomain = payload.get("subdomain")
    if not subdomain or subdomain in _SUBDOMAINS:
        text = f"Subdomain: {subdomain} is not available"
        raise invalid_record({"subdomain": [field_error(text, "DuplicateValue")]})
    url = f"https://{subdomain}.zendesk.com"
    account = {"name": payload.get("name"), "subdomain": subdomain, "url": url}
    return Response(201, dump_json({"account": account}))


@route("GET", "accounts/available", TrialAccount)
def check_subdomain(context: Context, request: Request, target: Target) -> Response:
    """Return whether a subdomain is available.

    Raises:
        HTTPError: 400, if the subdomain is missing.
    """
    subdomain = request.params.get("subdomain")
    if not subdomain:
        raise missing_parameter("subdomain")
    return Response(text=dump_json({"success": subdomain not in _SUBDOMAINS}))
