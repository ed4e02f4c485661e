"""Triggers of Chat.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/triggers/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import CREATE, LIST, resource
from zendesk_orm.chat.singles import get_by_action
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Field


_PATH = "chat/triggers"
_ROW = f"{_PATH}/{{name}}"


class TriggerManager(Manager["Trigger"]):
    """The manager `Trigger.objects`, with a lookup by name."""

    @action("GET", _ROW)
    def get_by_name(self, name: str) -> Trigger:
        """Return the trigger with a name.

        Raises:
            DoesNotExist: the trigger does not exist.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/triggers/
        """
        return get_by_action(self, "get_by_name", name=name)


class Trigger(Model):
    """An automatic action of Chat, such as a greeting, identified by its name."""

    objects = TriggerManager.as_manager()

    name: Field[str]
    description: Field[str | None]
    enabled: Field[bool]
    definition: Field[dict[str, Any]]

    class Meta:
        enveloped = False
        cache_seconds = 300
        required = ("name",)
        api = resource(_PATH, can=LIST | CREATE, key="", fits_in_memory=True, paging=(ONCE,)) + Api(
            (
                Endpoint(Verb.UPDATE, _ROW, "", method="PUT"),
                Endpoint(Verb.DELETE, _ROW, "", method="DELETE"),
            )
        )
