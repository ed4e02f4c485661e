"""Chats, and messages that visitors left when nobody was there.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/chats/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import NEXT_URL
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.chat.agents import Agent
from zendesk_orm.chat.bans import IpBan, VisitorBan
from zendesk_orm.chat.exports import export
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import dump_datetime, to_text
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import QuerySet
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import aware


if TYPE_CHECKING:
    from zendesk_orm.chat.departments import Department
    from zendesk_orm.support.tickets import Ticket

Type = Literal["chat", "offline_msg"]
Rating = Literal["good", "bad"]

_PATH = "chat/chats"
#: Ids that one request takes.
MANY = 50


class ChatManager(Manager["Chat"]):
    """`Chat.objects`, which searches chats, and shows many at once."""

    def find(self, *words: str, **fields: Any) -> QuerySet[SearchResult]:
        """Return the chats that match everything that is said, as a query of search results.

        ::

            for result in Chat.objects.find("refund", type="chat", timestamp=(monday, friday)):
                print(result.preview, result.chat.duration)

        Args:
            words: words, or phrases, that occur in them.
            fields: values of fields; two moments are a span of time, of which None is an
                open end.

        Raises:
            InvalidValue: nothing is said, or a moment has no time zone.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/chats/#search-chats
        """
        parts = [_quoted(word) for word in words]
        parts += [f"{name}:{_worded(value)}" for name, value in fields.items()]
        if not parts:
            raise InvalidValue("find() wants words, or fields and their values")
        return SearchResult.objects.using(self.db).filter(q=" AND ".join(parts))

    def in_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "id"
    ) -> dict[Any, Chat]:
        """Return chats by id, a request for each fifty; those that no chat has are absent.

        Args:
            id_list: their ids; all chats by default.
            field_name: another field than the id, for which all chats are read.
        """
        if id_list is None or field_name not in {"id", "pk"}:
            return super().in_bulk(id_list, field_name=field_name)
        wanted = list(dict.fromkeys(id_list))
        rows: list[dict[str, Any]] = []
        for start in range(0, len(wanted), MANY):
            found = self._call("in_bulk", ids=wanted[start : start + MANY])["docs"]
            rows += [row for row in found.values() if row]
        return {chat.pk: chat for chat in self._made(rows)}


class Chat(Model):
    """A chat with a visitor, or a message that one left; `type` tells which."""

    objects = ChatManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    type: CreateOnly[Type]
    visitor: CreateOnly[dict[str, Any]]
    session: CreateOnly[dict[str, Any]]
    timestamp: CreateOnly[datetime]
    end_timestamp: ReadOnly[datetime | None]
    update_timestamp: ReadOnly[datetime | None]
    started_by: CreateOnly[str | None]
    message: CreateOnly[str | None]
    history: CreateOnly[list[dict[str, Any]]]
    webpath: ReadOnly[list[dict[str, Any]]]
    duration: ReadOnly[int | None]
    count: ReadOnly[dict[str, Any] | None]
    response_time: ReadOnly[dict[str, Any] | None]
    department: ReadOnlyRef[Department | None]
    department_id: Id[int | None]
    department_name: ReadOnly[str | None]
    agent_ids: ReadOnly[list[str]]
    agents: RefList[Agent]
    agent_names: ReadOnly[list[str]]
    triggered: ReadOnly[bool | None]
    triggered_response: ReadOnly[bool | None]
    missed: ReadOnly[bool | None]
    unread: Field[bool]
    tags: Field[list[str]]
    rating: Field[Rating | None]
    comment: Field[str | None]
    conversions: ReadOnly[list[dict[str, Any]]]
    zendesk_ticket: ReadOnlyRef[Ticket | None]
    zendesk_ticket_id: Id[int | None]
    deleted: ReadOnly[bool | None]

    changed_since: Lookup[datetime]

    class Meta:
        bare = True
        get_latest_by = "timestamp"
        api = (
            resource(_PATH, natural=None, paging=(NEXT_URL,))
            + export("chats")
            + action("in_bulk", "GET", _PATH)
        )

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The files that were sent, in their order: what the history tells of each."""
        return [each["attachment"] for each in self.history if each.get("attachment")]

    def ban(self, reason: str, *, ip: bool = False) -> VisitorBan | IpBan:
        """Ban the visitor, and return the ban; deleting it lifts it.

        Args:
            reason: why.
            ip: ban the address that they chatted from, and not the visitor.

        Raises:
            InvalidValue: it is not known.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/bans/#create-ban
        """
        alias = self._session().alias
        known = self.session.get("ip") if ip else self.visitor.get("id")
        if not known:
            raise InvalidValue(f"{self!r} does not tell the {'address' if ip else 'visitor'}")
        if ip:
            return IpBan.objects.using(alias).create(ip_address=known, reason=reason)
        return VisitorBan.objects.using(alias).create(visitor_id=known, reason=reason)


class SearchResult(Model):
    """A chat that was found, and a part of what was said; its id is that of the chat.

    `Chat.objects.find()` asks for them; `q` takes the language of Chat's search as it is.
    """

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    type: ReadOnly[Type]
    timestamp: ReadOnly[datetime]
    preview: ReadOnly[str | None]
    url: ReadOnly[str]

    q: Lookup[str]

    class Meta:
        get_latest_by = "timestamp"
        api = listed(
            f"{_PATH}/search", key="results", takes="q", needs="q", natural=None, paging=(NEXT_URL,)
        )

    @property
    def chat(self) -> Chat:
        """The chat itself; reading a field fetches it."""
        return self._session().refer(Chat, self.pk)


def _worded(value: Any) -> str:
    """Return a value as search takes it; two moments are a span."""
    if isinstance(value, tuple):
        begin, end = ("*" if each is None else dump_datetime(aware(each)) for each in value)
        return f"[{begin} TO {end}]"
    if isinstance(value, datetime):
        return _quoted(dump_datetime(aware(value)))
    return _quoted(to_text(value))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return text if text.replace("_", "").isalnum() else f'"{escaped}"'
