"""Compiles predicates to search text.

A value is quoted unless it is a plain word, so that no value can become an operator, a keyword or
a second term.

Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.http.values import to_text
from zendesk_orm.messages import display
from zendesk_orm.query.dates import RelativeTime
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import WORDS, Condition, Predicate, Subquery, Term, conjunction
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import Kind


class Inexpressible(Exception):
    """No search text, or filter, expresses a predicate; the message names the part and why."""


@frozen
class SearchKeyword:
    """The keyword of a field in search text.

    Attributes:
        word: the keyword.
        kind: the kind of the field's values.
        tokenized: whether values match by word, so that search finds more than exact matches.
        supports_none: whether `none` finds the rows without a value.
        nullable: whether a row may have no value.
    """

    word: str
    kind: Kind
    tokenized: bool = False
    supports_none: bool = False
    nullable: bool = True


#: The most words in a query.
MAX_WORDS = 64

#: A word that needs no quotes. A leading `-` would negate it.
PLAIN_WORD = re.compile(r"[^\W_][\w.@+-]*", re.UNICODE)
_LETTER = re.compile(r"[^\W_]", re.UNICODE)
#: Words that have a special meaning unless they are quoted.
_RESERVED = frozenset({"none", "me"})
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
#: The operators for a moment without its fraction of a second.
_WHOLE = {"gt": "gt", "gte": "gt", "lt": "lte", "lte": "lte"}
_OPPOSITES = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}
_PREFIX_LOOKUPS = ("startswith", "istartswith")
#: Keywords whose values are searched word by word.
_PROSE = frozenset({"subject", "name", "notes", "details", "description"})
#: Keywords that do not support `*`.
_WITHOUT_WILDCARD = frozenset({"email", "phone"})
#: A date before every moment in Zendesk.
_BEGINNING = "1970-01-01"
#: Keywords with an order, in addition to dates.
_RANKED = frozenset({"status", "priority"})


def endpoint_text(endpoint: Endpoint, meta: Options, predicate: Predicate) -> str:
    """Return the search text for an endpoint.

    Raises:
        Inexpressible: no search text expresses the predicate.
    """
    # The export takes the type as a parameter; a type in its query is an error.
    type_ = None if endpoint.verb is Verb.SEARCH_EXPORT else endpoint.type
    return search_text(predicate, meta, endpoint, type_)


def search_text(
    predicate: Predicate,
    meta: Options,
    endpoint: Endpoint,
    type_: str | None = None,
) -> str:
    """Return the search text that finds the rows of a predicate.

    Args:
        predicate: the predicate.
        meta: the model's options.
        endpoint: the endpoint, which knows the keyword of each field, which of them match by
            word, and which support `none`.
        type_: the type for the text, or None if a parameter names it.

    Raises:
        Inexpressible: no search text expresses the predicate.
    """
    terms = conjunction(predicate)
    if terms is None:
        raise Inexpressible("one search cannot combine different fields with `or`")
    groups: dict[str, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.condition.name, []).append(term)
    words = [f"type:{type_}"] if type_ else []
    for name, group in groups.items():
        if name == "text":
            words += _free_text(group)
            continue
        word = endpoint.parameter(name)
        if word is None:
            raise Inexpressible(f"search cannot filter by {name}")
        field = column(meta.get_field(name))
        tokenized, supports_none = endpoint.matches_by_word(name), name in endpoint.supports_none
        keyword = SearchKeyword(word, field.kind, tokenized, supports_none, nullable=field.nullable)
        words += _words(keyword, group)
    if sum(len(word.split()) for word in words) > MAX_WORDS:
        raise Inexpressible(f"search takes {MAX_WORDS} words at most")
    return " ".join(words)


def quote(value: Any) -> str:
    """Return a value as one word of search text.

    Raises:
        Inexpressible: the value contains a double quote, which search cannot escape.
    """
    if isinstance(value, (Subquery, RelativeTime)):
        # Only explain() passes these: when the query is sent, ids and moments are known.
        return repr(value)
    if isinstance(value, F):
        raise Inexpressible(f"search cannot compare with another field, {value.name}")
    text = to_text(value)
    if isinstance(value, date):
        return text
    if PLAIN_WORD.fullmatch(text) and text.lower() not in _RESERVED:
        return text
    if '"' in text or "\\" in text or "*" in text or not text.strip():
        raise Inexpressible(f"search cannot express the value {display(text)}")
    return f'"{text}"'


def _free_text(terms: Sequence[Term]) -> Iterator[str]:
    """Yield the words and phrases of free text; none of them can become an operator."""
    for term in terms:
        if term.condition.op == "raw":
            if term.negated:
                raise Inexpressible("search text in its own language cannot be negated")
            yield term.condition.value
            continue
        # A word also finds longer words that begin with it, so a `*` is dropped.
        phrases = (
            " ".join((phrase or word).replace("*", " ").split())
            for phrase, word in WORDS.findall(term.condition.value)
        )
        words = [quote(phrase) for phrase in phrases if phrase]
        if not words:
            text = term.condition.value
            raise Inexpressible(f"search finds words, and {display(text)} contains no word")
        if term.negated and len(words) > 1:
            raise Inexpressible(
                "search cannot leave out rows that hold several words; leave out one word, "
                "or a phrase in double quotes"
            )
        yield from (f"-{word}" if term.negated else word for word in words)


def _words(keyword: SearchKeyword, terms: Sequence[Term]) -> Iterator[str]:
    """Yield the words for all terms of one keyword.

    Zendesk reads a repeated keyword as `or`, so a conjunction is expressed otherwise: members of
    a list in one pair of quotes, and at most one bound on each side.
    """
    nulls = {term.negated for term in terms if term.condition.op == "isnull"}
    terms = [term for term in terms if term.condition.op != "isnull"]
    for has_value in nulls:
        compared = not all(term.negated for term in terms)
        if compared and not has_value:
            raise Inexpressible(f"one search cannot ask {keyword.word} for a value and for none")
        # A row that matches a value has a value.
        if not compared:
            yield from _null_words(keyword, has_value=has_value)
    normal = [_to_seconds(_without_negation(term, keyword)) for term in terms]
    positive = [term.condition for term in normal if not term.negated]
    equal = [condition for condition in positive if condition.op not in _OPERATORS]
    if len(equal) > 1:
        yield _all_members(keyword, equal)
    elif equal:
        yield from _condition_words(keyword, equal[0])
    bounds = [condition for condition in positive if condition.op in _OPERATORS]
    if equal and bounds:
        # A repeated keyword is an `or`; whether it is one here is undocumented.
        raise Inexpressible(f"search cannot ask {keyword.word} for a value and a bound at once")
    yield from _bounds(keyword, bounds)
    for term in normal:
        if term.negated:
            if keyword.tokenized:
                raise Inexpressible(
                    f"search matches {keyword.word} by word, so it cannot leave out just "
                    f"the rows with {display(term.condition.value)}"
                )
            yield from (f"-{word}" for word in _condition_words(keyword, term.condition))


def _null_words(keyword: SearchKeyword, *, has_value: bool) -> Iterator[str]:
    """Yield the words for rows without a value, or for those that have one."""
    word, sign = keyword.word, "" if has_value else "-"
    if keyword.supports_none:
        yield f"{'-' if has_value else ''}{word}:none"
    elif keyword.kind.choices:
        # One of all choices, or none of them.
        yield from (f"{sign}{word}:{quote(choice)}" for choice in keyword.kind.choices)
    elif keyword.kind.name in ("datetime", "date"):
        yield f"{sign}{word}>{_BEGINNING}"
    else:
        raise Inexpressible(f"search cannot ask for rows without {word}")


def _without_negation(term: Term, keyword: SearchKeyword) -> Term:
    """Return a negated comparison as its opposite, if every row has a value."""
    condition = term.condition
    if not term.negated or condition.op not in _OPPOSITES:
        return term
    if keyword.nullable:
        raise Inexpressible(
            f"search cannot negate a comparison of {condition.name}, "
            "which keeps rows without a value"
        )
    return Term(evolve(condition, op=_OPPOSITES[condition.op]))


def _to_seconds(term: Term) -> Term:
    """Return the term without fractions of a second, which Zendesk does not store."""
    value = term.condition.value
    values = value if isinstance(value, tuple) else (value,)
    if not any(isinstance(item, datetime) and item.microsecond for item in values):
        return term
    if term.condition.op not in _WHOLE or not isinstance(value, datetime):
        raise Inexpressible("Zendesk keeps whole seconds, so no row has a moment between two")
    # "Before 10:00:00.5" includes 10:00:00, and "from 10:00:00.5 on" excludes it.
    condition = evolve(
        term.condition, op=_WHOLE[term.condition.op], value=value.replace(microsecond=0)
    )
    return Term(condition, term.negated)


def _bounds(keyword: SearchKeyword, bounds: Sequence[Condition]) -> Iterator[str]:
    """Yield the tightest lower bound and the tightest upper bound."""
    if bounds and not (keyword.kind.name in ("datetime", "date") or keyword.word in _RANKED):
        raise Inexpressible(f"search cannot compare {keyword.word} by order")
    for strict, inclusive, pick in (("gt", "gte", max), ("lt", "lte", min)):
        side = [condition for condition in bounds if condition.op in (strict, inclusive)]
        if side:
            words = [quote(condition.value) for condition in side]
            ranks = [_rank(keyword.kind, condition.value) for condition in side]
            tightest = ranks.index(pick(ranks))
            is_strict = any(
                condition.op == strict and rank == ranks[tightest]
                for condition, rank in zip(side, ranks, strict=True)
            )
            yield f"{keyword.word}{_OPERATORS[strict if is_strict else inclusive]}{words[tightest]}"


def _rank(kind: Kind, value: Any) -> Any:
    """Return the sort key of a value: its position among the choices, or the value itself."""
    if isinstance(value, RelativeTime):
        return value.moment(time.time())
    return kind.choices.index(value) if kind.choices else value


def _condition_words(keyword: SearchKeyword, condition: Condition) -> Iterator[str]:
    word, value = keyword.word, condition.value
    if keyword.kind.absent is not None:
        _require_single_words(condition)
    if condition.op == "exact" or (condition.op == "iexact" and keyword.tokenized):
        yield f"{word}:{_value_word(keyword, value)}"
    elif condition.op == "in":
        values = (value,) if isinstance(value, Subquery) else value
        yield from (f"{word}:{_value_word(keyword, item)}" for item in values)
    elif condition.op in _PREFIX_LOOKUPS and keyword.tokenized and PLAIN_WORD.match(value):
        # Search finds the first word or its beginning; the remainder is compared client-side.
        first, _, remainder = value.partition(" ")
        custom = keyword.kind.name == "Any"
        if word in _WITHOUT_WILDCARD or custom or (remainder and word not in _PROSE):
            raise Inexpressible(f"search compares {word} as a unit")
        yield f"{word}:{quote(first)}" if remainder else f"{word}:{_require_plain(first)}*"
    else:
        raise Inexpressible(
            f"search matches whole words, so it cannot answer {condition.name}__{condition.op}"
        )


def _value_word(keyword: SearchKeyword, value: Any) -> str:
    """Return a value as search accepts it for this keyword."""
    if isinstance(value, bool) and keyword.kind.name == "Any":
        # A custom field of type checkbox.
        return "checked" if value else "unchecked"
    if keyword.word == "phone" and not to_text(value).startswith("+"):
        raise Inexpressible("search finds phone numbers only in full, beginning with +")
    if keyword.tokenized and isinstance(value, str) and not _LETTER.search(value):
        raise Inexpressible(f"search finds words, and {display(value)} contains no word")
    return quote(value)


def _require_single_words(condition: Condition) -> None:
    """Raise `Inexpressible` if search would read a member of a list as several members."""
    for member in condition.value if condition.op == "in" else (condition.value,):
        if isinstance(member, str) and member.split() != [member]:
            raise Inexpressible(f"search would read {display(member)} as several values")


def _require_plain(word: str) -> str:
    if not PLAIN_WORD.fullmatch(word):
        raise Inexpressible(f"search cannot look for words that begin with {display(word)}")
    return word


def _all_members(keyword: SearchKeyword, equal: Sequence[Condition]) -> str:
    is_list = keyword.kind.absent is not None
    if not is_list or any(condition.op != "exact" for condition in equal):
        raise Inexpressible(f"one search cannot ask {keyword.word} for two things at once")
    values = [to_text(condition.value) for condition in equal]
    for value in values:
        if not PLAIN_WORD.fullmatch(value):
            raise Inexpressible(f"one search cannot ask for {display(value)} among others")
    return f'{keyword.word}:"{" ".join(values)}"'
