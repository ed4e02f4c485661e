"""How the newer paths of Guide are paged: by cursor, and not always with a link.

An answer says that there are more rows, and behind which cursor; the link to them may be
there or not. Where it is not, it is made of the request.

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
from zendesk_orm.manager import Manager
from zendesk_orm.session.envelopes import part_of
from zendesk_orm.session.session import Session


R = TypeVar("R")

#: More than thirty rows are refused.
THIRTY = evolve(CURSOR, largest=30)
#: More than fifty results of a search are not given.
FIFTY = evolve(CURSOR, largest=50)

_AFTER = "page[after]"


class GuideManager(Manager[R]):
    """The manager of rows whose pages may come without a link to the next."""

    @property
    def _session(self) -> Session:
        return _Linking(super()._session)


class _Linking(Session):
    """A session whose answers have the link to the next page, if there is one."""

    def __init__(self, base: Session) -> None:
        super().__init__(base.account, explicit=base.explicit)
        self.identity = base.identity
        self._read = base._read

    @property
    def transport(self) -> Transport:
        """The way to the account's host."""
        return cast("Transport", _Way(self.account.transport))


class _Way:
    """A transport that completes answers by the link to the next page."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def send(self, request: Request) -> Response:
        """Send a request; where more follows without a link, make the link."""
        answer = self._transport.send(request)
        data = answer.data if isinstance(answer.data, dict) else {}
        meta, links = part_of(data, "meta"), part_of(data, "links")
        cursor = meta.get("after_cursor")
        if not (meta.get("has_more") and cursor) or links.get("next"):
            return answer
        links = {**links, "next": _following(request, cursor)}
        return evolve(answer, data={**data, "links": links})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


def _following(request: Request, cursor: str) -> str:
    """Return the same address behind a cursor."""
    parts = split(request.path)
    asked = [*parse_qsl(parts.query), *request.params]
    query = [(name, value) for name, value in asked if name != _AFTER]
    return f"{parts.path}?{urlencode([*query, (_AFTER, cursor)])}"
