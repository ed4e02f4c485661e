"""Departments.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/departments/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.chat.agents import Agent
from zendesk_orm.chat.singles import shown
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import RefList, by
from zendesk_orm.schema.fields import Field
from zendesk_orm.support.groups import Group


if TYPE_CHECKING:
    from typing_extensions import Self

_PATH = "chat/departments"


class DepartmentManager(Manager["Department"]):
    """`Department.objects`, which finds departments by name, too."""

    def get_by_name(self, name: str) -> Department:
        """Return the department of a name.

        Raises:
            DoesNotExist: there is none.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/departments/#show-department-by-name
        """
        return shown(self, "get_by_name", name=name)


class Department(Model):
    """Agents who chat about the same things; `members` are their ids."""

    objects = DepartmentManager.as_manager()

    name: Field[str]
    description: Field[str | None]
    enabled: Field[bool]
    members: Field[list[int]]
    agents: RefList[Agent] = by("members")
    settings: Field[dict[str, Any]]

    class Meta:
        bare = True
        keep = 300
        required = ("name",)
        api = resource(_PATH, key="", small=True, paging=(ONCE,)) + action(
            "get_by_name", "GET", f"{_PATH}/name/{{name}}"
        )

    @property
    def group(self) -> Group | None:
        """The group of Support that it stands for, or None; reading a field fetches it."""
        pk = self.settings.get("support_group_id")
        return None if pk is None else self._session().refer(Group, pk)

    def add_members(self, *agents: Agent | int) -> Self:
        """Let agents join, and save.

        Args:
            agents: agents, or their ids; who is a member already stays one.
        """
        self.members = list(
            dict.fromkeys([*self.members, *self._session().ids_of(Agent, agents, "add_members")])
        )
        return self.save()

    def remove_members(self, *agents: Agent | int) -> Self:
        """Let agents leave, and save.

        Args:
            agents: agents, or their ids; who is no member is no offence.
        """
        gone = set(self._session().ids_of(Agent, agents, "remove_members"))
        self.members = [pk for pk in self.members if pk not in gone]
        return self.save()
