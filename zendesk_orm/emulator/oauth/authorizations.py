"""`GET /oauth/authorizations/new`: the page on which a user authorizes a client.

The emulator shows no page. The user agrees at once or, with the switch `oauth_denied`, declines.

Sources:
    https://support.zendesk.com/hc/en-us/articles/4408845965210
    https://developer.zendesk.com/documentation/ticketing/working-with-oauth/oauth-pkce
"""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.oauth import clients, scopes
from zendesk_orm.emulator.oauth.access import find_user
from zendesk_orm.emulator.oauth.grants import CODE
from zendesk_orm.emulator.oauth.tokens import new_secret
from zendesk_orm.emulator.server.errors import UNCONFIRMED, HTTPError
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage.store import StoredRow
from zendesk_orm.messages import display
from zendesk_orm.support import OAuthToken


#: The lifetime of a code in seconds.
CODE_SECONDS = 120
#: An S256 challenge: 32 bytes in base64url.
_CHALLENGE = re.compile(r"[\w-]{43}", re.ASCII)


@route("GET", "~/oauth/authorizations/new", OAuthToken)
def authorize(context: Context, request: Request, target: Target) -> Response:
    """Redirect the browser to the client, with a code or an error.

    If the client or its address is invalid, return a page with the error instead.
    """
    params = request.params
    client = clients.find(context, params.get("client_id", ""))
    if client is None:
        return _page("client_id must be the unique identifier of an OAuth client")
    redirect_uri = params.get("redirect_uri", "")
    if redirect_uri not in clients.redirect_uris(client):
        return _page("redirect_uri must be one of those that the OAuth client has registered")
    user = find_user(context, context.switches.oauth_user)
    if context.switches.oauth_user and user is None:
        return _page(
            f"the switch oauth_user must be a user, not {display(context.switches.oauth_user)}"
        )
    result = _decide(context, request, client, context.owner_id if user is None else user["id"])
    if "state" in params:
        result["state"] = params["state"]
    return Response(302, headers={"Location": _with_query(redirect_uri, result)})


def _decide(context: Context, request: Request, client: StoredRow, user: int) -> dict[str, str]:
    """Return a code, or an error with the codes of RFC 6749."""
    params = request.params
    if params.get("response_type") != "code":
        return _error("unsupported_response_type", "response_type must be code")
    challenge = params.get("code_challenge")
    if challenge is None and clients.is_public(client):
        return _error("invalid_request", "code_challenge is missing: public clients need PKCE")
    if challenge is not None and (
        params.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge)
    ):
        return _error("invalid_request", "code_challenge must be an S256 challenge")
    try:
        granted = scopes.parse(
            params.get("scope") or None, context.switches.default_scope, client.doc.get("scopes")
        )
    except HTTPError as error:
        return _error(error.body["error"], error.body["error_description"])
    if context.switches.oauth_denied:
        return _error("access_denied", "The end-user or authorization server denied the request.")
    doc: dict[str, Any] = {
        "client_id": client.id,
        "user_id": user,
        "redirect_uri": params["redirect_uri"],
        "scopes": granted,
        "challenge": challenge,
        "expires_at": context.now() + CODE_SECONDS,
    }
    code = new_secret()
    context.store.put([StoredRow(CODE, code, doc)], context.now())
    return {"code": code}


def _error(code: str, description: str) -> dict[str, str]:
    return {"error": code, "error_description": description}


def _with_query(url: str, values: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *values.items()])
    return parts._replace(query=query).geturl()


def _page(text: str) -> Response:
    """Return a page with an error; its text is not that of Zendesk."""
    content = f"<!DOCTYPE html><title>Invalid request</title><p>{escape(text)}</p>"
    headers = {"Content-Type": "text/html; charset=utf-8"}
    return Response(400, content, headers, source=UNCONFIRMED)
