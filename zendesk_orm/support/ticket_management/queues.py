"""Queues of omnichannel routing.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/omnichannel_routing_queues/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.actions import action, action_endpoint
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Field, ReadOnly, WriteOnly
from zendesk_orm.session.action_bodies import object_of
from zendesk_orm.support.business_rules.rules import OrderedManager


class QueueManager(OrderedManager["Queue"]):
    """`Queue.objects`."""

    _order_key = "queue_ids"

    @action("GET", "queues/definitions", key="definitions")
    def definitions(self) -> dict[str, Any]:
        """Return the conditions that queue definitions can use, with their values.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/omnichannel_routing_queues/#list-queue-definitions
        """
        return object_of(self._call("definitions"), "definitions")


class Queue(StringIdModel):
    """A queue of work items that match its conditions, waiting for an agent of its groups.

    Groups are written as ids (`primary_groups_id`) and returned with their names
    (`primary_groups`). Its id is a string.
    """

    objects = QueueManager.as_manager()

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
        api = resource(
            "queues", default_order=None, fits_in_memory=True, paging=(ONCE,)
        ) + action_endpoint("reorder", "PATCH", "queues/order", "")
