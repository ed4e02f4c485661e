"""The idempotency key of a ticket's creation prevents duplicates."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, ConnectionLost, InvalidValue, Ticket, request_started
from zendesk_orm.http.retry import RetryPolicy


@pytest.fixture
def keys():
    """The idempotency keys of the creations that were sent."""
    result = []

    def hear(sender, request, **kwargs):
        if request.method == "POST":
            result.append(request.headers.get("Idempotency-Key"))

    request_started.connect(hear)
    return result, hear


def _new(**values):
    return Ticket(subject="x", comment=Comment(body="x"), **values)


def test_a_creation_with_a_lost_response_creates_one_row(emulator, keys):
    """The request is repeated with the same key, and `replayed` is True."""
    emulator.connect()
    emulator.fail_next(None, after_applying=True)
    ticket = _new().save()

    result, _ = keys
    assert (len(result), len({*result})) == (2, 1)
    assert (ticket.replayed, Ticket.objects.fresh().count()) == (True, 1)


def test_a_first_response_is_not_a_replay(emulator):
    """Zendesk's header distinguishes the two."""
    emulator.connect()

    assert _new().save().replayed is False


def test_a_second_save_uses_the_same_key(emulator, keys):
    """The second call finds the ticket that the first one created."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(None, after_applying=True)
    ticket = _new()
    with pytest.raises(ConnectionLost):
        ticket.save()
    ticket.save()

    result, _ = keys
    assert (len({*result}), ticket.replayed) == (1, True)
    assert Ticket.objects.fresh().count() == 1


def test_a_custom_key_prevents_duplicates_across_processes(emulator, keys):
    """Another process with the same key creates no second ticket."""
    emulator.connect()
    first = Ticket.objects.create(
        subject="x", comment=Comment(body="x"), idempotency_key="order-17"
    )
    again = _new(idempotency_key="order-17").save()

    assert keys[0] == ["order-17", "order-17"]
    assert (again.pk, first.replayed, again.replayed) == (first.pk, False, True)
    assert first.idempotency_key is None


@pytest.mark.parametrize("key", ["", "x" * 256], ids=["empty", "long"])
def test_the_length_of_a_key_is_limited(key):
    """A longer key raises before anything is sent."""
    with pytest.raises(InvalidValue, match="255"):
        _new(idempotency_key=key)
