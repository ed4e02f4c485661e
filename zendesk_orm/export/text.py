"""JSON lines and CSV.

Sources: https://jsonlines.org/ and https://www.rfc-editor.org/rfc/rfc4180
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import IO, Any

from zendesk_orm.errors import UnexpectedValue
from zendesk_orm.export.columns import Layout
from zendesk_orm.export.types import dump_json, format_moment


#: The form of compressed data that has gzip's header.
_GZIP = 31
#: Half of a character, which some systems send, and UTF-8 cannot contain.
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
#: A row of CSV: `csv.reader` rejects long texts. Only quoted texts contain line breaks.
_CSV_ROW = re.compile(rb'(?:[^"\r]+|"[^"]*")*\r\n')
#: First characters with which a spreadsheet takes a text as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def replace_surrogates(text: str) -> str:
    """Return a text that UTF-8 can contain, with U+FFFD in place of half characters."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\ufffd", text)


class TextWriter:
    """Writes encoded rows to a file.

    Args:
        sink: the file, which stays open.
        header: the bytes before the first row.
        compress: whether the file is compressed with gzip.
    """

    def __init__(self, sink: IO[bytes], header: bytes, *, compress: bool) -> None:
        self._sink = sink
        # Unlike `GzipFile`, it writes nothing when it is discarded after a failure, and no time, so
        # that equal rows give equal files.
        self._compressor = zlib.compressobj(wbits=_GZIP) if compress else None
        self.write(header)

    def write(self, payload: bytes) -> None:
        """Write encoded rows."""
        compressor = self._compressor
        self._sink.write(payload if compressor is None else compressor.compress(payload))

    def close(self) -> None:
        """Write the end of the file."""
        if self._compressor is not None:
            self._sink.write(self._compressor.flush())


class JsonLines:
    """JSON lines: an object per row, with lists and objects as such.

    Args:
        layout: the columns.
        compress: whether the file is compressed with gzip.
    """

    def __init__(self, layout: Layout, *, compress: bool = False) -> None:
        self._names = layout.names
        self._compress = compress

    def encode(self, rows: Iterable[tuple[Any, ...]]) -> bytes:
        """Return rows as lines."""
        names = self._names
        lines = [
            json.dumps(
                dict(zip(names, map(_to_json, row), strict=True)),
                ensure_ascii=False,
                separators=(",", ":"),
            )
            for row in rows
        ]
        # The escape sequence of half a character is valid JSON.
        return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")

    def select(self, payload: bytes, positions: Sequence[int]) -> bytes:
        """Return the lines at some positions."""
        lines = payload.split(b"\n")
        return b"".join(lines[index] + b"\n" for index in positions)

    def open(self, sink: IO[bytes]) -> TextWriter:
        """Return the writer of a file."""
        return TextWriter(sink, b"", compress=self._compress)


def _to_json(value: Any) -> Any:
    return format_moment(value) if isinstance(value, date) else value


class Csv:
    """CSV in UTF-8: a header, and lists and objects as JSON; None is empty, as is `""`.

    Args:
        layout: the columns.
        compress: whether the file is compressed with gzip.
        escape_formulas: put `'` before texts that a spreadsheet would take as formulas.
    """

    def __init__(
        self, layout: Layout, *, compress: bool = False, escape_formulas: bool = False
    ) -> None:
        self._names = layout.names
        self._compress = compress
        self._escape = escape_formulas
        self._json = [column.type.name in ("json", *_LISTS) for column in layout.columns]

    def encode(self, rows: Iterable[tuple[Any, ...]]) -> bytes:
        """Return rows as lines; a text with line breaks is quoted."""
        return self._encode(
            [
                self._to_cell(value, is_json=is_json)
                for value, is_json in zip(row, self._json, strict=True)
            ]
            for row in rows
        )

    def select(self, payload: bytes, positions: Sequence[int]) -> bytes:
        """Return the rows at some positions, of which each may have several lines."""
        rows = _CSV_ROW.findall(payload)
        return b"".join(rows[index] for index in positions)

    def open(self, sink: IO[bytes]) -> TextWriter:
        """Return the writer of a file."""
        header = self._encode([[self._escape_text(name) for name in self._names]])
        return TextWriter(sink, header, compress=self._compress)

    @staticmethod
    def _encode(rows: Iterable[Iterable[Any]]) -> bytes:
        text = io.StringIO(newline="")
        try:
            csv.writer(text).writerows(rows)
        except csv.Error:
            raise UnexpectedValue(
                "a text contains NUL, which Python 3.10 cannot write as CSV; use Python 3.11, or "
                "another format"
            ) from None
        return replace_surrogates(text.getvalue()).encode()

    def _to_cell(self, value: Any, *, is_json: bool) -> Any:
        if value is None:
            return None
        if is_json:
            return self._escape_text(dump_json(value))
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, date):
            return format_moment(value)
        return self._escape_text(value) if isinstance(value, str) else value

    def _escape_text(self, text: str) -> str:
        return f"'{text}" if self._escape and text.startswith(_FORMULA) else text


_LISTS = ("list<string>", "list<int64>")
