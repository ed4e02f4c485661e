"""The app: defines the accounts of the settings, and registers the system checks."""

from __future__ import annotations

from django.apps import AppConfig
from django.core.signals import setting_changed

from zendesk_orm.contrib.django import accounts, checks


class ZendeskConfig(AppConfig):
    """The app `"zendesk_orm.contrib.django"`."""

    name = "zendesk_orm.contrib.django"
    label = "zendesk_orm"
    verbose_name = "Zendesk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Define the accounts of the settings, which are connected on first use."""
        accounts.define_accounts()
        setting_changed.connect(accounts.reload_accounts, dispatch_uid="zendesk_orm")
        checks.register_checks()
