"""The account of a command: `--url`, a stored sign-in, or that of the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from getpass import getpass
from urllib.parse import urlsplit

import click
from attrs import frozen

from zendesk_orm.account import Account, connect, connections
from zendesk_orm.cli.options import AccountChoice
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http import environment
from zendesk_orm.http.auth import check_secret
from zendesk_orm.http.hosts import address_of as address_of_host
from zendesk_orm.http.oauth.grants import RefreshToken, check_client_id, sign_in_key
from zendesk_orm.http.oauth.stores import (
    FileTokenStore,
    KeyringTokenStore,
    TokenStore,
    store_errors,
)
from zendesk_orm.http.secret import Secret
from zendesk_orm.http.settings import Settings
from zendesk_orm.schema.source import DEFAULT


#: Variables that are credentials: if one is set, the environment selects the account.
_CREDENTIALS = ("EMAIL", "TOKEN", "PASSWORD", "OAUTH_TOKEN", "OAUTH_REFRESH_TOKEN", "ANONYMOUS")
_HINT = "sign in with zendesk-orm login, pass --url, or set ZENDESK_... variables"


@frozen
class SignIn:
    """The tokens of a person in a store.

    Attributes:
        base_url: the address of the account.
        client_id: the identifier of the OAuth client.
        store: the store of the tokens.
    """

    base_url: str
    client_id: str
    store: TokenStore

    @property
    def host(self) -> str:
        """The host of the account: `acme.zendesk.com`."""
        return urlsplit(self.base_url).netloc

    @property
    def key(self) -> str:
        """The key of the tokens in the store."""
        return sign_in_key(self.host, self.client_id)

    def connect(self, client_secret: Secret | None) -> Account:
        """Return the account, authenticated as the signed-in person."""
        grant = RefreshToken(self.client_id, client_secret=client_secret, store=self.store)
        return connect(base_url=self.base_url, oauth=grant)


def get_account(choice: AccountChoice) -> Account:
    """Return the account that a command uses.

    That is, in this order: `--url`; the stored sign-in that other options select; the account
    that is already connected or configured in the environment; the only stored sign-in.

    Raises:
        UsageError: `--url` is invalid.
        ConfigurationError: no account is configured, or several sign-ins are stored.
        TokenStoreError: the store cannot be read.
    """
    options = [
        f"--{name.replace('_', '-')}"
        for name in ("subdomain", "base_url", "client_id", "client_secret", "file", "keyring")
        if getattr(choice, name)
    ]
    if choice.url is not None:
        if options:
            raise click.UsageError(f"--url is complete: leave out {', '.join(options)}")
        with _report_usage(is_argument=True):
            return connect(choice.url)
    if not options and DEFAULT in connections:
        return connections[DEFAULT]
    if not options and _environment_has_credentials():
        return connect()
    return find_sign_in(choice).connect(read_client_secret(choice))


@contextmanager
def _report_usage(*, is_argument: bool) -> Generator[None]:
    """Raise `UsageError` if a value is invalid that is an argument, and not of the environment.

    A missing extra is not a wrong usage.
    """
    try:
        yield
    except ConfigurationError as error:
        if not is_argument or isinstance(error.__cause__, ModuleNotFoundError):
            raise
        raise click.UsageError(str(error)) from None


def find_sign_in(choice: AccountChoice) -> SignIn:
    """Return the stored sign-in that arguments and environment select, or the only one.

    Raises:
        ConfigurationError: nobody is signed in, or several sign-ins are possible.
        TokenStoreError: the store cannot be read.
    """
    store, base_url, client_id = (
        get_store(choice),
        get_base_url(choice),
        get_client_id(choice),
    )
    if base_url is not None and client_id is not None:
        sign_ins = [SignIn(base_url, client_id, store)]
        with store_errors(store, sign_ins[0].key):
            sign_ins = [sign_in for sign_in in sign_ins if store.load(sign_in.key) is not None]
    elif isinstance(store, FileTokenStore):
        sign_ins = [
            sign_in
            for sign_in in _load_sign_ins(store, base_url)
            if client_id in (None, sign_in.client_id)
            and (base_url is None or sign_in.host == urlsplit(base_url).netloc)
        ]
    else:
        raise ConfigurationError(
            "a keyring does not list its entries: pass --subdomain and --client-id"
        )
    if not sign_ins:
        raise ConfigurationError(_explain_missing_sign_in(choice, store, base_url, client_id))
    if len(sign_ins) > 1:
        choices = ", ".join(
            f"{sign_in.host} with client {sign_in.client_id}" for sign_in in sign_ins
        )
        raise ConfigurationError(
            f"there are several sign-ins: {choices}; choose one by --subdomain (or --base-url) and "
            "--client-id"
        )
    return sign_ins[0]


def _explain_missing_sign_in(
    choice: AccountChoice, store: TokenStore, base_url: str | None, client_id: str | None
) -> str:
    """Return the message that the sign-in does not exist, with the variables that select it."""
    at = f" to {urlsplit(base_url).netloc}" if base_url else ""
    by = f" with OAuth client {client_id!r}" if client_id else ""
    variables = []
    if base_url and not choice.subdomain and not choice.base_url:
        is_subdomain = os.environ.get("ZENDESK_SUBDOMAIN")
        variables.append("ZENDESK_SUBDOMAIN" if is_subdomain else "ZENDESK_BASE_URL")
    if client_id and not choice.client_id:
        variables.append("ZENDESK_OAUTH_CLIENT_ID")
    source = f", as {' and '.join(variables)} requires" if variables else ""
    return f"nobody is signed in{at}{by}{source} (looked in {describe_store(store)}): {_HINT}"


def describe_store(store: TokenStore) -> str:
    """Return a readable description of the place in which a store keeps its tokens."""
    if isinstance(store, FileTokenStore):
        return os.fspath(store.path)
    return "the keyring of the system" if isinstance(store, KeyringTokenStore) else repr(store)


def get_store(choice: AccountChoice) -> TokenStore:
    """Return the store that the arguments or the environment select."""
    if choice.keyring:
        return KeyringTokenStore()
    return FileTokenStore(choice.file or os.environ.get("ZENDESK_OAUTH_TOKEN_FILE") or None)


def get_base_url(choice: AccountChoice) -> str | None:
    """Return the address of the account from the arguments or the environment, or None.

    Raises:
        UsageError: the address is invalid.
        ConfigurationError: that of the environment is invalid.
    """
    subdomain, base_url = choice.subdomain, choice.base_url
    is_argument = bool(subdomain or base_url)
    if not is_argument:
        subdomain = os.environ.get("ZENDESK_SUBDOMAIN")
        base_url = os.environ.get("ZENDESK_BASE_URL")
    if not subdomain and not base_url:
        return None
    with _report_usage(is_argument=is_argument):
        return Settings(subdomain=subdomain, base_url=base_url).address()


def get_client_id(choice: AccountChoice) -> str | None:
    """Return the id of the OAuth client from the arguments or the environment, or None.

    Raises:
        UsageError: the id is invalid.
        ConfigurationError: that of the environment is invalid.
    """
    name = choice.client_id or os.environ.get("ZENDESK_OAUTH_CLIENT_ID")
    with _report_usage(is_argument=bool(choice.client_id)):
        return check_client_id(name) if name else None


def read_client_secret(choice: AccountChoice) -> Secret | None:
    """Return the secret of a confidential client, from the terminal or the environment.

    The secret is never an argument: other users can see the arguments of a process.

    Raises:
        ConfigurationError: the secret is invalid.
    """
    if not choice.client_secret:
        secret = os.environ.get("ZENDESK_OAUTH_CLIENT_SECRET")
    elif sys.stdin.isatty():
        secret = getpass("Client secret: ")
    else:
        secret = sys.stdin.readline().strip()
    return check_secret("client_secret", secret) if secret or choice.client_secret else None


def _load_sign_ins(store: FileTokenStore, base_url: str | None) -> list[SignIn]:
    """Return the sign-ins of persons in a file, without tokens of client credentials."""
    with store_errors(store):
        keys = [key.split(" ") for key in store.keys()]  # noqa: SIM118 - a store is not a mapping
    return [SignIn(_get_address(key[0], base_url), key[1], store) for key in keys if len(key) == 2]


def _get_address(host: str, base_url: str | None) -> str:
    """Return the address of a host; keys in a store do not contain the scheme."""
    if base_url is not None and urlsplit(base_url).netloc == host:
        return base_url
    return address_of_host(host)


def _environment_has_credentials() -> bool:
    """Return whether the environment selects an account and its credentials."""
    if os.environ.get("ZENDESK_URL"):
        return True
    names = [*_CREDENTIALS, "OAUTH_CLIENT_ID"] if environment.is_configured() else _CREDENTIALS
    return any(os.environ.get(f"ZENDESK_{name}") for name in names)
