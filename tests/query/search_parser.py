"""The search language, read a second time: a strict parser, and what a query finds among rows.

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


#: Words that a query has at most.
MOST_WORDS = 64
#: Longer ones first.
OPERATORS = ("<=", ">=", ":", "<", ">")
COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
#: Who asks.
ME = 3
#: When it is asked.
NOW = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)

_UNITS = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10_080, "months": 43_200}
_SPAN = re.compile(r"(\d+)(minutes|hours|days|weeks|months|years)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")

Row = Mapping[str, Any]


class Malformed(ValueError):
    """The text is no query, or none with a single meaning."""


@frozen
class Property:
    """What a keyword is about.

    Attributes:
        wire: the key in the row.
        kind: how values are compared: `choice`, `id`, `moment`, `words` and so on.
        empty: whether `none` finds the rows without a value.
        order: the values from the lowest to the highest, where they have an order.
        beginnings: whether `*` may end a value.
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
        """Whether it asks for what begins with the value."""
        return not self.quoted and self.value.endswith("*")


def parse(text: str, type_: str = "ticket") -> tuple[Term, ...]:
    """Return the terms of a query.

    Raises:
        Malformed: it is none, or it has no single meaning.
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
    """Refuse what a term may not be."""
    known = PROPERTIES[type_].get(term.keyword)
    if term.keyword == "type":
        if term.value != type_ or term.negated or term.op != ":":
            raise Malformed(f"another type: {term}")
        return
    if term.keyword and known is None:
        raise Malformed(f"no such keyword: {term.keyword}")
    if not term.value.strip() or "\\" in term.value:
        raise Malformed(f"no value, or one with an escape, which there is none of: {term}")
    if not term.quoted:
        _check_plain(term, known)
    if known is not None:
        _check_operator(term, known)


def _check_plain(term: Term, known: Property | None) -> None:
    signs = set('"<>') if known is not None and known.kind == "moment" else set('"<>:')
    bare = term.value.removesuffix("*") if known is not None else term.value
    if signs & set(bare) or "*" in bare or bare[:1] in {"", "-"}:
        raise Malformed(f"an operator in a value: {term}")


def _check_operator(term: Term, known: Property) -> None:
    if term.beginning and (known.kind not in {"words", "whole"} or not known.beginnings):
        raise Malformed(f"no beginnings there: {term}")
    if _is_none(term):
        if not known.empty:
            raise Malformed(f"`none` has no meaning there: {term}")
    elif known.kind == "moment":
        _span(term.value)
    elif term.op != ":" and term.value not in known.order:
        raise Malformed(f"no order there: {term}")
    if known.kind == "phone" and not _is_none(term) and not term.value.startswith("+"):
        raise Malformed(f"a phone number begins with a plus: {term}")


def _is_none(term: Term) -> bool:
    return term.op == ":" and not term.quoted and term.value.lower() == "none"


# -- what it finds -----------------------------------------------------------


def finds(terms: Iterable[Term], row: Row, type_: str = "ticket") -> bool:
    """Tell whether a query finds a row.

    Terms of one keyword are an `or`, but for the two sides of a range; what is
    left out is left out by every term.
    """
    groups: dict[object, list[bool]] = {}
    for position, term in enumerate(terms):
        if term.keyword == "type":
            continue
        if not term.keyword:
            raise Malformed("free text is looked for where no row reaches")
        held = _holds(term, PROPERTIES[type_][term.keyword], row)
        if term.negated:
            groups[position] = [not held]
        else:
            groups.setdefault((term.keyword, term.op[0]), []).append(held)
    return all(any(group) for group in groups.values())


def _holds(term: Term, about: Property, row: Row) -> bool:
    value = row[about.wire]
    if _is_none(term):
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
    asked = str(ME) if not term.quoted and term.value.lower() == "me" else term.value
    return asked == str(value)


def _flag(term: Term, about: Property, value: bool) -> bool:
    return term.value == ("true" if value else "false")


def _tags(term: Term, about: Property, value: list[str]) -> bool:
    has = {tag.casefold() for tag in value}
    asked = term.value.split() if term.quoted else [term.value]
    return all(tag.casefold() in has for tag in asked)


def _moment(term: Term, about: Property, value: str) -> bool:
    start, end = _span(term.value)
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if term.op == ":":
        return start <= moment <= end
    return COMPARE[term.op](moment, start)


def _span(text: str) -> tuple[datetime, datetime]:
    """Return the first and the last second of what a date, moment or time ago says."""
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
    """Tell whether the words stand side by side; of the last one, `*` asks but for the beginning.

    Without a word in it, a term finds nothing.
    """
    has, asked = spoken(value), spoken(term.value)
    for start in range(len(has) - len(asked) + 1 if asked else 0):
        *before, last = has[start : start + len(asked)]
        ends = last.startswith(asked[-1]) if term.beginning else last == asked[-1]
        if before == asked[:-1] and ends:
            return True
    return False


def _whole(term: Term, about: Property, value: str) -> bool:
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
    "whole": _whole,
    "phone": _whole,
}
