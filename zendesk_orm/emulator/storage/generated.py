"""Generated rows: rows that are computed from their number, and are not stored.

The number of a row determines its id and its timestamps, which increase together. A condition on
them is a range of numbers, so that a page of a list or an export builds the rows of that page only.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from attrs import field, frozen

from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display


#: Fields that the number of a row determines.
DERIVED = frozenset({"id", "created_at", "updated_at", "generated_timestamp", "url"})

_FIELD = r"json_extract\(doc, '\$\.(?:created_at|updated_at)'\)"
_TIME = rf"(?:{_FIELD}|ifnull\({_FIELD}, char\(\d+\)\))"
_COMPARISON = re.compile(rf"(?P<column>{_TIME}|id|state) (?P<sign><=|>=|<|>|=) \?")
#: Comparisons that all have to hold.
_ALL = re.compile(rf"{_COMPARISON.pattern}( AND (?:{_TIME}|id|state) (?:<=|>=|<|>|=) \?)*")
#: The rows after a row in an order: `time > ? OR (time = ? AND id > ?)`.
_BEYOND = re.compile(rf"(?:{_TIME}) (?P<sign><|>) \? OR \({_TIME} = \? AND id [<>] \?\)")
_IDS = re.compile(r"id IN \([?, ]*\)")
_STATE = re.compile(r"state < \?")
#: Generated rows belong to no other row.
_PARENT = "parent = ?"


#: Returns the values of some keys of the row with a number.
GetValues = Callable[[int], tuple[Any, ...]]


@frozen(eq=False)
class GeneratedRows:
    """The generated rows of a model.

    Attributes:
        kind: the label of the model.
        count: the number of rows; their numbers are 1, 2, ...
        first_id: the id of the first row.
        step: the distance between ids.
        build: returns the row of a number.
        time_of: returns the timestamp of a number; timestamps never decrease.
        find_getter: returns a function for the values of some keys of a number, or None if they
            follow from the number itself.
        hidden: the numbers of rows that were deleted permanently.
    """

    kind: str
    count: int
    first_id: int
    step: int
    build: Callable[[int], dict[str, Any]]
    time_of: Callable[[int], str]
    find_getter: Callable[[Collection[str]], GetValues | None] = lambda _: None
    hidden: set[int] = field(factory=set)

    def get_id(self, number: int) -> int:
        """Return the id of a row."""
        return self.first_id + (number - 1) * self.step

    def find_number(self, pk: Any) -> int | None:
        """Return the number of the row with an id, or None if it does not exist."""
        if type(pk) is not int:
            return None
        number, remainder = divmod(pk - self.first_id, self.step)
        exists = not remainder and 0 <= number < self.count and number + 1 not in self.hidden
        return number + 1 if exists else None

    def find_candidates(self, where: Where) -> Sequence[int]:
        """Return the numbers of rows that may match a condition, in order."""
        first, last = 1, self.count
        for part in where.conjuncts:
            sql, values = part.sql, part.values
            if _IDS.fullmatch(sql):
                numbers = {self.find_number(pk) for pk in values} - {None}
                return sorted(number for number in numbers if number and first <= number <= last)
            if sql == _PARENT:
                return ()
            for column, sign, value in _parse(sql, values):
                low, high = self._find_range(column, sign, value)
                first, last = max(first, low), min(last, high)
        return range(first, last + 1)

    def _find_range(self, column: str, sign: str, value: Any) -> tuple[int, int]:
        """Return the first and the last number whose value compares like this."""
        if column == "id":
            if not isinstance(value, (int, float)):
                # SQLite orders texts after numbers: no id equals a text, and each is below it.
                return (1, self.count) if "<" in sign and value is not None else (1, 0)
            # Rounded down, so that no candidate is left out; the condition is checked afterwards.
            number = int((value - self.first_id) // self.step) + 1
            low, high = number, number + (sign == "<")
        elif isinstance(value, str):
            numbers = range(1, self.count + 1)
            low = bisect_left(numbers, value, key=self.time_of) + 1
            high = bisect_right(numbers, value, key=self.time_of)
        else:
            return 1, self.count
        return (1 if "<" in sign else low), (self.count if ">" in sign else high)

    def is_exact(self, where: Where) -> bool:
        """Return True if each row matches a condition that has no other than its candidates."""
        return all(
            _STATE.fullmatch(part.sql) and part.values[0] > 0
            for part in where.conjuncts
            if part.sql != "1"
        )


def _parse(sql: str, values: Sequence[Any]) -> Iterable[tuple[str, str, Any]]:
    """Return column, sign and value of the comparisons of a condition that limit the numbers."""
    beyond = _BEYOND.fullmatch(sql)
    if beyond:
        return [("time", f"{beyond['sign']}=", values[0])]
    if not _ALL.fullmatch(sql):
        return []
    matches = _COMPARISON.finditer(sql)
    return [
        (match["column"] if match["column"] == "id" else "time", match["sign"], value)
        for match, value in zip(matches, values, strict=True)
        if match["column"] != "state"
    ]


def check_values(values: Any) -> Mapping[str, Any]:
    """Return the values that a function has built for a row.

    Raises:
        ConfigurationError: they are not a dictionary, or the number determines some of them.
    """
    if not isinstance(values, Mapping):
        raise ConfigurationError(
            f"generate() needs a function that returns a dict, not {display(values)}"
        )
    derived = DERIVED.intersection(values)
    if derived:
        raise ConfigurationError(
            f"{display(sorted(derived))} of generated rows follow from their numbers: remove them"
        )
    return values
