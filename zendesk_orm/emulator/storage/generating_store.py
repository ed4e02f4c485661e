"""A store with generated rows next to those that are stored.

A generated row that is changed, archived or deleted is stored, and its stored form replaces it.
SQLite evaluates conditions on generated rows in a temporary table, for some hundred rows at a time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from heapq import merge
from itertools import compress, islice
from typing import Any

from attrs import evolve
from cachetools import LRUCache

from zendesk_orm.emulator.server.errors import HTTPError
from zendesk_orm.emulator.storage.custom_fields import (
    complete_row,
    complete_texts,
    contains_row,
)
from zendesk_orm.emulator.storage.generated import GeneratedRows, GetValues
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import ALIVE, Store, StoredRow
from zendesk_orm.emulator.storage.words import collect_words


#: The number of rows that are evaluated at first, and at most, at the same time.
_FIRST_WINDOW, _MAX_WINDOW = 250, 4_000
#: The numbers of matches that are remembered.
_COUNTS = 1_000
#: The different values for which results of a condition are remembered.
_MAX_RESULTS = 2_000
encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_WINDOW = "temp.generated_window"
_COLUMNS = "kind, id, doc, words, parent, state, written"
_ORDER = re.compile(r"\+?(?P<key>.+?)(?: (?P<direction>ASC|DESC))?(?:, id(?: (?:ASC|DESC))?)?")
#: Columns other than the document and the state, which all generated rows share.
_ROW = re.compile(r"\b(id|kind|parent|rowid|words|written)\b")
_DOC, _KEY = re.compile(r"\bdoc\b"), re.compile(r"\bdoc, '\$\.(\w+)")
_MONOTONIC = re.compile(r"id|(?:ifnull\()?json_extract\(doc, '\$\.(created|updated)_at'\).*")


class GeneratingStore(Store):
    """The rows of an emulator, some of which may be generated.

    Attributes:
        generated: the generated rows by the label of their model.
    """

    def __init__(self, path: str | None = None) -> None:
        super().__init__(path)
        self.generated: dict[str, GeneratedRows] = {}
        # The temporary table of a window is small.
        self.execute("PRAGMA temp_store=MEMORY")
        self._counts: LRUCache[Any, int] = LRUCache(_COUNTS)

    def get_row(self, kind: str, pk: Any) -> StoredRow | None:
        """Return a row with its columns, or None if it does not exist or is deleted."""
        row = super().get_row(kind, pk)
        rows = self.generated.get(kind)
        if row is not None or rows is None or self._has_stored_row(kind, pk):
            return row
        number = rows.find_number(pk)
        if number is None:
            return None
        doc = complete_row(kind, rows.build(number), self.execute_cached)
        return StoredRow(kind, pk, doc, collect_words(doc))

    def put(self, rows: Iterable[StoredRow], now: float) -> None:
        """Insert or replace rows."""
        rows = list(rows)
        super().put(rows, now)
        if any(row.kind in self.generated for row in rows):
            self._counts.clear()

    def copy_from(self, other: Store) -> None:
        """Replace all rows by those of another store, also the generated ones."""
        super().copy_from(other)
        generated = other.generated if isinstance(other, GeneratingStore) else {}
        self.generated = {
            kind: evolve(rows, hidden=set(rows.hidden)) for kind, rows in generated.items()
        }
        self._counts.clear()

    def set_state(self, kind: str, pk: Any, state: int) -> None:
        """Set the state of a row, which archives, deletes or restores it."""
        if kind in self.generated and not self._has_stored_row(kind, pk):
            row = self.get_row(kind, pk)
            if row is not None:
                self.put([row], 0)
        super().set_state(kind, pk, state)

    def drop(self, kind: str, pk: Any) -> None:
        """Delete a row permanently."""
        super().drop(kind, pk)
        rows = self.generated.get(kind)
        number = rows.find_number(pk) if rows else None
        if rows and number is not None:
            rows.hidden.add(number)

    def select_texts(
        self,
        kind: str,
        where: Where,
        order: str = "id",
        *,
        limit: int = -1,
        offset: int = 0,
        extra: str = "NULL",
        doc: str = "doc",
    ) -> list[tuple[Any, ...]]:
        """Return `(text, id, extra)` of the matching rows, sorted by `order`.

        Raises:
            HTTPError: 501, if generated rows cannot be sorted like this.
        """
        rows = self.generated.get(kind)
        if rows is None:
            return super().select_texts(
                kind, where, order, limit=limit, offset=offset, extra=extra, doc=doc
            )
        key, descending = _parse_order(order)
        end = -1 if limit < 0 else limit + offset
        columns = f"{doc}, id, {extra}, {key}"
        matches = f"WHERE kind = ? AND ({where.sql})"
        stored = self.execute(
            _join("SELECT", columns, "FROM rows", matches, "ORDER BY", order, "LIMIT ?"),
            (kind, *where.values, end),
        )
        generated = self._evaluate(rows, where, columns, order, descending=descending)
        ordered = merge(stored, generated, key=lambda row: (row[3], row[1]), reverse=descending)
        selected = islice(ordered, offset, None if end < 0 else end)
        texts = [row[:3] for row in selected]
        return complete_texts(kind, texts, self.execute_cached) if contains_row(doc) else texts

    def count(self, kind: str, where: Where) -> int:
        """Return the number of matching rows."""
        number, rows = super().count(kind, where), self.generated.get(kind)
        if rows is None:
            return number
        sql = "SELECT count(*) FROM rows WHERE kind = ? AND id >= ? AND id <= ?"
        bounds = (kind, rows.get_id(1), rows.get_id(rows.count))
        replaced = int(self.execute(sql, bounds)[0][0]) + len(rows.hidden)
        if rows.is_exact(where):
            return number + rows.count - replaced
        key = (kind, where.sql, tuple(map(repr, where.values)), replaced)
        if key not in self._counts:
            matches = self._find_matches(rows, where, descending=False)
            self._counts[key] = sum(map(len, matches))
        return number + self._counts[key]

    def _has_stored_row(self, kind: str, pk: Any) -> bool:
        return bool(self.execute("SELECT 1 FROM rows WHERE kind = ? AND id = ?", (kind, pk)))

    def _evaluate(
        self, rows: GeneratedRows, where: Where, columns: str, order: str, *, descending: bool
    ) -> Iterator[tuple[Any, ...]]:
        """Yield the columns of the generated rows that match a condition, in order."""
        for numbers in self._find_matches(rows, where, descending=descending):
            self._fill_window(rows, numbers)
            yield from self.execute(_join("SELECT", columns, "FROM", _WINDOW, "ORDER BY", order))

    def _find_matches(
        self, rows: GeneratedRows, where: Where, *, descending: bool
    ) -> Iterator[list[int]]:
        """Yield the numbers of the rows that match a condition, some at a time."""
        candidates = rows.find_candidates(where)
        if descending:
            candidates = candidates[::-1]
        keys = _find_keys(where.sql)
        get_values = rows.find_getter(keys) if keys and _ROW.search(where.sql) is None else None
        start, size = 0, _FIRST_WINDOW
        results: dict[tuple[Any, ...], bool] = {}
        while get_values is not None and start < len(candidates):
            matching = self._match_values(
                rows, where, candidates[start : start + size], get_values, results
            )
            if matching is None:
                break
            yield matching
            start += size
            size = min(2 * size, 10 * _MAX_WINDOW)
        size = min(size, _MAX_WINDOW)
        while start < len(candidates):
            self._fill_window(rows, candidates[start : start + size], keys, where)
            ids = self.execute(
                _join("SELECT id FROM", _WINDOW, "WHERE", where.sql, "ORDER BY rowid"), where.values
            )
            numbers = [rows.find_number(pk) for (pk,) in ids]
            yield [number for number in numbers if number is not None]
            start += size
            size = min(2 * size, _MAX_WINDOW)

    def _match_values(
        self,
        rows: GeneratedRows,
        where: Where,
        numbers: Sequence[int],
        get_values: GetValues,
        results: dict[tuple[Any, ...], bool],
    ) -> list[int] | None:
        """Return the numbers of the rows that match a condition, which equal rows share.

        Args:
            rows: the generated rows.
            where: the condition, which depends on the values alone.
            numbers: the numbers of the rows, in or against their order.
            get_values: returns the values of a number.
            results: whether rows with some values match; new values are added.

        Returns:
            None, if there are too many different values, or if they cannot be compared.
        """
        try:
            values = list(map(get_values, numbers))
            new = set(values).difference(results)
        except (AttributeError, TypeError):
            return None
        if len(new) + len(results) > _MAX_RESULTS:
            return None
        pairs = zip(values, numbers, strict=True) if new else ()
        unknown = {value: number for value, number in pairs if value in new}
        stored = self._select_stored_ids(rows, numbers)
        if not stored.isdisjoint(map(rows.get_id, unknown.values())):
            return None
        if unknown:
            self._fill_window(rows, sorted(unknown.values()))
            sql = _join("SELECT id FROM", _WINDOW, "WHERE", where.sql)
            matching = {pk for (pk,) in self.execute(sql, where.values)}
            for value, number in unknown.items():
                results[value] = rows.get_id(number) in matching
        matches = compress(numbers, map(results.__getitem__, values))
        if not stored and not rows.hidden:
            return list(matches)
        return [
            number
            for number in matches
            if number not in rows.hidden and rows.get_id(number) not in stored
        ]

    def _select_stored_ids(self, rows: GeneratedRows, numbers: Sequence[int]) -> set[Any]:
        """Return the ids of the rows that are stored instead of being generated."""
        bounds = sorted((rows.get_id(numbers[0]), rows.get_id(numbers[-1])))
        sql = "SELECT id FROM rows WHERE kind = ? AND id >= ? AND id <= ?"
        return {pk for (pk,) in self.execute(sql, (rows.kind, *bounds))}

    def _fill_window(
        self,
        rows: GeneratedRows,
        numbers: Sequence[int],
        keys: Collection[str] | None = None,
        condition: Where | None = None,
    ) -> None:
        """Fill the temporary table with the rows that are neither stored nor hidden.

        Args:
            rows: the generated rows.
            numbers: the numbers of the rows, in or against their order.
            keys: the keys that are needed; None for all.
            condition: a condition, which may need the words of the rows.
        """
        self.execute(f"CREATE TABLE IF NOT EXISTS {_WINDOW} ({_COLUMNS})")
        self.execute(_join("DELETE FROM", _WINDOW))
        if not numbers:
            return
        needs_words = condition is not None and "words" in condition.sql
        stored = self._select_stored_ids(rows, numbers)
        values = []
        for number in numbers:
            pk = rows.get_id(number)
            if pk not in stored and number not in rows.hidden:
                doc = rows.build(number)
                words = collect_words(doc) if needs_words else ""
                if keys is not None:
                    doc = {key: doc.get(key) for key in keys}
                values.append((rows.kind, pk, encode(doc), words, None, ALIVE, 0))
        self.execute_many(_join("INSERT INTO", _WINDOW, "VALUES (?, ?, ?, ?, ?, ?, ?)"), values)


def _join(*parts: str) -> str:
    """Return a statement in SQL.

    Its parts are conditions and expressions that this package builds, with values bound to
    question marks.
    """
    return " ".join(parts)


def _find_keys(sql: str) -> Collection[str] | None:
    """Return the keys of rows that a condition reads, or None if it may read any of them."""
    keys = set(_KEY.findall(sql))
    return keys if len(_KEY.findall(sql)) == len(_DOC.findall(sql)) else None


def _parse_order(order: str) -> tuple[str, bool]:
    """Return the expression of an order, and whether it is descending.

    Raises:
        HTTPError: 501, if it does not follow the numbers of generated rows.
    """
    match = _ORDER.fullmatch(order)
    if match is None or not _MONOTONIC.fullmatch(match["key"]):
        description = "Generated rows are sorted by id, created_at or updated_at only"
        raise HTTPError(
            501,
            {"error": "NotEmulated", "description": description},
            "unconfirmed: a response of the emulator, not of Zendesk",
        )
    return match["key"], match["direction"] == "DESC"
