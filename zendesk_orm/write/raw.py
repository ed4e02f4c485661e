"""Calls that no model declares, with the same credentials, limits, retries and pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.errors import InvalidValue, MalformedResponse
from zendesk_orm.http.request import Request, shown
from zendesk_orm.http.values import join, to_text
from zendesk_orm.session.account import Sessions


@frozen
class Raw:
    """`account.raw`: the API as it is, for what is not declared.

    ::

        account.raw.get("/api/v2/some/new/thing.json", page=2)
        account.raw.post("/api/v2/some/new/things", {"thing": {"name": "x"}})
        for row in account.raw.rows("/api/v2/some/new/things", "things"):
            ...

    Paths begin at the host: `/api/v2/...`. Parameters are given by name; lists are joined by
    commas. Answers are the decoded bodies, or None where there is none.
    """

    _account: Sessions

    def get(self, path: str, /, **params: Any) -> Any:
        """Return what is there.

        Raises:
            InvalidValue: it is no path.
            ForeignHost: it is a link to another host.
            ApiError, TransportError.
        """
        return self._send("GET", path, None, params)

    def post(self, path: str, json: Any = None, /, **params: Any) -> Any:
        """Send something; sent again only where it cannot have been applied.

        Raises:
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        return self._send("POST", path, json, params)

    def put(self, path: str, json: Any = None, /, **params: Any) -> Any:
        """Put something in the place of what is there.

        Raises:
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        return self._send("PUT", path, json, params)

    def patch(self, path: str, json: Any = None, /, **params: Any) -> Any:
        """Change a part of what is there; sent again only where it cannot have been applied.

        Raises:
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        return self._send("PATCH", path, json, params)

    def delete(self, path: str, json: Any = None, /, **params: Any) -> Any:
        """Delete what is there.

        Raises:
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        return self._send("DELETE", path, json, params)

    def rows(self, path: str, key: str, /, *, model: Any = None, **params: Any) -> Iterator[Any]:
        """Yield the rows of a list, page by page as they are asked for, whatever its paging.

        Args:
            path: of the list.
            key: the name of the rows in the envelope.
            model: what the rows are made objects of; by default they are dictionaries.
            params: of the first page.

        Raises:
            MalformedResponse: an answer without rows, or a page that came before.
            InvalidValue, ForeignHost, ApiError, TransportError.
        """
        link: str | None = path
        seen: set[str] = set()
        while link is not None:
            seen.add(link)
            data = self.get(link, **params)
            rows = data.get(key) if isinstance(data, dict) else None
            if not isinstance(rows, list):
                raise MalformedResponse("GET", shown(link), 200, description=f"no rows in {key!r}")
            yield from rows if model is None else self._made(model, rows)
            link, params = _next(data), {}
            if link in seen:
                raise MalformedResponse("GET", shown(link), 200, description="a page came twice")

    def _made(self, model: Any, rows: list[Any]) -> list[Any]:
        identified = map(model._meta.identified, rows)
        return self._account.current().take_in(model, identified)

    def _send(self, method: str, path: str, json: Any, params: Mapping[str, Any]) -> Any:
        if not path.startswith(("/", "https://", "http://")):
            raise InvalidValue(f"wants a path from the host on, /api/v2/{path}, not {path!r}")
        outbox = self._account.outbox
        if outbox is not None and method != "GET":
            outbox.told(f"{method} {path}")
            return None
        request = Request(method, path, tuple(query(params)), json=json)
        return self._account.effective().transport.send(request).data


def query(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a query as they are sent; those that are None are left out."""
    for name, value in params.items():
        if isinstance(value, (list, tuple, set, frozenset)):
            yield name, join(value)
        elif value is not None:
            yield name, to_text(value)


def _next(data: Mapping[str, Any]) -> str | None:
    """Return the link to the next page, in any of Zendesk's styles."""
    meta = data.get("meta")
    if isinstance(meta, dict) and "has_more" in meta:
        link = data.get("links", {}).get("next") if meta["has_more"] else None
    elif data.get("end_of_stream"):
        link = None
    else:
        names = ("after_url", "next_page", "next_url")
        link = next((data[name] for name in names if data.get(name)), None)
    return str(link) if link else None
