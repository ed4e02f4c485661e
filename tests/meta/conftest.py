"""Fixtures of the tests of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.meta import code


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the repository."""
    return code.ROOT


@pytest.fixture(scope="session")
def sources() -> list[code.Source]:
    """Return all modules of the package."""
    return code.sources()
