"""Chats, and offline messages of visitors.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/chats/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.paging import NEXT_URL
from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.chat.agents import Agent
from zendesk_orm.chat.bans import IpBan, VisitorBan
from zendesk_orm.chat.exports import export
from zendesk_orm.chunks import chunks
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import dump_datetime, to_text
from zendesk_orm.messages import display
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager, QuerySet
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import CreateOnly, Field, Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import aware
from zendesk_orm.session.action_bodies import object_of


if TYPE_CHECKING:
    from zendesk_orm.chat.departments import Department
    from zendesk_orm.support.tickets.tickets import Ticket

Type = Literal["chat", "offline_msg"]
Rating = Literal["good", "bad"]

_PATH = "chat/chats"
#: The largest number of ids in a request.
MAX_IDS = 50


class ChatManager(Manager["Chat"]):
    """The manager `Chat.objects`, with search and lookups of several ids."""

    @check_arguments
    def find(self, *words: str, **fields: Any) -> QuerySet[SearchResult]:
        """Return a query of the search results that match all words and fields.

        ::

            for result in Chat.objects.find("refund", type="chat", timestamp=(monday, friday)):
                print(result.preview, result.chat.duration)

        Args:
            words: words or phrases that the chats contain.
            fields: values of fields. A tuple of two datetimes is a range, in which None is an
                open end.

        Raises:
            InvalidValue: there are neither words nor fields, or a datetime is naive.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/chats/#search-chats
        """
        parts = [_quote(word) for word in words]
        parts += [f"{name}:{_format_value(value)}" for name, value in fields.items()]
        if not parts:
            raise InvalidValue("find() needs words, or fields and their values")
        return SearchResult.objects.using(self.db).filter(q=" AND ".join(parts))

    @action("GET", _PATH)
    def in_bulk(
        self, id_list: Iterable[Any] | None = None, *, field_name: str = "id"
    ) -> dict[Any, Chat]:
        """Return chats by id, with one request for 50 ids; ids that do not exist are missing.

        Args:
            id_list: the ids; all chats by default.
            field_name: the field of the keys. For other fields than the id, all chats are read.
        """
        if id_list is None or field_name not in {"id", "pk"}:
            return super().in_bulk(id_list, field_name=field_name)
        ids = list(dict.fromkeys(id_list))
        rows: list[dict[str, Any]] = []
        for part in chunks(ids, MAX_IDS):
            docs = object_of(self._call("in_bulk", ids=part), "docs")
            rows += [row for row in docs.values() if row]
        return {chat.pk: chat for chat in self._from_rows(rows)}


class Chat(StringIdModel):
    """A chat with a visitor, or an offline message, depending on `type`."""

    objects = ChatManager.as_manager()

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
        enveloped = False
        get_latest_by = "timestamp"
        api = resource(_PATH, default_order=None, paging=(NEXT_URL,)) + export("chats")

    @property
    def is_deleted(self) -> bool:
        """Whether the chat was deleted; exports by `changed_since()` return such chats."""
        return bool(self.deleted)

    @property
    def attachments(self) -> list[dict[str, Any]]:
        """The files of the chat, in the order of the history."""
        return [event["attachment"] for event in self.history if event.get("attachment")]

    @check_arguments
    def ban(self, reason: str, *, ip: bool = False) -> VisitorBan | IpBan:
        """Ban the visitor, and return the ban; delete it to lift it.

        Args:
            reason: the reason.
            ip: whether to ban the IP address of the chat instead of the visitor.

        Raises:
            InvalidValue: the chat does not contain the address or the visitor.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/bans/#create-ban
        """
        alias = self._session().alias
        value = self.session.get("ip") if ip else self.visitor.get("id")
        if not value:
            raise InvalidValue(
                f"{display(self)} does not contain the {'address' if ip else 'visitor'}"
            )
        if ip:
            return IpBan.objects.using(alias).create(ip_address=value, reason=reason)
        return VisitorBan.objects.using(alias).create(visitor_id=value, reason=reason)


class SearchResult(StringIdModel):
    """A result of a search: a preview of a chat, whose id it has.

    `Chat.objects.find()` returns them. The lookup `q` is a query in the syntax of Chat's search.
    """

    type: ReadOnly[Type]
    timestamp: ReadOnly[datetime]
    preview: ReadOnly[str | None]
    url: ReadOnly[str]

    q: Lookup[str]

    class Meta:
        get_latest_by = "timestamp"
        api = listing(
            f"{_PATH}/search",
            key="results",
            filters=("q",),
            required=("q",),
            default_order=None,
            paging=(NEXT_URL,),
        )

    @property
    def chat(self) -> Chat:
        """The chat itself; reading a field fetches it."""
        return self._session().refer(Chat, self.pk)


def _format_value(value: Any) -> str:
    """Return a value in the syntax of search; two datetimes are a range."""
    if isinstance(value, tuple):
        begin, end = ("*" if end is None else dump_datetime(aware(end)) for end in value)
        return f"[{begin} TO {end}]"
    if isinstance(value, datetime):
        return _quote(dump_datetime(aware(value)))
    return _quote(to_text(value))


def _quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return text if text.replace("_", "").isalnum() else f'"{escaped}"'
