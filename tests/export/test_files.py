"""Files: formats, targets, and errors before the first request."""

from __future__ import annotations

import csv
import errno
import gc
import gzip
import io
import json
import os
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.servers import Server
from zendesk_orm import FieldError, InvalidValue, Progress, Ticket
from zendesk_orm.export.formats import FORMATS


SELECTED = ("id", "subject", "tags", "created_at", "has_incidents")


def read_lines(path, opener=open):
    """Return the rows of a file of JSON lines."""
    with opener(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def read_csv(path, opener=open):
    """Return the header and the rows of a CSV file."""
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def list_names(folder):
    """Return the sorted names of the files in a folder."""
    return sorted(path.name for path in folder.iterdir())


def new_tickets():
    """Return a query of 35 tickets with a few columns."""
    return Ticket.objects.filter(status="new").values(*SELECTED)


def test_the_suffix_of_the_path_chooses_the_format(demo, folder, count_requests):
    """Each format is named by its suffix; an export takes the requests of the query."""
    expected = [ticket["id"] for ticket in new_tickets()]
    read = {
        "parquet": lambda path: pq.read_table(path)["id"].to_pylist(),
        "jsonl": lambda path: [row["id"] for row in read_lines(path)],
        "jsonl.gz": lambda path: [row["id"] for row in read_lines(path, gzip.open)],
        "csv": lambda path: [int(row[0]) for row in read_csv(path)[1:]],
        "csv.gz": lambda path: [int(row[0]) for row in read_csv(path, gzip.open)[1:]],
    }
    assert set(read) == set(FORMATS)

    for name, function in read.items():
        path = folder / f"tickets.{name}"
        with count_requests(demo, 1):
            result = new_tickets().export(path)

        assert function(path) == expected
        assert (result.path, result.rows) == (path, len(expected))
        assert (result.bytes, result.requests) == (path.stat().st_size, 1)
    assert list_names(folder) == sorted(f"tickets.{name}" for name in FORMATS)


def test_the_format_may_be_named(demo, folder):
    """`format=` names the format of a path without a suffix, in any case."""
    for name in ("csv", "CSV", ".csv"):
        new_tickets().export("tickets", format=name, overwrite=True)

        assert read_csv("tickets")[0] == list(SELECTED)
    new_tickets().export("tickets.NDJSON")
    assert read_lines("tickets.NDJSON")[0].keys() == set(SELECTED)


def test_an_unknown_format_is_an_error(demo, folder, count_requests):
    """An unknown suffix or format raises an error that lists the formats, without a request."""
    with count_requests(demo, 0):
        for arguments in ({"target": "tickets.xlsx"}, {"target": "t", "format": "xlsx"}):
            with pytest.raises(InvalidValue, match=", ".join(FORMATS)):
                new_tickets().export(**arguments)
        with pytest.raises(InvalidValue, match="open file"):
            new_tickets().export(io.BytesIO())
    assert list_names(folder) == []


def test_a_missing_extra_is_named(demo, folder, monkeypatch, count_requests):
    """Without a package, the error names the extra, and nothing is requested."""
    calls = {
        "export": [
            lambda: Ticket.objects.export("tickets.parquet"),
            lambda: Ticket.objects.to_arrow(),
            lambda: Ticket.objects.to_arrow_batches(),
        ],
        "pandas": [lambda: Ticket.objects.to_pandas()],
        "polars": [lambda: Ticket.objects.to_polars()],
    }
    for name in ("pyarrow", "pandas", "polars"):
        monkeypatch.setitem(sys.modules, name, None)

    with count_requests(demo, 0):
        for extra, functions in calls.items():
            for function in functions:
                with pytest.raises(ModuleNotFoundError, match=rf"zendesk_orm\[{extra}\]"):
                    function()
        assert list_names(folder) == []
    assert new_tickets().export("tickets.csv").rows == 35


def test_an_existing_file_is_replaced_on_request(demo, folder, count_requests):
    """A file is not replaced without `overwrite=True`, which is checked before any request."""
    Path("tickets.csv").write_text("mine")

    with count_requests(demo, 0), pytest.raises(FileExistsError, match="overwrite"):
        new_tickets().export("tickets.csv")
    assert Path("tickets.csv").read_text() == "mine"

    new_tickets().export("tickets.csv", overwrite=True)
    assert len(read_csv("tickets.csv")) == 36
    assert list_names(folder) == ["tickets.csv"]


def test_a_link_stays_and_its_file_is_replaced(demo, folder):
    """The file that a symbolic link leads to is replaced."""
    Path("real.csv").write_text("old")
    Path("link.csv").symlink_to("real.csv")

    new_tickets().export("link.csv", overwrite=True)

    assert Path("link.csv").is_symlink()
    assert len(read_csv("real.csv")) == 36


def test_impossible_paths_are_errors(demo, folder, count_requests):
    """A missing folder, a folder or a pipe in place of a file, and a read-only folder."""
    Path("folder.csv").mkdir()
    os.mkfifo("pipe.csv")
    with count_requests(demo, 0):
        with pytest.raises(FileNotFoundError, match="create"):
            new_tickets().export("missing/tickets.csv")
        with pytest.raises(IsADirectoryError, match="folder"):
            new_tickets().export("folder.csv", overwrite=True)
        with pytest.raises(OSError, match="pipe"):
            new_tickets().export("pipe.csv", overwrite=True)
        assert Path("pipe.csv").is_fifo()
        if os.geteuid():
            Path("locked").mkdir(mode=0o500)
            with pytest.raises(PermissionError):
                new_tickets().export("locked/tickets.csv")
    assert [name for name in list_names(folder) if "partial" in name] == []


def test_open_files_are_written_and_stay_open(demo, folder):
    """A file that is open for bytes is written from its position on, and stays open."""
    for name in FORMATS:
        path = folder / f"tickets.{name}"
        new_tickets().export(path)
        with (folder / "open").open("wb") as file:
            result = new_tickets().export(file, format=name)
            assert not file.closed

        assert (folder / "open").read_bytes() == path.read_bytes()
        assert (result.paths, result.rows, result.bytes) == ((), 35, path.stat().st_size)


def test_files_for_text_are_rejected(demo, folder, count_requests):
    """A file for text, something without `write()`, and a resumed open file are errors."""
    with count_requests(demo, 0):
        with pytest.raises(InvalidValue, match="binary"):
            new_tickets().export(io.StringIO(), format="csv")
        with pytest.raises(InvalidValue, match="path or an open file"):
            new_tickets().export(5, format="csv")
        with pytest.raises(InvalidValue, match="need a path"):
            new_tickets().export(io.BytesIO(), format="csv", resume=True)


def test_a_full_disk_is_an_error(demo, folder):
    """The error of a full disk is raised, not swallowed."""
    if not Path("/dev/full").exists():
        pytest.skip("the system has no device that is always full")
    with Path("/dev/full").open("wb", buffering=0) as file:
        for name in FORMATS:
            with pytest.raises(OSError, match="space") as caught:
                new_tickets().export(file, format=name)
            assert caught.value.errno == errno.ENOSPC


def test_an_empty_result_has_the_same_columns(demo, folder):
    """A file without rows has the columns and types of the full one."""
    new_tickets().export("full.parquet")
    for name in FORMATS:
        assert new_tickets().none().export(f"empty.{name}").rows == 0

    assert pq.read_schema("empty.parquet") == pq.read_schema("full.parquet")
    assert read_csv("empty.csv") == [list(SELECTED)]
    assert read_lines("empty.jsonl") == []
    assert len(list_names(folder)) == len(FORMATS) + 1


def test_progress_is_reported_for_each_page(demo, folder):
    """The function is called with the number of rows after each page."""
    reports: list[Progress] = []

    Ticket.objects.fresh().page_size(100)[:250].export("tickets.jsonl", progress=reports.append)

    assert [report.done for report in reports] == [100, 200, 250, 250][: len(reports)]
    assert reports[-1] == Progress(250, 0, 250, 0)


def test_misspelt_options_are_rejected(demo, folder, count_requests):
    """An unknown option raises an error with a suggestion, and so does a wrong value."""
    with count_requests(demo, 0):
        with pytest.raises(FieldError, match="overwrite"):
            Ticket.objects.export("tickets.csv", overwrit=True)
        for options in (
            {"progress": 3},
            {"resume": "yes"},
            {"overwrite": None},
            {"types": ["id"]},
            {"extra": 1},
            {"partition_by": 5},
        ):
            with pytest.raises(InvalidValue, match=next(iter(options))):
                Ticket.objects.export("tickets.csv", **options)
        for path in ("", ".", "/"):
            with pytest.raises(InvalidValue, match="path"):
                Ticket.objects.export(path, format="csv")
    assert list_names(folder) == []


def test_groups_of_rows_are_larger_than_pages(demo, folder):
    """The pages of 1,000 rows become one group of rows, as readers expect."""
    Ticket.objects.values("id").export("tickets.parquet")

    file = pq.ParquetFile("tickets.parquet")
    assert (file.num_row_groups, file.metadata.num_rows) == (1, 3000)
    assert file.schema_arrow == pa.schema([("id", pa.int64())])


def test_a_failed_export_adds_nothing_to_an_open_file_later():
    """An interrupted export leaves an open file as it is, also when its writer is discarded."""
    body = {"tickets": [{"id": 1, "subject": "x"}], "meta": {"has_more": False}, "links": {}}
    Server(lambda request: body).connect()
    file, sizes = io.BytesIO(), []

    def interrupt(progress):
        sizes.append(len(file.getvalue()))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Ticket.objects.fresh().only("id").export(file, format="csv.gz", progress=interrupt)
    gc.collect()

    assert [len(file.getvalue())] == sizes
