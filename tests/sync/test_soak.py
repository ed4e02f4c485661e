"""A short version of `scripts/watching`."""

from __future__ import annotations

import pytest

from tests.soak import watching


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_while_requests_and_receivers_fail(tmp_path):
    """Each change is announced once, although requests, receivers and the process fail."""
    assert watching.run(hours=0.5, chance=0.2, seed=3, folder=str(tmp_path))
