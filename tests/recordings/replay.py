"""Recorded traffic of a Zendesk account, and an adapter that replays it.

The recordings are beside the repository, in `../shared/recordings`: a file for
each scenario, with an exchange in each line.
"""

from __future__ import annotations

import io
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest
import requests
from attrs import define, evolve, field
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from zendesk_orm import Account, connect, connections
from zendesk_orm.http.clock import VirtualClock


FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recordings"
HOST = "https://acme.zendesk.com"

#: A sorted query, because the order of parameters has no meaning.
Query = tuple[tuple[str, str], ...]

needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings, ../shared/recordings, are not here"
)


class Unrecorded(AssertionError):
    """The recording has no unused response to a request."""


@define(eq=False)
class Exchange:
    """One recorded request and its response.

    Attributes:
        method, path, query: the parts of the request; the path has no `.json`.
        request: the decoded body that was sent, or None.
        status, headers, response: the response, with its decoded body or None.
        used: whether it has been played.
        sent: the decoded body that the library sent when it was played.
    """

    method: str
    path: str
    query: Query
    request: Any = field(repr=False)
    status: int
    headers: Mapping[str, str] = field(repr=False)
    response: Any = field(repr=False)
    used: bool = False
    sent: Any = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """The path with its query, for messages."""
        return f"{self.path}?{unquote(urlencode(self.query))}" if self.query else self.path

    @property
    def family(self) -> str:
        """The first word after `/api/v2/`: `tickets`."""
        return self.path.split("/")[3]

    @property
    def id(self) -> int:
        """The id at the end of the path."""
        return int(self.path.rsplit("/", 1)[1])

    def parameter(self, name: str) -> str | None:
        """Return the value of a query parameter, or None."""
        return dict(self.query).get(name)


def list_names() -> list[str]:
    """Return the names of all recordings, or an empty list without the folder."""
    return sorted(path.stem for path in FOLDER.glob("*.jsonl"))


def read_exchanges(name: str) -> list[Exchange]:
    """Return the exchanges of a recording, in order, all unused."""
    return [
        Exchange(
            line["method"],
            strip_extension(line["path"]),
            tuple(sorted((key, value) for key, value in line["query"])),
            line["request"],
            line["status"],
            line["headers"],
            line["response"],
        )
        for line in _read_lines(name)
    ]


@cache
def _read_lines(name: str) -> tuple[dict[str, Any], ...]:
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


def strip_extension(path: str) -> str:
    """Return the path without an optional `.json`."""
    return path.removesuffix(".json")


#: Parameters of the library that are newer than the recordings.
_NEWER = {("creator", "true"), ("support_type_scope", "all")}


def split(url: str) -> tuple[str, Query]:
    """Return the path and the sorted query of a URL."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair not in _NEWER]
    return strip_extension(unquote(parts.path)), tuple(sorted(query))


class Tape(BaseAdapter):
    """Answers each request with the first unused exchange of its kind.

    Attributes:
        exchanges: copies of the recorded exchanges, which are marked when they are used.
        last: the exchange that was used last.
    """

    def __init__(self, recorded: Iterable[Exchange]) -> None:
        super().__init__()
        self.exchanges = [evolve(item, used=False, sent=None) for item in recorded]
        self.last: Exchange | None = None

    def find(self, method: str, url: str, but: Container[Exchange] = ()) -> Exchange | None:
        """Return the first unused exchange for a request, except `but`, or None."""
        expected = (method, *split(url))
        for exchange in self.exchanges:
            if (
                not exchange.used
                and exchange not in but
                and (exchange.method, exchange.path, exchange.query) == expected
            ):
                return exchange
        return None

    @property
    def unused(self) -> list[Exchange]:
        """The unused exchanges."""
        return [exchange for exchange in self.exchanges if not exchange.used]

    def send(
        self, request: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response:
        """Answer a request.

        Raises:
            Unrecorded: no unused exchange matches the request.
        """
        exchange = self.find(str(request.method), str(request.url))
        if exchange is None:
            unused = (
                "\n  ".join(f"{outcome.method} {outcome.url}" for outcome in self.unused)
                or "nothing"
            )
            raise Unrecorded(f"{request.method} {unquote(str(request.url))}\nleft are:\n  {unused}")
        self.last = exchange
        exchange.used = True
        # The contents of files are not recorded.
        text = isinstance(request.body, (str, bytes)) and request.body
        exchange.sent = json.loads(text) if text else None
        return _build_response(exchange, request)

    def close(self) -> None:
        """Do nothing, because no connection is open."""


def _build_response(exchange: Exchange, request: requests.PreparedRequest) -> requests.Response:
    body = b"" if exchange.response is None else json.dumps(exchange.response).encode()
    response = requests.Response()
    response.status_code = exchange.status
    response.headers = CaseInsensitiveDict(exchange.headers)
    response.url = str(request.url)
    response.request = request
    response.raw = HTTPResponse(
        io.BytesIO(body), dict(exchange.headers), exchange.status, preload_content=False
    )
    return response


@contextmanager
def play(recorded: Iterable[Exchange], alias: str) -> Iterator[tuple[Account, Tape]]:
    """Connect an account to recorded exchanges, and close it at the end."""
    tape = Tape(recorded)
    session = requests.Session()
    session.mount("https://", tape)
    session.mount("http://", tape)
    account = connect(
        base_url=HOST, session=session, oauth_token="x", alias=alias, clock=VirtualClock()
    )
    try:
        yield account, tape
    finally:
        connections.remove(alias)
