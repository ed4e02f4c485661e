"""Unified statuses of agents: those of Zendesk, and those that an account has added.

Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_statuses/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import Paging
from zendesk_orm.api.vocabulary import SHOW, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Lookup, ReadOnly
from zendesk_orm.schema.loading import load_str
from zendesk_orm.session.action_bodies import object_of, value_of
from zendesk_orm.session.responses import UNKNOWN, objects
from zendesk_orm.support.polled_jobs import PolledJob


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User

_PATH = "agent_availabilities/agent_statuses"


@frozen
class _StatusPaging(Paging):
    """Pages with two lists: the statuses of every account, and those of this account."""

    def normalize(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the page with all statuses in one list."""
        return {**data, "default": list_statuses(data)}


def list_statuses(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the statuses of a page, each with the name of its list as `kind`.

    Raises:
        MalformedResponse: the page contains neither list, or a value that is no list of objects.
    """
    kinds = [kind for kind in ("default", "custom") if data.get(kind) is not None] or ["default"]
    lists = {kind: objects(UNKNOWN, data.get(kind), kind) for kind in kinds}
    return [{**row, "kind": kind} for kind, rows in lists.items() for row in rows]


class AgentStatusManager(Manager["AgentStatus"]):
    """`AgentStatus.objects`, with the statuses that the caller may choose."""

    @action("GET", f"{_PATH}/me", key="default")
    def mine(self) -> list[AgentStatus]:
        """Return the statuses that the caller may choose.

        Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_statuses/
        """
        return self._call("mine", then=lambda data: self._from_rows(list_statuses(data)))


class AgentStatus(Model):
    """A status that agents can have in all channels, such as online or away.

    ::

        away = AgentStatus.objects.get(name="Away")
        away.assign(agent)
        away.assign_to_me()

    The ids of Zendesk's statuses are data, too: 2 is offline, 3 online, 4 away, and 5 transfers
    only.
    """

    objects = AgentStatusManager.as_manager()

    name: ReadOnly[str]
    description: ReadOnly[str | None]
    channels: ReadOnly[dict[str, Any]]
    #: `default` for a status of every account, or `custom`.
    kind: ReadOnly[str]

    #: The agent whose status `assign()` sets.
    agent: Lookup[User]

    class Meta:
        plural = "agent_statuses"
        verbose_name_plural = "agent statuses"
        cache_seconds = 300
        api = listing(
            _PATH,
            key="default",
            default_order=None,
            fits_in_memory=True,
            paging=(_StatusPaging("cursor", cursor="page[after]"),),
        )

    @action("PUT", f"{_PATH}/agents/{{agent}}")
    def assign(self, agent: support.User | int) -> None:
        """Set the status of an agent.

        Args:
            agent: the agent, or the agent's id.

        Raises:
            InvalidValue: the agent was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_statuses/
        """
        pk = self._session().id_of("User", agent, "assign")
        self._call("assign", {"id": self.pk}, path={"agent": pk})

    @action("PUT", f"{_PATH}/agents/me")
    def assign_to_me(self) -> None:
        """Set the status of the caller.

        Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_statuses/
        """
        self._call("assign_to_me", {"id": self.pk})

    @action("PUT", f"{_PATH}/agents/update_many", key="job_status")
    def assign_to_many(self, agents: Iterable[support.User | int]) -> AgentStatusJob:
        """Set the status of agents in a job, and return the job.

        The job is not one of `JobStatus`: `job.wait()` waits for it.

        Args:
            agents: agents, or their ids.

        Raises:
            InvalidValue: an agent was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/agent-availability/agent-availability-api/agent_statuses/
        """
        session = self._session()
        ids = session.ids_of("User", agents, "assign_to_many")

        def read_job(data: Any) -> AgentStatusJob:
            row = object_of(data, "job_status") if "job_status" in data else data
            job: AgentStatusJob = session.refer(AgentStatusJob, value_of(row, "id", load_str))
            return job

        return self._call("assign_to_many", {"id": self.pk}, then=read_job, ids=ids)


class AgentStatusJob(PolledJob):
    """A job that sets the status of several agents: `job.wait()`."""

    results: ReadOnly[Any]

    class Meta:
        singular = "job_status"
        enveloped = False
        api = resource(f"{_PATH}/job_statuses", can=SHOW)
