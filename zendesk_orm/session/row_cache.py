"""`RowCache`: the rows of an account that are not requested again, by a policy for each model.

Tickets are not cached; users, organizations, groups, brands and fields are cached for minutes.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from attrs import evolve, frozen
from cachetools import Cache, LRUCache

from zendesk_orm import fork, signals
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.http.clock import Clock
from zendesk_orm.http.stats import Stats
from zendesk_orm.messages import shorten
from zendesk_orm.schema import registry
from zendesk_orm.schema.arguments import require_model
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.session.cache import ChangeLog, all_rows
from zendesk_orm.session.cache_policies import (
    CAPACITY,
    CachePolicies,
    CachePolicy,
    check_policy,
)
from zendesk_orm.session.shared import EVERY_ROW, SharedRows, Version
from zendesk_orm.signals import announce


@frozen
class CachedRows:
    """The cached rows of a model, as `account.cache[User]` describes them.

    Attributes:
        model: the model.
        implementation: the name of the class that holds the rows: `LRUCache`.
        maxsize: the most rows, or the largest sum of their sizes.
        seconds: the age up to which rows are used; None if only the class drops rows.
        size: the number of rows, or the sum of their sizes; outdated rows are included.
        hits: how often a row was used instead of a request.
        misses: how often a row had to be requested.
    """

    model: type[Any]
    implementation: str
    maxsize: float
    seconds: float | None
    size: float
    hits: int
    misses: int


class _Store:
    """The cached rows of one model, and the policy by which they are held."""

    __slots__ = ("has_sizes", "policy", "resets", "rows")

    def __init__(self, policy: CachePolicy, resets: int, clock: Clock) -> None:
        self.policy = policy
        self.resets = resets
        self.rows = policy.create(clock)
        self.has_sizes = "getsizeof" in policy.options


class RowCache:
    """The cached rows of an account, or of an end user whom it acts as: `account.cache`.

    >>> account = connect("emulator://?seed=demo")
    >>> pk = User.objects.first().pk
    >>> account.cache[User].implementation, account.cache[User].seconds
    ('LRUCache', 300.0)
    >>> with account.cache.disable():
    ...     user = User.objects.get(pk)
    >>> user = User.objects.get(pk)
    >>> account.cache[User].hits, account.cache[User].misses
    (1, 0)

    Writes of the account, jobs included, discard the rows that they change. A row of which only
    some values are known is never cached. Brands and end users have the same policies, and rows of
    their own.

    Attributes:
        policies: the policies.
        shared: the rows that other processes share, which are used instead of those of this
            process while their server can be reached; None if no rows are shared.
    """

    def __init__(
        self,
        alias: str,
        clock: Clock,
        changes: ChangeLog,
        policies: CachePolicies | None = None,
        stats: Stats | None = None,
    ) -> None:
        self._alias = alias
        self._clock = clock
        self._changes = changes
        self._stats = stats or Stats()
        self._stores: dict[type[Any], _Store] = {}
        self._hits: Counter[type[Any]] = Counter()
        self._misses: Counter[type[Any]] = Counter()
        self._lock = fork.Lock()
        self.policies = CachePolicies() if policies is None else policies
        self.shared: SharedRows | None = None

    # -- policies --------------------------------------------------------------

    def add(
        self,
        model: type[Any],
        implementation: type[Cache[Any, Any]] = LRUCache,
        maxsize: float = CAPACITY,
        **options: Any,
    ) -> None:
        """Cache the rows of a model in a class of `cachetools`, or change the class or its size.

        >>> from cachetools import TTLCache
        >>> account = connect("emulator://?seed=demo")
        >>> account.cache.add(Ticket, TTLCache, maxsize=500, ttl=30)
        >>> [Ticket.objects.get(1).pk for _ in range(3)], account.requests_sent
        ([1, 1, 1], 1)

        Rows that are cached are discarded. With a class that drops no rows by age, such as
        `LRUCache`, changes of other clients are not seen until `clear()`, `fresh()` or
        `refresh_from_db()`.

        Args:
            model: the model.
            implementation: `LRUCache`, `TTLCache`, `LFUCache`, `TLRUCache`, `FIFOCache`,
                `RRCache`, or another subclass of `cachetools.Cache`.
            maxsize: the most rows, or the largest sum of their sizes.
            options: arguments of the class: `ttl=` in seconds, `getsizeof=` of a row (a dictionary
                of JSON), `ttu=` of key, row and time.

        Raises:
            ConfigurationError: the rows cannot be cached, or the arguments do not suit the class.
        """
        require_model("cache.add()", model)
        if model._meta.abstract or not model._meta.unique_ids:
            raise ConfigurationError(
                f"rows of {model.__name__} have no unique ids to cache them by"
            )
        self.policies.set(model, check_policy(implementation, maxsize, options, self._clock))

    def delete(self, model: type[Any]) -> None:
        """Stop caching the rows of a model, and discard those that are cached.

        >>> account = connect("emulator://?seed=demo")
        >>> account.cache.delete(User)
        >>> User in account.cache
        False
        """
        require_model("cache.delete()", model)
        self.policies.set(model, None)

    def resize(self, model: type[Any], maxsize: float) -> None:
        """Change the most rows of a model that are cached; those that are cached are discarded.

        >>> account = connect("emulator://?seed=demo")
        >>> account.cache.resize(User, 500)
        >>> account.cache[User].maxsize
        500

        Raises:
            KeyError: rows of the model are not cached.
            ConfigurationError: the size is not a number of at least 1.
        """
        policy = self._require_policy(model)
        resized = check_policy(policy.implementation, maxsize, policy.options, self._clock)
        self.policies.set(model, evolve(resized, seconds=policy.seconds))

    def enable(self) -> None:
        """Cache rows again after `disable()`."""
        self.policies.enable(enabled=True)

    def disable(self) -> AbstractContextManager[Any]:
        """Cache no rows, and use none, in all threads; cached rows are discarded.

        The setting applies until `enable()` is called, or to a block:
        `with account.cache.disable(): ...`. It applies to brands and end users of the account, too.
        """
        block = ExitStack()
        block.callback(self.policies.enable, enabled=self.policies.is_enabled)
        self.policies.enable(enabled=False)
        return block

    @property
    def enabled(self) -> bool:
        """Whether rows are cached."""
        return self.policies.is_enabled

    def __iter__(self) -> Iterator[type[Any]]:
        """Yield the models whose rows are cached, of the products that were imported."""
        return (model for model in registry.models() if self._has_policy(model))

    def __contains__(self, model: object) -> bool:
        """Return whether rows of a model are cached."""
        return isinstance(model, type) and hasattr(model, "_meta") and self._has_policy(model)

    def __getitem__(self, model: type[Any]) -> CachedRows:
        """Return the class, the size and the counters of the cached rows of a model.

        Raises:
            KeyError: rows of the model are not cached.
        """
        policy, concrete = self._require_policy(model), model._meta.concrete
        with self._lock:
            store = self._stores.get(concrete)
            is_current = store is not None and store.resets == self._count_resets(concrete)
            size = store.rows.currsize if store is not None and is_current else 0
            hits, misses = self._hits[concrete], self._misses[concrete]
        age = None if policy.max_age == math.inf else policy.max_age
        name = policy.implementation.__name__
        return CachedRows(model, name, policy.maxsize, age, size, hits, misses)

    def seconds(self, model: type[Any]) -> float:
        """Return for how long rows of the model are used; 0 if they are not cached."""
        policy = self._get_policy(model)
        # Without a call: this is looked up for each change of custom fields.
        return 0 if policy is None else float(policy.options.get("ttl", policy.seconds))

    def _get_policy(self, model: type[Any]) -> CachePolicy | None:
        """Return the policy of a model, or None if its rows are not cached now."""
        policies = self.policies
        if not policies.is_enabled:
            return None
        try:
            return policies.by_model[model]
        except KeyError:
            return policies.find(model)

    def _count_resets(self, concrete: type[Any]) -> int:
        """Return a number that changes when the cached rows of a model must be discarded."""
        resets = self.policies.resets
        epoch = 0 if self.shared is None else self.shared.epoch
        return resets.get(None, 0) + resets.get(concrete, 0) + epoch

    def _has_policy(self, model: type[Any]) -> bool:
        return not model._meta.abstract and self._get_policy(model) is not None

    def _require_policy(self, model: type[Any]) -> CachePolicy:
        """Return the policy of a model, also while the cache is disabled.

        Raises:
            KeyError: rows of the model are not cached.
        """
        require_model("cache[]", model)
        policy = self.policies.find(model)
        if policy is None:
            raise KeyError(f"rows of {model.__name__} are not cached; cache.add() caches them")
        return policy

    # -- rows ------------------------------------------------------------------

    def put(self, model: type[Any], rows: Iterable[Row], version: Version | None = None) -> None:
        """Cache complete rows, if rows of the model are cached.

        Args:
            model: their model.
            rows: the rows.
            version: the state of the changes before the rows were requested; None if it is
                unknown. Then other processes do not get them.
        """
        policy = self._get_policy(model)
        if policy is None:
            return
        now, number = self._clock.now(), self._changes.latest if version is None else version[0]
        if self.shared is not None and self.shared.is_available:
            since, rows = None if version is None else version[1], list(rows)
            if since is None or self._share(self.shared, policy, model, rows, now, since):
                return
        with self._lock:
            store, meta = self._get_store(model, policy), model._meta
            cached, has_sizes, has_parent = store.rows, store.has_sizes, bool(meta.parent_keys)
            for row in rows:
                if type(row) is PartialRow:
                    continue
                key = meta.key(row) if has_parent else row.get("id")
                if has_sizes and cached.getsizeof((now, number, row)) > cached.maxsize:
                    cached.pop(key, None)
                    continue
                cached[key] = (now, number, row)

    def get(self, model: type[Any], key: Any) -> Row | None:
        """Return the row of a key, if it is cached, not too old and unaffected by own writes."""
        policy = self._get_policy(model)
        if policy is None:
            return None
        row = self._find(model, key, policy)
        counter = self._misses if row is None else self._hits
        counter[model._meta.concrete] += 1
        signal = signals.cache_miss if row is None else signals.cache_hit
        self._stats.count_lookup(is_hit=row is not None)
        if signal.is_observed:
            pk = key[-1] if isinstance(key, tuple) else key
            announce(signal, model, pk=pk, using=self._alias)
        return row

    def has(self, model: type[Any], key: Any) -> bool:
        """Return whether `get()` would return a row; counts nothing and sends no signal."""
        policy = self._get_policy(model)
        return policy is not None and self._find(model, key, policy) is not None

    def forget(self, model: type[Any], key: Any) -> None:
        """Discard a row."""
        if self.shared is not None:
            self.shared.forget(model, key)
        with self._lock:
            store = self._stores.get(model._meta.concrete)
            if store is not None:
                store.rows.pop(key, None)

    def clear(self, model: type[Any] | None = None) -> None:
        """Discard the cached rows of a model, or those of all models; in all processes."""
        if model is not None:
            require_model("cache.clear()", model)
        if self.shared is not None:
            self.shared.publish(changed=[EVERY_ROW if model is None else all_rows(model)])
        self.drop(model)

    def drop(self, model: type[Any] | None = None) -> None:
        """Discard the rows that this process holds, of a model or of all models."""
        with self._lock:
            if model is None:
                self._stores.clear()
            else:
                self._stores.pop(model._meta.concrete, None)

    def _find(self, model: type[Any], key: Any, policy: CachePolicy) -> Row | None:
        """Return the row of a key, if it is not outdated."""
        if self.shared is not None and self.shared.is_available:
            shared = self.shared.get(model, key)
            if shared is None or self._clock.now() - shared[0] >= policy.max_age:
                return None
            return shared[1]
        with self._lock:
            entry = self._get_store(model, policy).rows.get(key)
        if entry is None:
            return None
        stamp, number, row = entry
        is_old = self._clock.now() - stamp >= policy.seconds
        return None if is_old or self._changes.is_outdated(model, row, number) else row

    @staticmethod
    def _share(
        shared: SharedRows,
        policy: CachePolicy,
        model: type[Any],
        rows: Iterable[Row],
        now: float,
        since: int,
    ) -> bool:
        """Store complete rows for all processes, and return whether they were stored."""
        key_of = model._meta.key
        entries = [
            (key := key_of(row), policy.lifetime(key, row, now), row)
            for row in rows
            if type(row) is not PartialRow
        ]
        return shared.put(model, entries, now, since)

    def _get_store(self, model: type[Any], policy: CachePolicy) -> _Store:
        """Return the cached rows of a model; the lock must be held."""
        concrete = model._meta.concrete
        store, resets = self._stores.get(concrete), self._count_resets(concrete)
        if store is None or store.resets != resets or not policy.holds_like(store.policy):
            store = self._stores[concrete] = _Store(policy, resets, self._clock)
        return store

    def __repr__(self) -> str:
        stores = list(self._stores.items())
        sizes = {model.__name__: len(store.rows) for model, store in stores if len(store.rows)}
        return f"<{type(self).__name__} of {self._alias!r}: {shorten(str(sizes))}>"
