"""Exports of processes that are killed at random moments."""

from __future__ import annotations

import pytest

from tests.queryset.stored import emulator_with_tickets
from tests.soak.exports import check, tie_all


@pytest.mark.slow
@pytest.mark.lenient
@pytest.mark.parametrize("changes", [0, 40])
def test_an_export_that_was_killed_loses_no_row(changes):
    """After SIGKILL, the next process continues; at most one page is repeated for each kill."""
    with emulator_with_tickets(1_500) as emulator:
        if not changes:
            tie_all(emulator)
        emulator.clock.sleep(120)
        result = check(emulator, kills=2, changes=changes, page_size=100, seed=changes, pause=0.05)

    assert (result.missing, result.is_right) == ([], True)
    assert result.kills >= 1
    assert result.rows >= 1_500
