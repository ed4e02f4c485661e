"""`POST /oauth/tokens`: a code, a refresh token or a client's secret is exchanged for a token.

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

from zendesk_orm.emulator.oauth import clients, errors, scopes, tokens
from zendesk_orm.emulator.parameters import UnreadBody
from zendesk_orm.emulator.refusals import Refusal
from zendesk_orm.emulator.store import Stored, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import User


#: The kind of the rows that hold authorization codes.
CODE = "oauth.code"
#: Lifetimes that a request may ask for, in seconds. The longest of an access token is shorter
#: than the shortest of a refresh token, as it has to be.
_ACCESS_RANGE, _REFRESH_RANGE = (300, 172_800), (604_800, 7_776_000)
#: Stands for a value that is not a string, and equals no stored value.
_UNUSABLE = "\0"


@frozen
class Fields:
    """The parameters of a token request, sent as JSON or as a form.

    Documented is JSON; that forms are accepted was seen on a live account.
    """

    values: Mapping[str, Any]

    @classmethod
    def of(cls, call: Call) -> Fields:
        """Return the parameters in the body of a call."""
        if "form-urlencoded" in call.headers.get("content-type", ""):
            return cls(dict(parse_qsl(call.text)))
        return cls({} if isinstance(call.body, UnreadBody) else call.body)

    def text(self, name: str) -> str | None:
        """Return a parameter; None if it is missing or empty."""
        value = self.values.get(name)
        if value is None or value == "":
            return None
        return value if isinstance(value, str) and _is_unicode(value) else _UNUSABLE

    def require(self, name: str) -> str:
        """Return a parameter that must not be missing.

        Raises:
            Refusal: it is missing.
        """
        value = self.text(name)
        if value is None:
            raise errors.invalid_request(f"{name} is missing")
        return value

    def seconds(self, name: str, limits: tuple[int, int]) -> int | None:
        """Return a lifetime; None if it is missing.

        Raises:
            Refusal: it is not a whole number within the limits.
        """
        value = self.values.get(name)
        if value is None or value == "":
            return None
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
            value = int(value)
        least, most = limits
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise errors.invalid_request(f"{name} must be a number from {least} to {most}")
        return value


def exchange(world: World, call: Call, target: Target) -> Answer:
    """Answer with a new token.

    Raises:
        Refusal: the client or what it presents is not valid.
    """
    fields = Fields.of(call)
    kind = fields.require("grant_type")
    if kind not in _GRANTS:
        raise errors.unsupported_grant_type()
    client = _authenticate_client(world, fields, kind)
    access = fields.seconds("expires_in", _ACCESS_RANGE)
    refresh = fields.seconds("refresh_token_expires_in", _REFRESH_RANGE)
    values = _GRANTS[kind](world, client, fields)
    # Documented: client_credentials never brings a refresh token.
    lasts = None if kind == "client_credentials" else refresh or tokens.REFRESH_SECONDS
    row = tokens.issue(
        world,
        values,
        access_seconds=access or tokens.ACCESS_SECONDS,
        refresh_seconds=lasts,
    )
    answer: dict[str, Any] = {
        "access_token": row["token"],
        "token_type": "bearer",
        "scope": " ".join(values["scopes"]),
    }
    if access or world.switches.expires_in_always:
        answer["expires_in"] = access or tokens.ACCESS_SECONDS
    if lasts:
        answer |= {"refresh_token": row["refresh_token"], "refresh_token_expires_in": lasts}
    return Answer(world.switches.token_status, dumped(answer))


def describe(call: Call, answer: Answer | None) -> str:
    """Return a token request for a list of them: its grant type, and why it failed if it did.

    Args:
        call: the request.
        answer: the response; None if the connection broke.
    """
    kind = str(Fields.of(call).text("grant_type") or "")
    if answer is None:
        return f"{kind} dropped".strip()
    if answer.status < 400:
        return kind
    try:
        error = json.loads(answer.text)["error"]
    except (ValueError, LookupError, TypeError):
        error = answer.status
    return f"{kind} {error}".strip()


def _authenticate_client(world: World, fields: Fields, kind: str) -> Stored:
    """Return the client of a request.

    Public clients need no secret; a secret that is sent has to be right all the same. Whether
    they can refresh without one is unconfirmed, and so is a switch.
    """
    identifier, secret = fields.text("client_id"), fields.text("client_secret")
    client = clients.find(world, identifier) if identifier else None
    refreshes = kind == "refresh_token" and world.switches.public_refresh_needs_secret
    if client is None or (
        secret != client.parent
        and (secret is not None or refreshes or not clients.is_public(client))
    ):
        raise errors.invalid_client(world.switches.invalid_client_status)
    return client


def _exchange_code(world: World, client: Stored, fields: Fields) -> dict[str, Any]:
    """Spend an authorization code, which lives 120 seconds and is used once."""
    code, redirect_uri = fields.require("code"), fields.require("redirect_uri")
    grant, verifier = world.store.get(CODE, code), fields.text("code_verifier")
    if (
        grant is None
        or grant["client_id"] != client.id
        or grant["redirect_uri"] != redirect_uri
        or grant["expires_at"] <= world.now()
        or grant["challenge"] != (compute_challenge(verifier) if verifier else None)
    ):
        raise _invalid_grant(world, "Authorization code is invalid or expired")
    world.store.drop(CODE, code)
    granted = grant["scopes"]
    if fields.values.get("scope") not in (None, ""):
        # Documented as a parameter of this grant; that it only narrows what the user has
        # approved is unconfirmed.
        granted = scopes.parse(fields.values["scope"], "", granted)
    return {"client_id": client.id, "user_id": grant["user_id"], "scopes": granted}


def _refresh(world: World, client: Stored, fields: Fields) -> dict[str, Any]:
    """Spend a refresh token; the scopes stay, whatever the request says.

    Source: https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token
    """
    spent = tokens.spend_refresh_token(world, fields.require("refresh_token"), client.id)
    if spent is None:
        raise _invalid_grant(world, "Refresh token is invalid or expired")
    return spent


def _sign_in_client(world: World, client: Stored, fields: Fields) -> dict[str, Any]:
    """Let a confidential client act as the user who created it (that user is unconfirmed)."""
    if clients.is_public(client):
        raise errors.unauthorized_client()
    creator = client.doc["user_id"] if world.switches.client_acts_as_creator else world.owner
    if not isinstance(creator, int) or world.store.get(User._meta.label, creator) is None:
        raise _invalid_grant(world, "The user of the client does not exist")
    scope = fields.values.get("scope")
    scope = None if scope == "" else scope
    granted = scopes.parse(scope, world.switches.default_scope, client.doc.get("scopes"))
    return {"client_id": client.id, "user_id": creator, "scopes": granted}


def compute_challenge(verifier: str) -> str:
    """Return the `S256` challenge of a PKCE verifier.

    Source: https://developer.zendesk.com/documentation/ticketing/working-with-oauth/oauth-pkce
    """
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _invalid_grant(world: World, reason: str) -> Refusal:
    return errors.invalid_grant(world.switches.invalid_grant_status, reason)


def _is_unicode(text: str) -> bool:
    """Return False for text with half a surrogate pair, which JSON can hold and SQLite cannot."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


_GRANTS: Mapping[str, Callable[[World, Stored, Fields], dict[str, Any]]] = {
    "authorization_code": _exchange_code,
    "refresh_token": _refresh,
    "client_credentials": _sign_in_client,
}
