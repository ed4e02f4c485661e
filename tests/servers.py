"""A server with responses of the test, for cases that the emulator does not produce."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

import requests
from attrs import frozen
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from zendesk_orm import Account, connect
from zendesk_orm.http.clock import VirtualClock


HOST = "https://acme.zendesk.com"


@frozen
class ServerRequest:
    """A request that the server received.

    Attributes:
        method: the HTTP method.
        path: the path after `/api/v2/`, without `.json`.
        params: the query.
    """

    method: str
    path: str
    params: Mapping[str, str]


class Server(BaseAdapter):
    """A server that answers each request with the JSON of a function, or with 404 for None.

    Attributes:
        asked: the received requests, such as `GET groups?page[size]=100`.
        urls: their URLs.
    """

    def __init__(self, answer: Callable[[ServerRequest], Any]) -> None:
        super().__init__()
        self._answer = answer
        self.asked: list[str] = []
        self.urls: list[str] = []

    def connect(self, alias: str = "default", base_url: str = HOST, **settings: Any) -> Account:
        """Return an account whose requests are sent to this server."""
        session = requests.Session()
        session.mount("https://", self)
        settings = {"clock": VirtualClock(), "read_ahead": 0, **settings}
        return connect(base_url=base_url, oauth_token="x", session=session, alias=alias, **settings)

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Answer a request."""
        self.urls.append(str(request.url))
        parts = urlsplit(self.urls[-1])
        path = parts.path.partition("/api/v2/")[2].removesuffix(".json") or parts.path
        self.asked.append(f"{request.method} {path}{'?' * bool(parts.query)}{parts.query}")
        self.asked[-1] = unquote_plus(self.asked[-1])
        body = self._answer(ServerRequest(str(request.method), path, dict(parse_qsl(parts.query))))
        response = requests.Response()
        response.status_code = 200
        if body is None:
            response.status_code, body = (
                404,
                {"error": "RecordNotFound", "description": "Not found"},
            )
        response.headers["Content-Type"] = "application/json"
        response.url, response.request = str(request.url), request
        response.raw = HTTPResponse(io.BytesIO(json.dumps(body).encode()), preload_content=False)
        return response

    def close(self) -> None:
        """Do nothing, because no connection is open."""
