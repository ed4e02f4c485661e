"""Cursor pagination of the newer endpoints of Guide, which may omit links.

A response indicates whether there are more rows and has a cursor, but its link to the next
page may be missing. In that case, the link is built from the request.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/introduction/
"""

from __future__ import annotations

from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, urlencode

from attrs import evolve

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.http.hosts import split
from zendesk_orm.http.request import Request, Response
from zendesk_orm.http.transport import Transport
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.session.action_bodies import part_of
from zendesk_orm.session.session import Session


R = TypeVar("R")

#: Zendesk rejects pages of more than 30 rows.
THIRTY = evolve(CURSOR, largest=30)
#: Zendesk returns at most 50 search results per page.
FIFTY = evolve(CURSOR, largest=50)

_AFTER = "page[after]"


class GuideManager(Manager[R]):
    """A manager of rows whose pages may have no link to the next page."""

    @property
    def _session(self) -> Session:
        return _LinkingSession(super()._session)


class _LinkingSession(Session):
    """A session that adds missing links to the next page to responses."""

    def __init__(self, base: Session) -> None:
        super().__init__(base.account, explicit=base.explicit)
        self.identity = base.identity
        self._read = base._read

    @property
    def transport(self) -> Transport:
        """The transport of the account, which adds the links."""
        return cast("Transport", _LinkingTransport(self.account.transport))


class _LinkingTransport:
    """A transport that adds missing links to the next page to responses."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, request: Request) -> Response:
        """Send a request; add the link to the next page if the response lacks it."""
        response = self._transport.send(request)
        data = response.data if isinstance(response.data, dict) else {}
        meta, links = part_of(data, "meta"), part_of(data, "links")
        cursor = meta.get("after_cursor")
        if not (meta.get("has_more") and cursor) or links.get("next"):
            return response
        links = {**links, "next": _next_link(request, cursor)}
        return evolve(response, data={**data, "links": links})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _next_link(request: Request, cursor: str) -> str:
    """Return the path of a request with a cursor."""
    parts = split(request.path)
    params = [*parse_qsl(parts.query), *request.params]
    query = [(name, value) for name, value in params if name != _AFTER]
    return f"{parts.path}?{urlencode([*query, (_AFTER, cursor)])}"
