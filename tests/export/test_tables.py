"""Tables of Arrow, pandas and polars."""

from __future__ import annotations

import asyncio

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from tests.servers import Server
from zendesk_orm import (
    FieldError,
    InvalidValue,
    QuerySet,
    Ticket,
    UnexpectedValue,
    connections,
)


#: An id that a float would round.
LARGE = 2**53 + 1
NAMES = ("id", "subject", "group_id", "has_incidents", "created_at", "tags")


@pytest.fixture
def two_tickets():
    """Connect an account with two tickets, of which one lacks most values."""
    rows = [
        {
            "id": LARGE,
            "subject": "a",
            "group_id": LARGE,
            "has_incidents": True,
            "created_at": "2024-01-01T00:00:00Z",
            "tags": ["vip"],
        },
        {"id": 2},
    ]
    Server(lambda request: {"tickets": rows, "meta": {"has_more": False}}).connect()
    return Ticket.objects.fresh().only(*NAMES)


def test_a_data_frame_keeps_large_ids_and_missing_values(two_tickets):
    """Missing values do not turn ids into floats; lists are lists."""
    for backend in ("numpy_nullable", "pyarrow"):
        frame = two_tickets.to_pandas(dtype_backend=backend)

        assert frame["group_id"].iloc[0] == LARGE
        assert frame["group_id"].isna().tolist() == [False, True]
        assert frame["has_incidents"].isna().tolist() == [False, True]
        assert [*frame["tags"].iloc[0]] == ["vip"]
        assert frame["created_at"].iloc[0] == pd.Timestamp("2024-01-01", tz="UTC")
    frame = two_tickets.to_pandas()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        "id": "Int64",
        "subject": "string",
        "group_id": "Int64",
        "has_incidents": "boolean",
        "created_at": "datetime64[us, UTC]",
        "tags": "object",
    }
    assert frame["tags"].tolist() == [["vip"], []]


def test_a_column_becomes_the_index(two_tickets, count_requests):
    """`index=` names a column; an unknown one raises an error before any request."""
    frame = two_tickets.to_pandas("id")
    assert (frame.index.name, frame.index.tolist()) == ("id", [LARGE, 2])
    assert "id" not in frame.columns

    with count_requests(connections["default"], 0):
        with pytest.raises(FieldError, match="subject"):
            Ticket.objects.values("id", "subject").to_pandas("subjct")
        with pytest.raises(InvalidValue, match="numpy_nullable"):
            Ticket.objects.values("id").to_pandas(dtype_backend="numpy")


def test_polars_has_the_same_rows(two_tickets):
    """A DataFrame of polars has the rows and types of the Arrow table."""
    frame = two_tickets.to_polars()

    assert frame.rows(named=True) == two_tickets.to_arrow().to_pylist()
    assert frame.schema["created_at"] == pl.Datetime("us", "UTC")
    assert frame.schema["tags"] == pl.List(pl.String)


def test_batches_are_read_on_demand(demo, count_requests):
    """A page is requested when its batch is needed; the schema needs no rows."""
    with count_requests(demo, 0):
        reader = Ticket.objects.values("id").to_arrow_batches()
        assert reader.schema == pa.schema([("id", pa.int64())])
    demo.ahead.depth = 0
    with count_requests(demo, 1):
        assert reader.read_next_batch().num_rows == 1000
    with count_requests(demo, 2):
        assert sum(batch.num_rows for batch in reader) == 2000


def test_asynchronous_methods_return_the_same(demo, tmp_path, count_requests):
    """Async methods return the results of the others, with as many requests."""
    rows = Ticket.objects.filter(status="new").values("id", "subject")
    expected = rows.to_arrow()

    async def main():
        with count_requests(demo, 5):
            assert await rows.ato_arrow() == expected
            assert pa.Table.from_pandas(await rows.ato_pandas()).num_rows == expected.num_rows
            assert (await rows.ato_polars()).height == expected.num_rows
            batches = [batch async for batch in rows.ato_arrow_batches()]
            result = await rows.aexport(tmp_path / "rows.csv")
        assert pa.Table.from_batches(batches) == expected
        assert result.rows == expected.num_rows

    asyncio.run(main())


def test_an_error_ends_the_batches():
    """An invalid value raises the error of the column also while batches are read."""
    Server(lambda request: {"tickets": [{"id": 1, "tags": 3}]}).connect()
    with pytest.raises(ValueError, match="tags"):
        Ticket.objects.fresh().only("tags").to_arrow_batches().read_all()


def test_the_methods_are_public():
    """The methods are those of each QuerySet."""
    names = ("export", "to_arrow", "to_arrow_batches", "to_pandas", "to_polars")
    for name in names:
        assert callable(getattr(QuerySet, name))
        assert callable(getattr(QuerySet, f"a{name}"))


def test_a_number_that_no_float_holds_is_an_error():
    """A row that Zendesk would not send names the value, instead of an error of Python."""
    rows = [{"id": 1, "satisfaction_probability": 10**400}]
    Server(lambda request: {"tickets": rows, "meta": {"has_more": False}}).connect()

    with pytest.raises(UnexpectedValue, match="satisfaction_probability"):
        Ticket.objects.fresh().only("id", "satisfaction_probability").to_arrow()
