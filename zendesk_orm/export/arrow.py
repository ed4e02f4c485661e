"""Arrow tables, and Parquet files.

Sources: https://arrow.apache.org/docs/python/ and https://parquet.apache.org/docs/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO, Any

from zendesk_orm.export.columns import Layout
from zendesk_orm.export.packages import load_arrow, load_package
from zendesk_orm.export.text import replace_surrogates
from zendesk_orm.export.types import dump_json


#: A group of rows in a file ends after this number of rows, or of bytes in memory.
GROUP_ROWS = 10_000
GROUP_BYTES = 32_000_000
_CODEC = "zstd"
_SIZE_BYTES = 8


class Arrow:
    """Converts rows to Arrow record batches.

    Args:
        layout: the columns.
        extra: the extra of this library that is named if pyarrow is not installed.
    """

    def __init__(self, layout: Layout, extra: str = "export") -> None:
        self._pa = load_arrow(extra)
        self._layout = layout
        self.schema: Any = self._pa.schema(
            [(column.name, self._to_arrow_type(column.type.name)) for column in layout.columns]
        )

    def build_batch(self, rows: Sequence[tuple[Any, ...]]) -> Any:
        """Return rows as a record batch."""
        arrays = []
        for index, (column, field) in enumerate(
            zip(self._layout.columns, self.schema, strict=True)
        ):
            values = [row[index] for row in rows]
            if column.type.name == "json":
                values = [None if value is None else dump_json(value) for value in values]
            elif column.type.name in ("string", "text"):
                values = [None if value is None else replace_surrogates(value) for value in values]
            elif column.type.name == "list<string>":
                values = [None if value is None else _clean_texts(value) for value in values]
            arrays.append(self._pa.array(values, type=field.type))
        return self._pa.RecordBatch.from_arrays(arrays, schema=self.schema)

    def _to_arrow_type(self, name: str) -> Any:
        pa = self._pa
        types = {
            "int64": pa.int64(),
            "float64": pa.float64(),
            "bool": pa.bool_(),
            "timestamp": pa.timestamp("us", tz="UTC"),
            "date": pa.date32(),
            "list<string>": pa.list_(pa.string()),
            "list<int64>": pa.list_(pa.int64()),
        }
        return types.get(name, pa.string())


def _clean_texts(values: list[Any]) -> list[Any]:
    return [None if value is None else replace_surrogates(value) for value in values]


class Parquet:
    """Parquet files, with groups of at most 10,000 rows.

    Args:
        layout: the columns.
        group_bytes: bytes in memory after which a group ends.
    """

    def __init__(self, layout: Layout, *, group_bytes: int = GROUP_BYTES) -> None:
        self._arrow = Arrow(layout)
        self._group_bytes = group_bytes

    def encode(self, rows: Sequence[tuple[Any, ...]]) -> bytes:
        """Return rows as a compressed message of Arrow."""
        return _dump_batch(self._arrow.build_batch(rows))

    def select(self, payload: bytes, positions: Sequence[int]) -> bytes:
        """Return the rows of a message at some positions."""
        batch = _load_batch(payload, self._arrow.schema)
        return _dump_batch(batch.take(load_arrow().array(positions, load_arrow().int64())))

    def open(self, sink: IO[bytes]) -> ParquetWriter:
        """Return the writer of a file."""
        return ParquetWriter(sink, self._arrow.schema, self._group_bytes)


def _dump_batch(batch: Any) -> bytes:
    """Return a record batch as a compressed message of Arrow."""
    message = batch.serialize()
    size: bytes = message.size.to_bytes(_SIZE_BYTES, "little")
    compressed: bytes = load_arrow().compress(message, codec=_CODEC, asbytes=True)
    return size + compressed


def _load_batch(payload: bytes, schema: Any) -> Any:
    """Return the record batch of a message."""
    pa = load_arrow()
    size = int.from_bytes(payload[:_SIZE_BYTES], "little")
    message = pa.decompress(payload[_SIZE_BYTES:], size, codec=_CODEC)
    return pa.ipc.read_record_batch(message, schema)


class ParquetWriter:
    """Writes encoded rows to a Parquet file.

    Args:
        sink: the file, which stays open.
        schema: the columns.
        group_bytes: bytes in memory after which a group ends.
    """

    def __init__(self, sink: IO[bytes], schema: Any, group_bytes: int) -> None:
        parquet = load_package("pyarrow.parquet", "export")
        self._pa = load_arrow()
        self._schema = schema
        self._group_bytes = group_bytes
        self._batches: list[Any] = []
        self._writer = parquet.ParquetWriter(sink, schema, compression=_CODEC)

    def write(self, payload: bytes) -> None:
        """Write encoded rows, or keep them until a group is complete."""
        self._batches.append(_load_batch(payload, self._schema))
        rows = sum(batch.num_rows for batch in self._batches)
        if rows >= GROUP_ROWS or sum(batch.nbytes for batch in self._batches) >= self._group_bytes:
            self._write_group()

    def close(self) -> None:
        """Write the end of the file."""
        if self._batches:
            self._write_group()
        self._writer.close()

    def _write_group(self) -> None:
        table = self._pa.Table.from_batches(self._batches, schema=self._schema)
        self._batches = []
        self._writer.write_table(table, row_group_size=max(table.num_rows, 1))
