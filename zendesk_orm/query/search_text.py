"""Predicate to search text, or the reason why not.

One serializer: a value is quoted unless it is a plain word, so that none can
become an operator, a keyword or a second term.

Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from attrs import evolve, frozen

from zendesk_orm.api.endpoint import Endpoint
from zendesk_orm.http.values import to_text
from zendesk_orm.query.ago import Ago
from zendesk_orm.query.f import F
from zendesk_orm.query.predicate import WORDS, Condition, Predicate, Subquery, Term, conjunction
from zendesk_orm.schema.fields import column
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import Kind


class Inexpressible(Exception):
    """The predicate has no search text; the message says which part and why."""


@frozen
class Keyword:
    """What search calls a field.

    Attributes:
        word: the keyword.
        kind: the kind of the field's values.
        loose: whether values match by word, so that more than was asked is found.
        absent: whether `none` finds the rows without a value.
        nullable: whether a row may be without a value.
    """

    word: str
    kind: Kind
    loose: bool = False
    absent: bool = False
    nullable: bool = True


#: Words that a query has at most.
MOST_WORDS = 64

#: What needs no quotes. A leading `-` would negate, so the first character is a letter or digit.
_PLAIN = re.compile(r"[^\W_][\w.@+-]*", re.UNICODE)
_LETTER = re.compile(r"[^\W_]", re.UNICODE)
#: Words that stand for something else unless they are quoted.
_SPOKEN_FOR = frozenset({"none", "me"})
_OPERATORS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_WHOLE = {"gt": "gt", "gte": "gt", "lt": "lte", "lte": "lte"}
_OPPOSITES = {"gt": "lte", "gte": "lt", "lt": "gte", "lte": "gt"}
_BEGINS = ("startswith", "istartswith")
#: Keywords whose values are looked for word by word, however many they are.
_PROSE = frozenset({"subject", "name", "notes", "details", "description"})
#: Keywords that take no `*`.
_WITHOUT_WILDCARD = frozenset({"email", "phone"})
#: Before every moment that Zendesk knows.
_BEGINNING = "1970-01-01"
#: Keywords with an order, besides moments.
_RANKED = frozenset({"status", "priority"})


def search_text(
    where: Predicate,
    meta: Options,
    endpoint: Endpoint,
    type_: str | None = None,
) -> str:
    """Return the query that finds the rows of a predicate.

    Args:
        where: the predicate.
        meta: the model's options.
        endpoint: knows the keyword of each field, which of them match by word, and which
            can be asked for rows without a value.
        type_: the type to name in the query; None where a parameter names it.

    Raises:
        Inexpressible: search has no words for it.
    """
    terms = conjunction(where)
    if terms is None:
        raise Inexpressible("one search cannot say `or` between different fields")
    words = [f"type:{type_}"] if type_ else []
    for name, group in _by_name(terms).items():
        if name == "text":
            words += _free_text(group)
            continue
        word = endpoint.parameter(name)
        if word is None:
            raise Inexpressible(f"search cannot filter by {name}")
        field = column(meta.get_field(name))
        loose, absent = endpoint.matches_by_word(name), name in endpoint.absent
        keyword = Keyword(word, field.kind, loose, absent, nullable=field.nullable)
        words += _words(keyword, group)
    if sum(len(word.split()) for word in words) > MOST_WORDS:
        raise Inexpressible(f"search takes {MOST_WORDS} words at most")
    return " ".join(words)


def quoted(value: Any) -> str:
    """Return a value as one word of a query.

    Raises:
        Inexpressible: it holds a double quote, for which search has no escape.
    """
    if isinstance(value, (Subquery, Ago)):
        # Only explain() comes here: when the query is sent, ids and moments are known.
        return repr(value)
    if isinstance(value, F):
        raise Inexpressible(f"search cannot compare with another field, {value.name}")
    text = to_text(value)
    if isinstance(value, date):
        return text
    if _PLAIN.fullmatch(text) and text.lower() not in _SPOKEN_FOR:
        return text
    if '"' in text or "\\" in text or "*" in text or not text.strip():
        raise Inexpressible(f"search cannot express the value {text!r}")
    return f'"{text}"'


def _by_name(terms: Iterable[Term]) -> dict[str, list[Term]]:
    groups: dict[str, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.condition.name, []).append(term)
    return groups


def _free_text(terms: Sequence[Term]) -> Iterator[str]:
    """Yield the words and phrases of free text, none of which can become an operator."""
    for term in terms:
        if term.condition.op == "raw":
            if term.negated:
                raise Inexpressible("search text in its own language cannot be negated")
            yield term.condition.value
            continue
        # A word finds what begins with it, so a `*` would say nothing, or too much.
        said = (
            " ".join((phrase or word).replace("*", " ").split())
            for phrase, word in WORDS.findall(term.condition.value)
        )
        found = [quoted(words) for words in said if words]
        if not found:
            raise Inexpressible(f"search finds words, and there is none in {term.condition.value}")
        if term.negated and len(found) > 1:
            raise Inexpressible(
                "search cannot leave out rows that hold several words; leave out one word, "
                "or a phrase in double quotes"
            )
        yield from (f"-{word}" if term.negated else word for word in found)


def _words(keyword: Keyword, terms: Sequence[Term]) -> Iterator[str]:
    """Yield the words for all terms of one keyword.

    A repeated keyword means `or` to Zendesk, so what is meant as `and` has to
    be said otherwise: members of a list in one pair of quotes, bounds once each.
    """
    nulls = {term.negated for term in terms if term.condition.op == "isnull"}
    terms = [term for term in terms if term.condition.op != "isnull"]
    for known in nulls:
        valued = not all(term.negated for term in terms)
        if valued and not known:
            raise Inexpressible(f"one search cannot ask {keyword.word} for a value and for none")
        # What has one of these values has a value.
        if not valued:
            yield from _missing(keyword, known=known)
    sided = [_in_seconds(_affirmed(term, keyword)) for term in terms]
    positive = [term.condition for term in sided if not term.negated]
    equal = [condition for condition in positive if condition.op not in _OPERATORS]
    if len(equal) > 1:
        yield _all_of(keyword, equal)
    elif equal:
        yield from _one(keyword, equal[0])
    bounds = [each for each in positive if each.op in _OPERATORS]
    if equal and bounds:
        # A repeated keyword is an `or`, and whether this would be one nobody says.
        raise Inexpressible(f"search cannot ask {keyword.word} for a value and a bound at once")
    yield from _bounds(keyword, bounds)
    for term in sided:
        if term.negated:
            if keyword.loose:
                raise Inexpressible(
                    f"search matches {keyword.word} by word, so it cannot leave out just "
                    f"the rows with {term.condition.value!r}"
                )
            yield from (f"-{word}" for word in _one(keyword, term.condition))


def _missing(keyword: Keyword, *, known: bool) -> Iterator[str]:
    """Yield the words for rows without a value, or for those that have one."""
    word, sign = keyword.word, "" if known else "-"
    if keyword.absent:
        yield f"{'-' if known else ''}{word}:none"
    elif keyword.kind.choices:
        # Neither this nor that nor any of the others; or one of them.
        yield from (f"{sign}{word}:{quoted(choice)}" for choice in keyword.kind.choices)
    elif keyword.kind.name in ("datetime", "date"):
        yield f"{sign}{word}>{_BEGINNING}"
    else:
        raise Inexpressible(f"search cannot ask for rows without {word}")


def _affirmed(term: Term, keyword: Keyword) -> Term:
    """Turn a negated comparison around where no row is without a value."""
    condition = term.condition
    if not term.negated or condition.op not in _OPPOSITES:
        return term
    if keyword.nullable:
        raise Inexpressible(
            f"search cannot negate a comparison of {condition.name}, "
            "which keeps rows without a value"
        )
    return Term(evolve(condition, op=_OPPOSITES[condition.op]))


def _in_seconds(term: Term) -> Term:
    """Return the term without fractions of a second, which Zendesk does not keep."""
    value = term.condition.value
    values = value if isinstance(value, tuple) else (value,)
    if not any(isinstance(each, datetime) and each.microsecond for each in values):
        return term
    if term.condition.op not in _WHOLE or not isinstance(value, datetime):
        raise Inexpressible("Zendesk keeps whole seconds, so no row has a moment between two")
    # Before 10:00:00.5 is up to and with 10:00:00; from then on is after 10:00:00.
    op = _WHOLE.get(term.condition.op, term.condition.op)
    return Term(evolve(term.condition, op=op, value=value.replace(microsecond=0)), term.negated)


def _bounds(keyword: Keyword, bounds: Sequence[Condition]) -> Iterator[str]:
    """Yield the tightest lower and the tightest upper bound."""
    if bounds and not (keyword.kind.name in ("datetime", "date") or keyword.word in _RANKED):
        raise Inexpressible(f"search knows no order of {keyword.word}")
    for strict, loose, pick in (("gt", "gte", max), ("lt", "lte", min)):
        found = [condition for condition in bounds if condition.op in (strict, loose)]
        if found:
            words = [quoted(condition.value) for condition in found]
            ranks = [_rank(keyword.kind, condition.value) for condition in found]
            tightest = ranks.index(pick(ranks))
            strictly = any(
                condition.op == strict and rank == ranks[tightest]
                for condition, rank in zip(found, ranks, strict=True)
            )
            yield f"{keyword.word}{_OPERATORS[strict if strictly else loose]}{words[tightest]}"


def _rank(kind: Kind, value: Any) -> Any:
    """Return what orders the value: its place among the choices, or the value itself."""
    if isinstance(value, Ago):
        return value.moment(time.time())
    return kind.choices.index(value) if kind.choices else value


def _one(keyword: Keyword, condition: Condition) -> Iterator[str]:
    word, value = keyword.word, condition.value
    if keyword.kind.absent is not None:
        _single_words(condition)
    if condition.op == "exact" or (condition.op == "iexact" and keyword.loose):
        yield f"{word}:{_worded(keyword, value)}"
    elif condition.op == "in":
        values = (value,) if isinstance(value, Subquery) else value
        yield from (f"{word}:{_worded(keyword, each)}" for each in values)
    elif condition.op in _BEGINS and keyword.loose and _PLAIN.match(value):
        # Found by its first word, or by the beginning of it; what follows is compared here.
        first, _, rest = value.partition(" ")
        custom = keyword.kind.name == "Any"
        if word in _WITHOUT_WILDCARD or custom or (rest and word not in _PROSE):
            raise Inexpressible(f"search looks for {word} whole")
        yield f"{word}:{quoted(first)}" if rest else f"{word}:{_beginning(first)}*"
    else:
        raise Inexpressible(
            f"search matches whole words, so it cannot answer {condition.name}__{condition.op}"
        )


def _worded(keyword: Keyword, value: Any) -> str:
    """Return a value as search takes it of this keyword."""
    if isinstance(value, bool) and keyword.kind.name == "Any":
        # A custom field with a checkbox.
        return "checked" if value else "unchecked"
    if keyword.word == "phone" and not to_text(value).startswith("+"):
        raise Inexpressible("search wants a phone number from its + on")
    if keyword.loose and isinstance(value, str) and not _LETTER.search(value):
        raise Inexpressible(f"search finds words, and there is none in {value!r}")
    return quoted(value)


def _single_words(condition: Condition) -> None:
    """Refuse a member of a list that search would read as several."""
    for member in condition.value if condition.op == "in" else (condition.value,):
        if isinstance(member, str) and member.split() != [member]:
            raise Inexpressible(f"search would read {member!r} as several values")


def _beginning(word: str) -> str:
    if not _PLAIN.fullmatch(word):
        raise Inexpressible(f"search cannot look for words that begin with {word!r}")
    return word


def _all_of(keyword: Keyword, equal: Sequence[Condition]) -> str:
    members = keyword.kind.absent is not None
    if not members or any(condition.op != "exact" for condition in equal):
        raise Inexpressible(f"one search cannot ask {keyword.word} for two things at once")
    values = [to_text(condition.value) for condition in equal]
    for value in values:
        if not _PLAIN.fullmatch(value):
            raise Inexpressible(f"one search cannot ask for {value!r} among others")
    return f'{keyword.word}:"{" ".join(values)}"'
