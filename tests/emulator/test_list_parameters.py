"""Parameters of lists that change the form of rows, and not which rows are returned."""

from __future__ import annotations

import pytest

from zendesk_orm import Ticket


@pytest.mark.parametrize("value", ["true", "false"])
def test_parameters_of_the_form_leave_the_rows(zendesk, value):
    """`include_inline_images`, `resolve_dc` and `creator` do not empty a list."""
    zendesk.emulator.make_ids(Ticket)
    zendesk.create("user_fields", type="text", title="A", key="a")
    problems = []
    for path, parameter in (
        ("tickets/1/comments", "include_inline_images"),
        ("ticket_fields", "creator"),
        ("ticket_forms", "fallback_to_default"),
        ("user_fields", "resolve_dc"),
    ):
        key = path.rpartition("/")[2]
        for paging in ({}, {"page[size]": 10}, {"page": 1, "per_page": 10}):
            before = zendesk.get(path, **paging)[key]
            after = zendesk.get(path, **paging, **{parameter: value})[key]
            if not before or len(after) != len(before):
                problems.append(f"{path} {parameter} {paging}: {len(after)} of {len(before)}")

    assert problems == []
