"""OAuth: clients, tokens, and what is exchanged for one."""

from __future__ import annotations

import logging

import pytest

from tests.support.kept import keep
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
from zendesk_orm.emulator.world import HOME


#: The rows of clients and tokens are the tests' own: nobody else has signed in.
pytestmark = pytest.mark.lenient


@pytest.fixture
def account(emulator):
    """An account of the emulator."""
    return emulator.connect()


@pytest.fixture
def client(account):
    """A client."""
    return OAuthClient.objects.create(name="App", identifier="app")


def test_a_new_client_tells_its_secret_once(account, count_requests):
    """After that, Zendesk shows a part of it."""
    with count_requests(account, 1):
        made = OAuthClient.objects.create(name="App", identifier="app", kind="confidential")
        assert User.objects.model is type(made.user)
        whole = made.secret

    shown = OAuthClient.objects.get(made.pk).secret
    assert whole.startswith(shown)
    assert len(shown) < len(whole)


def test_a_client_gets_another_secret(account, client, count_requests):
    """Whole, in the object itself."""
    before = client.secret
    with count_requests(account, 1):
        assert client is client.generate_secret()
    assert before != client.secret
    assert len(before) == len(client.secret)


def test_ones_own_clients_are_listed(account, client, count_requests):
    """By a call of its own."""
    with count_requests(account, 2):
        assert [client] == OAuthClient.objects.mine()
        assert [client] == list(OAuthClient.objects.all())


def test_an_identifier_is_taken_once(account, client):
    """By one client."""
    with pytest.raises(ValidationError, match="taken"):
        OAuthClient.objects.create(name="Other", identifier="app")


def test_a_token_is_made_and_revoked(account, client, count_requests):
    """It is whole when it is made, and cut when it is listed."""
    with count_requests(account, 1):
        token = client.tokens.create(scopes=["read"])
        whole = token.token
    assert (client, ["read"], User.objects.me()) == (token.client, token.scopes, token.user)

    with count_requests(account, 3):
        assert [token] == list(client.tokens.all())
        assert [token] == list(OAuthToken.objects.filter(all=True))
        token.revoke()
    assert whole.startswith(token.token)
    assert [] == list(OAuthToken.objects.all())


def test_the_token_of_the_caller_is_shown_and_revoked(account, emulator, client):
    """The caller has to come with one."""
    token = client.tokens.create(scopes=["read"])
    connect(
        base_url=HOME,
        session=emulator.session(),
        oauth_token=token.token,
        alias="app",
        clock=emulator.clock,
    )
    theirs = OAuthToken.objects.using("app")

    assert token.pk == theirs.current().pk
    theirs.revoke_current()
    with pytest.raises(AuthenticationFailed):
        theirs.current()
    with pytest.raises(NotFound):
        OAuthToken.objects.current()


def test_a_secret_is_exchanged_for_a_token(account, client, count_requests, sent):
    """At the account's host, but not of its API."""
    with count_requests(account, 1):
        grant = OAuthToken.objects.grant(
            "client_credentials",
            client_id="app",
            client_secret=client.secret,
            scope="read write",
            expires_in=900,
        )
    assert "/oauth/tokens" == sent[-1].path
    assert ("bearer", "read write", 900) == (grant.token_type, grant.scope, grant.expires_in)
    assert grant.refresh_token is None

    (token,) = client.tokens.all()
    assert ["read", "write"] == token.scopes
    assert grant.access_token.startswith(token.token)


def test_a_wrong_secret_is_exchanged_for_nothing(account, client):
    """And is not shown."""
    with pytest.raises(AuthenticationFailed) as caught:
        OAuthToken.objects.grant(
            "client_credentials", client_id="app", client_secret="W0RST-secret"
        )
    assert "W0RST" not in f"{caught.value}{caught.value!r}"


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        ("client_credentials", {"client_id": "app"}, "client_secret"),
        ("refresh_token", {}, "client_id and refresh_token"),
        ("authorization_code", {"client_id": "app", "code": "x"}, "redirect_uri"),
        ("password", {"client_id": "app"}, "grant_type"),
        ("client_credentials", {"client_id": "app", "client_secret": 42}, "wants a text"),
    ],
)
def test_what_an_exchange_wants_is_asked_for(account, count_requests, kind, given, told):
    """Before anything is sent."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match=told):
        OAuthToken.objects.grant(kind, **given)


def test_no_secret_is_shown(account, client, caplog):
    """Objects, grants, dry runs and logs keep it to themselves."""
    caplog.set_level(logging.DEBUG)
    token = client.tokens.create(scopes=["read"])
    secrets = [client.secret, token.token, token.refresh_token]
    grant = OAuthToken.objects.grant(
        "client_credentials", client_id="app", client_secret=client.secret
    )
    secrets += [grant.access_token]
    with account.dry_run(quiet=True) as diff:
        OAuthToken.objects.grant("refresh_token", client_id="app", refresh_token=secrets[2])
    told = [repr(each) for each in (client, token, grant, OAuthToken.objects.all())]
    told += [str(diff), caplog.text]

    assert [] == [each for each in told for secret in secrets if secret in each]


def test_clients_of_others_are_listed_with_their_tokens(account, emulator, count_requests):
    """How many tokens each has, and when one was used."""
    row = {"id": 7, "name": "Stats", "identifier": "stats", "kind": "public"}
    keep(emulator, GlobalOAuthClient, row)
    summary = {"id": 7, "tokens_count": 3, "last_used_at": "2026-01-01T00:00:00Z"}
    keep(emulator, TokenSummary, summary)
    with count_requests(account, 2):
        (client,) = GlobalOAuthClient.objects.all()
        (found,) = TokenSummary.objects.all()

    assert ("Stats", 3, 2026) == (client.name, found.tokens_count, found.last_used_at.year)
    assert client.pk == found.pk
