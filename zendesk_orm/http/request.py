"""The two values that cross the wire."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm.http.bodies import Body


#: Methods that Zendesk may be asked twice without a second effect.
_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
#: Methods that change nothing.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
#: The word in an address that opens a file to whoever knows it.
_KEY = re.compile(r"(?<=/token/)[^/]+")


def shown(path: str) -> str:
    """Return a path, or a link, as it may be shown to anybody.

    The query may hold what nobody should log, and so may the path of a link to
    another host, which signs its addresses.
    """
    scheme, there, rest = path.partition("://")
    if there:
        host = rest.partition("/")[0].partition("?")[0].rpartition("@")[2]
        return f"{scheme}://{host}/..."
    return _KEY.sub("...", path.partition("?")[0])


@frozen
class Request:
    """One call of the API, before host and credentials are known.

    Attributes:
        method: the HTTP method, in capitals.
        path: the path from `/api/v2/` on, or a link that Zendesk gave, query included;
            shown without what it may hold of secrets.
        params: the query, as pairs, in order.
        json: the body before encoding, or None.
        headers: headers besides the usual ones.
        once: True when a second sending could have a second effect that the
            method does not tell (a comment that rides on an update).
        safe: True for a POST or PATCH that has the same effect if it is sent twice (an update that
            sets fields).
        reads: True for a POST that changes nothing (a search with a body).
        confidential: True if its body or its answer is a secret: signals and errors do not
            contain them.
        removes: True for a call other than DELETE after which Zendesk answers its path with
            404, as marking a ticket as spam.
        body: bytes that are sent as they are, instead of `json`.
    """

    method: str
    path: str = field(repr=lambda path: repr(shown(path)))
    params: tuple[tuple[str, str], ...] = ()
    # Bodies may hold what nobody should log, as passwords and secrets.
    json: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(factory=dict, hash=False)
    once: bool = False
    safe: bool = False
    reads: bool = False
    body: Body | None = None
    confidential: bool = False
    removes: bool = False

    def redacted(self) -> Request:
        """Return the request as receivers of signals may see it."""
        if not self.confidential:
            return self
        headers = {name: value for name, value in self.headers.items() if name != "Authorization"}
        return evolve(self, json=None, headers=headers)

    @property
    def changes(self) -> bool:
        """Whether it may change something at Zendesk."""
        return not self.reads and self.method not in _READING

    @property
    def repeatable(self) -> bool:
        """Whether sending it again is safe although the first may have been applied."""
        if "Idempotency-Key" in self.headers:
            return True
        return self.safe or self.reads or (self.method in _REPEATABLE and not self.once)

    @property
    def is_removal(self) -> bool:
        """Whether a 404 means that it was applied before."""
        return self.method == "DELETE" or self.removes


@frozen
class Response:
    """What came back, decoded.

    Attributes:
        status: the HTTP status.
        headers: by lower-case name.
        data: the decoded JSON, or None when the body is empty.
        repeated: whether the request was sent before, and that attempt may have been applied:
            what the response says of the state before it is then unreliable.
    """

    status: int
    headers: Mapping[str, str]
    data: Any = field(repr=False)
    repeated: bool = False
