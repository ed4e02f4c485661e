"""Webhooks of custom integrations, which report messages and other events.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Webhooks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import CRUD, LIST
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.messaging import APP
from zendesk_orm.messages import display, suggestion
from zendesk_orm.messaging.rows import ConversationsModel, conversations_resource
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.schema.secret_fields import ReadOnlySecret


if TYPE_CHECKING:
    from zendesk_orm.messaging.integrations import Integration

_CONTROL = ("acceptControl", "offerControl", "passControl", "releaseControl")
_DELIVERY = ("channel", "user", "failure")
_CONVERSATION = (
    *("create", "join", "leave", "remove", "read", "typing", "message", "postback", "referral"),
    *(f"message:delivery:{name}" for name in _DELIVERY),
)
#: The events that a webhook can report.
TRIGGERS = frozenset(
    {
        *(f"conversation:{name}" for name in _CONVERSATION),
        *(f"client:{name}" for name in ("add", "update", "remove")),
        *(f"user:{name}" for name in ("merge", "update", "remove")),
        *(f"switchboard:{name}" for name in _CONTROL),
        *(f"switchboard:{name}:failure" for name in _CONTROL),
    }
)


class Webhook(ConversationsModel):
    """A webhook of a custom integration: `integration.webhooks.create(target=..., triggers=[...])`.

    Its requests contain `secret`, which `messaging_webhook_app(secret)` compares.
    """

    integration: Ref[Integration]
    integration_id: Id[str]
    version: ReadOnly[str]
    target: Field[str]
    triggers: Field[list[str]]
    secret: ReadOnlySecret[str | None]
    include_full_user: Field[bool]
    include_full_source: Field[bool]

    class Meta:
        parent = "integration"
        string_ids = ("integration",)
        required = ("integration", "target", "triggers")
        api = conversations_resource(
            f"{APP}/integrations/{{integration}}/webhooks", can=LIST | CRUD, paged=False
        )

    def _complete_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return a payload, whose triggers are known.

        Raises:
            InvalidValue: a trigger does not exist.
        """
        for name in payload.get("triggers") or ():
            if name not in TRIGGERS:
                raise InvalidValue(
                    f"triggers: {display(name)} does not exist" + suggestion(name, TRIGGERS)
                )
        return payload
