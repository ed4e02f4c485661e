"""Apps, to which users, conversations and integrations belong, and their keys.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Apps
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.paging import CONVERSATIONS
from zendesk_orm.api.vocabulary import CRUD, listing
from zendesk_orm.http.messaging import APP, ROOT
from zendesk_orm.messaging.rows import KEYS, ConversationsModel, conversations_resource
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import CreateOnly, Field, Lookup
from zendesk_orm.schema.secret_fields import ReadOnlySecret


_PATH = f"{ROOT}/v2/apps"


class AppManager(Manager["App"]):
    """The manager `App.objects`. Keys with the scope `account` list all apps."""

    def current(self) -> App:
        """Return the app of the account, that of `connect(messaging=)`.

        Raises:
            DoesNotExist: the app does not exist.
            ConfigurationError: the account has no key of Sunshine Conversations.
            ApiError, TransportError.
        """
        return self.get(id=self._session.transport.messaging.app_id)


class AppSettings(ConversationsModel):
    """The settings of an app."""

    conversation_retention_seconds: Field[int | None]
    mask_credit_card_numbers: Field[bool]
    use_animal_names: Field[bool]
    echo_postback: Field[bool]
    ignore_auto_conversation_start: Field[bool]
    multi_convo_enabled: Field[bool]
    app_localization_enabled: Field[bool]


class App(ConversationsModel):
    """An app, to which users, conversations and integrations belong.

    The other models use that of `connect(messaging=)`, which `App.objects.current()` returns. Only
    keys with the scope `account` create, list and delete apps.
    """

    objects = AppManager.as_manager()

    display_name: Field[str]
    metadata: Field[dict[str, Any]]
    settings: Field[AppSettings]

    service_account: Lookup[str]

    class Meta:
        required = ("display_name",)
        api = conversations_resource(_PATH, can=CRUD, paged=True) + listing(
            _PATH,
            filters={"service_account": "filter[serviceAccountId]"},
            default_order=None,
            paging=(CONVERSATIONS,),
        )


class AppKey(ConversationsModel):
    """A key of the app, with which programs send requests: `AppKey.objects.create(...)`.

    Source: https://developer.zendesk.com/api-reference/conversations/#tag/App-Keys
    """

    display_name: CreateOnly[str]
    secret: ReadOnlySecret[str | None]

    class Meta:
        required = ("display_name",)
        singular = "key"
        verbose_name = "app key"
        verbose_name_plural = "app keys"
        api = conversations_resource(f"{APP}/keys", can=KEYS, paged=False)
