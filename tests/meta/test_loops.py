"""`for_each`, which checks many items in one test."""

from __future__ import annotations

import pytest

from tests.loops import for_each


def test_all_failing_items_are_reported():
    """The error contains each item that fails."""

    @for_each(lambda: [1, 2, 3], lambda number: f"number {number}")
    def check(number):
        assert number == 2

    with pytest.raises(AssertionError, match="2 of 3") as caught:
        check()

    assert "number 1: " in str(caught.value)
    assert "number 3: " in str(caught.value)
    assert "number 2: " not in str(caught.value)


def test_a_test_without_items_fails():
    """A test fails if there is no item to check."""

    @for_each(list)
    def check(number):
        raise AssertionError(number)

    with pytest.raises(AssertionError, match="nothing"):
        check()


@for_each(lambda: [(1, 2), (2, 3)], lambda low, high: f"{low}-{high}", arguments=2)
def test_further_arguments_are_fixtures(low, high, tmp_path):
    """Items can consist of several arguments; further arguments are fixtures."""
    assert low < high
    assert tmp_path.is_dir()
