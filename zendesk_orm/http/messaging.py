"""The app and the credentials with which requests of Sunshine Conversations are sent.

Its API has paths below `/sc` on the account's host, and other credentials: a key of an app, of an
integration or of the account, or a token of the OAuth bridge.

Source: https://developer.zendesk.com/documentation/conversations/getting-started/api-authentication/
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import quote

from attrs import evolve, field, frozen

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http import auth
from zendesk_orm.http.auth import Credentials, FixedCredentials, bearer, check_secret
from zendesk_orm.http.request import Request
from zendesk_orm.http.secret import Secret, conceal_arguments
from zendesk_orm.messages import display


#: The beginning of the declared paths, and the part of them that stands for the id of the app.
ROOT = "/sc"
APP = f"{ROOT}/v2/apps/:app"
#: The older host, whose paths do not begin with `/sc`.
OLD_HOST = "https://api.smooch.io"
#: The scopes of a JWT.
JWT_SCOPES = ("account", "app", "integration", "user")

_ID = re.compile(r"[\w-]+", re.ASCII)
_REMEDY = (
    "check the id of the app, the id of the key and its secret, which Admin Center shows under "
    "Apps and integrations > Conversations API"
)
_HOW = (
    "Sunshine Conversations needs other credentials: "
    "connect(..., messaging=MessagingKey(app_id, key_id, secret))"
)


def _check_app_id(value: object) -> str:
    """Return the id of an app unchanged.

    Raises:
        ConfigurationError: it is not text, or contains other characters than ids do.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ConfigurationError(f"app_id must be the id of an app, not {display(value)}")
    return str.__str__(value)


def _check_key_id(value: object) -> str:
    """Return the id of a key unchanged.

    Raises:
        ConfigurationError: it is not the id of a key. The message does not contain it, because it
            may be the secret.
    """
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ConfigurationError("key_id must be the id of a key, such as app_5c93f8b1a2e4d60010")
    return str.__str__(value)


def _hide_key(value: object) -> Secret:
    return check_secret("secret", value)


def _hide_token(value: object) -> Any:
    return value if callable(value) else check_secret("oauth_token", value)


def _check_scope(key: Any, attribute: Any, value: Any) -> None:
    if value is not None and not (isinstance(value, str) and value in JWT_SCOPES):
        raise ConfigurationError(
            f"jwt_scope must be one of {', '.join(map(repr, JWT_SCOPES))}, not {display(value)}"
        )


@conceal_arguments
@frozen(eq=False)
class MessagingKey:
    """A key of Sunshine Conversations, for `connect(messaging=)`.

    ::

        key = MessagingKey("5c93f8b1a2e4d60010c1f0aa", "app_5c93...", os.environ["SUNCO_SECRET"])
        connect(subdomain="acme", oauth=..., messaging=key)

    Args:
        app_id: the id of the app whose conversations are read.
        key_id: the id of the key.
        secret: its secret.
        jwt_scope: `"app"`, `"account"`, `"integration"` or `"user"` to send a JSON web token that
            is signed with the secret, instead of the secret.

    Raises:
        ConfigurationError: an argument is missing or invalid.

    Source: https://developer.zendesk.com/documentation/conversations/getting-started/api-authentication/
    """

    app_id: str = field(converter=_check_app_id)
    key_id: str = field(converter=_check_key_id)
    secret: Secret = field(converter=_hide_key, repr=False)
    jwt_scope: str | None = field(default=None, kw_only=True, validator=_check_scope)

    def credentials(self) -> Credentials:
        """Return the credentials that send the key, or a token that is signed with it."""
        if self.jwt_scope is None:
            header = auth.basic(self.key_id, self.secret)
        else:
            header = bearer(_sign_token(self.key_id, self.secret, self.jwt_scope))
        return FixedCredentials("messaging key", self.key_id, header, _REMEDY)

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys are never pickled: call connect() in the other process")


@conceal_arguments
@frozen(eq=False)
class MessagingToken:
    """An OAuth token of Sunshine Conversations, for `connect(messaging=)`.

    ::

        connect(subdomain="acme", oauth=..., messaging=MessagingToken("5c93f8...", token))

    The OAuth bridge issues it. Tokens of Zendesk Support are documented for Support alone.

    Args:
        app_id: the id of the app whose conversations are read.
        oauth_token: the access token, or a function that returns it.

    Raises:
        ConfigurationError: an argument is missing or invalid.

    Source: https://developer.zendesk.com/documentation/conversations/getting-started/api-authentication/
    """

    app_id: str = field(converter=_check_app_id)
    oauth_token: str | Callable[[], str] = field(converter=_hide_token, repr=False)

    def credentials(self) -> Credentials:
        """Return the credentials that send the token."""
        return auth.oauth_token(self.oauth_token)

    def __reduce__(self) -> NoReturn:
        raise TypeError("tokens are never pickled: call connect() in the other process")


def _sign_token(key_id: str, secret: Secret, scope: str) -> str:
    """Return a JSON web token (RFC 7519) with a scope, signed with HMAC and SHA-256."""
    parts = {"alg": "HS256", "typ": "JWT", "kid": key_id}, {"scope": scope}
    text = ".".join(_encode(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{text}.{_encode(hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest())}"


def _encode(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


@frozen(eq=False)
class MessagingAccess:
    """The app and the credentials of requests, and the paths for which they are sent.

    Attributes:
        app_id: the id of the app; "" for accounts that do not use Sunshine Conversations.
        credentials: its credentials.
        root: the beginning of the paths at the host; "" at the older one.
    """

    app_id: str = ""
    credentials: Credentials = field(factory=Credentials, repr=False)
    root: str = ROOT

    def owns(self, request: Request) -> bool:
        """Return whether a request belongs to Sunshine Conversations."""
        return bool(self.app_id) and request.path.startswith(f"{self.root}/v2/")

    def localize(self, request: Request, on_behalf_of: str | None = None) -> Request:
        """Return a request with the app, and the root of the paths at the host, in its path.

        Args:
            request: the request; those of other products are returned unchanged.
            on_behalf_of: the end user whom it would act as.

        Raises:
            ConfigurationError: the account has no app, or an end user cannot send the request.
        """
        if not request.path.startswith(f"{ROOT}/"):
            return request
        if not self.app_id:
            raise ConfigurationError(_HOW)
        if on_behalf_of is not None:
            raise ConfigurationError("Sunshine Conversations has no requests in acting_as() blocks")
        path = self.fill(request.path)
        return evolve(request, path=f"{self.root}{path.removeprefix(ROOT)}")

    def fill(self, text: str) -> str:
        """Return a text with declared paths, with the app in the place that stands for it."""
        return text.replace(APP, f"{ROOT}/v2/apps/{quote(self.app_id)}") if self.app_id else text


#: The access of accounts that do not use Sunshine Conversations.
NO_MESSAGING = MessagingAccess()


def open_access(key: object, base_url: str) -> MessagingAccess:
    """Return the access that the argument `messaging=` of `connect()` describes.

    Args:
        key: the argument.
        base_url: the address of the account.

    Raises:
        ConfigurationError: it is neither a key nor a token.
    """
    if key is None:
        return NO_MESSAGING
    if not isinstance(key, (MessagingKey, MessagingToken)):
        raise ConfigurationError(
            f"messaging must be MessagingKey(...) or MessagingToken(...), not {type(key).__name__}"
        )
    return MessagingAccess(key.app_id, key.credentials(), "" if base_url == OLD_HOST else ROOT)
