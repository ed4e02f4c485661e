"""Where tokens are kept."""

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
    given = {"refresh_token": Secret("refresh-1"), "scope": "read", "issued_at": 5.0, **values}
    return Token(Secret(access), **given)


@pytest.fixture(params=["memory", "file", "keyring"])
def store(request, tmp_path, monkeypatch):
    """Return an empty store of each kind."""
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
    """A keyring of this process, since a machine that runs tests has none."""

    priority = 1

    def __new__(cls):
        backend = pytest.importorskip("keyring.backend")
        kept = {}

        class InProcess(backend.KeyringBackend):
            priority = 1

            def get_password(self, service, username):
                return kept.get((service, username))

            def set_password(self, service, username, password):
                kept[service, username] = password

            def delete_password(self, service, username):
                del kept[service, username]

        return InProcess()


def test_a_token_is_loaded_as_it_was_saved(store):
    """Secrets, scope and times survive."""
    token = _token(expires_in=300.0, refresh_token_expires_in=9_000.0, origin="abc")

    store.save(KEY, token)

    assert store.load(KEY) == token
    assert reveal(store.load(KEY).refresh_token) == "refresh-1"


def test_a_store_keeps_one_token_for_each_key(store):
    """Saving replaces the token of the key, and of no other."""
    store.save(KEY, _token("old"))
    store.save(KEY, _token("new"))
    store.save("other", _token("other"))

    assert store.load(KEY) == _token("new")
    assert store.load("other") == _token("other")
    assert store.load("unknown") is None


def test_a_deleted_token_is_gone(store):
    """Deleting what is not there does nothing."""
    store.save(KEY, _token())
    store.delete(KEY)
    store.delete(KEY)

    assert store.load(KEY) is None


def test_a_lock_can_be_taken_again_by_its_holder(store):
    """`save()` may be called inside `lock()`."""
    with store.lock(KEY):
        store.check(KEY)
        store.save(KEY, _token())

    assert store.load(KEY) == _token()


def test_no_repr_and_no_pickle_contains_a_secret(store):
    """Neither of the store nor of the token."""
    token = _token("S3CRET")
    store.save(KEY, token)

    assert "S3CRET" not in repr(store) + repr(token) + str(token)
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(token)


# -- files -------------------------------------------------------------------


def test_only_the_owner_can_read_the_file(tmp_path):
    """Mode 0600, whatever the umask, for the file and its lock; nothing else is left behind."""
    before = os.umask(0)
    try:
        FileTokenStore(tmp_path / "new" / "tokens.json").save(KEY, _token())
    finally:
        os.umask(before)

    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in (tmp_path / "new").iterdir()}
    assert modes.pop("tokens.json") == 0o600
    assert modes in ({}, {"tokens.json.lock": 0o600})
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_a_file_that_is_being_replaced_is_never_half_written(tmp_path, monkeypatch):
    """If writing fails, the old tokens are still there and no temporary file is."""
    store = FileTokenStore(tmp_path / "tokens.json")
    store.save(KEY, _token("old"))

    def fail(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        store.save(KEY, _token("new"))

    assert store.load(KEY) == _token("old")
    assert {each.name for each in tmp_path.iterdir()} <= {"tokens.json", "tokens.json.lock"}


@pytest.mark.parametrize("text", ["", "[]", "no JSON", '{"half": '])
def test_a_file_of_something_else_is_not_overwritten(tmp_path, text):
    """The error names the file, and the file is left as it is."""
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
    """It says that the token is damaged; null counts as none."""
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
    """Four processes that read and write in turns lose no write."""
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


def test_keys_lists_what_is_stored(tmp_path):
    """In alphabetical order."""
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
def test_a_missing_extra_is_named(monkeypatch, make, module, extra):
    """The error says what to install."""
    monkeypatch.setitem(__import__("sys").modules, module, None)

    with pytest.raises(ConfigurationError, match=rf"zendesk_orm\[{extra}\]"):
        make()


def test_the_default_file_is_in_the_folder_of_the_user(monkeypatch, tmp_path):
    """The one that the command line uses."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert FileTokenStore().path == tmp_path / "zendesk_orm" / "tokens.json"
