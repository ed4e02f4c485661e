"""Agents of Talk: whether they take calls, and what their browsers show.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/availabilities/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue, NotFound
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.accounts import require_relations
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.support.tickets import Ticket
from zendesk_orm.support.users import User
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from typing_extensions import Self

State = Literal["online", "offline", "away", "transfers_only"]
Status = Literal["on_call", "wrap_up"]
Via = Literal["client", "phone"]

#: What `via_id` says of each way in which a ticket about a call comes to be.
VIA = {"voicemail": 44, "inbound": 45, "outbound": 46}

_PATH = "channels/voice/availabilities/{user}"
_BROWSER = "channels/voice/agents/{user}"


class AgentManager(Manager["Agent"]):
    """`Agent.objects`, which knows agents one by one."""

    def get(self, *q: Any, **lookups: Any) -> Agent:
        """Return an agent: `get(user)`, `get(user=5)`; Zendesk lists none.

        Raises:
            DoesNotExist: the user is none, or no agent of Talk.
            NoEndpoint: anything else is asked.
        """
        given = {**dict(zip(("user", "q"), q, strict=False)), **lookups}
        (name, user), *others = given.items() or [("", None)]
        if others or name not in {"user", "user_id", "id", "pk"}:
            return super().get(*q, **lookups)
        pk = self._session.id_of("User", user, "get")
        try:
            row = self._call("get", path={"user": pk})["availability"]
        except NotFound as error:
            raise self.model.DoesNotExist(f"user {pk} is no agent of Talk") from error
        return self._made([{**row, "user_id": pk}])[0]

    def create_ticket(
        self, *, via: str, show_to: Agent | User | int | None = None, **values: Any
    ) -> Ticket:
        """Create a ticket about a call of another telephone system, and return it.

        ::

            Agent.objects.create_ticket(
                via="voicemail", subject="Call back", show_to=user,
                voice_comment={"from": "+15550100", "to": "+15550101", ...},
            )

        Args:
            via: `voicemail`, `inbound` or `outbound`.
            show_to: an agent, or the id, whose browser is to open it.
            values: fields of the ticket; `voice_comment` says `from`, `to`,
                `recording_url`, `recording_type`, `started_at`, `call_duration`,
                `answered_by_id`, `transcription_text` and `location`.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#create-ticket-or-voicemail-ticket
        """
        if via not in VIA:
            named = ", ".join(map(repr, VIA))
            raise InvalidValue(f"via: wants one of {named}, not {via!r}")
        voice = {name: values.pop(name) for name in ("voice_comment",) if name in values}
        ticket = Ticket(**values)
        require_relations(ticket, self._session)
        told = {**ticket.to_payload(), **voice, "via_id": VIA[via]}
        body: dict[str, Any] = {"ticket": told}
        if show_to is not None:
            body["display_to_agent"] = (
                self._session.id_of(type(show_to), show_to, "show_to")
                if isinstance(show_to, (Agent, User))
                else self._session.id_of(User, show_to, "show_to")
            )
        answer = self._call("create_ticket", body)
        # A dry run has no answer.
        return self._session.take_in(Ticket, [answer["ticket"]])[0] if answer else ticket


class Agent(Model):
    """An agent of Talk, and whether they take calls; its id is that of the user.

    ::

        agent = Agent.objects.get(user)
        agent.agent_state = "online"
        agent.save()
        agent.open_ticket(ticket)

    `Agent(user=user)` stands for one without asking Zendesk.
    """

    objects = AgentManager.as_manager()

    id: ReadOnly[int]
    user: Ref[User]
    user_id: Id[int]
    agent_state: Field[State]
    call_status: Field[Status | None]
    via: Field[Via]

    user_shown: Lookup[User]
    ticket_shown: Lookup[Ticket]

    class Meta:
        singular = "availability"
        plural = "availabilities"
        verbose_name = "agent"
        verbose_name_plural = "agents"
        known_by = "user_id"
        parent = "user"
        api = (
            action("get", "GET", _PATH, "availability", call="get(user)")
            + Api((Endpoint(Verb.UPDATE, _PATH, "availabilities", method="PUT"),))
            + action("open_ticket", "POST", f"{_BROWSER}/tickets/{{ticket_shown}}/display")
            + action("open_user", "POST", f"{_BROWSER}/users/{{user_shown}}/display")
            + action("create_ticket", "POST", "channels/voice/tickets", "ticket")
        )

    def __init__(self, *, user: User | int | None = None, **values: Any) -> None:
        """Stand for an agent, of whom nothing is known yet.

        Args:
            user: the user that they are, or the id.
            values: what to change when it is saved.
        """
        super().__init__(**values, **({} if user is None else {"user": user}))
        self.absorb(self._meta.identified(self._row))

    def refresh_from_db(self, *, using: str | None = None, discard: bool = True) -> None:
        """Ask anew whether the agent takes calls.

        Args:
            using: the account's alias; where the object came from by default.
            discard: whether unsaved edits are dropped, as Django does.
        """
        if discard:
            for name in list(self.changes()):
                self.__dict__.pop(name, None)
        actions.took(self._session(using), self, "get")

    def open_ticket(self, ticket: Ticket | int) -> Self:
        """Let the agent's browser open a ticket.

        Args:
            ticket: a ticket, or its id.

        Raises:
            InvalidValue: the ticket was never saved.
            NotFound: there is no such agent, or ticket.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#open-ticket-in-agents-browser
        """
        return self._open("open_ticket", "ticket_shown", Ticket, ticket)

    def open_user(self, user: User | int) -> Self:
        """Let the agent's browser open the profile of a user.

        Args:
            user: a user, or the id.

        Raises:
            InvalidValue: the user was never saved.
            NotFound: there is no such agent, or user.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#open-a-users-profile-in-an-agents-browser
        """
        return self._open("open_user", "user_shown", User, user)

    def _open(self, name: str, place: str, model: type[Model], shown: Model | int) -> Self:
        pk = self._session().id_of(model, shown, name)
        actions.act(self._session(), self, name, path={place: pk})
        return self
