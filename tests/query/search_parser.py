"""An independent, strict parser of the search language, which also evaluates it on rows.

Written from Zendesk's search reference alone, so that it can disagree with the
library. Where the reference leaves something open, the text is malformed here:
search text that can be read in two ways is wrong.

Source: https://support.zendesk.com/hc/en-us/articles/4408886879258
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from operator import ge, gt, le, lt
from typing import Any

from attrs import frozen


#: Maximum number of words of a query.
MOST_WORDS = 64
#: Operators, longer ones first.
OPERATORS = ("<=", ">=", ":", "<", ">")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
#: The authenticated user.
ME = 3
#: The time of the query.
NOW = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)

_UNITS = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10_080, "months": 43_200}
_SPAN = re.compile(r"(\d+)(minutes|hours|days|weeks|months|years)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")

Row = Mapping[str, Any]


class Malformed(ValueError):
    """Raised for text that is not a query with a single meaning."""


@frozen
class Property:
    """The row key of a keyword.

    Attributes:
        wire: the key in the row.
        kind: how values are compared: `choice`, `id`, `moment`, `words` and so on.
        empty: whether `none` finds the rows without a value.
        order: the values of a choice in the order in which they are compared.
    """

    wire: str
    kind: str
    empty: bool = False
    order: tuple[str, ...] = ()
    beginnings: bool = True


_STATUSES = ("new", "open", "pending", "hold", "solved", "closed")
_PRIORITIES = ("low", "normal", "high", "urgent")

PROPERTIES: Mapping[str, Mapping[str, Property]] = {
    "ticket": {
        "created": Property("created_at", "moment"),
        "updated": Property("updated_at", "moment"),
        "due_date": Property("due_at", "moment"),
        "requester": Property("requester_id", "person", empty=True),
        "submitter": Property("submitter_id", "person", empty=True),
        "assignee": Property("assignee_id", "person", empty=True),
        "organization": Property("organization_id", "id", empty=True),
        "group": Property("group_id", "id", empty=True),
        "brand": Property("brand_id", "id"),
        "subject": Property("subject", "words"),
        "external_id": Property("external_id", "whole"),
        "recipient": Property("recipient", "whole"),
        "status": Property("status", "choice", order=_STATUSES),
        "custom_status_id": Property("custom_status_id", "id"),
        "priority": Property("priority", "choice", order=_PRIORITIES),
        "ticket_type": Property("type", "choice"),
        "tags": Property("tags", "tags", empty=True),
    },
    "user": {
        "created": Property("created_at", "moment"),
        "name": Property("name", "words"),
        "role": Property("role", "choice"),
        "email": Property("email", "whole", empty=True, beginnings=False),
        "organization": Property("organization_id", "id", empty=True),
        "notes": Property("notes", "words"),
        "details": Property("details", "words"),
        "external_id": Property("external_id", "whole", empty=True),
        "phone": Property("phone", "phone", empty=True),
        "tags": Property("tags", "tags", empty=True),
        "is_verified": Property("verified", "flag"),
        "is_suspended": Property("suspended", "flag"),
    },
}


@frozen
class Term:
    """One term: `-tags:"a b"` is negated, about `tags`, by `:`, of `a b`, quoted."""

    keyword: str
    op: str
    value: str
    quoted: bool = False
    negated: bool = False

    @property
    def beginning(self) -> bool:
        """Whether the term matches values that start with its value."""
        return not self.quoted and self.value.endswith("*")


def parse(text: str, type_: str = "ticket") -> tuple[Term, ...]:
    """Return the terms of a query.

    Raises:
        Malformed: the text is not a query with a single meaning.
    """
    if len(text.split()) > MOST_WORDS:
        raise Malformed(f"more than {MOST_WORDS} words")
    return tuple(_terms(text, type_))


def _terms(text: str, type_: str) -> Iterator[Term]:
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        negated = text[position] == "-"
        keyword, op, start = _keyword(text, position + negated)
        value, quoted, position = _value(text, start)
        term = Term(keyword, op, value, quoted, negated)
        _check(term, type_)
        yield term


def _keyword(text: str, start: int) -> tuple[str, str, int]:
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    for op in OPERATORS:
        if end > start and text.startswith(op, end):
            return text[start:end].lower(), op, end + len(op)
    return "", ":", start


def _value(text: str, start: int) -> tuple[str, bool, int]:
    if text[start : start + 1] == '"':
        end = text.find('"', start + 1)
        if end < 0:
            raise Malformed("an open quote")
        if text[end + 1 : end + 2].strip():
            raise Malformed("something right after a quote")
        return text[start + 1 : end], True, end + 1
    end = start
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end], False, end


def _check(term: Term, type_: str) -> None:
    """Raise `Malformed` if a term is not allowed."""
    property_ = PROPERTIES[type_].get(term.keyword)
    if term.keyword == "type":
        if term.value != type_ or term.negated or term.op != ":":
            raise Malformed(f"another type: {term}")
        return
    if term.keyword and property_ is None:
        raise Malformed(f"no such keyword: {term.keyword}")
    if not term.value.strip() or "\\" in term.value:
        raise Malformed(f"no value, or one with an escape, which there is none of: {term}")
    if not term.quoted:
        _check_plain(term, property_)
    if property_ is not None:
        _check_operator(term, property_)


def _check_plain(term: Term, property_: Property | None) -> None:
    signs = set('"<>') if property_ is not None and property_.kind == "moment" else set('"<>:')
    bare = term.value.removesuffix("*") if property_ is not None else term.value
    if signs & set(bare) or "*" in bare or bare[:1] in {"", "-"}:
        raise Malformed(f"an operator in a value: {term}")


def _check_operator(term: Term, property_: Property) -> None:
    if term.beginning and (property_.kind not in {"words", "whole"} or not property_.beginnings):
        raise Malformed(f"no beginnings there: {term}")
    if _is_null(term):
        if not property_.empty:
            raise Malformed(f"`none` has no meaning there: {term}")
    elif property_.kind == "moment":
        _span(term.value)
    elif term.op != ":" and term.value not in property_.order:
        raise Malformed(f"no order there: {term}")
    if property_.kind == "phone" and not _is_null(term) and not term.value.startswith("+"):
        raise Malformed(f"a phone number begins with a plus: {term}")


def _is_null(term: Term) -> bool:
    return term.op == ":" and not term.quoted and term.value.lower() == "none"


# Matching rows


def finds(terms: Iterable[Term], row: Row, type_: str = "ticket") -> bool:
    """Return whether a query finds a row.

    Terms of one keyword are alternatives, except for the two bounds of a range. A
    negated term always excludes its rows.
    """
    groups: dict[object, list[bool]] = {}
    for position, term in enumerate(terms):
        if term.keyword == "type":
            continue
        if not term.keyword:
            raise Malformed("free text cannot be evaluated on a row")
        matches = _holds(term, PROPERTIES[type_][term.keyword], row)
        if term.negated:
            groups[position] = [not matches]
        else:
            groups.setdefault((term.keyword, term.op[0]), []).append(matches)
    return all(any(group) for group in groups.values())


def _holds(term: Term, about: Property, row: Row) -> bool:
    value = row[about.wire]
    if _is_null(term):
        return value is None or value == []
    if value is None:
        return False
    return _KINDS[about.kind](term, about, value)


def _choice(term: Term, about: Property, value: str) -> bool:
    if term.op == ":":
        return value.casefold() == term.value.casefold()
    return COMPARE[term.op](about.order.index(value), about.order.index(term.value))


def _id(term: Term, about: Property, value: int) -> bool:
    return term.value == str(value)


def _person(term: Term, about: Property, value: int) -> bool:
    searched = str(ME) if not term.quoted and term.value.lower() == "me" else term.value
    return searched == str(value)


def _flag(term: Term, about: Property, value: bool) -> bool:
    return term.value == ("true" if value else "false")


def _tags(term: Term, about: Property, value: list[str]) -> bool:
    has = {tag.casefold() for tag in value}
    searched = term.value.split() if term.quoted else [term.value]
    return all(tag.casefold() in has for tag in searched)


def _moment(term: Term, about: Property, value: str) -> bool:
    start, end = _span(term.value)
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if term.op == ":":
        return start <= moment <= end
    return COMPARE[term.op](moment, start)


def _span(text: str) -> tuple[datetime, datetime]:
    """Return the first and the last second of a date, datetime or relative time."""
    ago = _SPAN.fullmatch(text)
    if ago:
        minutes = _UNITS.get(ago[2], 525_600)
        moment = NOW - timedelta(minutes=int(ago[1]) * minutes)
        return moment, moment
    try:
        if _DAY.fullmatch(text):
            day = datetime.fromisoformat(text).replace(tzinfo=timezone.utc)
            return day, day + timedelta(days=1, seconds=-1)
        if _MOMENT.fullmatch(text):
            moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
            return moment, moment
    except (ValueError, OverflowError):
        pass
    raise Malformed(f"no date: {text}")


def spoken(text: str) -> list[str]:
    """Return the words of a text, whatever the case; punctuation is ignored."""
    return re.findall(r"\w+", text.casefold())


def _words(term: Term, about: Property, value: str) -> bool:
    """Return whether the words are adjacent; the last word can be a beginning with `*`.

    Without a word in it, a term finds nothing.
    """
    has, searched = spoken(value), spoken(term.value)
    for start in range(len(has) - len(searched) + 1 if searched else 0):
        *before, last = has[start : start + len(searched)]
        ends = last.startswith(searched[-1]) if term.beginning else last == searched[-1]
        if before == searched[:-1] and ends:
            return True
    return False


def _number(term: Term, about: Property, value: str) -> bool:
    if term.beginning:
        return value.casefold().startswith(term.value[:-1].casefold())
    return value.casefold() == term.value.casefold()


_KINDS: Mapping[str, Callable[[Term, Property, Any], bool]] = {
    "choice": _choice,
    "id": _id,
    "person": _person,
    "flag": _flag,
    "tags": _tags,
    "moment": _moment,
    "words": _words,
    "whole": _number,
    "phone": _number,
}
