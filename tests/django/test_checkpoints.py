"""Checkpoints in the database of the project."""

from __future__ import annotations

import pytest
from django.db import connections as databases
from django.db import transaction
from django.test import override_settings

from tests.django.people.models import User as Person
from zendesk_orm import CheckpointStoreError, InvalidValue, Ticket
from zendesk_orm.contrib.django.checkpoints import DjangoCheckpointStore
from zendesk_orm.contrib.django.models import Checkpoint


@pytest.fixture(autouse=True)
def tables(database):
    """Delete the rows of the tables after the test."""
    yield
    for alias in ("default", "other"):
        Checkpoint.objects.using(alias).all().delete()
        Person.objects.using(alias).all().delete()


@pytest.fixture
def rows(demo):
    """Return an iterator over exported tickets, after its first row."""
    rows = Ticket.objects.changed_since(0).iterator()
    next(rows)
    return rows


def test_a_checkpoint_is_stored_by_its_name(rows):
    """A checkpoint is saved, replaced, loaded and deleted."""
    store = DjangoCheckpointStore()
    assert store.load("tickets") is None
    first = rows.checkpoint
    store.save("tickets", first)
    assert store.load("tickets") == first
    for _ in rows:
        pass
    store.save("tickets", rows.checkpoint)
    assert (store.load("tickets") == rows.checkpoint, rows.checkpoint == first) == (True, False)
    assert Checkpoint.objects.count() == 1
    assert str(Checkpoint.objects.get()) == "tickets"

    store.delete("tickets")
    store.delete("tickets")
    assert store.load("tickets") is None


def test_a_checkpoint_is_part_of_the_transaction(rows):
    """If the transaction of the rows is rolled back, so is the checkpoint."""
    store = DjangoCheckpointStore()
    store.save("tickets", rows.checkpoint)
    before = store.load("tickets")
    for _ in rows:
        pass

    with transaction.atomic():
        Person.objects.create(username="ada")
        store.save("tickets", rows.checkpoint)
        assert store.load("tickets") != before
        transaction.set_rollback(True)
    assert (store.load("tickets"), Person.objects.count()) == (before, 0)

    with transaction.atomic():
        Person.objects.create(username="ada")
        store.save("tickets", rows.checkpoint)
    assert (store.load("tickets"), Person.objects.count()) == (rows.checkpoint, 1)


class OtherRouter:
    """Sends everything to the other database."""

    def db_for_write(self, model, **hints):
        """Return the alias of the database."""
        return "other"


def test_the_database_can_be_chosen(rows):
    """The database is that of `using`, or that of the routers for writing."""
    DjangoCheckpointStore(using="other").save("a", rows.checkpoint)
    with override_settings(DATABASE_ROUTERS=[OtherRouter()]):
        DjangoCheckpointStore().save("b", rows.checkpoint)
        assert DjangoCheckpointStore().load("a") == rows.checkpoint

    assert Checkpoint.objects.using("default").count() == 0
    assert Checkpoint.objects.using("other").count() == 2


def test_without_time_zones_checkpoints_are_stored(rows):
    """`USE_TZ = False` changes nothing."""
    with override_settings(USE_TZ=False):
        DjangoCheckpointStore().save("tickets", rows.checkpoint)
        assert DjangoCheckpointStore().load("tickets") == rows.checkpoint


def test_errors_have_remedies(rows):
    """A missing table, a damaged checkpoint and a wrong name raise errors with a remedy."""
    store = DjangoCheckpointStore(using="other")
    with databases["other"].cursor() as cursor:
        cursor.execute("ALTER TABLE zendesk_orm_checkpoint RENAME TO away")
    try:
        for call in (store.load, store.delete, lambda name: store.save(name, rows.checkpoint)):
            with pytest.raises(CheckpointStoreError, match="migrate zendesk_orm --database other"):
                call("tickets")
    finally:
        with databases["other"].cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO zendesk_orm_checkpoint")
    Checkpoint.objects.using("other").create(name="tickets", text="zc1.half")
    with pytest.raises(CheckpointStoreError, match="damaged"):
        store.load("tickets")
    for name in ("", "x" * 256, 7):
        with pytest.raises(InvalidValue, match="name"):
            store.load(name)
