"""Stores that keep tokens between requests and share them between processes.

A refresh token can be used once, and using it makes the old pair of tokens invalid.
A pair is therefore stored before it is used, and processes that share a sign-in share a store.
"""

from __future__ import annotations

import importlib
import json
import os
import stat
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from zendesk_orm.durable_files import read_file, replace_file
from zendesk_orm.errors import ConfigurationError, TokenStoreError, ZendeskError
from zendesk_orm.http.clock import CHECK_SECONDS, RequestLock, check_cancelled
from zendesk_orm.http.oauth.deadlines import LOCK_SECONDS
from zendesk_orm.http.oauth.token import Token
from zendesk_orm.messages import display


T = TypeVar("T")

_OWNER_ONLY = stat.S_IRUSR | stat.S_IWUSR


class TokenStore(ABC):
    """Keeps tokens by key. Subclass it to keep them in a database or a secret manager.

    A key names the account and the OAuth client: `acme.zendesk.com my_app`.

    The library calls `load()`, exchanges the token and calls `save()` while it holds `lock()`,
    and uses the new token only after `save()` has returned. ::

        class DatabaseStore(TokenStore):
            def load(self, key):
                row = OAuthToken.objects.filter(key=key).first()
                return None if row is None else Token.from_json(decrypt(row.data))

            def save(self, key, token):
                OAuthToken.objects.update_or_create(
                    key=key, defaults={"data": encrypt(token.to_json())}
                )

            def delete(self, key):
                OAuthToken.objects.filter(key=key).delete()

            def lock(self, key):
                return redis.lock(f"zendesk-token:{key}", timeout=self.lock_seconds)

    Exceptions from these methods reach the caller as `TokenStoreError`.

    Attributes:
        lock_seconds: the longest time for which the library holds a lock. A lock must not
            expire earlier, and others must wait for it that long.
        shared_name: a name that the stores of all processes with the same tokens share; None if
            they have none. Cached rows are shared only by processes that act as the same person.
    """

    lock_seconds: ClassVar[float] = LOCK_SECONDS
    shared_name: str | None = None

    @abstractmethod
    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if it has no token."""

    @abstractmethod
    def save(self, key: str, token: Token) -> None:
        """Store a token durably; a failure leaves the earlier token unchanged."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Delete the token of a key, if there is one."""

    def lock(self, key: str) -> AbstractContextManager[Any]:
        """Return a context manager that keeps other processes from renewing the same token.

        The default does not lock: override it if several processes use the store.
        """
        return nullcontext()

    def check(self, key: str) -> None:  # noqa: B027 - a hook that need not be overridden
        """Raise an exception if `save()` would fail; called before a refresh token is spent."""


def wait_for_lock(acquire: Callable[[], bool], seconds: float) -> bool:
    """Wait for a lock that another process may hold, and return whether it was acquired.

    Args:
        acquire: acquires the lock if it is free, and returns whether it did.
        seconds: the longest wait.

    Raises:
        OperationCancelled: the operation of this thread was cancelled.
    """
    end = time.monotonic() + seconds
    while not (is_acquired := acquire()) and time.monotonic() < end:
        time.sleep(CHECK_SECONDS)
        check_cancelled()
    return is_acquired


class MemoryTokenStore(TokenStore):
    """Keeps tokens until the process ends. Other processes do not see them.

    >>> MemoryTokenStore()
    <MemoryTokenStore: 0 tokens>
    """

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if it has no token."""
        return self._tokens.get(key)

    def save(self, key: str, token: Token) -> None:
        """Store a token."""
        self._tokens[key] = token

    def delete(self, key: str) -> None:
        """Delete the token of a key, if there is one."""
        self._tokens.pop(key, None)

    def __repr__(self) -> str:
        return f"<MemoryTokenStore: {len(self._tokens)} tokens>"


class FileTokenStore(TokenStore):
    """Keeps tokens in a JSON file that only its owner can read (mode 0600).

    Several processes of one machine can share it: a lock file next to it serializes renewals,
    and a new version replaces the file in one step, after it was written to disk. If the path
    is a symbolic link, the file that it leads to is replaced.

    Needs the extra `oauth`: `pip install "zendesk_orm[oauth]"`.

    >>> grant = RefreshToken("my_app", "...", store=FileTokenStore("tokens.json"))
    >>> account = connect(subdomain="acme", oauth=grant, alias="acme")

    Args:
        path: the file; by default `tokens.json` in the user's data folder for zendesk_orm,
            which `zendesk-orm login` uses, too.

    Raises:
        ConfigurationError: the extra is not installed, or the path is invalid.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        # An absolute path stays valid when the program changes its working directory.
        is_path = isinstance(path, os.PathLike) or (isinstance(path, str) and path.strip())
        if path is not None and (not is_path or "\0" in str(path)):
            raise ConfigurationError(f"path must be the path of a file, not {display(path)}")
        self.path = _default_path() if path is None else Path(path).absolute()
        self._filelock: Any = _extra("filelock")
        self._lock = RequestLock()
        #: The id of the process that holds the lock of the file by this object, or 0.
        self._holder = 0

    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if it has no token."""
        entry = self._read().get(key)
        return None if entry is None else Token.from_json(json.dumps(entry))

    def save(self, key: str, token: Token) -> None:
        """Store a token, after it is safely on disk."""
        with self.lock(key):
            tokens = self._read()
            tokens[key] = json.loads(token.to_json())
            self._write(tokens)

    def delete(self, key: str) -> None:
        """Delete the token of a key, if there is one."""
        with self.lock(key):
            tokens = self._read()
            if tokens.pop(key, None) is not None:
                self._write(tokens)

    def keys(self) -> list[str]:
        """Return the keys of all tokens in the file."""
        return sorted(self._read())

    @contextmanager
    def lock(self, key: str) -> Generator[None, None, None]:
        """Hold the lock of the file; processes and threads take turns.

        Raises:
            TokenStoreError: another process has held it for longer than a renewal takes.
        """
        self._make_folder()
        # The first lock is between threads, the file lock between processes.
        with self._lock:
            if self._holder == os.getpid():
                yield
                return
            file_lock = self._filelock.FileLock(f"{self._file()}.lock", mode=_OWNER_ONLY)
            if not wait_for_lock(partial(self._try_to_lock, file_lock), self.lock_seconds):
                raise TokenStoreError(
                    f"another process has locked {self.path} for {self.lock_seconds:.0f} seconds"
                )
            self._holder = os.getpid()
            try:
                yield
            finally:
                self._holder = 0
                file_lock.release()

    def _try_to_lock(self, file_lock: Any) -> bool:
        """Acquire the lock of the file if it is free, and return whether it was."""
        try:
            file_lock.acquire(timeout=0)
        except self._filelock.Timeout:
            return False
        return True

    def check(self, key: str) -> None:
        """Rewrite the file with its contents, like `save()`."""
        with self.lock(key):
            self._write(self._read())

    def _file(self) -> Path:
        """Return the path of the file, which a symbolic link may lead to."""
        return Path(os.path.realpath(self.path))

    def _make_folder(self) -> None:
        self._file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _read(self) -> _Tokens:
        try:
            data = json.loads(read_file(self.path), object_hook=_Tokens)
        except FileNotFoundError:
            return _Tokens()
        except OSError as error:
            raise TokenStoreError(
                f"{self.path} cannot be read ({error.strerror}): check that this user may read "
                "it, or choose another path"
            ) from None
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, _Tokens):
            raise TokenStoreError(f"{self.path} is not a file of tokens: move it away")
        return data

    def _write(self, tokens: _Tokens) -> None:
        """Replace the file. The lock must be held."""
        replace_file(self._file(), partial(json.dumps, tokens, indent=1))

    def __repr__(self) -> str:
        return f"FileTokenStore({os.fspath(self.path)!r})"


class _Tokens(dict[str, Any]):
    """The tokens of the file; tracebacks that show local variables do not display them."""

    def __repr__(self) -> str:
        return f"<{len(self)} entries>"


class KeyringTokenStore(TokenStore):
    """Keeps tokens in the keyring of the operating system.

    Needs the extra `keyring`: `pip install "zendesk_orm[keyring]"`. Processes take turns by a
    lock file in the user's data folder.

    >>> KeyringTokenStore("my_program")
    KeyringTokenStore('my_program')

    Args:
        service: the name under which the keyring lists them.

    Raises:
        ConfigurationError: the extra is not installed, or the name is invalid.
    """

    def __init__(self, service: str = "zendesk_orm") -> None:
        self._keyring: Any = _extra("keyring")
        name: object = service
        if not isinstance(name, str) or not name.strip():
            raise ConfigurationError(f"service must be a name, not {display(service)}")
        self._service = service
        self._file = FileTokenStore(_default_path().with_name("keyring"))

    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if it has no token."""
        text = self._keyring.get_password(self._service, key)
        return None if text is None else Token.from_json(text)

    def save(self, key: str, token: Token) -> None:
        """Store a token."""
        self._keyring.set_password(self._service, key, token.to_json())

    def delete(self, key: str) -> None:
        """Delete the token of a key, if there is one."""
        if self._keyring.get_password(self._service, key) is not None:
            self._keyring.delete_password(self._service, key)

    def lock(self, key: str) -> AbstractContextManager[Any]:
        """Return the lock of the file in the user's data folder."""
        return self._file.lock(key)

    def check(self, key: str) -> None:
        """Read the keyring, which fails if it is missing or locked."""
        self._keyring.get_password(self._service, key)

    def __repr__(self) -> str:
        return f"KeyringTokenStore({self._service!r})"


def describe_store(store: TokenStore | None) -> str:
    """Return the repr of a store of this module; of others the class, as reprs may show tokens."""
    shown = store is None or type(store).__module__ == __name__
    return repr(store) if shown else f"<{type(store).__name__}>"


def call_store(store: TokenStore, key: str, action: Callable[[], T]) -> T:
    """Call a method of a store and return its result; its exceptions become `TokenStoreError`.

    Raises:
        TokenStoreError: the action raised an exception. Its message may contain secrets, so
            that only its type is reported.
    """
    try:
        return action()
    except Exception as error:  # noqa: BLE001 - whatever a store of the application raises
        failure = _restated(store, key, error)
    # Raised here, because `__context__` would lead to the exception with its text and frames.
    raise failure


@contextmanager
def store_errors(store: TokenStore, key: str = "") -> Generator[None, None, None]:
    """Turn exceptions of a store into `TokenStoreError`, for a program that prints messages only.

    Raises:
        TokenStoreError: the store raised an exception.
    """
    try:
        yield
    except ZendeskError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a store of the application raises
        raise _restated(store, key, error) from None


def load_token(store: TokenStore, key: str) -> Token | None:
    """Return the token that a store has for a key, or None.

    Raises:
        TokenStoreError: the store raised an exception, or returned something else.
    """

    def load() -> Token | None:
        stored: object = store.load(key)
        if stored is None or isinstance(stored, Token):
            return stored
        raise TokenStoreError(
            f"load() of {describe_store(store)} must return a Token or None, "
            f"not {type(stored).__name__}"
        )

    return call_store(store, key, load)


def _restated(store: TokenStore, key: str, error: Exception) -> TokenStoreError:
    if isinstance(error, TokenStoreError):
        return TokenStoreError(str(error))
    if isinstance(error, ZendeskError):
        return TokenStoreError(f"{describe_store(store)}, {display(key)}: {error}")
    reason = error.strerror if isinstance(error, OSError) else None
    whose = f" of {display(key)}" if key else ""
    return TokenStoreError(
        f"{describe_store(store)} cannot read or store the tokens{whose} "
        f"({reason or type(error).__name__}): check that this user may read and write it, "
        "or use another store"
    )


def _default_path() -> Path:
    platformdirs = _extra("platformdirs")
    folder: Path = platformdirs.user_data_path("zendesk_orm", appauthor=False)
    return folder / "tokens.json"


def _extra(module: str) -> Any:
    try:
        # Loaded on first use, because only programs that store tokens need the extra.
        return importlib.import_module(module)
    except ModuleNotFoundError:
        extra = "keyring" if module == "keyring" else "oauth"
    raise ConfigurationError(
        f'stored tokens need a package that is not installed: pip install "zendesk_orm[{extra}]"'
    )
