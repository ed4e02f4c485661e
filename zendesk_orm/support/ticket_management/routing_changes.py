"""Incremental export of changes of skills-based routing.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.api.paging import SKILLS
from zendesk_orm.http.hosts import query_of
from zendesk_orm.http.request import Request
from zendesk_orm.schema.loading import load_datetime, load_str
from zendesk_orm.session.action_bodies import ActionBody, value_of
from zendesk_orm.session.lists.endless_lists import VisitedPages
from zendesk_orm.session.responses import envelope, following, objects_in
from zendesk_orm.session.session import Session


@frozen
class RoutingChange:
    """A change of an attribute, of a value, or of the values of an agent or ticket.

    Attributes:
        type: `create`, `update`, `delete`; for values of agents and tickets
            `associate_agent`, `unassociate_agent`, `associate_ticket`, `unassociate_ticket`.
        id: the id of the attribute, of the value, or of the link from a value to an agent or
            ticket.
        time: the time of the change.
        name: the new name; for attributes and values.
        attribute_id: the id of the attribute; for values.
        attribute_value_id: the id of the value; for values of agents and tickets.
        instance_id: the id of the agent or ticket; for values of agents and tickets.
    """

    type: str
    id: str
    time: datetime
    name: str | None = None
    attribute_id: str | None = None
    attribute_value_id: str | None = None
    instance_id: str | None = None

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> RoutingChange:
        """Create a change from a row of a response.

        Raises:
            MalformedResponse: a value is missing, or has another type.
        """
        others = ("name", "attribute_id", "attribute_value_id", "instance_id")
        return cls(
            value_of(row, "type", load_str),
            value_of(row, "id", load_str),
            value_of(row, "time", load_datetime),
            *(value_of(row, name, load_str, None) for name in others),
        )


class RoutingChanges:
    """An iterable of changes, whose pages are fetched on demand: `for change in changes`.

    Attributes:
        cursor: the position after the last page; pass it to the same method to continue.
    """

    def __init__(self, session: Session, endpoint: Endpoint, cursor: str | None) -> None:
        self._session = session
        self._endpoint = endpoint
        self.cursor = cursor

    def __iter__(self) -> Iterator[RoutingChange]:
        params = () if self.cursor is None else (("cursor", self.cursor),)
        request = Request("GET", self._endpoint.url, params)
        count, visited = 0, VisitedPages()
        while True:
            data = envelope(request, self._session.transport.send(request))
            rows = [ActionBody(request, row) for row in objects_in(data, self._endpoint.key)]
            count += len(rows)
            visited.add(request, rows)
            for row in rows:
                yield RoutingChange.from_row(row)
            link = data.get("next_page")
            if isinstance(link, str):
                self.cursor = query_of(link).get("cursor", self.cursor)
            next_request = following(request, SKILLS, data, count)
            if next_request is None:
                return
            visited.check(next_request)
            request = next_request

    def __repr__(self) -> str:
        return f"<RoutingChanges of {self._endpoint.key}>"
