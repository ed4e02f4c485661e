"""The accounts of the setting `ZENDESK`, which are connected on first use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from weakref import WeakSet

from django.conf import settings

from zendesk_orm import fork
from zendesk_orm.account import KEYWORDS, Account, connect, connections
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.secret import conceal_arguments, hide
from zendesk_orm.messages import display, suggestion


#: The name of the setting.
SETTING = "ZENDESK"
#: The key of an account with the secrets of its webhooks.
WEBHOOK_SECRETS = "webhook_secrets"
#: The arguments of `connect()` that an account may have; its alias is its key in the setting.
ARGUMENTS = KEYWORDS - {"alias"}
KEYS = ARGUMENTS | {WEBHOOK_SECRETS}

_lock = fork.Lock()
#: Open accounts that were connected from the settings.
_connected: WeakSet[Account] = WeakSet()
#: The aliases that were defined from the settings.
_aliases: set[str] = set()


def read_aliases() -> list[str]:
    """Return the aliases of the accounts in the settings."""
    accounts = getattr(settings, SETTING, None)
    # The system checks report other values.
    return [alias for alias in accounts if alias] if isinstance(accounts, Mapping) else []


def read_account(alias: str) -> dict[str, Any]:
    """Return the options of an account in the settings, with their names in lower case.

    Raises:
        ConfigurationError: the setting has another form, or an option does not exist.
    """
    accounts = getattr(settings, SETTING, None)
    options = accounts.get(alias) if isinstance(accounts, Mapping) else None
    if not isinstance(options, Mapping):
        raise ConfigurationError(
            f"{describe(alias)} must be a dictionary with the arguments of connect()"
        )
    return normalize(alias, options)


def describe(alias: str) -> str:
    """Return how messages name an account of the settings."""
    return f"{SETTING}[{display(alias)}]"


def normalize(alias: str, options: Mapping[Any, Any]) -> dict[str, Any]:
    """Return options with their names in lower case, and texts that are never displayed.

    Raises:
        ConfigurationError: an option does not exist, or exists in upper and in lower case.
    """
    result: dict[str, Any] = {}
    for key, value in options.items():
        name = key.lower() if isinstance(key, str) else ""
        if name not in KEYS:
            hint = "; the alias is the key of the account" if name == "alias" else ""
            hint = hint or suggestion(name, KEYS)
            raise ConfigurationError(f"{describe(alias)} has no option {display(key)}{hint}")
        if name in result:
            raise ConfigurationError(f"{describe(alias)} has the option {display(name)} twice")
        result[name] = hide(value)
    return result


def resolve(name: str, value: Any) -> Any:
    """Return the value of an option; one that can be called is called.

    Functions keep secrets out of the settings, and are called when the account is connected.
    `oauth_token` may be a function in `connect()`, too, and is passed on.
    """
    if callable(value) and name != "oauth_token":
        value = value()
    return hide(value)


@conceal_arguments
def connect_account(alias: str) -> Account:
    """Connect an account of the settings; no request is sent.

    Raises:
        ConfigurationError: its options are invalid; the message names the account.
    """
    options = read_account(alias)
    arguments = {name: resolve(name, options[name]) for name in options.keys() & ARGUMENTS}
    try:
        account = connect(alias=alias, **arguments)
    except ConfigurationError as error:
        failure = ConfigurationError(f"{describe(alias)}: {error}")
    else:
        _connected.add(account)
        return account
    raise failure


def define_accounts() -> None:
    """Define the accounts of the settings, and close those of earlier settings.

    Accounts that a program or a test has connected itself stay as they are.
    """
    aliases = read_aliases()
    with _lock:
        for account in list(_connected):
            if connections.get_connected(account.alias) is account:
                connections.disconnect(account.alias)
        _connected.clear()
        for alias in _aliases.difference(aliases):
            connections.undefine(alias)
        for alias in aliases:
            connections.define(alias, partial(connect_account, alias))
        _aliases.clear()
        _aliases.update(aliases)


def reload_accounts(*, setting: str, **kwargs: Any) -> None:
    """Define the accounts again when a test changes the setting."""
    if setting == SETTING:
        define_accounts()
