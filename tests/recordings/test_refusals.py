"""Every recorded refusal, of whatever product, becomes the exception that tells all about it."""

from __future__ import annotations

import pickle

import pytest

from tests.recordings.expected import check_error
from tests.recordings.replay import Exchange, exchanges, names, needs_recordings, played
from zendesk_orm import ApiError, NotFound, Ticket
from zendesk_orm.http.request import Request


pytestmark = needs_recordings


def _refusals() -> list[Exchange]:
    return [each for name in names() for each in exchanges(name) if each.status >= 400]


def _title(exchange: Exchange) -> str:
    return f"{exchange.method} {exchange.path}"


@pytest.mark.parametrize("exchange", _refusals(), ids=_title)
def test_a_refusal_is_raised(exchange: Exchange) -> None:
    """Class, method, path, status, code and description are those of the answer; asked once."""
    request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)

    with played([exchange], "refused") as (account, _):
        with pytest.raises(ApiError) as caught:
            account.transport.send(request)

        assert account.requests_sent == 1
    check_error(exchange, caught.value)


@pytest.mark.parametrize("exchange", _refusals(), ids=_title)
def test_a_refusal_can_be_pickled(exchange: Exchange) -> None:
    """An exception that comes back from another process tells the same."""
    request = Request(exchange.method, exchange.path, exchange.query, json=exchange.request)
    with played([exchange], "refused") as (account, _), pytest.raises(ApiError) as caught:
        account.transport.send(request)

    again = pickle.loads(pickle.dumps(caught.value))

    check_error(exchange, again)
    assert str(caught.value) == str(again)


def test_the_edit_that_was_refused_is_still_there() -> None:
    """After a refusal the object is as it was, so that it can be saved again."""
    refusal = next(each for each in _refusals() if each.path.startswith("/api/v2/tickets"))
    gone = Exchange("PUT", "/api/v2/tickets/1", (), None, 404, {}, {"error": "RecordNotFound"})
    ticket = Ticket(id=1)
    ticket.subject = "On fire"

    with played([refusal, gone], "refused"), pytest.raises(NotFound, match="RecordNotFound"):
        ticket.save(using="refused")

    assert {"subject": (None, "On fire")} == ticket.changes()
