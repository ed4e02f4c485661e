"""Methods of `QuerySet` that return rows as files and tables."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import partial
from typing import IO, TYPE_CHECKING, Any, TypedDict

from attrs import evolve, frozen

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.export.columns import Layout, choose_columns, select_columns
from zendesk_orm.export.export import ExportOptions, ExportResult, ExportSource, RowSource, export
from zendesk_orm.export.frames import (
    DtypeBackend,
    build_reader,
    build_table,
    require_index,
    require_pandas,
    require_polars,
    to_data_frame,
    to_polars_frame,
)
from zendesk_orm.export.packages import load_arrow
from zendesk_orm.export.versions import Identify
from zendesk_orm.http.annotations import Unpack
from zendesk_orm.http.values import require_bool
from zendesk_orm.messages import display, suggestion
from zendesk_orm.progress import Progress, ProgressCallback, resolve_progress
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.query.custom import find_definitions
from zendesk_orm.query.projection import relations_of
from zendesk_orm.query.query import Query
from zendesk_orm.queryset.asynchronous import asynchronous
from zendesk_orm.queryset.batches import AsyncBatches
from zendesk_orm.queryset.checkpoints import StoredPlace
from zendesk_orm.queryset.iteration import RowIterator
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.session.resuming import digest_for
from zendesk_orm.session.session import Session


#: Begins a position that is a checkpoint instead of a resume token.
_CHECKPOINT = "checkpoint:"
#: The other keywords of `export()`, for messages.
EXPORT_OPTIONS = (
    "format",
    "partition_by",
    "resume",
    "overwrite",
    "progress",
    "escape_formulas",
    "all_versions",
)


class ColumnOptions(TypedDict, total=False):
    """The keywords of all methods that return rows as files or tables.

    Attributes:
        extra: False omits the column `extra`, which holds the values that the model does not
            declare.
        types: types of columns that differ from the declared ones: `{"subject": "text"}`.
    """

    extra: bool
    types: Mapping[str, str] | None


class ExportMixin:
    """Methods of `QuerySet` that return rows as files and tables."""

    if TYPE_CHECKING:
        # Attributes and methods of QuerySet.
        _query: Query

        @property
        def _session(self) -> Session: ...
        def _as_objects(self) -> Any: ...

    def export(
        self,
        target: str | os.PathLike[str] | IO[bytes],
        *,
        format: str | None = None,
        partition_by: str | Iterable[str] = (),
        resume: bool = False,
        overwrite: bool = False,
        progress: ProgressCallback | bool | None = None,
        escape_formulas: bool = False,
        all_versions: bool = False,
        **columns: Unpack[ColumnOptions],
    ) -> ExportResult:
        """Write the rows to a file: Parquet, JSON lines or CSV.

        ::

            Ticket.objects.filter(created_after=yesterday).export("tickets.parquet")

        The columns are those of `values()` or `only()`; otherwise all fields and custom fields.
        Pages are read one after the other, and few rows are in memory. The file appears when it
        is complete. After an error, or if the process ends, `resume=True` continues.

        Args:
            target: a path, or a file that is open for writing bytes.
            format: `parquet`, `jsonl`, `csv`, `jsonl.gz` or `csv.gz`; that of the suffix by
                default. Parquet needs the extra `export`.
            partition_by: columns, or periods of date columns (`created_at__month`), by which the
                rows are divided into folders (`created_at_month=2024-01`).
            resume: continue the interrupted export to this path, if there is one.
            overwrite: replace an existing file.
            progress: a function that is called with a `Progress` after each page; True shows a
                bar.
            escape_formulas: in CSV, put `'` before texts that a spreadsheet would evaluate.
            all_versions: of `changed_since()`, keep each version of a row that changes while the
                rows are read, and not only the newest.
            columns: `extra` and `types`, see `ColumnOptions`.

        Raises:
            FileExistsError: the path exists, and `overwrite` is False. Nothing was requested.
            BlockingIOError: another process exports to this path.
            OSError: the file cannot be written.
            FieldError: a column does not exist; the rows have different models.
            InvalidValue: the format is unknown, or the interrupted export has another query.
            ModuleNotFoundError: an extra is not installed.
            UnexpectedValue: a value does not fit the type of its column.
            ApiError, TransportError: a request failed; `resume=True` continues.
        """
        callback = resolve_progress(progress)
        options = ExportOptions(
            format, partition_by, resume, overwrite, escape_formulas, all_versions
        )
        session = self._session
        source = ExportSource(
            digest_for(session, evolve(self._query, resumed=None, moment=None)),
            partial(self._build_layout, **columns),
            partial(self._open_rows, progress=callback),
            lambda: session.account.requests_sent,
            self._find_identity(),
        )
        return export(target, source, options)

    def to_arrow(self, **columns: Unpack[ColumnOptions]) -> Any:
        """Return all rows as a `pyarrow.Table`, with the columns of `export()`.

        Args:
            columns: see `ColumnOptions`.

        Raises:
            ModuleNotFoundError: the extra `export` is not installed.
            FieldError, InvalidValue, UnexpectedValue: see `export()`.
        """
        load_arrow()
        layout = self._build_layout(**columns)
        return build_table(layout, self._open_rows(None, 0), self._find_identity())

    def to_arrow_batches(self, **columns: Unpack[ColumnOptions]) -> Any:
        """Return a `pyarrow.RecordBatchReader`, which yields a batch of rows for each page.

        DuckDB and other packages read from it without having all rows in memory.

        Args:
            columns: see `ColumnOptions`.

        Raises:
            ModuleNotFoundError: the extra `export` is not installed.
            FieldError, InvalidValue, UnexpectedValue: see `export()`.
        """
        load_arrow()
        layout = self._build_layout(**columns)
        return build_reader(layout, self._open_rows(None, 0))

    def to_pandas(
        self,
        index: str | None = None,
        *,
        dtype_backend: DtypeBackend = "numpy_nullable",
        **columns: Unpack[ColumnOptions],
    ) -> Any:
        """Return all rows as a `pandas.DataFrame`, with the columns of `export()`.

        Args:
            index: the column that becomes the index.
            dtype_backend: the types of the columns, as in `pandas.read_parquet()`.
            columns: see `ColumnOptions`.

        Raises:
            ModuleNotFoundError: the extra `pandas` is not installed.
            FieldError, InvalidValue, UnexpectedValue: see `export()`.
        """
        require_pandas(dtype_backend)
        if index is not None:
            require_name(index)
        layout = self._build_layout(**columns)
        require_index(layout.names, index)
        table = build_table(layout, self._open_rows(None, 0), self._find_identity(), "pandas")
        return to_data_frame(table, index, dtype_backend)

    def to_polars(self, **columns: Unpack[ColumnOptions]) -> Any:
        """Return all rows as a `polars.DataFrame`, with the columns of `export()`.

        Args:
            columns: see `ColumnOptions`.

        Raises:
            ModuleNotFoundError: the extra `polars` is not installed.
            FieldError, InvalidValue, UnexpectedValue: see `export()`.
        """
        require_polars()
        layout = self._build_layout(**columns)
        return to_polars_frame(
            build_table(layout, self._open_rows(None, 0), self._find_identity(), "polars")
        )

    aexport = asynchronous(export)
    ato_arrow = asynchronous(to_arrow)
    ato_pandas = asynchronous(to_pandas)
    ato_polars = asynchronous(to_polars)

    def ato_arrow_batches(self, **columns: Unpack[ColumnOptions]) -> AsyncIterator[Any]:
        """Yield a batch of rows for each page, without blocking; see `to_arrow_batches()`."""
        return AsyncBatches(self, partial(self.to_arrow_batches, **columns))

    # -- internals ---------------------------------------------------------------

    def _build_layout(
        self, *, extra: bool = True, types: Mapping[str, str] | None = None, **unknown: Any
    ) -> Layout:
        """Return the columns of files and tables; requests custom fields if they are needed."""
        for name in unknown:
            raise FieldError(
                f"files and tables have no option {display(name)}"
                + suggestion(name, [*EXPORT_OPTIONS, *ColumnOptions.__annotations__])
            )
        require_bool("extra=", extra)
        if types is not None and not isinstance(types, Mapping):
            raise InvalidValue(f"types= must be a dictionary, not {display(types)}")
        query, session = self._query, self._session

        def find() -> Any:
            return find_definitions(query.meta, query.where, session.definitions)

        names = query.projection.names if query.projection is not None else query.columns.names
        if names:
            layout = select_columns(query.meta, names, find)
        else:
            layout = choose_columns(query.meta, find, query.columns.deferred, extra=extra)
        if not layout.columns:
            raise InvalidValue("all columns are deferred; select some with only() or values()")
        return layout.replace_types(types or {})

    def _find_identity(self) -> Identify | None:
        """Return the function that identifies rows of which there may be several versions."""
        meta = self._query.meta
        if not (self._query.is_export and meta.unique_ids):
            return None
        return lambda record: repr(meta.key(record._row))

    def _open_rows(
        self, token: str | None, done: int, progress: ProgressCallback | None = None
    ) -> RowSource:
        """Return the records after a token, or all, a page at a time.

        Args:
            token: the token of an interrupted export, or None.
            done: the number of rows before it, for `progress`.
            progress: called after each page.
        """
        projection = self._query.projection
        names = self._query.columns.names if projection is None else projection.names
        # Other relations have no columns, and would cost requests.
        rows = self._as_objects().prefetch_related(None).select_related(None)
        rows = rows.select_related(*relations_of(self._query.meta, names))
        if token is not None:
            rows = _continue_rows(rows, token)

        report = None if progress is None else partial(_report_sum, progress, done)
        iterator = rows.iterator(progress=report)
        # A slice ends after a number of rows, which a checkpoint does not contain.
        has_checkpoints = self._query.is_export and not self._query.windowed
        return CheckpointedPages(iterator) if has_checkpoints else iterator


class CheckpointedPages:
    """The pages of `changed_since()`, whose positions are checkpoints.

    A resume token would contain the ids of all rows, and end after 10,000 of them.

    Args:
        rows: the iterator.
    """

    def __init__(self, rows: RowIterator[Any]) -> None:
        self._rows = rows
        self._pages = rows.pages()
        self._checkpoint: Checkpoint | None = None

    @property
    def resume_token(self) -> str | None:
        """The position after the last page, or None if it has none."""
        checkpoint = self._checkpoint
        return None if checkpoint is None else f"{_CHECKPOINT}{checkpoint.to_text()}"

    def read_page(self) -> Sequence[Any]:
        """Return the records of the next page that has some; an empty one ends the rows."""
        for page in self._pages:
            self._checkpoint = page.checkpoint
            if page:
                return page
        return ()

    def close(self) -> None:
        """End the iteration."""
        self._rows.close()


@frozen
class _Continuation:
    """A store with the checkpoint of an interrupted export; later ones go to another store.

    Attributes:
        checkpoint: the checkpoint.
        stored: the place of `resume_from()`, or None.
    """

    checkpoint: Checkpoint
    stored: StoredPlace | None

    def load(self, name: str) -> Checkpoint:
        return self.checkpoint

    def save(self, name: str, checkpoint: Checkpoint) -> None:
        if self.stored is not None:
            self.stored.store.save(self.stored.name, checkpoint)

    def delete(self, name: str) -> None:
        """Do nothing: the export deletes its position."""


def _continue_rows(rows: Any, token: str) -> Any:
    """Return the rows after a position."""
    if not token.startswith(_CHECKPOINT):
        return rows.resume(token)
    checkpoint = Checkpoint.from_text(token.removeprefix(_CHECKPOINT))
    return rows.resume_from(_Continuation(checkpoint, rows._stored), "export")


def _report_sum(callback: ProgressCallback, done: int, progress: Progress) -> None:
    """Report progress together with the rows that were read before an interruption."""
    total = None if progress.total is None else progress.total + done
    callback(evolve(progress, done=progress.done + done, total=total))
