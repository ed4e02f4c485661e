"""Authentication and authorization of requests.

Sources:
    https://developer.zendesk.com/api-reference/introduction/security-and-auth/
    https://developer.zendesk.com/documentation/ticketing/using-the-zendesk-api/making-api-requests-on-behalf-of-end-users/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request, parse_id
from zendesk_orm.emulator.messaging.access import check_key
from zendesk_orm.emulator.messaging.paths import MESSAGING_PREFIX
from zendesk_orm.emulator.oauth import errors, scopes, tokens
from zendesk_orm.emulator.server.errors import invalid_credentials
from zendesk_orm.support import User


#: The user id of requests without credentials.
NOBODY = 0

_USER = User._meta.label


def authenticate(context: Context, request: Request) -> int:
    """Return the id of the user as whom a request acts; `NOBODY` if it needs no credentials.

    With `oauth="strict"`, every request needs a valid token with a sufficient scope, or the API
    token of the account. Otherwise any credentials do, except for tokens that the emulator has
    issued and that have expired or were revoked.

    Raises:
        HTTPError: 401 or 403, if the credentials are missing, invalid or not sufficient.
    """
    if request.path.startswith(MESSAGING_PREFIX):
        check_key(context, request)
        return NOBODY
    if request.is_sign_in or not (request.is_api or context.switches.private_attachments):
        return context.owner_id
    strict = context.switches.oauth == "strict"
    secret = request.bearer_token
    token = tokens.find(context, secret) if secret else None
    if token is not None:
        user = _check_token(context, token)
        needs_scope = (
            request.path != "oauth/tokens/current" or context.switches.current_token_needs_scope
        )
        if strict and request.is_api and needs_scope:
            scopes.check(token.doc["scopes"] or (), request)
        tokens.set_used_at(context, token)
    elif strict and secret:
        raise errors.invalid_token()
    elif (
        request.path == "users/me"
        and request.credentials == ("", "")
        and _needs_credentials(context, request)
    ):
        # Observed: this path returns no error, so that it cannot verify credentials.
        return NOBODY
    else:
        user = _check_password(context, request)
    if "x-on-behalf-of" not in request.headers:
        return int(user["id"])
    if strict:
        _check_impersonation(user, token)
    return _find_end_user(context, request.headers["x-on-behalf-of"])


def find_user(context: Context, name: Any) -> dict[str, Any] | None:
    """Return the user with an id or an e-mail address, or None."""
    pk = parse_id(str(name).strip())
    if isinstance(pk, int):
        return context.store.get(_USER, pk)
    users = context.store.find(_USER, "email", pk) if pk else []
    return users[0] if users else None


def _needs_credentials(context: Context, request: Request) -> bool:
    """Return True if the account rejects a request without credentials."""
    if context.switches.oauth == "strict" or context.switches.token is not None:
        return True
    # A browser names the site whose page sends the request. Such a page must not act as the owner.
    is_foreign = request.headers.get("origin", request.host) != request.host
    if (context.switches.anonymous_owner and not is_foreign) or not request.through_socket:
        return False
    # End users read help centers, ask for help and upload files without credentials.
    if request.method == "GET":
        return not request.path.startswith(("community/", "help_center/"))
    return (request.method, request.path) not in {("POST", "requests"), ("POST", "uploads")}


def _check_token(context: Context, token: tokens.IssuedToken) -> dict[str, Any]:
    """Return the user of a token.

    Raises:
        HTTPError: 401, if the token is invalid or its user does not exist.
    """
    user = context.store.get(_USER, token.doc["user_id"])
    if user is None or not token.is_valid(context.now()):
        raise errors.invalid_token()
    return user


def _check_password(context: Context, request: Request) -> dict[str, Any]:
    """Return the user of an API token or a password, or the owner if any credentials do."""
    email, secret = request.credentials
    expected = context.switches.token
    any_do = expected is None and context.switches.oauth == "lenient"
    is_valid = bool(secret) if any_do else secret == expected
    if _needs_credentials(context, request) and not is_valid:
        raise invalid_credentials()
    user = find_user(context, email) if "@" in email else None
    if user is None and context.switches.oauth == "strict":
        raise invalid_credentials()
    return user or _get_owner(context)


def _get_owner(context: Context) -> dict[str, Any]:
    """Return the owner of the account."""
    return context.store.get(_USER, context.owner_id) or {"id": context.owner_id}


def _check_impersonation(user: dict[str, Any], token: tokens.IssuedToken | None) -> None:
    """Check that the token of an admin has the scope `impersonate`."""
    has_scope = token is not None and scopes.IMPERSONATE in (token.doc["scopes"] or ())
    if not has_scope or user["role"] != "admin":
        raise errors.missing_scope(scopes.IMPERSONATE)


def _find_end_user(context: Context, name: str) -> int:
    """Return the id of the end user in `X-On-Behalf-Of`, an e-mail address or an id."""
    user = find_user(context, name)
    if user is None or user["role"] != "end-user":
        raise errors.invalid_token(context.switches.on_behalf_status)
    return int(user["id"])
