"""`zendesk-orm whoami`: shows the signed-in user, the account, the scopes and their expiry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import urlsplit

import click
from attrs import asdict, frozen

from zendesk_orm.account import Account
from zendesk_orm.cli.accounts import describe_store, get_account
from zendesk_orm.cli.options import AccountChoice, accept_account, command, json_option
from zendesk_orm.cli.output import Output
from zendesk_orm.errors import AuthenticationFailed, PermissionDenied
from zendesk_orm.http.oauth.renewal import RenewingCredentials


_CURRENT = "/api/v2/oauth/tokens/current"
_ME = "/api/v2/users/me"


@frozen
class Identity:
    """The signed-in user and the credentials.

    Attributes:
        host: of the account.
        credentials: their kind.
        id, name, email, role: of the user; None if unknown, or for anonymous requests.
        scopes: of an OAuth token; None for other credentials.
        expires_at: when the access token expires; None if never, or if unknown.
        refresh_token_expires_at: the same for the refresh token, if there is one.
        store: a description of the store of the tokens.
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
            user = "unknown user" if self.id is None else f"user {self.id}"
            return f"{user} (the scopes do not allow reading the name)"
        return f"{self.name} <{self.email}>, id {self.id}"


def identify(account: Account) -> Identity:
    """Fetch the signed-in user and the lifetimes of the tokens.

    Raises:
        AuthenticationFailed: the credentials were rejected.
        ApiError, TransportError, TokenStoreError.
    """
    credentials = account.transport.credentials
    header = None if credentials is None else credentials.authorization()
    token = _fetch_token(account) if header is not None and header.startswith("Bearer ") else None
    user = _fetch_user(account, token or {})
    return Identity(
        urlsplit(account.transport.base_url).netloc,
        "those of the session" if credentials is None else credentials.kind,
        **{name: user.get(name) for name in ("id", "name", "email", "role")},
        **({} if token is None else _get_lifetimes(token, credentials)),
    )


def _fetch_token(account: Account) -> Mapping[str, Any]:
    """Fetch the row of the access token; return an empty one if the scopes forbid it.

    Only this request proves that a token is valid: `users/me` also answers anonymous callers.
    """
    try:
        token: Mapping[str, Any] = account.raw.get(_CURRENT)["token"]
    except PermissionDenied:
        return {}
    return token


def _fetch_user(account: Account, token: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fetch the user; return only the id if the scopes forbid it.

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


def _get_lifetimes(token: Mapping[str, Any], credentials: object) -> dict[str, Any]:
    """Return the scopes and the expiry of a token, from Zendesk or from the store."""
    lifetimes = {
        "scopes": list(token.get("scopes") or ()),
        "expires_at": token.get("expires_at"),
        "refresh_token_expires_at": token.get("refresh_token_expires_at"),
    }
    if isinstance(credentials, RenewingCredentials):
        stored = credentials.token
        lifetimes["store"] = describe_store(credentials.store)
        lifetimes["scopes"] = lifetimes["scopes"] or stored.scope.split()
        for name, seconds in (
            ("expires_at", stored.expires_in),
            ("refresh_token_expires_at", stored.refresh_token_expires_in),
        ):
            if lifetimes[name] is None and seconds is not None:
                lifetimes[name] = _format_time(stored.issued_at + seconds)
    return lifetimes


def _format_time(seconds: float) -> str:
    """Return a Unix time in the format of Zendesk."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


@command(
    examples=[
        'zendesk-orm whoami --url "emulator://?seed=demo"',
        "zendesk-orm whoami --json",
    ]
)
@json_option
@accept_account
@click.pass_obj
def whoami(output: Output, choice: AccountChoice, *, as_json: bool) -> None:
    """Show the signed-in user, the account and the scopes."""
    identity = identify(get_account(choice))
    if as_json:
        output.write_json(asdict(identity))
        return
    lines = {
        "Account": identity.host,
        "User": identity.user,
        "Role": identity.role,
        "Credentials": identity.credentials,
    }
    if identity.scopes is not None:
        lines["Scopes"] = " ".join(identity.scopes) or "unknown"
        lines["Access token"] = _format_expiry(identity.expires_at, "does not expire")
        lines["Refresh token"] = _format_expiry(
            identity.refresh_token_expires_at, "none, or unknown"
        )
        lines["Stored in"] = identity.store
    output.write_fields(lines)


def _format_expiry(moment: str | None, otherwise: str) -> str:
    """Return when a token expires, or `otherwise` if the time is unknown."""
    return otherwise if moment is None else f"expires at {moment}"
