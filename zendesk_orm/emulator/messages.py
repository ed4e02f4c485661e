"""Requests, responses, and the endpoint that a path leads to."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from werkzeug.datastructures import MultiDict

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.emulator.server.errors import check_source, missing_parameter
from zendesk_orm.emulator.webhooks.outbox import Delivery
from zendesk_orm.schema.options import Options


#: The address of the emulator. Responses through a socket contain that host instead.
BASE_URL = "https://emulator.zendesk.com"
#: The largest integer of SQLite.
_MAX_INTEGER = "9223372036854775807"

#: The endpoints of the OAuth sign-in, which are not below `/api/v2/`.
TOKEN_PATH, AUTHORIZATION_PATH = "~/oauth/tokens", "~/oauth/authorizations/new"


class JSONObject(dict[str, Any]):
    """A JSON object of a request. Reading a missing key raises `HTTPError`."""

    def __missing__(self, key: str) -> Any:
        raise missing_parameter(key)


class Parameters(MultiDict[str, str]):
    """The parameters of a query string, and the names of those that a handler has looked for.

    Attributes:
        names_read: the names, including those that the query string does not contain.
    """

    def __init__(self, values: Any = None) -> None:
        super().__init__(values)
        self.names_read: set[str] = values.names_read if isinstance(values, Parameters) else set()

    def __contains__(self, name: object) -> bool:
        """Return True if there is a parameter."""
        self.names_read.add(str(name))
        return super().__contains__(name)

    def __getitem__(self, name: str) -> str:
        """Return the first value of a parameter."""
        self.names_read.add(name)
        return super().__getitem__(name)

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> list[Any]:
        """Return all values of a parameter."""
        self.names_read.add(key)
        return super().getlist(key, *args, **kwargs)

    def list_unread(self) -> list[str]:
        """Return the names of the parameters that no handler has looked for."""
        return [name for name in self if name not in self.names_read]


@frozen
class Request:
    """A request to the emulator.

    Attributes:
        method: the HTTP method.
        path: the path below `/api/v2/`, without `.json`. Any other path starts with `~`.
        params: the parameters of the query string.
        body: the decoded JSON body; {} if it is empty.
        text: the body as text.
        headers: the headers by lower-case name.
        host: scheme and host of the address that was requested.
        content: the body in bytes.
        through_socket: whether the request was sent to a port, and not within the process.
    """

    method: str
    path: str
    params: Parameters = field(factory=Parameters)
    body: Mapping[str, Any] = field(factory=dict)
    text: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    host: str = BASE_URL
    content: bytes = b""
    through_socket: bool = False

    @property
    def is_api(self) -> bool:
        """True if the path is below `/api/v2/`."""
        return not self.path.startswith("~")

    @property
    def url_path(self) -> str:
        """The path of the address, without `.json`: `/api/v2/tickets/1`."""
        return f"/api/v2/{self.path}" if self.is_api else self.path[1:]

    @property
    def is_sign_in(self) -> bool:
        """True if the path is one of the OAuth sign-in."""
        return self.path in (TOKEN_PATH, AUTHORIZATION_PATH)

    @property
    def bearer_token(self) -> str:
        """The token of an `Authorization: Bearer` header, or ""."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return value.strip() if scheme.lower() == "bearer" else ""

    @property
    def credentials(self) -> tuple[str, str]:
        """E-mail address and secret of the request; "" for each that is missing."""
        if token := self.bearer_token:
            return "", token
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        try:
            text = base64.b64decode(value).decode() if scheme.lower() == "basic" else ""
        except ValueError:  # Neither base64 nor text.
            return "", ""
        name, _, secret = text.partition(":")
        return name.removesuffix("/token"), secret

    def get_object(self, key: str) -> dict[str, Any]:
        """Return the object under a key of the body; the body itself if the key is "".

        Raises:
            HTTPError: 400, if the body has no such object.
        """
        value = self.body.get(key) if key else JSONObject(self.body)
        if not isinstance(value, dict):
            raise missing_parameter(key)
        return value

    def get_ids(self, name: str = "ids") -> list[Any]:
        """Return the ids of a comma-separated parameter, numbers as int."""
        return [parse_id(text) for text in self.get_list(name)]

    def get_list(self, name: str) -> list[str]:
        """Return the values of a comma-separated parameter."""
        values = (text.strip() for text in self.params.get(name, "").split(","))
        return [text for text in values if text]


@frozen
class Response:
    """A response of the emulator.

    Attributes:
        status: the HTTP status.
        text: the body, usually JSON.
        headers: headers in addition to those that every response has.
        content: the body in bytes, for files; their type is among the headers.
        source: the source of an error response, as in `HTTPError`.
        truncated: whether the connection breaks in the middle of the body.
        test: the test of a webhook, whose response becomes the body, or None.

    Raises:
        ValueError: an error response has no source.
    """

    status: int = 200
    text: str = ""
    headers: Mapping[str, str] = field(factory=dict)
    content: bytes = b""
    source: str = ""
    truncated: bool = False
    test: Delivery | None = None

    def __attrs_post_init__(self) -> None:
        """Check the source of an error response."""
        if self.status >= 400:
            check_source(self.source)


@frozen
class Target:
    """The endpoint that a path leads to, and the values of its placeholders.

    Attributes:
        meta: the options of the model.
        endpoints: the endpoints that the model declares with this method and path:
            a list is declared once for each style of paging.
        kwargs: the values of the placeholders by name.
    """

    meta: Options
    endpoints: tuple[Endpoint, ...]
    kwargs: Mapping[str, Any] = field(factory=dict)

    @property
    def endpoint(self) -> Endpoint:
        """The first of the endpoints."""
        return self.endpoints[0]

    @property
    def args(self) -> tuple[Any, ...]:
        """The values of the placeholders, in the order of the path."""
        return tuple(self.kwargs.values())


def parse_id(text: str) -> Any:
    """Return an id as int if it consists of digits, otherwise unchanged."""
    return int(text) if is_number(text) else text


def is_number(text: str) -> bool:
    """Return True for digits that fit into an integer of SQLite."""
    if not (text.isascii() and text.isdigit()) or len(text) > len(_MAX_INTEGER):
        return False
    return len(text) < len(_MAX_INTEGER) or text <= _MAX_INTEGER
