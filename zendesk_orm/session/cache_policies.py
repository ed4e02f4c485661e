"""The policies by which rows of models are cached, in classes of cachetools."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen
from cachetools import Cache, LRUCache, TLRUCache, TTLCache

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.clock import Clock
from zendesk_orm.messages import display
from zendesk_orm.schema.row import Row


#: Cached rows of one model.
CAPACITY = 10_000

#: The time at which a row was cached, the number of the log of changes then, and the row.
Entry = tuple[float, int, Row]


@frozen
class CachePolicy:
    """How rows of a model are cached.

    Attributes:
        implementation: the class of `cachetools` that holds the rows.
        maxsize: the most rows, or the largest sum of their sizes with `getsizeof`.
        seconds: the age up to which rows are used; infinite if only the class drops rows.
        options: further arguments of the class.
    """

    implementation: type[Cache[Any, Any]] = LRUCache
    maxsize: float = CAPACITY
    seconds: float = math.inf
    options: Mapping[str, Any] = field(factory=dict, hash=False)

    @property
    def max_age(self) -> float:
        """The age at which rows are dropped, by the class or by the cache; or infinity."""
        return float(self.options.get("ttl", self.seconds))

    def lifetime(self, key: Any, row: Row, now: float) -> float:
        """Return the seconds for which a row is used, for a cache without a class."""
        use_until = self.options.get("ttu")
        return self.max_age if use_until is None else float(use_until(key, row, now)) - now

    def holds_like(self, other: CachePolicy) -> bool:
        """Return whether another policy holds rows in the same way, apart from their age."""
        return self is other or (
            self.implementation is other.implementation
            and self.maxsize == other.maxsize
            and self.options == other.options
        )

    def create(self, clock: Clock) -> Cache[Any, Entry]:
        """Return an empty cache of the class, which measures time by a clock."""
        options = dict(self.options)
        if issubclass(self.implementation, (TTLCache, TLRUCache)):
            options.setdefault("timer", clock.now)
        if "getsizeof" in options:
            size = options["getsizeof"]
            options["getsizeof"] = lambda entry: size(entry[2])
        if "ttu" in options:
            use_until = options["ttu"]
            options["ttu"] = lambda key, entry, now: use_until(key, entry[2], now)
        return self.implementation(self.maxsize, **options)


class CachePolicies:
    """The policies of an account, shared with its brands and end users.

    Args:
        cache_seconds: seconds for which rows are cached, by model.

    Attributes:
        is_enabled: whether rows are cached at all.
        by_model: the policies that were looked up; None if rows of the model are not cached.
        resets: how often cached rows of each model, and of all (None), had to be discarded.

    Raises:
        ConfigurationError: `cache_seconds` is something else.
    """

    def __init__(self, cache_seconds: dict[type[Any], float] | None = None) -> None:
        self.is_enabled = True
        self.resets: Counter[type[Any] | None] = Counter()
        self.by_model: dict[type[Any], CachePolicy | None] = {}
        self._seconds = _check_seconds({} if cache_seconds is None else cache_seconds)
        self._chosen: dict[type[Any], CachePolicy | None] = {}

    def enable(self, *, enabled: bool) -> None:
        """Cache rows, or none; those that are cached are discarded."""
        self.is_enabled = enabled
        self.resets[None] += 1

    def find(self, model: type[Any]) -> CachePolicy | None:
        """Return the policy of a model while the cache is enabled; None without one."""
        try:
            return self.by_model[model]
        except KeyError:
            policy = self.by_model[model] = self._choose(model)
            return policy

    def set(self, model: type[Any], policy: CachePolicy | None) -> None:
        """Replace the policy of a model, and of its proxies."""
        self._chosen[model._meta.concrete] = policy
        self.by_model = {}
        self.resets[model._meta.concrete] += 1

    def _choose(self, model: type[Any]) -> CachePolicy | None:
        meta = model._meta
        if not meta.unique_ids:
            return None
        if meta.concrete in self._chosen:
            return self._chosen[meta.concrete]
        seconds = self._seconds.get(model, float(meta.cache_seconds))
        return CachePolicy(seconds=seconds) if seconds else None


def _check_seconds(seconds_by_model: Any) -> dict[type[Any], float]:
    """Return the seconds for which rows of models are cached.

    Raises:
        ConfigurationError: a key is not a model, or a value is not a number.
    """
    is_dict = isinstance(seconds_by_model, dict)
    pairs = seconds_by_model.items() if is_dict else [(seconds_by_model, 0)]
    for model, seconds in pairs:
        is_number = isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        is_model = isinstance(model, type) and hasattr(model, "_meta")
        if not (is_model and is_number and seconds >= 0):
            raise ConfigurationError(
                "cache_seconds= maps models to seconds, as in cache_seconds={Group: 60}, "
                f"not {display(seconds_by_model)}"
            )
    return dict(pairs)


def check_policy(implementation: Any, maxsize: Any, options: Any, clock: Clock) -> CachePolicy:
    """Return the policy of a class and its arguments.

    Raises:
        ConfigurationError: the arguments do not suit the class, or it is not a class of cachetools.
    """
    is_size = isinstance(maxsize, (int, float)) and not isinstance(maxsize, bool)
    if not is_size or not maxsize >= 1:
        raise ConfigurationError(
            f"maxsize must be a number of at least 1, not {display(maxsize)}; "
            "cache.delete() stops caching the rows of a model"
        )
    if not (isinstance(implementation, type) and issubclass(implementation, Cache)):
        raise ConfigurationError(
            "rows are cached in a class of cachetools, such as LRUCache, "
            f"not in {display(implementation)}"
        )
    policy = CachePolicy(implementation, maxsize, options=options)
    try:
        policy.create(clock)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{implementation.__name__}: {error}") from None
    return policy
