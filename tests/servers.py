"""A server whose every response is made by the test: for what no emulator would answer."""

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
class Asked:
    """A request as the server sees it.

    Attributes:
        method: the HTTP method.
        path: what follows `/api/v2/`, without `.json`.
        params: the query.
    """

    method: str
    path: str
    params: Mapping[str, str]


class Server(BaseAdapter):
    """Answers each request with the JSON that a function returns for it; with 404 for None.

    Attributes:
        asked: the requests received, `GET groups?page[size]=100`.
    """

    def __init__(self, answer: Callable[[Asked], Any]) -> None:
        super().__init__()
        self._answer = answer
        self.asked: list[str] = []

    def connect(self, alias: str = "default", **settings: Any) -> Account:
        """Return an account whose requests come here."""
        session = requests.Session()
        session.mount("https://", self)
        settings = {"clock": VirtualClock(), "read_ahead": 0, **settings}
        return connect(base_url=HOST, oauth_token="x", session=session, alias=alias, **settings)

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Answer a request."""
        parts = urlsplit(str(request.url))
        path = parts.path.partition("/api/v2/")[2].removesuffix(".json") or parts.path
        self.asked.append(f"{request.method} {path}{'?' * bool(parts.query)}{parts.query}")
        self.asked[-1] = unquote_plus(self.asked[-1])
        body = self._answer(Asked(str(request.method), path, dict(parse_qsl(parts.query))))
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
        """Do nothing: there is no connection."""
