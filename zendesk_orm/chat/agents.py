"""Agents of Chat.

If Chat is part of Zendesk Support, agents are created and updated there, and have the ids of
Support's users.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/agents/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import since
from zendesk_orm.api.vocabulary import CRUD, listing, resource
from zendesk_orm.chat.singles import get_by_action
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import RefList, by
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.schema.secret_fields import WriteOnlySecret
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.support.users.users import User


if TYPE_CHECKING:
    from zendesk_orm.chat.departments import Department
    from zendesk_orm.chat.roles import Role
    from zendesk_orm.chat.skills import Skill

_PATH = "chat/agents"


def since_id(path: str, key: str = "") -> Api:
    """Declare a list that is continued by `since_id`, with 100 rows on a page.

    Args:
        path: the path below `/api/v2/`.
        key: the key of the rows in a response; "" if a response is a list.
    """
    return listing(
        path, key=key, fits_in_memory=True, params={"limit": "100"}, paging=(since(path),)
    )


class AgentManager(Manager["Agent"]):
    """The manager `Agent.objects`, with lookups by e-mail address and of the current agent."""

    @action("GET", f"{_PATH}/me")
    def me(self) -> Agent:
        """Return the authenticated agent.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/agents/#show-requesting-agent
        """
        return get_by_action(self, "me")

    @action("GET", f"{_PATH}/email/{{email}}")
    def get_by_email(self, email: str) -> Agent:
        """Return the agent with an e-mail address, in one request.

        Raises:
            DoesNotExist: the agent does not exist.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/agents/#show-agent-by-email-id
        """
        return get_by_action(self, "get_by_email", email=email)


class Agent(Model):
    """An agent of Chat."""

    objects = AgentManager.as_manager()

    email: Field[CaseInsensitiveStr]
    first_name: Field[str]
    last_name: Field[str | None]
    display_name: Field[str]
    enabled: Field[bool]
    role: Ref[Role | None]
    role_id: Id[int | None]
    roles: ReadOnly[dict[str, Any]]
    departments: ReadOnly[list[int]]
    enabled_departments: ReadOnly[list[int]]
    skills: ReadOnly[list[int]]
    create_date: ReadOnly[datetime | None]
    last_login: ReadOnly[datetime | None]
    login_count: ReadOnly[int | None]
    password: WriteOnlySecret[str | None]

    department_set: RefList[Department] = by("departments")
    skill_set: RefList[Skill] = by("skills")

    class Meta:
        enveloped = False
        cache_seconds = 300
        get_latest_by = "create_date"
        api = resource(_PATH, can=CRUD) + since_id(_PATH)

    @property
    def user(self) -> User:
        """The same person in Support, if Chat is part of it. Reading a field fetches the user."""
        return self._session().refer(User, self.pk)
