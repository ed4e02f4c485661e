"""Agents of Chat.

Where Chat came with Support, agents are made and changed there, and their ids are
those of Support's users.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/agents/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import since
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.chat.singles import shown
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import RefList, by
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.support.users import User


if TYPE_CHECKING:
    from zendesk_orm.chat.departments import Department
    from zendesk_orm.chat.roles import Role
    from zendesk_orm.chat.skills import Skill

_PATH = "chat/agents"


def since_id(path: str, key: str = "") -> Api:
    """Declare a list that goes on by ids, a hundred rows to a page.

    Args:
        path: after `/api/v2/`.
        key: the name of the rows; "" for a bare list.
    """
    found = listed(path, key=key, small=True, paging=(since(path),))
    return Api(tuple(evolve(each, always=(("limit", "100"),)) for each in found))


class AgentManager(Manager["Agent"]):
    """`Agent.objects`, which finds agents by e-mail, too."""

    def me(self) -> Agent:
        """Return the agent whose credentials these are.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/agents/#show-requesting-agent
        """
        return shown(self, "me")

    def get_by_email(self, email: str) -> Agent:
        """Return the agent of an e-mail address, in one request.

        Raises:
            DoesNotExist: there is none.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/agents/#show-agent-by-email-id
        """
        return shown(self, "get_by_email", email=email)


class Agent(Model):
    """Somebody who chats with visitors."""

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
    password: WriteOnly[str | None]

    department_set: RefList[Department] = by("departments")
    skill_set: RefList[Skill] = by("skills")

    class Meta:
        bare = True
        keep = 300
        get_latest_by = "create_date"
        api = (
            resource(_PATH, can="show create update delete")
            + since_id(_PATH)
            + action("me", "GET", f"{_PATH}/me")
            + action("get_by_email", "GET", f"{_PATH}/email/{{email}}")
        )

    @property
    def user(self) -> User:
        """The same person in Support, where Chat came with it; reading a field fetches it."""
        return self._session().refer(User, self.pk)
