"""Queues of omnichannel routing.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/omnichannel_routing_queues/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly, WriteOnly
from zendesk_orm.support.rules import OrderedManager


class QueueManager(OrderedManager["Queue"]):
    """`Queue.objects`."""

    _order_key = "queue_ids"

    def definitions(self) -> dict[str, Any]:
        """Return what conditions queues can have, with the values of each.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/omnichannel_routing_queues/#list-queue-definitions
        """
        found: dict[str, Any] = self._call("definitions")["definitions"]
        return found


class Queue(Model):
    """Where work of which conditions hold waits for an agent of some groups; its id is a word.

    The groups are sent as ids, and come back with their names.
    """

    objects = QueueManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    url: ReadOnly[str]
    name: Field[str]
    description: Field[str | None]
    definition: Field[dict[str, Any]]
    priority: Field[int | None]
    order: Field[int | None]
    primary_groups: ReadOnly[dict[str, Any]]
    secondary_groups: ReadOnly[dict[str, Any]]
    primary_groups_id: WriteOnly[list[int]]
    secondary_groups_id: WriteOnly[list[int]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("name", "definition")
        api = (
            resource("queues", natural=None, small=True, paging=(ONCE,))
            + action("reorder", "PATCH", "queues/order", "")
            + action("definitions", "GET", "queues/definitions", "definitions")
        )
