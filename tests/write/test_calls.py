"""Responses that lack the object which the action returns."""

from __future__ import annotations

import pytest

from tests.servers import Server
from zendesk_orm import Macro, MalformedResponse, Ticket, View


CALLS = {
    "tags": (lambda: Ticket(id=1).tags.add("x"), "PUT", "/api/v2/tickets/1/tags"),
    "macro": (lambda: Macro(id=1).apply(), "GET", "/api/v2/macros/1/apply"),
    "view": (lambda: View(id=1).export(), "GET", "/api/v2/views/1/export"),
    "job": (lambda: Ticket(id=1).merge(Ticket(id=2)), "POST", "/api/v2/tickets/1/merge"),
}


@pytest.mark.parametrize(("call", "method", "path"), CALLS.values(), ids=CALLS)
def test_the_error_of_a_malformed_response_names_the_request(call, method, path):
    """A body without the expected part raises an error with the method and path.

    The error of a write that must not be sent twice has a hint that it may have been applied.
    """
    Server(lambda request: {}).connect()

    with pytest.raises(MalformedResponse) as caught:
        call()

    assert (caught.value.method, caught.value.path) == (method, path)
    assert ("may have been applied" in str(caught.value)) == (method == "POST")
