"""Locales: the languages of an account.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/
"""

from __future__ import annotations

from datetime import datetime

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class LocaleManager(Manager["Locale"]):
    """`Locale.objects`."""

    def public(self) -> list[Locale]:
        """Return the languages that every account can have.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/#list-available-public-locales
        """
        return self._made(self._call("public")["locales"])

    def agent(self) -> list[Locale]:
        """Return the languages in which agents can have their interface.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/#list-locales-for-agent
        """
        return self._made(self._call("agent")["locales"])

    def current(self) -> Locale:
        """Return the language of the caller.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/#show-current-locale
        """
        return self._made([self._call("current")["locale"]])[0]

    def detect_best(self) -> Locale:
        """Return the language of the account's that suits the caller best.

        Raises:
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/locales/#detect-best-language-for-user
        """
        return self._made([self._call("detect_best")["locale"]])[0]


class Locale(Model):
    """A language, and the country whose customs go with it: `en-US`."""

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
        keep = 300
        api = (
            resource("locales", can="list show", small=True, paging=(ONCE,))
            + action("public", "GET", "locales/public", "locales")
            + action("agent", "GET", "locales/agent", "locales")
            + action("current", "GET", "locales/current", "locale")
            + action("detect_best", "GET", "locales/detect_best_locale", "locale")
        )
