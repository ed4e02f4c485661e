"""Error responses name where they are known from."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import zendesk_orm.emulator
from zendesk_orm.emulator.refusals import Refusal


FOLDER = Path(zendesk_orm.emulator.__file__).parent
#: A broken connection has no response; the status goes nowhere.
NOT_SENT = ("application.py",)


def test_a_refusal_without_a_source_cannot_be_made():
    """The source is an address, a schema of OpenAPI, a recording, or said to be unconfirmed."""
    with pytest.raises(ValueError, match="not the source"):
        Refusal(404, None, "somewhere")

    assert "OpenAPI SavedSearchError" == Refusal(409, None, "OpenAPI SavedSearchError").source


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: path.name)
def test_error_answers_name_their_source(path):
    """An answer that is an error and keeps what was written has a source, too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    answers = [each for each in calls if getattr(each.func, "id", "") == "Answer"]
    nameless = [
        each.lineno
        for each in answers
        if each.args
        and isinstance(each.args[0], ast.Constant)
        and each.args[0].value >= 400
        and "source" not in {keyword.arg for keyword in each.keywords}
    ]

    assert path.name in NOT_SENT or nameless == []
