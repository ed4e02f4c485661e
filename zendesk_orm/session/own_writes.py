"""Writes of this account, until the search index contains them.

The index lags by a minute or more. Rows that this account wrote are merged into search results,
so that a program finds its own changes.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from attrs import evolve, frozen

from zendesk_orm import fork
from zendesk_orm.http.clock import Clock
from zendesk_orm.messages import shorten
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.matching import Test, row_test
from zendesk_orm.query.ordering import sort_key
from zendesk_orm.query.predicate import conditions
from zendesk_orm.query.query import Query
from zendesk_orm.schema.record import Record
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.session.cache import ChangeLog
from zendesk_orm.session.lists.interruptions import attempt, make_failed_page
from zendesk_orm.session.lists.row_limits import Edge
from zendesk_orm.session.own_changes import OwnChanges
from zendesk_orm.session.responses import Page
from zendesk_orm.signals import remote_changed, remote_created, remote_deleted


#: Seconds after which the search index is up to date; Zendesk documents minutes.
LAG = 300.0
#: Seconds for which a row that the index lacks is trusted after it was written or read.
TRUSTED_SECONDS = 10.0
#: Writes of one model that are remembered.
CAPACITY = 10_000

#: Reads rows of own writes again, of which the values for their path are given.
Reread = Callable[[Any, Iterable[Row]], Mapping[Any, "Write"]]


@frozen(eq=False)
class Write:
    """The state of one row before and after writes of this account.

    Attributes:
        at: the time of the last write.
        before: the rows that the index may still contain; None stands for an unknown row.
        after: the row as it is now, or None if it was deleted.
        known_at: the time at which `after` was written, or read again.
        number: the number of the log of changes at that time.
    """

    at: float
    before: tuple[Row | None, ...]
    after: Row | None
    known_at: float
    number: int


def is_older(row: Row, write: Write) -> bool:
    """Return whether a row is older than an own write, which is then still needed.

    Of two states of the same second, the one that was read counts as the later one, unless the
    write replaced it; so does a row that is compared with a partial one, whose time is unknown.
    """
    if write.after is None:
        return True
    written, read = write.after.get("updated_at"), row.get("updated_at")
    if type(write.after) is PartialRow or (isinstance(read, str) and read == written):
        return any(_agree(row, old) for old in write.before if old)
    return not isinstance(read, str) or not isinstance(written, str) or read < written


def _agree(row: Row, other: Row) -> bool:
    """Return whether two rows have the same values for the keys that both contain."""
    return all(other[key] == value for key, value in row.items() if key in other)


def loaded_row(record: Record) -> Row | None:
    """Return the row of a record; {} before it is created, None if only some keys are known."""
    if record.pk is None:
        return {}
    is_partial = record._is_bare or type(record._row) is PartialRow
    return None if is_partial else record._row


class RecentWrites:
    """The recent writes of an account by model and key, the oldest first.

    Attributes:
        by_model: the writes; empty as long as the account has written nothing.
    """

    def __init__(self, clock: Clock, changes: ChangeLog, own_changes: OwnChanges) -> None:
        self._clock = clock
        self._changes = changes
        self._own_changes = own_changes
        self.by_model: dict[type[Any], OrderedDict[Any, Write]] = {}
        self._lock = fork.Lock()

    def __repr__(self) -> str:
        numbers = {model.__name__: len(writes) for model, writes in list(self.by_model.items())}
        return f"<{type(self).__name__}: {shorten(str(numbers))}>"

    def note(
        self,
        model: type[Any],
        key: Any,
        before: Row | None,
        after: Row | None,
        names: Iterable[str] = (),
    ) -> None:
        """Remember a write.

        Args:
            model: the model.
            key: the key of the row (`record._key`).
            before: the row before the write; {} if it did not exist, None if it is unknown.
            after: the row now, or None if it was deleted. Of a `PartialRow`, any value may have
                changed with those that were sent, so that it is read again when it is needed.
            names: the names of the fields that were sent.
        """
        is_observed = remote_changed.receivers or remote_created.receivers
        if is_observed or remote_deleted.receivers or self._own_changes.store is not None:
            self._own_changes.note(model, key, names, before, after)
        concrete = model._meta.concrete
        if type(after) is PartialRow:
            # Its time is that of the row before.
            after = PartialRow({key: value for key, value in after.items() if key != "updated_at"})
        with self._lock:
            writes = self.by_model.setdefault(concrete, OrderedDict())
            earlier = writes.pop(key, None)
            rows = (*(earlier.before if earlier else ()), before)
            now = self._clock.now()
            writes[key] = Write(now, rows, after, now, self._changes.latest)
            if len(writes) > CAPACITY:
                writes.popitem(last=False)

    def is_trusted(self, model: type[Any], write: Write) -> bool:
        """Return whether a row that the index lacks can be returned without reading it again.

        Other clients may have changed it meanwhile, and own writes of other rows, too.
        """
        is_recent = self._clock.now() - write.known_at <= TRUSTED_SECONDS
        return is_recent and (
            write.after is None or not self._changes.is_outdated(model, write.after, write.number)
        )

    def confirm(
        self, model: type[Any], rows: Mapping[Any, Row | None], since: int
    ) -> Mapping[Any, Write]:
        """Replace the rows of own writes by rows that were just read.

        Args:
            model: the model.
            rows: the rows by key; None for no row.
            since: the number of the log of changes before they were read; later writes stay.

        Returns:
            The writes, by key; also those that were forgotten meanwhile.
        """
        writes = self.by_model.get(model._meta.concrete, OrderedDict())
        unknown = Write(self._clock.now(), (None,), None, 0, 0)
        with self._lock:
            confirmed = {key: writes.get(key, unknown) for key in rows}
            for key, write in confirmed.items():
                if write.number <= since:
                    confirmed[key] = self._with_row(write, rows[key])
            writes.update((key, write) for key, write in confirmed.items() if key in writes)
        return confirmed

    def update(self, model: type[Any], rows: Iterable[Row]) -> None:
        """Replace the rows of own writes by newer ones: complete rows that do not lag."""
        writes = self.by_model.get(model._meta.concrete, OrderedDict())
        with self._lock:
            for key, row in self._newer(model, rows):
                writes[key] = self._with_row(writes[key], row)

    def compare_with_index(self, model: type[Any], stream: Iterator[Page]) -> Iterator[Page]:
        """Yield pages of the search index, and forget the writes that it contains."""
        for page in stream:
            writes = self.by_model.get(model._meta.concrete, OrderedDict())
            with self._lock:
                for key, _ in self._newer(model, page.rows):
                    # The time of a partial row is unknown: the index may contain an earlier state.
                    if type(writes[key].after) is not PartialRow:
                        del writes[key]
            yield page

    def _newer(self, model: type[Any], rows: Iterable[Row]) -> list[tuple[Any, Row]]:
        """Return the rows that are not older than own writes, with their keys; needs the lock."""
        writes = self.by_model.get(model._meta.concrete)
        if not writes:
            return []
        keyed = ((model._meta.key(row), row) for row in rows)
        return [(k, row) for k, row in keyed if k in writes and not is_older(row, writes[k])]

    def for_model(self, model: type[Any]) -> Mapping[Any, Write]:
        """Return the writes of a model that the index may lack, by key."""
        concrete = model._meta.concrete
        if concrete not in self.by_model:
            return {}
        since = self._clock.now() - LAG
        with self._lock:
            writes = self.by_model[concrete]
            for key in [key for key, write in writes.items() if write.at < since]:
                del writes[key]
            return dict(writes)

    def _with_row(self, write: Write, row: Row | None) -> Write:
        """Return a write with another row after it."""
        old, before = write.after, write.before
        if type(old) is PartialRow:
            before = before if row and _agree(row, old) else (*before, None)
        elif old not in (None, row):
            before = (*before, old)
        now, number = self._clock.now(), self._changes.latest
        return evolve(write, before=before, after=row, known_at=now, number=number)


@frozen(eq=False)
class Overlay:
    """The writes that change the result of one query.

    Attributes:
        query: the query.
        writes: the writes, by the keys of their rows.
        added: the rows that match now, in the order of the pages.
        key: the sort key of the rows of the pages.
        test: returns whether a row matches.
        is_trusted: returns whether a row that the index lacks can be returned as it was written.
        reread: reads rows again.
    """

    query: Query
    writes: Mapping[Any, Write]
    added: list[Row]
    key: Callable[[Row], Any]
    test: Test
    is_trusted: Callable[[Any, Write], bool]
    reread: Reread

    def merge_into(self, stream: Iterator[Page]) -> Iterator[Page]:
        """Yield the pages as they will be when the index is up to date."""
        remaining = deque((self.key(row), row) for row in self.added)
        indexed: set[Any] = set()
        page = None
        for page in stream:
            if page.error is not None:
                yield page
                continue
            rows = self._without_outdated(page.rows, indexed)
            merged = yield from attempt(make_failed_page, self._merge, rows, remaining, indexed)
            yield evolve(page, rows=merged)
        unread = [row for _, row in remaining if self._key_of(row) not in indexed]
        last = yield from attempt(make_failed_page, self._confirm, unread)
        if last:
            position = None if page is None else page.position
            yield Page(last, {} if page is None else page.data, position=position)

    def after(self, keyset: str, edge: Edge) -> Overlay:
        """Return the overlay for the rows after an edge, which an earlier iteration has reached.

        Args:
            keyset: the moment by which the rows are ordered; see `Plan.keyset`.
            edge: the position after the last row that was read.
        """
        name = keyset.lstrip("-")

        def is_after(row: Row) -> bool:
            moment, key = str(row.get(name)), self._key_of(row)
            is_passed = moment > edge.moment if keyset != name else moment < edge.moment
            return not is_passed and key not in edge.ids

        return evolve(self, added=list(filter(is_after, self.added)))

    def _merge(
        self, rows: list[Row], remaining: deque[tuple[Any, Row]], indexed: set[Any]
    ) -> list[Row]:
        """Return rows with the added rows between them, which are removed from `remaining`."""
        if not remaining:
            return rows
        queue = remaining.copy()
        merged = list(self._insert_added(rows, queue, indexed))
        # Only now: if a request fails, the same rows are merged again.
        remaining.clear()
        remaining.extend(queue)
        return merged

    def _key_of(self, row: Row) -> Any:
        return self.query.meta.key(row)

    def _without_outdated(self, rows: list[Row], indexed: set[Any]) -> list[Row]:
        """Return the rows that are not older than own writes; add the keys of writes among them."""
        current: list[Row] = []
        for row in rows:
            key = self._key_of(row)
            write = self.writes.get(key)
            if write is None:
                current.append(row)
            elif not is_older(row, write):
                indexed.add(key)
                current.append(row)
        return current

    def _insert_added(
        self, rows: list[Row], remaining: deque[tuple[Any, Row]], indexed: set[Any]
    ) -> Iterator[Row]:
        """Yield rows, each after the added rows that come before it."""
        for row in rows:
            if not remaining:
                yield row
                continue
            key, due = self.key(row), []
            while remaining and remaining[0][0] < key:
                due.append(remaining.popleft()[1])
            for added in self._confirm(
                [write for write in due if self._key_of(write) not in indexed]
            ):
                position = self.key(added)
                if position < key:
                    yield added
                else:
                    insort(remaining, (position, added), key=itemgetter(0))
            yield row

    def _confirm(self, rows: list[Row]) -> list[Row]:
        """Return the added rows that still match; those that are not trusted are read again."""
        if not rows:
            return []
        meta = self.query.meta
        keys = [meta.key(row) for row in rows]
        untrusted = [
            meta.identifying_part(row)
            for key, row in zip(keys, rows, strict=True)
            if not self.is_trusted(self.query.model, self.writes[key])
        ]
        writes = self.reread(self.query.model, untrusted) if untrusted else {}
        current = (
            writes[key].after if key in writes else row for key, row in zip(keys, rows, strict=True)
        )
        return sorted((row for row in current if row and self.test(row)), key=self.key)


def overlay(
    writes: Mapping[Any, Write],
    plan: Plan,
    is_trusted: Callable[[Any, Write], bool],
    reread: Reread,
) -> Overlay | None:
    """Return how own writes change the rows of a plan, or None if they do not.

    Args:
        writes: the recent writes of the model.
        plan: a plan that reads the search index.
        is_trusted: returns whether a row that the index lacks can be returned as it was written.
        reread: reads rows again, of which only some values are known.
    """
    query = plan.query
    if not writes or not _is_comparable(query):
        return None
    partial = [write.after for write in writes.values() if type(write.after) is PartialRow]
    if partial:
        writes = {**writes, **reread(query.model, map(query.meta.identifying_part, partial))}
    test = row_test(query.where, query.meta)
    relevant = {key: write for key, write in writes.items() if _is_relevant(write, test)}
    if not relevant:
        return None
    key = sort_key(query.meta, plan.order)
    after = (write.after for write in relevant.values())
    added = sorted((row for row in after if row is not None and test(row)), key=key)
    return Overlay(query, relevant, added, key, test, is_trusted, reread)


def _is_comparable(query: Query) -> bool:
    """Return whether all conditions of a query can be evaluated for a row."""
    lookups = query.meta.lookups
    return not any(
        condition.op == "raw" or condition.name in lookups for condition in conditions(query.where)
    )


def _is_relevant(write: Write, test: Test) -> bool:
    """Return whether the row matches, or matches in the state that the index may contain."""
    rows = (*write.before, write.after)
    return None in write.before or any(test(row) for row in rows if row)
