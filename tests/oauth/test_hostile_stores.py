"""Token stores that fail, return wrong values, or use the account themselves."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.oauth.conftest import HOME, connect_to, sign_in_at
from tests.oauth.scripted import Reply, ScriptedServer, pair
from tests.oauth.test_hostile_answers import SECRET, _traceback_text
from zendesk_orm import (
    FileTokenStore,
    Group,
    MemoryTokenStore,
    RefreshToken,
    RetryPolicy,
    SignInRequired,
    Token,
    TokenStoreError,
    connect,
    connections,
)
from zendesk_orm.http.secret import reveal


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """Serve a token endpoint that grants numbered pairs."""
    with ScriptedServer(lambda body, number: Reply(pair(number))) as scripted:
        yield scripted


def _connect(server, store, token="S3CRET-refresh-0"):
    return connect(
        base_url=server.url,
        oauth=RefreshToken("app", token, store=store),
        retry=RetryPolicy(attempts=1),
    )


def _raise(*args):
    text = "SELECT 'S3CRET'"
    raise RuntimeError(text)


class _BadLock:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        _raise()


@pytest.mark.parametrize(
    ("method", "function"),
    [
        *((name, _raise) for name in ("load", "save", "check", "lock")),
        ("lock", lambda key: None),
        ("lock", lambda key: _BadLock()),
        ("load", lambda key: "S3CRET"),
        ("load", lambda key: {"access_token": "S3CRET"}),
        ("load", lambda key: Token("S3CRET\nX-Evil: 1")),
        ("load", lambda key: Token(5)),
        ("load", lambda key: Token.from_json('{"access_token": "S3CRET", "issued_at": "x"}')),
        ("load", lambda key: Token.from_json('{"access_token": "S3CRET", "issued_at": 1e400')),
        ("load", lambda key: Token.from_json("[" * 100_000)),
    ],
)
def test_messages_of_a_store_are_not_displayed(server, method, function, monkeypatch):
    """The error of a failing store contains no text of its exception, which may be a token."""
    store = MemoryTokenStore()
    monkeypatch.setattr(store, method, function)
    _connect(server, store)

    with pytest.raises(TokenStoreError) as caught:
        Group.objects.count()

    assert SECRET not in _traceback_text(caught.value)
    assert server.calls == []


def test_the_repr_of_a_custom_store_is_not_displayed(server):
    """Errors and credentials do not use the repr of a custom store, which can contain tokens."""

    class Open(MemoryTokenStore):
        def __repr__(self):
            return "Open(S3CRET)"

        load = _raise

    account = _connect(server, Open())

    with pytest.raises(TokenStoreError, match="Open"):
        Group.objects.count()
    assert SECRET not in repr(account.transport.credentials.grant)


def test_a_store_that_uses_the_account_raises(server):
    """A store that sends requests with its account raises instead of waiting for itself."""

    class Reentrant(MemoryTokenStore):
        def load(self, key):
            Group.objects.count()

    _connect(server, Reentrant())

    with pytest.raises(TokenStoreError, match="must not use that account"):
        Group.objects.count()
    with pytest.raises(TokenStoreError, match="must not use that account"):
        Group.objects.count()


def test_a_failing_store_keeps_a_valid_token(strict, person):
    """If the store fails, the old token is used until it expires, unless its pair was exchanged."""
    store = MemoryTokenStore()
    account = connect_to(strict, oauth=person(store=store, expires_in=300))
    Group.objects.count()
    strict.clock.sleep(280)
    store.load = _raise

    assert Group.objects.count()
    strict.clock.sleep(30)
    with pytest.raises(TokenStoreError):
        Group.objects.count()
    del store.load

    assert Group.objects.count()
    assert account.transport.credentials.renewals == 2


@pytest.mark.parametrize("change", ["signed in", "signed out", "stored elsewhere"])
def test_a_pair_that_could_not_be_stored_replaces_no_newer_one(strict, person, change):
    """A pair that could not be stored does not replace that of a later sign-in or sign-out."""
    store = MemoryTokenStore()
    account = connect_to(strict, oauth=person(store=store, expires_in=300))
    Group.objects.count()
    key = account.transport.credentials.key
    strict.clock.sleep(300)
    store.save = _raise
    with pytest.raises(TokenStoreError):
        Group.objects.count()
    del store.save
    unstored = account.transport.credentials._unstored[0]

    if change == "signed out":
        store.delete(key)
        with pytest.raises(SignInRequired):
            Group.objects.count()
        assert store.load(key) is None
        return
    if change == "signed in":
        newer = sign_in_at(strict.session(), HOME)
        store.save(key, Token(newer["access_token"], newer["refresh_token"]))
    else:
        store.save(key, unstored)
        other = RefreshToken("desktop", store=store)
        connect_to(strict, oauth=other, alias="other")
        header = connections["other"].transport.credentials.authorization()
        connections["other"].transport.credentials.renew(header)
    before = store.load(key)
    requests = list(strict.token_requests)

    assert Group.objects.count()

    assert store.load(key) == before
    assert strict.token_requests == requests


def test_a_token_hides_secrets_that_are_plain_text():
    """A token that a store creates from plain strings hides its secrets."""
    token = Token("S3CRET", "S3CRET")

    assert SECRET not in repr(token) + repr(token.access_token) + repr(token.refresh_token)
    assert reveal(token.access_token) == SECRET


# Precedence of refresh tokens


def test_stored_tokens_have_precedence_over_old_configuration(strict, person):
    """Processes with an expired configured token use the stored pair."""
    store = MemoryTokenStore()
    old = person(store=store)
    connect_to(strict, oauth=old, alias="first")
    Group.objects.using("first").count()
    connect_to(strict, oauth=person(store=store), alias="new")
    Group.objects.using("new").count()
    connect_to(strict, oauth=old, alias="second")

    for _ in range(3):
        for alias in ("first", "second", "new"):
            assert Group.objects.using(alias).count()

    assert strict.token_requests.count("refresh_token") == 2
    assert strict.token_requests.count("refresh_token invalid_grant") == 1


def test_an_expired_configured_token_keeps_the_stored_one(strict, person):
    """Starting with an expired configured token does not replace the stored pair."""
    store = MemoryTokenStore()
    stale = person(store=store)
    connect_to(strict, oauth=stale)
    Group.objects.count()
    connect_to(strict, oauth=person(store=store))
    Group.objects.count()
    before = strict.token_requests.count("refresh_token")

    for _ in range(3):
        connections.remove("default")
        connect_to(strict, oauth=stale)
        Group.objects.count()

    assert strict.token_requests.count("refresh_token") == before


def test_expired_tokens_are_sent_once(strict, person):
    """The configured and the stored refresh token are sent once each, until a new sign-in."""
    store, other = MemoryTokenStore(), MemoryTokenStore()
    first = person(store=store)
    account = connect_to(strict, oauth=first)
    Group.objects.count()
    key = account.transport.credentials.key
    # Another process uses the stored token.
    lost = RefreshToken("desktop", store.load(key).refresh_token, store=other)
    connect_to(strict, oauth=lost, alias="other")
    Group.objects.using("other").count()
    second = person(store=other)
    connect_to(strict, oauth=second, alias="other")
    Group.objects.using("other").count()
    connections.remove("default")
    connect_to(strict, oauth=RefreshToken("desktop", second.refresh_token, store=store))
    strict.token_requests.clear()

    for _ in range(3):
        with pytest.raises(SignInRequired):
            Group.objects.count()
    assert strict.token_requests == ["refresh_token invalid_grant"] * 2
    store.save(key, other.load(key))

    assert Group.objects.count()


# Files

TOKEN = Token("S3CRET-access", "S3CRET-refresh", issued_at=1.0)


def test_a_relative_path_survives_a_change_of_folder(tmp_path, monkeypatch):
    """A file store with a relative path uses the same file after a change of the working folder."""
    monkeypatch.chdir(tmp_path)
    store = FileTokenStore("tokens.json")
    store.save("key", TOKEN)
    monkeypatch.chdir("/")

    assert store.load("key") == TOKEN


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
@pytest.mark.parametrize("exists", [True, False])
def test_symbolic_links_are_resolved(tmp_path, exists):
    """Stores at a symbolic link and at its target share the file and the lock."""
    target, link = tmp_path / "real" / "tokens.json", tmp_path / "link.json"
    if exists:
        FileTokenStore(target).save("other", TOKEN)
    link.symlink_to(target)

    FileTokenStore(link).save("key", TOKEN)

    assert link.is_symlink()
    assert FileTokenStore(target).load("key") == TOKEN
    assert not (tmp_path / "link.json.lock").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs devices")
@pytest.mark.parametrize("path", ["/dev/full", "/dev/zero", "."])
def test_only_regular_files_are_read(path):
    """A path that is not a regular file raises, because reading a device would not end."""
    with pytest.raises(TokenStoreError, match="is not a file"):
        FileTokenStore(path).load("key")


def test_temporary_files_of_a_killed_process_are_removed(tmp_path):
    """Temporary files of a killed process are removed, and other files are not."""
    left, own_file = tmp_path / ".tokens.json.new-abc", tmp_path / ".tokens.json.swp"
    left.write_text("S3CRET")
    own_file.write_text("")

    FileTokenStore(tmp_path / "tokens.json").save("key", TOKEN)

    assert not left.exists()
    assert own_file.exists()


def test_check_fails_if_save_would(tmp_path, monkeypatch):
    """`check()` raises if `save()` could not replace the file, such as a mounted one."""
    store = FileTokenStore(tmp_path / "tokens.json")
    store.save("key", TOKEN)
    before = (tmp_path / "tokens.json").read_text()
    store.check("key")
    assert (tmp_path / "tokens.json").read_text() == before

    def raise_error(self, target):
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(type(tmp_path), "replace", raise_error)

    with pytest.raises(OSError, match="busy"):
        store.check("key")


def test_a_failure_to_write_displays_no_token(tmp_path, monkeypatch):
    """The traceback of a failed write contains no token in its local variables."""
    store = FileTokenStore(tmp_path / "tokens.json")
    store.save("other", TOKEN)

    def raise_error(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", raise_error)
    with pytest.raises(OSError, match="No space") as caught:
        store.save("key", TOKEN)

    assert SECRET not in _traceback_text(caught.value)


def test_a_damaged_file_displays_no_token(tmp_path):
    """The error for a damaged file contains no token, whether JSON or a token is damaged."""
    path = tmp_path / "tokens.json"
    texts = ['{"key": {"access_token": "S3CRET"', json.dumps({"key": {"access_token": ["S3CRET"]}})]
    for text in texts:
        path.write_text(text)

        with pytest.raises(Exception, match=r"not a file of tokens|damaged") as caught:
            FileTokenStore(path).load("key")

        assert SECRET not in _traceback_text(caught.value)
