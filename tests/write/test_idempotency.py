"""Creates that cannot double: the key of a ticket's creation."""

from __future__ import annotations

import pytest

from zendesk_orm import Comment, ConnectionLost, InvalidValue, Ticket, request_started
from zendesk_orm.http.retry import RetryPolicy


@pytest.fixture
def keys():
    """The keys of the creations that went out."""
    found = []

    def hear(sender, request, **kwargs):
        if request.method == "POST":
            found.append(request.headers.get("Idempotency-Key"))

    request_started.connect(hear)
    return found, hear


def _new(**values):
    return Ticket(subject="x", comment=Comment(body="x"), **values)


def test_a_creation_whose_answer_is_lost_is_there_once(emulator, keys):
    """It is sent again under the same key, and the replay is told."""
    emulator.connect()
    emulator.fail_next(None, after_applying=True)
    ticket = _new().save()

    found, _ = keys
    assert (2, 1) == (len(found), len({*found}))
    assert (True, 1) == (ticket.replayed, Ticket.objects.fresh().count())


def test_a_first_answer_is_no_replay(emulator):
    """Zendesk says which it is."""
    emulator.connect()

    assert _new().save().replayed is False


def test_saving_again_after_a_failure_uses_the_key_again(emulator, keys):
    """The first call gave up; the second one finds what it made."""
    emulator.connect(retry=RetryPolicy(attempts=1))
    emulator.fail_next(None, after_applying=True)
    ticket = _new()
    with pytest.raises(ConnectionLost):
        ticket.save()
    ticket.save()

    found, _ = keys
    assert (1, True) == (len({*found}), ticket.replayed)
    assert 1 == Ticket.objects.fresh().count()


def test_a_key_of_ones_own_outlives_the_process(emulator, keys):
    """Who knows the key makes no second ticket with it."""
    emulator.connect()
    first = Ticket.objects.create(
        subject="x", comment=Comment(body="x"), idempotency_key="order-17"
    )
    again = _new(idempotency_key="order-17").save()

    assert ["order-17", "order-17"] == keys[0]
    assert (first.pk, False, True) == (again.pk, first.replayed, again.replayed)
    assert first.idempotency_key is None


@pytest.mark.parametrize("key", ["", "x" * 256], ids=["empty", "long"])
def test_a_key_has_a_length(key):
    """Told before anything is sent."""
    with pytest.raises(InvalidValue, match="wants 1 to 255 characters"):
        _new(idempotency_key=key)
