"""Rows that the account keeps for a while, by a policy for each model.

Rows are facts and may be shared between sessions and threads; records are not
kept here. Tickets are not kept at all; users, organizations, groups, brands
and fields for minutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cachetools import LRUCache

from zendesk_orm import fork, signals
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.values import shortened
from zendesk_orm.schema.row import Row
from zendesk_orm.signals import announce


#: Rows of one model that are kept at most.
CAPACITY = 10_000


def _checked(policy: Any) -> dict[type[Any], float]:
    """Return the seconds for which rows of models are kept.

    Raises:
        ConfigurationError: a key is not a model, or a value is not a number.
    """
    pairs = policy.items() if isinstance(policy, dict) else [(policy, 0)]
    for model, seconds in pairs:
        number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        if not (isinstance(model, type) and hasattr(model, "_meta") and number and seconds >= 0):
            raise ConfigurationError(
                f"keep= maps models to seconds, as in keep={{Group: 60}}, not {policy!r:.60}"
            )
    return dict(pairs)


class KeptRows:
    """Rows by model and key, each with the moment it came.

    An LRU with stamps, under one lock: cachetools' TTL cache costs four times
    as much, and neither may be touched by two threads at once.
    """

    def __init__(
        self, alias: str, clock: Clock, policy: dict[type[Any], float] | None = None
    ) -> None:
        self._alias = alias
        self._clock = clock
        self.policy = _checked(policy or {})
        self._rows: dict[type[Any], LRUCache[Any, tuple[float, Row]]] = {}
        self._lock = fork.Lock()

    def __repr__(self) -> str:
        kept = {model.__name__: len(rows) for model, rows in list(self._rows.items()) if len(rows)}
        return f"<{type(self).__name__} of {self._alias!r}: {shortened(str(kept))}>"

    def seconds(self, model: type[Any]) -> float:
        """Return for how long rows of the model are kept; 0 for not at all."""
        return self.policy.get(model, float(model._meta.keep))

    def put(self, model: type[Any], rows: Iterable[Row]) -> None:
        """Keep whole rows, if the model's are kept."""
        if not (self.seconds(model) and model._meta.unique_ids):
            return
        now = self._clock.now()
        with self._lock:
            kept, key = self._of(model), model._meta.key
            for row in rows:
                kept[key(row)] = (now, row)

    def get(self, model: type[Any], key: Any) -> Row | None:
        """Return the row of a key, if it is kept and not too old."""
        lasts = self.seconds(model)
        if not lasts:
            return None
        with self._lock:
            stamp, row = self._of(model).get(key) or (0.0, None)
        found = row if row is not None and self._clock.now() - stamp < lasts else None
        signal = signals.cache_miss if found is None else signals.cache_hit
        pk = key[-1] if isinstance(key, tuple) else key
        announce(signal, model, pk=pk, using=self._alias)
        return found

    def forget(self, model: type[Any], key: Any) -> None:
        """Let go of a row that has changed."""
        with self._lock:
            self._of(model).pop(key, None)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._rows.clear()

    def _of(self, model: type[Any]) -> LRUCache[Any, tuple[float, Row]]:
        concrete = model._meta.concrete
        kept = self._rows.get(concrete)
        if kept is None:
            kept = self._rows[concrete] = LRUCache(CAPACITY)
        return kept
