"""Parses the keywords of `filter()`: the field, the lookup, and the conversion of values."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime, timezone
from functools import lru_cache
from typing import Any

from attrs import frozen

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import is_list, plain, to_text
from zendesk_orm.messages import display, suggestion
from zendesk_orm.query.checkpoint import Checkpoint, is_checkpoint_text
from zendesk_orm.query.dates import PARTS, relative_time
from zendesk_orm.schema.fields import Attribute, Lookup, Ref, column
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import KINDS


#: The suffixes of zenpy, and the lookups that they stand for.
_SUFFIXES: Mapping[str, str] = {
    "_after": "gt",
    "_before": "lt",
    "_between": "range",
    "_greater_than": "gt",
    "_less_than": "lt",
}

#: Lookups whose value is text, whatever the field.
TEXT_LOOKUPS = frozenset(
    f"{fold}{test}"
    for fold in ("", "i")
    for test in ("contains", "startswith", "endswith", "regex")
) | {"iexact"}
_ORDERED = frozenset({"gt", "gte", "lt", "lte"})
#: Lookups of dictionaries.
KEY_LOOKUPS = frozenset({"has_key", "has_keys", "has_any_keys", "contained_by"})
LOOKUPS = frozenset({"exact", "in", "range", "isnull", *_ORDERED, *TEXT_LOOKUPS, *KEY_LOOKUPS})

#: The lookup of incremental exports, of which the value is a moment or a checkpoint.
EXPORT_LOOKUP = "changed_since"
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

#: The name of a ticket's custom field in zenpy and in Zendesk's search.
_CUSTOM = re.compile(r"custom_field_\d+")


@frozen(eq=False)
class Keyword:
    """A keyword of `filter()`, parsed.

    Attributes:
        field: the field; for a relation, its id.
        relation: the relation, or None.
        lookup: the lookup; for a relation perhaps a keyword of the related model.
        convert: converts values of the field.
    """

    field: Any  # An `Attribute`, which type checkers would take for a descriptor.
    relation: Any
    lookup: str
    convert: Callable[[Any], Any]


@lru_cache(maxsize=4096)
def parse_keyword(meta: Options, keyword: str) -> Keyword:
    """Return a keyword as a field and a lookup.

    Raises:
        FieldError: the field does not exist, or does not support the lookup.
    """
    name, lookup = _split(meta, keyword)
    field = column(meta.get_field(name))
    relation = meta.relations.get(field.relation or "")
    if lookup in LOOKUPS:
        _check_lookup(field, lookup)
    return Keyword(
        field, relation, lookup, _converter(field) if relation is None else relation.pk_of
    )


def is_keyword(meta: Options, keyword: str) -> bool:
    """Return True if `filter()` accepts a keyword: a field, or zenpy's `created_after`."""
    if keyword == "text":
        return True
    try:
        meta.get_field(_split(meta, keyword)[0])
    except FieldError:
        return False
    return True


def _check_lookup(field: Attribute[Any], lookup: str) -> None:
    """Raise `FieldError` if a field does not support a lookup; the message lists those it does."""
    if lookup == "exact":
        return
    name = field.relation or field.name
    if isinstance(field, Lookup):
        raise FieldError(f"{name} has no lookup {display(lookup)}; Zendesk takes one value for it")
    supported = _supported_lookups(field)
    if lookup not in supported:
        hint = f"; {name}= matches one of its members" if field.kind.absent is not None else ""
        names = ", ".join(sorted(supported))
        raise FieldError(f"{name} has no lookup {display(lookup)}; it has {names}{hint}")


def _supported_lookups(field: Attribute[Any]) -> set[str]:
    kind, is_relation = field.kind, field.relation is not None
    supported = {"exact", "in", "isnull"}
    if is_relation:
        return supported
    if kind.name in ("str", "Any") or kind.choices:
        supported |= TEXT_LOOKUPS
    if kind.is_ordered and kind.name != "bool":
        supported |= {*_ORDERED, "range"}
    if kind.name in ("dict", "Any"):
        supported |= KEY_LOOKUPS
    return supported


def _split(meta: Options, keyword: str) -> tuple[str, str]:
    """Split a keyword into the name of a field and a lookup."""
    name, separator, lookup = keyword.partition("__")
    if separator and not lookup.strip("_"):
        # Without a lookup after it, `__` belongs to the name.
        return keyword, "exact"
    while lookup.startswith("_"):
        # The name of the field ends in an underscore: `from___in`.
        name, lookup = f"{name}_", lookup[1:]
    if _CUSTOM.fullmatch(name) and "custom_fields" in meta.fields:
        return name.replace("custom_field_", "custom_fields__"), lookup or "exact"
    if lookup in LOOKUPS:
        return name, lookup
    if lookup:
        return _split_path(meta, name, lookup)
    names = {*meta.names, *meta.lookups, "pk"}
    if name not in names:
        for suffix, meaning in _SUFFIXES.items():
            stem = name.removesuffix(suffix)
            for candidate in (stem, f"{stem}_at"):
                if stem != name and candidate in names:
                    return candidate, meaning
    return name, "exact"


def _split_path(meta: Options, name: str, path: str) -> tuple[str, str]:
    """Return the field and the lookup of a path: to a related row, or to a value inside a field.

    Raises:
        FieldError: the path leads nowhere.
    """
    field = meta.get_field(name)
    is_moment = not isinstance(field, Ref) and field.kind.name == "datetime"
    if name in meta.relations or (is_moment and path.partition("__")[0] in PARTS):
        return name, path
    inner = _split_inner(meta, name, path)
    if inner is not None:
        return inner
    supported = _supported_lookups(column(field))
    raise FieldError(f"{name} has no lookup {display(path)}" + suggestion(path, supported))


def _split_inner(meta: Options, name: str, path: str) -> tuple[str, str] | None:
    """Return the name of a value inside a field and the lookup: `via__channel`, `in`; or None."""
    keys, _, last = path.rpartition("__")
    for key, lookup in ((keys, last), (path, "exact")):
        if key and lookup in LOOKUPS and name in meta.fields:
            try:
                meta.get_field(f"{name}__{key}")
            except FieldError:
                return None
            return f"{name}__{key}", lookup
    return None


def _converter(field: Attribute[Any]) -> Callable[[Any], Any]:
    """Return the function that converts a value to one that is comparable with the field's."""
    kind = field.kind
    if isinstance(field, Lookup) and field.name == EXPORT_LOOKUP:
        return _convert_start
    if kind.name == "datetime":
        return _convert_moment
    if kind.load is not None and kind.absent is not None:
        return _convert_tag if field.wire == "tags" else _convert_member
    if isinstance(field, KeyTransform):
        return _convert_inner
    return kind.accept if kind.name != "Any" else _convert_any


def _convert_inner(value: Any) -> Any:
    """Return the value as one inside of a field: lists and objects are not compared as a whole."""
    converted = _convert_any(value)
    if isinstance(converted, (dict, list)):
        raise InvalidValue(
            "a list or a dictionary is not compared as a whole; compare the values inside of it, "
            "such as via__source__from__name"
        )
    return converted


def _convert_any(value: Any) -> Any:
    """Return the value of a custom field; a record is converted when its field is known."""
    return value if hasattr(value, "_meta") else plain(value)


def _convert_member(value: Any) -> Any:
    """Return the value as a member of a list: lists are filtered by their members."""
    if isinstance(value, (str, int)):
        return plain(value)
    raise InvalidValue("a list is filtered by one member")


def _convert_tag(value: Any) -> str:
    """Return the value as a tag: Zendesk stores tags in lower case."""
    return to_text(_convert_member(value)).lower()


def _convert_start(value: Any) -> Any:
    """Return the start of an export: a moment, or a checkpoint."""
    if isinstance(value, Checkpoint):
        return value
    if is_checkpoint_text(value):
        return Checkpoint.from_text(value)
    moment = value
    if type(value) in (int, float):
        try:
            moment = datetime.fromtimestamp(value, tz=timezone.utc)
        except (ValueError, OverflowError, OSError):
            raise InvalidValue("this is not a time in seconds since 1970") from None
    moment = _convert_moment(moment)
    if isinstance(moment, datetime) and moment < _EPOCH:
        raise InvalidValue("exports begin in 1970; use 0 for all rows")
    return moment


def _convert_moment(value: Any) -> Any:
    """Return the value as a moment, or as a time relative to now; a date is its beginning."""
    relative = relative_time(value)
    if relative is not None:
        return relative
    if isinstance(value, str):
        with suppress(ValueError):
            value = date.fromisoformat(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    moment: datetime = KINDS["datetime"].accept(value)
    return moment


def require_pair(value: Any) -> tuple[Any, Any]:
    """Return the two values of `range`, or raise `InvalidValue` if there are not two."""
    pair = tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(pair) != 2:
        raise InvalidValue("must be a pair: (from, to)")
    return pair[0], pair[1]


def require_list(value: Any) -> Iterable[Any]:
    """Return the values of `in`, or raise `InvalidValue` if they are not a list."""
    if not is_list(value) and not isinstance(value, Mapping):
        raise InvalidValue(f"__in must be a list of values, not {display(value)}")
    return value
