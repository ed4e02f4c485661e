"""Comparisons of texts in SQL, with the results of Python."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from sqlglot import exp

from zendesk_orm.query.sql_patterns import translate_pattern
from zendesk_orm.query.sql_values import can_contain


#: The code point behind the last letter with two cases.
_LAST_LETTER = 0x1F000
#: Dialects whose regular expressions ignore case by a flag in the pattern.
_INLINE_FLAGS = frozenset({"spark", "databricks", "bigquery", "trino"})


def match_text(value: exp.Expr, lookup: str, expected: str, dialect: str) -> exp.Expr | None:
    """Return whether a text matches; None if the dialect cannot express a regular expression.

    Args:
        value: the text.
        lookup: `contains`, `istartswith`, `regex` and others.
        expected: what is looked up.
        dialect: sqlglot's name of the dialect.
    """
    if lookup in ("regex", "iregex"):
        return _match_pattern(value, expected, dialect, ignores_case=lookup == "iregex")
    if not can_contain(expected, dialect):
        return exp.false()
    plain = lookup.removeprefix("i")
    if plain != lookup:
        expected = expected.casefold()
        value, expected = fold_case(value, [expected]), expected.lower()
    text = exp.Literal.string(expected)
    if plain == "exact":
        return exp.EQ(this=value, expression=text)
    if not expected:
        return exp.not_(exp.Is(this=value, expression=exp.null()))
    if plain == "contains":
        position = exp.StrPosition(this=value, substr=text)
        return exp.GT(this=position, expression=exp.convert(0))
    if plain == "startswith":
        start = exp.Substring(this=value, start=exp.convert(1), length=exp.convert(len(expected)))
        return exp.EQ(this=start, expression=text)
    end = exp.func("RIGHT", value, exp.convert(len(expected)))
    if dialect != "trino":
        return exp.EQ(this=end, expression=text)
    # It has no RIGHT, and counts places before the first character of shorter texts from the end.
    is_long = exp.GTE(this=exp.Length(this=value.copy()), expression=exp.convert(len(expected)))
    return exp.and_(is_long, exp.EQ(this=end, expression=text))


def _match_pattern(
    value: exp.Expr, pattern: str, dialect: str, *, ignores_case: bool
) -> exp.Expr | None:
    result = translate_pattern(pattern, dialect)
    if result is None:
        return None
    translated, has_flag = result
    ignores_case = ignores_case or has_flag
    if dialect == "snowflake":
        # It compares the whole text.
        translated = f"(.|\n)*({translated})(.|\n)*"
    if ignores_case and dialect in _INLINE_FLAGS:
        translated, ignores_case = f"(?i){translated}", False
    kind = exp.RegexpILike if ignores_case else exp.RegexpLike
    return kind(this=value, expression=exp.Literal.string(translated))


# -- case ------------------------------------------------------------------------


def fold_case(value: exp.Expr, expected: Iterable[str]) -> exp.Expr:
    """Return a text in lower case, so that it matches some texts as `casefold()` does.

    `LOWER` and `casefold()` differ in letters such as the German sharp s, of which those are
    replaced that can be part of a match.

    Args:
        value: the text.
        expected: the texts that it is compared with, folded by `casefold()`.
    """
    texts = [text for text in expected if text]
    # Some databases change the case of ASCII letters only.
    capitals = [
        (c.upper(), c)
        for c in sorted({*"".join(texts)})
        if not c.isascii() and c.upper().casefold() == c
    ]
    for letter, folded in (*_folded_letters(), *capitals):
        # The simple lower case of a capital I with a dot, which some databases use, is an i.
        simple = letter.lower()[:1]
        if letter != folded and any(_can_overlap(folded, t) or simple in t for t in texts):
            value = exp.Replace(
                this=value,
                expression=exp.Literal.string(letter),
                replacement=exp.Literal.string(folded),
            )
    return exp.Lower(this=value)


@cache
def _folded_letters() -> tuple[tuple[str, str], ...]:
    """Return the letters whose folded form is not their lower case, each with that form."""
    letters = map(chr, range(_LAST_LETTER))
    return tuple(
        (letter, folded)
        for letter in letters
        if letter.lower() != (folded := letter.casefold()) or len(folded) > 1
    )


def _can_overlap(folded: str, text: str) -> bool:
    """Return whether a match of a text can include a part of a folded letter."""
    if folded in text or text in folded:
        return True
    return any(text.endswith(folded[:size]) for size in range(1, len(folded))) or any(
        text.startswith(folded[size:]) for size in range(1, len(folded))
    )
