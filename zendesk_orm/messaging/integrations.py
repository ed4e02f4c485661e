"""Integrations, which connect an app with channels and with other programs, and their keys.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Integrations
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import CONVERSATIONS
from zendesk_orm.api.vocabulary import CRUD, LIST, listing
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.messaging import APP
from zendesk_orm.messaging.rows import KEYS, ConversationsModel, conversations_resource
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.secret_fields import ReadOnlySecret


if TYPE_CHECKING:
    from zendesk_orm.messaging.webhooks import Webhook

Status = Literal["active", "inactive", "error"]

_PATH = f"{APP}/integrations"


class Integration(ConversationsModel):
    """A connection of the app with a channel or a program, by `type`.

    Each type has further values. `extra` has those of a response, and `configuration` takes those
    of a request, both under Zendesk's names. Integrations of the type `custom` have webhooks::

        bot = Integration.objects.create(type="custom", display_name="Bot")
        bot.webhooks.create(target="https://example.com", triggers=["conversation:message"])
    """

    type: CreateOnly[str]
    status: ReadOnly[Status]
    display_name: Field[str | None]

    configuration: WriteOnly[dict[str, Any]]

    webhooks: Many[Webhook]
    keys: Many[IntegrationKey]

    class Meta:
        required = ("type",)
        api = conversations_resource(_PATH, can=LIST | CRUD, paged=True) + listing(
            _PATH,
            filters={"type": "filter[types]"},
            required=("type",),
            default_order=None,
            paging=(CONVERSATIONS,),
        )

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a request, which contains the values of the type, too.

        Raises:
            InvalidValue: `configuration` has a value that is a field, or the body is too large.
        """
        configuration = payload.pop("configuration", None) or {}
        for name in configuration:
            if name in payload:
                raise InvalidValue(f"configuration: {name} is a field of the integration itself")
        return super()._wrap_payload({**payload, **configuration})


class IntegrationKey(ConversationsModel):
    """A key of a custom integration: `integration.keys.create(display_name="Bot")`.

    Source: https://developer.zendesk.com/api-reference/conversations/#tag/CustomIntegrationApiKeys
    """

    integration: Ref[Integration]
    integration_id: Id[str]
    display_name: CreateOnly[str]
    secret: ReadOnlySecret[str | None]

    class Meta:
        parent = "integration"
        string_ids = ("integration",)
        required = ("integration", "display_name")
        singular = "key"
        verbose_name = "integration key"
        verbose_name_plural = "integration keys"
        api = conversations_resource(f"{_PATH}/{{integration}}/keys", can=KEYS, paged=False)
