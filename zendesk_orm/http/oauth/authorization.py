"""The authorization code grant: a person allows a program in the browser (RFC 6749, RFC 7636).

::

    request = AuthorizationRequest("my_app", "http://127.0.0.1:8085/callback")
    webbrowser.open(request.url("https://acme.zendesk.com"))
    ...                                 # Zendesk redirects the browser to the redirect URL
    token = request.exchange(endpoint, redirect)

`loopback` waits for the redirect in a program that runs on the machine of the browser; a web
application passes the address that its own view was called with.

Source: https://developer.zendesk.com/documentation/ticketing/working-with-oauth/oauth-pkce
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import Any, NoReturn
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from attrs import field, frozen

from zendesk_orm.errors import ConfigurationError, SignInFailed
from zendesk_orm.http.auth import check_secret
from zendesk_orm.http.hosts import LOOPBACK
from zendesk_orm.http.oauth.endpoint import TokenEndpoint
from zendesk_orm.http.oauth.grants import (
    ACCESS_SECONDS,
    READ_WRITE,
    REFRESH_SECONDS,
    check_client_id,
    check_lifetime,
    check_refresh_lifetime,
    check_scope,
)
from zendesk_orm.http.oauth.token import Token
from zendesk_orm.http.secret import Secret, conceal_arguments, reveal
from zendesk_orm.messages import display


_PATH = "/oauth/authorizations/new"


def check_redirect_uri(value: object) -> str:
    """Return a redirect URL if Zendesk can accept it.

    Raises:
        ConfigurationError: it is not https, and not http at `localhost` or `127.0.0.1`.
    """
    parts = split_url(value) if isinstance(value, str) else SplitResult("", "", "", "", "")
    secure = parts.scheme == "https" and bool(parts.hostname)
    local = parts.scheme == "http" and parts.hostname in LOOPBACK
    broken = bool(parts.fragment) or parts.username is not None or parts.port == 0
    if broken or not (secure or local):
        raise ConfigurationError(
            "redirect_uri must be https://..., or http:// with localhost or 127.0.0.1, as it is "
            f"registered in Admin Center, not {display(value)}"
        )
    return str(value)


def split_url(url: str) -> SplitResult:
    """Return the parts of a URL; all are empty if it is invalid."""
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018 - raises an exception if it is not a number
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def _optional_secret(value: object) -> Secret | None:
    return None if value is None else check_secret("client_secret", value)


def _random() -> Secret:
    return Secret(secrets.token_urlsafe(48))


@conceal_arguments
@frozen
class AuthorizationRequest:
    """One attempt to sign a person in, with its own `state` and PKCE verifier.

    Args:
        client_id: the unique identifier of the client, `my_app` (not its numeric id).
        redirect_uri: the address to which Zendesk sends the browser. It must be registered for
            the client in exactly this form, including the port.
        scope: the scopes to request, with spaces between.
        client_secret: the secret of a confidential client; None for a public client.
        expires_in: the requested lifetime of the access token in seconds.
        refresh_token_expires_in: the requested lifetime of the refresh token in seconds.
        state: a random text that the redirect must repeat, so that no foreign code is accepted.
        verifier: proves to Zendesk that the code is exchanged by the client that requested it.

    Raises:
        ConfigurationError: an argument is invalid.
    """

    client_id: str = field(converter=check_client_id)
    redirect_uri: str = field(converter=check_redirect_uri)
    scope: str = field(default=READ_WRITE, converter=check_scope)
    client_secret: Secret | None = field(default=None, repr=False, converter=_optional_secret)
    expires_in: int = field(default=ACCESS_SECONDS, kw_only=True, validator=check_lifetime)
    refresh_token_expires_in: int = field(
        default=REFRESH_SECONDS, kw_only=True, validator=check_refresh_lifetime
    )
    state: Secret = field(factory=_random, repr=False, kw_only=True)
    verifier: Secret = field(factory=_random, repr=False, kw_only=True)

    @property
    def challenge(self) -> str:
        """The PKCE challenge: the digest of the verifier by the method S256."""
        digest = hashlib.sha256(reveal(self.verifier).encode("ascii")).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def url(self, base_url: str) -> str:
        """Return the address at which the person signs in and allows the program.

        Args:
            base_url: the address of the account, `https://acme.zendesk.com`.
        """
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self.scope,
            "state": reveal(self.state),
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return f"{base_url.rstrip('/')}{_PATH}?{urlencode(query)}"

    def matches(self, redirect: str) -> bool:
        """Return whether the address of a redirect belongs to this request, by its `state`.

        A redirect with an error needs no state, because it signs in no user.
        """
        answer = _parameters(redirect)
        if "state" not in answer:
            return "error" in answer
        received = answer["state"].encode("utf-8", "replace")
        return secrets.compare_digest(received, reveal(self.state).encode("ascii"))

    def code(self, redirect: str) -> Secret:
        """Return the authorization code in the address of a redirect.

        Raises:
            SignInFailed: Zendesk or the person refused, or the redirect belongs to another request.
        """
        answer = _parameters(redirect)
        if not self.matches(redirect):
            raise _failure(
                "", "", "the redirect has another state: it answers another request. Sign in again"
            )
        if "error" in answer:
            remedy = (
                f"nobody was signed in to OAuth client {display(self.client_id)}: allow it in "
                "the browser"
                if answer["error"] == "access_denied"
                else f"compare OAuth client {display(self.client_id)}, its redirect URLs "
                "(requested: "
                f"{self.redirect_uri}) and scope {display(self.scope)} with Admin Center"
            )
            # Any page can call the redirect URL, so its text must not contain control characters.
            texts = (answer["error"], answer.get("error_description", ""))
            error, description = ("".join(filter(str.isprintable, text)) for text in texts)
            raise _failure(error, description, remedy)
        if not answer.get("code"):
            raise _failure("", "", "the redirect has no code. Sign in again")
        return Secret(answer["code"])

    def exchange(self, endpoint: TokenEndpoint, redirect: str) -> Token:
        """Exchange the code of a redirect for a token, and return the token.

        Store it before it is used; `missing_scopes()` compares the granted scopes.

        Args:
            endpoint: the token endpoint of the account.
            redirect: the complete address to which Zendesk sent the browser.

        Raises:
            SignInFailed: Zendesk or the person refused, or the redirect belongs to another request.
            ApiError, TransportError.
        """
        body: dict[str, Any] = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": self.code(redirect),
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            "scope": self.scope,
            "expires_in": self.expires_in,
            "refresh_token_expires_in": self.refresh_token_expires_in,
        }
        if self.client_secret is not None:
            body["client_secret"] = self.client_secret
        return endpoint.exchange(body)

    def __reduce__(self) -> NoReturn:
        raise TypeError("credentials are never pickled: create them in the process that uses them")


def _parameters(redirect: str) -> dict[str, str]:
    """Return the query parameters of an address; the value of one that occurs twice is ""."""
    try:
        query = parse_qs(split_url(redirect).query, keep_blank_values=True)
    except ValueError:
        return {}
    return {name: values[0] if len(values) == 1 else "" for name, values in query.items()}


def _failure(code: str, description: str, remedy: str) -> SignInFailed:
    error = SignInFailed("GET", _PATH, 302, code=code, description=description)
    error.explain(remedy)
    return error
