"""The token endpoint of an account: `POST /oauth/tokens`, and requests about a token.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/grant_type_tokens/
"""

from __future__ import annotations

import json
import logging
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from zendesk_orm.errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    ConfigurationError,
    MalformedResponse,
    NotFound,
    PermissionDenied,
    SignInFailed,
    SignInRequired,
    Unprocessable,
    ZendeskError,
)
from zendesk_orm.http.auth import anonymous, bearer
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.limits import DEFAULT_LIMITS, Limits
from zendesk_orm.http.oauth.deadlines import RETRY, bounded_limits, bounded_retry
from zendesk_orm.http.oauth.token import Token
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.retry import RetryPolicy
from zendesk_orm.http.secret import Secret, reveal
from zendesk_orm.http.transport import Transport
from zendesk_orm.messages import display


E = TypeVar("E", bound=ApiError)

logger = logging.getLogger("zendesk_orm.oauth")

_TOKENS = "/oauth/tokens"
_CURRENT = "/api/v2/oauth/tokens/current"
#: Seconds by which the clocks of this machine and of Zendesk may differ without a warning.
_SKEW = 300
#: Answers that mean: the request itself was rejected, and sending it again cannot help.
_REJECTIONS = (AuthenticationFailed, BadRequest, NotFound, PermissionDenied, Unprocessable)
_DEAD = "refresh token is invalid or expired"


class TokenEndpoint:
    """Exchanges grants for tokens at an account's own host.

    Requests take no longer than `deadlines` allows, because others wait for their end.

    Args:
        base_url: the address of the account.
        retry: which failures are tried again.
        limits: of the time and the size of a response.
        options: other options of the `Transport`.
    """

    def __init__(
        self,
        base_url: str,
        *,
        retry: RetryPolicy | None = None,
        limits: Limits = DEFAULT_LIMITS,
        **options: Any,
    ) -> None:
        self._transport = Transport(
            base_url,
            anonymous(),
            retry=bounded_retry(retry or RETRY),
            limits=bounded_limits(limits),
            **options,
        )
        #: Seconds by which Zendesk's clock was ahead of this machine's, at the last answer.
        self.skew = 0.0

    @property
    def host(self) -> str:
        """The host of the account: `acme.zendesk.com`."""
        return urlsplit(self._transport.base_url).netloc

    @property
    def clock(self) -> Clock:
        """The clock of the account."""
        return self._transport.clock

    def exchange(self, body: Mapping[str, Any], origin: str | None = None) -> Token:
        """Request a token.

        Args:
            body: the grant, its secrets as `Secret`.
            origin: the mark of the token, see `Token`.

        Raises:
            SignInFailed: Zendesk refused, or granted none of the scopes; `SignInRequired` if the
                refresh token is dead.
            MalformedResponse: the answer has no token.
            ServerError, RateLimited, TransportError: after retries.
        """
        # Before it is sent: a token never lives longer than is assumed here.
        issued = self.clock.now()
        # Sending it again is safe: if the first one was applied and its answer was lost, the
        # refresh token is used up either way.
        request = Request("POST", _TOKENS, json=dict(body), safe=True, confidential=True)
        try:
            response = self._transport.send(request)
        except ApiError as error:
            failure = _failure(error, body, self.host)
        else:
            self._measure_skew(response)
            token = _token(response.data, body, issued, origin)
            if token is None:
                failure = MalformedResponse(
                    "POST",
                    _TOKENS,
                    response.status,
                    description="the answer has no access_token that can be sent in a header",
                )
            elif body.get("scope") and response.data.get("scope") == "":
                failure = SignInFailed("POST", _TOKENS, response.status, code="invalid_scope")
                failure.explain(
                    f"{self.host} granted OAuth client {display(body.get('client_id'))} none of "
                    f"the scopes {display(body['scope'])}: they do not exist, or the client may "
                    'not have them. Separate scopes by spaces: "read write"'
                )
            else:
                return token
        raise failure

    def current(self, token: Secret, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return Zendesk's description of an access token: its id, scopes and expiry.

        Raises:
            AuthenticationFailed: the token is expired or revoked.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#show-token
        """
        data = self._transport.send(self._about(token, "GET", headers)).data
        description = data.get("token") if isinstance(data, dict) else None
        return description if isinstance(description, dict) else {}

    def revoke(self, token: Secret) -> None:
        """Revoke an access token; an expired or revoked one is ignored.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/#revoke-token
        """
        try:
            self._transport.send(self._about(token, "DELETE"))
        except (AuthenticationFailed, NotFound):
            logger.debug("the access token at %s was revoked before", self.host)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    @staticmethod
    def _about(token: Secret, method: str, headers: Mapping[str, str] | None = None) -> Request:
        headers = {**(headers or {}), "Authorization": bearer(token)}
        return Request(method, _CURRENT, headers=headers, confidential=True)

    def lifetime(self, access: Secret) -> float | None:
        """Return the lifetime of a token whose response does not contain it, or None if unknown.

        A missing `expires_in` does not mean that the token lasts for ever. The token is used to
        ask, so it must be stored before.
        """
        try:
            moment = self.current(access).get("expires_at")
        except ZendeskError as error:
            logger.debug("%s does not report when a token expires: %s", self.host, error)
            moment = None
        now = self.clock.now() + self.skew
        if isinstance(moment, str):
            try:
                return max(
                    datetime.fromisoformat(moment.replace("Z", "+00:00")).timestamp() - now, 0
                )
            except (ValueError, OverflowError):
                return None
        end = _jwt_expiry(access)
        return None if end is None else max(end - now, 0)

    def _measure_skew(self, response: Response) -> None:
        """Compare the clocks; warn once if this machine's is wrong."""
        try:
            theirs = parsedate_to_datetime(response.headers["date"]).timestamp()
        except (KeyError, TypeError, ValueError, OverflowError):
            return
        before, self.skew = self.skew, theirs - self.clock.now()
        if abs(self.skew) > _SKEW >= abs(before):
            logger.warning("%s", skew_hint(self.skew))


def _token(data: Any, body: Mapping[str, Any], issued: float, origin: str | None) -> Token | None:
    """Return the token of an answer, or None if it has none that can be used.

    No exception leaves this function: its local variables are secrets in plain text.
    """
    data = data if isinstance(data, dict) else {}
    # Some answers leave the refresh token out: then the one that was sent stays in force.
    refresh = data.get("refresh_token")
    if not isinstance(refresh, str) or not refresh:
        refresh = body.get("refresh_token")
    scope = data.get("scope")
    try:
        return Token(
            data.get("access_token", ""),
            refresh,
            scope=scope if isinstance(scope, str) else "",
            issued_at=issued,
            expires_in=_seconds(data.get("expires_in")),
            refresh_token_expires_in=_seconds(data.get("refresh_token_expires_in")),
            origin=origin,
        )
    except ConfigurationError:
        return None


def skew_hint(skew: float) -> str:
    """Return a sentence about the clock of this machine, or "" if it is right."""
    if abs(skew) <= _SKEW:
        return ""
    direction = "behind" if skew > 0 else "ahead of"
    return f"the clock of this machine is {abs(skew):.0f} seconds {direction} Zendesk's: set it"


def _failure(error: ApiError, body: Mapping[str, Any], host: str) -> ApiError:
    """Return the error without the secrets of the request, with the remedy."""
    if not isinstance(error, _REJECTIONS):
        return _restated(error, type(error), body)
    text = f"{error.code} {error.description}".lower()
    grant = body.get("grant_type")
    dead = grant == "refresh_token" and (error.code == "invalid_grant" or _DEAD in text)
    cls = SignInRequired if dead else SignInFailed
    failure = _restated(error, cls, body)
    failure.explain(_remedy(error, body, host, dead=dead))
    return failure


def _restated(error: ApiError, cls: type[E], body: Mapping[str, Any]) -> E:
    """Return a copy without the body of the answer, which may repeat secrets of the request."""
    return cls(
        error.method,
        error.path,
        error.status,
        code=_without_secrets(error.code, body),
        description=_without_secrets(error.description, body),
        request_id=error.request_id and _without_secrets(error.request_id, body),
        retry_after=error.retry_after,
    )


def _remedy(error: ApiError, body: Mapping[str, Any], host: str, *, dead: bool) -> str:
    client, grant = body.get("client_id"), body.get("grant_type")
    kind = str(grant).replace("_", " ")
    which = f"{host} rejected the {kind} grant of OAuth client {display(client)}"
    if dead:
        return (
            f"{host} rejected the refresh token of OAuth client {display(client)}: it was used "
            "before, revoked, or expired. A person has to sign in again: zendesk-orm login. "
            "If several processes share the sign-in, give them one FileTokenStore"
        )
    if error.code == "invalid_grant":
        return (
            f"{which}: the code was used before, is older than 120 seconds, or was requested "
            "with another redirect URL or code verifier. Sign in again"
        )
    if error.code == "invalid_client":
        return f"{which}: {_client_remedy(body)}"
    if error.code == "invalid_scope":
        return (
            f"{which}: the client may not ask for scope {display(body.get('scope'))}. "
            "Request less, or allow the client more in Admin Center"
        )
    if error.code in ("unauthorized_client", "unsupported_grant_type"):
        return f"{which}: client credentials need a client of kind confidential"
    if 300 <= error.status < 400:
        return f"{host} redirects its token endpoint: connect to the host where it is"
    if isinstance(error, NotFound):
        return f"{host} has no token endpoint: check the subdomain"
    return which


def _client_remedy(body: Mapping[str, Any]) -> str:
    """Return the remedy for a client that Zendesk rejects."""
    client = str(body.get("client_id"))
    if client.isdigit():
        return (
            f"client_id {client} is a number, which is the client's id. Zendesk expects its "
            "unique identifier, which Admin Center shows under OAuth clients"
        )
    if "client_secret" not in body:
        return (
            "the public client does not exist. Compare its identifier with Admin Center, under "
            "OAuth clients; a confidential client needs client_secret="
        )
    return (
        "the client does not exist, or the secret is wrong. Compare both with Admin "
        "Center, under OAuth clients"
    )


def _without_secrets(text: str, body: Mapping[str, Any]) -> str:
    for value in body.values():
        if isinstance(value, Secret):
            text = text.replace(reveal(value), "...")
    return text


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < float("inf") else None


def _jwt_expiry(token: str) -> float | None:
    """Return the end of a token that is a JWT, in seconds since the epoch."""
    parts = reveal(token).split(".")
    if len(parts) != 3:
        return None
    try:
        payload = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return _seconds(payload.get("exp")) if isinstance(payload, dict) else None
