"""What the rate-limit headers say is left.

Zendesk spells them in three ways, and adds one window for each limited
endpoint: `zendesk-ratelimit-tickets-index: total=100; remaining=99; resets=41`.

Source: https://developer.zendesk.com/api-reference/introduction/rate-limits/
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import frozen


_ENDPOINT = re.compile(r"zendesk-rate-?limit-(.+)")
_NUMBER = re.compile(r"\d+")
_PART = re.compile(r"(total|remaining|resets)=(\d+)")


@frozen
class Window:
    """One limit, as last reported.

    Attributes:
        total: requests allowed in the window.
        remaining: requests left in it.
        resets: seconds until it opens anew, or None where Zendesk does not say.
    """

    total: int
    remaining: int
    resets: int | None = None


class Quota:
    """The windows of an account: `account.quota["tickets-index"].remaining`."""

    def __init__(self) -> None:
        self._windows: dict[str, Window] = {}

    def read(self, headers: Mapping[str, str]) -> None:
        """Take over what the headers of a response say (names in lower case)."""
        for name, value in headers.items():
            endpoint = _ENDPOINT.fullmatch(name)
            if endpoint:
                parts = {key: int(number) for key, number in _PART.findall(value)}
                if "total" in parts and "remaining" in parts:
                    self._windows[endpoint[1]] = Window(**parts)
        total = headers.get("ratelimit-limit") or headers.get("rate-limit")
        total = total or headers.get("x-rate-limit")
        left = headers.get("ratelimit-remaining") or headers.get("rate-limit-remaining")
        left = left or headers.get("x-rate-limit-remaining")
        resets = headers.get("ratelimit-reset") or headers.get("rate-limit-reset")
        if _NUMBER.fullmatch(total or "") and _NUMBER.fullmatch(left or ""):
            known = resets if _NUMBER.fullmatch(resets or "") else None
            self._windows["account"] = Window(
                int(total or 0), int(left or 0), None if known is None else int(known)
            )

    def __getitem__(self, name: str) -> Window:
        return self._windows[name]

    def get(self, name: str = "account") -> Window | None:
        """Return the named window, the account's own by default, or None before it is known."""
        return self._windows.get(name)

    def __repr__(self) -> str:
        return f"<Quota {self._windows}>"
