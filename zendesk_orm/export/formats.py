"""Formats of files, chosen by the suffix of a path or by their name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import IO, Any, Protocol

from zendesk_orm.errors import InvalidValue
from zendesk_orm.export.arrow import GROUP_BYTES, Parquet
from zendesk_orm.export.columns import Layout
from zendesk_orm.export.packages import load_arrow
from zendesk_orm.export.text import Csv, JsonLines
from zendesk_orm.messages import display


#: The formats; each name is the suffix of its files, too.
FORMATS = ("parquet", "jsonl", "jsonl.gz", "csv", "csv.gz")
_ALIASES: Mapping[str, str] = {"ndjson": "jsonl", "ndjson.gz": "jsonl.gz"}
_PARTITION_GROUP_BYTES = GROUP_BYTES // 8


class Writer(Protocol):
    """Writes encoded rows to one file."""

    def write(self, payload: bytes) -> None:
        """Write encoded rows."""

    def close(self) -> None:
        """Write the end of the file, which stays open."""


class Format(Protocol):
    """Encodes rows, and writes encoded rows to files."""

    def encode(self, rows: Sequence[tuple[Any, ...]]) -> bytes:
        """Return rows in an encoding that a writer accepts."""
        ...

    def select(self, payload: bytes, positions: Sequence[int]) -> bytes:
        """Return the encoded rows at some positions."""
        ...

    def open(self, sink: IO[bytes]) -> Writer:
        """Return the writer of a file."""
        ...


def choose_format(name: Any, path: str | os.PathLike[str] | None) -> str:
    """Return the name of a format, by its name or the suffix of a path.

    Raises:
        InvalidValue: the format is unknown.
        ModuleNotFoundError: the format needs an extra that is not installed.
    """
    chosen = name
    if name is None and path is not None:
        lowered = os.fspath(path).lower().rstrip("/\\")
        # `.csv.gz` is longer than `.gz`.
        suffixes = (suffix for suffix in (*FORMATS, *_ALIASES) if lowered.endswith(f".{suffix}"))
        chosen = max(suffixes, key=len, default=None)
    if isinstance(chosen, str):
        chosen = chosen.lower().lstrip(".")
        chosen = _ALIASES.get(chosen, chosen)
    if chosen not in FORMATS:
        problem = f"format= is {display(name)}"
        if name is None:
            problem = f"the suffix of {display(path)} does not name a format"
        if name is None and path is None:
            problem = "an open file has no suffix"
        raise InvalidValue(f"{problem}; pass format= with one of {', '.join(FORMATS)}")
    if chosen == "parquet":
        load_arrow()
    return str(chosen)


def build_format(
    name: str, layout: Layout, *, escape_formulas: bool = False, partitioned: bool = False
) -> Format:
    """Return a format for some columns.

    Args:
        name: the name of the format.
        layout: the columns.
        escape_formulas: see `Csv`.
        partitioned: whether several files are written at the same time.
    """
    kind, _, compression = name.partition(".")
    if kind == "csv":
        return Csv(layout, compress=bool(compression), escape_formulas=escape_formulas)
    if kind == "jsonl":
        return JsonLines(layout, compress=bool(compression))
    return Parquet(layout, group_bytes=_PARTITION_GROUP_BYTES if partitioned else GROUP_BYTES)
