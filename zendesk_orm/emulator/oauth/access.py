"""Who makes a request, and whether the credentials allow it.

Sources:
    https://developer.zendesk.com/api-reference/introduction/security-and-auth/
    https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/making-api-requests-on-behalf-of-end-users/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.oauth import errors, scopes, tokens
from zendesk_orm.emulator.refusals import unauthenticated
from zendesk_orm.emulator.world import Call, World, bearer_token, credentials, number_or_word
from zendesk_orm.support import User


#: Stands for the user of a request without credentials.
NOBODY = 0

_USER = User._meta.label


def authenticate(world: World, call: Call) -> int:
    """Return the id of the user as whom a request acts; `NOBODY` if it needs no credentials.

    With `oauth="strict"` every request needs a valid token with a sufficient scope, or the API
    token of the account. Otherwise any credentials do, except for tokens that the emulator has
    issued and that have expired or were revoked.

    Raises:
        Refusal: the credentials are missing, invalid or not sufficient.
    """
    if call.is_sign_in or not (call.is_api or world.switches.private_attachments):
        return world.owner
    strict = world.switches.oauth == "strict"
    secret = bearer_token(call)
    token = tokens.find(world, secret) if secret else None
    if token is not None:
        user = _check_token(world, token)
        own = call.path == "oauth/tokens/current" and not world.switches.current_token_needs_scope
        if strict and call.is_api and not own:
            scopes.demand(token.doc["scopes"] or (), call)
        tokens.mark_used(world, token)
    elif strict and secret:
        raise errors.invalid_token()
    elif call.path == "users/me" and credentials(call) == ("", "") and _is_closed(world):
        # Seen on a live account: no error, so this path does not verify credentials.
        return NOBODY
    else:
        user = _check_password(world, call)
    if "x-on-behalf-of" not in call.headers:
        return int(user["id"])
    if strict:
        _demand_impersonation(user, token)
    return _find_end_user(world, call.headers["x-on-behalf-of"])


def find_user(world: World, name: Any) -> dict[str, Any] | None:
    """Return the user with an id or an e-mail address, or None."""
    pk = number_or_word(str(name).strip())
    if isinstance(pk, int):
        return world.store.get(_USER, pk)
    users = world.store.find(_USER, "email", pk) if pk else []
    return users[0] if users else None


def _is_closed(world: World) -> bool:
    """Return True if the account rejects requests without credentials."""
    return world.switches.oauth == "strict" or world.switches.token is not None


def _check_token(world: World, token: tokens.Token) -> dict[str, Any]:
    """Return the user of a token, which has to be valid, and the user has to exist."""
    user = world.store.get(_USER, token.doc["user_id"])
    if user is None or not token.is_valid(world.now()):
        raise errors.invalid_token()
    return user


def _check_password(world: World, call: Call) -> dict[str, Any]:
    """Return the user of an API token or a password, or the owner if any credentials do."""
    email, secret = credentials(call)
    if _is_closed(world) and secret != world.switches.token:
        raise unauthenticated()
    user = find_user(world, email) if "@" in email else None
    if user is None and world.switches.oauth == "strict":
        raise unauthenticated()
    return user or _get_owner(world)


def _get_owner(world: World) -> dict[str, Any]:
    """Return the owner of the account."""
    return world.store.get(_USER, world.owner) or {"id": world.owner}


def _demand_impersonation(user: dict[str, Any], token: tokens.Token | None) -> None:
    """Refuse a request on behalf of a user unless an admin has granted `impersonate`."""
    has_scope = token is not None and scopes.IMPERSONATE in (token.doc["scopes"] or ())
    if not has_scope or user["role"] != "admin":
        raise errors.missing_scope(scopes.IMPERSONATE)


def _find_end_user(world: World, name: str) -> int:
    """Return the end user whom `X-On-Behalf-Of` names by e-mail or id."""
    user = find_user(world, name)
    if user is None or user["role"] != "end-user":
        raise errors.invalid_token(world.switches.on_behalf_status)
    return int(user["id"])
