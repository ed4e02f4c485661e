"""Who asks: the credentials, which show themselves to the account's host and to nobody else.

Source: https://developer.zendesk.com/api-reference/introduction/security-and-auth/
"""

from __future__ import annotations

from base64 import b64encode
from typing import NoReturn


class Credentials:
    """The `Authorization` header, and a name for messages that tells no secret."""

    __slots__ = ("_header", "kind", "user")

    def __init__(self, kind: str, user: str | None = None, header: str | None = None) -> None:
        self.kind = kind
        self.user = user
        self._header = header

    def header(self) -> str | None:
        """Return the value of the `Authorization` header, or None for nobody."""
        return self._header

    def __repr__(self) -> str:
        who = f" of {self.user}" if self.user else ""
        return f"<{self.kind}{who}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are never pickled: call connect() where the pickle is read")


def token(email: str, secret: str) -> Credentials:
    """Return an API token's credentials. Zendesk retires API tokens on 2027-04-30."""
    return Credentials("API token", email, _basic(f"{email}/token", secret))


def password(email: str, secret: str) -> Credentials:
    """Return an agent's own password's credentials; new accounts have these turned off."""
    return Credentials("password", email, _basic(email, secret))


def oauth_token(secret: str) -> Credentials:
    """Return an OAuth access token's credentials."""
    return Credentials("OAuth token", None, f"Bearer {secret}")


def anonymous() -> Credentials:
    """Return the credentials of nobody: requests and Help Center pages only."""
    return Credentials("anonymous")


def _basic(user: str, secret: str) -> str:
    return "Basic " + b64encode(f"{user}:{secret}".encode()).decode("ascii")
