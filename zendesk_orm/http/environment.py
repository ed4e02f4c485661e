"""How to reach an account by environment variables: `ZENDESK_SUBDOMAIN` and others."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.messaging import MessagingKey
from zendesk_orm.http.oauth.grants import Grant
from zendesk_orm.http.secret import Secret, conceal_arguments
from zendesk_orm.http.settings import Settings, client_grant, refresh_grant
from zendesk_orm.messages import display


#: The names of the variables, in lower case and without their prefix.
_NAMES = (
    "subdomain",
    "base_url",
    "email",
    "token",
    "password",
    "oauth_token",
    "oauth_client_id",
    "oauth_client_secret",
    "oauth_scope",
    "oauth_refresh_token",
    "oauth_token_file",
    "anonymous",
    "messaging_app_id",
    "messaging_key_id",
    "messaging_secret",
)
#: The names of variables without their prefix, by the name with which messages begin.
_VARIABLES = {
    **{name: name.upper() for name in _NAMES},
    "client_id": "OAUTH_CLIENT_ID",
    "client_secret": "OAUTH_CLIENT_SECRET",
    "scope": "OAUTH_SCOPE",
    "refresh_token": "OAUTH_REFRESH_TOKEN",
    "path": "OAUTH_TOKEN_FILE",
    "app_id": "MESSAGING_APP_ID",
    "key_id": "MESSAGING_KEY_ID",
    "secret": "MESSAGING_SECRET",
}
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def read_url() -> Secret | None:
    """Return the URL that `ZENDESK_URL` holds, or None if it holds none."""
    value = os.environ.get("ZENDESK_URL")
    return Secret(value) if value else None


@contextmanager
def name_variables() -> Generator[None]:
    """Let messages about values of the environment name their variable, and not an argument.

    Raises:
        ConfigurationError: the one of the block.
    """
    try:
        yield
    except ConfigurationError as error:
        message = str(error)
    else:
        return
    first = message.partition(" ")[0]
    if os.environ.get("ZENDESK_URL"):
        message = f"ZENDESK_URL: {message}"
    elif first in _VARIABLES:
        message = f"ZENDESK_{_VARIABLES[first]}{message.removeprefix(first)}"
    raise ConfigurationError(message)


@conceal_arguments
def read_settings() -> Settings:
    """Return the settings that environment variables hold, `ZENDESK_SUBDOMAIN` and others.

    Raises:
        ConfigurationError: they contradict each other, or one is invalid.
    """
    values: dict[str, Any] = {
        name: os.environ.get(f"ZENDESK_{name.upper()}") or None for name in _NAMES
    }
    names = ("subdomain", "base_url", "email", "token", "password", "oauth_token")
    return Settings(
        **{name: values[name] for name in names},
        oauth=_read_grant(values),
        anonymous=_parse_flag("ZENDESK_ANONYMOUS", values["anonymous"]),
        from_environment=True,
        messaging=_read_messaging_key(values),
    )


def _read_messaging_key(values: Mapping[str, Any]) -> MessagingKey | None:
    names = ("messaging_app_id", "messaging_key_id", "messaging_secret")
    if all(values[name] is None for name in names):
        return None
    for name in names:
        if values[name] is None:
            raise ConfigurationError(f"messaging needs ZENDESK_{name.upper()}, too")
    return MessagingKey(*(values[name] for name in names))


def _read_grant(values: Mapping[str, str | None]) -> Grant | None:
    client_id, secret = values["oauth_client_id"], values["oauth_client_secret"]
    refresh, file = values["oauth_refresh_token"], values["oauth_token_file"]
    if client_id is None:
        for name in ("client_secret", "refresh_token", "token_file", "scope"):
            if values[f"oauth_{name}"] is not None:
                raise ConfigurationError(
                    f"ZENDESK_OAUTH_{name.upper()} needs ZENDESK_OAUTH_CLIENT_ID with it"
                )
        return None
    if refresh is None and file is None and secret is not None:
        return client_grant(client_id, secret, values["oauth_scope"], None)
    if values["oauth_scope"] is not None:
        raise ConfigurationError(
            "ZENDESK_OAUTH_SCOPE belongs to client credentials: a refresh token keeps the scopes "
            "of its sign-in"
        )
    return refresh_grant(client_id, secret, refresh, file)


def _parse_flag(name: str, value: str | None) -> bool:
    if value is None or value.lower() in _NO:
        return False
    if value.lower() in _YES:
        return True
    raise ConfigurationError(f"{name} must be 1 or 0, not {display(value)}")


def is_configured() -> bool:
    """Return whether the environment names a host."""
    names = ("URL", "SUBDOMAIN", "BASE_URL")
    return any(os.environ.get(f"ZENDESK_{name}") for name in names)
