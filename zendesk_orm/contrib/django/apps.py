"""The app: defines the accounts of the settings, and registers the system checks."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core.signals import setting_changed
from django.utils.functional import Promise

from zendesk_orm.contrib.django import accounts, checks, webhooks
from zendesk_orm.http.values import register_lazy


class ZendeskConfig(AppConfig):
    """The app `"zendesk_orm.contrib.django"`."""

    name = "zendesk_orm.contrib.django"
    label = "zendesk_orm"
    verbose_name = "Zendesk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Define the accounts of the settings, which are connected on first use."""
        register_lazy(Promise, _evaluate)
        accounts.define_accounts()
        setting_changed.connect(accounts.reload_accounts, dispatch_uid="zendesk_orm")
        setting_changed.connect(webhooks.forget_receivers, dispatch_uid="zendesk_orm.webhooks")
        checks.register_checks()


def _evaluate(value: Any) -> Any:
    """Return the value that a lazy one stands for: the text of `gettext_lazy()`."""
    return value._proxy____cast()
