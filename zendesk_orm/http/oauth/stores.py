"""Where tokens are kept between requests, and between processes.

A refresh token can be used once, and using it makes the old pair of tokens invalid.
A pair is therefore stored before it is used, and processes that share a sign-in share a store.
"""

from __future__ import annotations

import importlib
import json
import os
import stat
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from zendesk_orm import fork
from zendesk_orm.errors import ConfigurationError, TokenStoreError, ZendeskError
from zendesk_orm.http.oauth.token import Token


#: Seconds to wait for another process that renews the same token.
_LOCK_SECONDS = 120.0
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
                return redis.lock(f"zendesk-token:{key}", timeout=120)

    Exceptions from these methods reach the caller as `TokenStoreError`.
    """

    @abstractmethod
    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if there is none."""

    @abstractmethod
    def save(self, key: str, token: Token) -> None:
        """Store a token durably; it replaces an earlier one as a whole, or not at all."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Delete the token of a key, if there is one."""

    def lock(self, key: str) -> AbstractContextManager[Any]:
        """Return a context manager that keeps other processes from renewing the same token.

        By default there is none: override it if several processes use the store.
        """
        return nullcontext()

    def check(self, key: str) -> None:  # noqa: B027 - a hook that need not be overridden
        """Raise an exception if `save()` would fail.

        It is called before a refresh token is spent.
        """


class MemoryTokenStore(TokenStore):
    """Keeps tokens as long as the process lives. Other processes do not see them."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if there is none."""
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

    Several processes of one machine can share it: a lock file beside it serializes renewals,
    and a new version replaces the file in one step, after it was written to disk.

    Needs the extra `oauth`: `pip install "zendesk_orm[oauth]"`.

    Args:
        path: the file; by default `tokens.json` in the user's data folder for zendesk_orm,
            which `zendesk-orm login` uses, too.

    Raises:
        ConfigurationError: the extra is not installed.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        self.path = _default_path() if path is None else Path(path)
        self._filelock: Any = _extra("filelock")
        self._lock = fork.Lock()
        #: The process that holds the lock of the file, through this object; 0 for none.
        self._holder = 0

    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if there is none."""
        text = self._read().get(key)
        return None if text is None else Token.from_json(json.dumps(text))

    def save(self, key: str, token: Token) -> None:
        """Store a token, after it is safely on disk."""
        with self.lock(key):
            self._write({**self._read(), key: json.loads(token.to_json())})

    def delete(self, key: str) -> None:
        """Delete the token of a key, if there is one."""
        with self.lock(key):
            kept = self._read()
            if kept.pop(key, None) is not None:
                self._write(kept)

    def keys(self) -> list[str]:
        """Return the keys of all tokens in the file."""
        return sorted(self._read())

    @contextmanager
    def lock(self, key: str) -> Generator[None, None, None]:
        """Hold the lock of the file; processes and threads take turns.

        Raises:
            TokenStoreError: another process has held it for two minutes.
        """
        self._make_folder()
        # The first lock is between threads, the file lock between processes.
        with self._lock:
            if self._holder == os.getpid():
                yield
                return
            held = self._filelock.FileLock(f"{self.path}.lock", mode=_OWNER_ONLY)
            try:
                held.acquire(timeout=_LOCK_SECONDS)
            except self._filelock.Timeout:
                raise TokenStoreError(
                    f"another process has locked {self.path} for {_LOCK_SECONDS:.0f} seconds"
                ) from None
            self._holder = os.getpid()
            try:
                yield
            finally:
                self._holder = 0
                held.release()

    def check(self, key: str) -> None:
        """Read the file, write a temporary file where its new version would be, and delete it."""
        with self.lock(key):
            self._read()
            handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            os.close(handle)
            Path(name).unlink()

    def _make_folder(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise TokenStoreError(f"{self.path} is not a file of tokens: move it away")
        return data

    def _write(self, tokens: dict[str, Any]) -> None:
        # mkstemp makes a file that only its owner can read and write.
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(tokens, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
        _sync_folder(self.path.parent)

    def __repr__(self) -> str:
        return f"FileTokenStore({os.fspath(self.path)!r})"


class KeyringTokenStore(TokenStore):
    """Keeps tokens in the keyring of the operating system.

    Needs the extra `keyring`: `pip install "zendesk_orm[keyring]"`. Processes take turns by a
    lock file in the user's data folder.

    Args:
        service: the name under which the keyring lists them.

    Raises:
        ConfigurationError: the extra is not installed.
    """

    def __init__(self, service: str = "zendesk_orm") -> None:
        self._keyring: Any = _extra("keyring")
        self._service = service
        self._file = FileTokenStore(_default_path().with_name("keyring"))

    def load(self, key: str) -> Token | None:
        """Return the token of a key, or None if there is none."""
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
        """Read the keyring, which fails if there is none or if it is locked."""
        self._keyring.get_password(self._service, key)

    def __repr__(self) -> str:
        return f"KeyringTokenStore({self._service!r})"


@contextmanager
def store_errors(store: TokenStore, key: str = "") -> Generator[None, None, None]:
    """Turn exceptions of a store into ours, without the text, which may contain secrets.

    Raises:
        TokenStoreError: the store raised an exception.
    """
    failure: TokenStoreError | None = None
    try:
        yield
    except ZendeskError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a store of the application raises
        what = error.strerror if isinstance(error, OSError) else None
        whose = f" of {key!r}" if key else ""
        failure = TokenStoreError(
            f"{store!r} cannot read or store the tokens{whose} ({what or type(error).__name__}): "
            "check that this user may read and write it, or use another store"
        )
    if failure is not None:
        raise failure


def _default_path() -> Path:
    platformdirs = _extra("platformdirs")
    folder: Path = platformdirs.user_data_path("zendesk_orm", appauthor=False)
    return folder / "tokens.json"


def _extra(module: str) -> Any:
    try:
        # Seam: only programs that keep tokens need the extra.
        return importlib.import_module(module)
    except ModuleNotFoundError:
        extra = "keyring" if module == "keyring" else "oauth"
    raise ConfigurationError(
        f'stored tokens need a package that is not installed: pip install "zendesk_orm[{extra}]"'
    )


def _sync_folder(folder: Path) -> None:
    """Make the renaming durable, too. Windows cannot open folders and needs no such step."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
