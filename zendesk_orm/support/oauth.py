"""OAuth: the clients that may ask for access, and the tokens that give it.

Secrets are fields: they can be read, and nothing shows them by itself.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import CURSOR, OFFSET
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, ReadOnlyRef, Ref
from zendesk_orm.support.passwords import secret


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.users import User

Kind = Literal["public", "confidential"]
GrantType = Literal["authorization_code", "refresh_token", "client_credentials"]


class OAuthClientManager(Manager["OAuthClient"]):
    """`OAuthClient.objects`."""

    def mine(self) -> list[OAuthClient]:
        """Return the clients that the caller has made.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/#list-current-user-oauth-clients
        """
        return self._made(self._call("mine")["clients"])


class OAuthClient(Model):
    """An application that asks for access to the account.

    The secret is whole only in the object that was made, or that got another by
    `generate_secret()`; after that Zendesk shows a part of it.
    """

    objects = OAuthClientManager.as_manager()

    url: ReadOnly[str]
    name: Field[str]
    identifier: Field[str]
    company: Field[str | None]
    description: Field[str | None]
    kind: Field[Kind | None]
    redirect_uri: Field[list[str]]
    secret: ReadOnly[str | None]
    logo_url: ReadOnly[str | None]
    global_: ReadOnly[bool | None]
    user: Ref[User]
    user_id: Id[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    tokens: Many[OAuthToken]

    class Meta:
        singular = "client"
        verbose_name = "OAuth client"
        verbose_name_plural = "OAuth clients"
        required = ("name", "identifier")
        api = (
            resource("oauth/clients", small=True)
            + action("mine", "GET", "users/me/oauth/clients", "clients")
            + action("generate_secret", "PUT", "oauth/clients/{id}/generate_secret", "client")
        )

    def generate_secret(self) -> Self:
        """Give the client another secret; the one before works no more.

        Returns:
            The client, which has the whole secret in `secret`.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/#generate-secret
        """
        return self._take("generate_secret")


class GlobalOAuthClient(Model):
    """An application that works with many accounts, and that users of this one have let in."""

    name: ReadOnly[str]
    identifier: ReadOnly[str]
    company: ReadOnly[str | None]
    description: ReadOnly[str | None]
    kind: ReadOnly[Kind | None]
    logo_url: ReadOnly[str | None]

    class Meta:
        singular = "global_client"
        verbose_name = "global OAuth client"
        verbose_name_plural = "global OAuth clients"
        api = resource("oauth/global_clients", can="list show")


class TokenSummary(Model):
    """How many tokens a global client has in this account, and when one was last used.

    Its id is that of the client.
    """

    last_used_at: ReadOnly[datetime | None]
    tokens_count: ReadOnly[int]

    global_client: Lookup[GlobalOAuthClient]
    include_expired: Lookup[bool]

    class Meta:
        verbose_name_plural = "token summaries"
        api = listed(
            "oauth/global_clients/token_summary",
            key="global_clients",
            takes={"global_client": "global_client_id", "include_expired": "include_expired"},
        )


class OAuthTokenManager(Manager["OAuthToken"]):
    """`OAuthToken.objects`."""

    def current(self) -> OAuthToken:
        """Return the token that the caller comes with.

        Raises:
            NotFound: the caller comes with none.
            AuthenticationFailed: the token is expired or revoked.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#show-current-token
        """
        return self._made([self._call("current")["token"]])[0]

    def revoke_current(self) -> None:
        """Revoke the token that the caller comes with, which gives no access any more.

        Raises:
            NotFound: the caller comes with none.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#revoke-current-token
        """
        self._call("revoke_current")

    def grant(self, grant_type: GrantType, **given: Any) -> OAuthGrant:
        """Exchange a code, a refresh token or a client's secret for a token.

        ::

            OAuthToken.objects.grant(
                "client_credentials", client_id="app", client_secret=secret, scope="read"
            )

        Args:
            grant_type: what is exchanged.
            given: `client_id` (the client's identifier), `client_secret`, `scope`; `code`,
                `redirect_uri` and `code_verifier` of an authorization; `refresh_token`;
                `expires_in` and `refresh_token_expires_in` in seconds.

        Returns:
            The access token in full, and its refresh token except for `client_credentials`.

        Raises:
            InvalidValue: what the exchange needs is missing.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
        """
        if grant_type not in _NEEDS:
            raise InvalidValue(f"grant_type wants one of {', '.join(_NEEDS)}, not {grant_type!r}")
        missing = [name for name in ("client_id", *_NEEDS[grant_type]) if not given.get(name)]
        if missing:
            raise InvalidValue(f"{grant_type} wants {' and '.join(missing)}")
        hidden = {name: secret(value, name) for name, value in given.items() if name in _SECRET}
        row = self._call("grant", {"grant_type": grant_type, **given, **hidden})
        return OAuthGrant.from_row(row or {})


class OAuthToken(Model):
    """A token of access, and whose it is.

    The list has the tokens of the caller; those of everybody with `filter(all=True)`, and
    those of a client with `filter(client=client)`. Of `token` it has the first ten
    characters; an object that was just made has them all.
    """

    objects = OAuthTokenManager.as_manager()

    url: ReadOnly[str]
    client: Ref[OAuthClient]
    client_id: Id[int]
    user: ReadOnlyRef[User]
    user_id: Id[int]
    scopes: CreateOnly[list[str]]
    token: ReadOnly[str]
    refresh_token: ReadOnly[str | None]
    created_at: ReadOnly[datetime]
    expires_at: ReadOnly[datetime | None]
    refresh_token_expires_at: ReadOnly[datetime | None]
    used_at: ReadOnly[datetime | None]

    all: Lookup[bool]
    global_client: Lookup[GlobalOAuthClient]

    class Meta:
        singular = "token"
        verbose_name = "OAuth token"
        verbose_name_plural = "OAuth tokens"
        required = ("client",)
        api = (
            resource("oauth/tokens", can="show create delete")
            + listed(
                "oauth/tokens",
                takes={"client": "client_id", "global_client": "global_client_id", "all": "all"},
                paging=(CURSOR, OFFSET),
            )
            + action("current", "GET", "oauth/tokens/current", "token")
            + action("revoke_current", "DELETE", "oauth/tokens/current")
            + action("grant", "POST", "/oauth/tokens")
        )

    def revoke(self) -> None:
        """Revoke the token, which gives no access any more; `delete()` by its proper name.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#revoke-token
        """
        self.delete()


class OAuthGrant(Model):
    """What was exchanged for a code, a refresh token or a secret: a token, whole."""

    access_token: ReadOnly[str]
    refresh_token: ReadOnly[str | None]
    token_type: ReadOnly[str]
    scope: ReadOnly[str | None]
    expires_in: ReadOnly[int | None]
    refresh_token_expires_in: ReadOnly[int | None]


#: What each exchange wants besides the client.
_NEEDS = {
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
    "client_credentials": ("client_secret",),
}
_SECRET = frozenset({"client_secret", "code", "code_verifier", "refresh_token"})
