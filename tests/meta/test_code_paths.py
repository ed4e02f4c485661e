"""The amount of code that common operations involve: files and calls."""

from __future__ import annotations

import pytest

from tests.meta.code_paths import trace_in_new_process


#: The maximum numbers of files and calls of each operation; a new one needs a reason. The goal was
#: 18 files; `docs/decisions.md` explains why it is not reached.
LIMITS = {
    "filter": (39, 386),
    "get": (40, 638),
    "save": (37, 301),
    "bulk_update": (45, 885),
    "batch": (52, 1385),
}

#: The maximum numbers of calls for each row of a result, including those for its pages. One call
#: returns the row, and one reads each attribute; a search compares each row with its conditions.
LIMITS_PER_ROW = {"search": 3.6, "list": 3.8, "include": 6.35, "search_after_writes": 7.1}


@pytest.mark.parametrize("name", LIMITS)
def test_files_and_calls_of_an_operation_are_limited(name):
    """An operation involves at most the listed numbers of files and calls."""
    max_files, max_calls = LIMITS[name]

    trace = trace_in_new_process()[name]

    assert len(trace["files"]) <= max_files, trace["files"]
    assert trace["calls"] <= max_calls


def test_calls_for_each_row_are_limited():
    """A row of a large result costs at most the listed numbers of calls."""
    calls = trace_in_new_process()["per_row"]

    excessive = {name for name, limit in LIMITS_PER_ROW.items() if calls[name] > limit}
    assert excessive == set(), calls
    assert calls.keys() == LIMITS_PER_ROW.keys()
