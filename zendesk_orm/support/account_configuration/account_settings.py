"""Settings of the account, and of its e-mail.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/account_settings/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.vocabulary import singleton
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field


class AccountSettings(Model):
    """The settings of the account, by category.

    ::

        settings = AccountSettings.objects.get()
        settings.branding["header_color"] = "03363D"
        settings.save()

    Zendesk's reference lists the settings that can be changed.
    """

    active_features: Field[dict[str, Any]]
    agents: Field[dict[str, Any]]
    api: Field[dict[str, Any]]
    apps: Field[dict[str, Any]]
    billing: Field[dict[str, Any]]
    branding: Field[dict[str, Any]]
    brands: Field[dict[str, Any]]
    cdn: Field[dict[str, Any]]
    chat: Field[dict[str, Any]]
    cross_sell: Field[dict[str, Any]]
    device_metadata: Field[dict[str, Any]]
    email: Field[dict[str, Any]]
    google_apps: Field[dict[str, Any]]
    groups: Field[dict[str, Any]]
    knowledge: Field[dict[str, Any]]
    limits: Field[dict[str, Any]]
    localization: Field[dict[str, Any]]
    lotus: Field[dict[str, Any]]
    messaging_inactivity: Field[dict[str, Any]]
    metrics: Field[dict[str, Any]]
    onboarding: Field[dict[str, Any]]
    routing: Field[dict[str, Any]]
    rule: Field[dict[str, Any]]
    side_conversations: Field[dict[str, Any]]
    statistics: Field[dict[str, Any]]
    ticket_form: Field[dict[str, Any]]
    tickets: Field[dict[str, Any]]
    twitter: Field[dict[str, Any]]
    user: Field[dict[str, Any]]
    voice: Field[dict[str, Any]]

    class Meta:
        singular = "settings"
        plural = "settings"
        verbose_name = "account's settings"
        verbose_name_plural = "account's settings"
        pk_key = ""
        api = singleton("account/settings", "settings")


class EmailSettings(Model):
    """The settings of the account's e-mail: `EmailSettings.objects.get().email`."""

    email: Field[dict[str, Any]]

    class Meta:
        singular = "settings"
        plural = "settings"
        verbose_name = "e-mail settings"
        verbose_name_plural = "e-mail settings"
        pk_key = ""
        api = singleton("account/email_settings", "settings")
