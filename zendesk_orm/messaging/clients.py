"""Clients and devices, through which users write and receive messages.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Clients
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW
from zendesk_orm.http.messaging import APP
from zendesk_orm.messaging.rows import ConversationsModel, conversations_resource
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef, Ref, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.messaging.integrations import Integration
    from zendesk_orm.messaging.users import User

Status = Literal["pending", "inactive", "active", "blocked"]


class Client(ConversationsModel):
    """A channel of a user, such as a telephone number: `user.clients.create(...)`.

    The keys of `match_criteria`, `confirmation` and `target` are those of Zendesk::

        user.clients.create(
            match_criteria={"type": "twilio", "integrationId": pk, "phoneNumber": "+15145555555"},
            confirmation={"type": "immediate"},
            target={"conversationId": conversation.pk},
        )
    """

    user: Ref[User]
    user_id: Id[str]
    type: ReadOnly[str]
    status: ReadOnly[Status]
    integration: ReadOnlyRef[Integration | None]
    integration_id: Id[str | None]
    external_id: ReadOnly[str | None]
    last_seen: ReadOnly[datetime | None]
    linked_at: ReadOnly[datetime | None]
    display_name: ReadOnly[str | None]
    avatar_url: ReadOnly[str | None]
    info: ReadOnly[dict[str, Any]]
    raw: ReadOnly[dict[str, Any]]

    match_criteria: WriteOnly[dict[str, Any]]
    confirmation: WriteOnly[dict[str, Any]]
    target: WriteOnly[dict[str, Any]]

    class Meta:
        parent = "user"
        string_ids = ("user", "integration")
        required = ("user", "match_criteria", "confirmation", "target")
        get_latest_by = "linked_at"
        api = conversations_resource(
            f"{APP}/users/{{user}}/clients", can=LIST | CREATE | DELETE, paged=True
        )


class Device(ConversationsModel):
    """A device of a user, on which the messaging SDK runs.

    Source: https://developer.zendesk.com/api-reference/conversations/#tag/Devices
    """

    user: ReadOnlyRef[User]
    user_id: Id[str]
    type: ReadOnly[str]
    guid: ReadOnly[str]
    client_id: ReadOnly[str]
    status: ReadOnly[str]
    integration: ReadOnlyRef[Integration | None]
    integration_id: Id[str | None]
    last_seen: ReadOnly[datetime | None]
    push_notification_token: ReadOnly[str | None]
    app_version: ReadOnly[str | None]
    info: ReadOnly[dict[str, Any]]

    class Meta:
        parent = "user"
        string_ids = ("user", "integration")
        get_latest_by = "last_seen"
        api = conversations_resource(f"{APP}/users/{{user}}/devices", can=LIST | SHOW, paged=False)
