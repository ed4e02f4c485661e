"""Fixtures: the demo data, which these tests only read, and a folder for files."""

from __future__ import annotations

from typing import Any

import pytest

from zendesk_orm import Account
from zendesk_orm.emulator import Emulator


@pytest.fixture
def demo(seeded: Emulator) -> Account:
    """Return the default account: the emulator that is only read."""
    return seeded.connect()


@pytest.fixture
def folder(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return an empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
