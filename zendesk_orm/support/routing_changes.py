"""What has changed of skills-based routing, from the beginning on.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_skill_based_routing/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import frozen

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.api.paging import SKILLS
from zendesk_orm.http.request import Request
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.session.checks import Progress, following
from zendesk_orm.session.envelopes import envelope
from zendesk_orm.session.session import Session


@frozen
class RoutingChange:
    """One change.

    Attributes:
        type: `create`, `update`, `delete`; of values that agents and tickets have
            `associate_agent`, `unassociate_agent`, `associate_ticket`, `unassociate_ticket`.
        id: of the attribute, of the value, or of what ties the value to an agent or a ticket.
        time: when it was.
        name: what it is called since; of attributes and values.
        attribute_id: the attribute of a value; of values.
        attribute_value_id: the value; of values that agents and tickets have.
        instance_id: the id of the agent or of the ticket.
    """

    type: str
    id: str
    time: datetime
    name: str | None = None
    attribute_id: str | None = None
    attribute_value_id: str | None = None
    instance_id: str | None = None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> RoutingChange:
        """Return the change that a row tells of."""
        return cls(
            row["type"],
            row["id"],
            load_datetime(row["time"]),
            row.get("name"),
            row.get("attribute_id"),
            row.get("attribute_value_id"),
            row.get("instance_id"),
        )


class RoutingChanges:
    """Changes, a page at a time, as they are read: `for change in changes`.

    Attributes:
        cursor: where reading has come to; given to the same method, it goes on from there.
    """

    def __init__(self, session: Session, endpoint: Endpoint, cursor: str | None) -> None:
        self._session = session
        self._endpoint = endpoint
        self.cursor = cursor

    def __iter__(self) -> Iterator[RoutingChange]:
        params = () if self.cursor is None else (("cursor", self.cursor),)
        request = Request("GET", self._endpoint.url, params)
        read, progress = 0, Progress()
        while True:
            data = envelope(request, self._session.transport.send(request))
            rows = list(data.get(self._endpoint.key) or ())
            read += len(rows)
            progress.add(request, rows)
            for row in rows:
                yield RoutingChange.of(row)
            link = data.get("next_page")
            if link:
                self.cursor = parse_qs(urlsplit(link).query).get("cursor", [self.cursor])[0]
            more = following(request, SKILLS, data, read)
            if more is None:
                return
            progress.check(more)
            request = more

    def __repr__(self) -> str:
        return f"<RoutingChanges of {self._endpoint.key}>"
