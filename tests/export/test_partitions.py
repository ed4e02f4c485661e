"""Partitions: rows in folders by the values of columns."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from tests.servers import Server
from zendesk_orm import FieldError, InvalidValue, Ticket
from zendesk_orm.export import output


def serve_subjects(*subjects):
    """Return an account with tickets that have some subjects."""
    rows = [{"id": n, "subject": subject} for n, subject in enumerate(subjects, 1)]
    return Server(lambda request: {"tickets": rows, "meta": {"has_more": False}}).connect()


def list_folders(path):
    """Return the names of the folders with files, relative to a path."""
    return sorted({str(file.parent.relative_to(path)) for file in Path(path).rglob("part-*")})


def test_rows_are_divided_by_month(demo, folder, count_requests):
    """Each month has a folder; Arrow reads them as one table with a column for the month."""
    with count_requests(demo, 3):
        result = Ticket.objects.values("id", "created_at").export(
            "tickets.parquet", partition_by="created_at__month"
        )

    months = sorted({f"{row['created_at']:%Y-%m}" for row in Ticket.objects.values("created_at")})
    assert list_folders("tickets.parquet") == [f"created_at_month={month}" for month in months]
    assert len(result.paths) == len(months)
    assert result.bytes == sum(path.stat().st_size for path in result.paths)
    with pytest.raises(InvalidValue, match="paths"):
        _ = result.path
    table = pq.read_table("tickets.parquet").to_pydict()
    assert len(table["id"]) == result.rows == 3000
    assert [f"{moment:%Y-%m}" for moment in table["created_at"]] == [*table["created_at_month"]]


def test_rows_are_divided_by_fields(demo, folder):
    """The value of a field is in the name of the folder instead of the files, as with Hive."""
    rows = Ticket.objects.values("id", "status", "priority")
    expected = {row["id"]: row for row in rows}

    rows.export("tickets", format="parquet", partition_by=["status", "priority"])

    dataset = ds.dataset("tickets", partitioning="hive")
    read = {row["id"]: row for row in dataset.to_table().to_pylist()}
    assert read == expected
    assert "status=new/priority=__HIVE_DEFAULT_PARTITION__" in list_folders("tickets")
    assert pq.read_schema(next(Path("tickets").rglob("part-*"))).names == ["id"]


def test_periods_of_dates(demo, folder):
    """Dates are divided by year and day, too."""
    rows = Ticket.objects.filter(status="new").values("id", "created_at")
    expected = {f"{row['created_at']:%Y-%m-%d}" for row in rows}

    rows.export("days", format="csv", partition_by="created_at__day")
    rows.export("years", format="csv", partition_by=("created_at__year",))

    assert list_folders("days") == sorted(f"created_at_day={day}" for day in expected)
    assert list_folders("years") == ["created_at_year=2026"]


def test_few_files_are_open_at_the_same_time(demo, folder, monkeypatch):
    """A partition whose file was closed continues in another part; no row is lost."""
    monkeypatch.setattr(output, "MAX_OPEN_FILES", 2)
    open_files, most = set(), 0
    create, finish = output._OpenFiles._create, output._finish

    def count_created(files, key):
        nonlocal most
        pair = create(files, key)
        open_files.add(pair[1])
        most = max(most, len(open_files))
        return pair

    def count_finished(writer, file):
        open_files.discard(file)
        finish(writer, file)

    monkeypatch.setattr(output._OpenFiles, "_create", count_created)
    monkeypatch.setattr(output, "_finish", count_finished)
    rows = Ticket.objects.values("id", "status")

    result = rows.export("tickets", format="parquet", partition_by="status")

    assert most == 2
    assert len(result.paths) > len(list_folders("tickets")) == 6
    assert sorted(ds.dataset("tickets").to_table()["id"].to_pylist()) == list(range(1, 3001))


def test_difficult_values_are_escaped(folder):
    """Names of folders are valid on each system, and Arrow reads the values from them."""
    subjects = [
        "a/b",
        "..",
        "CON",
        'x<>:"|?*\\',
        "dot.",
        "blank ",
        "ü%2F",
        "a=b",
        "line\nbreak",
        "é b",
        "",
    ]
    serve_subjects(*subjects, None)

    Ticket.objects.fresh().only("id", "subject").export(
        "tickets", format="parquet", partition_by="subject"
    )

    names = [path.name for path in Path("tickets").iterdir()]
    assert all(not {*name} & {*'/\\<>:"|?*\n'} and name[-1] not in ". " for name in names)
    table = ds.dataset("tickets", partitioning="hive").to_table()
    assert dict(zip(table["id"].to_pylist(), table["subject"].to_pylist(), strict=True)) == dict(
        enumerate([*subjects, None], 1)
    )


def test_a_value_that_is_too_long_is_an_error(folder):
    """A value that cannot be the name of a folder raises an error."""
    serve_subjects("x" * 300)
    with pytest.raises(InvalidValue, match="too long"):
        Ticket.objects.fresh().only("id", "subject").export(
            "tickets", format="csv", partition_by="subject"
        )


def test_partitions_that_cannot_be_made_are_errors(demo, folder, count_requests):
    """Unknown columns, lists, and periods of other values are rejected without a request."""
    rows = Ticket.objects.values("id", "tags", "created_at")
    cases = {
        "status": (FieldError, "not a column"),
        "tags": (InvalidValue, "lists"),
        "id__month": (InvalidValue, "date"),
        "created_at__hour": (FieldError, "__month"),
        ("id", "tags", "created_at"): (InvalidValue, "lists"),
    }
    with count_requests(demo, 0):
        for names, (error, text) in cases.items():
            with pytest.raises(error, match=text):
                rows.export("tickets", format="csv", partition_by=names)
        with pytest.raises(FieldError, match="no column"):
            Ticket.objects.values("id").export("tickets", format="csv", partition_by="id")
    assert [*folder.iterdir()] == []


def test_an_empty_result_has_a_file_with_the_columns(demo, folder):
    """Without rows, one file in the folder itself has the columns."""
    rows = Ticket.objects.none().values("id", "status")

    assert rows.export("none", format="parquet", partition_by="status").rows == 0

    assert list_folders("none") == ["."]
    assert ds.dataset("none").schema.names == ["id"]


def test_a_folder_is_replaced_on_request(demo, folder, count_requests):
    """`overwrite=True` replaces a folder of an earlier export, and no other folder."""
    rows = Ticket.objects.values("id", "status")
    rows.export("tickets", format="csv", partition_by="status")
    with count_requests(demo, 0), pytest.raises(FileExistsError, match="overwrite"):
        rows.export("tickets", format="csv", partition_by="status")
    new = rows.filter(status="new")

    new.export("tickets", format="csv", partition_by="status", overwrite=True)
    assert list_folders("tickets") == ["status=new"]

    Path("tickets/mine.txt").write_text(json.dumps("precious"))
    with count_requests(demo, 0), pytest.raises(FileExistsError, match="mine"):
        new.export("tickets", format="csv", partition_by="status", overwrite=True)
    assert Path("tickets/mine.txt").exists()
    assert [path.name for path in folder.iterdir()] == ["tickets"]
