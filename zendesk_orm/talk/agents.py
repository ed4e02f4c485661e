"""Agents of Talk: their availability, and the pages that their browsers display.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/availabilities/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.errors import InvalidValue, NotFound
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.accounts import require_relations
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.session.action_bodies import object_of
from zendesk_orm.support.tickets.tickets import Ticket
from zendesk_orm.support.users.users import User
from zendesk_orm.write import calls


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session

State = Literal["online", "offline", "away", "transfers_only"]
Status = Literal["on_call", "wrap_up"]
Via = Literal["client", "phone"]

#: `via_id` by the origin of a ticket about a call.
VIA = {"voicemail": 44, "inbound": 45, "outbound": 46}

_PATH = "channels/voice/availabilities/{user}"
_BROWSER = "channels/voice/agents/{user}"


class AgentManager(Manager["Agent"]):
    """The manager `Agent.objects`, which gets single agents. Zendesk has no list of them."""

    @action("GET", _PATH, key="availability", call="get(user)")
    def get(self, *q: Any, **lookups: Any) -> Agent:
        """Return an agent: `get(user)`, `get(user=5)`.

        Raises:
            DoesNotExist: the user does not exist, or is not an agent of Talk.
            NoEndpoint: the lookup is not a user or an id.
        """
        values = {**dict(zip(("user", "q"), q, strict=False)), **lookups}
        (name, user), *others = values.items() or [("", None)]
        if others or name not in {"user", "user_id", "id", "pk"}:
            return super().get(*q, **lookups)
        pk = self._session.id_of("User", user, "get")
        try:
            row = object_of(self._call("get", path={"user": pk}), "availability")
        except NotFound as error:
            raise self.model.DoesNotExist(f"user {pk} must be an agent of Talk") from error
        return self._from_rows([{**row, "user_id": pk}])[0]

    @action("POST", "channels/voice/tickets", key="ticket")
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
            show_to: the agent, or the id, whose browser opens the ticket.
            values: fields of the ticket. `voice_comment` has the keys `from`, `to`,
                `recording_url`, `recording_type`, `started_at`, `call_duration`,
                `answered_by_id`, `transcription_text` and `location`.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#create-ticket-or-voicemail-ticket
        """
        if via not in VIA:
            choices = ", ".join(map(repr, VIA))
            raise InvalidValue(f"via must be one of {choices}, not {display(via)}")
        voice = {name: values.pop(name) for name in ("voice_comment",) if name in values}
        ticket = Ticket(**values)
        require_relations(ticket, self._session)
        payload = {**ticket.to_payload(), **voice, "via_id": VIA[via]}
        body: dict[str, Any] = {"ticket": payload}
        if show_to is not None:
            body["display_to_agent"] = (
                self._session.id_of(type(show_to), show_to, "show_to")
                if isinstance(show_to, (Agent, User))
                else self._session.id_of(User, show_to, "show_to")
            )
        session = self._session
        return self._call(
            "create_ticket",
            body,
            then=lambda data: session.materialize(Ticket, [data["ticket"]])[0],
            in_dry_run=ticket,
        )


class Agent(Model):
    """An agent of Talk with the availability for calls; its id is that of the user.

    ::

        agent = Agent.objects.get(user)
        agent.agent_state = "online"
        agent.save()
        agent.open_ticket(ticket)

    `Agent(user=user)` refers to an agent without a request.
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
        pk_key = "user_id"
        parent = "user"
        api = Api((Endpoint(Verb.UPDATE, _PATH, "availabilities", method="PUT"),))

    def __init__(self, *, user: User | int | None = None, **values: Any) -> None:
        """Initialize a reference to an agent, whose row is not fetched.

        Args:
            user: the user, or the id.
            values: the fields to update with `save()`.
        """
        super().__init__(**values, **({} if user is None else {"user": user}))
        self.update_from_row(self._meta.with_id(self._row))

    def _reload(self, session: Session) -> None:
        """Fetch the availability of the agent again."""
        calls.call_and_update(session, self, "get")

    @action("POST", f"{_BROWSER}/tickets/{{ticket_shown}}/display")
    def open_ticket(self, ticket: Ticket | int) -> Self:
        """Open a ticket in the browser of the agent.

        Args:
            ticket: a ticket or its id.

        Raises:
            InvalidValue: the ticket is unsaved.
            NotFound: the agent or the ticket does not exist.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#open-ticket-in-agents-browser
        """
        return self._open("open_ticket", "ticket_shown", Ticket, ticket)

    @action("POST", f"{_BROWSER}/users/{{user_shown}}/display")
    def open_user(self, user: User | int) -> Self:
        """Open the profile of a user in the browser of the agent.

        Args:
            user: a user or the id.

        Raises:
            InvalidValue: the user is unsaved.
            NotFound: the agent or the user does not exist.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#open-a-users-profile-in-an-agents-browser
        """
        return self._open("open_user", "user_shown", User, user)

    def _open(self, name: str, placeholder: str, model: type[Model], row: Model | int) -> Self:
        pk = self._session().id_of(model, row, name)
        self._call(name, path={placeholder: pk})
        return self
