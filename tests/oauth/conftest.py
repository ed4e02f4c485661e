"""Fixtures: a strict emulator, and sign-ins at it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from zendesk_orm import (
    Account,
    ClientCredentials,
    RefreshToken,
    RetryPolicy,
    connect,
    request_started,
)
from zendesk_orm.emulator import Emulator


HOME = "https://emulator.zendesk.com"
REDIRECT = "http://127.0.0.1:8085/callback"
VERIFIER = "a-verifier-that-is-long-enough-to-be-accepted-by-anybody"


@pytest.fixture
def strict() -> Iterator[Emulator]:
    """Return an emulator whose tokens expire, with a public client `desktop`."""
    with Emulator(oauth="strict") as emulator:
        emulator.create_client("desktop", kind="public", redirect_uri=[REDIRECT])
        yield emulator


@pytest.fixture
def client(strict: Emulator) -> ClientCredentials:
    """Return the credentials of the emulator's own client."""
    oauth_client = strict.oauth_client
    return ClientCredentials(oauth_client.identifier, oauth_client.secret)


@pytest.fixture
def server(strict: Emulator, client: ClientCredentials) -> Account:
    """Return the default account, signed in as a server."""
    return connect_to(strict, oauth=client)


@pytest.fixture
def impersonator(strict: Emulator, client: ClientCredentials) -> Account:
    """Return the default account, whose token can impersonate users."""
    scope = "read write impersonate"
    return connect_to(
        strict, oauth=ClientCredentials("zendesk_orm", client.client_secret, scope=scope)
    )


@pytest.fixture
def person(strict: Emulator) -> Callable[..., RefreshToken]:
    """Return a function that signs a user in and returns the refresh token."""

    def sign_in(scope: str = "read write", **values) -> RefreshToken:
        pair = sign_in_at(strict.session(), HOME, scope)
        return RefreshToken("desktop", pair["refresh_token"], **values)

    return sign_in


def connect_to(emulator: Emulator, **values) -> Account:
    """Connect to an emulator in this process, with its clock."""
    options = {"retry": RetryPolicy(attempts=3), "clock": emulator.clock, **values}
    return connect(base_url=HOME, session=emulator.session(), **options)


def sign_in_at(session: requests.Session, home: str, scope: str = "read write") -> dict[str, str]:
    """Sign in as a browser and a desktop program would, and return the token response."""
    challenge = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")
    answer = session.get(
        f"{home}/oauth/authorizations/new",
        params={
            "response_type": "code",
            "client_id": "desktop",
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "s",
            "code_challenge": challenge.decode(),
            "code_challenge_method": "S256",
        },
        allow_redirects=False,
    )
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    answer = session.post(
        f"{home}/oauth/tokens",
        json={
            "grant_type": "authorization_code",
            "client_id": "desktop",
            "code": code,
            "redirect_uri": REDIRECT,
            "code_verifier": VERIFIER,
            "expires_in": 300,
            "refresh_token_expires_in": 604_800,
        },
    )
    answer.raise_for_status()
    return answer.json()


@pytest.fixture
def headers():
    """Return a list to which each request adds its `On-Behalf-Of` header."""
    values = []

    def record_header(sender, request, **kwargs):
        values.append(request.headers.get("X-On-Behalf-Of"))

    request_started.connect(record_header, weak=False)
    yield values
    request_started.disconnect(record_header)
