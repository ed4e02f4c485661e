"""Regular expressions match the same texts in databases as in Python, or are refused."""

from __future__ import annotations

import re
import warnings

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlglot import exp

from zendesk_orm.query.sql_text import match_text


TEXTS = (
    *("", "a", "ab", "Ab c", "\u00e9", "\u00df", "a\nb", "a\n", "-1", "\u0663", "a_b.", "%'\\"),
    *("  ", "ABC abc", "[]{}", "#&&~", "\t", "a-b 12\n", "z"),
)
_ATOMS = st.sampled_from(
    [
        *("a", "b", "A", "\u00e9", "\u00df", ".", r"\d", r"\w", r"\s", r"\D", r"\W", r"\S", "[ab]"),
        *("[^a]", r"[\d-]", "[a-c]", r"[\w.]", "^", "$", r"\A", r"\Z", r"\.", "-", r"\n", " ", "_"),
        *("1", "\u0663", r"[^\W\d]", r"[\s\S]", "]", "{", "[]]", r"[\]^]", "#", "&&", "~", r"\\"),
        *("%", "'", "(?=a)", "(?!a)", r"(?<=\n)"),
    ]
)
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "*?", "{1,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=5,
)


@pytest.fixture(scope="module", params=["duckdb", "postgres"])
def database(request):
    """The name of a dialect, and a function that runs SQL in it."""
    if request.param == "duckdb":
        connection = duckdb.connect()
    else:
        connection = psycopg.connect(request.getfixturevalue("postgres_dsn"), autocommit=True)
    sign = "?" if request.param == "duckdb" else "%s"
    connection.execute("CREATE TEMP TABLE texts (place INTEGER, text VARCHAR)")
    for place, text in enumerate(TEXTS):
        connection.execute(f"INSERT INTO texts VALUES ({sign}, {sign})", [place, text])
    yield request.param, lambda sql: connection.execute(sql).fetchall()
    connection.close()


@settings(suppress_health_check=list(HealthCheck), deadline=None)
@given(pattern=_PATTERNS, ignores_case=st.booleans())
def test_a_pattern_matches_as_in_python(database, pattern, ignores_case):
    """The texts that match are those of `re.search()`."""
    dialect, run = database
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        try:
            expected = re.compile(pattern, re.IGNORECASE if ignores_case else 0)
        except re.error:
            assume(False)
        lookup = "iregex" if ignores_case else "regex"
        condition = match_text(exp.column("text"), lookup, pattern, dialect)
    assume(condition is not None)
    matching = run(f"SELECT place FROM texts WHERE {condition.sql(dialect)} ORDER BY place")

    assert [TEXTS[place] for (place,) in matching] == [
        text for text in TEXTS if expected.search(text)
    ]


@pytest.mark.slow
def test_letters_with_unusual_cases_are_equal_as_in_python(database):
    """Letters whose cases differ in length, or are not those of one another, match as folded."""
    dialect, run = database
    letters = [
        *("i", "I", "s", "k", "\u0131"),
        *(c for c in map(chr, range(0x1F000)) if len(c.casefold()) > 1 or len(c.lower()) > 1),
        *(c for c in map(chr, range(0x1F000)) if c.upper().casefold() != c.casefold()),
        *(c for c in map(chr, range(0x1F000)) if c.lower() != c.casefold() != c),
    ]
    texts = [f"x{letter}y" for letter in dict.fromkeys(letters)]
    values = ", ".join(f"('{text}')" for text in texts)
    wrong = []
    for text in texts:
        for lookup, expected in (("iexact", text), ("icontains", text[1:]), ("istartswith", text)):
            folded = expected.casefold()
            matching = [
                other
                for other in texts
                if (lookup == "iexact" and other.casefold() == folded)
                or (lookup == "icontains" and folded in other.casefold())
                or (lookup == "istartswith" and other.casefold().startswith(folded))
            ]
            condition = match_text(exp.column("text"), lookup, expected, dialect).sql(dialect)
            rows = run(f"SELECT text FROM (VALUES {values}) AS t (text) WHERE {condition}")
            rows = [text for (text,) in rows]
            if sorted(rows) != sorted(matching):
                wrong.append((lookup, expected, rows, matching))
    assert wrong == []


def test_patterns_that_a_database_lacks_are_refused():
    """Lookarounds, references to groups and large repetitions are not written."""
    for pattern in ("(?=a)", r"(a)\1", "a{1001}", "(?<!a)b", r"\Ba", "(?:^)*"):
        assert match_text(exp.column("text"), "regex", pattern, "duckdb") is None
    assert match_text(exp.column("text"), "regex", "a{256}", "postgres") is None
    assert match_text(exp.column("text"), "regex", "a", "clickhouse") is None
