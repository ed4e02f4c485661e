"""Tracebacks with local variables contain no credentials."""

from __future__ import annotations

import inspect
import traceback

import pytest

from zendesk_orm import ClientCredentials, ConfigurationError, RefreshToken, Token, connect
from zendesk_orm.emulator import Emulator
from zendesk_orm.http.oauth.authorization import AuthorizationRequest
from zendesk_orm.http.settings import URL_FORMS


REDIRECT = "http://127.0.0.1:8085/callback"
#: Ways to make the URL of each scheme invalid.
FAULTS = ("/path", "#part", "?unknown=1", ":99999", "?scope=", "?file=&file=", "%zz", " x")

SECRETS = ("API_TOKEN", "ACCESS_TOKEN", "SECRET", "PASSWORD")


def _urls():
    for scheme, form in URL_FORMS.items():
        credentials = form.partition("://")[2].partition("@")[0].replace("EMAIL", "a%40b.c")
        for name in SECRETS:
            credentials = credentials.replace(name, "S3CRET")
        if "S3CRET" in credentials:
            yield from (f"{scheme}://{credentials}@acme{fault}" for fault in FAULTS)


def _format(error, frames):
    """Return an error and its traceback with local variables, without the frames of the test."""
    below = error.__traceback__
    for _ in range(frames):
        below = below.tb_next
    assert below is not None
    shown = traceback.TracebackException(type(error), error, below, capture_locals=True)
    parts = (str(error), vars(error), error.__cause__, error.__context__, *shown.format())
    return "".join(map(str, parts))


@pytest.mark.parametrize(
    "make",
    [
        *(lambda url=url: connect(url) for url in _urls()),
        lambda: connect(b"zendesk+oauth://S3CRET@acme"),
        lambda: connect("zendesk+oauth://S3CRET@acme", subdomain="other"),
        lambda: connect("zendesk+oauth://S3CRET%0d@acme"),
        lambda: connect(subdomain="acme", oauth_token="S3CRET x"),
        lambda: connect(subdomain="acme", email="a@b.c", token="S3CRET x"),
        lambda: connect(subdomain="acme", token="S3CRET"),
        lambda: connect(subdomain="acme", password="S3CRET"),
        lambda: connect(subdomain="a/b", email="a@b.c", password="S3CRET"),
        lambda: connect(subdomain="acme", email="a@b.c", token="S3CRET", password="S3CRET"),
        lambda: ClientCredentials("", "S3CRET"),
        lambda: ClientCredentials("app", "S3CRET", ["read"]),
        lambda: ClientCredentials("app", "S3CRET", expires_in=1),
        lambda: RefreshToken("", "S3CRET", "S3CRET"),
        lambda: RefreshToken("app", "S3CRET", "S3CRET x"),
        lambda: RefreshToken("app", "S3CRET", store="file"),
        lambda: AuthorizationRequest("", REDIRECT, client_secret="S3CRET"),
        lambda: AuthorizationRequest("app", "ftp://x", client_secret="S3CRET"),
        lambda: Token("S3CRET", "S3CRET x"),
    ],
)
def test_an_invalid_configuration_displays_no_secret(make):
    """The traceback of an invalid configuration contains neither secrets nor derived values."""
    with pytest.raises(ConfigurationError) as caught:
        make()

    assert "S3CRET" not in _format(caught.value, frames=2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: connect(subdomain="acme", oauth_token="x", timeout="5"),
        lambda: connect(subdomain="acme", oauth_token="x", response_timeout="5"),
        lambda: connect(subdomain="acme", oauth_token="x", max_response_bytes="5"),
        lambda: connect(subdomain="acme", oauth_token="x", cache_seconds={"ticket": 60}),
        lambda: Emulator(latency="x"),
        lambda: Emulator(paging="x"),
        lambda: Emulator(oauth="x"),
    ],
)
def test_an_invalid_setting_can_be_displayed_with_local_variables(make):
    """The traceback of an invalid setting can be formatted despite half initialized objects."""
    with pytest.raises(ConfigurationError) as caught:
        make()

    assert "ConfigurationError" in _format(caught.value, frames=2)


def test_a_url_of_the_environment_displays_no_secret(monkeypatch):
    """The error for a URL with a misspelt scheme contains no secret."""
    monkeypatch.setenv("ZENDESK_URL", "zendesk+client//app:S3CRET@acme")

    with pytest.raises(ConfigurationError) as caught:
        connect()

    assert "S3CRET" not in _format(caught.value, frames=1)


def test_the_signature_of_credentials_is_displayed():
    """`inspect.signature()` returns the arguments of each kind of credentials."""
    assert list(inspect.signature(ClientCredentials).parameters) == [
        "client_id",
        "client_secret",
        "scope",
        "expires_in",
        "store",
    ]
