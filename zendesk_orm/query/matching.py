"""Compiles predicates to functions that check rows and records.

They serve the `when=` of receivers, and conditions that Zendesk cannot evaluate.
"""

from __future__ import annotations

import operator
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.http.values import dump_datetime
from zendesk_orm.query.custom import resolve_where
from zendesk_orm.query.dates import PARTS, RelativeTime, part_test
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import (
    WORDS,
    And,
    Condition,
    Not,
    Or,
    Predicate,
    conjuncts,
    has_custom_names,
)
from zendesk_orm.schema.custom import definitions_of
from zendesk_orm.schema.definitions import Definitions
from zendesk_orm.schema.fields import Attribute, Lookup, column
from zendesk_orm.schema.loading import load_date, load_datetime, load_float
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import KINDS


Test = Callable[[Any], bool]
_INTEGER = re.compile(r"-?\d+")
FieldReader = Callable[[Attribute[Any]], Callable[[Any], Any]]


def row_test(predicate: Predicate, meta: Options, *, of_search: bool = False) -> Test:
    """Return a function that checks whether a row matches.

    Args:
        predicate: the predicate.
        meta: the options of the model.
        of_search: True for rows that search returned, to ignore free text: search also finds it
            in comments, which rows do not contain.
    """
    if of_search:
        predicate = And(tuple(part for part in conjuncts(predicate) if not _is_free_text(part)))
    return _test(predicate, meta, _row_reader)


def record_test(predicate: Predicate, meta: Options) -> Test:
    """Return a function that checks whether a record matches, unsaved edits included."""
    if has_custom_names(predicate, meta):
        return _custom_record_test(predicate, meta)
    return _test(predicate, meta, _record_reader)


def _custom_record_test(predicate: Predicate, meta: Options) -> Test:
    """Return the test for custom fields, whose ids and tags differ between accounts."""
    latest: list[tuple[Definitions, Test]] = []

    def test(record: Any) -> bool:
        definitions = definitions_of(record)
        tests = (test for source, test in list(latest) if source is definitions)
        record_test = next(tests, None)
        if record_test is None:
            resolved = resolve_where(predicate, meta, lambda *_: definitions)
            record_test = _test(resolved, meta, _record_reader)
            latest[:] = [(definitions, record_test)]
        return record_test(record)

    return test


def _row_reader(field: Attribute[Any]) -> Callable[[Any], Any]:
    return field.read


def _record_reader(field: Attribute[Any]) -> Callable[[Any], Any]:
    return field.peek


def _test(predicate: Predicate, meta: Options, reader: FieldReader) -> Test:
    if isinstance(predicate, Condition):
        return _condition_test(predicate, meta, reader)
    if isinstance(predicate, Not):
        inner = _test(predicate.part, meta, reader)
        return lambda subject: not inner(subject)
    tests = [_test(part, meta, reader) for part in predicate.parts]
    if len(tests) == 1:
        return tests[0]
    combine = any if isinstance(predicate, Or) else all
    return lambda subject: combine(test(subject) for test in tests)


def _condition_test(condition: Condition, meta: Options, reader: FieldReader) -> Test:
    if condition.op == "words":
        return _words_test(condition.value, meta, reader)
    attribute = column(meta.get_field(condition.name))
    if isinstance(attribute, Lookup):
        # Rows do not contain it; every row that the endpoint returned matches.
        return lambda _: True
    if reader is _row_reader and _has_text_order(condition, attribute):
        return _moment_test(condition, attribute)
    return _attribute_test(condition, attribute, meta, reader)


def _attribute_test(
    condition: Condition, attribute: Attribute[Any], meta: Options, reader: FieldReader
) -> Test:
    """Return the test of the value of a field."""
    read = reader(attribute)
    test = _value_test(condition, attribute)
    if test is not None:
        return lambda subject: test(read(subject))
    expected = condition.value
    compare = _COMPARE[condition.op]
    if attribute.kind.key is not None and condition.op in ("exact", "in"):
        return _keys_test(condition, attribute, meta, reader)
    if isinstance(expected, F):
        other, rank_of = (
            reader(column(meta.get_field(expected.name))),
            _ranks(attribute, condition.op),
        )
        return lambda subject: _compare_fields(
            compare, rank_of(read(subject)), rank_of(other(subject))
        )
    if condition.op in _ORDERED and attribute.kind.choices:
        ranks = {choice: index for index, choice in enumerate(attribute.kind.choices)}
        expected_rank = ranks[expected]
        return lambda subject: _compare_ranks(compare, ranks.get(read(subject)), expected_rank)
    if attribute.kind.absent is not None and condition.op in ("exact", "in"):
        members = (expected,) if condition.op == "exact" else tuple(expected)
        return lambda subject: _have_common_member(members, read(subject) or ())
    return lambda subject: compare(read(subject), expected)


def _has_text_order(condition: Condition, attribute: Attribute[Any]) -> bool:
    """Return True for a comparison of whole seconds, whose texts have the same order."""
    expected = condition.value
    return (
        attribute.kind is KINDS["datetime"]
        and not isinstance(attribute, KeyTransform)
        and condition.op in _ORDERED
        and isinstance(expected, datetime)
        and not expected.microsecond
    )


def _moment_test(condition: Condition, attribute: Attribute[Any]) -> Test:
    """Return the test of a moment, which reads the text of a row only if it has another form.

    Searches return thousands of rows, and each of them is compared.
    """
    wire, expected, compare = attribute.wire, condition.value, _COMPARE[condition.op]
    text, compare_texts = dump_datetime(expected), _ORDERED[condition.op]

    def test(row: Any) -> bool:
        raw = row.get(wire)
        if type(raw) is str and len(raw) == 20 and raw[10] == "T" and raw[19] == "Z":
            return compare_texts(raw, text)
        return compare(attribute.read(row), expected)

    return test


def _keys_test(
    condition: Condition, attribute: Attribute[Any], meta: Options, reader: FieldReader
) -> Test:
    """Return the test of equality for a field whose values are compared by their keys."""
    read, keys_of = reader(attribute), attribute.keys_of
    if isinstance(condition.value, F):
        other = reader(column(meta.get_field(condition.value.name)))
        return lambda subject: bool(keys_of(read(subject)) & keys_of(other(subject)))
    values = [condition.value] if condition.op == "exact" else condition.value
    expected = {attribute.key(value) for value in values}
    return lambda subject: not expected.isdisjoint(keys_of(read(subject)))


def _is_free_text(part: Predicate) -> bool:
    part = part.part if isinstance(part, Not) else part
    return isinstance(part, Condition) and part.op in ("words", "raw")


def _words_test(text: str, meta: Options, reader: FieldReader) -> Test:
    """Return the test for free text: each word begins a word in some text of the row."""
    readers = [reader(field) for field in meta.get_fields() if field.kind.name == "str"]
    patterns = [
        re.compile(rf"\b{re.escape(phrase or word)}", re.IGNORECASE)
        for phrase, word in WORDS.findall(text)
    ]

    def test(subject: Any) -> bool:
        texts = [value for value in (read(subject) for read in readers) if value]
        return all(any(pattern.search(value) for value in texts) for pattern in patterns)

    return test


def _value_test(condition: Condition, attribute: Attribute[Any]) -> Test | None:
    """Return the test of a value that needs more than a comparison, or None."""
    expected = condition.value
    if condition.op in PARTS:
        return part_test(condition.op, expected)
    if isinstance(expected, RelativeTime):
        compare = _COMPARE[condition.op]
        return lambda value: compare(value, expected.moment(time.time()))
    return _inner_test(condition.op, expected) if isinstance(attribute, KeyTransform) else None


def _inner_test(op: str, expected: Any) -> Callable[[Any], bool] | None:
    """Return the test of a value inside another one, which may have any type, or None.

    The type of the expected value decides: numbers may be stored as text, and the value of a
    multi-select is a list of options.
    """
    if op not in ("exact", "in") and op not in _ORDERED:
        return None
    compare = _COMPARE["exact" if op == "in" else op]
    members = expected if op == "in" else (expected,)
    tests = [(_loader_for(member), member) for member in members]

    def test(value: Any) -> bool:
        values = value if isinstance(value, list) and op in ("exact", "in") else [value]
        return any(
            loaded is not None and compare(loaded, member)
            for load, member in tests
            for loaded in map(load, values)
        )

    return test


def _loader_for(expected: Any) -> Callable[[Any], Any]:
    """Return the function that returns a stored value as the type of another one, or None."""
    if isinstance(expected, bool):
        return lambda value: value if isinstance(value, bool) else None
    if isinstance(expected, (int, float)):
        return _load_number
    if isinstance(expected, (datetime, date)):
        load = load_datetime if isinstance(expected, datetime) else load_date
        return lambda value: _load_moment(load, value)
    if isinstance(expected, str):
        return lambda value: str(value) if type(value) in (int, float) else _as_text(value)
    return lambda value: value if isinstance(value, type(expected)) else None


def _as_text(value: Any) -> Any:
    return value if isinstance(value, str) else None


def _load_number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if not isinstance(value, str):
        return value
    try:
        return int(value) if _INTEGER.fullmatch(value) else load_float(value)
    except UnexpectedValue:
        return None


def _load_moment(load: Callable[[Any], Any], value: Any) -> Any:
    try:
        return load(value) if isinstance(value, str) else None
    except UnexpectedValue:
        return None


def _ranks(field: Attribute[Any], op: str) -> Callable[[Any], Any]:
    """Return the function that returns the sort key of a value: its rank if there are choices."""
    if op not in _ORDERED or not field.kind.choices:
        return lambda value: value
    return {choice: index for index, choice in enumerate(field.kind.choices)}.get


def _compare_fields(compare: Callable[[Any, Any], bool], value: Any, other: Any) -> bool:
    return other is not None and compare(value, other)


def _compare_ranks(compare: Callable[[Any, Any], bool], rank: int | None, expected: int) -> bool:
    return rank is not None and compare(rank, expected)


def _have_common_member(members: Sequence[Any], values: Iterable[Any]) -> bool:
    """Return whether two lists have a common member; objects in a row are not hashable."""
    return any(member in values for member in members)


def _compare_present(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return the comparison of values that may be None, or of another type than expected."""

    def compare_values(value: Any, expected: Any) -> bool:
        try:
            return value is not None and compare(value, expected)
        except TypeError:
            # Ids are numbers or text, depending on the model: neither is greater.
            return False

    return compare_values


def _compare_text(
    test: Callable[[str, str], bool], *, fold: bool = False
) -> Callable[[Any, Any], bool]:
    def compare(value: Any, expected: str) -> bool:
        if not isinstance(value, str):
            return False
        return test(value.casefold(), expected.casefold()) if fold else test(value, expected)

    return compare


#: The operators that need an order, and the comparison of two values that are not None.
_ORDERED: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "exact": lambda value, expected: value == expected,
    "in": lambda value, expected: value in expected,
    "isnull": lambda value, expected: (value is None or value == []) is expected,
    **{op: _compare_present(compare) for op, compare in _ORDERED.items()},
    "has_key": lambda value, key: isinstance(value, dict) and key in value,
    "has_keys": lambda value, keys: isinstance(value, dict) and all(k in value for k in keys),
    "has_any_keys": lambda value, keys: isinstance(value, dict) and any(k in value for k in keys),
    "contained_by": lambda value, expected: (
        isinstance(value, dict) and value.items() <= expected.items()
    ),
    "iexact": _compare_text(lambda value, expected: value == expected, fold=True),
    "contains": _compare_text(lambda value, expected: expected in value),
    "icontains": _compare_text(lambda value, expected: expected in value, fold=True),
    "startswith": _compare_text(str.startswith),
    "istartswith": _compare_text(str.startswith, fold=True),
    "endswith": _compare_text(str.endswith),
    "iendswith": _compare_text(str.endswith, fold=True),
    "regex": _compare_text(lambda value, expected: re.search(expected, value) is not None),
    "iregex": _compare_text(
        lambda value, expected: re.search(expected, value, re.IGNORECASE) is not None
    ),
}
