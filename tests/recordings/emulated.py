"""Sends recorded requests to an emulator, and compares its responses with the recorded ones.

Ids, cursors and tokens of the recorded account are replaced by those of the emulator, in which
the rows that the recording requires are created first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.recordings import player
from tests.recordings.replay import Exchange
from tests.tokens import signed_in_session
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.messages import BASE_URL
from zendesk_orm.help_center import (
    Category,
    ContentTag,
    PermissionGroup,
    Section,
    Topic,
    UserSegment,
)
from zendesk_orm.support import Ticket, Webhook


#: The models of the rows that a recording requires, by the beginning of the path.
MODELS: dict[str, Any] = {
    **player.MODELS,
    "community/topics": Topic,
    "guide/content_tags": ContentTag,
    "guide/permission_groups": PermissionGroup,
    "help_center/categories": Category,
    "help_center/sections": Section,
    "help_center/user_segments": UserSegment,
    "ticket_audits": Ticket,
    "webhooks": Webhook,
}
#: Families of the rows that a new row refers to.
REFERENCES = {
    "permission_group_id": "guide/permission_groups",
    "user_segment_id": "help_center/user_segments",
}
#: The largest number of rows that are created for a list.
_MAX_ROWS = 120
#: Headers that responses must contain if and only if they were recorded.
HEADERS = ("location", "x-zendesk-api-warn")
_ABSENT = object()


class Replay:
    """A recording that is sent to an emulator.

    Attributes:
        compared: the number of compared responses.
        problems: the differences, each with the request.
    """

    def __init__(self, emulator: Emulator, recorded: list[Exchange]) -> None:
        self.compared = 0
        self.problems: list[str] = []
        self._emulator = emulator
        self._recorded = recorded
        self._session = signed_in_session(emulator)
        #: Values of the emulator by the recorded ones.
        self._values: dict[str, Any] = {}

    def run(self) -> None:
        """Send all requests and compare the responses."""
        self._create_rows_of_lists()
        for exchange in self._recorded:
            self._create_missing_row(exchange)
            self._compare(exchange)

    # -- preconditions --------------------------------------------------------

    def _create_rows_of_lists(self) -> None:
        """Create as many rows as the recorded lists contain, and a further page if needed."""
        counts: dict[str, int] = {}
        for exchange in self._recorded:
            family = _find_family(exchange.path)
            rows = _find_rows(exchange.response)
            if exchange.method == "GET" and rows and family in MODELS:
                counts[family] = counts.get(family, 0) + len(rows) + 1
        for family, count in counts.items():
            self._make(family, min(count, _MAX_ROWS))
        self._emulator.clock.sleep(120)

    def _create_missing_row(self, exchange: Exchange) -> None:
        """Create the rows that a successful request names by id."""
        family = _find_family(exchange.path)
        if exchange.status >= 400 or family not in MODELS:
            return
        for row in (exchange.request or {}).values():
            for name, referred in REFERENCES.items() if isinstance(row, dict) else ():
                pk = str(row.get(name) or "")
                if pk and pk not in self._values:
                    (self._values[pk],) = self._make(referred, 1)
        last = exchange.path.rpartition("/")[2]
        names = [last] if _is_id(last) else []
        if not names and exchange.method == "POST":
            # A row is created below another one.
            names = [part for part in exchange.path.split("/") if part.isdigit()]
        names += (exchange.parameter("ids") or "").split(",")
        names += [row["id"] for row in _find_rows(exchange.request) if "id" in row]
        for name in filter(None, map(str, names)):
            if name not in self._values:
                (self._values[name],) = self._make(family, 1)

    def _make(self, family: str, count: int) -> list[Any]:
        return list(self._emulator.make_ids(MODELS[family], count))

    # -- comparison -----------------------------------------------------------

    def _compare(self, exchange: Exchange) -> None:
        self._emulator.clock.sleep(2)
        path = "/".join(str(self._translate(part)) for part in exchange.path.split("/"))
        response = self._session.request(
            exchange.method,
            BASE_URL + path,
            params=[(name, self._translate_text(value)) for name, value in exchange.query],
            **self._build_body(exchange),
            timeout=30,
        )
        self.compared += 1
        differences = list(self._differences(exchange, response))
        self.problems += [
            f"{exchange.method} {_hide_ids(exchange.path)} {text}" for text in differences
        ]
        if response.text:
            self._learn(exchange.response, _decode(response))

    def _differences(self, exchange: Exchange, response: Any) -> Iterator[str]:
        if response.status_code != exchange.status:
            actual = f"{response.status_code} {response.text[:200]}"
            yield f"status {actual} instead of {exchange.status}"
            return
        for name in HEADERS:
            if (name in exchange.headers) is not (name in response.headers):
                yield f"header {name}: {response.headers.get(name)}"
        expected = exchange.headers.get("content-type")
        if exchange.response is not None and response.headers.get("content-type") != expected:
            yield f"content-type {response.headers.get('content-type')} instead of {expected}"
        actual = _decode(response)
        if (actual is None) is not (exchange.response is None):
            yield f"body {response.text[:100]!r}"
        elif actual is not None:
            yield from _compare_values("", exchange.response, actual)

    def _build_body(self, exchange: Exchange) -> dict[str, Any]:
        if exchange.path.endswith("/uploads"):
            return {"data": b"x"}
        return {} if exchange.request is None else {"json": self._translate(exchange.request)}

    def _learn(self, recorded: Any, actual: Any, key: str = "") -> None:
        """Note the emulator's values of recorded ids, cursors and tokens."""
        if isinstance(recorded, dict) and isinstance(actual, dict):
            for name, value in recorded.items():
                if name in actual:
                    self._learn(value, actual[name], name)
        elif isinstance(recorded, list) and isinstance(actual, list):
            for one, other in zip(recorded, actual, strict=False):
                self._learn(one, other, key)
        elif key in {"id", "token", "after_cursor", "before_cursor"} or key.endswith("_id"):
            self._values.setdefault(str(recorded), actual)

    def _translate(self, value: Any) -> Any:
        """Return a recorded value with the emulator's ids."""
        if isinstance(value, dict):
            return {name: self._translate(item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._translate(item) for item in value]
        if isinstance(value, (int, str)) and not isinstance(value, bool):
            return self._values.get(str(value), value)
        return value

    def _translate_text(self, text: str) -> str:
        return ",".join(str(self._translate(part)) for part in text.split(","))


def _compare_values(place: str, recorded: Any, actual: Any) -> Iterator[str]:
    """Yield the keys that only one of two values has, and types that differ."""
    if isinstance(recorded, dict) and isinstance(actual, dict):
        for name in sorted(recorded.keys() | actual.keys()):
            inner = f"{place}.{name}"
            if name not in actual:
                yield f"{inner} is missing"
            elif name not in recorded:
                yield f"{inner} is not recorded"
            else:
                yield from _compare_values(inner, recorded[name], actual[name])
    elif isinstance(recorded, list) and isinstance(actual, list):
        yield from _compare_rows(f"{place}[]", recorded, actual)
    elif (
        recorded is not None
        and actual is not None
        and _format_type(recorded) != _format_type(actual)
    ):
        yield f"{place} is {_format_type(actual)} instead of {_format_type(recorded)}"


def _compare_rows(place: str, recorded: list[Any], actual: list[Any]) -> Iterator[str]:
    """Yield the differences of the first items of two lists."""
    if recorded and actual:
        yield from _compare_values(place, recorded[0], actual[0])


def _format_type(value: Any) -> str:
    return "float" if type(value) is int else type(value).__name__


def _decode(response: Any) -> Any:
    return json.loads(response.text) if response.text else None


def _find_family(path: str) -> str:
    """Return the beginning of a path that names a model: `help_center/categories`."""
    parts = path.removeprefix("/api/v2/").split("/")
    if parts[0] == "incremental":
        return parts[1]
    two = "/".join(parts[:2])
    return two if two in MODELS else parts[0]


def _find_rows(body: Any) -> list[Any]:
    """Return the rows of a list."""
    lists = [value for value in (body or {}).values() if isinstance(value, list)]
    return [row for rows in lists for row in rows if isinstance(row, dict)]


def _is_id(part: str) -> bool:
    return any(character.isdigit() for character in part)


def _hide_ids(path: str) -> str:
    parts = path.removeprefix("/api/v2/").split("/")
    return "/".join("*" if _is_id(part) else part for part in parts)
