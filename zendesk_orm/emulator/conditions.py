"""What a search term means, in SQL: one function for each kind of property."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import date, timedelta, timezone

from attrs import frozen

from zendesk_orm.emulator.grammar import Term
from zendesk_orm.emulator.paging import RANKED
from zendesk_orm.emulator.refusals import invalid_search
from zendesk_orm.emulator.store import DELETED, Where, folded_among, spaced, value_of
from zendesk_orm.emulator.world import SPOKEN, World, is_number, stamp
from zendesk_orm.schema.loading import load_datetime


#: A term about a property becomes a condition.
Meaning = Callable[[World, Term], Where]

_SPAN = re.compile(r"(\d+)\s*(minute|hour|day|week|month|year)s?")
_SECONDS = {
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 7 * 86400,
    "month": 30 * 86400,
    "year": 365 * 86400,
}
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def anywhere(text: str, *, phrase: bool = False) -> Where:
    """Return what holds for rows with a word that is, or begins as, the text."""
    wanted = spaced(text)
    if not wanted:
        return Where("1" if text.strip("*") == "" else "0")
    return Where("instr(words, ?) > 0", (wanted if phrase else wanted.rstrip(),))


@frozen
class Words:
    """A property of words: whole ones have to be there, side by side; `*` ends a beginning."""

    wire: str

    def __call__(self, world: World, term: Term) -> Where:
        """Return the condition."""
        value = value_of(self.wire)
        if _is_none(term):
            return Where(f"ifnull({value}, '') = ''")
        wanted = spaced(term.value)
        if term.value.endswith("*"):
            wanted = wanted.rstrip()
        if not wanted:
            return Where(f"ifnull({value}, '') != ''" if term.value == "*" else "0")
        inside = Where(f"instr(spaced({value}), ?) > 0", (wanted,))
        # The row's words are at hand, so they are asked first.
        return Where("instr(words, ?) > 0", (wanted,)) & inside if self.wire in SPOKEN else inside


@frozen
class Exactly:
    """A property that is equal or not, whatever the case: an external id, a channel."""

    sql: str

    def __call__(self, world: World, term: Term) -> Where:
        """Return the condition."""
        if _is_none(term):
            return Where(f"ifnull({self.sql}, '') = ''")
        if is_number(term.value):
            return Where(f"{self.sql} IN (?, ?)", (term.value, int(term.value)))
        if "*" in term.value:
            pattern = re.sub(r"([%_\\])", r"\\\1", term.value).replace("*", "%")
            return Where(rf"{self.sql} LIKE ? ESCAPE '\'", (pattern,))
        return folded_among(self.sql, [term.value])


@frozen
class Choice:
    """A property with fixed choices, which may have an order: a status, a priority."""

    wire: str

    def __call__(self, world: World, term: Term) -> Where:
        """Return the condition."""
        value, wanted = value_of(self.wire), term.value.lower()
        ranks = RANKED.get(self.wire, ())
        if _is_none(term):
            return Where(f"{value} IS NULL")
        if term.op == ":" or wanted not in ranks:
            return Where(f"{value} = ?", (wanted,))
        holds = _HOLDS[term.op]
        names = [name for at, name in enumerate(ranks) if holds(at, ranks.index(wanted))]
        return Where(f"{value} IN ({', '.join('?' * len(names))})", names)


@frozen
class Members:
    """A property with many values: tags. A quoted list asks for all of them."""

    wire: str

    def __call__(self, world: World, term: Term) -> Where:
        """Return the condition."""
        if _is_none(term):
            return Where(f"ifnull(json_array_length(doc, '$.{self.wire}'), 0) = 0")
        where = Where()
        for word in term.value.lower().split():
            sign, pattern = ("GLOB", word) if "*" in word else ("=", word)
            each = f"json_each(doc, '$.{self.wire}')"
            where &= Where(f"EXISTS (SELECT 1 FROM {each} WHERE value {sign} ?)", (pattern,))  # noqa: S608 - values are bound
        return where


@frozen
class Flag:
    """A property that is true or false."""

    wire: str

    def __call__(self, world: World, term: Term) -> Where:
        """Return the condition."""
        wanted = term.value.lower() in ("true", "yes", "checked", "1")
        return Where(f"ifnull({value_of(self.wire)}, 0) = ?", (int(wanted),))


@frozen
class Moment:
    """A property that is a moment: compared with a day, a moment, or some time ago."""

    wire: str

    def __call__(self, world: World, term: Term) -> Where:
        """Return the condition.

        Raises:
            Refusal: it is no date.
        """
        value = value_of(self.wire)
        if _is_none(term):
            return Where(f"{value} IS NULL")
        start, end = _bounds(world, term)
        if term.op == ":":
            if start == end:
                return Where(f"{value} = ?", (start,))
            return Where(f"{value} >= ? AND {value} < ?", (start, end))
        if start != end and world.switches.days_are_whole and term.op in (">", "<="):
            sign = ">=" if term.op == ">" else "<"
            return Where(f"{value} {sign} ?", (end,))
        return Where(f"{value} {term.op} ?", (start,))


@frozen
class Named:
    """A property that is another row: by its id, or by words of its name."""

    wire: str
    kind: str

    def __call__(self, world: World, term: Term) -> Where:
        """Return the condition."""
        value = value_of(self.wire)
        if _is_none(term):
            return Where(f"{value} IS NULL")
        if is_number(term.value):
            return Where(f"{value} = ?", (int(term.value),))
        return self.among(anywhere(term.value, phrase=True))

    def among(self, where: Where) -> Where:
        """Return what holds where the other row is one that a condition holds for."""
        sql = f"SELECT id FROM rows WHERE kind = ? AND state < ? AND ({where.sql})"  # noqa: S608 - values are bound
        return Where(f"{value_of(self.wire)} IN ({sql})", (self.kind, DELETED, *where.values))


class Person(Named):
    """A property that is a user: by id, name, e-mail or phone; `me` is who asks."""

    def __call__(self, world: World, term: Term) -> Where:
        """Return the condition."""
        if term.value.lower() == "me":
            return Where(f"{value_of(self.wire)} = ?", (world.author,))
        if "@" in term.value:
            return self.among(Exactly(value_of("email"))(world, term))
        if term.value.startswith("+"):
            return self.among(Exactly(value_of("phone"))(world, term))
        if term.value.endswith("*"):
            return self.among(anywhere(term.value))
        return super().__call__(world, term)


def _is_none(term: Term) -> bool:
    return term.value.lower() == "none" and not term.quoted


def _bounds(world: World, term: Term) -> tuple[str, str]:
    """Return where what a term says begins and ends: a day lasts, a moment does not."""
    text = term.value.strip()
    span = _SPAN.fullmatch(text.lower())
    if span:
        moment = stamp(world.now() - int(span[1]) * _SECONDS[span[2]])
        return moment, moment
    try:
        if _DAY.fullmatch(text):
            day = date(*(int(part) for part in text.split("-")))
            return f"{day}T00:00:00Z", f"{day + timedelta(days=1)}T00:00:00Z"
        moment = load_datetime(text).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        raise invalid_search(f"{term.keyword}{term.op}{text} is not a date") from None
    return moment, moment
