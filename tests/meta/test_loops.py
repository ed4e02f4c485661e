"""The decorator that makes one test of many checks."""

from __future__ import annotations

import pytest

from tests.loops import for_each


def test_each_failing_item_is_reported():
    """A failing check does not hide the others."""

    @for_each(lambda: [1, 2, 3], lambda number: f"number {number}")
    def check(number):
        assert number == 2

    with pytest.raises(AssertionError, match=r"2 of 3 fail:\nnumber 1: (.|\n)*number 3: "):
        check()


def test_nothing_to_check_fails():
    """A test that lost its items does not pass."""

    @for_each(list)
    def check(number):
        raise AssertionError(number)

    with pytest.raises(AssertionError, match="nothing to check"):
        check()


@for_each(lambda: [(1, 2), (2, 3)], lambda low, high: f"{low}-{high}", arguments=2)
def test_the_other_arguments_are_fixtures(low, high, tmp_path):
    """Items may have several parts; what follows them comes from pytest."""
    assert low < high
    assert tmp_path.is_dir()
