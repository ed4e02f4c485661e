"""Cached rows in Redis: plain JSON, which is outdated as soon as any process writes the row.

Each change of a row has a number, which grows for each account. A row is stored with the number
before it was requested, and with the rows that change it: itself, its owners, and those that it
refers to. It is used only if none of them has a greater number, so that a response that is older
than a write of another process is never used, whenever it is stored.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from typing import Any

import zendesk_orm
from zendesk_orm import fork
from zendesk_orm.contrib.redis.server import RedisServer
from zendesk_orm.schema.row import Row
from zendesk_orm.session.cache import references_of, sources_of
from zendesk_orm.session.shared import EVERY_ROW, Target


#: Seconds for which a row is stored at most, and for which the numbers of changes are stored.
MAX_SECONDS = 3600
#: Changes that are published later if the server cannot be reached; more stand for all rows.
_MAX_PENDING = 10_000

#: Assigns the next number to changes. KEYS: the counter. ARGV: prefix, seconds, changed places.
#: Numbers begin with the time, so that they also grow if the server has lost its data, or if
#: another program has replaced the counter.
_PUBLISH = """
local counter = redis.pcall('GET', KEYS[1])
if type(counter) ~= 'string' or #counter > 18 or not string.match(counter, '^%d+$')
        or tonumber(counter) < 1e15 then
    local time = redis.call('TIME')
    redis.call('SET', KEYS[1], string.format('%.0f', time[1] * 1000000 + time[2]))
end
local number = redis.call('INCR', KEYS[1])
for i = 3, #ARGV do
    redis.call('SET', ARGV[1] .. ARGV[i], number, 'EX', ARGV[2])
end
return number
"""
#: Returns a row, unless it is outdated. KEYS: the row. ARGV: prefix of the places.
_GET = """
local entry = redis.call('HMGET', KEYS[1], 'since', 'places', 'stored', 'row')
if not entry[4] then
    return false
end
local since = tonumber(entry[1])
for place in string.gmatch(entry[2], '[^\\n]+') do
    local number = redis.call('GET', ARGV[1] .. place)
    if number and tonumber(number) > since then
        redis.call('DEL', KEYS[1])
        return false
    end
end
return {entry[3], entry[4]}
"""


class RedisRows:
    """The cached rows of an account, as one user sees them; see `SharedRows`.

    Args:
        server: the server.
        account: the account, as text.
        viewer: the host, the user and the scopes, as text; None to store no rows.
    """

    def __init__(self, server: RedisServer, account: str, viewer: str | None) -> None:
        self._server = server
        self._account = account
        # Rows may have another form in another version; changes are those of all versions.
        view = f"{zendesk_orm.__version__} {viewer}"
        self._view = None if viewer is None else hashlib.sha256(view.encode()).hexdigest()[:20]
        self._counter = server.key(account, "changes")
        self._places = server.key(account, "change") + ":"
        self._pending: dict[str, None] = {}
        self._is_late = False
        self._lock = fork.Lock()
        self._publish: Any = server.client.register_script(_PUBLISH)
        self._get: Any = server.client.register_script(_GET)

    @property
    def is_available(self) -> bool:
        """Whether rows can be shared."""
        return self._view is not None and self._server.is_available

    @property
    def epoch(self) -> int:
        """A number that grows when the server is lost, and when it is found again."""
        return self._server.epoch

    def number(self) -> int | None:
        """Return the number of the latest change by any process; None if it is unknown."""
        if self._view is None:
            return None
        value: Any = self._server.run(lambda client: client.get(self._counter) or b"0", None)
        return int(value) if value is not None and value.isdigit() and len(value) < 19 else None

    def publish(self, *, changed: Iterable[Target], deleted: Iterable[Target] = ()) -> None:
        """Make rows outdated in all processes; later, if the server cannot be reached."""
        places = [*map(_name, changed), *(_name(target, "deleted") for target in deleted)]
        if self._server.run(lambda client: self._send(client, places), None) is None:
            self._delay(places)

    def get(self, model: type[Any], key: Any) -> tuple[float, Row] | None:
        """Return the time at which a row was stored, and the row, unless it is outdated."""
        name = self._row_key(model, key)
        entry: Any = self._server.run(
            lambda client: self._get(keys=[name], args=[self._places], client=client), None
        )
        return _parse(*entry) if entry else None

    def put(
        self, model: type[Any], rows: Iterable[tuple[Any, float, Row]], now: float, since: int
    ) -> bool:
        """Store rows, each for a number of seconds, but for an hour at most."""
        entries: list[tuple[str, int, dict[str, Any]]] = []
        for key, seconds, row in rows:
            text = _to_json(row)
            if text is not None and seconds > 0:
                places = "\n".join(_places(model, row))
                values = {"since": since, "places": places, "stored": now, "row": text}
                milliseconds = math.ceil(min(seconds, MAX_SECONDS) * 1000)
                entries.append((self._row_key(model, key), milliseconds, values))

        def store(client: Any) -> bool:
            with client.pipeline(transaction=True) as pipeline:
                for name, milliseconds, values in entries:
                    pipeline.hset(name, mapping=values)
                    pipeline.pexpire(name, milliseconds)
                pipeline.execute()
            return True

        return not entries or self._server.run(store, otherwise=False)

    def forget(self, model: type[Any], key: Any) -> None:
        """Discard a row."""
        if self.is_available:
            self._server.run(lambda client: client.delete(self._row_key(model, key)), None)

    def _row_key(self, model: type[Any], key: Any) -> str:
        label = model._meta.concrete._meta.label
        return self._server.key(self._account, "row", self._view or "", label, json.dumps(key))

    def _send(self, client: Any, places: list[str]) -> int:
        args = [self._places, 2 * MAX_SECONDS, *places]
        number: int = self._publish(keys=[self._counter], args=args, client=client)
        return number

    def _delay(self, places: list[str]) -> None:
        """Publish changes as soon as the server can be reached again."""
        with self._lock:
            self._pending.update(dict.fromkeys(places))
            if len(self._pending) > _MAX_PENDING:
                self._pending = {_name(EVERY_ROW): None}
            if not self._is_late:
                self._is_late = True
                self._server.on_return(self._publish_pending)
        if self._server.is_found:
            # Another thread has reached it meanwhile.
            self._server.run(self._publish_pending, None)

    def _publish_pending(self, client: Any) -> None:
        """Publish the changes that were made while the server could not be reached."""
        with self._lock:
            places = list(self._pending)
        if places:
            self._send(client, places)
        with self._lock:
            for place in places:
                self._pending.pop(place, None)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._account} in {self._server.name}>"


def _name(target: Target, kind: str = "changed") -> str:
    """Return the name of a place: a row that was changed, or deleted."""
    return "/".join((kind, *target))


def _places(model: type[Any], row: Row) -> Iterable[str]:
    """Return the names of the places that a row depends on."""
    changed, deleted = [*sources_of(model, row), EVERY_ROW], references_of(model, row)
    names = [*map(_name, changed), *(_name(target, "deleted") for target in deleted)]
    return dict.fromkeys(names)


def _parse(stored: bytes, text: bytes) -> tuple[float, Row] | None:
    """Return the time and the row of an entry, or None if another program has damaged it."""
    try:
        moment, row = float(stored), json.loads(text)
    except (ValueError, RecursionError):
        return None
    return (moment, row) if isinstance(row, dict) else None


def _to_json(row: Row) -> str | None:
    """Return a row as JSON, or None if the query has added another value to it."""
    try:
        return json.dumps(row, separators=(",", ":"))
    except (TypeError, ValueError):
        return None
