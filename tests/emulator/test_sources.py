"""Error responses name the source of their behaviour."""

from __future__ import annotations

import pytest
from attrs import evolve

from zendesk_orm.emulator.messages import Response
from zendesk_orm.emulator.server.errors import HTTPError


def test_a_source_has_a_known_form():
    """The source of an error is an address, a schema, "recorded" or "unconfirmed"."""
    with pytest.raises(ValueError, match="somewhere"):
        HTTPError(404, None, "somewhere")

    assert HTTPError(409, None, "OpenAPI SavedSearchError").source == "OpenAPI SavedSearchError"


def test_an_error_response_has_a_source():
    """No error response can be built without a source, however it is built."""
    for source in ("", "somewhere"):
        with pytest.raises(ValueError, match="source"):
            Response(400, "{}", source=source)
        with pytest.raises(ValueError, match="source"):
            evolve(Response(), status=500, source=source)

    assert Response(404, source="recorded").source == "recorded"
