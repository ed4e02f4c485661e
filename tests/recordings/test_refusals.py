"""Every recorded error response raises an exception with all its data."""

from __future__ import annotations

import pickle

import pytest

from tests.recordings.expected import check_error
from tests.recordings.replay import Exchange, exchanges, names, needs_recordings, play
from zendesk_orm import ApiError, NotFound, Ticket
from zendesk_orm.http.request import Request


pytestmark = needs_recordings


def _error_responses() -> list[Exchange]:
    return [exchange for name in names() for exchange in exchanges(name) if exchange.status >= 400]


def _title(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path}"


@pytest.mark.parametrize("exchange", _error_responses(), ids=_title)
def test_an_error_response_raises(exchange: Exchange) -> None:
    """Class, method, path, status, code and description are those of the response."""
    request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)

    with play([exchange], "refused") as (account, _):
        with pytest.raises(ApiError) as caught:
            account.transport.send(request)

        assert account.requests_sent == 1
    check_error(exchange, caught.value)


@pytest.mark.parametrize("exchange", _error_responses(), ids=_title)
def test_the_exception_can_be_pickled(exchange: Exchange) -> None:
    """The unpickled exception has the same data."""
    request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)
    with play([exchange], "refused") as (account, _), pytest.raises(ApiError) as caught:
        account.transport.send(request)

    again = pickle.loads(pickle.dumps(caught.value))

    check_error(exchange, again)
    assert str(caught.value) == str(again)


def test_a_rejected_edit_is_kept() -> None:
    """After the error, the object can be saved again."""
    refusal = next(item for item in _error_responses() if item.path.startswith("/api/v2/tickets"))
    gone = Exchange("PUT", "/api/v2/tickets/1", (), None, 404, {}, {"error": "RecordNotFound"})
    ticket = Ticket(id=1)
    ticket.subject = "On fire"

    with play([refusal, gone], "refused"), pytest.raises(NotFound, match="RecordNotFound"):
        ticket.save(using="refused")

    assert ticket.changes() == {"subject": (None, "On fire")}
