"""Error responses name the source of their behaviour."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import zendesk_orm.emulator
from zendesk_orm.emulator.server.errors import HTTPError


FOLDER = Path(zendesk_orm.emulator.__file__).parent
#: The response for a broken connection is not sent.
NOT_SENT = {"application.py"}


def test_a_source_has_a_known_form():
    """The source of an error is an address, a schema, "recorded" or "unconfirmed"."""
    with pytest.raises(ValueError, match="somewhere"):
        HTTPError(404, None, "somewhere")

    assert HTTPError(409, None, "OpenAPI SavedSearchError").source == "OpenAPI SavedSearchError"


def test_responses_with_an_error_status_have_a_source():
    """Error responses that are returned instead of raised have a source, too."""
    missing = [
        f"{path.name}:{call.lineno}"
        for path in FOLDER.rglob("*.py")
        if path.name not in NOT_SENT
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Response"
        if call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value >= 400
        if "source" not in {keyword.arg for keyword in call.keywords}
    ]

    assert missing == []
