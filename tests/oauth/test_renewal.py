"""Access tokens are renewed before they expire, and once after a rejection."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.oauth.conftest import connect_to
from zendesk_orm import (
    AuthenticationFailed,
    ClientCredentials,
    Comment,
    ConnectionLost,
    Group,
    MemoryTokenStore,
    MissingScope,
    RefreshToken,
    ServerError,
    SignInFailed,
    SignInRequired,
    Ticket,
    TokenStoreError,
    connections,
)
from zendesk_orm.http.secret import reveal


def _access_token(account):
    return account.transport.credentials.token


def _revoke(emulator, account):
    """Revoke the current token, as an administrator does."""
    session = emulator.session()
    answer = session.delete(
        "https://emulator.zendesk.com/api/v2/oauth/tokens/current",
        headers={"Authorization": "Bearer " + reveal(_access_token(account).access_token)},
    )
    assert answer.status_code == 204
    emulator.requests.clear()


# Client credentials


def test_one_token_serves_many_requests(strict, server):
    """One token, which is requested with the first query, is used for many requests."""
    assert strict.token_requests == []

    for _ in range(3):
        Group.objects.count()

    assert strict.token_requests == ["client_credentials"]
    assert len(strict.requests) == 3
    assert server.requests_sent == 3


def test_a_token_is_renewed_before_it_expires(strict, server):
    """A token is renewed some time before it expires, so that no request is rejected."""
    Group.objects.count()
    lifetime = _access_token(server).expires_in

    strict.clock.sleep(lifetime - 61)
    Group.objects.count()
    assert len(strict.token_requests) == 1
    strict.clock.sleep(2)
    Group.objects.count()

    assert len(strict.token_requests) == 2
    assert len(strict.requests) == 3


def test_tokens_are_renewed_during_an_iteration(strict, client):
    """An iteration that outlives several tokens requests each page with a valid token."""
    # Read ahead, pages would be requested at times that depend on the threads.
    account = connect_to(
        strict,
        oauth=ClientCredentials("zendesk_orm", client.client_secret, expires_in=300),
        read_ahead=0,
    )
    Ticket.objects.bulk_create(
        Ticket(subject=str(number), comment=Comment(body="x")) for number in range(250)
    )
    strict.requests.clear()
    before = len(strict.token_requests)

    tickets_read = 0
    for _ in Ticket.objects.fresh().page_size(25):
        tickets_read += 1
        strict.clock.sleep(10)

    assert tickets_read == 250
    assert len(strict.token_requests) - before >= 250 * 10 // 300
    assert len(strict.requests) <= 12
    assert account.transport.credentials.renewals == len(strict.token_requests)


def test_a_rejected_request_is_sent_again_with_a_new_token(strict, server):
    """A rejected creation is sent again once with a new token, and is applied once."""
    Group.objects.count()
    _revoke(strict, server)

    Group.objects.create(name="made once")

    assert strict.requests == ["POST groups", "POST groups"]
    assert len(strict.token_requests) == 2
    assert [group.name for group in Group.objects.all()].count("made once") == 1


def test_a_new_token_that_is_rejected_too_is_not_renewed_again(strict, server):
    """If the new token is rejected, too, the error names account, credentials and remedy."""
    Group.objects.count()
    body = {"error": "invalid_token", "error_description": "The access token is invalid."}
    strict.fail_next(401, times=2, body=body)

    with pytest.raises(AuthenticationFailed, match=r"emulator\.zendesk\.com rejected") as caught:
        Group.objects.count()

    assert len(strict.token_requests) == 2
    assert "zendesk_orm" in str(caught.value)
    assert "check the client" in caught.value.remedy
    assert caught.value.description == "The access token is invalid."


def test_no_token_is_requested_while_every_new_one_is_rejected(strict, server):
    """After a new token was rejected, no token is requested for a minute."""
    Group.objects.count()
    body = {"error": "invalid_token", "error_description": "The access token is invalid."}
    strict.fail_next(401, times=12, body=body)

    for _ in range(11):
        with pytest.raises(AuthenticationFailed, match="a new token was requested and rejected"):
            Group.objects.count()
    assert len(strict.token_requests) == 2
    strict.clock.sleep(61)

    assert Group.objects.count() == 1
    assert len(strict.token_requests) == 2


def test_a_token_that_was_rejected_when_new_is_renewed_after_a_minute(strict, server):
    """A token that was rejected when new is renewed once after a minute."""
    Group.objects.count()
    body = {"error": "invalid_token", "error_description": "The access token is invalid."}
    strict.fail_next(401, times=40, body=body)

    for minute in range(3):
        for _ in range(4):
            with pytest.raises(AuthenticationFailed):
                Group.objects.count()
        assert len(strict.token_requests) == 2 + minute
        strict.clock.sleep(61)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (
            403,
            {
                "error": "Forbidden",
                "description": "You are missing the following required scopes: read",
            },
        ),
        (401, {"errors": [{"code": "InvalidOAuthScopes", "title": "Missing scopes"}]}),
    ],
)
def test_a_missing_scope_causes_no_renewal(strict, server, status, body):
    """A missing scope causes no renewal, because a new token would have the same scopes."""
    Group.objects.count()
    strict.fail_next(status, body=body)

    with pytest.raises(MissingScope):
        Group.objects.count()

    assert len(strict.token_requests) == 1


def test_another_401_causes_no_renewal(strict, server):
    """A 401 with another code than that of an expired token causes no renewal."""
    Group.objects.count()
    strict.fail_next(401, body={"error": "Couldn't authenticate you"})

    with pytest.raises(AuthenticationFailed):
        Group.objects.count()

    assert len(strict.token_requests) == 1


def _count_in_threads():
    """Count the groups in eight threads at the same time."""
    gate = threading.Barrier(8)

    def count():
        gate.wait()
        return Group.objects.count()

    with ThreadPoolExecutor(8) as pool:
        return [future.result() for future in [pool.submit(count) for _ in range(8)]]


def test_threads_share_a_renewal(strict, server):
    """Eight threads that find the token expired request one new token."""
    Group.objects.count()
    strict.clock.sleep(_access_token(server).expires_in)

    counts = _count_in_threads()

    assert counts == [counts[0]] * 8
    assert len(strict.token_requests) == 2


def test_threads_share_a_renewal_after_a_rejection(strict, server):
    """Eight threads whose requests are rejected with one token request one new token."""
    Group.objects.count()
    _revoke(strict, server)

    counts = _count_in_threads()

    assert counts == [counts[0]] * 8
    assert len(strict.token_requests) == 2


def test_asyncio_tasks_share_a_renewal(strict, server):
    """Eight tasks that find the token expired request one new token."""
    Group.objects.count()
    strict.clock.sleep(_access_token(server).expires_in)

    async def count_all():
        return await asyncio.gather(*(Group.objects.acount() for _ in range(8)))

    assert len(set(asyncio.run(count_all()))) == 1
    assert len(strict.token_requests) == 2


def test_a_failed_renewal_uses_the_old_token_until_it_expires(strict, server):
    """After a failed renewal, the old token is used, and the next renewal waits some seconds."""
    Group.objects.count()
    old = _access_token(server).access_token
    strict.clock.sleep(_access_token(server).expires_in - 30)
    strict.fail_next(503, times=3, path="~/oauth/tokens")

    Group.objects.count()
    assert _access_token(server).access_token == old
    strict.clock.sleep(16)
    Group.objects.count()

    assert _access_token(server).access_token != old


def test_a_failed_renewal_of_an_expired_token_raises(strict, server):
    """If an expired token cannot be renewed, the error of the token request is raised."""
    Group.objects.count()
    strict.clock.sleep(_access_token(server).expires_in + 1)
    strict.fail_next(503, times=3, path="~/oauth/tokens")

    with pytest.raises(ServerError, match="/oauth/tokens"):
        Group.objects.count()


def test_a_lost_response_to_client_credentials_is_repeated(strict, server):
    """A token request of client credentials is repeated if its response is lost."""
    strict.fail_next(None, after_applying=True, path="~/oauth/tokens")

    assert Group.objects.count()


def test_a_change_of_the_wall_clock_does_not_affect_a_token(strict, client):
    """Changing the wall clock of the machine does not affect a token in use."""

    class Jumping(type(strict.clock)):
        offset = 0.0

        def now(self):
            return strict.clock.now() + self.offset

        def monotonic(self):
            return strict.clock.monotonic()

        def sleep(self, seconds):
            strict.clock.sleep(seconds)

    clock = Jumping()
    account = connect_to(strict, oauth=client, clock=clock)
    for offset in (0.0, -86_400.0, 86_400.0, 0.0):
        clock.offset = offset
        Group.objects.count()
    assert len(strict.token_requests) == 1
    strict.clock.sleep(_access_token(account).expires_in)
    Group.objects.count()

    assert len(strict.token_requests) == 2
    assert len(strict.requests) == 5


# Rejected grants


def test_a_token_without_any_scope_is_rejected(strict, client):
    """If Zendesk grants none of the scopes, the first query raises with their names."""
    for scope in ("raed", "read,write"):
        grant = ClientCredentials(client.client_id, client.client_secret, scope=scope)
        connect_to(strict, oauth=grant)

        with pytest.raises(SignInFailed, match=f"none of the scopes {scope!r}"):
            Group.objects.count()

    assert strict.requests == []


def test_a_store_without_tokens_raises(strict):
    """A store without tokens raises before any request, and mentions no response."""
    connect_to(strict, oauth=RefreshToken("desktop", store=MemoryTokenStore()))

    with pytest.raises(SignInRequired, match=r"^nobody is signed in to emulator") as caught:
        Group.objects.count()

    assert "zendesk-orm login" in str(caught.value)
    assert "answered" not in str(caught.value)
    assert strict.token_requests == []


def test_a_confidential_client_needs_its_secret(strict, client):
    """A confidential client without a secret raises an error with the missing argument."""
    connect_to(strict, oauth=RefreshToken(client.client_id, "made-up", store=MemoryTokenStore()))

    with pytest.raises(SignInFailed, match="a confidential client needs client_secret="):
        Group.objects.count()


@pytest.mark.parametrize(
    ("client_id", "secret", "words"),
    [
        ("360001234", None, ["360001234", "is a number", "unique identifier"]),
        ("zendesk_or", None, ["'zendesk_or'", "client does not exist"]),
        ("zendesk_orm", "wrong", ["'zendesk_orm'", "secret is wrong", "Admin Center"]),
        ("desktop", "x", ["'desktop'"]),
    ],
)
def test_rejected_clients_are_named_with_the_remedy(strict, client, client_id, secret, words):
    """The error for a rejected client names the client and the remedy, and no secret."""
    connect_to(strict, oauth=ClientCredentials(client_id, secret or client.client_secret))

    with pytest.raises(SignInFailed) as caught:
        Group.objects.count()

    for word in ("emulator.zendesk.com", *words):
        assert word in str(caught.value)
    assert reveal(client.client_secret) not in str(caught.value)
    assert strict.requests == []


def test_a_scope_that_was_not_granted_is_reported_at_once(strict, client):
    """A scope that Zendesk has dropped silently is reported with the first query."""
    connect_to(strict, oauth=ClientCredentials("zendesk_orm", client.client_secret, "read wriite"))

    with pytest.raises(SignInFailed, match="without wriite"):
        Group.objects.count()


def test_a_scope_above_the_ceiling_of_the_client_is_reported(strict):
    """The error names a scope that the client may not request, and where to allow it."""
    created = strict.create_client("reader", scopes=["read"])
    connect_to(strict, oauth=ClientCredentials("reader", created.secret, "read write"))

    with pytest.raises(SignInFailed, match="may not ask for scope 'read write'"):
        Group.objects.count()


# Refresh tokens


def test_a_refresh_token_is_exchanged_once(strict, person):
    """Each renewal sends the refresh token of the previous renewal."""
    account = connect_to(strict, oauth=person(expires_in=300))
    for _ in range(5):
        Group.objects.count()
        strict.clock.sleep(300)

    assert strict.token_requests == ["authorization_code", *["refresh_token"] * 5]
    assert len(strict.requests) == 5
    assert account.transport.credentials.renewals == 5


def test_the_stored_pair_is_used_after_a_restart(strict, person):
    """After a restart, the stored pair is used instead of the configured refresh token."""
    store = MemoryTokenStore()
    grant = person(store=store)
    connect_to(strict, oauth=grant)
    Group.objects.count()
    connections.remove("default")

    connect_to(strict, oauth=RefreshToken("desktop", grant.refresh_token, store=store))
    Group.objects.count()
    strict.clock.sleep(10_000)
    Group.objects.count()

    assert strict.token_requests.count("refresh_token") == 2


def test_a_new_sign_in_replaces_an_expired_one(strict, person):
    """A new configured refresh token replaces an expired stored one."""
    store = MemoryTokenStore()
    first = connect_to(strict, oauth=person(store=store))
    Group.objects.count()
    _revoke(strict, first)

    connect_to(strict, oauth=person(store=store))
    Group.objects.count()

    assert strict.token_requests.count("refresh_token") == 2


def test_an_expired_refresh_token_is_sent_once(strict, person):
    """An expired refresh token is sent once; later calls raise without a request."""
    grant = person()
    connect_to(strict, oauth=grant)
    Group.objects.count()
    connections.remove("default")
    connect_to(strict, oauth=RefreshToken("desktop", grant.refresh_token))
    before = len(strict.token_requests)

    for _ in range(3):
        with pytest.raises(SignInRequired, match="zendesk-orm login") as caught:
            Group.objects.count()

    assert len(strict.token_requests) == before + 1
    assert reveal(grant.refresh_token) not in str(caught.value)


def test_a_program_continues_after_a_new_sign_in(strict, person):
    """A program with an expired refresh token finds the pair of a new sign-in in the store."""
    store = MemoryTokenStore()
    account = connect_to(strict, oauth=person(store=store))
    Group.objects.count()
    _revoke(strict, account)
    with pytest.raises(SignInRequired):
        Group.objects.count()

    other = MemoryTokenStore()
    connect_to(strict, oauth=person(store=other), alias="login")
    Group.objects.using("login").count()
    store.save(account.transport.credentials.key, other.load(account.transport.credentials.key))

    assert Group.objects.count()


def test_a_lost_response_to_a_refresh_needs_a_new_sign_in(strict, person):
    """A refresh whose response is lost is not repeated, and needs a new sign-in."""
    connect_to(strict, oauth=person())
    strict.fail_next(None, after_applying=True, path="~/oauth/tokens")

    with pytest.raises((SignInRequired, ConnectionLost)):
        Group.objects.count()

    assert strict.token_requests.count("refresh_token") <= 3


class _UnwritableStore(MemoryTokenStore):
    """A store that raises when it is set to fail."""

    def __init__(self, *, noticed: bool) -> None:
        super().__init__()
        self.broken = False
        self.noticed = noticed

    def check(self, key):
        if self.broken and self.noticed:
            raise PermissionError(13, "Permission denied")

    def save(self, key, token):
        if self.broken:
            raise RuntimeError(f"cannot write {reveal(token.access_token)}")
        super().save(key, token)


def test_an_unwritable_store_raises_before_the_exchange(strict, person):
    """An unwritable store raises before the pair is exchanged, and works again afterwards."""
    store = _UnwritableStore(noticed=True)
    connect_to(strict, oauth=person(store=store))
    store.broken = True

    with pytest.raises(TokenStoreError, match="Permission denied"):
        Group.objects.count()
    assert strict.token_requests == ["authorization_code"]
    store.broken = False

    assert Group.objects.count()


def test_a_pair_that_was_not_stored_is_neither_used_nor_lost(strict, person):
    """A pair that could not be stored stays in memory, and is used after it was stored."""
    store = _UnwritableStore(noticed=False)
    connect_to(strict, oauth=person(store=store))
    store.broken = True

    for _ in range(2):
        with pytest.raises(TokenStoreError, match="RuntimeError") as caught:
            Group.objects.count()
    assert strict.requests == []
    assert strict.token_requests.count("refresh_token") == 1
    assert "cannot write" not in str(caught.value)
    store.broken = False

    assert Group.objects.count()
    assert strict.token_requests.count("refresh_token") == 1


# Token functions


def test_a_function_is_called_for_each_request(strict, client):
    """A token function is called for each request, and once more after a rejection."""
    signed_in = connect_to(strict, oauth=client, alias="source")
    tokens = ["dead", reveal(_access_token(signed_in).access_token)]
    calls = []

    def provide():
        calls.append(1)
        return tokens[min(len(calls), 2) - 1]

    connect_to(strict, oauth_token=provide)
    strict.requests.clear()

    assert Group.objects.count()
    assert len(strict.requests) == 2
    assert len(calls) == 3


def test_a_function_that_returns_a_rejected_token_again_is_reported(strict):
    """If a token function returns a rejected token again, the request is not repeated."""
    connect_to(strict, oauth_token=lambda: "dead")

    with pytest.raises(AuthenticationFailed, match="oauth_token= returned an expired"):
        Group.objects.count()

    assert len(strict.requests) == 1


def test_an_expired_fixed_token_is_reported(strict):
    """The error for an expired fixed token names credentials that are renewed automatically."""
    connect_to(strict, oauth_token="dead")

    with pytest.raises(AuthenticationFailed, match="a fixed token cannot be renewed"):
        Group.objects.count()
