"""Grants, by which a program signs in: `ClientCredentials` and `RefreshToken`.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
"""

from __future__ import annotations

from typing import Any, NoReturn

from attrs import field, frozen

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.auth import check_secret
from zendesk_orm.http.oauth.stores import TokenStore, describe_store
from zendesk_orm.http.oauth.token import Token, digest
from zendesk_orm.http.secret import Secret, conceal_arguments
from zendesk_orm.messages import display


#: The default lifetime of access tokens in seconds; Zendesk allows 300 to 172,800.
ACCESS_SECONDS = 7_200
#: The default lifetime of refresh tokens in seconds; Zendesk allows 604,800 to 7,776,000.
REFRESH_SECONDS = 7_689_600
#: The scopes that are requested by default.
READ_WRITE = "read write"
_ACCESS_RANGE = (300, 172_800)
_REFRESH_RANGE = (604_800, 7_776_000)


def _lifetime(least: int, most: int) -> Any:
    def check(instance: object, attribute: Any, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ConfigurationError(
                f"{attribute.name} must be a number of seconds from {least:,} to {most:,}, "
                f"not {display(value)}"
            )

    return check


check_lifetime = _lifetime(*_ACCESS_RANGE)
check_refresh_lifetime = _lifetime(*_REFRESH_RANGE)


def check_client_id(value: object) -> str:
    """Return the identifier of an OAuth client unchanged.

    Raises:
        ConfigurationError: the identifier is empty, not a string, or not printable.
    """
    if not isinstance(value, str) or not value.strip() or not value.strip().isprintable():
        raise ConfigurationError(
            "client_id must be the unique identifier of the OAuth client, such as 'my_app' "
            f"(Admin Center shows it under OAuth clients), not {display(value)}"
        )
    return str.__str__(value).strip()


def check_scope(value: object) -> str:
    """Return scopes unchanged: a string with spaces between the scopes.

    Raises:
        ConfigurationError: the value is not such a string; Zendesk grants nothing for a list.
    """
    if not isinstance(value, str) or not value.split() or not "".join(value.split()).isprintable():
        raise ConfigurationError(
            "scope must be a string with spaces between the scopes, 'read write', not "
            f"{display(value)}"
        )
    return " ".join(str.__str__(value).split())


def _check_store(value: object) -> Any:
    if value is not None and not isinstance(value, TokenStore):
        kind = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        raise ConfigurationError(
            f"store must be a TokenStore, such as FileTokenStore(), not {kind}"
        )
    return value


def _client_secret(value: object) -> Secret:
    return check_secret("client_secret", value)


def _optional_client_secret(value: object) -> Secret | None:
    return None if value is None else check_secret("client_secret", value)


def _optional_refresh_token(value: object) -> Secret | None:
    return None if value is None else check_secret("refresh_token", value)


@conceal_arguments
@frozen
class ClientCredentials:
    """Sign in as a program, with the identifier and the secret of an OAuth client.

    Requests act as the user who created the client. This grant has no refresh token: when a token
    is about to expire, the library signs in again.

    >>> grant = ClientCredentials("my_app", "secret", scope="read write")
    >>> connect(subdomain="acme", oauth=grant, alias="acme")
    <Account 'acme': https://acme.zendesk.com>

    Args:
        client_id: the unique identifier of a confidential client, `my_app` (not its numeric id).
        client_secret: its secret.
        scope: the scopes to request, with spaces between.
        expires_in: the requested lifetime of access tokens in seconds.
        store: the store of tokens; by default in memory. Processes that share a store share
            tokens.

    Raises:
        ConfigurationError: an argument is invalid.

    Source: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
    """

    client_id: str = field(converter=check_client_id)
    client_secret: Secret = field(repr=False, converter=_client_secret)
    scope: str = field(default=READ_WRITE, converter=check_scope)
    expires_in: int = field(default=ACCESS_SECONDS, kw_only=True, validator=check_lifetime)
    store: TokenStore | None = field(
        default=None, repr=describe_store, kw_only=True, converter=_check_store
    )

    @property
    def kind(self) -> str:
        """The kind of credentials, for messages."""
        return f"OAuth client {display(self.client_id)} (client credentials)"

    @property
    def requested_scope(self) -> str:
        """The requested scopes, which are compared with the granted ones."""
        return self.scope

    @property
    def rights(self) -> str | None:
        """A text that is equal for sign-ins with the same rights: the client and the scopes."""
        return f"client {self.client_id} {self.scope}"

    def key(self, host: str) -> str:
        """Return the key of its token in a store."""
        return f"{host} {self.client_id} client_credentials {self.scope}"

    def accepts(self, token: Token) -> bool:
        """Return whether a stored token belongs to this sign-in."""
        return True

    def exchanges(self, stored: Token | None) -> list[dict[str, Any]]:
        """Return the bodies of the token requests to try, in order.

        Args:
            stored: the last token, if there is one.
        """
        body = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scope,
            "expires_in": self.expires_in,
        }
        return [body]

    def origin(self, spent: str | None, stored: Token | None) -> str | None:
        """Return None, because tokens of this grant do not descend from others."""
        return None

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are never pickled: create them in the process that uses them")


@conceal_arguments
@frozen
class RefreshToken:
    """Act as the signed-in person, and renew the pair of tokens by the refresh token.

    `zendesk-orm login` signs in and stores the first pair.

    >>> grant = RefreshToken("my_app", store=FileTokenStore("tokens.json"))
    >>> connect(subdomain="acme", oauth=grant, alias="acme")
    <Account 'acme': https://acme.zendesk.com>

    A refresh token can be used once. Every exchange returns a new one, which is kept in the
    store; if the store has a newer one than `refresh_token`, that is used.

    Args:
        client_id: the unique identifier of the client, `my_app` (not its numeric id).
        refresh_token: the first refresh token; None if the store has one already.
        client_secret: the secret of a confidential client; None for a public client.
        store: the store of pairs. By default in memory: after the process has ended,
            `refresh_token` is used up, so pass a store in production.
        expires_in: the requested lifetime of access tokens in seconds.
        refresh_token_expires_in: the requested lifetime of refresh tokens in seconds, which
            each renewal starts again.

    Raises:
        ConfigurationError: an argument is invalid.

    Source: https://developer.zendesk.com/documentation/api-basics/authentication/refresh-token
    """

    client_id: str = field(converter=check_client_id)
    refresh_token: Secret | None = field(
        default=None, repr=False, converter=_optional_refresh_token
    )
    client_secret: Secret | None = field(
        default=None, repr=False, converter=_optional_client_secret
    )
    store: TokenStore | None = field(
        default=None, repr=describe_store, kw_only=True, converter=_check_store
    )
    expires_in: int = field(default=ACCESS_SECONDS, kw_only=True, validator=check_lifetime)
    refresh_token_expires_in: int = field(
        default=REFRESH_SECONDS, kw_only=True, validator=check_refresh_lifetime
    )

    def __attrs_post_init__(self) -> None:
        if self.refresh_token is None and self.store is None:
            raise ConfigurationError(
                "RefreshToken needs refresh_token=, or store= with the tokens of a sign-in "
                "(zendesk-orm login)"
            )

    @property
    def kind(self) -> str:
        """The kind of credentials, for messages."""
        return f"refresh token of OAuth client {display(self.client_id)}"

    @property
    def requested_scope(self) -> str:
        """The requested scopes: none, because a refresh keeps the scopes of the sign-in."""
        return ""

    @property
    def rights(self) -> str | None:
        """A text that is equal for sign-ins of the same person; None if the person is unknown."""
        if self.refresh_token is not None:
            return f"person {digest(self.refresh_token)}"
        shared = None if self.store is None else self.store.shared_name
        return None if shared is None else f"person {self.client_id} {shared}"

    def key(self, host: str) -> str:
        """Return the key of its token in a store."""
        return sign_in_key(host, self.client_id)

    def accepts(self, token: Token) -> bool:
        """Return whether a stored token belongs to this sign-in.

        It does not if the application was configured with another refresh token later.
        """
        return self.refresh_token is None or token.origin in (None, digest(self.refresh_token))

    def exchanges(self, stored: Token | None) -> list[dict[str, Any]]:
        """Return the bodies of the token requests to try, in order.

        The stored refresh token is tried first, unless the application was configured with
        another one later. The second one is tried if the first is invalid.

        Args:
            stored: the last token, if there is one.
        """
        configured, latest = (
            self.refresh_token,
            None if stored is None else stored.refresh_token,
        )
        if stored is None or latest is None:
            tokens = [configured]
        elif configured is None or stored.origin == digest(configured):
            tokens = [latest]
        else:
            tokens = [latest, configured] if stored.origin is None else [configured, latest]
        return [self._body(token) for token in dict.fromkeys(tokens) if token is not None]

    def origin(self, spent: str | None, stored: Token | None) -> str | None:
        """Return the digest by which later tokens are assigned to this sign-in.

        Args:
            spent: the refresh token that was exchanged for it.
            stored: the last token, if there was one.
        """
        if stored is not None and spent == stored.refresh_token:
            return stored.origin
        return None if self.refresh_token is None else digest(self.refresh_token)

    def _body(self, token: Secret) -> dict[str, Any]:
        # `scope` is left out: a refresh cannot change it. Lifetimes fall back to Zendesk's
        # defaults unless both are sent each time.
        body: dict[str, Any] = {
            "grant_type": "refresh_token",
            "client_id": self.client_id,
            "refresh_token": token,
            "expires_in": self.expires_in,
            "refresh_token_expires_in": self.refresh_token_expires_in,
        }
        if self.client_secret is not None:
            body["client_secret"] = self.client_secret
        return body

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are never pickled: create them in the process that uses them")


Grant = ClientCredentials | RefreshToken


def sign_in_key(host: str, client_id: str) -> str:
    """Return the key under which the tokens of a person are stored."""
    return f"{host} {client_id}"
