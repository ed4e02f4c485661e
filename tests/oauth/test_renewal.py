"""Access tokens are renewed before they expire, and once after Zendesk has rejected them."""

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


def _held(account):
    return account.transport.credentials.token


def _revoke(emulator, account):
    """Revoke the current token, as an administrator does."""
    session = emulator.session()
    answer = session.delete(
        "https://emulator.zendesk.com/api/v2/oauth/tokens/current",
        headers={"Authorization": "Bearer " + reveal(_held(account).access_token)},
    )
    assert answer.status_code == 204
    emulator.requests.clear()


# -- a server ----------------------------------------------------------------


def test_one_token_serves_many_requests(strict, server):
    """It is requested with the first request, which is not sent twice."""
    assert strict.token_requests == []

    for _ in range(3):
        Group.objects.count()

    assert strict.token_requests == ["client_credentials"]
    assert len(strict.requests) == 3
    assert server.requests_sent == 3


def test_a_token_is_renewed_before_it_expires(strict, server):
    """No request is rejected; the wait is short of the lifetime by a margin."""
    Group.objects.count()
    lifetime = _held(server).expires_in

    strict.clock.sleep(lifetime - 61)
    Group.objects.count()
    assert len(strict.token_requests) == 1
    strict.clock.sleep(2)
    Group.objects.count()

    assert len(strict.token_requests) == 2
    assert len(strict.requests) == 3


def test_a_long_iteration_survives(strict, client):
    """Each page is requested with a living token, although the loop outlives several."""
    account = connect_to(
        strict, oauth=ClientCredentials("zendesk_orm", client.client_secret, expires_in=300)
    )
    Ticket.objects.bulk_create(
        Ticket(subject=str(number), comment=Comment(body="x")) for number in range(250)
    )
    strict.requests.clear()
    before = len(strict.token_requests)

    seen = 0
    for _ in Ticket.objects.fresh().page_size(25):
        seen += 1
        strict.clock.sleep(10)

    assert seen == 250
    assert len(strict.token_requests) - before >= 250 * 10 // 300
    assert len(strict.requests) <= 12
    assert account.transport.credentials.renewals == len(strict.token_requests)


def test_a_rejected_request_is_sent_again_with_a_new_token(strict, server):
    """Once, and a creation is applied once."""
    Group.objects.count()
    _revoke(strict, server)

    Group.objects.create(name="made once")

    assert strict.requests == ["POST groups", "POST groups"]
    assert len(strict.token_requests) == 2
    assert [group.name for group in Group.objects.all()].count("made once") == 1


def test_a_new_token_that_is_rejected_too_is_not_renewed_again(strict, server):
    """The error names the account, the credentials and the remedy."""
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
    """The token endpoint is left alone for a minute; later, a token is requested again."""
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
    """Once more, and after that request is rejected, too, no more."""
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
def test_a_missing_scope_is_no_reason_to_renew(strict, server, status, body):
    """A new token would have the same scopes."""
    Group.objects.count()
    strict.fail_next(status, body=body)

    with pytest.raises(MissingScope):
        Group.objects.count()

    assert len(strict.token_requests) == 1


def test_another_401_is_no_reason_to_renew(strict, server):
    """Only the code that means an expired or revoked token is."""
    Group.objects.count()
    strict.fail_next(401, body={"error": "Couldn't authenticate you"})

    with pytest.raises(AuthenticationFailed):
        Group.objects.count()

    assert len(strict.token_requests) == 1


def test_threads_share_a_renewal(strict, server):
    """Eight threads that find the token expired request one."""
    Group.objects.count()
    strict.clock.sleep(_held(server).expires_in)
    gate = threading.Barrier(8)

    def count():
        gate.wait()
        return Group.objects.count()

    with ThreadPoolExecutor(8) as pool:
        counts = [future.result() for future in [pool.submit(count) for _ in range(8)]]

    assert counts == [counts[0]] * 8
    assert len(strict.token_requests) == 2


def test_threads_share_a_renewal_after_a_rejection(strict, server):
    """Eight requests are rejected with one token, and one other token is requested."""
    Group.objects.count()
    _revoke(strict, server)
    gate = threading.Barrier(8)

    def count():
        gate.wait()
        return Group.objects.count()

    with ThreadPoolExecutor(8) as pool:
        counts = [future.result() for future in [pool.submit(count) for _ in range(8)]]

    assert counts == [counts[0]] * 8
    assert len(strict.token_requests) == 2


def test_asyncio_tasks_share_a_renewal(strict, server):
    """As threads do."""
    Group.objects.count()
    strict.clock.sleep(_held(server).expires_in)

    async def count_all():
        return await asyncio.gather(*(Group.objects.acount() for _ in range(8)))

    assert len(set(asyncio.run(count_all()))) == 1
    assert len(strict.token_requests) == 2


def test_a_renewal_that_fails_for_the_moment_uses_the_old_token(strict, server):
    """As long as that lives; the next renewal waits some seconds."""
    Group.objects.count()
    old = _held(server).access_token
    strict.clock.sleep(_held(server).expires_in - 30)
    strict.fail_next(503, times=3, path="~/oauth/tokens")

    Group.objects.count()
    assert _held(server).access_token == old
    strict.clock.sleep(16)
    Group.objects.count()

    assert _held(server).access_token != old


def test_a_renewal_that_fails_after_the_end_raises(strict, server):
    """After the retries; the error is that of the token request."""
    Group.objects.count()
    strict.clock.sleep(_held(server).expires_in + 1)
    strict.fail_next(503, times=3, path="~/oauth/tokens")

    with pytest.raises(ServerError, match="/oauth/tokens"):
        Group.objects.count()


def test_a_lost_answer_to_client_credentials_is_repaired(strict, server):
    """The token request is sent again."""
    strict.fail_next(None, after_applying=True, path="~/oauth/tokens")

    assert Group.objects.count()


def test_the_wall_clock_does_not_matter(strict, client):
    """Setting this machine's clock back or forward changes nothing for a token in use."""

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
    strict.clock.sleep(_held(account).expires_in)
    Group.objects.count()

    assert len(strict.token_requests) == 2
    assert len(strict.requests) == 5


# -- what cannot be granted --------------------------------------------------


def test_a_token_without_any_scope_is_refused(strict, client):
    """If no requested scope exists, the first request names them and is not sent."""
    for scope in ("raed", "read,write"):
        grant = ClientCredentials(client.client_id, client.client_secret, scope=scope)
        connect_to(strict, oauth=grant)

        with pytest.raises(SignInFailed, match=f"none of the scopes {scope!r}"):
            Group.objects.count()

    assert strict.requests == []


def test_a_store_without_tokens_says_that_nobody_is_signed_in(strict):
    """Nothing is sent, and the message claims no answer of Zendesk."""
    connect_to(strict, oauth=RefreshToken("desktop", store=MemoryTokenStore()))

    with pytest.raises(SignInRequired, match=r"^nobody is signed in to emulator") as caught:
        Group.objects.count()

    assert "zendesk-orm login" in str(caught.value)
    assert "answered" not in str(caught.value)
    assert strict.token_requests == []


def test_a_confidential_client_without_its_secret_is_told_so(strict, client):
    """Without a secret, the remedy names the argument that is missing."""
    connect_to(strict, oauth=RefreshToken(client.client_id, "made-up", store=MemoryTokenStore()))

    with pytest.raises(SignInFailed, match="a confidential client needs client_secret="):
        Group.objects.count()


@pytest.mark.parametrize(
    ("client_id", "secret", "words"),
    [
        ("360001234", None, ["360001234", "is a number", "unique identifier"]),
        ("zendesk_or", None, ["'zendesk_or'", "no client of that identifier"]),
        ("zendesk_orm", "wrong", ["'zendesk_orm'", "secret is wrong", "Admin Center"]),
        ("desktop", "x", ["'desktop'"]),
    ],
)
def test_rejected_clients_are_named_with_the_remedy(strict, client, client_id, secret, words):
    """And no secret is."""
    connect_to(strict, oauth=ClientCredentials(client_id, secret or client.client_secret))

    with pytest.raises(SignInFailed) as caught:
        Group.objects.count()

    for word in ("emulator.zendesk.com", *words):
        assert word in str(caught.value)
    assert reveal(client.client_secret) not in str(caught.value)
    assert strict.requests == []


def test_a_scope_that_was_not_granted_is_reported_at_once(strict, client):
    """Zendesk drops unknown scopes without a word, and would answer 403 later."""
    connect_to(strict, oauth=ClientCredentials("zendesk_orm", client.client_secret, "read wriite"))

    with pytest.raises(SignInFailed, match="without wriite"):
        Group.objects.count()


def test_a_scope_above_the_ceiling_of_the_client_is_reported(strict):
    """The error names the scope and where to change it."""
    made = strict.create_client("reader", scopes=["read"])
    connect_to(strict, oauth=ClientCredentials("reader", made.secret, "read write"))

    with pytest.raises(SignInFailed, match="may not ask for scope 'read write'"):
        Group.objects.count()


# -- a person ----------------------------------------------------------------


def test_a_refresh_token_is_exchanged_once(strict, person):
    """Each renewal spends the one of the last."""
    account = connect_to(strict, oauth=person(expires_in=300))
    for _ in range(5):
        Group.objects.count()
        strict.clock.sleep(300)

    assert strict.token_requests == ["authorization_code", *["refresh_token"] * 5]
    assert len(strict.requests) == 5
    assert account.transport.credentials.renewals == 5


def test_the_stored_pair_is_used_after_a_restart(strict, person):
    """Although the application is still configured with the first refresh token."""
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


def test_a_new_sign_in_replaces_a_dead_one(strict, person):
    """An application that is configured with another refresh token uses that one."""
    store = MemoryTokenStore()
    first = connect_to(strict, oauth=person(store=store))
    Group.objects.count()
    _revoke(strict, first)

    connect_to(strict, oauth=person(store=store))
    Group.objects.count()

    assert strict.token_requests.count("refresh_token") == 2


def test_a_dead_refresh_token_is_sent_once(strict, person):
    """The error says to sign in again; further requests fail without asking."""
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


def test_a_program_continues_after_somebody_has_signed_in_again(strict, person):
    """It looks into the store before it gives up."""
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


def test_a_lost_answer_to_a_refresh_asks_for_a_new_sign_in(strict, person):
    """The pair that it held cannot be known; nothing is retried for ever."""
    connect_to(strict, oauth=person())
    strict.fail_next(None, after_applying=True, path="~/oauth/tokens")

    with pytest.raises((SignInRequired, ConnectionLost)):
        Group.objects.count()

    assert strict.token_requests.count("refresh_token") <= 3


class _Unwritable(MemoryTokenStore):
    """A store that fails when it is told to."""

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


def test_an_unwritable_store_is_noticed_before_a_refresh_token_is_spent(strict, person):
    """The error says so; when the store works again, so does the program."""
    store = _Unwritable(noticed=True)
    connect_to(strict, oauth=person(store=store))
    store.broken = True

    with pytest.raises(TokenStoreError, match="Permission denied"):
        Group.objects.count()
    assert strict.token_requests == ["authorization_code"]
    store.broken = False

    assert Group.objects.count()


def test_a_pair_that_was_not_stored_is_neither_used_nor_lost(strict, person):
    """It is kept in memory until it can be stored, and used then."""
    store = _Unwritable(noticed=False)
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


# -- a function --------------------------------------------------------------


def test_a_function_is_called_for_each_request(strict, client):
    """And once more after a rejection; the request is then sent again."""
    signed_in = connect_to(strict, oauth=client, alias="source")
    tokens = ["dead", reveal(_held(signed_in).access_token)]
    calls = []

    def provide():
        calls.append(1)
        return tokens[min(len(calls), 2) - 1]

    connect_to(strict, oauth_token=provide)
    strict.requests.clear()

    assert Group.objects.count()
    assert len(strict.requests) == 2
    assert len(calls) == 3


def test_a_function_that_returns_a_rejected_token_again_is_named(strict):
    """The request is not sent a second time."""
    connect_to(strict, oauth_token=lambda: "dead")

    with pytest.raises(AuthenticationFailed, match="oauth_token= returned an expired"):
        Group.objects.count()

    assert len(strict.requests) == 1


def test_a_fixed_token_that_expired_is_named(strict):
    """The remedy is one that renews itself."""
    connect_to(strict, oauth_token="dead")

    with pytest.raises(AuthenticationFailed, match="a fixed token cannot be renewed"):
        Group.objects.count()
