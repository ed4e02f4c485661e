"""Does a record match a predicate? The same tree, as a Python function.

It serves receivers' `when=`, and what is filtered here because Zendesk cannot.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from zendesk_orm.query.ago import Ago
from zendesk_orm.query.custom import settled_where, unsettled
from zendesk_orm.query.dates import PARTS, part_test
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import (
    WORDS,
    Condition,
    Either,
    Every,
    Not,
    Predicate,
    conjuncts,
)
from zendesk_orm.schema.custom import definitions_of
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.fields import Attribute, Inner, Lookup, column
from zendesk_orm.schema.loading import load_date
from zendesk_orm.schema.options import Options


Test = Callable[[Any], bool]
Reader = Callable[[Attribute[Any]], Callable[[Any], Any]]


def row_test(where: Predicate, meta: Options, *, of_search: bool = False) -> Test:
    """Return the function that tells whether a row matches.

    Free text is left out of account for rows `of_search`: search looks where
    no row reaches, into comments.
    """
    if of_search:
        where = Every(tuple(part for part in conjuncts(where) if not _is_text(part)))
    return _test(where, meta, _of_row)


def record_test(where: Predicate, meta: Options) -> Test:
    """Return the function that tells whether a record matches, unsaved edits included."""
    return _settling(where, meta) if unsettled(where, meta) else _test(where, meta, _of_record)


def _settling(where: Predicate, meta: Options) -> Test:
    """Return the test of what is called otherwise in each account."""
    made: list[tuple[Definitions, Test]] = []

    def test(record: Any) -> bool:
        known = definitions_of(record)
        found = next((test for definitions, test in list(made) if definitions is known), None)
        if found is None:
            found = _test(settled_where(where, meta, lambda *_: known), meta, _of_record)
            made[:] = [(known, found)]
        return found(record)

    return test


def _of_row(field: Attribute[Any]) -> Callable[[Any], Any]:
    return field.loaded


def _of_record(field: Attribute[Any]) -> Callable[[Any], Any]:
    return field.known


def _test(where: Predicate, meta: Options, reader: Reader) -> Test:
    if isinstance(where, Condition):
        return _condition(where, meta, reader)
    if isinstance(where, Not):
        inner = _test(where.part, meta, reader)
        return lambda subject: not inner(subject)
    tests = [_test(part, meta, reader) for part in where.parts]
    combine = any if isinstance(where, Either) else all
    return lambda subject: combine(test(subject) for test in tests)


def _condition(where: Condition, meta: Options, reader: Reader) -> Test:
    if where.op == "words":
        return _words(where.value, meta, reader)
    attribute = column(meta.get_field(where.name))
    if isinstance(attribute, Lookup):
        # No row holds it; that the endpoint gave the row is the proof.
        return lambda _: True
    read = reader(attribute)
    test = _value_test(where, attribute)
    if test is not None:
        return lambda subject: test(read(subject))
    wanted = where.value
    compare = _COMPARE[where.op]
    if attribute.kind.key is not None and where.op in ("exact", "in"):
        return _equal_keys(where, attribute, meta, reader)
    if isinstance(wanted, F):
        other, place = reader(column(meta.get_field(wanted.name))), _places(attribute, where.op)
        return lambda subject: _compared(compare, place(read(subject)), place(other(subject)))
    if where.op in _ORDERED and attribute.kind.choices:
        rank = {choice: index for index, choice in enumerate(attribute.kind.choices)}
        ranked = rank[wanted]
        return lambda subject: _ranked(compare, rank.get(read(subject)), ranked)
    if attribute.kind.absent is not None and where.op in ("exact", "in"):
        members = {wanted} if where.op == "exact" else set(wanted)
        return lambda subject: not members.isdisjoint(read(subject) or ())
    return lambda subject: compare(read(subject), wanted)


def _equal_keys(where: Condition, attribute: Attribute[Any], meta: Options, reader: Reader) -> Test:
    """Return the test of equality for a field whose values are compared by their keys."""
    read, keys_of = reader(attribute), attribute.keys_of
    if isinstance(where.value, F):
        other = reader(column(meta.get_field(where.value.name)))
        return lambda subject: bool(keys_of(read(subject)) & keys_of(other(subject)))
    values = [where.value] if where.op == "exact" else where.value
    wanted = {attribute.key(value) for value in values}
    return lambda subject: not wanted.isdisjoint(keys_of(read(subject)))


def _is_text(part: Predicate) -> bool:
    part = part.part if isinstance(part, Not) else part
    return isinstance(part, Condition) and part.op in ("words", "raw")


def _words(text: str, meta: Options, reader: Reader) -> Test:
    """Return the test for free text: each word begins a word of some text of the row."""
    readers = [reader(each) for each in meta.get_fields() if each.kind.name == "str"]
    wanted = [
        re.compile(rf"\b{re.escape(phrase or word)}", re.IGNORECASE)
        for phrase, word in WORDS.findall(text)
    ]

    def test(subject: Any) -> bool:
        texts = [value for value in (read(subject) for read in readers) if value]
        return all(any(pattern.search(value) for value in texts) for pattern in wanted)

    return test


def _value_test(where: Condition, attribute: Attribute[Any]) -> Test | None:
    """Return the test of a value for what no plain comparison does, or None."""
    wanted = where.value
    if where.op in PARTS:
        return part_test(where.op, wanted)
    if isinstance(wanted, Ago):
        compare = _COMPARE[where.op]
        return lambda value: compare(value, wanted.moment(time.time()))
    if not isinstance(attribute, Inner):
        return None
    days = wanted if isinstance(wanted, tuple) else (wanted,)
    if any(type(each) is date for each in days):
        compare = _COMPARE[where.op]
        return lambda value: bool(value) and compare(load_date(value), wanted)
    if where.op in ("exact", "in"):
        values = [wanted] if where.op == "exact" else wanted
        # A number may be kept as text.
        values = [*values, *(str(each) for each in values if type(each) in (int, float))]
        # The value of a multi-select is a list of what was chosen.
        return lambda value: any(each in values for each in _each(value))
    return None


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _places(field: Attribute[Any], op: str) -> Callable[[Any], Any]:
    """Return what orders two values of the field: their places among the choices, if it has any."""
    if op not in _ORDERED or not field.kind.choices:
        return lambda value: value
    return {choice: index for index, choice in enumerate(field.kind.choices)}.get


def _compared(compare: Callable[[Any, Any], bool], value: Any, wanted: Any) -> bool:
    return wanted is not None and compare(value, wanted)


def _ranked(compare: Callable[[Any, Any], bool], value: int | None, wanted: int) -> bool:
    return value is not None and compare(value, wanted)


def _text(test: Callable[[str, str], bool], *, fold: bool = False) -> Callable[[Any, Any], bool]:
    def compare(value: Any, wanted: str) -> bool:
        if not isinstance(value, str):
            return False
        return test(value.casefold(), wanted.casefold()) if fold else test(value, wanted)

    return compare


_ORDERED = frozenset({"gt", "gte", "lt", "lte"})

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "exact": lambda value, wanted: value == wanted,
    "in": lambda value, wanted: value in wanted,
    "isnull": lambda value, wanted: (value is None or value == []) is wanted,
    "gt": lambda value, wanted: value is not None and value > wanted,
    "gte": lambda value, wanted: value is not None and value >= wanted,
    "lt": lambda value, wanted: value is not None and value < wanted,
    "lte": lambda value, wanted: value is not None and value <= wanted,
    "has_key": lambda value, key: isinstance(value, dict) and key in value,
    "has_keys": lambda value, keys: isinstance(value, dict) and all(k in value for k in keys),
    "has_any_keys": lambda value, keys: isinstance(value, dict) and any(k in value for k in keys),
    "contained_by": lambda value, wanted: (
        isinstance(value, dict) and value.items() <= wanted.items()
    ),
    "iexact": _text(lambda value, wanted: value == wanted, fold=True),
    "contains": _text(lambda value, wanted: wanted in value),
    "icontains": _text(lambda value, wanted: wanted in value, fold=True),
    "startswith": _text(str.startswith),
    "istartswith": _text(str.startswith, fold=True),
    "endswith": _text(str.endswith),
    "iendswith": _text(str.endswith, fold=True),
    "regex": _text(lambda value, wanted: re.search(wanted, value) is not None),
    "iregex": _text(lambda value, wanted: re.search(wanted, value, re.IGNORECASE) is not None),
}
