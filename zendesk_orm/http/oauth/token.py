"""`Token`: an access token with its scopes, expiry and origin."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NoReturn

from attrs import field, frozen

from zendesk_orm.errors import ConfigurationError, InvalidValue
from zendesk_orm.http.auth import check_secret
from zendesk_orm.http.secret import Secret, conceal_arguments, reveal


def _access_token(value: object) -> Secret:
    return check_secret("access_token", value)


def _refresh_token(value: object) -> Secret | None:
    return None if value is None else check_secret("refresh_token", value)


@conceal_arguments
@frozen
class Token:
    """An access token, the refresh token that replaces it, and how long both are valid.

    >>> token = Token("access", "refresh", scope="read", issued_at=1000.0, expires_in=300.0)
    >>> token.seconds_left(now=1100.0)
    200.0

    Attributes:
        access_token: the token that requests are sent with.
        refresh_token: the token that is exchanged for a new pair; None for grants without one.
        scope: the scopes that were granted, separated by spaces.
        issued_at: when it was requested, in seconds since the epoch.
        expires_in: seconds from then until it expires; None if unknown.
        refresh_token_expires_in: the same for the refresh token.
        origin: a digest of the refresh token that the application was configured with, from
            which this one descends; None after an interactive sign-in.

    Raises:
        ConfigurationError: a secret cannot be sent in a header.
    """

    access_token: Secret = field(repr=False, converter=_access_token)
    refresh_token: Secret | None = field(default=None, repr=False, converter=_refresh_token)
    scope: str = ""
    issued_at: float = 0.0
    expires_in: float | None = None
    refresh_token_expires_in: float | None = None
    origin: str | None = field(default=None, repr=False)

    def seconds_left(self, now: float) -> float | None:
        """Return the seconds until the access token expires, or None if that is unknown.

        A token that seems to come from the future was stored by a machine whose clock differs;
        it counts as new.

        Args:
            now: seconds since the epoch.
        """
        if self.expires_in is None:
            return None
        return self.expires_in - max(now - self.issued_at, 0.0)

    def to_json(self) -> str:
        """Return the token as JSON, secrets included, for a store to keep."""
        return json.dumps(
            {
                "access_token": reveal(self.access_token),
                "refresh_token": None if self.refresh_token is None else reveal(self.refresh_token),
                "scope": self.scope,
                "issued_at": self.issued_at,
                "expires_in": self.expires_in,
                "refresh_token_expires_in": self.refresh_token_expires_in,
                "origin": self.origin,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Token:
        """Return the token that `to_json()` wrote.

        Raises:
            InvalidValue: the text is not such JSON; the message does not contain it.
        """
        token = _parse(text)
        if token is None:
            # Tracebacks that show local variables would contain it.
            text = ""
            raise InvalidValue("the stored token is damaged: sign in again, or delete it")
        return token

    def __reduce__(self) -> NoReturn:
        raise TypeError("tokens are never pickled: keep them in a TokenStore")


def digest(secret: str) -> str:
    """Return a fingerprint of a secret, by which it is recognized without being stored."""
    return hashlib.sha256(reveal(secret).encode()).hexdigest()


def _parse(text: str) -> Token | None:
    """Return the token that `to_json()` wrote, or None if the text is something else."""
    try:
        data = json.loads(text)
        return Token(
            data["access_token"],
            data.get("refresh_token"),
            scope=str(data.get("scope") or ""),
            issued_at=float(data.get("issued_at") or 0),
            expires_in=_optional(data.get("expires_in"), float),
            refresh_token_expires_in=_optional(data.get("refresh_token_expires_in"), float),
            origin=_optional(data.get("origin"), str),
        )
    except (LookupError, AttributeError, TypeError, ValueError, OverflowError, RecursionError):
        return None
    except ConfigurationError:
        return None


def _optional(value: Any, convert: Any) -> Any:
    return None if value is None else convert(value)
