"""The tables of a mirror: created, extended, and updated by the rows of pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from string import Template
from typing import Any

from attrs import frozen

from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display
from zendesk_orm.schema.definitions import Definition
from zendesk_orm.schema.options import Options
from zendesk_orm.warehouse.layouts import native
from zendesk_orm.warehouse.mirror_columns import (
    OWN_COLUMNS,
    MirrorColumns,
    choose_columns,
    name_custom_columns,
)
from zendesk_orm.warehouse.mirror_staging import literal, load_values, quote


CHECKPOINTS = "_zendesk_checkpoints"
_CREATE = """
CREATE TABLE IF NOT EXISTS $places (
    model VARCHAR NOT NULL, account VARCHAR NOT NULL, checkpoint VARCHAR, synced_at TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS $names (
    model VARCHAR NOT NULL, field VARCHAR NOT NULL, name VARCHAR NOT NULL, title VARCHAR
)
"""
_COUNT = "SELECT count(*), count(*) FILTER (_deleted) FROM staged"
_DROP_OLDER = """
DELETE FROM staged USING $table AS t WHERE t.id = staged.id AND t._version > staged._version
"""
_MARK_OTHERS = """
UPDATE $table SET _deleted = TRUE WHERE NOT _deleted AND id NOT IN (SELECT id FROM staged)
"""
_DELETE = "DELETE FROM $table AS t USING staged WHERE t.id = staged.id"
_INSERT = "INSERT INTO $table BY NAME SELECT * FROM staged"


@frozen
class Merged:
    """What the rows of a page changed.

    Attributes:
        rows: the rows that were written.
        deleted: those among them that were deleted in Zendesk.
    """

    rows: int = 0
    deleted: int = 0

    def __add__(self, other: Merged) -> Merged:
        return Merged(self.rows + other.rows, self.deleted + other.deleted)


def fill(statement: str, **parts: str) -> str:
    """Return a statement with quoted names, and other parts, in place of `$name`."""
    names = {"places": quote(CHECKPOINTS), "names": quote(native().custom_names)}
    return Template(statement).substitute({**names, **parts})


def create_tables(cursor: Any) -> None:
    """Create the tables of checkpoints and of the names of custom fields."""
    cursor.execute(fill(_CREATE))


def lacks_columns(cursor: Any, meta: Options, definitions: Iterable[Definition]) -> bool:
    """Return whether the table of a model exists, and new columns have to be filled."""
    present = set(_describe(cursor, meta))
    if not present:
        return False
    names, definitions = _read_names(cursor, _model_name(meta)), list(definitions)
    existing = [item for item in definitions if str(item.wire) in names]
    return len(existing) < len(definitions) or not (
        choose_columns(meta, existing, names).types.keys() <= present
    )


def prepare_table(cursor: Any, meta: Options, definitions: Iterable[Definition]) -> MirrorColumns:
    """Create or extend the table of a model, and return its columns.

    New columns are filled with the values that earlier rows have in JSON columns.

    Raises:
        ConfigurationError: the database has a table with this name that is not one of a mirror.
    """
    definitions = list(definitions)
    model, table = _model_name(meta), quote(native().table(meta))
    present, names = _describe(cursor, meta), _read_names(cursor, model)
    plain = choose_columns(meta, (), {})
    added = name_custom_columns(meta, definitions, names, [*plain.types, *present])
    titles = {str(item.wire): item.title for item in definitions}
    for wire, name in added.items():
        cursor.execute(
            fill("INSERT INTO $names VALUES (?, ?, ?, ?)"),
            [model, wire, name, titles[wire]],
        )
    columns = choose_columns(meta, definitions, {**names, **added})
    if not present:
        declared = ", ".join(f"{quote(name)} {type_}" for name, type_ in columns.types.items())
        cursor.execute(f"CREATE TABLE {table} ({declared})")
        return columns
    missing = {name: type_ for name, type_ in columns.types.items() if name not in present}
    for name, type_ in missing.items():
        cursor.execute(f"ALTER TABLE {table} ADD COLUMN {quote(name)} {type_}")
    _fill_columns(cursor, columns, set(missing) - set(OWN_COLUMNS))
    return columns


def _fill_columns(cursor: Any, columns: MirrorColumns, names: Iterable[str]) -> None:
    """Fill new columns with the values that the rows have in their JSON columns."""
    table = quote(native().table(columns.meta))
    fields = [column for column in columns.fields if column.name in names]
    customs = [column for column in columns.custom if column.name in names]
    holder = quote(columns.holder) if columns.holder else "NULL"
    tests = [
        f"contains(CAST({source} AS VARCHAR), {literal(str(column.wire))})"
        for source, group in (("_extra", fields), (holder, customs))
        for column in group
    ]
    if not tests:
        return
    values = []
    condition = " OR ".join(tests)
    cursor.execute(
        fill(
            "SELECT id, _extra, $holder FROM $table WHERE $condition",
            holder=holder,
            table=table,
            condition=condition,
        )
    )
    for pk, extra, members in cursor.fetchall():
        row = {**json.loads(extra or "{}"), columns.holder: json.loads(members or "null")}
        values.append({"id": pk, **columns.read_again(row)})
    types = {name: type_ for name, type_ in columns.types.items() if name in {"id", *names}}
    load_values(cursor, types, values)
    assigned = ", ".join(f"{quote(name)} = staged.{quote(name)}" for name in names)
    cursor.execute(
        fill(
            "UPDATE $table AS t SET $assigned FROM staged WHERE t.id = staged.id",
            table=table,
            assigned=assigned,
        )
    )


def _describe(cursor: Any, meta: Options) -> list[str]:
    """Return the columns of the table of a model; [] if it does not exist.

    Raises:
        ConfigurationError: no mirror has created the table.
    """
    table = native().table(meta)
    rows = cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = ? "
        "AND table_schema = current_schema() AND table_catalog = current_database()",
        [table],
    ).fetchall()
    names = [name for (name,) in rows]
    if names and not {"id", *OWN_COLUMNS} <= set(names):
        raise ConfigurationError(
            f"the database has a table {display(table)} that no mirror has created; choose another "
            "file, or select another schema with USE"
        )
    return names


def _read_names(cursor: Any, model: str) -> dict[str, str]:
    rows = cursor.execute(
        fill("SELECT field, name FROM $names WHERE model = ?"), [model]
    ).fetchall()
    return dict(rows)


def _model_name(meta: Options) -> str:
    return str((meta.concrete or meta.model).__name__)


def merge_rows(cursor: Any, meta: Options, *, complete: bool) -> Merged:
    """Write the staged rows over those with the same ids, unless these are newer.

    Args:
        cursor: the cursor with the staged rows, in a transaction.
        meta: the options of the model.
        complete: whether the staged rows are all that exist, so that others were deleted.
    """
    table = quote(native().table(meta))
    cursor.execute(fill(_DROP_OLDER, table=table))
    rows, deleted = cursor.execute(_COUNT).fetchone()
    if complete:
        gone = cursor.execute(fill(_MARK_OTHERS, table=table)).fetchone()[0]
        rows, deleted = rows + gone, deleted + gone
    cursor.execute(fill(_DELETE, table=table))
    cursor.execute(fill(_INSERT, table=table))
    return Merged(rows, deleted)


def load_place(cursor: Any, model: str, account: str) -> str | None:
    """Return the text of the checkpoint of a model, or None.

    Raises:
        ConfigurationError: the mirror is one of another account.
    """
    rows = cursor.execute(fill("SELECT model, account, checkpoint FROM $places")).fetchall()
    if any(owner != account for _, owner, _ in rows):
        raise ConfigurationError(
            "this mirror belongs to another account; choose another path, a file for each account"
        )
    return next((checkpoint for name, _, checkpoint in rows if name == model), None)


def save_place(
    cursor: Any, model: str, account: str, checkpoint: str | None, synced_at: str
) -> None:
    """Store the checkpoint of a model."""
    cursor.execute(fill("DELETE FROM $places WHERE model = ?"), [model])
    values = [model, account, checkpoint, synced_at]
    cursor.execute(fill("INSERT INTO $places VALUES (?, ?, ?, ?)"), values)
