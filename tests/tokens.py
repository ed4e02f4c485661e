"""OAuth tokens for tests that send requests to an emulator without the library.

An emulator accepts any credentials unless it is strict, as in `scripts/strict`. A test with a token
passes in both modes.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth

from zendesk_orm import ClientCredentials
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.messages import BASE_URL


#: The longest lifetime of an access token, in seconds.
_MAX_LIFETIME = 172_800
_SCOPE = "read write impersonate"
_CALLBACK = "http://localhost:3000/callback"


#: Credentials that any lenient emulator accepts; requests to a port need some.
ANY = ("owner@example.com/token", "any")


class EmulatorAuth(AuthBase):
    """Adds credentials to requests that have none.

    A strict emulator gets a token of its own OAuth client.
    """

    def __init__(self, emulator: Emulator, home: str = BASE_URL) -> None:
        self._emulator = emulator
        self._home = home
        self._expiry = 0.0
        self._token = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header, unless the emulator is lenient and in this process."""
        strict = self._emulator.switches.oauth == "strict"
        if "Authorization" in request.headers:
            return request
        if not strict and self._home != BASE_URL:
            return HTTPBasicAuth(*ANY)(request)
        if strict:
            if self._emulator.clock.now() >= self._expiry:
                self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def _renew(self) -> None:
        self._token = client_token(self._emulator, self._home)
        self._expiry = self._emulator.clock.now() + _MAX_LIFETIME - 1


def signed_in_session(emulator: Emulator) -> requests.Session:
    """Return a session that sends requests to an emulator, with a token if needed."""
    session = emulator.session()
    session.auth = EmulatorAuth(emulator)
    return session


def client_token(emulator: Emulator, home: str = BASE_URL) -> str:
    """Return an access token of the emulator's own client."""
    client = emulator.oauth_client
    return _request_token(
        emulator,
        home,
        grant_type="client_credentials",
        client_id=client.identifier,
        client_secret=client.secret,
    )


def user_token(emulator: Emulator, user: Any) -> str:
    """Return an access token of a user, by a sign-in with a browser."""
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
            f"{BASE_URL}/oauth/authorizations/new", params=params, allow_redirects=False, timeout=30
        )
    emulator.switches.oauth_user = before
    return _request_token(
        emulator,
        BASE_URL,
        grant_type="authorization_code",
        client_id=client.identifier,
        client_secret=client.secret,
        code=parse_qs(urlsplit(page.headers["Location"]).query)["code"][0],
        redirect_uri=_CALLBACK,
    )


def _request_token(emulator: Emulator, home: str, **fields: str) -> str:
    body = {"scope": _SCOPE, "expires_in": _MAX_LIFETIME, **fields}
    with emulator.session() as session:
        response = session.post(f"{home}/oauth/tokens", json=body, timeout=30)
    response.raise_for_status()
    token: str = response.json()["access_token"]
    return token


def client_of(emulator: Emulator) -> ClientCredentials:
    """Return credentials that any emulator accepts, in this process and at a socket."""
    client = emulator.oauth_client
    return ClientCredentials(client.identifier, client.secret, scope=_SCOPE)
