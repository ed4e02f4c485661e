"""Which account a command uses: `--url`, a stored sign-in, or what the environment names."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from getpass import getpass
from urllib.parse import urlsplit

from attrs import frozen

from zendesk_orm.account import Account, connect, connections
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http import settings
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
from zendesk_orm.schema.record import DEFAULT


#: Variables that are credentials: any of them says that the environment is meant.
_CREDENTIALS = ("EMAIL", "TOKEN", "PASSWORD", "OAUTH_TOKEN", "OAUTH_REFRESH_TOKEN", "ANONYMOUS")
_HINT = "sign in with zendesk-orm login, pass --url, or set ZENDESK_... variables"


@frozen
class SignIn:
    """The tokens of a person in a store.

    Attributes:
        base_url: the address of the account.
        client_id: the identifier of the OAuth client.
        store: where the tokens are.
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
        """Return the account, as the person who signed in."""
        grant = RefreshToken(self.client_id, client_secret=client_secret, store=self.store)
        return connect(base_url=self.base_url, oauth=grant)


def account_of(given: Namespace) -> Account:
    """Return the account that a command uses.

    That is, in this order: `--url`; the stored sign-in that other arguments name; what is
    connected already or configured in the environment; the only stored sign-in.

    Raises:
        ConfigurationError: there is none, or there are several stored sign-ins.
        TokenStoreError: the store cannot be read.
    """
    named = [
        f"--{name.replace('_', '-')}"
        for name in ("subdomain", "base_url", "client_id", "client_secret", "file", "keyring")
        if getattr(given, name)
    ]
    if given.url is not None:
        if named:
            given.fail(f"--url is complete: leave out {', '.join(named)}")
        return connect(given.url)
    if not named and DEFAULT in connections:
        return connections[DEFAULT]
    if not named and _environment_has_credentials():
        return connect()
    return stored_sign_in(given).connect(client_secret(given))


def stored_sign_in(given: Namespace) -> SignIn:
    """Return the stored sign-in that the arguments and the environment name, or the only one.

    Raises:
        ConfigurationError: nobody is signed in, or several sign-ins are possible.
        TokenStoreError: the store cannot be read.
    """
    store, base_url, client_id = store_of(given), address_of(given), client_id_of(given)
    if base_url is not None and client_id is not None:
        found = [SignIn(base_url, client_id, store)]
        with store_errors(store, found[0].key):
            found = [each for each in found if store.load(each.key) is not None]
    elif isinstance(store, FileTokenStore):
        found = [
            each
            for each in _sign_ins(store, base_url)
            if client_id in (None, each.client_id)
            and (base_url is None or each.host == urlsplit(base_url).netloc)
        ]
    else:
        raise ConfigurationError(
            "a keyring does not list its entries: pass --subdomain and --client-id"
        )
    if not found:
        raise ConfigurationError(_nobody(given, store, base_url, client_id))
    if len(found) > 1:
        listed = ", ".join(f"{each.host} with client {each.client_id}" for each in found)
        raise ConfigurationError(
            f"there are several sign-ins: {listed}; choose one by --subdomain (or --base-url) and "
            "--client-id"
        )
    return found[0]


def _nobody(
    given: Namespace, store: TokenStore, base_url: str | None, client_id: str | None
) -> str:
    """Return the message that there is no such sign-in, with the variables that took part."""
    at = f" to {urlsplit(base_url).netloc}" if base_url else ""
    by = f" with OAuth client {client_id!r}" if client_id else ""
    variables = []
    if base_url and not given.subdomain and not given.base_url:
        is_subdomain = os.environ.get("ZENDESK_SUBDOMAIN")
        variables.append("ZENDESK_SUBDOMAIN" if is_subdomain else "ZENDESK_BASE_URL")
    if client_id and not given.client_id:
        variables.append("ZENDESK_OAUTH_CLIENT_ID")
    source = f", as {' and '.join(variables)} requires" if variables else ""
    return f"nobody is signed in{at}{by}{source} (looked in {place_of(store)}): {_HINT}"


def place_of(store: TokenStore) -> str:
    """Return where a store keeps its tokens, for persons."""
    if isinstance(store, FileTokenStore):
        return os.fspath(store.path)
    return "the keyring of the system" if isinstance(store, KeyringTokenStore) else repr(store)


def store_of(given: Namespace) -> TokenStore:
    """Return the store that the arguments or the environment name."""
    if given.keyring:
        return KeyringTokenStore()
    return FileTokenStore(given.file or os.environ.get("ZENDESK_OAUTH_TOKEN_FILE") or None)


def address_of(given: Namespace) -> str | None:
    """Return the address of the account that the arguments or the environment name, if any.

    Raises:
        ConfigurationError: it is invalid.
    """
    subdomain, base_url = given.subdomain, given.base_url
    if not subdomain and not base_url:
        subdomain = os.environ.get("ZENDESK_SUBDOMAIN")
        base_url = os.environ.get("ZENDESK_BASE_URL")
    if not subdomain and not base_url:
        return None
    return Settings(subdomain=subdomain, base_url=base_url).address()


def client_id_of(given: Namespace) -> str | None:
    """Return the OAuth client that the arguments or the environment name, if any.

    Raises:
        ConfigurationError: it is invalid.
    """
    name = given.client_id or os.environ.get("ZENDESK_OAUTH_CLIENT_ID")
    return check_client_id(name) if name else None


def client_secret(given: Namespace) -> Secret | None:
    """Return the secret of a confidential client: typed in, or from the environment.

    It is never an argument: the arguments of a process are visible to others.

    Raises:
        ConfigurationError: it is invalid.
    """
    if not given.client_secret:
        secret = os.environ.get("ZENDESK_OAUTH_CLIENT_SECRET")
    elif sys.stdin.isatty():
        secret = getpass("Client secret: ")
    else:
        secret = sys.stdin.readline().strip()
    return check_secret("client_secret", secret) if secret or given.client_secret else None


def _sign_ins(store: FileTokenStore, base_url: str | None) -> list[SignIn]:
    """Return the sign-ins of persons in a file; tokens of client credentials are left out."""
    with store_errors(store):
        keys = [key.split(" ") for key in store.keys()]  # noqa: SIM118 - a store is no mapping
    return [SignIn(_address(key[0], base_url), key[1], store) for key in keys if len(key) == 2]


def _address(host: str, base_url: str | None) -> str:
    """Return the address of a host, of which a key does not tell the scheme."""
    if base_url is not None and urlsplit(base_url).netloc == host:
        return base_url
    return address_of_host(host)


def _environment_has_credentials() -> bool:
    if os.environ.get("ZENDESK_URL"):
        return True
    names = [*_CREDENTIALS, "OAUTH_CLIENT_ID"] if settings.configured() else _CREDENTIALS
    return any(os.environ.get(f"ZENDESK_{name}") for name in names)
