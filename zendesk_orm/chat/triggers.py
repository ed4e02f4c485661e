"""Triggers: what Chat does by itself.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/triggers/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.chat.singles import shown
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field


_PATH = "chat/triggers"
_ROW = f"{_PATH}/{{name}}"


class TriggerManager(Manager["Trigger"]):
    """`Trigger.objects`, which finds triggers by name, too."""

    def get_by_name(self, name: str) -> Trigger:
        """Return the trigger of a name.

        Raises:
            DoesNotExist: there is none.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/triggers/
        """
        return shown(self, "get_by_name", name=name)


class Trigger(Model):
    """What Chat does by itself, such as greeting visitors who hesitate; known by its name."""

    objects = TriggerManager.as_manager()

    name: Field[str]
    description: Field[str | None]
    enabled: Field[bool]
    definition: Field[dict[str, Any]]

    class Meta:
        bare = True
        keep = 300
        required = ("name",)
        api = (
            resource(_PATH, can="list create", key="", small=True, paging=(ONCE,))
            + Api(
                (
                    Endpoint(Verb.UPDATE, _ROW, "", method="PUT"),
                    Endpoint(Verb.DELETE, _ROW, "", method="DELETE"),
                )
            )
            + action("get_by_name", "GET", _ROW)
        )
