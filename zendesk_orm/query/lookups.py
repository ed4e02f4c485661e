"""Keywords to conditions: `created_at__gte=d`, `created_after=d`, `requester=ann`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timezone
from typing import Any

from attrs import evolve

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import plain, to_text
from zendesk_orm.query.ago import ago
from zendesk_orm.query.dates import PARTS, of_part
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import Condition, Every, Predicate, Subquery, negation
from zendesk_orm.schema.accounts import listed, owners
from zendesk_orm.schema.fields import Attribute, Lookup, Ref, column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.source import source_of
from zendesk_orm.schema.values import KINDS
from zendesk_orm.suggestions import suggestion


#: zenpy's endings, and the lookup that each stands for.
_ENDINGS: Mapping[str, str] = {
    "_after": "gt",
    "_before": "lt",
    "_between": "range",
    "_greater_than": "gt",
    "_less_than": "lt",
}

#: Lookups whose value is text, whatever the field.
_TEXT = frozenset(
    f"{fold}{test}"
    for fold in ("", "i")
    for test in ("contains", "startswith", "endswith", "regex")
) | {"iexact"}
_ORDERED = frozenset({"gt", "gte", "lt", "lte"})
#: Lookups of dictionaries, and what turns the given value into the one that is compared.
_OF_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "has_key": to_text,
    "has_keys": lambda keys: tuple(to_text(key) for key in _many(keys)),
    "has_any_keys": lambda keys: tuple(to_text(key) for key in _many(keys)),
    "contained_by": KINDS["dict"].accept,
}
LOOKUPS = frozenset({"exact", "in", "range", "isnull", *_ORDERED, *_TEXT, *_OF_KEYS})

#: zenpy's name, and Zendesk's, of a custom field of a ticket.
_CUSTOM = re.compile(r"custom_field_\d+")


def condition(meta: Options, keyword: str, value: Any) -> Predicate:
    """Return the predicate that one keyword of `filter()` stands for.

    Raises:
        FieldError: no such field or lookup; the message names the nearest.
        InvalidValue: the value fits neither.
    """
    if keyword == "text" and "text" not in meta.fields:
        return words(value)
    if value is None and keyword in ("id", "pk"):
        raise InvalidValue(f"{keyword}=None: None is not an id; has the object been saved?")
    value = listed(value) if not hasattr(value, "query") else value
    where, found = _condition(meta, keyword, value), owners([value])
    return evolve(where, owners=found) if found and isinstance(where, Condition) else where


def is_keyword(meta: Options, keyword: str) -> bool:
    """Return whether `filter()` of a model knows a keyword: a field, or zenpy's `created_after`."""
    if keyword == "text":
        return True
    try:
        meta.get_field(_split(meta, keyword)[0])
    except FieldError:
        return False
    return True


def _condition(meta: Options, keyword: str, value: Any) -> Predicate:
    name, lookup = _split(meta, keyword)
    field = column(meta.get_field(name))
    relation = meta.relations.get(field.relation or "")
    try:
        if relation is not None:
            return _related(relation, lookup, value)
        if lookup == "in" and _asked(value) is not None:
            return Condition(field.name, "in", _asked(value), _asking(value))
        if lookup.partition("__")[0] in PARTS:
            return of_part(field.name, lookup, value)
        _fitting(field, lookup)
        if isinstance(value, F):
            return _compared(field.name, lookup, _other(meta, field, value), _unchanged)
        return _compared(field.name, lookup, value, _converter(field))
    except InvalidValue as error:
        raise InvalidValue(f"{keyword}={value!r}: {error}") from None


def _other(meta: Options, field: Attribute[Any], f: F) -> F:
    """Return the other field that a field is compared with.

    Raises:
        InvalidValue: the two hold different kinds of values.
    """
    other = column(meta.get_field(f.name))
    if (other.kind.name, other.kind.choices) != (field.kind.name, field.kind.choices):
        raise InvalidValue(f"{field.name} and {other.name} hold different kinds of values")
    return F(other.name)


def _fitting(field: Attribute[Any], lookup: str) -> None:
    """Refuse a lookup that no value of the field could answer.

    Raises:
        FieldError: the message names those that it has.
    """
    name, kind = field.relation or field.name, field.kind
    textual = field.relation is None and (kind.name in ("str", "Any") or bool(kind.choices))
    ordered = field.relation is None and kind.absent is None and kind.name != "bool"
    if isinstance(field, Lookup):
        if lookup != "exact":
            raise FieldError(f"{name} has no lookup {lookup!r}; Zendesk takes one value for it")
        return
    fits = {"exact", "in", "isnull"}
    fits |= _TEXT if textual else set()
    fits |= {*_ORDERED, "range"} if ordered else set()
    keyed = field.relation is None and kind.name in ("dict", "Any")
    fits |= set(_OF_KEYS) if keyed else set()
    if lookup not in fits:
        raise FieldError(f"{name} has no lookup {lookup!r}; it has {', '.join(sorted(fits))}")


def words(text: str) -> Predicate:
    """Return the predicate of free text: rows that hold all its words and phrases.

    Raises:
        InvalidValue: there is no word in it.
    """
    text = KINDS["str"].accept(text)
    if not text.strip():
        raise InvalidValue(f"free text wants words, not {text!r}")
    return Condition("text", "words", text)


def _related(relation: Ref[Any], lookup: str, value: Any) -> Predicate:
    """Return the condition on a relation: by id or record, by a query, or by what it points to."""
    asked = _asked(value)
    if lookup == "in" and asked is not None:
        rows = asked.model._meta.concrete, relation.model._meta.concrete
        if rows[0] is not rows[1] and asked.query.shape is None:
            raise InvalidValue(f"wants a query of {relation.model.__name__}")
        return Condition(relation.name, "in", asked, _asking(value))
    if lookup in LOOKUPS:
        _fitting(relation.id, lookup)
        return _compared(relation.name, lookup, value, relation.pk_of)
    where = condition(relation.model._meta, lookup, value)
    if where == Condition("id", "exact", value):
        return Condition(relation.name, "exact", value)
    return Condition(relation.name, "in", Subquery(relation.model, where))


def _asked(value: Any) -> Subquery | None:
    """Return the query of a QuerySet, which stands for the ids of its rows, or for one value."""
    query = getattr(value, "query", None)
    where = getattr(query, "where", None)
    if query is None or where is None:
        return None
    if query.shape is not None and len(query.shape.names) != 1:
        raise InvalidValue("a query of values stands for one value of each row: name one field")
    return Subquery(query.model, where, query)


def _asking(value: Any) -> tuple[Any, ...]:
    """Return the accounts that a query names, and those of the objects in its conditions."""
    alias = getattr(value, "_alias", None)
    return (*(() if alias is None else (source_of(alias),)), *value.query.owners)


def _split(meta: Options, keyword: str) -> tuple[str, str]:
    """Return the field's name and the lookup's."""
    name, _, lookup = keyword.partition("__")
    while lookup.startswith("_"):
        # The name ends in an underscore itself: `from___in`.
        name, lookup = f"{name}_", lookup[1:]
    if _CUSTOM.fullmatch(name) and "custom_fields" in meta.fields:
        return name.replace("custom_field_", "custom_fields__"), lookup or "exact"
    if lookup in LOOKUPS:
        return name, lookup
    if lookup:
        return _beyond(meta, name, lookup)
    known = {*meta.names, *meta.lookups, "pk"}
    if name not in known:
        for ending, meaning in _ENDINGS.items():
            stem = name.removesuffix(ending)
            for candidate in (stem, f"{stem}_at"):
                if stem != name and candidate in known:
                    return candidate, meaning
    return name, "exact"


def _beyond(meta: Options, name: str, rest: str) -> tuple[str, str]:
    """Return name and lookup of what goes on behind a field: to another row, or inside.

    Raises:
        FieldError: nothing does.
    """
    field = meta.get_field(name)
    if name in meta.relations or (_is_moment(field) and rest.partition("__")[0] in PARTS):
        return name, rest
    inner = _inside(meta, name, rest)
    if inner is not None:
        return inner
    raise FieldError(f"{name}__{rest}: no lookup {rest!r}" + suggestion(rest, LOOKUPS))


def _is_moment(field: Attribute[Any] | Ref[Any]) -> bool:
    return not isinstance(field, Ref) and field.kind.name == "datetime"


def _inside(meta: Options, name: str, rest: str) -> tuple[str, str] | None:
    """Return the name of a value inside a field, and the lookup: `via__channel`, `in`."""
    keys, _, last = rest.rpartition("__")
    for key, lookup in ((keys, last), (rest, "exact")):
        if key and lookup in LOOKUPS and name in meta.fields:
            try:
                meta.get_field(f"{name}__{key}")
            except FieldError:
                return None
            return f"{name}__{key}", lookup
    return None


def _compared(name: str, lookup: str, value: Any, convert: Callable[[Any], Any]) -> Predicate:
    if lookup == "isnull":
        if not isinstance(value, bool):
            raise InvalidValue("isnull wants True or False")
        null = Condition(name, "isnull", value=True)
        return null if value else negation(null)
    if lookup in _TEXT:
        return Condition(name, lookup, _text(lookup, value))
    if lookup == "range":
        low, high = _pair(value)
        return Every((Condition(name, "gte", convert(low)), Condition(name, "lte", convert(high))))
    if lookup == "in":
        values = list(_many(value))
        if None in values:
            raise InvalidValue("None cannot be among several values; ask for __isnull")
        return Condition(name, "in", tuple(dict.fromkeys(convert(each) for each in values)))
    if lookup in _OF_KEYS:
        return Condition(name, lookup, _OF_KEYS[lookup](value))
    if value is None:
        if lookup != "exact":
            raise InvalidValue(f"None cannot be compared by {lookup!r}")
        return Condition(name, "isnull", value=True)
    return Condition(name, lookup, convert(value))


def _text(lookup: str, value: Any) -> str:
    """Return the text that a lookup compares with; that of `regex` must be an expression.

    Raises:
        InvalidValue: it is not.
    """
    text: str = KINDS["str"].accept(value)
    if lookup not in ("regex", "iregex"):
        return text
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidValue(f"{text!r} is not a regular expression: {error}") from None
    return text


def _converter(field: Attribute[Any]) -> Callable[[Any], Any]:
    """Return what turns a given value into one that compares with the field's."""
    kind = field.kind
    if kind.name == "datetime":
        return _moment
    if field.wire == "tags":
        return _tag
    if kind.load is not None and kind.absent is not None:
        return _member
    return kind.accept if kind.name != "Any" else _any


def _unchanged(value: Any) -> Any:
    return value


def _any(value: Any) -> Any:
    """Return the value of a custom field; a record stays until its field is known."""
    return value if hasattr(value, "_meta") else plain(value)


def _member(value: Any) -> Any:
    """Return the value as a member of a list: lists are filtered by what they contain."""
    if isinstance(value, (str, int)):
        return plain(value)
    raise InvalidValue("a list is filtered by one member; use __in for several")


def _tag(value: Any) -> str:
    """Return the value as a tag: Zendesk keeps tags in lower case."""
    return to_text(_member(value)).lower()


def _moment(value: Any) -> Any:
    before = ago(value)
    if before is not None:
        return before
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    moment: datetime = KINDS["datetime"].accept(value)
    return moment


def _pair(value: Any) -> tuple[Any, Any]:
    pair = tuple(value) if isinstance(value, (tuple, list)) else ()
    if len(pair) != 2:
        raise InvalidValue("wants a pair: (from, to)")
    return pair[0], pair[1]


def _many(value: Any) -> Iterable[Any]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        raise InvalidValue("__in wants a list of values")
    return value
