"""`Q`: lookups that are combined with `&`, `|`, `^` and `~`, and compiled to predicates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import is_list, to_text
from zendesk_orm.messages import display, shorten
from zendesk_orm.query.dates import PARTS, membership, part_condition
from zendesk_orm.query.f import F
from zendesk_orm.query.keywords import (
    LOOKUPS,
    TEXT_LOOKUPS,
    Keyword,
    parse_keyword,
    require_list,
    require_pair,
)
from zendesk_orm.query.matching import record_test
from zendesk_orm.query.operators import operator_error, reject_operators
from zendesk_orm.query.predicate import (
    EVERY_ROW,
    And,
    Condition,
    Predicate,
    Subquery,
    conditions,
    conjoin,
    disjoin,
    negate,
)
from zendesk_orm.schema.accounts import as_reusable, owners
from zendesk_orm.schema.fields import Attribute, Ref, column
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.source import source_of
from zendesk_orm.schema.values import KINDS


#: The operators that combine two lookups.
_SIGNS = {"and": "&", "or": "|"}
_COMPARED = "compare in keywords, as in Q(created_at__lt=moment)"
_COMBINED = "combine Q objects, as in Q(status='new') & ~Q(tags='vip'), and pass them to filter()"


@reject_operators(
    arithmetic=_COMBINED, comparisons=_COMPARED, logical=_COMBINED, inversion=_COMBINED
)
@frozen(init=False, repr=False)
class Q:
    """Lookups that are not bound to a model: `Q(priority="urgent") | Q(tags="vip")`.

    A `Q` is an immutable value, which can be compared, stored, and combined with `&`, `|`, `^`
    and `~`.

    >>> important = Q(priority="urgent") | Q(tags="vip")
    >>> Ticket.objects.filter(important, status="new").count()
    5
    """

    op: str
    parts: tuple[Q | tuple[str, Any], ...] = field(hash=False)

    def __init__(self, *parts: Q | tuple[str, Any], **lookups: Any) -> None:
        arguments: tuple[Any, ...] = parts
        for argument in arguments:
            pair = (
                isinstance(argument, tuple) and len(argument) == 2 and isinstance(argument[0], str)
            )
            if not (pair or isinstance(argument, Q)):
                example = (
                    "filter(**conditions)"
                    if isinstance(argument, Mapping)
                    else "filter(status='new')"
                )
                raise InvalidValue(
                    f"conditions are keywords, as in {example}, or Q objects, not "
                    f"{display(argument)}"
                )
        self._set("and", (*parts, *lookups.items()))

    def _set(self, op: str, parts: tuple[Q | tuple[str, Any], ...]) -> None:
        object.__setattr__(self, "op", op)
        object.__setattr__(self, "parts", parts)

    @classmethod
    def _of(cls, op: str, *parts: Q) -> Q:
        q = cls.__new__(cls)
        q._set(op, parts)
        return q

    def __and__(self, other: Q) -> Q:
        return self._join("and", other)

    def __or__(self, other: Q) -> Q:
        return self._join("or", other)

    def __xor__(self, other: Q) -> Q:
        if not self.parts or not _require_q(self, "^", other).parts:
            # As with the other operators, an empty Q is ignored.
            return self if self.parts else _require_q(self, "^", other)
        return Q._of("or", self & ~other, ~self & other)

    def _join(self, op: str, other: Q) -> Q:
        _require_q(self, _SIGNS[op], other)
        return Q._of(op, *self._operands(op), *other._operands(op))

    def __invert__(self) -> Q:
        return Q._of("not", self)

    def _operands(self, op: str) -> tuple[Any, ...]:
        """Return the parts that an operator has joined; thousands of them are one level."""
        # Keywords are the last parts.
        is_joined = self.op == op and len(self.parts) > 1 and isinstance(self.parts[-1], Q)
        return self.parts if is_joined else (self,)

    def __repr__(self) -> str:
        """Return an expression that evaluates to an equal value, shortened if it is long."""
        return shorten(self._expression())

    def _expression(self) -> str:
        parts = [
            part._expression() if isinstance(part, Q) else f"{part[0]}={display(part[1])}"
            for part in self.parts
        ]
        if self.op == "not":
            return f"~{parts[0]}"
        if len(parts) > 1 and all(isinstance(part, Q) for part in self.parts):
            return f"({f' {_SIGNS[self.op]} '.join(parts)})"
        return f"Q({', '.join(parts)})"

    def resolve(self, model: Any) -> Predicate:
        """Return the predicate over the fields of a model.

        Raises:
            FieldError: a field or lookup does not exist.
            InvalidValue: a field cannot have such a value.
        """
        meta = model._meta
        parts = [
            part.resolve(model) if isinstance(part, Q) else condition(meta, *part)
            for part in self.parts
        ]
        if self.op == "or":
            return disjoin(tuple(parts))
        where: Predicate = EVERY_ROW
        for part in parts:
            where = conjoin(where, part)
        return negate(where) if self.op == "not" else where

    def bind(self, model: Any) -> Callable[[Any], bool]:
        """Return a function that checks whether an instance of the model matches.

        Raises:
            FieldError: the check would need a request.
        """
        where = self.resolve(model)
        for part in conditions(where):
            if part.name in model._meta.lookups:
                raise FieldError(
                    f"{part.name} is not stored in objects; only Zendesk can compare it"
                )
            if isinstance(part.value, Subquery):
                raise FieldError(
                    f"{part.name}: the related object would have to be fetched; compare its id"
                )
        return record_test(where, model._meta)


def _require_q(left: Q, sign: str, right: Any) -> Q:
    """Return the right operand, or raise `FieldError`; Python's error would name no remedy."""
    if not isinstance(right, Q):
        raise operator_error(_COMBINED, left, sign, right)
    return right


# -- conditions ------------------------------------------------------------


def condition(meta: Options, keyword: str, value: Any) -> Predicate:
    """Return the predicate of one keyword of `filter()`.

    Raises:
        FieldError: the field or the lookup does not exist; the message names the nearest one.
        InvalidValue: the field or the lookup cannot have the value.
    """
    if keyword == "text" and "text" not in meta.fields:
        return free_text(value)
    if value is None and keyword in ("id", "pk"):
        raise InvalidValue(f"{keyword}=None: None is not an id; has the object been saved?")
    if type(value) is str:
        return _condition(meta, keyword, value)
    value = as_reusable(value) if not hasattr(value, "query") else value
    where, accounts = _condition(meta, keyword, value), owners([value])
    return evolve(where, owners=accounts) if accounts and isinstance(where, Condition) else where


def free_text(text: str) -> Predicate:
    """Return the predicate of rows that contain all words and phrases of a text.

    Raises:
        InvalidValue: the text contains no word.
    """
    text = KINDS["str"].accept(text)
    if not text.strip():
        raise InvalidValue(f"free text must contain a word, not {display(text)}")
    return Condition("text", "words", text)


def _condition(meta: Options, keyword: str, value: Any) -> Predicate:
    try:
        parsed = parse_keyword(meta, keyword)
    except FieldError:
        where = _to_many_condition(meta, keyword, value)
        if where is None:
            raise
        return where
    field, lookup = parsed.field, parsed.lookup
    try:
        if parsed.relation is not None:
            return _relation_condition(meta, parsed, value)
        if lookup == "in" and (subquery := _as_subquery(value)) is not None:
            return Condition(field.name, "in", subquery, _query_owners(value))
        if lookup.partition("__")[0] in PARTS:
            return part_condition(field.name, lookup, value)
        if isinstance(value, F):
            return _comparison(field.name, lookup, _other_field(meta, field, value), _identity)
        return _comparison(field.name, lookup, value, parsed.convert)
    except InvalidValue as error:
        reason = str(error).removeprefix(f"{field.relation}: ")
        if lookup == "exact" and is_list(value):
            reason += "; use __in to match any of several"
        raise InvalidValue(f"{keyword}={display(value, 200)}: {reason}") from None


def _other_field(meta: Options, field: Attribute[Any], f: F) -> F:
    """Return the field that a field is compared with.

    Raises:
        InvalidValue: the two fields hold different kinds of values.
    """
    other = column(meta.get_field(f.name))
    for item in (field, other):
        if isinstance(item, KeyTransform) or item.kind.absent is not None:
            raise InvalidValue(f"{item.name} cannot be compared with other fields of the row")
    if (other.kind.name, other.kind.choices) != (field.kind.name, field.kind.choices):
        raise InvalidValue(f"{field.name} and {other.name} hold different kinds of values")
    return F(other.name)


# -- relations and subqueries ------------------------------------------------


def _relation_condition(meta: Options, keyword: Keyword, value: Any) -> Predicate:
    """Return a condition on a relation: by id or record, by a query, or by a related field."""
    relation, lookup = keyword.relation, keyword.lookup
    subquery = _as_subquery(value)
    if lookup == "in" and subquery is not None:
        models = subquery.model._meta.concrete, relation.model._meta.concrete
        if models[0] is not models[1] and subquery.query.projection is None:
            raise InvalidValue(f"must be a query of {relation.model.__name__}")
        return Condition(relation.name, "in", subquery, _query_owners(value))
    if isinstance(value, F) and lookup == "exact":
        return Condition(relation.name, "exact", _other_relation(meta, relation, value))
    if lookup in LOOKUPS:
        return _comparison(relation.name, lookup, value, keyword.convert)
    where = condition(relation.model._meta, lookup, value)
    if where == Condition("id", "exact", value):
        return Condition(relation.name, "exact", value)
    return Condition(relation.name, "in", Subquery(relation.model, where))


def _to_many_condition(meta: Options, keyword: str, value: Any) -> Predicate | None:
    """Return a condition on the rows that refer to an object, as Django does: `tickets__status`.

    The ids of the objects are those that a query of these rows returns. None if the keyword does
    not begin with a relation to many.
    """
    name, _, lookup = keyword.partition("__")
    related: Any = None if name in meta.names else getattr(meta.model, name, None)
    relation = getattr(related, "relation", None)
    if not isinstance(relation, str) or relation not in related.model._meta.relations:
        return None
    if lookup == "isnull":
        if not isinstance(value, bool):
            raise InvalidValue(f"{keyword}={display(value, 200)}: isnull must be True or False")
        rows = related.model.objects.filter(**{f"{relation}__isnull": False}).values(relation)
        where = _condition(meta, "id__in", rows)
        return negate(where) if value else where
    if lookup in ("", "exact", "in"):
        is_many = lookup == "in"
        value = (_to_ids if is_many else _to_id)(related.model, value)
        lookup = "id__in" if is_many else "id"
    elif lookup in LOOKUPS:
        raise FieldError(f"{name} has no lookup {display(lookup)}; it has exact, in, isnull")
    rows = related.model.objects.filter(**{lookup: value}).values(relation)
    return _condition(meta, "id__in", rows)


def _to_id(model: Any, value: Any) -> Any:
    """Return the id of an object of a model; other values as they are."""
    return value.pk if isinstance(value, model) else value


def _to_ids(model: Any, values: Any) -> Any:
    if _as_subquery(values) is not None:
        return values
    return [_to_id(model, value) for value in require_list(values)]


def _other_relation(meta: Options, relation: Ref[Any], f: F) -> F:
    """Return the id that the id of a relation is compared with.

    Raises:
        InvalidValue: it is not the id of an object of the same model.
    """
    other = column(meta.get_field(f.name))
    related = None if other.relation is None else meta.relations[other.relation].model
    if related is None or related._meta.concrete is not relation.model._meta.concrete:
        raise InvalidValue(f"{f.name} is not a relation to {relation.model.__name__}")
    return F(other.name)


def _as_subquery(value: Any) -> Subquery | None:
    """Return a QuerySet as a subquery for the ids, or the one value, of its rows; else None."""
    query = getattr(value, "query", None)
    where = getattr(query, "where", None)
    if query is None or where is None:
        return None
    if query.projection is not None and len(query.projection.names) != 1:
        raise InvalidValue("a query of values stands for one value of each row: name one field")
    return Subquery(query.model, where, query)


def _query_owners(value: Any) -> tuple[Any, ...]:
    """Return the account of a QuerySet, and those of the objects in its conditions."""
    alias = getattr(value, "_db", None)
    return (*(() if alias is None else (source_of(alias),)), *value.query.owners)


# -- values ------------------------------------------------------------------


def _comparison(name: str, lookup: str, value: Any, convert: Callable[[Any], Any]) -> Predicate:
    if lookup == "isnull":
        if not isinstance(value, bool):
            raise InvalidValue("isnull must be True or False")
        null = Condition(name, "isnull", value=True)
        return null if value else negate(null)
    if lookup in TEXT_LOOKUPS:
        return Condition(name, lookup, _convert_text(lookup, value))
    if lookup == "range":
        low, high = require_pair(value)
        return And((Condition(name, "gte", convert(low)), Condition(name, "lte", convert(high))))
    if lookup == "in":
        values = list(require_list(value))
        if None in values:
            raise InvalidValue("None cannot be among several values; use __isnull")
        return membership(name, tuple(dict.fromkeys(convert(item) for item in values)))
    if lookup in _KEY_CONVERSIONS:
        return Condition(name, lookup, _KEY_CONVERSIONS[lookup](value))
    if value is None:
        if lookup != "exact":
            raise InvalidValue(f"None cannot be compared by {display(lookup)}")
        return Condition(name, "isnull", value=True)
    return Condition(name, lookup, convert(value))


def _convert_text(lookup: str, value: Any) -> str:
    """Return the text of a text lookup.

    Raises:
        InvalidValue: the value is not text, or not a regular expression if one is needed.
    """
    text: str = KINDS["str"].accept(value)
    if lookup not in ("regex", "iregex"):
        return text
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidValue(f"{display(text)} is not a regular expression: {error}") from None
    return text


def _identity(value: Any) -> Any:
    return value


#: The conversions of the values of lookups of dictionaries.
_KEY_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "has_key": to_text,
    "has_keys": lambda keys: tuple(to_text(key) for key in require_list(keys)),
    "has_any_keys": lambda keys: tuple(to_text(key) for key in require_list(keys)),
    "contained_by": KINDS["dict"].accept,
}
