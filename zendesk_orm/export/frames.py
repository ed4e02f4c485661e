"""Tables of other packages: Arrow, pandas and polars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.export.arrow import Arrow
from zendesk_orm.export.columns import Layout
from zendesk_orm.export.export import RowSource
from zendesk_orm.export.packages import load_arrow, load_package
from zendesk_orm.export.versions import Identify
from zendesk_orm.messages import display, suggestion


#: The types of the columns of a DataFrame, as in `pandas.read_parquet()`.
DtypeBackend = Literal["numpy_nullable", "pyarrow"]


def read_batches(
    layout: Layout,
    rows: RowSource,
    arrow: Arrow,
    identify: Identify | None = None,
    ids: list[str] | None = None,
) -> Iterator[Any]:
    """Yield the rows as record batches, one for each page, and add their identities to `ids`."""
    try:
        while page := rows.read_page():
            if identify is not None and ids is not None:
                ids += map(identify, page)
            yield arrow.build_batch([layout.to_row(record) for record in page])
    finally:
        rows.close()


def build_table(
    layout: Layout, rows: RowSource, identify: Identify | None, extra: str = "export"
) -> Any:
    """Return all rows as a `pyarrow.Table`, the newest version of each.

    Args:
        layout: the columns.
        rows: the rows.
        identify: see `ExportSource`.
        extra: the extra of this library that is named if pyarrow is not installed.
    """
    arrow, pa = Arrow(layout, extra), load_arrow(extra)
    ids: list[str] = []
    batches = list(read_batches(layout, rows, arrow, identify, ids))
    table = pa.Table.from_batches(batches, schema=arrow.schema)
    newest = {pk: index for index, pk in enumerate(ids)}
    if len(newest) == len(ids):
        return table
    return table.take(pa.array(sorted(newest.values()), pa.int64()))


def build_reader(layout: Layout, rows: RowSource) -> Any:
    """Return a `pyarrow.RecordBatchReader`, which reads a page when a batch is needed."""
    arrow = Arrow(layout)
    batches = read_batches(layout, rows, arrow)
    return load_arrow().RecordBatchReader.from_batches(arrow.schema, batches)


def require_pandas(backend: str) -> None:
    """Check that pandas is installed, and the name of the types of its columns.

    Raises:
        ModuleNotFoundError: it is not installed.
        InvalidValue: the name is unknown.
    """
    load_arrow("pandas")
    load_package("pandas", "pandas")
    if backend not in get_args(DtypeBackend):
        raise InvalidValue(
            f"dtype_backend must be one of {', '.join(get_args(DtypeBackend))}, not "
            f"{display(backend)}"
        )


def require_polars() -> None:
    """Check that polars is installed.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    load_arrow("polars")
    load_package("polars", "polars")


def require_index(names: Sequence[str], index: str | None) -> None:
    """Check that the index of a DataFrame is one of its columns.

    Raises:
        FieldError: it is not.
    """
    if index is not None and index not in names:
        raise FieldError(f"index= is not a column{suggestion(str(index), names)}")


def to_data_frame(table: Any, index: str | None, backend: DtypeBackend) -> Any:
    """Return an Arrow table as a pandas DataFrame."""
    pandas, pa = load_package("pandas", "pandas"), load_arrow("pandas")
    if backend == "pyarrow":
        frame = table.to_pandas(types_mapper=pandas.ArrowDtype)
        return frame if index is None else frame.set_index(index)
    # Without these types, a missing value would turn numbers into floats, which round large ids.
    types = {
        pa.int64(): pandas.Int64Dtype(),
        pa.float64(): pandas.Float64Dtype(),
        pa.bool_(): pandas.BooleanDtype(),
        pa.string(): pandas.StringDtype(),
    }
    frame = table.to_pandas(types_mapper=types.get)
    for field in table.schema:
        if pa.types.is_list(field.type):
            frame[field.name] = pandas.Series(table[field.name].to_pylist(), dtype=object)
    return frame if index is None else frame.set_index(index)


def to_polars_frame(table: Any) -> Any:
    """Return an Arrow table as a polars DataFrame."""
    return load_package("polars", "polars").from_arrow(table)
