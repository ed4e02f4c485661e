"""The app in a path, and the keys and tokens with which its requests are sent.

Source: https://developer.zendesk.com/documentation/conversations/getting-started/api-authentication/
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.messaging.errors import authentication_error, not_found
from zendesk_orm.emulator.messaging.paths import APP_PATH, MESSAGING_PREFIX
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.http.messaging import MessagingKey
from zendesk_orm.messaging import App, AppKey, IntegrationKey


#: The app that every account has, and the key with which `connect()` uses it.
DEFAULT_APP = "5c93f8b1a2e4d60010c1f0aa"
_DEFAULT_KEY, _DEFAULT_SECRET = "app_5c93f8b1a2e4d60010c1f0ab", "emulated"
_BELOW_APP = re.compile(rf"{MESSAGING_PREFIX}v2/apps/([^/]+)(/.+)")


def default_key() -> MessagingKey:
    """Return the key of the app that every account has."""
    return MessagingKey(DEFAULT_APP, _DEFAULT_KEY, _DEFAULT_SECRET)


def select_app(context: Context, request: Request) -> Request:
    """Return a request with `:app` in its path; the context gets the id of the app.

    Raises:
        HTTPError: 404, if the app does not exist.
    """
    context.app_id = ""
    if not request.path.startswith(MESSAGING_PREFIX):
        return request
    _create_default_app(context)
    match = _BELOW_APP.fullmatch(request.path)
    if match is None:
        return request
    if context.store.get(App._meta.label, match[1]) is None:
        raise not_found("App")
    context.app_id = match[1]
    return evolve(request, path=f"{APP_PATH}{match[2]}")


def _create_default_app(context: Context) -> None:
    """Create the app that every account has, unless the account has an app."""
    label = App._meta.label
    if context.store.execute("SELECT 1 FROM rows WHERE kind = ? LIMIT 1", (label,)):
        return
    row = {**build_row(App._meta), "id": DEFAULT_APP, "displayName": "Emulator"}
    with context.store.transaction():
        context.write(App._meta, row)


def check_key(context: Context, request: Request) -> None:
    """Check the key or the token of a request.

    A known key needs its secret. With `oauth="strict"`, an unknown key or token is an error.

    Raises:
        HTTPError: 401, if the credentials are missing or invalid.
    """
    key, secret = request.credentials
    if not secret:
        raise authentication_error()
    token = request.bearer_token
    key = _read_key_id(token) if token else key
    expected = _find_secret(context, key)
    if expected is None:
        if context.switches.oauth == "strict":
            raise authentication_error()
        return
    is_valid = _is_signed(token, expected) if token else secret == expected
    if not is_valid:
        raise authentication_error()


def _find_secret(context: Context, key: str) -> str | None:
    """Return the secret of a key, or None if the key does not exist."""
    if key == _DEFAULT_KEY:
        return _DEFAULT_SECRET
    for model in (AppKey, IntegrationKey):
        row = context.store.get(model._meta.label, key)
        if row is not None:
            return str(row["secret"])
    return None


def _read_key_id(token: str) -> str:
    """Return the id of the key that has signed a JSON web token, or ""."""
    try:
        header: Any = json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))
        return str(header["kid"])
    except (ValueError, KeyError, TypeError):
        return ""


def _is_signed(token: str, secret: str) -> bool:
    """Return whether a JSON web token is signed with a secret."""
    text, _, signature = token.rpartition(".")
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return signature == urlsafe_b64encode(digest).decode().rstrip("=")
