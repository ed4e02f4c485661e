"""An index of the words of rows, so that search reads the matching rows alone.

The index is a table of SQLite's FTS5, which triggers of the table of rows keep up to date, as they
do a table of the values that searches compare and sort by. Without FTS5, search looks through all
rows.

Source: https://www.sqlite.org/fts5.html
"""

# ruff: noqa: S608 - the SQL text contains names of fields alone

from __future__ import annotations

import re
from typing import Any

from zendesk_orm.emulator.storage.sql import Where, json_value, where_in


#: The condition that the words of a row contain a text.
CONTAINS = "instr(words, ?) > 0"
#: A number may be the id of a ticket, too.
_CONTAINS_OR_ID = f"({CONTAINS}) OR (id = ?)"
#: The words of a row are separated by blanks, and already in lower case. The starts of words have
#: indexes, because a search for the start of a common word would read many lists of rows.
_CREATE_WORDS = """
CREATE VIRTUAL TABLE row_words USING fts5(
    text, content='', prefix='2 3 4 5 6',
    tokenize='unicode61 remove_diacritics 0 categories ''L* M* N* P* S* Co'' '
);
CREATE TRIGGER row_words_insert AFTER INSERT ON rows WHEN new.words != '' BEGIN
    INSERT INTO row_words (rowid, text) VALUES (new.rowid, new.words);
END;
CREATE TRIGGER row_words_delete AFTER DELETE ON rows WHEN old.words != '' BEGIN
    INSERT INTO row_words (row_words, rowid, text) VALUES ('delete', old.rowid, old.words);
END;
INSERT INTO row_words (rowid, text) SELECT rowid, words FROM rows WHERE words != '';
"""
#: Fields whose values are columns, which are read without parsing the text of their row.
_FIELDS = ("created_at", "updated_at", "status", "priority", "type")
#: The models that can be searched, as SQL.
SEARCHED = "'support.Group', 'support.Organization', 'support.Ticket', 'support.User'"
#: Whether each word is a token of FTS5, whose tables of characters are older than those of Python.
_IS_PLAIN = "new.words NOT GLOB '*[^ -~]*'"
_INSERT_VALUES = (
    f"REPLACE INTO row_values SELECT new.rowid, new.kind, new.id, new.state, {_IS_PLAIN}, "
    + ", ".join(json_value(name, "new.doc") for name in _FIELDS)
    + f" WHERE new.kind IN ({SEARCHED});"
)
_CREATE_VALUES = f"""
CREATE TABLE row_values (
    rowid INTEGER PRIMARY KEY, kind, id, state, plain, {", ".join(_FIELDS)}
);
CREATE TRIGGER row_values_insert AFTER INSERT ON rows BEGIN {_INSERT_VALUES} END;
CREATE TRIGGER row_values_update AFTER UPDATE ON rows BEGIN {_INSERT_VALUES} END;
CREATE TRIGGER row_values_delete AFTER DELETE ON rows BEGIN
    DELETE FROM row_values WHERE rowid = old.rowid;
END;
{_INSERT_VALUES.replace("new.", "").replace(" WHERE ", " FROM rows WHERE ")}
"""
#: The statements that create each table, by its name.
TABLES = {
    name: f"BEGIN IMMEDIATE; {statements} COMMIT;"
    for name, statements in (("row_words", _CREATE_WORDS), ("row_values", _CREATE_VALUES))
}
EXISTS = "SELECT 1 FROM sqlite_master WHERE name = ?"
_CANDIDATES = (
    "SELECT rowid FROM row_words WHERE row_words MATCH ? "
    "UNION ALL SELECT rowid FROM rows WHERE kind = ? AND"
)


def find_candidates(kind: str, condition: Where) -> Where | None:
    """Return a condition for few rows of a model, among them all that match another condition.

    Args:
        kind: the label of the model.
        condition: a condition on its stored rows.

    Returns:
        None, if the condition requires no words.
    """
    parts = [part for part in condition.conjuncts if part.sql in (CONTAINS, _CONTAINS_OR_ID)]
    if not parts:
        return None
    # A row that lacks a number has it as its id.
    by_id = where_in("id", _find_ids(condition))
    values = (_build_match(condition), kind, *by_id.values)
    return Where(f"rowid IN ({_CANDIDATES} {by_id.sql})", values)


def use_values(kind: str, condition: Where) -> tuple[str, Where] | None:
    """Return the table and the condition of a search that compares no further values.

    Args:
        kind: the label of the searched model.
        condition: a condition on its stored rows, which requires words.

    Returns:
        The tables for FROM, whose columns are those of `row_values`, and the condition for the
        candidates that match; None if the condition compares values that are no columns.
    """
    ids = _find_ids(condition)
    if ids:
        table, result = "row_values", find_candidates(kind, condition)
    else:
        table = "row_words CROSS JOIN row_values ON row_values.rowid = row_words.rowid"
        result = Where("row_words MATCH ?", (_build_match(condition),))
    for part in condition.conjuncts:
        sql = part.sql
        if sql in (CONTAINS, _CONTAINS_OR_ID) and str(part.values[0]).isascii():
            # The index finds these rows exactly, except for those that were found by their id.
            is_exact = f"plain AND id NOT IN ({', '.join(map(str, ids))})"
            sql = f"({is_exact}) OR {sql}"
        sql = name_values(sql.replace("instr(words,", f"instr({_WORDS},"))
        if result is None or _OTHER_VALUES.search(sql.replace(_WORDS, "")):
            return None
        result &= Where(sql, part.values)
    return None if result is None else (table, result)


def _find_ids(condition: Where) -> list[Any]:
    """Return the numbers among the words of a condition."""
    return [part.values[1] for part in condition.conjuncts if part.sql == _CONTAINS_OR_ID]


def _build_match(condition: Where) -> str:
    """Return the query of FTS5 for the words that a condition requires."""
    parts = (part for part in condition.conjuncts if part.sql in (CONTAINS, _CONTAINS_OR_ID))
    return " AND ".join(_build_query(part.values[0]) for part in parts)


def name_values(sql: str) -> str:
    """Return an SQL expression about rows with the columns of `row_values`."""
    for name in _FIELDS:
        sql = sql.replace(json_value(name), name)
    return sql


_WORDS = "(SELECT words FROM rows WHERE rows.rowid = row_values.rowid)"
#: Columns that `row_values` lacks.
_OTHER_VALUES = re.compile(r"\b(doc|words|parent|written)\b")


def _build_query(text: Any) -> str:
    """Return the query of FTS5 for words side by side; the last one may be the start of a word."""
    sign = "" if str(text).endswith(" ") else "*"
    return f'"{str(text).strip()}"{sign}'
