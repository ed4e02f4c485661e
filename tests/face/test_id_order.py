"""A list of ids gives its rows in its own order, however they are read."""

from __future__ import annotations

import random

import pytest

from tests.servers import Server
from zendesk_orm import (
    FieldError,
    NoEndpoint,
    Prefetch,
    RefList,
    Ticket,
    TicketField,
    TicketForm,
    User,
    prefetch_related_objects,
)
from zendesk_orm.api.endpoint import ROWS
from zendesk_orm.schema import registry
from zendesk_orm.schema.members import Members


@pytest.fixture
def ids(emulator):
    """Return the ids of eight fields, in an order that is neither theirs nor their titles'."""
    emulator.connect()
    fields = [TicketField.objects.create(type="text", title=f"F{n}") for n in range(8)]
    shuffled = [field.pk for field in fields]
    random.Random(4).shuffle(shuffled)
    return shuffled


@pytest.fixture
def form(emulator, ids):
    """Return a form of these fields, in an account that has cached nothing."""
    pk = TicketForm.objects.create(name="F", ticket_field_ids=ids).pk
    emulator.connect()
    return pk


def _prefetched(pk):
    return TicketForm.objects.prefetch_related("ticket_fields").get(id=pk)


def _prefetched_later(pk):
    found = TicketForm.objects.get(id=pk)
    prefetch_related_objects([found], "ticket_fields")
    return found


def _cached(pk):
    list(TicketField.objects.all())
    return TicketForm.objects.get(id=pk)


def _cached_in_part(pk):
    for each in TicketForm.objects.get(id=pk).ticket_field_ids[2:5]:
        TicketField.objects.get(each)
    return TicketForm.objects.get(id=pk)


READS = {
    "lazily": lambda pk: TicketForm.objects.get(id=pk),
    "prefetched": _prefetched,
    "prefetched later": _prefetched_later,
    "cached": _cached,
    "cached in part": _cached_in_part,
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_the_fields_of_a_form_have_the_order_of_its_ids(form, ids, read):
    """Every way of reading them gives the order that an administrator has set."""
    fields = read(form).ticket_fields

    assert [field.pk for field in fields] == ids
    assert [field.pk for field in fields.all()] == ids
    assert [field.pk for field in fields.all()[2:5]] == ids[2:5]
    assert list(fields.values_list("id", flat=True)) == ids
    assert (fields.first().pk, fields.last().pk) == (ids[0], ids[-1])
    assert [field.pk for field in fields.reverse()] == ids[::-1]
    assert [field.pk for field in fields.exclude(title="F3")] == [
        field.pk for field in fields if field.title != "F3"
    ]
    assert len(fields) == fields.count() == 8


def test_another_order_can_be_asked_for(form):
    """`order_by()` wins over the order of the ids."""
    fields = TicketForm.objects.get(id=form).ticket_fields

    assert [field.title for field in fields.order_by("title")] == [f"F{n}" for n in range(8)]


def test_a_prefetch_can_have_another_order(form):
    """The order of its queryset wins over that of the ids."""
    ordered = TicketField.objects.order_by("-title")
    rows = TicketForm.objects.prefetch_related(Prefetch("ticket_fields", ordered))
    titles = [field.title for field in rows.get(id=form).ticket_fields]

    assert titles == [f"F{n}" for n in reversed(range(8))]


def test_rows_in_no_order_still_have_no_reverse(form):
    """Only a list of ids is an order by itself."""
    with pytest.raises(FieldError, match="no reverse"):
        TicketField.objects.filter(title="F1").reverse()


def test_followers_have_the_order_of_their_ids(demo_emulator):
    """People on a ticket are listed as Zendesk lists them."""
    people = [user.pk for user in User.objects.all()[:5]][::-1]
    server = Server(lambda asked: {"users": [{"id": pk, "name": "x"} for pk in sorted(people)]})
    account = server.connect()
    row = {"id": 1, "follower_ids": people}
    (ticket,) = account.current().identity.materialize(Ticket, [row], account.current())

    assert [user.pk for user in ticket.followers] == people
    prefetch_related_objects([ticket], "followers")
    assert [user.pk for user in ticket.followers] == people


def test_every_list_of_ids_keeps_its_order():
    """Whatever the model, and whatever order the rows are answered in."""
    for product in ("support", "help_center", "talk", "chat"):
        registry.load(product)
    lists = [
        (model, each)
        for model in registry.models()
        if model.__module__.startswith("zendesk_orm.")
        for each in vars(model).values()
        if isinstance(each, (RefList, Members))
    ]

    assert len(lists) > 20
    assert [f"{m.__name__}.{each.name}" for m, each in lists if not _keeps(m, each)] == []


def _keeps(model, relation):
    """Return whether rows that are answered in another order come in that of the ids."""
    target = relation.model._meta
    plain = target.fields["id"].kind.name == "int"
    ids = [3, 1, 2] if plain else ["c", "a", "b"]
    rows = [{"id": pk, target.known_by: pk} for pk in sorted(ids)]

    def answer(asked):
        keys = {each.key for each in target.api if each.verb in ROWS}
        return rows if "" in keys else dict.fromkeys(keys, rows)

    account = Server(answer).connect()
    session = account.current()
    row = {"id": 9, model._meta.fields[relation.ids].wire: ids}
    (record,) = session.identity.materialize(model, [row], session)
    try:
        lazily = [each.pk for each in getattr(record, relation.name)]
        prefetch_related_objects([record], relation.name)
        return lazily == ids == [each.pk for each in getattr(record, relation.name)]
    except NoEndpoint:
        # Content tags are found one by one.
        return True
    finally:
        account.close()
