"""Files of rows: an account as lines of JSON.

A line is a row, with the label of its model. Lines with other keys hold the rest of a dump:
sequences of ids, jobs, idempotency keys, and uploaded files.
"""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.resources import initialize
from zendesk_orm.emulator.server.bodies import parse_json
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.emulator.storage.sequences import reserve_ids
from zendesk_orm.emulator.storage.store import ALIVE, ARCHIVED, DELETED, StoredRow, dump_json
from zendesk_orm.emulator.storage.words import collect_words
from zendesk_orm.errors import ConfigurationError, FieldError
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema import registry
from zendesk_orm.schema.options import Options


#: A path of a file, or an open text file.
Lines = str | PathLike[str] | Iterable[str]

#: The version of the format, in the first line of a dump.
_VERSION = 1
_STATES = {"alive": ALIVE, "archived": ARCHIVED, "deleted": DELETED}
_STATE_NAMES = {number: name for name, number in _STATES.items()}
#: The columns of the tables that are dumped as they are. Earlier versions of rows, for a search
#: index that lags, are not dumped.
_TABLES = {
    "sequences": ("name", "value"),
    "jobs": ("id", "order_", "queued", "due", "done"),
    "idempotency": ("key", "body", "answer", "at"),
    "files": ("token", "name", "kind", "content"),
}
_SELECTS = {
    "sequences": "SELECT name, value FROM sequences ORDER BY 1",
    "jobs": "SELECT id, order_, queued, due, done FROM jobs ORDER BY 1",
    "idempotency": "SELECT key, body, answer, at FROM idempotency ORDER BY 1",
    "files": "SELECT token, name, kind, content FROM files ORDER BY 1",
}
_INSERTS = {
    "sequences": "REPLACE INTO sequences VALUES (?, ?)",
    "jobs": "REPLACE INTO jobs VALUES (?, ?, ?, ?, ?)",
    "idempotency": "REPLACE INTO idempotency VALUES (?, ?, ?, ?)",
    "files": "REPLACE INTO files VALUES (?, ?, ?, ?)",
}
_DELETES = (
    "DELETE FROM rows",
    "DELETE FROM versions",
    "DELETE FROM sequences",
    "DELETE FROM jobs",
    "DELETE FROM idempotency",
    "DELETE FROM files",
)
_BINARY = "content"
#: The keys of a line with a row.
_KEYS = frozenset({"model", "id", "row", "words", "parent", "state"})
_EMPTY: dict[str, Any] = {}


def dump(context: Context) -> Iterator[str]:
    """Yield the lines of a dump of an account, without line breaks."""
    with context.store.lock:
        yield dump_json(
            {"dump": _VERSION, "owner_id": context.owner_id, "brand_id": context.brand_id}
        )
        for table, columns in _TABLES.items():
            for values in context.store.execute(_SELECTS[table]):
                line = dict(zip(columns, values, strict=True))
                if _BINARY in line:
                    line[_BINARY] = base64.b64encode(line[_BINARY]).decode()
                yield dump_json({"table": table, **line})
        sql = "SELECT kind, id, doc, words, parent, state FROM rows ORDER BY rowid"
        for kind, pk, doc, words, parent, state in context.store.execute(sql):
            extra: dict[str, Any] = {"words": words}
            if parent is not None:
                extra["parent"] = parent
            if state != ALIVE:
                extra["state"] = _STATE_NAMES[state]
            head = dump_json({"model": kind, "id": pk, **extra})
            yield f'{head[:-1]},"row":{doc}}}'


def load(context: Context, lines: Iterable[str | bytes]) -> int:
    """Insert or replace rows, and return their number.

    The lines of a dump replace all rows of the account. Other lines add rows, or replace those
    with the same id; keys that are missing get the values of new rows. If a line is invalid,
    nothing changes.

    Raises:
        ConfigurationError: a line is invalid.
    """
    number, loaded = 0, 0
    before = context.owner_id, context.brand_id
    generated = dict(context.store.generated)
    try:
        with context.store.transaction():
            load_line = _load_row
            for number, text in enumerate(lines, 1):
                line = _parse(text)
                if number == 1 and "dump" in line:
                    _start(context, line)
                    load_line = _load_dump_line
                elif line is not _EMPTY:
                    loaded += load_line(context, line)
    except (AttributeError, FieldError, KeyError, TypeError, ValueError, sqlite3.Error) as error:
        context.owner_id, context.brand_id = before
        context.store.generated.update(generated)
        reason = f"{error!s:.200}" if not isinstance(error, KeyError) else f"{error} is missing"
        raise ConfigurationError(f"line {number} cannot be loaded: {reason}") from None
    return loaded


def _parse(text: str | bytes) -> dict[str, Any]:
    """Return the object of a line; `_EMPTY` for an empty line.

    Raises:
        TypeError, ValueError: the line is not a JSON object in UTF-8.
    """
    text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    line = parse_json(text, dict) if text.strip() else _EMPTY
    if not isinstance(line, dict):
        raise TypeError("a line must be a JSON object")
    return line


def _start(context: Context, line: dict[str, Any]) -> None:
    """Delete all rows, which those of a dump replace.

    Raises:
        ValueError: the dump belongs to another version.
    """
    if line["dump"] != _VERSION:
        raise ValueError(f"dumps of version {_VERSION} can be loaded")
    clear(context)
    owner_id, brand_id = line["owner_id"], line["brand_id"]
    if type(owner_id) is not int or not (brand_id is None or type(brand_id) is int):
        raise TypeError("owner_id and brand_id must be numbers")
    context.owner_id, context.brand_id = owner_id, brand_id


def _load_dump_line(context: Context, line: dict[str, Any]) -> int:
    """Insert a line of a dump, and return the number of rows of models: 0 or 1."""
    if "table" in line:
        _insert(context, line)
        return 0
    if not isinstance(line["model"], str) or "." not in line["model"]:
        raise TypeError("the model must have the form support.Ticket")
    _put(context, line, line["model"], line["id"], line["row"])
    return 1


def _load_row(context: Context, line: dict[str, Any]) -> int:
    """Insert or replace a row with missing keys; the id of a later row will be another one."""
    product, _, name = line["model"].rpartition(".")
    meta = registry.find(name, product or "support")._meta
    row = _complete(context, meta, line["row"])
    pk = row[meta.pk_key] if meta.pk_key else meta.singular
    _put(context, line, meta.label, pk, row)
    if type(pk) is int:
        reserve_ids(context.store, meta, pk)
    return 1


def _put(context: Context, line: dict[str, Any], kind: str, pk: Any, row: Any) -> None:
    """Insert or replace a row, which the index of search contains at once.

    Raises:
        KeyError, TypeError: the state, or a value of the line, is invalid.
    """
    if not isinstance(row, dict) or not isinstance(line["row"], dict):
        raise TypeError("row must be an object")
    if not _is_id(pk) or not (line.get("parent") is None or _is_id(line["parent"])):
        raise TypeError("an id must be a number of 64 bits or a text")
    if not isinstance(line.get("words", ""), str):
        raise TypeError("words must be a text")
    for name in line:
        if name not in _KEYS:
            raise TypeError(f"the key {display(name)} does not exist" + suggestion(name, _KEYS))
    words = line["words"] if "words" in line else collect_words(row)
    state = _STATES[line.get("state", "alive")]
    context.store.put([StoredRow(kind, pk, row, words, line.get("parent"), state)], 0)


def _is_id(value: Any) -> bool:
    """Return True for an id: an integer of 64 bits, or a text."""
    return isinstance(value, str) or (type(value) is int and -(2**63) <= value < 2**63)


def clear(context: Context) -> None:
    """Delete all rows of an account."""
    context.store.generated.clear()
    for sql in _DELETES:
        context.store.execute(sql)


def _insert(context: Context, line: dict[str, Any]) -> None:
    table = line["table"]
    columns = _TABLES[table]
    values = [line[column] for column in columns]
    if len(line) > len(columns) + 1 or any(isinstance(value, (dict, list)) for value in values):
        raise TypeError(f"a line of the table {table} must have numbers and texts for its columns")
    if _BINARY in columns:
        values[-1] = base64.b64decode(values[-1], validate=True)
    context.store.execute(_INSERTS[table], values)


def _complete(context: Context, meta: Options, values: dict[str, Any]) -> dict[str, Any]:
    """Return a row with every key, and with id, timestamps and address if they are missing.

    Raises:
        TypeError: the id is invalid.
    """
    row = build_row(meta)
    row.update(values)
    if meta.pk_key:
        pk = values.get(meta.pk_key)
        if pk is not None and not _is_id(pk):
            raise TypeError("an id must be a number of 64 bits or a text")
        initialize(context, meta, row)
    return row | {name: value for name, value in values.items() if value is not None}


@contextmanager
def open_lines(source: Lines) -> Generator[Iterable[str | bytes]]:
    """Return a context manager for the lines of a file, which is closed if it was a path.

    Files are read as bytes, so that an error of their encoding belongs to a line.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    if not isinstance(source, (str, PathLike)):
        yield source
        return
    try:
        with Path(source).open("rb") as file:
            yield file
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the file {display(source)} cannot be read: {error}") from None
