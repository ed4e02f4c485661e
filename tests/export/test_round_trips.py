"""Files contain the values of `values()`, whatever the query, and few rows are in memory."""

from __future__ import annotations

import csv
import gc
import json
import tempfile
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.servers import Server
from zendesk_orm import Group, Organization, Ticket, User
from zendesk_orm.export.types import format_moment


MODELS = {
    "Ticket": (Ticket, ("requester__name", "organization__name", "assignee")),
    "User": (User, ("organization__name",)),
    "Organization": (Organization, ("group",)),
    "Group": (Group, ()),
}
_NAMES = {
    name: [
        *(n for n, f in model._meta.fields.items() if f.readable and n != "custom_fields"),
        *spans,
    ]
    for name, (model, spans) in MODELS.items()
}


def _to_json(value):
    """Return a value as JSON lines have it."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, dict):
        return {key: _to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_json(item) for item in value]
    return format_moment(value) if isinstance(value, date) else value


def _to_cell(value):
    """Return a value as CSV has it."""
    value = _to_json(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _decode(read, expected):
    """Return a value of a Parquet file, with the JSON of nested values decoded."""
    is_nested = isinstance(read, str) and isinstance(expected, (dict, list))
    return json.loads(read) if is_nested else read


@st.composite
def selections(draw):
    """Return a model, some of its columns, and a number of rows."""
    name = draw(st.sampled_from(sorted(MODELS)))
    columns = draw(st.lists(st.sampled_from(_NAMES[name]), min_size=1, max_size=6, unique=True))
    return MODELS[name][0], columns, draw(st.sampled_from([0, 1, 7, 120]))


@pytest.mark.slow
@given(selections())
def test_files_have_the_values_of_the_query(seeded, selection):
    """Parquet, JSON lines and CSV contain the rows of `values()`, in their order."""
    model, columns, number = selection
    seeded.connect()
    rows = model.objects.values(*columns)[:number]
    expected = list(rows)
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder, f"rows.{name}") for name in ("parquet", "jsonl", "csv")}
        for path in paths.values():
            assert rows.export(path).rows == len(expected)
        table = pq.read_table(paths["parquet"]).to_pylist()
        lines = [json.loads(line) for line in paths["jsonl"].read_text("utf-8").splitlines()]
        with paths["csv"].open(encoding="utf-8", newline="") as file:
            cells = list(csv.DictReader(file))

    expected = [{name: _to_json(value) for name, value in row.items()} for row in expected]
    decoded = [
        {name: _decode(_to_json(value), other[name]) for name, value in row.items()}
        for row, other in zip(table, expected, strict=True)
    ]
    assert decoded == expected
    assert lines == expected
    assert cells == [{name: _to_cell(value) for name, value in row.items()} for row in expected]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["parquet", "csv"])
def test_few_rows_are_in_memory(tmp_path, name):
    """While 20,000 rows are exported, those of a few pages are in memory."""
    total, page = 20_000, 100

    def answer(request):
        first = int(request.params.get("page[after]", "0"))
        rows = [{"id": n, "subject": f"No. {n}"} for n in range(first + 1, first + page + 1)]
        has_more = first + page < total
        link = f"https://acme.zendesk.com/api/v2/tickets?page[after]={first + page}"
        meta = {"has_more": has_more, "after_cursor": str(first + page)}
        return {"tickets": rows, "meta": meta, "links": {"next": link if has_more else None}}

    account = Server(answer).connect()
    # Other tests may have left some.
    gc.collect()
    before, peak = sum(type(item) is Ticket for item in gc.get_objects()), 0

    def measure(progress):
        nonlocal peak
        if progress.done % 2_000 == 0:
            gc.collect()
            peak = max(peak, sum(type(item) is Ticket for item in gc.get_objects()))

    result = Ticket.objects.fresh().only("id").export(tmp_path / f"t.{name}", progress=measure)

    assert (result.rows, account.requests_sent) == (total, total // page)
    assert 0 < peak - before <= 3 * page
