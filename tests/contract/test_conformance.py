"""Responses of the emulator and requests of the library agree with Zendesk's OpenAPI files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract import (
    operations_of_rules,
    operations_of_the_help_center,
    operations_of_tickets,
)
from tests.contract.conformance import Report
from tests.contract.coverage import find_served
from tests.contract.known.responses import OTHER_REQUESTS, OTHER_RESPONSES
from tests.contract.openapi import read_operations
from tests.contract.spec import PREFIX, hide_placeholders, needs_spec
from tests.contract.traffic import Recorder
from tests.contract.traffic_plugin import REPORT
from tests.emulator.malformed import create_populated_emulator, routes
from tests.emulator.row_factory import RowFactory
from tests.emulator.test_every_list import ListReader
from tests.emulator.test_every_resource import (
    CREATED,
    INSERTED,
    MODELS,
    SINGLE,
    change_row,
    check_lifecycle,
)
from zendesk_orm import connections
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.server.application import Application


pytestmark = needs_spec

_ROOT = Path(__file__).resolve().parents[2]
#: The folders of tests that use every call of the library.
_SUITES = (
    *("tests/support", "tests/help_center", "tests/talk", "tests/requests"),
    *("tests/write/test_bulk.py", "tests/write/test_uploads.py", "tests/write/test_ticket_work.py"),
)
#: Parameters that lists of every style of paging are requested with.
_PAGES: tuple[dict[str, Any], ...] = ({}, {"page[size]": 2}, {"per_page": 2})


@pytest.fixture(scope="module")
def report() -> Report:
    """Return the comparison of all reads, and of what the library sends for every model."""
    recorder = Recorder()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Application, "handle", recorder.wrap(Application.handle))
        _use_models()
        _read_everything()
        _send_other_operations()
    return Report.of(recorder.exchanges.values())


def _use_models() -> None:
    """Create, list, show, update and delete a row of every model, each in a new account."""
    for model in MODELS:
        with Emulator() as emulator:
            emulator.connect()
            if model in CREATED:
                check_lifecycle(RowFactory(emulator).new(model))
            elif model._meta.label in INSERTED:
                check_lifecycle(RowFactory(emulator).insert(model))
            elif model in SINGLE and model._meta.api.find(Verb.UPDATE):
                change_row(model.objects.get())
            connections.remove("default")


def _read_everything() -> None:
    """Request every path with GET, in every style of paging."""
    with create_populated_emulator() as emulator:
        reader = ListReader(emulator)
        for method, path, route in routes():
            if method == "GET":
                url, needed = reader.build_address(route, path, route.targets[0].endpoint)
                for params in _PAGES:
                    reader.session.get(url, params={**needed, **params})


def _send_other_operations() -> None:
    """Send the requests for the other operations, as another client would."""
    modules = (operations_of_rules, operations_of_the_help_center, operations_of_tickets)
    with Emulator(seed="demo") as emulator:
        sender = operations_of_tickets.Sender(emulator)
        for module in modules:
            for name, use in vars(module).items():
                if name.startswith("use_"):
                    use(sender)


def test_exchanges_agree_with_the_description(report):
    """Responses (status, keys, types) and requests (body, parameters) are described."""
    assert not report.problems, _describe(report)
    assert len(report.operations) > 550


def test_every_operation_is_answered_successfully(report):
    """Each described operation that is served succeeds at least once."""
    assert _list_unreached(report) == set()


@pytest.mark.slow
@pytest.mark.exhaustive
def test_exchanges_of_other_tests_agree_with_the_description(report, tmp_path):
    """All exchanges of the tests of single models, which use every operation, are described."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "2",
        "-p",
        "tests.contract.traffic_plugin",
    ]
    environment = {**os.environ, REPORT: str(tmp_path / "report")}

    subprocess.run([*command, *_SUITES], cwd=_ROOT, env=environment, check=True)

    for path in tmp_path.iterdir():
        report.add(json.loads(path.read_text(encoding="utf-8")))
    assert not report.problems, _describe(report)
    assert report.exceptions == {*OTHER_RESPONSES, *OTHER_REQUESTS}


def _list_unreached(report: Report) -> set[str]:
    """Return the described operations that are served and never answered successfully."""
    return {
        str(operation)
        for operation in read_operations()
        if (operation.method, hide_placeholders(operation.path.removeprefix(PREFIX)))
        in find_served()
        if str(operation) not in report.operations
    }


def _describe(report: Report) -> str:
    shown = "\n".join(f"{problem} ({test})" for problem, test in sorted(report.problems.items()))
    return f"{report.different} of {report.compared} differ:\n{shown}"
