"""Predicate to search text, or the reason why not.

One serializer: a value is quoted unless it is a plain word, so that none can
become an operator, a keyword or a second term.

Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from zendesk_orm.query.predicate import Condition, Predicate, Term, conjunction
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import dump_datetime


class Inexpressible(Exception):
    """The predicate has no search text; the message says which part and why."""


#: What needs no quotes. A leading `-` would negate, so the first character is a letter or digit.
_PLAIN = re.compile(r"[^\W_][\w.@+-]*", re.UNICODE)
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def search_text(
    where: Predicate, meta: Options, keywords: Mapping[str, str], type_: str | None
) -> str:
    """Return the query that finds the rows of a predicate.

    Args:
        where: the predicate.
        meta: the model's options.
        keywords: field -> search keyword.
        type_: the type to name in the query; None where a parameter names it.

    Raises:
        Inexpressible: search has no words for it.
    """
    terms = conjunction(where)
    if terms is None:
        raise Inexpressible("one search cannot say `or` between different fields")
    words = [f"type:{type_}"] if type_ else []
    for name, group in _by_name(terms).items():
        keyword = keywords.get(name)
        if keyword is None:
            raise Inexpressible(f"search cannot filter by {name}")
        words += _words(keyword, group, meta)
    return " ".join(words)


def _by_name(terms: tuple[Term, ...]) -> dict[str, list[Term]]:
    groups: dict[str, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.condition.name, []).append(term)
    return groups


def _words(keyword: str, terms: list[Term], meta: Options) -> Iterator[str]:
    """Yield the words for all terms of one keyword.

    A repeated keyword means `or` to Zendesk, so what is meant as `and` has to
    be said otherwise: members of a list in one pair of quotes, bounds once each.
    """
    positive = [term.condition for term in terms if not term.negated]
    equal = [c for c in positive if c.op in ("exact", "in", "isnull")]
    if len(equal) > 1:
        yield _all_of(keyword, equal, meta)
    elif equal:
        yield from _one(keyword, equal[0])
    yield from _bounds(keyword, [c for c in positive if c.op in _OPERATORS], meta)
    for term in terms:
        if term.negated:
            if term.condition.op in _OPERATORS:
                raise Inexpressible(
                    f"search cannot negate a comparison of {term.condition.name}, "
                    "which keeps rows without a value"
                )
            yield from (f"-{word}" for word in _one(keyword, term.condition))
        elif term.condition.op not in (*_OPERATORS, "exact", "in", "isnull"):
            raise Inexpressible(
                f"search matches words, so it cannot answer "
                f"{term.condition.name}__{term.condition.op}"
            )


def _bounds(keyword: str, bounds: list[Condition], meta: Options) -> Iterator[str]:
    """Yield the tightest lower and the tightest upper bound."""
    for strict, loose, pick in (("gt", "gte", max), ("lt", "lte", min)):
        found = [condition for condition in bounds if condition.op in (strict, loose)]
        if found:
            ranks = [_rank(condition, meta) for condition in found]
            tightest = [c for c, rank in zip(found, ranks, strict=True) if rank == pick(ranks)]
            chosen = next((c for c in tightest if c.op == strict), tightest[0])
            yield f"{keyword}{_OPERATORS[chosen.op]}{quoted(chosen.value)}"


def _rank(condition: Condition, meta: Options) -> Any:
    """Return what orders the value: its place among the choices, or the value itself."""
    choices = column(meta.get_field(condition.name)).kind.choices
    return choices.index(condition.value) if choices else condition.value


def _one(keyword: str, condition: Condition) -> Iterator[str]:
    if condition.op == "isnull":
        yield f"{keyword}:none"
    elif condition.op == "exact":
        yield f"{keyword}:{quoted(condition.value)}"
    elif condition.op == "in":
        if not condition.value:
            raise Inexpressible(f"{condition.name}__in is empty")
        yield from (f"{keyword}:{quoted(value)}" for value in condition.value)
    else:
        raise Inexpressible(
            f"search matches words, so it cannot answer {condition.name}__{condition.op}"
        )


def _all_of(keyword: str, equal: list[Condition], meta: Options) -> str:
    members = column(meta.get_field(equal[0].name)).kind.absent is not None
    if not members or any(condition.op != "exact" for condition in equal):
        raise Inexpressible(f"one search cannot ask {keyword} for two things at once")
    for condition in equal:
        if not _PLAIN.fullmatch(str(condition.value)):
            raise Inexpressible(f"one search cannot ask for {condition.value!r} among others")
    return f'{keyword}:"{" ".join(str(condition.value) for condition in equal)}"'


def quoted(value: Any) -> str:
    """Return a value as one word of a query.

    Raises:
        Inexpressible: it holds a double quote, for which search has no escape.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return dump_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if _PLAIN.fullmatch(text):
        return text
    if '"' in text or "\\" in text or not text.strip():
        raise Inexpressible(f"search cannot express the value {text!r}")
    return f'"{text}"'
