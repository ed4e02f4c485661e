"""OAuth tokens: issue, find, list and revoke them.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.context import (
    Context,
    format_timestamp,
)
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target, parse_id
from zendesk_orm.emulator.server.errors import field_error, invalid_record, not_found
from zendesk_orm.emulator.server.routes import creates, deletes, route
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.schema.options import Options
from zendesk_orm.support import OAuthClient, OAuthToken


_TOKEN = OAuthToken._meta
#: The kind of the rows that hold refresh tokens. The parent of each is its access token.
_REFRESH = "oauth.refresh_token"
#: The number of characters of a secret in responses after its creation.
SHOWN_CHARACTERS = 10
#: Default lifetimes in seconds.
ACCESS_SECONDS, REFRESH_SECONDS = 30 * 60, 30 * 24 * 60 * 60


@frozen
class IssuedToken:
    """An access token of the emulator.

    Attributes:
        doc: the row of the token.
        revoked: whether it was revoked.
    """

    doc: dict[str, Any]
    revoked: bool

    def is_valid(self, now: float) -> bool:
        """Return True if the token is neither revoked nor expired."""
        expiry = self.doc["expires_at"]
        return not self.revoked and (expiry is None or format_timestamp(now) < expiry)


def new_secret() -> str:
    """Return a random token or client secret."""
    return secrets.token_hex(32)


def issue(
    context: Context,
    values: Mapping[str, Any],
    *,
    access_seconds: int = ACCESS_SECONDS,
    refresh_seconds: int | None = REFRESH_SECONDS,
) -> dict[str, Any]:
    """Issue an access token and return its row, with the complete secrets.

    Args:
        context: the account.
        values: `client_id`, `user_id` and `scopes`.
        access_seconds: the lifetime of the access token.
        refresh_seconds: the lifetime of the refresh token; None for no refresh token.
    """
    now, refresh = context.now(), None if refresh_seconds is None else new_secret()
    row_values = {
        **values,
        "token": new_secret(),
        "refresh_token": refresh,
        "expires_at": context.timestamp(now + access_seconds),
        "refresh_token_expires_at": refresh and context.timestamp(now + (refresh_seconds or 0)),
    }
    row = resources.create(context, _TOKEN, {}, {}, row_values).row
    shown = {
        **row,
        "token": row["token"][:SHOWN_CHARACTERS],
        "refresh_token": refresh and refresh[:SHOWN_CHARACTERS],
    }
    # The parent of the row is the complete token.
    context.write(_TOKEN, shown, parent=row["token"])
    if refresh:
        doc = {**values, "expires_at": now + (refresh_seconds or 0), "token_id": row["id"]}
        context.store.put([StoredRow(_REFRESH, refresh, doc, parent=row["id"])], now)
    return row


def find(context: Context, secret: str) -> IssuedToken | None:
    """Return the token of a Bearer header, valid or not; None if it was never issued."""
    docs = context.store.select(_TOKEN.label, Where("parent = ?", (secret,)))
    if not docs:
        return None
    return IssuedToken(docs[0], context.store.get(_TOKEN.label, docs[0]["id"]) is None)


def set_used_at(context: Context, token: IssuedToken) -> None:
    """Set the time at which a token was last used."""
    if token.doc.get("used_at") != context.timestamp():
        where = Where("id = ?", (token.doc["id"],))
        context.store.set_value(_TOKEN.label, "used_at", context.timestamp(), where)


def spend_refresh_token(context: Context, refresh: str, client_id: Any) -> dict[str, Any] | None:
    """Invalidate a refresh token and its access token, and return their values.

    Returns:
        `client_id`, `user_id` and `scopes`; None if the refresh token is unknown, used, expired
        or belongs to another client.
    """
    doc = context.store.get(_REFRESH, refresh)
    if doc is None or doc["client_id"] != client_id or doc["expires_at"] <= context.now():
        return None
    context.store.drop_children(_REFRESH, doc["token_id"])
    context.store.set_state(_TOKEN.label, doc["token_id"], DELETED)
    return {name: doc[name] for name in ("client_id", "user_id", "scopes")}


@creates(OAuthToken)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path_values: Mapping[str, Any]
) -> WriteResult:
    """Issue a token to the authenticated user. The response contains the complete secrets.

    Raises:
        HTTPError: 422, if the client does not exist.
    """
    pk = payload.get("client_id")
    pk = parse_id(pk) if isinstance(pk, str) else pk
    if not isinstance(pk, int) or context.store.get(OAuthClient._meta.label, pk) is None:
        text = f"Client: {pk} was not found"
        raise invalid_record({"client_id": [field_error(text, "RecordNotFound")]})
    scopes = payload.get("scopes")
    values = {
        "client_id": pk,
        "user_id": context.user_id,
        # Documented: scopes that do not exist are accepted, and grant nothing.
        "scopes": scopes if isinstance(scopes, list) else [],
    }
    return WriteResult(issue(context, values))


@route("GET", "oauth/tokens", OAuthToken)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List the valid tokens of the authenticated user, or of all users with `all=true`."""
    params, where = request.params, Where("state < ?", (DELETED,))
    if params.get("all") != "true":
        where &= where_equal("user_id", context.user_id)
    if params.get("include_expired") != "true":
        expiry = json_value("expires_at")
        where &= Where(f"{expiry} IS NULL OR {expiry} > ?", (format_timestamp(context.now()),))
    for name in ("client_id", "global_client_id"):
        if name in params:
            where &= where_equal("client_id", parse_id(params[name]))
    page = select_page(context, request, target, where)
    return Response(text=render_list(target, page.texts, "", page.metadata))


@route("GET", "oauth/tokens/current", OAuthToken)
def show_current(context: Context, request: Request, target: Target) -> Response:
    """Return the access token used for this request.

    Raises:
        HTTPError: 404, if the request has other credentials.
    """
    return Response(text=dump_json({"token": _get_current(context, request).doc}))


@route("DELETE", "oauth/tokens/current", OAuthToken)
def revoke_current(context: Context, request: Request, target: Target) -> Response:
    """Revoke the access token used for this request.

    Raises:
        HTTPError: 404, if the request has other credentials.
    """
    revoke(context, _TOKEN, _get_current(context, request))
    return Response(204)


@deletes(OAuthToken)
def revoke(context: Context, meta: Options, stored: StoredRow) -> WriteResult:
    """Revoke a token.

    It is unconfirmed whether its refresh token is revoked, too; a switch decides.
    """
    if context.switches.revoking_kills_refresh:
        context.store.drop_children(_REFRESH, stored.id)
    return resources.delete(context, meta, stored)


def _get_current(context: Context, request: Request) -> StoredRow:
    secret = request.bearer_token
    token = find(context, secret) if secret else None
    if token is None:
        raise not_found()
    return resources.get(context, _TOKEN, token.doc["id"])
