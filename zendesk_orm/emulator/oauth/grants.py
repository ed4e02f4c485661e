"""`POST /oauth/tokens`: exchange a code, a refresh token or a client secret for a token.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.oauth import clients, errors, scopes, tokens
from zendesk_orm.emulator.server.bodies import InvalidBody, is_unicode
from zendesk_orm.emulator.server.errors import HTTPError
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow, dump_json
from zendesk_orm.support import OAuthToken, User


#: The kind of the rows that hold authorization codes.
CODE = "oauth.code"
#: The lifetimes that a request may choose, in seconds: minimum and maximum. An access token always
#: expires before its refresh token.
_ACCESS_RANGE, _REFRESH_RANGE = (300, 172_800), (604_800, 7_776_000)
#: Replaces a value that is not a valid string, and equals no stored value.
_INVALID = "\0"


@frozen
class GrantParameters:
    """The parameters of a token request, sent as JSON or as a form.

    JSON is documented. Forms are accepted by a live account.
    """

    values: Mapping[str, Any]

    @classmethod
    def parse(cls, request: Request) -> GrantParameters:
        """Return the parameters in the body of a request."""
        if "form-urlencoded" in request.headers.get("content-type", ""):
            return cls(dict(parse_qsl(request.text)))
        return cls({} if isinstance(request.body, InvalidBody) else request.body)

    def get_text(self, name: str) -> str | None:
        """Return a parameter; None if it is missing or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        return value if isinstance(value, str) and is_unicode(value) else _INVALID

    def require(self, name: str) -> str:
        """Return a required parameter.

        Raises:
            HTTPError: 400, if it is missing.
        """
        value = self.get_text(name)
        if value is None:
            raise errors.invalid_request(f"{name} is missing")
        return value

    def get_seconds(self, name: str, limits: tuple[int, int]) -> int | None:
        """Return a lifetime; None if it is missing.

        Raises:
            HTTPError: 400, if it is not an integer within the limits.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            value = int(value)
        minimum, maximum = limits
        if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= maximum:
            raise errors.invalid_request(f"{name} must be a number from {minimum} to {maximum}")
        return value


@route("POST", "~/oauth/tokens", OAuthToken)
def exchange(context: Context, request: Request, target: Target) -> Response:
    """Exchange a grant for a new token.

    Raises:
        HTTPError: the client or its grant is invalid; the status depends on the error.
    """
    fields = GrantParameters.parse(request)
    kind = fields.require("grant_type")
    if kind not in _GRANTS:
        raise errors.unsupported_grant_type()
    client = _authenticate_client(context, fields, kind)
    access = fields.get_seconds("expires_in", _ACCESS_RANGE)
    refresh = fields.get_seconds("refresh_token_expires_in", _REFRESH_RANGE)
    values = _GRANTS[kind](context, client, fields)
    # Documented: client_credentials does not return a refresh token.
    refresh_seconds = None if kind == "client_credentials" else refresh or tokens.REFRESH_SECONDS
    row = tokens.issue(
        context,
        values,
        access_seconds=access or tokens.ACCESS_SECONDS,
        refresh_seconds=refresh_seconds,
    )
    body: dict[str, Any] = {
        "access_token": row["token"],
        "token_type": "bearer",
        "scope": " ".join(values["scopes"]),
    }
    if access or context.switches.expires_in_always:
        body["expires_in"] = access or tokens.ACCESS_SECONDS
    if refresh_seconds:
        body |= {"refresh_token": row["refresh_token"], "refresh_token_expires_in": refresh_seconds}
    return Response(context.switches.token_status, dump_json(body))


def describe(request: Request, response: Response | None) -> str:
    """Return the description of a token request: its grant type, and its error if it failed.

    Args:
        request: the request.
        response: the response; None if the connection broke.
    """
    kind = str(GrantParameters.parse(request).get_text("grant_type") or "")
    if response is None:
        return f"{kind} dropped".strip()
    if response.status < 400:
        return kind
    try:
        error = json.loads(response.text)["error"]
    except (ValueError, LookupError, TypeError):
        error = response.status
    return f"{kind} {error}".strip()


def _authenticate_client(context: Context, fields: GrantParameters, kind: str) -> StoredRow:
    """Return the client of a request.

    Public clients need no secret, but a secret that is sent has to be correct. It is unconfirmed
    whether they can refresh without a secret; a switch decides.
    """
    identifier, secret = fields.get_text("client_id"), fields.get_text("client_secret")
    client = clients.find(context, identifier) if identifier else None
    refreshes = kind == "refresh_token" and context.switches.public_refresh_needs_secret
    if client is None or (
        secret != client.parent
        and (secret is not None or refreshes or not clients.is_public(client))
    ):
        raise errors.invalid_client(context.switches.invalid_client_status)
    return client


def _exchange_code(context: Context, client: StoredRow, fields: GrantParameters) -> dict[str, Any]:
    """Use an authorization code, which is valid for 120 seconds and once."""
    code, redirect_uri = fields.require("code"), fields.require("redirect_uri")
    grant, verifier = context.store.get(CODE, code), fields.get_text("code_verifier")
    if (
        grant is None
        or grant["client_id"] != client.id
        or grant["redirect_uri"] != redirect_uri
        or grant["expires_at"] <= context.now()
        or grant["challenge"] != (compute_challenge(verifier) if verifier else None)
    ):
        raise _invalid_grant(context, "Authorization code is invalid or expired")
    context.store.drop(CODE, code)
    granted = grant["scopes"]
    if fields.values.get("scope") not in (None, ""):
        # A documented parameter of this grant. It is unconfirmed that it only reduces the scopes
        # which the user has approved.
        granted = scopes.parse(fields.values["scope"], "", granted)
    return {"client_id": client.id, "user_id": grant["user_id"], "scopes": granted}


def _refresh(context: Context, client: StoredRow, fields: GrantParameters) -> dict[str, Any]:
    """Use a refresh token, which keeps its scopes.

    Source: https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token
    """
    values = tokens.spend_refresh_token(context, fields.require("refresh_token"), client.id)
    if values is None:
        raise _invalid_grant(context, "Refresh token is invalid or expired")
    return values


def _sign_in_client(context: Context, client: StoredRow, fields: GrantParameters) -> dict[str, Any]:
    """Sign in a confidential client as the user that created it, which is unconfirmed."""
    if clients.is_public(client):
        raise errors.unauthorized_client()
    creator = client.doc["user_id"] if context.switches.client_acts_as_creator else context.owner_id
    if not isinstance(creator, int) or context.store.get(User._meta.label, creator) is None:
        raise _invalid_grant(context, "The user of the client does not exist")
    scope = fields.values.get("scope")
    scope = None if scope == "" else scope
    granted = scopes.parse(scope, context.switches.default_scope, client.doc.get("scopes"))
    return {"client_id": client.id, "user_id": creator, "scopes": granted}


def compute_challenge(verifier: str) -> str:
    """Return the `S256` challenge of a PKCE verifier.

    Source: https://developer.zendesk.com/documentation/ticketing/working-with-oauth/oauth-pkce
    """
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _invalid_grant(context: Context, reason: str) -> HTTPError:
    return errors.invalid_grant(context.switches.invalid_grant_status, reason)


_GRANTS: Mapping[str, Callable[[Context, StoredRow, GrantParameters], dict[str, Any]]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    "client_credentials": _sign_in_client,
}
