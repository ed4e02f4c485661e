"""Departments.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/departments/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.chat.agents import Agent
from zendesk_orm.chat.singles import get_by_action
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import RefList, by
from zendesk_orm.schema.fields import Field
from zendesk_orm.support.groups.groups import Group


_PATH = "chat/departments"


class DepartmentManager(Manager["Department"]):
    """The manager `Department.objects`, with a lookup by name."""

    @action("GET", f"{_PATH}/name/{{name}}")
    def get_by_name(self, name: str) -> Department:
        """Return the department with a name.

        Raises:
            DoesNotExist: the department does not exist.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/departments/#show-department-by-name
        """
        return get_by_action(self, "get_by_name", name=name)


class Department(Model):
    """A department: agents for the same subject; `members` are their ids."""

    objects = DepartmentManager.as_manager()

    name: Field[str]
    description: Field[str | None]
    enabled: Field[bool]
    members: Field[list[int]]
    agents: RefList[Agent] = by("members")
    settings: Field[dict[str, Any]]

    class Meta:
        enveloped = False
        cache_seconds = 300
        required = ("name",)
        api = resource(_PATH, key="", fits_in_memory=True, paging=(ONCE,))

    @property
    def group(self) -> Group | None:
        """The corresponding group of Support, or None. Reading a field fetches the group."""
        pk = self.settings.get("support_group_id")
        return None if pk is None else self._session().refer(Group, pk)

    def add_members(self, *agents: Agent | int) -> Self:
        """Add agents to the department, and save it.

        Args:
            agents: agents or their ids. Agents that are members already are ignored.
        """
        self.members = list(
            dict.fromkeys([*self.members, *self._session().ids_of(Agent, agents, "add_members")])
        )
        return self.save()

    def remove_members(self, *agents: Agent | int) -> Self:
        """Remove agents from the department, and save it.

        Args:
            agents: agents or their ids. Agents that are not members are ignored.
        """
        removed = set(self._session().ids_of(Agent, agents, "remove_members"))
        self.members = [pk for pk in self.members if pk not in removed]
        return self.save()
