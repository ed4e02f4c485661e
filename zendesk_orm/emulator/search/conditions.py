"""Conditions of search terms in SQL, one class for each kind of property."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import date, timedelta, timezone

from attrs import frozen

from zendesk_orm.emulator.context import Context, format_timestamp
from zendesk_orm.emulator.crud.paging import RANKS
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.search.parser import SearchTerm
from zendesk_orm.emulator.server.errors import invalid_search
from zendesk_orm.emulator.storage.sql import (
    Where,
    json_items,
    json_value,
    where_any_item,
    where_in,
    where_in_ignoring_case,
    where_in_rows,
)
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.emulator.storage.word_index import CONTAINS
from zendesk_orm.emulator.storage.words import TEXT_FIELDS, normalize_words
from zendesk_orm.schema.loading import load_datetime


#: Returns the condition of a term.
Compiler = Callable[[Context, SearchTerm], Where]

#: A word that JSON writes as it is.
_PLAIN_WORD = re.compile(r"[a-z0-9_.:@-]+")
_DURATION = re.compile(r"(\d+)\s*(minute|hour|day|week|month|year)s?")
_SECONDS = {
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 7 * 86400,
    "month": 30 * 86400,
    "year": 365 * 86400,
}
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def where_text(text: str, *, phrase: bool = False) -> Where:
    """Return the condition that the words of a row contain a text.

    Args:
        text: the text.
        phrase: whether its last word has to match a whole word, and not only the start of one.
    """
    words = normalize_words(text)
    if not words:
        return Where("1" if text.strip("*") == "" else "0")
    return Where(CONTAINS, (words if phrase else words.rstrip(),))


@frozen
class TextProperty:
    """A text that contains the words of the term side by side; `*` matches the end of a word."""

    wire: str

    def __call__(self, context: Context, term: SearchTerm) -> Where:
        """Return the condition of a term."""
        value = json_value(self.wire)
        if _is_none(term):
            return Where(f"ifnull({value}, '') = ''")
        words = normalize_words(term.value)
        if term.value.endswith("*"):
            words = words.rstrip()
        if not words:
            return Where(f"ifnull({value}, '') != ''" if term.value == "*" else "0")
        where = Where(f"instr(normalize_words({value}), ?) > 0", (words,))
        if self.wire in TEXT_FIELDS:
            # The column `words` is cheaper to compare, and contains the words of this field.
            return Where(CONTAINS, (words,)) & where
        return where


@frozen
class ExactProperty:
    """A value that is equal to the term, ignoring case: an external id, a channel."""

    sql: str

    def __call__(self, context: Context, term: SearchTerm) -> Where:
        """Return the condition of a term."""
        if _is_none(term):
            return Where(f"ifnull({self.sql}, '') = ''")
        if is_number(term.value):
            return where_in(self.sql, (term.value, int(term.value)))
        if "*" in term.value:
            pattern = re.sub(r"([%_\\])", r"\\\1", term.value).replace("*", "%")
            return Where(rf"{self.sql} LIKE ? ESCAPE '\'", (pattern,))
        return where_in_ignoring_case(self.sql, [term.value])


@frozen
class ChoiceProperty:
    """One of several choices, which may have an order: a status, a priority."""

    wire: str

    def __call__(self, context: Context, term: SearchTerm) -> Where:
        """Return the condition of a term."""
        value, choice = json_value(self.wire), term.value.lower()
        ranks = RANKS.get(self.wire, ())
        if _is_none(term):
            return Where(f"{value} IS NULL")
        if term.op == ":" or choice not in ranks:
            return Where(f"{value} = ?", (choice,))
        compare, bound = _OPERATORS[term.op], ranks.index(choice)
        return where_in(value, [name for rank, name in enumerate(ranks) if compare(rank, bound)])


@frozen
class ListProperty:
    """A list, such as tags. It has to contain all words of a quoted term."""

    wire: str

    def __call__(self, context: Context, term: SearchTerm) -> Where:
        """Return the condition of a term."""
        if _is_none(term):
            return Where(f"ifnull(json_array_length({json_value(self.wire)}), 0) = 0")
        where = Where()
        for word in term.value.lower().split():
            sign = "GLOB" if "*" in word else "="
            contains = where_any_item(json_items(self.wire), Where(f"value {sign} ?", (word,)))
            if _PLAIN_WORD.fullmatch(word):
                # Reading the items of a list is slow, and most lists do not contain the word.
                is_likely = f"instr({json_value(self.wire)}, ?) > 0"
                sql = f"CASE WHEN {is_likely} THEN {contains.sql} ELSE 0 END"
                contains = Where(sql, (word, *contains.values))
            where &= contains
        return where


@frozen
class BooleanProperty:
    """A value that is true or false."""

    wire: str

    def __call__(self, context: Context, term: SearchTerm) -> Where:
        """Return the condition of a term."""
        value = term.value.lower() in ("true", "yes", "checked", "1")
        return Where(f"ifnull({json_value(self.wire)}, 0) = ?", (int(value),))


@frozen
class DateProperty:
    """A time, compared with a day, a time, or a duration before the current time."""

    wire: str

    def __call__(self, context: Context, term: SearchTerm) -> Where:
        """Return the condition of a term.

        Raises:
            HTTPError: 422, if its value is not a date.
        """
        value = json_value(self.wire)
        if _is_none(term):
            return Where(f"{value} IS NULL")
        start, end = _parse_bounds(context, term)
        if term.op == ":":
            if start == end:
                return Where(f"{value} = ?", (start,))
            return Where(f"{value} >= ? AND {value} < ?", (start, end))
        if start != end and context.switches.days_are_whole and term.op in (">", "<="):
            sign = ">=" if term.op == ">" else "<"
            return Where(f"{value} {sign} ?", (end,))
        return Where(f"{value} {term.op} ?", (start,))


@frozen
class ReferenceProperty:
    """A reference to another row, by its id or by words of its name.

    Attributes:
        sql: the SQL expression of the id.
        kind: the label of the other row's model.
    """

    sql: str
    kind: str

    def __call__(self, context: Context, term: SearchTerm) -> Where:
        """Return the condition of a term."""
        if _is_none(term):
            return Where(f"{self.sql} IS NULL")
        if is_number(term.value):
            return Where(f"{self.sql} = ?", (int(term.value),))
        return self._where_row(where_text(term.value, phrase=True))

    def _where_row(self, where: Where) -> Where:
        """Return the condition that the other row matches a condition."""
        return where_in_rows(self.sql, self.kind, Where("state < ?", (DELETED,)) & where)


class UserProperty(ReferenceProperty):
    """A reference to a user, by id, name, e-mail address or phone; `me` is the caller."""

    def __call__(self, context: Context, term: SearchTerm) -> Where:
        """Return the condition of a term."""
        if term.value.lower() == "me":
            return Where(f"{self.sql} = ?", (context.user_id,))
        if "@" in term.value:
            return self._where_row(ExactProperty(json_value("email"))(context, term))
        if term.value.startswith("+"):
            return self._where_row(ExactProperty(json_value("phone"))(context, term))
        if term.value.endswith("*"):
            return self._where_row(where_text(term.value))
        return super().__call__(context, term)


def _is_none(term: SearchTerm) -> bool:
    """Return True for `none`, which matches rows without a value."""
    return term.value.lower() == "none" and not term.quoted


def _parse_bounds(context: Context, term: SearchTerm) -> tuple[str, str]:
    """Return start and end of a date as timestamps, which are equal unless it is a day."""
    text = term.value.strip()
    duration = _DURATION.fullmatch(text.lower())
    if duration:
        seconds = int(duration[1]) * _SECONDS[duration[2]]
        timestamp = format_timestamp(context.now() - seconds)
        return timestamp, timestamp
    try:
        if _DAY.fullmatch(text):
            day = date(*(int(part) for part in text.split("-")))
            return f"{day}T00:00:00Z", f"{day + timedelta(days=1)}T00:00:00Z"
        timestamp = load_datetime(text).astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError):
        raise invalid_search(f"{term.keyword}{term.op}{text} is not a date") from None
    return timestamp, timestamp
