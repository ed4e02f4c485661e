"""Credentials, sent only to the account's own host.

Credentials that can be renewed are in `zendesk_orm.http.oauth`.

Source: https://developer.zendesk.com/api-reference/introduction/security-and-auth/
"""

from __future__ import annotations

import inspect
from base64 import b64encode
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import urlsplit

from zendesk_orm.errors import AuthenticationFailed, ConfigurationError
from zendesk_orm.http.secret import Secret
from zendesk_orm.messages import display


#: Codes about credentials in the body of a request, not about those that it was sent with.
_OTHER_CREDENTIALS = frozenset({"invalid_client", "invalid_grant"})


class Credentials:
    """Provide the `Authorization` header of each request.

    Attributes:
        kind: the kind of credentials, for messages: `API token`.
        user: the e-mail address of the user, if it is known.
        remedy: the remedy if Zendesk rejects them.
    """

    kind = "anonymous access"
    user: str | None = None
    remedy = "the resource requires credentials: pass some to connect()"

    def authorization(self) -> Secret | None:
        """Return the value of the `Authorization` header, or None to send none.

        Credentials that expire are renewed first if they are due.

        Raises:
            SignInFailed, TransportError: they could not be renewed.
        """
        return None

    def renew(self, rejected: Secret | None) -> bool:
        """Replace credentials that Zendesk rejected as expired or revoked.

        Args:
            rejected: the header that was sent.

        Returns:
            Whether there is another header to try.

        Raises:
            SignInFailed, TransportError: they could not be renewed.
        """
        return False

    def suspend(self, rejected: Secret | None) -> bool:
        """Renew no more for a while: credentials that were just renewed were rejected, too.

        Args:
            rejected: the header that was sent.

        Returns:
            False: no other header can be tried.
        """
        return False

    def is_alive(self, rejected: Secret | None) -> bool:
        """Return whether Zendesk is known to accept credentials that a request was rejected with.

        Args:
            rejected: the header that was sent.

        Raises:
            ApiError, TransportError: the check failed.
        """
        return False

    def close(self) -> None:
        """Close connections that were opened to renew them."""

    def __repr__(self) -> str:
        return f"<{self.kind} of {self.user}>" if self.user else f"<{self.kind}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are never pickled: call connect() in the other process")


class FixedCredentials(Credentials):
    """A header that never changes: an API token, a password, or an access token."""

    def __init__(self, kind: str, user: str | None, header: Secret, remedy: str) -> None:
        self.kind = kind
        self.user = user
        self.remedy = remedy
        self._header = header

    def authorization(self) -> Secret | None:
        """Return the header."""
        return self._header


class CallableToken(Credentials):
    """An access token that a function of the application provides.

    Args:
        function: returns the current token. It is called for each request, from any
            thread, and once more after Zendesk has rejected a token.
    """

    kind = "OAuth token from a function"
    remedy = (
        "the function passed as oauth_token= returned an expired or revoked token; "
        "it must return a living one"
    )

    def __init__(self, function: Callable[[], str]) -> None:
        self._function = function

    def authorization(self) -> Secret | None:
        """Call the function and return its token as a header.

        Raises:
            ConfigurationError: it did not return a token.
        """
        return bearer(
            check_secret("the result of the function passed as oauth_token=", self._function())
        )

    def renew(self, rejected: Secret | None) -> bool:
        """Return whether the function returns another token now."""
        return self.authorization() != rejected


def explain_rejection(
    error: AuthenticationFailed,
    base_url: str,
    credentials: Credentials | None,
    on_behalf_of: str | None,
) -> None:
    """Add the rejected credentials, and the remedy, to an error.

    Args:
        error: of a request to the account's own host.
        base_url: the address of the account.
        credentials: the rejected ones; None for those of the user's `requests.Session`.
        on_behalf_of: the user whom the request acted as.
    """
    if error.code in _OTHER_CREDENTIALS or not error.path.startswith("/"):
        return
    if credentials is None:
        problem = "the credentials of the session that was passed to connect()"
    elif on_behalf_of is not None:
        problem = (
            f"{display(credentials)} acting as {display(on_behalf_of)}: acting_as() needs an "
            "existing end user, and a token with scope impersonate that an administrator granted"
        )
    else:
        problem = f"{display(credentials)}: {credentials.remedy}"
    error.explain(f"{urlsplit(base_url).netloc} rejected {problem}")


def api_token(email: str, token: Secret) -> Credentials:
    """Return the credentials of an API token. Zendesk stops accepting API tokens on 2027-04-30."""
    return FixedCredentials(
        "API token",
        email,
        basic(f"{email}/token", token),
        "check the e-mail address and the token; Zendesk deactivates API tokens that are not used "
        "for 30 days and stops accepting all of them on 2027-04-30: "
        "use oauth=ClientCredentials(...) instead",
    )


def password(email: str, secret: Secret) -> Credentials:
    """Return the credentials of an end user of a closed help center."""
    return FixedCredentials(
        "password",
        email,
        basic(email, secret),
        "check the e-mail address and the password; Zendesk accepts passwords from end users "
        "only: agents use oauth=ClientCredentials(...) or oauth=RefreshToken(...)",
    )


def oauth_token(token: str | Callable[[], str]) -> Credentials:
    """Return the credentials of an access token, or of a function that returns one.

    Raises:
        ConfigurationError: the function is a coroutine function, or the token is invalid.
    """
    if not callable(token):
        return FixedCredentials(
            "OAuth token",
            None,
            bearer(check_secret("oauth_token", token)),
            "it has expired or was revoked, and a fixed token cannot be renewed: "
            "use oauth=ClientCredentials(...) or oauth=RefreshToken(...), "
            "or pass a function as oauth_token=",
        )
    if inspect.iscoroutinefunction(token) or inspect.iscoroutinefunction(
        getattr(token, "__call__", None)  # noqa: B004 - an object with `async def __call__`
    ):
        raise ConfigurationError(
            "the function passed as oauth_token= must return a token; it is a coroutine function"
        )
    return CallableToken(token)


def anonymous() -> Credentials:
    """Return credentials that send no header: for requests and Help Center pages only."""
    return Credentials()


def bearer(token: str) -> Secret:
    """Return the header of an access token."""
    return Secret("Bearer " + token)


def check_secret(name: str, value: object) -> Secret:
    """Return a secret if it can be sent in a header; the message never contains it.

    Raises:
        ConfigurationError: it is not a string, is empty, or contains blanks or control characters.
    """
    if not isinstance(value, str):
        kind = "None" if value is None else type(value).__name__
        raise ConfigurationError(f"{name} must be a string, not {kind}")
    plain = str.__str__(value)
    if not plain:
        raise ConfigurationError(f"{name} is empty")
    if not plain.isascii() or not plain.isprintable() or " " in plain:
        raise ConfigurationError(
            f"{name} must be the whole secret and nothing else: it contains blanks, "
            "line breaks or characters that no token has"
        )
    return Secret(plain)


def basic(user: str, secret: Secret) -> Secret:
    """Return the header of a user and a secret."""
    return Secret("Basic " + b64encode((f"{user}:" + secret).encode()).decode("ascii"))
