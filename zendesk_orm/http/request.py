"""`Request` and `Response`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from attrs import evolve, field, frozen

from zendesk_orm.http.annotations import Self
from zendesk_orm.http.bodies import FileBody


T = TypeVar("T")

#: Methods that have the same effect if a request is sent twice.
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
#: Methods that change nothing.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: The secret part of an address that gives access to a file, and the token of an upload.
_KEY = re.compile(r"(?<=/token/)[^/]+|(?<=/uploads/)[^/]+")


class RedirectTarget(str):
    """The path that a redirect of the own host leads to, which may contain secrets.

    Attributes:
        visible: the path of the request that was redirected, with `/...` at its end.
    """

    __slots__ = ("visible",)
    visible: str

    def __new__(cls, path: str, origin: str) -> Self:
        """Return the path.

        Args:
            path: the path.
            origin: the path of the request that was redirected.
        """
        target = super().__new__(cls, path)
        visible, plain = redact_path(origin), path.partition("?")[0]
        # Zendesk redirects to the same path with `.json`, too.
        is_same = plain.removesuffix(".json") == visible.removesuffix(".json")
        suffix = "" if is_same or visible.endswith("/...") else "/..."
        target.visible = f"{visible}{suffix}"
        return target


def redact_path(path: str) -> str:
    """Return a path, or a link, without parts that may be secret.

    The query may contain secrets, and so may the path of a link to another host, which signs its
    addresses.
    """
    if isinstance(path, RedirectTarget):
        return path.visible
    scheme, there, address = path.partition("://")
    if there:
        host = address.partition("/")[0].partition("?")[0].rpartition("@")[2]
        return f"{scheme}://{host}/..."
    return _KEY.sub("...", path.partition("?")[0])


@frozen
class Request:
    """One request to the API, without host and credentials.

    Attributes:
        method: the HTTP method, in capitals.
        path: the path from `/api/v2/` on, or a link from a response, query included; its
            `repr()` omits secrets.
        params: the query, as pairs, in order.
        json: the body before encoding, or None.
        headers: additional headers.
        once: True if sending it twice may have a second effect although the method is
            idempotent (an update with a comment).
        safe: True for a POST or PATCH that has the same effect if it is sent twice (an update that
            sets fields).
        reads: True for a POST that changes nothing (a search with a body).
        confidential: True if its body or its response is secret: signals and errors do not
            contain them.
        removes: True if its path is not found after it, although its method is not DELETE
            (marking a ticket as spam).
        body: bytes that are sent as they are, instead of `json`.
        size_param, page_param: for a page of a list, the parameters that hold the number of its
            rows, and the number of the page; "" if there is none.
        reduced: True if it was sent for fewer rows than a page was to have.
        timing: the time within which it is sent and answered, or None.
        on_body: called with the body of a successful response before it is decoded, or None.
        waited: the seconds that it has waited for rate limits, with all of its attempts.
        attempt: 1 if it is sent for the first time; retries, renewed tokens and redirects count.
    """

    method: str
    path: str = field(repr=lambda path: repr(redact_path(path)))
    params: tuple[tuple[str, str], ...] = ()
    # Bodies may contain passwords and secrets, which must not be logged.
    json: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(factory=dict, hash=False)
    once: bool = False
    safe: bool = False
    reads: bool = False
    body: FileBody | None = None
    confidential: bool = False
    removes: bool = False
    size_param: str = field(default="", eq=False, repr=False)
    page_param: str = field(default="", eq=False, repr=False)
    reduced: bool = field(default=False, eq=False, repr=False)
    timing: Any = field(default=None, eq=False, repr=False)
    on_body: Callable[[bytes], None] | None = field(default=None, eq=False, repr=False)
    waited: float = field(default=0.0, eq=False, repr=False)
    attempt: int = field(default=1, eq=False, repr=False)

    @property
    def visible_path(self) -> str:
        """The path without its query and without secrets, for logs and traces."""
        return redact_path(self.path)

    def redact(self) -> Request:
        """Return the request without secrets, for receivers of signals."""
        if not self.confidential:
            return self
        headers = {name: value for name, value in self.headers.items() if name != "Authorization"}
        return evolve(self, json=None, headers=headers)

    @property
    def changes(self) -> bool:
        """Whether it may change data."""
        return not self.reads and self.method not in _READING

    @property
    def repeatable(self) -> bool:
        """Whether it can be sent again even if the first attempt may have been applied."""
        if "Idempotency-Key" in self.headers:
            return True
        return self.safe or self.reads or (self.method in _REPEATABLE and not self.once)

    @property
    def is_removal(self) -> bool:
        """Whether a 404 means that it was applied before."""
        return self.method == "DELETE" or self.removes


@frozen
class Response:
    """A response with its decoded body.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name.
        data: the decoded JSON, or None when the body is empty.
        repeated: whether an earlier attempt may have been applied. Statements of the response
            about the previous state, such as "created", are then unreliable.
        request: the request that it answers, which may be for fewer rows than the first one; None
            if it is unknown.
    """

    status: int
    headers: Mapping[str, str]
    data: Any = field(repr=False)
    repeated: bool = False
    request: Request | None = field(default=None, eq=False, repr=False)


def mark_repeated(response: T) -> T:
    """Return a response with `repeated` set; an open response has no such attribute."""
    if isinstance(response, Response):
        return cast("T", evolve(response, repeated=True))
    return response
