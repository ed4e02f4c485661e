"""Checkpoints of exports in Redis."""

from __future__ import annotations

import uuid

import pytest

from zendesk_orm import Checkpoint, CheckpointStore, CheckpointStoreError, Ticket
from zendesk_orm.contrib.redis import RedisCheckpointStore


PLACE = Checkpoint("support.Ticket", "/x", "account", (("cursor", "MTY5|x=="),), frozenset({5}))


@pytest.fixture
def make_store(redis_url):
    """Return a function that returns the store of one more process."""
    prefix, stores = f"test-{uuid.uuid4()}", []

    def make():
        stores.append(RedisCheckpointStore(redis_url, prefix))
        return stores[-1]

    yield make
    for store in stores:
        store.close()


def test_a_checkpoint_is_read_by_another_process(make_store):
    """A checkpoint that one process stores is loaded by the others, until it is deleted."""
    first, second = make_store(), make_store()
    assert (first.load("tickets"), isinstance(first, CheckpointStore)) == (None, True)

    first.save("tickets", PLACE)
    assert second.load("tickets") == PLACE
    assert second.load("users") is None
    second.delete("tickets")
    assert first.load("tickets") is None


def test_an_export_continues_from_redis(emulator, make_store):
    """An export begins at the checkpoint that another process stored."""
    account = emulator.connect()
    assert account is not None
    emulator.clock.sleep(61)
    changed = Ticket.objects.changed_since(0)
    everything = len(list(changed.resume_from(make_store(), "tickets").iterator()))

    assert everything == len(list(changed))
    assert list(changed.resume_from(make_store(), "tickets")) == []


def test_a_damaged_checkpoint_is_an_error(make_store):
    """A value that is not a checkpoint raises an error with the remedy."""
    store = make_store()
    store._server.client.set(store._server.key("checkpoints", "tickets"), b"\xff")

    with pytest.raises(CheckpointStoreError, match="delete"):
        store.load("tickets")


def test_a_lost_server_is_an_error(own_redis):
    """A checkpoint that cannot be stored is an error, and never ignored."""
    store = RedisCheckpointStore(own_redis.url)
    own_redis.kill()

    for call in (lambda: store.save("tickets", PLACE), lambda: store.load("tickets")):
        with pytest.raises(CheckpointStoreError, match="server runs"):
            call()
    store.close()
