"""OAuth tokens for tests that send requests of their own to an emulator.

An emulator takes any credentials unless it is strict. With a token, such a test passes in both
modes; `scripts/strict` runs the suite with strict emulators.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.auth import AuthBase

from zendesk_orm import ClientCredentials
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.world import HOME


#: The longest lifetime of an access token, in seconds.
_LONGEST = 172_800
_SCOPE = "read write impersonate"
_CALLBACK = "http://localhost:3000/callback"


class EmulatorAuth(AuthBase):
    """Adds a token of the emulator's own OAuth client to requests without credentials."""

    def __init__(self, emulator: Emulator, home: str = HOME) -> None:
        self._emulator = emulator
        self._home = home
        self._expiry = 0.0
        self._token = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header; a lenient emulator needs none."""
        strict = self._emulator.switches.oauth == "strict"
        if strict and "Authorization" not in request.headers:
            if self._emulator.clock.now() >= self._expiry:
                self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _renew(self) -> None:
        self._token = client_token(self._emulator, self._home)
        self._expiry = self._emulator.clock.now() + _LONGEST - 1


def signed_in_session(emulator: Emulator) -> requests.Session:
    """Return a `requests.Session` whose requests come to an emulator, with a token if needed."""
    session = emulator.session()
    session.auth = EmulatorAuth(emulator)
    return session


def client_token(emulator: Emulator, home: str = HOME) -> str:
    """Return an access token of the emulator's own client."""
    own = emulator.oauth_client
    return _request_token(
        emulator,
        home,
        grant_type="client_credentials",
        client_id=own.identifier,
        client_secret=own.secret,
    )


def user_token(emulator: Emulator, user: Any) -> str:
    """Return an access token of a user, who signs in as people do."""
    client = emulator.create_client(f"of_{user.pk}", redirect_uri=[_CALLBACK])
    before, emulator.switches.oauth_user = emulator.switches.oauth_user, str(user.pk)
    params = {
        "response_type": "code",
        "client_id": client.identifier,
        "redirect_uri": _CALLBACK,
        "scope": _SCOPE,
    }
    with emulator.session() as session:
        page = session.get(
            f"{HOME}/oauth/authorizations/new", params=params, allow_redirects=False, timeout=30
        )
    emulator.switches.oauth_user = before
    return _request_token(
        emulator,
        HOME,
        grant_type="authorization_code",
        client_id=client.identifier,
        client_secret=client.secret,
        code=parse_qs(urlsplit(page.headers["Location"]).query)["code"][0],
        redirect_uri=_CALLBACK,
    )


def _request_token(emulator: Emulator, home: str, **fields: str) -> str:
    body = {"scope": _SCOPE, "expires_in": _LONGEST, **fields}
    with emulator.session() as session:
        answer = session.post(f"{home}/oauth/tokens", json=body, timeout=30)
    answer.raise_for_status()
    token: str = answer.json()["access_token"]
    return token


def client_of(emulator: Emulator) -> ClientCredentials:
    """Return credentials that any emulator takes, in this process and at a socket."""
    own = emulator.oauth_client
    return ClientCredentials(own.identifier, own.secret, scope=_SCOPE)
