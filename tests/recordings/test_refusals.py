"""Every recorded error response raises an exception with all its data."""

from __future__ import annotations

import pickle

import pytest

from tests.recordings.expected import check_error
from tests.recordings.replay import Exchange, list_names, needs_recordings, play, read_exchanges
from zendesk_orm import ApiError, NotFound, Ticket
from zendesk_orm.http.request import Request


pytestmark = needs_recordings


def _read_error_responses() -> list[Exchange]:
    return [
        exchange
        for name in list_names()
        for exchange in read_exchanges(name)
        if exchange.status >= 400
    ]


def _format_title(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path}"


@pytest.mark.parametrize("exchange", _read_error_responses(), ids=_format_title)
def test_an_error_response_raises(exchange: Exchange) -> None:
    """The exception has the class, method, path, status, code and description of the response."""
    request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)

    with play([exchange], "refused") as (account, _):
        with pytest.raises(ApiError) as caught:
            account.transport.send(request)

        assert account.requests_sent == 1
    check_error(exchange, caught.value)


@pytest.mark.parametrize("exchange", _read_error_responses(), ids=_format_title)
def test_the_exception_can_be_pickled(exchange: Exchange) -> None:
    """The unpickled exception has the same data."""
    request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)
    with play([exchange], "refused") as (account, _), pytest.raises(ApiError) as caught:
        account.transport.send(request)

    again = pickle.loads(pickle.dumps(caught.value))

    check_error(exchange, again)
    assert str(caught.value) == str(again)


def test_a_rejected_edit_is_kept() -> None:
    """After an error, the object keeps its edit and can be saved again."""
    refusal = next(
        item for item in _read_error_responses() if item.path.startswith("/api/v2/tickets")
    )
    gone = Exchange("PUT", "/api/v2/tickets/1", (), None, 404, {}, {"error": "RecordNotFound"})
    ticket = Ticket(id=1)
    ticket.subject = "On fire"

    with play([refusal, gone], "refused"), pytest.raises(NotFound, match="RecordNotFound"):
        ticket.save(using="refused")

    assert ticket.changes() == {"subject": (None, "On fire")}
