"""The amount of code that common operations involve: files and calls."""

from __future__ import annotations

import pytest

from tests.meta.code_paths import trace_in_new_process


#: The maximum numbers of files and calls of each operation, which only decrease. The goal was 18
#: files; `docs/decisions.md` explains why it is not reached.
LIMITS = {
    "filter": (37, 400),
    "get": (40, 650),
    "save": (37, 306),
    "bulk_update": (44, 880),
    "batch": (51, 1400),
}


@pytest.mark.parametrize("name", LIMITS)
def test_files_and_calls_of_an_operation_are_limited(name):
    """An operation involves at most the listed numbers of files and calls."""
    max_files, max_calls = LIMITS[name]

    trace = trace_in_new_process()[name]

    assert len(trace["files"]) <= max_files, trace["files"]
    assert trace["calls"] <= max_calls
