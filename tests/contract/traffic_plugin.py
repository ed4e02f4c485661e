"""A plugin of pytest that compares the traffic of tests with Zendesk's description.

It writes the differences to one file per process, whose name begins with the value of
`CONFORMANCE_REPORT`:
`CONFORMANCE_REPORT=report pytest -p tests.contract.traffic_plugin tests/support`.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conformance import Report
from tests.contract.traffic import Recorder
from zendesk_orm.emulator.server.application import Application


REPORT = "CONFORMANCE_REPORT"

_recorder = Recorder()
_patch = pytest.MonkeyPatch()


def pytest_configure() -> None:
    """Record the exchanges of every emulator of this process."""
    _patch.setattr(Application, "handle", _recorder.wrap(Application.handle))


def pytest_runtest_setup(item: Any) -> None:
    """Note the test that sends the next requests."""
    _recorder.test = item.nodeid


def pytest_sessionfinish() -> None:
    """Write the differences to a file of this process."""
    _patch.undo()
    report = Report.of(_recorder.exchanges.values(), complete=False)
    path = Path(f"{os.environ[REPORT]}.{os.getpid()}")
    path.write_text(json.dumps(report.to_json()), encoding="utf-8")
