"""Availability of agents: their status, channels and work items at this moment.

The name of the parameter for groups is unconfirmed.

Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_availabilities/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import evolve, frozen

from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import CURSOR, Paging, rows_of
from zendesk_orm.api.vocabulary import SHOW, listing, resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.session.action_bodies import object_of


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.users.users import User

_PATH = "agent_availabilities"


@frozen
class _DocumentPaging(Paging):
    """Pages in the form of JSON:API."""

    def normalize(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the page with flat rows."""
        return flatten_page(data)


def flatten_page(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of JSON:API with flat rows: with attributes, and the channels beside them.

    Args:
        data: the body, whose `data` is a row or a list of rows.
    """
    included = {_place_of(item): item for item in rows_of(data, "included")}
    rows = data.get("data")
    if isinstance(rows, dict):
        return {**data, "data": _flatten(rows, included)}
    if isinstance(rows, list):
        flat = [_flatten(row, included) if isinstance(row, dict) else row for row in rows]
        return {**data, "data": flat}
    return dict(data)


def _flatten(row: Mapping[str, Any], included: Mapping[Any, Any]) -> dict[str, Any]:
    """Return one row, with its attributes and the attributes of its channels."""
    relationships = row.get("relationships")
    channels = relationships.get("channels") if isinstance(relationships, dict) else None
    names = channels.get("data") if isinstance(channels, dict) else None
    channel_rows = [
        {"id": name.get("id"), **_attributes_of(included[_place_of(name)])}
        for name in (names if isinstance(names, list) else ())
        if isinstance(name, dict) and _place_of(name) in included
    ]
    return {
        **row,
        **_attributes_of(row),
        **({"channels": channel_rows} if names is not None else {}),
    }


def _place_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the type and the id by which a row is named."""
    return str(row.get("type")), str(row.get("id"))


def _attributes_of(row: Mapping[str, Any]) -> dict[str, Any]:
    attributes = row.get("attributes")
    return attributes if isinstance(attributes, dict) else {}


class AgentAvailabilityManager(Manager["AgentAvailability"]):
    """`AgentAvailability.objects`, with the availability of the caller."""

    @action("GET", f"{_PATH}/me", key="data")
    def me(self) -> AgentAvailability:
        """Return the availability of the caller.

        Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_availabilities/
        """

        def read(data: Any) -> AgentAvailability:
            return self._from_rows([object_of(flatten_page(data), "data")])[0]

        return self._call("me", then=read)


class AgentAvailability(StringIdModel):
    """The status of an agent and of the agent's channels at this moment.

    ::

        AgentAvailability.objects.filter(channel_status="support:online")
        user.availability.agent_status["name"]

    The id is that of the agent, as a string. `version` grows with each change. `channels`
    contains `name`, `status`, `max_capacity` and `work_item_count` of each channel.
    """

    objects = AgentAvailabilityManager.as_manager()

    agent: ReadOnlyRef[User]
    agent_id: Id[int]
    agent_status: ReadOnly[dict[str, Any]]
    group_ids: ReadOnly[list[int]]
    groups: RefList[Group]
    skills: ReadOnly[list[dict[str, Any]]]
    version: ReadOnly[int]
    channels: ReadOnly[list[dict[str, Any]]]

    #: The status of a channel: `support:online`.
    channel_status: Lookup[str]
    agent_status_id: Lookup[int]
    group: Lookup[Group]

    class Meta:
        singular = "data"
        plural = _PATH
        verbose_name = "agent availability"
        verbose_name_plural = "agent availabilities"
        api = Api(
            tuple(
                evolve(endpoint, paging=_DocumentPaging("once"))
                for endpoint in resource(_PATH, can=SHOW)
            )
        ) + listing(
            _PATH,
            key="data",
            filters={
                "channel_status": "filter[channel_status]",
                "agent_status_id": "filter[agent_status_id]",
                "group": "filter[group_ids]",
            },
            default_order=None,
            paging=(_DocumentPaging("cursor", size="page[size]", cursor="page[after]"),),
        )

    @check_arguments
    def work_items(self, channel: Literal["support", "messaging", "talk"]) -> Manager[WorkItem]:
        """Return a query for the work items of a channel.

        Args:
            channel: the name of the channel.
        """
        items = WorkItem.objects.using(self._session().alias)
        return items.filter(agent=self.agent_id, channel=channel)


class WorkItem(StringIdModel):
    """A ticket, a conversation or a call that an agent works on."""

    type: ReadOnly[str]
    added_at: ReadOnly[datetime]
    reason: ReadOnly[str | None]

    agent: Lookup[User]
    channel: Lookup[str]

    class Meta:
        verbose_name = "work item"
        verbose_name_plural = "work items"
        api = listing(
            f"{_PATH}/{{agent}}/channels/{{channel}}/relationships/work_items",
            key="data",
            default_order=None,
            paging=(_DocumentPaging("cursor", cursor=CURSOR.cursor),),
        )
