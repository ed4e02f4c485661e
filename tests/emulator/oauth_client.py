"""An OAuth client that signs in at an emulator."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from zendesk_orm.emulator import Emulator


HOME = "https://emulator.zendesk.com"
CALLBACK = "http://localhost:3000/callback"
VERIFIER = "correct-horse-battery-staple-correct-horse-battery"


class SignIn:
    """Sends the requests of a sign-in, and API requests with its tokens."""

    def __init__(self, emulator: Emulator, home: str = HOME) -> None:
        self.emulator = emulator
        self.clock = emulator.clock
        self.home = home
        self.session = emulator.session()
        self.server = emulator.create_client("server", redirect_uri=[CALLBACK])
        self.desktop = emulator.create_client("desktop", kind="public", redirect_uri=[CALLBACK])

    def exchange(self, grant_type: str, *, form: bool = False, **fields: Any) -> requests.Response:
        """Send a token request of the confidential client, or of another; None omits a field."""
        values = {
            "grant_type": grant_type,
            "client_id": "server",
            "client_secret": self.server.secret,
            **fields,
        }
        values = {name: value for name, value in values.items() if value is not None}
        body = {"data": values} if form else {"json": values}
        return self.session.post(f"{self.home}/oauth/tokens", timeout=30, **body)

    def authorize(self, **params: Any) -> requests.Response:
        """Open the authorization page; None omits a parameter."""
        values = {
            "response_type": "code",
            "client_id": "server",
            "redirect_uri": CALLBACK,
            "scope": "read write",
            "state": "a state",
            **params,
        }
        return self.session.get(
            f"{self.home}/oauth/authorizations/new",
            params={name: value for name, value in values.items() if value is not None},
            allow_redirects=False,
            timeout=30,
        )

    def code(self, **params: Any) -> str:
        """Return an authorization code."""
        return redirect_parameters(self.authorize(**params))["code"]

    def pair(self, **fields: Any) -> Any:
        """Sign in a user and return the response with both tokens."""
        response = self.exchange(
            "authorization_code", code=self.code(), redirect_uri=CALLBACK, **fields
        )
        assert response.status_code == 200, response.text
        return response.json()

    def token(self, scope: str = "read write", **fields: Any) -> str:
        """Return an access token of the confidential client."""
        response = self.exchange("client_credentials", scope=scope, **fields)
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])

    def call(
        self, token: str | None, method: str, path: str, body: Any = None, **headers: str
    ) -> requests.Response:
        """Send an API request with a token, or without credentials."""
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self.home}/api/v2/{path}"
        return self.session.request(method, url, json=body, headers=headers, timeout=30)


def challenge(verifier: str = VERIFIER) -> dict[str, str]:
    """Return the parameters of an authorization with PKCE."""
    digest = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=")
    return {"code_challenge": digest.decode(), "code_challenge_method": "S256"}


def redirect_parameters(response: requests.Response) -> dict[str, str]:
    """Return the parameters of the redirect to the client."""
    assert response.status_code == 302, response.text
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def read_error(response: requests.Response) -> tuple[int, str]:
    """Return status and error code of a response."""
    return response.status_code, response.json()["error"]
