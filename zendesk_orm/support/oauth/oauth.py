"""OAuth clients, which request access to the account, and tokens, which grant it.

Secrets are fields that can be read but do not appear in logs or representations.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action, alters_data
from zendesk_orm.api.paging import CURSOR, OFFSET
from zendesk_orm.api.vocabulary import CREATE, DELETE, READ, SHOW, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, ReadOnlyRef, Ref
from zendesk_orm.schema.secret_fields import ReadOnlySecret
from zendesk_orm.session.action_bodies import record_of
from zendesk_orm.support.users.passwords import secret


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User

Kind = Literal["public", "confidential"]
GrantType = Literal["authorization_code", "refresh_token", "client_credentials"]


class OAuthClientManager(Manager["OAuthClient"]):
    """The manager `OAuthClient.objects`."""

    @action("GET", "users/me/oauth/clients", key="clients")
    def mine(self) -> list[OAuthClient]:
        """Return the clients that the authenticated user created.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/#list-current-user-oauth-clients
        """
        return self._from_rows(self._call("mine")["clients"])


class OAuthClient(Model):
    """An application that requests access to the account.

    `secret` is complete only in the object that was created or whose secret was replaced by
    `generate_secret()`; later, Zendesk returns only a part of the secret.
    """

    objects = OAuthClientManager.as_manager()

    url: ReadOnly[str]
    name: Field[str]
    identifier: Field[str]
    company: Field[str | None]
    description: Field[str | None]
    kind: Field[Kind | None]
    redirect_uri: Field[list[str]]
    secret: ReadOnlySecret[str | None]
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
        api = resource("oauth/clients", fits_in_memory=True)

    @action("PUT", "oauth/clients/{id}/generate_secret", key="client")
    def generate_secret(self) -> Self:
        """Replace the secret of the client; the old secret stops working.

        Returns:
            The client, with the complete secret in `secret`.

        Raises:
            InvalidValue: the client was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/#generate-secret
        """
        return self._call_and_update("generate_secret")


class GlobalOAuthClient(Model):
    """An application for many accounts that users of this account have authorized."""

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
        api = resource("oauth/global_clients", can=READ)


class TokenSummary(Model):
    """The number of tokens of a global client in this account, and the time of their last use.

    `id` is the id of the client.
    """

    last_used_at: ReadOnly[datetime | None]
    tokens_count: ReadOnly[int]

    global_client: Lookup[GlobalOAuthClient]
    include_expired: Lookup[bool]

    class Meta:
        verbose_name_plural = "token summaries"
        api = listing(
            "oauth/global_clients/token_summary",
            key="global_clients",
            filters={"global_client": "global_client_id", "include_expired": "include_expired"},
        )


class OAuthTokenManager(Manager["OAuthToken"]):
    """The manager `OAuthToken.objects`."""

    @action("GET", "oauth/tokens/current", key="token")
    def current(self) -> OAuthToken:
        """Return the token with which the requests are authenticated.

        Raises:
            NotFound: the requests are not authenticated with a token.
            AuthenticationFailed: the token is expired or revoked.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#show-current-token
        """
        return self._from_rows([self._call("current")["token"]])[0]

    @action("DELETE", "oauth/tokens/current")
    def revoke_current(self) -> None:
        """Revoke the token with which the requests are authenticated.

        Raises:
            NotFound: the requests are not authenticated with a token.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#revoke-current-token
        """
        self._call("revoke_current")

    @action("POST", "/oauth/tokens")
    def grant(self, grant_type: GrantType, **parameters: Any) -> OAuthGrant:
        """Exchange a code, a refresh token or a client's secret for a token.

        ::

            OAuthToken.objects.grant(
                "client_credentials", client_id="app", client_secret=secret, scope="read"
            )

        Args:
            grant_type: the kind of grant.
            parameters: `client_id` (the client's identifier), `client_secret`, `scope`; `code`,
                `redirect_uri` and `code_verifier` of an authorization; `refresh_token`;
                `expires_in` and `refresh_token_expires_in` in seconds.

        Returns:
            The complete access token, and its refresh token except for `client_credentials`.

        Raises:
            InvalidValue: a required parameter is missing.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
        """
        if grant_type not in tuple(_REQUIRED):
            raise InvalidValue(
                f"grant_type must be one of {', '.join(_REQUIRED)}, not {display(grant_type)}"
            )
        required = ("client_id", *_REQUIRED[grant_type])
        missing = [name for name in required if not parameters.get(name)]
        if missing:
            raise InvalidValue(f"{grant_type} requires {' and '.join(missing)}")
        secrets = {
            name: secret(value, name) for name, value in parameters.items() if name in _SECRETS
        }
        body = {"grant_type": grant_type, **parameters, **secrets}
        return self._call("grant", body, then=_read_grant, in_dry_run=OAuthGrant())


class OAuthToken(Model):
    """An access token of a user for a client.

    Lists return the authenticated user's tokens by default, all users' tokens with
    `filter(all=True)`, and a client's tokens with `filter(client=client)`. They contain only
    the first ten characters of `token`; a newly created object has the complete token.
    """

    objects = OAuthTokenManager.as_manager()

    url: ReadOnly[str]
    client: Ref[OAuthClient]
    client_id: Id[int]
    user: ReadOnlyRef[User]
    user_id: Id[int]
    scopes: CreateOnly[list[str]]
    token: ReadOnlySecret[str]
    refresh_token: ReadOnlySecret[str | None]
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
        api = resource("oauth/tokens", can=SHOW | CREATE | DELETE) + listing(
            "oauth/tokens",
            filters={"client": "client_id", "global_client": "global_client_id", "all": "all"},
            paging=(CURSOR, OFFSET),
        )

    @alters_data
    def revoke(self) -> None:
        """Revoke the token, as `delete()` does.

        Raises:
            InvalidValue: the token was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#revoke-token
        """
        self.delete()


def _read_grant(data: Any) -> OAuthGrant:
    """Return the tokens in the body of a response as an object."""
    return record_of(OAuthGrant, data)


class OAuthGrant(Model):
    """The complete tokens that were issued for a code, a refresh token or a client secret."""

    access_token: ReadOnlySecret[str]
    refresh_token: ReadOnlySecret[str | None]
    token_type: ReadOnly[str]
    scope: ReadOnly[str | None]
    expires_in: ReadOnly[int | None]
    refresh_token_expires_in: ReadOnly[int | None]


#: Required parameters of each kind of grant, in addition to `client_id`.
_REQUIRED = {
    "authorization_code": ("code", "redirect_uri"),
    "refresh_token": ("refresh_token",),
    "client_credentials": ("client_secret",),
}
_SECRETS = frozenset({"client_secret", "code", "code_verifier", "refresh_token"})
