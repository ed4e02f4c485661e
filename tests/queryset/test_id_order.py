"""The order of rows that are referred to by a list of ids."""

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
    """Return the shuffled ids of eight ticket fields."""
    emulator.connect()
    fields = [TicketField.objects.create(type="text", title=f"F{n}") for n in range(8)]
    shuffled = [field.pk for field in fields]
    random.Random(4).shuffle(shuffled)
    return shuffled


@pytest.fixture
def form(emulator, ids):
    """Return the id of a form with these fields, in an account with an empty cache."""
    pk = TicketForm.objects.create(name="F", ticket_field_ids=ids).pk
    emulator.connect()
    return pk


def _prefetch(pk):
    return TicketForm.objects.prefetch_related("ticket_fields").get(id=pk)


def _prefetch_later(pk):
    result = TicketForm.objects.get(id=pk)
    prefetch_related_objects([result], "ticket_fields")
    return result


def _cache(pk):
    list(TicketField.objects.all())
    return TicketForm.objects.get(id=pk)


def _cache_in_part(pk):
    for row in TicketForm.objects.get(id=pk).ticket_field_ids[2:5]:
        TicketField.objects.get(row)
    return TicketForm.objects.get(id=pk)


WAYS_OF_READING = {
    "lazily": lambda pk: TicketForm.objects.get(id=pk),
    "prefetched": _prefetch,
    "prefetched later": _prefetch_later,
    "cached": _cache,
    "cached in part": _cache_in_part,
}


@pytest.mark.parametrize("read", WAYS_OF_READING.values(), ids=WAYS_OF_READING)
def test_the_fields_of_a_form_have_the_order_of_its_ids(form, ids, read):
    """The fields have the order of the form's ids, however they are read."""
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


def test_order_by_overrides_the_order_of_ids(form):
    """`order_by()` replaces the order of the ids."""
    fields = TicketForm.objects.get(id=form).ticket_fields

    assert [field.title for field in fields.order_by("title")] == [f"F{n}" for n in range(8)]


def test_the_order_of_a_prefetch_overrides_the_order_of_ids(form):
    """The order of a prefetch's QuerySet replaces the order of the ids."""
    ordered = TicketField.objects.order_by("-title")
    rows = TicketForm.objects.prefetch_related(Prefetch("ticket_fields", ordered))
    titles = [field.title for field in rows.get(id=form).ticket_fields]

    assert titles == [f"F{n}" for n in reversed(range(8))]


def test_unordered_queries_cannot_be_reversed(form):
    """`reverse()` of a query without an order raises."""
    with pytest.raises(FieldError, match="order_by"):
        TicketField.objects.filter(title="F1").reverse()


def test_followers_have_the_order_of_their_ids(demo_emulator):
    """The followers of a ticket have the order of its `follower_ids`."""
    people = [user.pk for user in User.objects.all()[:5]][::-1]
    server = Server(lambda request: {"users": [{"id": pk, "name": "x"} for pk in sorted(people)]})
    account = server.connect()
    row = {"id": 1, "follower_ids": people}
    (ticket,) = account.current().identity.materialize(Ticket, [row], account.current())

    assert [user.pk for user in ticket.followers] == people
    prefetch_related_objects([ticket], "followers")
    assert [user.pk for user in ticket.followers] == people


def test_every_list_of_ids_keeps_its_order():
    """Every relation by a list of ids returns its rows in the order of the ids."""
    for product in ("support", "help_center", "talk", "chat"):
        registry.load(product)
    lists = [
        (model, value)
        for model in registry.models()
        if model.__module__.startswith("zendesk_orm.")
        for value in vars(model).values()
        if isinstance(value, (RefList, Members))
    ]

    assert len(lists) > 20
    assert [f"{m.__name__}.{item.name}" for m, item in lists if not _keeps_order(m, item)] == []


def _keeps_order(model, relation):
    """Return whether rows have the order of their ids if the server sorts them."""
    target = relation.model._meta
    plain = target.fields["id"].kind.name == "int"
    ids = [3, 1, 2] if plain else ["c", "a", "b"]
    rows = [{"id": pk, target.pk_key: pk} for pk in sorted(ids)]

    def answer(request):
        keys = {item.key for item in target.api if item.verb in ROWS}
        return rows if "" in keys else dict.fromkeys(keys, rows)

    account = Server(answer).connect()
    session = account.current()
    row = {"id": 9, model._meta.fields[relation.ids].wire: ids}
    (record,) = session.identity.materialize(model, [row], session)
    try:
        lazily = [item.pk for item in getattr(record, relation.name)]
        prefetch_related_objects([record], relation.name)
        return lazily == ids == [item.pk for item in getattr(record, relation.name)]
    except NoEndpoint:
        # Content tags cannot be listed by ids, only fetched one by one.
        return True
    finally:
        account.close()
