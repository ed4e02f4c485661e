"""Token stores: memory, file and keyring."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import stat

import pytest

from zendesk_orm import (
    ConfigurationError,
    FileTokenStore,
    InvalidValue,
    KeyringTokenStore,
    MemoryTokenStore,
    Token,
    TokenStoreError,
)
from zendesk_orm.http.oauth import stores
from zendesk_orm.http.secret import Secret, reveal


KEY = "acme.zendesk.com my_app"


def _token(access="access-1", **values):
    values_ = {"refresh_token": Secret("refresh-1"), "scope": "read", "issued_at": 5.0, **values}
    return Token(Secret(access), **values_)


@pytest.fixture(params=["memory", "file", "keyring"])
def store(request, tmp_path, monkeypatch):
    """Return an empty store, one of each kind."""
    if request.param == "memory":
        yield MemoryTokenStore()
        return
    if request.param == "file":
        yield FileTokenStore(tmp_path / "tokens.json")
        return
    keyring = pytest.importorskip("keyring")
    monkeypatch.setattr(stores, "_default_path", lambda: tmp_path / "tokens.json")
    before = keyring.get_keyring()
    keyring.set_keyring(_Keyring())
    yield KeyringTokenStore()
    keyring.set_keyring(before)


class _Keyring:
    """A keyring in memory, because test machines have no keyring."""

    priority = 1

    def __new__(cls):
        backend = pytest.importorskip("keyring.backend")
        stored_values = {}

        class InProcess(backend.KeyringBackend):
            priority = 1

            def get_password(self, service, username):
                return stored_values.get((service, username))

            def set_password(self, service, username, password):
                stored_values[service, username] = password

            def delete_password(self, service, username):
                del stored_values[service, username]

        return InProcess()


def test_a_token_is_loaded_as_it_was_saved(store):
    """A loaded token has the secrets, the scope and the times of the saved one."""
    token = _token(expires_in=300.0, refresh_token_expires_in=9_000.0, origin="abc")

    store.save(KEY, token)

    assert store.load(KEY) == token
    assert reveal(store.load(KEY).refresh_token) == "refresh-1"


def test_a_store_keeps_one_token_for_each_key(store):
    """Saving a token replaces only the token of the same key."""
    store.save(KEY, _token("old"))
    store.save(KEY, _token("new"))
    store.save("other", _token("other"))

    assert store.load(KEY) == _token("new")
    assert store.load("other") == _token("other")
    assert store.load("unknown") is None


def test_a_deleted_token_is_not_loaded(store):
    """A deleted token is not loaded, and deleting a missing token does nothing."""
    store.save(KEY, _token())
    store.delete(KEY)
    store.delete(KEY)

    assert store.load(KEY) is None


def test_a_lock_is_reentrant(store):
    """`save()` can be called inside a `lock()` block."""
    with store.lock(KEY):
        store.check(KEY)
        store.save(KEY, _token())

    assert store.load(KEY) == _token()


def test_no_repr_and_no_pickle_contains_a_secret(store):
    """Neither the repr nor a pickle of a store or a token contains a secret."""
    token = _token("S3CRET")
    store.save(KEY, token)

    assert "S3CRET" not in repr(store) + repr(token) + str(token)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(token)


# Files


def test_only_the_owner_can_read_the_file(tmp_path):
    """The file and its lock have the mode 0600, whatever the umask is."""
    before = os.umask(0)
    try:
        FileTokenStore(tmp_path / "new" / "tokens.json").save(KEY, _token())
    finally:
        os.umask(before)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "new").iterdir()}
    assert modes.pop("tokens.json") == 0o600
    assert modes in ({}, {"tokens.json.lock": 0o600})
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_file_that_is_being_replaced_is_never_half_written(tmp_path, monkeypatch):
    """A failed write keeps the old tokens, and leaves no temporary file."""
    store = FileTokenStore(tmp_path / "tokens.json")
    store.save(KEY, _token("old"))

    def raise_error(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", raise_error)
    with pytest.raises(OSError, match="No space left"):
        store.save(KEY, _token("new"))

    assert store.load(KEY) == _token("old")
    assert {path.name for path in tmp_path.iterdir()} <= {"tokens.json", "tokens.json.lock"}


@pytest.mark.parametrize("text", ["", "[]", "no JSON", '{"half": '])
def test_another_file_is_not_overwritten(tmp_path, text):
    """A file that contains no tokens raises an error with its path, and is not changed."""
    path = tmp_path / "tokens.json"
    path.write_text(text)

    for use in (lambda s: s.load(KEY), lambda s: s.save(KEY, _token()), lambda s: s.delete(KEY)):
        with pytest.raises(TokenStoreError, match=r"tokens\.json"):
            use(FileTokenStore(path))
    assert path.read_text() == text


@pytest.mark.parametrize(
    "entry", [1, "text", [], {}, {"access_token": ""}, {"access_token": 1}, None]
)
def test_a_damaged_token_raises_an_error_without_its_content(tmp_path, entry):
    """A damaged token raises without its content, and null counts as no token."""
    path = tmp_path / "tokens.json"
    path.write_text(json.dumps({KEY: entry}))
    store = FileTokenStore(path)

    if entry is None:
        assert store.load(KEY) is None
    else:
        with pytest.raises(InvalidValue, match="damaged"):
            store.load(KEY)


def _increment(path, times):
    store = FileTokenStore(path)
    for _ in range(times):
        with store.lock(KEY):
            token = store.load(KEY)
            store.save(KEY, _token(issued_at=token.issued_at + 1))


def test_processes_take_turns(tmp_path):
    """Four processes that change the file at the same time lose no change."""
    path = tmp_path / "tokens.json"
    FileTokenStore(path).save(KEY, _token(issued_at=0.0))
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_increment, args=(path, 10)) for _ in range(4)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0] * 4
    assert FileTokenStore(path).load(KEY).issued_at == 40.0


def test_keys_lists_stored_keys(tmp_path):
    """`keys()` returns the stored keys in alphabetical order."""
    store = FileTokenStore(tmp_path / "tokens.json")
    store.save("b", _token())
    store.save("a", _token())

    assert store.keys() == ["a", "b"]


@pytest.mark.parametrize(
    ("make", "module", "extra"),
    [
        (lambda: FileTokenStore("x"), "filelock", "oauth"),
        (FileTokenStore, "platformdirs", "oauth"),
        (KeyringTokenStore, "keyring", "keyring"),
    ],
)
def test_a_missing_extra_is_reported(monkeypatch, make, module, extra):
    """The error for a missing dependency names the extra to install."""
    monkeypatch.setitem(__import__("sys").modules, module, None)

    with pytest.raises(ConfigurationError, match=rf"zendesk_orm\[{extra}\]"):
        make()


def test_the_default_file_is_in_the_folder_of_the_user(monkeypatch, tmp_path):
    """The default file, which the command line uses, too, is in the folder of the user."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert FileTokenStore().path == tmp_path / "zendesk_orm" / "tokens.json"
