"""How much code common operations involve: files and calls."""

from __future__ import annotations

import pytest

from tests.meta.code_paths import trace_in_new_process


#: At most so many files and calls for each operation. They only go down; the goal was 18 files,
#: and `docs/decisions.md` explains why it is not reached.
LIMITS = {
    "filter": (36, 400),
    "get": (40, 650),
    "save": (37, 306),
    "bulk_update": (42, 880),
    "batch": (49, 1370),
}


@pytest.mark.parametrize("name", LIMITS)
def test_an_operation_involves_few_files_and_calls(name):
    """An operation can be followed from the call to the request."""
    max_files, max_calls = LIMITS[name]

    trace = trace_in_new_process()[name]

    assert len(trace["files"]) <= max_files, trace["files"]
    assert trace["calls"] <= max_calls
