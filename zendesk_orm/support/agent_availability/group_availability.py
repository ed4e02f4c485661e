"""Availability of groups: how many agents of a group can take work in each channel.

Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import SHOW, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group


class GroupAvailability(Model):
    """The numbers of agents of a group by status at this moment.

    ::

        group.availability.channel_group_statuses["support"]["state_counts"]["online"]

    `version` grows with each change. Zendesk does not document the content of `unified_states`.
    """

    group: ReadOnlyRef[Group]
    group_id: Id[int]
    account_id: ReadOnly[int]
    #: By channel: `state_counts`, and `total_consumed_capacity`.
    channel_group_statuses: ReadOnly[dict[str, Any]]
    unified_states: ReadOnly[Any]
    version: ReadOnly[int]

    class Meta:
        pk_key = "group_id"
        enveloped = False
        verbose_name = "availability of a group"
        verbose_name_plural = "availability of groups"
        api = resource("account_groups/availability", can=SHOW)
