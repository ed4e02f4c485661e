"""An index of the words of rows, so that search reads the matching rows alone.

The index is a table of SQLite's FTS5, which triggers of the table of rows keep up to date. Without
FTS5, search looks through all rows.

Source: https://www.sqlite.org/fts5.html
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.storage.sql import Where, where_in


#: The condition that the words of a row contain a text.
CONTAINS = "instr(words, ?) > 0"
#: A number may be the id of a ticket, too.
_CONTAINS_OR_ID = f"({CONTAINS}) OR (id = ?)"
#: The words of a row are separated by blanks, and already in lower case. The starts of words have
#: indexes, because a search for the start of a common word would read many lists of rows.
CREATE = """
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
EXISTS = "SELECT 1 FROM sqlite_master WHERE name = 'row_words'"
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
    query = " AND ".join(_build_query(part.values[0]) for part in parts)
    # A row that lacks a number has it as its id.
    by_id = where_in("id", [part.values[1] for part in parts if len(part.values) > 1])
    return Where(f"rowid IN ({_CANDIDATES} {by_id.sql})", (query, kind, *by_id.values))


def _build_query(text: Any) -> str:
    """Return the query of FTS5 for words side by side; the last one may be the start of a word."""
    sign = "" if str(text).endswith(" ") else "*"
    return f'"{str(text).strip()}"{sign}'
