"""Translates regular expressions of Python to those of databases.

A database tests whether a text contains a match, for which greediness makes no difference. What a
database lacks, or understands in another way, is written in other words or refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from attrs import frozen


#: The parser of `re`, which Python 3.10 has under another name.
parser: Any = vars(re).get("_parser") or vars(re)["sre_parse"]


@frozen
class _Flavor:
    """How a family of databases writes regular expressions.

    Attributes:
        anything: any character, line breaks included.
        end: the end of the text.
        digit, word, space: members of a set.
        boundary: the edge of a word.
        most: the most repetitions that can be written.
        looks: whether there are lookarounds and references to groups.
        line_start, line_end: the edges of lines.
    """

    anything: str
    end: str
    digit: str
    word: str
    space: str
    boundary: str
    most: int
    looks: bool
    line_start: str
    line_end: str


_UNICODE = (r"\p{Nd}", r"\p{L}\p{N}_", r"\s\x0b\x1c-\x1f\x85\p{Z}")
_RE2 = _Flavor(r"[\s\S]", r"\z", *_UNICODE, r"\b", 1000, False, "(?m:^)", "(?m:$)")
_JAVA = _Flavor(r"[\s\S]", r"\z", *_UNICODE, r"\b", 1000, True, r"(?:^|(?<=\n))", r"(?=\n|\z)")
_POSTGRES = _Flavor(
    *(".", r"\Z", r"\d", r"\w", r"\s", r"\y", 255, True),
    *(r"(?:^|(?<=\n))", r"(?=\n|\Z)"),
)
_SNOWFLAKE = _Flavor(
    *(r"(.|\n)", "$", r"\d", r"\w", r"\s", r"\b", 255, False, "^", "$"),
)
_FLAVORS = {
    **dict.fromkeys(("duckdb", "bigquery"), _RE2),
    **dict.fromkeys(("spark", "databricks", "trino"), _JAVA),
    **dict.fromkeys(("postgres", "redshift"), _POSTGRES),
    "snowflake": _SNOWFLAKE,
}
_SUPPORTED = re.UNICODE | re.IGNORECASE | re.DOTALL | re.MULTILINE | re.VERBOSE
_CATEGORIES = ("digit", "word", "space")
_SPECIAL = frozenset(r"\.^$*+?{}[]|()-&~#")
_SIGNS = {(0, parser.MAXREPEAT): "*", (1, parser.MAXREPEAT): "+", (0, 1): "?"}


class _UnsupportedError(Exception):
    """A part of an expression cannot be written."""


def translate_pattern(pattern: str, dialect: str) -> tuple[str, bool] | None:
    """Return a regular expression of Python as a database writes it.

    Args:
        pattern: the expression.
        dialect: sqlglot's name of the dialect.

    Returns:
        The expression, and whether it ignores the case; None if the database cannot express it.
    """
    flavor = _FLAVORS.get(dialect)
    if flavor is None:
        return None
    tree: Any = parser.parse(pattern)
    flags = tree.state.flags
    if flags & ~_SUPPORTED:
        return None
    try:
        return _Writer(flavor, flags).write(tree), bool(flags & re.IGNORECASE)
    except _UnsupportedError:
        return None


class _Writer:
    """Writes the parts of an expression.

    Args:
        flavor: the form of the result.
        flags: the flags of the expression.
    """

    def __init__(self, flavor: _Flavor, flags: int) -> None:
        self._flavor, self._flags = flavor, flags
        self._repetitions = 1

    def write(self, parts: Iterable[Any]) -> str:
        """Return the parts, one after the other.

        Raises:
            _UnsupportedError: a part cannot be written.
        """
        return "".join(self._write(str(op).lower(), argument) for op, argument in parts)

    def _write(self, op: str, argument: Any) -> str:
        method = getattr(self, f"_write_{op}", None)
        if method is None:
            raise _UnsupportedError
        text: str = method(argument)
        return text

    def _write_literal(self, code: int) -> str:
        character = chr(code)
        if not code or 0xD800 <= code <= 0xDFFF:
            raise _UnsupportedError
        if character in _SPECIAL:
            return f"\\{character}"
        return character if character.isprintable() or code > 127 else f"\\x{code:02x}"

    def _write_not_literal(self, code: int) -> str:
        return f"[^{self._write_literal(code)}]"

    def _write_any(self, _: Any) -> str:
        return self._flavor.anything if self._flags & re.DOTALL else r"[^\n]"

    def _write_in(self, members: Any) -> str:
        names = [(str(op).lower(), argument) for op, argument in members]
        is_negated = names[0][0] == "negate"
        names = names[1:] if is_negated else names
        categories = {str(item).lower() for op, item in names if op == "category"}
        complete = any(
            f"category_not_{name}" in categories and f"category_{name}" in categories
            for name in _CATEGORIES
        )
        if complete and not is_negated:
            return self._flavor.anything
        (*_, only) = names
        if len(names) == 1 and only[0] == "category" and "not_" in str(only[1]).lower():
            positive = self._category(str(only[1]).lower().replace("not_", ""))
            return f"[{positive}]" if is_negated else f"[^{positive}]"
        return f"[{'^' if is_negated else ''}{''.join(self._member(*item) for item in names)}]"

    def _member(self, op: str, argument: Any) -> str:
        if op == "literal":
            return self._write_literal(argument)
        if op == "range":
            return "-".join(map(self._write_literal, argument))
        if op == "category":
            return self._category(str(argument).lower())
        raise _UnsupportedError

    def _category(self, name: str) -> str:
        name = name.removeprefix("category_")
        if name not in _CATEGORIES:
            raise _UnsupportedError
        text: str = getattr(self._flavor, name)
        return text

    def _write_at(self, place: Any) -> str:
        flavor, is_multiline = self._flavor, self._flags & re.MULTILINE
        if is_multiline and flavor is _SNOWFLAKE:
            raise _UnsupportedError
        places = {
            "at_beginning": flavor.line_start if is_multiline else "^",
            "at_beginning_string": "^",
            # Python's `$` also matches before a line break that ends the text.
            "at_end": flavor.line_end if is_multiline else rf"(\n?{flavor.end})",
            "at_end_string": flavor.end,
            "at_boundary": flavor.boundary,
        }
        # Databases disagree on places that are not boundaries.
        if str(place).lower() not in places:
            raise _UnsupportedError
        return places[str(place).lower()]

    def _write_branch(self, argument: Any) -> str:
        return f"({'|'.join(map(self.write, argument[1]))})"

    def _write_subpattern(self, argument: Any) -> str:
        _, added, removed, parts = argument
        if added or removed:
            raise _UnsupportedError
        return f"({self.write(parts)})"

    def _write_max_repeat(self, argument: Any) -> str:
        low, high, parts = argument
        names = {str(op).lower() for op, _ in parts}
        # Not all databases repeat places, which have no length.
        if names & {"at", "assert", "assert_not"} or not names:
            raise _UnsupportedError
        sign = _SIGNS.get((low, high))
        before = self._repetitions
        if sign is None:
            self._repetitions *= max(low, 0 if high is parser.MAXREPEAT else high, 1)
            sign = f"{{{low},{'' if high is parser.MAXREPEAT else high}}}"
        if self._repetitions > self._flavor.most:
            raise _UnsupportedError
        inner = self.write(parts)
        self._repetitions = before
        is_one = len(parts) == 1 and names <= {"literal", "not_literal", "in", "any", "subpattern"}
        return f"{inner}{sign}" if is_one else f"({inner}){sign}"

    _write_min_repeat = _write_max_repeat

    def _write_assert(self, argument: Any) -> str:
        return self._look("=", argument)

    def _write_assert_not(self, argument: Any) -> str:
        return self._look("!", argument)

    def _look(self, sign: str, argument: Any) -> str:
        direction, parts = argument
        if not self._flavor.looks:
            raise _UnsupportedError
        return f"(?{'<' if direction < 0 else ''}{sign}{self.write(parts)})"
