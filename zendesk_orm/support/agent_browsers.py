"""What a telephone system does in Support: open pages for agents, and make tickets of calls.

Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Lookup
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User

_VOICE = "channels/voice"
_AGENT = f"{_VOICE}/agents/{{id}}"


class AgentBrowserManager(Manager["AgentBrowser"]):
    """`AgentBrowser.objects`."""

    def create_ticket(
        self,
        *,
        via_id: int,
        voice_comment: dict[str, Any] | None = None,
        display_to: User | int | None = None,
        **values: Any,
    ) -> Ticket:
        """Make a ticket of a call or a voicemail.

        Args:
            via_id: how the call came: 44 voicemail, 45 inbound, 46 outbound.
            voice_comment: the call: `from`, `to`, `recording_url`, `started_at`,
                `call_duration`, `answered_by_id`, `transcription_text`, `location`.
            display_to: the agent in whose browser the ticket opens.
            values: the other fields of the ticket.

        Returns:
            The ticket.

        Raises:
            InvalidValue, FieldError: before anything is sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#create-ticket-or-voicemail-ticket
        """
        model: Any = registry.find("Ticket", "support")
        ticket = {**model(**values).to_payload(), "via_id": via_id}
        if voice_comment is not None:
            ticket["voice_comment"] = voice_comment
        agent = None if display_to is None else _id(display_to)
        body = {"ticket": ticket, **({} if agent is None else {"display_to_agent": agent})}
        data = self._call("create_ticket", body)
        if not data:
            unsent: Ticket = model(**values)
            return unsent
        made: Ticket = self._session.take_in(model, [data["ticket"]])[0]
        return made


class AgentBrowser(Model):
    """The browser of an agent, in which a telephone system can open a page.

    ::

        AgentBrowser(id=agent.id).open_ticket(ticket)
    """

    objects = AgentBrowserManager.as_manager()

    ticket: Lookup[Ticket]
    user: Lookup[User]

    class Meta:
        api = (
            action("open_ticket", "POST", f"{_AGENT}/tickets/{{ticket}}/display")
            + action("open_user", "POST", f"{_AGENT}/users/{{user}}/display")
            + action("create_ticket", "POST", f"{_VOICE}/tickets", "ticket")
        )

    def open_ticket(self, ticket: Ticket | int) -> None:
        """Open a ticket in the agent's browser.

        Args:
            ticket: the ticket, or its id.

        Raises:
            InvalidValue: it was never saved.
            NotFound: there is no such agent, or no such ticket.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#open-ticket-in-agents-browser
        """
        self._open("open_ticket", ticket=_id(ticket))

    def open_user(self, user: User | int) -> None:
        """Open the profile of a user in the agent's browser.

        Args:
            user: the user, or the id of one.

        Raises:
            InvalidValue: the user was never saved.
            NotFound: there is no such agent, or no such user.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/voice/talk-partner-edition-api/basics/#open-a-users-profile-in-an-agents-browser
        """
        self._open("open_user", user=_id(user))

    def _open(self, action_: str, **path: Any) -> None:
        actions.act(self._session(), self, action_, path=path)


def _id(given: Any) -> Any:
    """Return the id of an object, or the id that was given.

    Raises:
        InvalidValue: the object was never saved.
    """
    pk = getattr(given, "pk", given)
    if not isinstance(pk, int):
        raise InvalidValue(f"wants an object that was saved, or its id, not {given!r}")
    return pk
