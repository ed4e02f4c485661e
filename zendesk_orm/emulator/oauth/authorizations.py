"""`GET /oauth/authorizations/new`: the page at which a user lets a client in.

The emulator shows no page: the user agrees or, with the switch `oauth_denied`, declines at once.

Sources:
    https://support.zendesk.com/hc/en-us/articles/4408845965210
    https://developer.zendesk.com/documentation/ticketing/working-with-oauth/oauth-pkce
"""

from __future__ import annotations

import re
from html import escape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from zendesk_orm.emulator.oauth import clients, scopes
from zendesk_orm.emulator.oauth.access import find_user
from zendesk_orm.emulator.oauth.grants import CODE
from zendesk_orm.emulator.oauth.tokens import new_secret
from zendesk_orm.emulator.refusals import UNCONFIRMED, Refusal
from zendesk_orm.emulator.store import Stored
from zendesk_orm.emulator.world import Answer, Call, Target, World


#: Seconds for which a code can be exchanged.
CODE_SECONDS = 120
#: An S256 challenge: 32 bytes in base64url.
_CHALLENGE = re.compile(r"[\w-]{43}", re.ASCII)


def authorize(world: World, call: Call, target: Target) -> Answer:
    """Send the browser back to the client, with a code or with an error.

    Without a known client and one of its own addresses there is nowhere to send it.
    """
    params = call.params
    client = clients.find(world, params.get("client_id", ""))
    if client is None:
        return _page("client_id must be the unique identifier of an OAuth client")
    redirect_uri = params.get("redirect_uri", "")
    if redirect_uri not in clients.redirect_uris(client):
        return _page("redirect_uri must be one of those that the OAuth client has registered")
    user = find_user(world, world.switches.oauth_user)
    if world.switches.oauth_user and user is None:
        return _page(f"the switch oauth_user must be a user, not {world.switches.oauth_user!r}")
    result = _decide(world, call, client, world.owner if user is None else user["id"])
    if "state" in params:
        result["state"] = params["state"]
    return Answer(302, headers={"Location": _with_query(redirect_uri, result)})


def _decide(world: World, call: Call, client: Stored, user: int) -> dict[str, str]:
    """Return a code, or an error; the error codes are those of RFC 6749, as far as known."""
    params = call.params
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
            params.get("scope") or None, world.switches.default_scope, client.doc.get("scopes")
        )
    except Refusal as refusal:
        return _error(refusal.body["error"], refusal.body["error_description"])
    if world.switches.oauth_denied:
        return _error("access_denied", "The end-user or authorization server denied the request.")
    doc: dict[str, Any] = {
        "client_id": client.id,
        "user_id": user,
        "redirect_uri": params["redirect_uri"],
        "scopes": granted,
        "challenge": challenge,
        "expires_at": world.now() + CODE_SECONDS,
    }
    code = new_secret()
    world.store.put([Stored(CODE, code, doc)], world.now())
    return {"code": code}


def _error(code: str, description: str) -> dict[str, str]:
    return {"error": code, "error_description": description}


def _with_query(url: str, values: dict[str, str]) -> str:
    parts = urlsplit(url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), *values.items()])
    return parts._replace(query=query).geturl()


def _page(text: str) -> Answer:
    """Return the page of an error that is not sent on; its text is the emulator's own."""
    content = f"<!DOCTYPE html><title>Invalid request</title><p>{escape(text)}</p>"
    headers = {"Content-Type": "text/html; charset=utf-8"}
    return Answer(400, content, headers, source=UNCONFIRMED)
