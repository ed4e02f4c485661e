"""`zendesk-orm whoami`: who is signed in at which account, how, and for how long."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

from attrs import asdict, frozen

from zendesk_orm.account import Account
from zendesk_orm.cli.accounts import account_of, place_of
from zendesk_orm.cli.arguments import declare_account
from zendesk_orm.errors import AuthenticationFailed, PermissionDenied
from zendesk_orm.http.oauth.renewal import RenewingCredentials


_CURRENT = "/api/v2/oauth/tokens/current"
_ME = "/api/v2/users/me"


@frozen
class Identity:
    """Who is signed in.

    Attributes:
        host: of the account.
        credentials: their kind.
        id, name, email, role: of the user; None if unknown, or if nobody is signed in.
        scopes: of an OAuth token; None for other credentials.
        expires_at: when the access token expires; None if never, or if unknown.
        refresh_token_expires_at: the same for the refresh token, if there is one.
        store: where the tokens are kept.
    """

    host: str
    credentials: str
    id: int | None = None
    name: str | None = None
    email: str | None = None
    role: str | None = None
    scopes: list[str] | None = None
    expires_at: str | None = None
    refresh_token_expires_at: str | None = None
    store: str | None = None

    @property
    def user(self) -> str:
        """The user in one line."""
        if self.id is None and self.scopes is None:
            return "nobody (anonymous)"
        if self.name is None:
            who = "unknown user" if self.id is None else f"user {self.id}"
            return f"{who} (the scopes do not allow reading the name)"
        return f"{self.name} <{self.email}>, id {self.id}"


def identify(account: Account) -> Identity:
    """Ask Zendesk who is signed in.

    Raises:
        AuthenticationFailed: the credentials were rejected.
        ApiError, TransportError, TokenStoreError.
    """
    credentials = account.transport.credentials
    header = None if credentials is None else credentials.authorization()
    token = _token(account) if header is not None and header.startswith("Bearer ") else None
    user = _user(account, token or {})
    return Identity(
        urlsplit(account.transport.base_url).netloc,
        "those of the session" if credentials is None else credentials.kind,
        **{name: user.get(name) for name in ("id", "name", "email", "role")},
        **({} if token is None else _lifetimes(token, credentials)),
    )


def _token(account: Account) -> Mapping[str, Any]:
    """Return what Zendesk knows of the access token in use; nothing if its scopes forbid it.

    `users/me` answers anonymous callers, too: only this proves that a token is alive.
    """
    try:
        token: Mapping[str, Any] = account.raw.get(_CURRENT)["token"]
    except PermissionDenied:
        return {}
    return token


def _user(account: Account, token: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the user; at least the id, if the scopes forbid more.

    Raises:
        AuthenticationFailed: Zendesk ignored the credentials.
    """
    try:
        user: Mapping[str, Any] = account.raw.get(_ME)["user"]
    except PermissionDenied:
        return {"id": token.get("user_id")}
    credentials = account.transport.credentials
    if user.get("id") is None and credentials is not None and credentials.authorization():
        host = urlsplit(account.transport.base_url).netloc
        error = AuthenticationFailed("GET", _ME, 200, description="it answered as if to nobody")
        error.explain(f"{host} rejected {credentials!r}: {credentials.remedy}")
        raise error
    return user


def _lifetimes(token: Mapping[str, Any], credentials: object) -> dict[str, Any]:
    """Return the scopes of a token and when it ends, by Zendesk and by the store."""
    found = {
        "scopes": list(token.get("scopes") or ()),
        "expires_at": token.get("expires_at"),
        "refresh_token_expires_at": token.get("refresh_token_expires_at"),
    }
    if isinstance(credentials, RenewingCredentials):
        kept = credentials.token
        found["store"] = place_of(credentials.store)
        found["scopes"] = found["scopes"] or kept.scope.split()
        for name, seconds in (
            ("expires_at", kept.expires_in),
            ("refresh_token_expires_at", kept.refresh_token_expires_in),
        ):
            if found[name] is None and seconds is not None:
                found[name] = _moment(kept.issued_at + seconds)
    return found


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def declare_whoami(parser: ArgumentParser) -> None:
    """Declare the arguments of `zendesk-orm whoami`."""
    declare_account(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=_whoami)


def _whoami(given: Namespace) -> None:
    """Print who is signed in; exit with 1 if nobody is, or if the credentials are rejected."""
    identity = identify(account_of(given))
    if given.json:
        print(json.dumps(asdict(identity), indent=1))
        return
    lines = {
        "Account": identity.host,
        "User": identity.user,
        "Role": identity.role,
        "Credentials": identity.credentials,
    }
    if identity.scopes is not None:
        lines["Scopes"] = " ".join(identity.scopes) or "unknown"
        lines["Access token"] = _end(identity.expires_at, "does not expire")
        lines["Refresh token"] = _end(identity.refresh_token_expires_at, "none, or unknown")
        lines["Stored in"] = identity.store
    for label, text in lines.items():
        if text is not None:
            print(f"{label:<14} {text}")


def _end(moment: str | None, otherwise: str) -> str:
    return otherwise if moment is None else f"expires at {moment}"
