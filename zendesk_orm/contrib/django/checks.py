"""System checks: `manage.py check` reports problems before the first request.

================= ==================================================================
zendesk_orm.E001  `ZENDESK`, or one of its accounts, is not a dictionary
zendesk_orm.E002  an option does not exist
zendesk_orm.E003  options are missing, invalid, or contradict each other
zendesk_orm.E004  the view of webhooks is routed, but no webhook has a secret
zendesk_orm.W001  no account is configured
zendesk_orm.W002  an API token is used, which Zendesk stops accepting on 2027-04-30
zendesk_orm.W003  a table of the app does not exist
zendesk_orm.W004  processes do not share the cache that recognizes repeated webhooks
================= ==================================================================
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timezone
from typing import Any

from django.apps import apps
from django.conf import settings as project
from django.core import checks
from django.db import connections, router

from zendesk_orm.contrib.django import accounts, webhooks
from zendesk_orm.contrib.django.views import webhook
from zendesk_orm.errors import ConfigurationError, InvalidValue
from zendesk_orm.http import environment, settings
from zendesk_orm.http.arguments import check_arguments
from zendesk_orm.http.limits import Limits
from zendesk_orm.http.oauth.grants import ClientCredentials
from zendesk_orm.http.settings import Settings
from zendesk_orm.http.throttle import QuotaSettings
from zendesk_orm.messages import display
from zendesk_orm.schema.source import DEFAULT
from zendesk_orm.session.cache_policies import CachePolicies


#: The tag of the checks: `manage.py check --tag zendesk_orm`.
TAG = "zendesk_orm"
#: The day on which Zendesk stops accepting API tokens.
END_OF_API_TOKENS = date(2027, 4, 30)
#: Values that stand for those of functions, which are not called by checks.
_EXAMPLES: Mapping[str, Any] = {
    "subdomain": "example",
    "base_url": "https://example.zendesk.com",
    "email": "me@example.com",
    "token": "example",
    "password": "example",
    "oauth": ClientCredentials("example", "example"),
}
_ADDRESS_AND_CREDENTIALS = (*_EXAMPLES, "oauth_token", "anonymous")
#: Caches that each process has for itself.
_PRIVATE_CACHES = ("LocMemCache", "DummyCache")
_LIMITS = ("timeout", "response_timeout", "max_response_bytes")
_QUOTA = ("max_rpm", "reserve", "max_wait", "endpoint_limits", "limiter")


def register_checks() -> None:
    """Register the system checks of the app."""
    checks.register(check_accounts, TAG)
    checks.register(check_webhooks, checks.Tags.urls, TAG)
    checks.register(check_migrations, checks.Tags.database, TAG)


def check_accounts(app_configs: Any, **kwargs: Any) -> list[Any]:
    """Check the setting `ZENDESK`; functions in it are not called."""
    value = getattr(project, accounts.SETTING, None)
    if value is None or value == {}:
        return [] if environment.is_configured() else [_no_account()]
    if not isinstance(value, Mapping):
        return [_not_a_dictionary(f"{accounts.SETTING} is {type(value).__name__}")]
    problems = [problem for alias in value for problem in _check_account(alias, value[alias])]
    if DEFAULT not in value and not environment.is_configured() and not problems:
        problems.append(_no_account())
    return problems


def _no_account() -> Any:
    return checks.Warning(
        f'{accounts.SETTING} has no account "{DEFAULT}".',
        hint='Add ZENDESK = {"default": {"subdomain": ..., "oauth": ClientCredentials(...)}} to '
        "the settings, or set the environment variables ZENDESK_SUBDOMAIN, "
        "ZENDESK_OAUTH_CLIENT_ID and ZENDESK_OAUTH_CLIENT_SECRET.",
        id="zendesk_orm.W001",
    )


def _not_a_dictionary(problem: str) -> Any:
    return checks.Error(
        f"{problem}, but must be a dictionary.",
        hint="The setting contains a dictionary for each account, by alias: "
        'ZENDESK = {"default": {"subdomain": "acme", ...}}.',
        id="zendesk_orm.E001",
    )


def _check_account(alias: Any, options: Any) -> Iterator[Any]:
    """Yield the problems of an account."""
    name = accounts.describe(alias)
    if not isinstance(alias, str) or not alias or not isinstance(options, Mapping):
        # Never display the value: it may be a secret.
        is_alias = isinstance(alias, str) and alias
        problem = f"{name} is {type(options).__name__}" if is_alias else f"{name} has no alias"
        yield _not_a_dictionary(problem)
        return
    try:
        arguments = accounts.normalize(alias, options)
    except ConfigurationError as error:
        hint = "The options are the arguments of zendesk_orm.connect()."
        yield checks.Error(_sentence(error), hint=hint, id="zendesk_orm.E002")
        return
    try:
        validate(arguments)
    except (ConfigurationError, InvalidValue) as error:
        yield checks.Error(_sentence(f"{name}: {error}"), id="zendesk_orm.E003")
        return
    if _uses_api_token(arguments):
        yield _api_token(name)


def _sentence(text: object) -> str:
    return str(text) if str(text).endswith("?") else f"{text}."


def validate(options: Mapping[str, Any]) -> None:
    """Check options of an account as `connect()` would, without connecting.

    Functions are not called: they may read a secret from a server.

    Raises:
        ConfigurationError, InvalidValue: options are missing, invalid, or contradict each other.
    """
    values = {
        name: _EXAMPLES.get(name) if callable(value) and name != "oauth_token" else value
        for name, value in options.items()
        if name in accounts.ARGUMENTS and value is not None
    }
    session = options.get("session")
    CachePolicies(values.get("cache_seconds"))
    Limits(**_select(values, _LIMITS))
    QuotaSettings(**_select(values, _QUOTA))
    check_arguments(
        alias=DEFAULT,
        session=values.get("session"),
        retry=values.get("retry"),
        clock=values.get("clock"),
        read_ahead=values.get("read_ahead", 0),
    )
    arguments = Settings(**_select(values, _ADDRESS_AND_CREDENTIALS))
    url = options.get("url")
    if callable(url):
        # The URL may hold everything else.
        return
    if isinstance(url, str) and url.partition("://")[0] == "emulator":
        if session is not None or not arguments.empty:
            raise ConfigurationError("emulator:// takes no address, credentials or session")
        return
    if url is not None:
        arguments = settings.from_url(url, arguments)
    arguments.address()
    arguments.credentials(own_session=session is not None)


def _select(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if values.get(name) is not None}


def _uses_api_token(options: Mapping[str, Any]) -> bool:
    url = options.get("url")
    in_url = isinstance(url, str) and url.startswith("zendesk://") and "@" in url
    return bool(options.get("token")) or in_url


def _api_token(name: str) -> Any:
    """Return the warning about an API token."""
    has_ended = datetime.now(timezone.utc).date() >= END_OF_API_TOKENS
    verb = "has stopped" if has_ended else "stops"
    return checks.Warning(
        f"{name} uses an API token, which Zendesk {verb} accepting on {END_OF_API_TOKENS}.",
        hint="Use an OAuth client: oauth=ClientCredentials(client_id, client_secret).",
        id="zendesk_orm.W002",
    )


def check_migrations(
    app_configs: Any, databases: Iterable[str] | None = None, **kwargs: Any
) -> list[Any]:
    """Check that the tables of the app exist: `manage.py check --database default`."""
    return [
        problem
        for alias in databases or ()
        for model in apps.get_app_config(TAG).get_models()
        if router.allow_migrate_model(alias, model)
        for problem in _check_table(alias, model)
    ]


def _check_table(alias: str, model: Any) -> Iterator[Any]:
    tables = connections[alias].introspection.table_names()
    # In a new database, `migrate` is about to create the table.
    if "django_migrations" in tables and model._meta.db_table not in tables:
        yield checks.Warning(
            f"The database {display(alias)} has no table {display(model._meta.db_table)}.",
            hint=f"Run: manage.py migrate {TAG} --database {alias}",
            obj=model,
            id="zendesk_orm.W003",
        )


def check_webhooks(app_configs: Any, **kwargs: Any) -> list[Any]:
    """Check the settings of the view `webhook`, if a URL leads to it; functions are not called."""
    if not webhooks.leads_to(webhook):
        return []
    problems: list[Any] = []
    if not _has_webhook_secret():
        problems.append(
            checks.Error(
                "A URL leads to the view of webhooks, but no webhook has a secret.",
                hint=f'Set {accounts.SETTING}["default"]["webhook_secrets"], or {webhooks.SECRET}, '
                "to the signing secret of the webhook.",
                id="zendesk_orm.E004",
            )
        )
    alias = webhooks.get_cache_alias()
    backend = str(project.CACHES.get(alias, {}).get("BACKEND", ""))
    if not project.DEBUG and backend.rpartition(".")[2] in _PRIVATE_CACHES:
        problems.append(
            checks.Warning(
                f"Processes do not share the cache {display(alias)}, so that a webhook that is "
                "delivered to two of them runs twice.",
                hint=f"Set {webhooks.CACHE} to the alias of a cache in Redis, Memcached, files or "
                "the database.",
                id="zendesk_orm.W004",
            )
        )
    return problems


def _has_webhook_secret() -> bool:
    if getattr(project, webhooks.SECRET, None):
        return True
    values = getattr(project, accounts.SETTING, None)
    options = values.values() if isinstance(values, Mapping) else ()
    return any(
        value
        for account in options
        if isinstance(account, Mapping)
        for name, value in account.items()
        if str(name).lower() == accounts.WEBHOOK_SECRETS
    )
