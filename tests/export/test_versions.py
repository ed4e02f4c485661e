"""Exports of changes: a row that changes while the rows are read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys

import pyarrow.parquet as pq
import pytest

from zendesk_orm import Ticket, request_started
from zendesk_orm.emulator import Emulator
from zendesk_orm.export import export as exporting


PAGE, COUNT = 10, 35
FORMATS = ("parquet", "jsonl", "jsonl.gz", "csv", "csv.gz")


@pytest.fixture
def zendesk():
    """Return an emulator with tickets, whose exports contain changes at once."""
    emulator = Emulator(export_delay=0)
    account = emulator.connect()
    for number in range(COUNT):
        new = {"subject": f"First\n{number}", "priority": "low", "comment": {"body": "x"}}
        account.raw.post("/api/v2/tickets", {"ticket": new})
    emulator.advance(seconds=90)
    return emulator


def _change(emulator, *ids):
    """Change tickets, as another program does."""
    emulator.advance(seconds=1)
    for pk in ids:
        values = {"subject": "Second", "priority": "high"}
        emulator.connect("other").raw.put(f"/api/v2/tickets/{pk}", {"ticket": values})


def _changing(emulator, *ids):
    """Return a progress function that changes tickets after the second page."""
    remaining = [ids]

    def report(progress):
        if progress.done >= 2 * PAGE and remaining:
            _change(emulator, *remaining.pop())

    return report


def _rows():
    return Ticket.objects.changed_since(0).page_size(PAGE).values("id", "subject", "priority")


def _read(content):
    """Return the ids and subjects in the content of a file."""
    if content.startswith(b"PAR1"):
        rows = pq.read_table(io.BytesIO(content)).to_pylist()
    else:
        content = gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
        text = content.decode()
        if text.startswith("{"):
            rows = [json.loads(line) for line in text.splitlines()]
        else:
            rows = list(csv.DictReader(io.StringIO(text, newline="")))
    return [(int(row["id"]), row["subject"]) for row in rows]


def _expected(*ids):
    first = [(n, f"First\n{n - 1}") for n in range(1, COUNT + 1) if n not in ids]
    return [*first, *((pk, "Second") for pk in ids)]


def test_a_file_has_the_newest_version_of_each_row(zendesk, folder):
    """In every format, a row that changes meanwhile is in the file once, with its new values."""
    changed: list[int] = []
    for number, name in enumerate(FORMATS, 1):
        changed.append(number)
        path = folder / f"tickets.{name}"

        result = _rows().export(path, progress=_changing(zendesk, number))

        assert (name, _read(path.read_bytes())) == (name, _expected(*changed))
        assert result.rows == COUNT
    sink = io.BytesIO()
    _rows().export(sink, format="csv", progress=_changing(zendesk, 20, 20))
    assert _read(sink.getvalue()) == _expected(*changed, 20)


def test_csv_keeps_any_text_beside_a_replaced_version(zendesk, folder):
    """Rows of the same page stay as they are: long texts, quotes and line breaks."""
    texts = {2: "x" * 200_000, 4: '"\r\n,"', 5: "\r", 6: "\n\n", 7: '""', 8: "Zoë 🔥", 9: " "}
    for pk in range(1, COUNT + 1):
        values = {"subject": texts.get(pk, "First"), "priority": "normal"}
        zendesk.connect().raw.put(f"/api/v2/tickets/{pk}", {"ticket": values})
    path = folder / "tickets.csv"

    _rows().export(path, progress=_changing(zendesk, *range(10, 20)))

    limit = csv.field_size_limit(sys.maxsize)
    rows = dict(_read(path.read_bytes()))
    csv.field_size_limit(limit)
    assert len(rows) == COUNT
    assert {pk: rows[pk] for pk in texts} == texts


def test_all_versions_can_be_kept(zendesk, folder):
    """`all_versions=True` writes the earlier version, too, and the newer one later."""
    options = {"progress": _changing(zendesk, 3), "all_versions": True}
    result = _rows().export("tickets.jsonl", **options)

    rows = _read((folder / "tickets.jsonl").read_bytes())
    assert (result.rows, len(rows)) == (COUNT + 1, COUNT + 1)
    assert [row for row in rows if row[0] == 3] == [(3, "First\n2"), (3, "Second")]


def test_a_changed_row_is_in_one_partition(zendesk, folder):
    """A row whose change moves it to another folder is not in its earlier one."""
    options = {"format": "csv", "partition_by": "priority"}
    _rows().export("tickets", progress=_changing(zendesk, 3), **options)

    parts = {
        path.parent.name: [pk for pk, _ in _read(path.read_bytes())]
        for path in (folder / "tickets").rglob("*.csv")
    }
    low = [n for n in range(1, COUNT + 1) if n != 3]
    assert parts == {"priority=low": low, "priority=high": [3]}


def test_a_continued_export_has_the_newest_version(zendesk, folder, monkeypatch):
    """Versions before and after an interruption are compared, also if writing is interrupted."""

    def interrupt(progress):
        if progress.done >= 2 * PAGE:
            raise KeyboardInterrupt

    def fail(*args, **kwargs):
        raise OSError("full")

    with pytest.raises(KeyboardInterrupt):
        _rows().export("tickets.jsonl", progress=interrupt)
    _change(zendesk, 3)
    with monkeypatch.context() as patch:
        patch.setattr(exporting, "move_output", fail)
        with pytest.raises(OSError, match="full"):
            _rows().export("tickets.jsonl", resume=True)
    result = _rows().export("tickets.jsonl", resume=True)

    assert _read((folder / "tickets.jsonl").read_bytes()) == _expected(3)
    assert result.rows == COUNT


def test_tables_have_the_newest_version(zendesk):
    """Tables contain the newest version of each row."""
    requests = []

    def change(sender, **kwargs):
        requests.append(sender)
        if len(requests) == 3:
            _change(zendesk, 4)

    with request_started.connected_to(change):
        table = _rows().to_arrow()

    ids = table["id"].to_pylist()
    assert (len(ids), ids[-1], table["subject"].to_pylist()[-1]) == (COUNT, 4, "Second")
