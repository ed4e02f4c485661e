"""How an account is reached: what is said of it becomes an address and credentials."""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http import auth
from zendesk_orm.http.auth import Credentials


#: What to do where nothing is said.
HOW = (
    "call connect(subdomain=..., email=..., token=...) first, or set ZENDESK_URL, or "
    "ZENDESK_SUBDOMAIN (or ZENDESK_BASE_URL) with ZENDESK_OAUTH_TOKEN or ZENDESK_EMAIL and "
    'ZENDESK_TOKEN; connect("emulator://") needs no account at all'
)


def from_url(url: str, given: dict[str, str | None]) -> dict[str, str | None]:
    """Return the settings with those that `zendesk://EMAIL:TOKEN@SUBDOMAIN` tells.

    Raises:
        ConfigurationError: the URL has another form.
    """
    parts = urlsplit(url)
    if parts.scheme != "zendesk" or not parts.hostname:
        raise ConfigurationError(
            "the URL wants the form zendesk://EMAIL:TOKEN@SUBDOMAIN, or emulator://"
        )
    found = {
        "subdomain": parts.hostname,
        "email": unquote(parts.username or "") or None,
        "token": unquote(parts.password or "") or None,
    }
    return {**given, **{key: value for key, value in found.items() if value}}


def from_environment() -> dict[str, str | None]:
    """Return the settings that the environment holds: `ZENDESK_SUBDOMAIN` and the others."""
    names = ("subdomain", "base_url", "email", "token", "password", "oauth_token")
    return {name: os.environ.get(f"ZENDESK_{name.upper()}") for name in names}


def configured() -> bool:
    """Tell whether the environment names a host."""
    names = ("URL", "SUBDOMAIN", "BASE_URL")
    return any(os.environ.get(f"ZENDESK_{name}") for name in names)


def address(subdomain: str | None, base_url: str | None) -> str:
    """Return the address of the host.

    Raises:
        ConfigurationError: none is given, or one that is none.
    """
    if base_url:
        if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).hostname:
            raise ConfigurationError(f"base_url wants https://host, not {base_url!r}")
        if urlsplit(base_url).username is not None:
            raise ConfigurationError("base_url takes no credentials; give email=, token= apart")
        return base_url
    if not subdomain:
        raise ConfigurationError(HOW)
    if not subdomain.replace("-", "").isalnum():
        raise ConfigurationError(
            f"subdomain wants the first word of the address (acme), not {subdomain!r}; "
            "base_url= takes a whole address"
        )
    return f"https://{subdomain}.zendesk.com"


def credentials(
    given: Mapping[str, str | None], *, anonymous: bool, own_session: bool
) -> Credentials | None:
    """Return the credentials among the settings, or None where an own session has them.

    Raises:
        ConfigurationError: there are none, or several.
    """
    email, secrets = given["email"], ("token", "password", "oauth_token")
    named = [name for name in secrets if given[name]]
    if len(named) + anonymous > 1:
        raise ConfigurationError(f"too many credentials: {', '.join(named)}; give one kind")
    if anonymous:
        return auth.anonymous()
    if given["oauth_token"]:
        return auth.oauth_token(given["oauth_token"])
    if named and not email:
        raise ConfigurationError(f"{named[0]}= needs email=, the agent that it belongs to")
    if given["token"] and email:
        return auth.token(email, given["token"])
    if given["password"] and email:
        return auth.password(email, given["password"])
    if own_session:
        return None
    raise ConfigurationError(f"no credentials: {HOW}; or say anonymous=True")
