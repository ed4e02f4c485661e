"""The receivers of webhooks of the accounts of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import caches
from django.db import connections as databases
from django.db import router
from django.urls import get_resolver

from zendesk_orm import fork, log
from zendesk_orm.contrib.django import accounts
from zendesk_orm.contrib.django.announced import DjangoAnnounced
from zendesk_orm.contrib.django.dead_letters import DjangoDeadLetters
from zendesk_orm.http.secret import hide
from zendesk_orm.http.values import is_list
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.sync.delivery import configure_delivery
from zendesk_orm.sync.webhooks.invocations import CacheInvocations
from zendesk_orm.sync.webhooks.receiving import Reply, WebhookReceiver, build_reply


#: The secret, or a list of secrets, of the webhooks of the default account.
SECRET = f"{accounts.SETTING}_WEBHOOK_SECRET"
#: The alias of the cache that recognizes repeated deliveries.
CACHE = "ZENDESK_WEBHOOK_CACHE"

_logger = log.child("sync")
_lock = fork.Lock()
_receivers: dict[str, WebhookReceiver] = {}


def has_account(alias: str) -> bool:
    """Return whether the settings have an account, or its webhooks are those of the default one."""
    return alias == DEFAULT or alias in accounts.read_aliases()


def read_secrets(alias: str) -> list[Any]:
    """Return the secrets of the webhooks of an account; functions are called.

    Raises:
        ConfigurationError: the options of the account are invalid.
    """
    values = []
    if alias in accounts.read_aliases():
        values.append(accounts.read_account(alias).get(accounts.WEBHOOK_SECRETS))
    if alias == DEFAULT:
        values.append(hide(getattr(settings, SECRET, None)))
    return [secret for value in values for secret in _list_secrets(value)]


def _list_secrets(value: Any) -> Iterator[Any]:
    """Yield the secrets of a setting: a text, a function, or a list of these."""
    value = accounts.resolve(accounts.WEBHOOK_SECRETS, value)
    if is_list(value):
        for member in value:
            yield from _list_secrets(member)
    elif value:
        yield value


def get_receiver(alias: str) -> WebhookReceiver | None:
    """Return the receiver of the webhooks of an account; None if it has no secret.

    Raises:
        ConfigurationError: the settings are invalid.
    """
    with _lock:
        if alias not in _receivers:
            secrets = read_secrets(alias)
            if not secrets:
                return None
            _share_deliveries(alias)
            store = CacheInvocations(_Cache(), f"zendesk-webhook:{alias}:")
            _receivers[alias] = WebhookReceiver(secrets, alias, invocations=store)
        return _receivers[alias]


def _share_deliveries(alias: str) -> None:
    """Deliver the changes of an account with the stores of the database, if it has the tables.

    Other web servers and `manage.py zendesk_watch` then announce each change once.
    """
    models = apps.get_app_config("zendesk_orm").get_models()
    try:
        missing = [model for model in models if not _has_table(model)]
    except Exception:
        _logger.exception("the tables of zendesk_orm cannot be read")
        return
    if missing:
        _logger.warning(
            "webhooks are delivered without the database, so that other processes may announce a "
            "change again: run manage.py migrate zendesk_orm"
        )
        return
    configure_delivery(
        alias, announced=DjangoAnnounced(alias), dead_letters=DjangoDeadLetters(alias)
    )


def _has_table(model: Any) -> bool:
    database = databases[router.db_for_write(model)]
    return model._meta.db_table in database.introspection.table_names()


def refuse(alias: str) -> Reply:
    """Return the response of an account whose webhooks have no secret."""
    _logger.error(
        "a request of a webhook was rejected: set %s[%r][%r], or %s",
        accounts.SETTING,
        alias,
        accounts.WEBHOOK_SECRETS,
        SECRET,
    )
    return build_reply(401, "rejected", WWW_Authenticate="Zendesk-Webhook-Signature")


def forget_receivers(*, setting: str, **kwargs: Any) -> None:
    """Create receivers again when a test changes the settings."""
    if setting in (accounts.SETTING, SECRET):
        with _lock:
            _receivers.clear()


class _Cache:
    """The cache of the settings, looked up by each call: each thread has its own connection."""

    def add(self, *args: Any) -> Any:
        return _get_cache().add(*args)

    def get(self, *args: Any) -> Any:
        return _get_cache().get(*args)

    def set(self, *args: Any) -> Any:
        return _get_cache().set(*args)

    def delete(self, *args: Any) -> Any:
        return _get_cache().delete(*args)


def get_cache_alias() -> str:
    """Return the alias of the cache that recognizes repeated deliveries."""
    return str(getattr(settings, CACHE, "default"))


def _get_cache() -> Any:
    return caches[get_cache_alias()]


def leads_to(view: Any) -> bool:
    """Return whether a URL of the project leads to a view."""
    if not getattr(settings, "ROOT_URLCONF", None):
        return False
    patterns = [*get_resolver().url_patterns]
    while patterns:
        pattern = patterns.pop()
        if getattr(pattern, "callback", None) is view:
            return True
        patterns += getattr(pattern, "url_patterns", ())
    return False
