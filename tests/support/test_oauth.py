"""OAuth clients, tokens and grants."""

from __future__ import annotations

import logging

import pytest

from tests.support.seeding import seed_rows
from zendesk_orm import (
    AuthenticationFailed,
    GlobalOAuthClient,
    InvalidValue,
    NotFound,
    OAuthClient,
    OAuthToken,
    TokenSummary,
    User,
    ValidationError,
    connect,
)
from zendesk_orm.emulator.messages import BASE_URL


#: These tests expect no clients and tokens other than their own.
pytestmark = pytest.mark.lenient


@pytest.fixture
def client(account):
    """Create a client."""
    return OAuthClient.objects.create(name="App", identifier="app")


def test_a_client_secret_is_returned_in_full_once(account, count_requests):
    """Zendesk returns the whole secret when a client is created, and later only a part."""
    with count_requests(account, 1):
        client = OAuthClient.objects.create(name="App", identifier="app", kind="confidential")
        assert type(client.user) is User.objects.model
        secret = client.secret

    part = OAuthClient.objects.get(client.pk).secret
    assert secret.startswith(part)
    assert len(part) < len(secret)


def test_generate_secret_replaces_the_secret(account, client, count_requests):
    """`generate_secret()` sets the new secret on the object."""
    before = client.secret
    with count_requests(account, 1):
        assert client.generate_secret() is client
    assert client.secret != before
    assert len(client.secret) == len(before)


def test_clients_of_the_caller_are_listed(account, client, count_requests):
    """The clients of the authenticated user are listed by a separate endpoint."""
    with count_requests(account, 2):
        assert OAuthClient.objects.mine() == [client]
        assert list(OAuthClient.objects.all()) == [client]


def test_the_identifier_of_a_client_is_unique(account, client):
    """A second client with the same identifier raises `ValidationError`."""
    with pytest.raises(ValidationError, match="taken"):
        OAuthClient.objects.create(name="Other", identifier="app")


def test_a_token_is_created_listed_and_revoked(account, client, count_requests):
    """A token is complete when it is created, and truncated when it is listed."""
    with count_requests(account, 1):
        token = client.tokens.create(scopes=["read"])
        full_token = token.token
    assert (token.client, token.scopes, token.user) == (client, ["read"], User.objects.me())

    with count_requests(account, 3):
        assert list(client.tokens.all()) == [token]
        assert list(OAuthToken.objects.filter(all=True)) == [token]
        token.revoke()
    assert full_token.startswith(token.token)
    assert list(OAuthToken.objects.all()) == []


def test_the_token_of_the_caller_is_revoked(account, emulator, client):
    """`current()` and `revoke_current()` concern the token of the request."""
    token = client.tokens.create(scopes=["read"])
    connect(
        base_url=BASE_URL,
        session=emulator.session(),
        oauth_token=token.token,
        alias="app",
        clock=emulator.clock,
    )
    theirs = OAuthToken.objects.using("app")

    assert theirs.current().pk == token.pk
    theirs.revoke_current()
    with pytest.raises(AuthenticationFailed):
        theirs.current()
    with pytest.raises(NotFound):
        OAuthToken.objects.current()


def test_a_secret_is_exchanged_for_a_token(account, client, count_requests, sent):
    """A grant is requested from the account's host, outside `/api/v2`."""
    with count_requests(account, 1):
        grant = OAuthToken.objects.grant(
            "client_credentials",
            client_id="app",
            client_secret=client.secret,
            scope="read write",
            expires_in=900,
        )
    assert sent[-1].path == "/oauth/tokens"
    assert (grant.token_type, grant.scope, grant.expires_in) == ("bearer", "read write", 900)
    assert grant.refresh_token is None

    (token,) = client.tokens.all()
    assert token.scopes == ["read", "write"]
    assert grant.access_token.startswith(token.token)


def test_a_wrong_secret_is_rejected_and_hidden(account, client):
    """A wrong secret raises `AuthenticationFailed`, whose text does not show it."""
    with pytest.raises(AuthenticationFailed) as caught:
        OAuthToken.objects.grant(
            "client_credentials", client_id="app", client_secret="W0RST-secret"
        )
    assert "W0RST" not in f"{caught.value}{caught.value!r}"


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("client_credentials", {"client_id": "app"}, "client_secret"),
        ("refresh_token", {}, "client_id and refresh_token"),
        ("authorization_code", {"client_id": "app", "code": "x"}, "redirect_uri"),
        ("password", {"client_id": "app"}, "grant_type"),
        ("client_credentials", {"client_id": "app", "client_secret": 42}, "must be a string"),
    ],
)
def test_a_grant_requires_its_parameters(account, count_requests, kind, values, message):
    """A missing or invalid parameter of a grant raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match=message):
        OAuthToken.objects.grant(kind, **values)


def test_secrets_are_hidden(account, client, caplog):
    """Reprs, grants, dry runs and logs show no secret."""
    caplog.set_level(logging.DEBUG)
    token = client.tokens.create(scopes=["read"])
    secrets = [client.secret, token.token, token.refresh_token]
    grant = OAuthToken.objects.grant(
        "client_credentials", client_id="app", client_secret=client.secret
    )
    secrets += [grant.access_token]
    with account.dry_run(quiet=True) as diff:
        OAuthToken.objects.grant("refresh_token", client_id="app", refresh_token=secrets[2])
    texts = [repr(item) for item in (client, token, grant, OAuthToken.objects.all())]
    texts += [str(diff), caplog.text]

    assert [text for text in texts for secret in secrets if secret in text] == []


def test_global_clients_are_listed_with_token_counts(account, emulator, count_requests):
    """Global clients are listed, with the number of their tokens and the last use."""
    row = {"id": 7, "name": "Stats", "identifier": "stats", "kind": "public"}
    seed_rows(emulator, GlobalOAuthClient, row)
    summary = {"id": 7, "tokens_count": 3, "last_used_at": "2026-01-01T00:00:00Z"}
    seed_rows(emulator, TokenSummary, summary)
    with count_requests(account, 2):
        (client,) = GlobalOAuthClient.objects.all()
        (tokens,) = TokenSummary.objects.all()

    assert (client.name, tokens.tokens_count, tokens.last_used_at.year) == ("Stats", 3, 2026)
    assert client.pk == tokens.pk
