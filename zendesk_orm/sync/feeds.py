"""Pages of incremental exports, from which `watch()` reads the changes of a model.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.api.paging import rows_of
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request
from zendesk_orm.messages import display
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.responses import malformed


#: Seconds that exports lag behind: `start_time` has to be at least a minute ago.
DELAY = 60.0
#: The parameters of the place at which a page begins.
Place = tuple[tuple[str, str], ...]


@frozen(eq=False)
class FeedPage:
    """A page of an export.

    Attributes:
        rows: its rows.
        place: the place at which the next page begins.
        is_last: whether there are no further rows now.
    """

    rows: list[dict[str, Any]]
    place: Place
    is_last: bool


@frozen(eq=False)
class Feed:
    """An incremental export.

    Attributes:
        model: the model of its rows.
        endpoint: the endpoint.
        params: further parameters of the first request.
    """

    model: Any
    endpoint: Endpoint
    params: Place = ()

    @classmethod
    def of(cls, model: Any, params: Place = ()) -> Feed:
        """Return the export of a model, by cursor if there is one.

        Raises:
            InvalidValue: Zendesk has no export of the model.
        """
        exports = [e for e in model._meta.api.endpoints if e.verb is Verb.INCREMENTAL]
        exports = [e for e in exports if "{" not in e.path]
        if not exports:
            raise InvalidValue(
                f"{model._meta.object_name} cannot be watched: Zendesk has no incremental export "
                "of it; use a webhook, or compare its rows"
            )
        exports.sort(key=lambda endpoint: not endpoint.path.endswith("/cursor"))
        return cls(model, exports[0], params)

    @property
    def is_by_cursor(self) -> bool:
        """Whether its pages begin at a cursor, and not at a time."""
        return self.endpoint.path.endswith("/cursor")

    def start(self, seconds: float) -> Place:
        """Return the place of a time, in seconds since the epoch."""
        return (("start_time", str(int(seconds))),)

    def read(self, account: Connection, place: Place) -> FeedPage:
        """Request a page.

        Raises:
            ApiError, TransportError.
        """
        params = (*place, *self.endpoint.fixed_params, *self.params)
        request = Request("GET", f"/api/v2/{self.endpoint.path}", params=params)
        data = account.transport.send(request).data
        if not isinstance(data, Mapping) or not isinstance(data.get(self.endpoint.key), list):
            raise malformed(request, f"the body has no {display(self.endpoint.key)}")
        rows = rows_of(data, self.endpoint.key)
        following = self._following(data, place)
        # A page that leads to itself would be requested for ever.
        is_last = following == place or data.get("end_of_stream") is True or not rows
        return FeedPage(rows, following, is_last)

    def _following(self, data: Mapping[str, Any], place: Place) -> Place:
        """Return the place of the next page; the same place if the response does not contain it."""
        name, key = ("cursor", "after_cursor") if self.is_by_cursor else ("start_time", "end_time")
        value = data.get(key)
        return ((name, str(value)),) if value else place
