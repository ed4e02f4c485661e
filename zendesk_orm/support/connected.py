"""What a ticket is connected with: incidents, follow-ups, issues, and the chat it came from.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model


@frozen
class Related:
    """What is connected with a ticket.

    Attributes:
        incidents: how many incidents of this problem there are.
        followup_source_ids: the tickets that it goes on from.
        jira_issue_ids: the issues in Jira that are linked to it.
        from_archive: whether it is archived.
        topic_id: the topic of the community that it was made from; Zendesk has given these up.
    """

    incidents: int
    followup_source_ids: tuple[str, ...] = ()
    jira_issue_ids: tuple[str, ...] = ()
    from_archive: bool = False
    topic_id: str | None = None


class Connected(Model):
    """What is connected with others, and came out of a chat perhaps."""

    if not TYPE_CHECKING:  # Checkers want each `Meta` to be a kind of the one above.

        class Meta:
            abstract = True

    def related(self) -> Related:
        """Return what is connected with the ticket: incidents, sources, issues in Jira.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#ticket-related-information
        """
        data = self._call("related")
        return Related(
            data.get("incidents") or 0,
            tuple(data.get("followup_source_ids") or ()),
            tuple(data.get("jira_issue_ids") or ()),
            bool(data.get("from_archive")),
            data.get("topic_id"),
        )

    def redact_chat(
        self,
        chat_id: str,
        text: str,
        *,
        chat_index: int | None = None,
        message_id: str | None = None,
    ) -> dict[str, Any]:
        """Black out a part of one message of a chat that has ended, for good.

        Which message it is, the event `"ChatStartedEvent"` of the audits tells.

        Args:
            chat_id: the chat.
            text: the message, with `<redact>...</redact>` around what is to go.
            chat_index: the place of the message in the chat.
            message_id: the id of the message, instead of its place.

        Returns:
            The event of the chat, as it is now; {} in a dry run.

        Raises:
            InvalidValue: nothing is marked, or there is not one of index and id.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-chat-comment
        """
        if "<redact>" not in text:
            raise InvalidValue("text: wants <redact>...</redact> around what is to go")
        if (chat_index is None) is (message_id is None):
            raise InvalidValue("redact_chat() wants one of chat_index and message_id")
        place = {"chat_index": chat_index} if message_id is None else {"message_id": message_id}
        return self._chat("redact_chat", {"chat_id": chat_id, **place, "text": text})

    def redact_chat_files(
        self,
        chat_id: str,
        *,
        chat_indexes: Sequence[int] = (),
        message_ids: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Take files out of a chat that has ended, for good.

        Args:
            chat_id: the chat.
            chat_indexes: the places of the files in the chat.
            message_ids: the ids of their messages, instead of the places.

        Returns:
            The event of the chat, as it is now; {} in a dry run.

        Raises:
            InvalidValue: there is not one of indexes and ids.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_comments/#redact-chat-comment-attachment
        """
        if bool(chat_indexes) is bool(message_ids):
            raise InvalidValue("redact_chat_files() wants one of chat_indexes and message_ids")
        body: dict[str, Any] = {"chat_id": chat_id}
        if chat_indexes:
            body["chat_indexes"] = list(chat_indexes)
        else:
            body["message_ids"] = list(message_ids)
        return self._chat("redact_chat_files", body)

    def _chat(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        event: dict[str, Any] = (self._call(name, body) or {}).get("chat_event", {})
        return event


def connecting() -> Api:
    """Declare the calls of `Connected`."""
    return (
        action("redact_chat", "PUT", "chat_redactions/{id}", "chat_event")
        + action("redact_chat_files", "PUT", "chat_file_redactions/{id}", "chat_event")
        + action("related", "GET", "tickets/{id}/related")
    )
