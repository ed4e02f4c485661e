"""Locales: the languages of an account.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/
"""

from __future__ import annotations

from datetime import datetime

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import ReadOnly


class LocaleManager(Manager["Locale"]):
    """`Locale.objects`."""

    @action("GET", "locales/public", key="locales")
    def public(self) -> list[Locale]:
        """Return the locales that are available to all accounts.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/#list-available-public-locales
        """
        return self._from_rows(self._call("public")["locales"])

    @action("GET", "locales/agent", key="locales")
    def agent(self) -> list[Locale]:
        """Return the locales that are available to agents.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/#list-locales-for-agent
        """
        return self._from_rows(self._call("agent")["locales"])

    @action("GET", "locales/current", key="locale")
    def current(self) -> Locale:
        """Return the locale of the caller.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/#show-current-locale
        """
        return self._from_rows([self._call("current")["locale"]])[0]

    @action("GET", "locales/detect_best_locale", key="locale")
    def detect_best(self) -> Locale:
        """Return the locale of the account that matches the caller's language best.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/#detect-best-language-for-user
        """
        return self._from_rows([self._call("detect_best")["locale"]])[0]


class Locale(Model):
    """A language with a region: `en-US`."""

    objects = LocaleManager.as_manager()

    url: ReadOnly[str]
    locale: ReadOnly[str]
    name: ReadOnly[str]
    native_name: ReadOnly[str | None]
    presentation_name: ReadOnly[str | None]
    rtl: ReadOnly[bool | None]
    default: ReadOnly[bool | None]
    created_at: ReadOnly[datetime | None]
    updated_at: ReadOnly[datetime | None]

    class Meta:
        cache_seconds = 300
        api = resource("locales", can=READ, fits_in_memory=True, paging=(ONCE,))
