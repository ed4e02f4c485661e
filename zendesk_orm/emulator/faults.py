"""Failures on order, for tests of what happens then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from zendesk_orm.emulator.world import Call


class Dropped(Exception):
    """The connection breaks: no answer comes."""


@define
class Fault:
    """A failure that the next requests meet.

    Attributes:
        status: what is answered; None breaks the connection.
        times: how many requests meet it.
        headers: headers of the answer.
        body: its body: an object, or text.
        method: only requests with this method.
        path: only requests whose path, after `/api/v2/` and without `.json`, begins so. Requests
            of signing in fail only if this is their path: `~/oauth/tokens`.
        after_applying: the request is done, and then the connection breaks.
    """

    status: int | None
    times: int = 1
    headers: Mapping[str, str] = field(factory=dict)
    body: Any = None
    method: str | None = None
    path: str | None = None
    after_applying: bool = False

    def meets(self, call: Call) -> bool:
        """Tell whether the call meets it."""
        if self.path is None and call.is_sign_in:
            return False
        if self.method is not None and self.method.upper() != call.method:
            return False
        path = (self.path or "").removeprefix("/").removeprefix("api/v2/").removesuffix(".json")
        return call.path.startswith(path)


class Faults:
    """The failures that are still to come."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Put a failure behind the others."""
        self._waiting.append(fault)

    def next(self, call: Call) -> Fault | None:
        """Return the failure that a call meets, which is then spent, or None."""
        for fault in self._waiting:
            if fault.meets(call):
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Let no more failures come."""
        self._waiting.clear()
