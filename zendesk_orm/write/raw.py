"""`account.raw`: requests without declarations, with the account's credentials and limits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.request import Request, Response
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.session.connection import Connection
from zendesk_orm.session.lists.endless_lists import iterate_lists
from zendesk_orm.session.responses import require_objects
from zendesk_orm.write.calls import query_parameters


@frozen
class Raw:
    """The API without declarations: `account.raw`.

    >>> account.raw.post("/api/v2/groups", {"group": {"name": "Night shift"}})["group"]["name"]
    'Night shift'
    >>> account.raw.get("/api/v2/groups", per_page=5)["count"]
    9
    >>> sum(1 for row in account.raw.rows("/api/v2/groups", "groups"))
    9

    Paths start at the host: `/api/v2/...`. Parameters are keywords; lists are joined by commas.
    Methods return the decoded body, or None.
    """

    _account: Connection

    def get(self, path: str, /, **params: Any) -> Any:
        """Send a GET request and return the body of the response.

        Raises:
            InvalidValue: the path is invalid.
            ForeignHost: the path is a link to another host.
            ApiError, TransportError.
        """
        return self._send("GET", path, None, params)

    def post(self, path: str, json: Any = None, /, **params: Any) -> Any:
        """Send a POST request; it is repeated only if it cannot have been applied.

        Raises:
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        return self._send("POST", path, json, params)

    def put(self, path: str, json: Any = None, /, **params: Any) -> Any:
        """Send a PUT request.

        Raises:
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        return self._send("PUT", path, json, params)

    def patch(self, path: str, json: Any = None, /, **params: Any) -> Any:
        """Send a PATCH request; it is repeated only if it cannot have been applied.

        Raises:
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        return self._send("PATCH", path, json, params)

    def delete(self, path: str, json: Any = None, /, **params: Any) -> Any:
        """Send a DELETE request.

        Raises:
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        return self._send("DELETE", path, json, params)

    def rows(self, path: str, key: str, /, *, model: Any = None, **params: Any) -> Iterator[Any]:
        """Yield the rows of a list; pages of any style are fetched when they are needed.

        Args:
            path: the path of the list.
            key: the key of the rows in the body.
            model: the model of the rows; without it, rows are dictionaries.
            params: parameters of the first page.

        Raises:
            MalformedResponse: a response has no rows, or a page was returned twice.
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        require_text("key", key)
        request = self._build("GET", path, None, params)
        for rows in iterate_lists(request, key, self._receive):
            yield from rows if model is None else self._records(model, rows)

    def _receive(self, request: Request) -> Response:
        """Send a request and return the response."""
        return self._account.for_current_user().transport.send(request)

    def _records(self, model: Any, rows: list[Any]) -> list[Any]:
        """Return the objects of rows."""
        identified = map(model._meta.with_id, require_objects(rows))
        return self._account.current().materialize(model, identified)

    @staticmethod
    def _build(method: str, path: Any, json: Any, params: Mapping[str, Any]) -> Request:
        """Return a request.

        Raises:
            InvalidValue: the path or a parameter is invalid.
        """
        if not require_text("the path", path).startswith(("/", "https://", "http://")):
            raise InvalidValue(f"the path must start at the host: /api/v2/{path}")
        return Request(method, path, tuple(query_parameters(params)), json=json)

    def _send(self, method: str, path: Any, json: Any, params: Mapping[str, Any]) -> Any:
        """Send a request, or add it to a dry run."""
        call = _RawCall(self._account, self._build(method, path, json, params))
        return call.send() if method == "GET" else self._account.sender.submit(call)


@frozen(eq=False)
class _RawCall:
    """A raw request, ready to be sent."""

    account: Connection
    request: Request

    def send(self) -> Any:
        """Send the request and return the decoded body."""
        return self.account.for_current_user().transport.send(self.request).data

    def defer(self, unit: Any) -> None:
        """Add the request to a dry run.

        Raises:
            InvalidValue: a batch is open.
        """
        unit.add_request(f"{self.request.method} {self.request.path}")
