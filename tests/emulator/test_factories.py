"""Factories make valid rows of every model that can be created."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    Audit,
    Comment,
    ConfigurationError,
    FieldError,
    Group,
    InvalidValue,
    Organization,
    Ticket,
    User,
    connections,
)
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.control.factories import CREATABLE
from zendesk_orm.schema import registry


for name in registry.PRODUCTS:
    registry.load(name)
MODELS = [
    model
    for model in registry.models()
    if model.__module__.startswith("zendesk_orm.")
    and model.__name__ != "Model"
    and (model._meta.api.find(Verb.CREATE) or model._meta.label in CREATABLE)
]


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_rows_of_every_model_can_be_made(emulator, model):
    """Several rows of each model that can be created are made, and no key is ignored."""
    rows = emulator.make(model, 3)

    assert [type(row) for row in rows] == [model] * 3
    # Zendesk returns no ids of events.
    assert len({row.pk for row in rows} - {None}) == (3 if model._meta.unique_ids else 0)
    assert not any(row.changes() for row in rows)
    assert not emulator.ignored


def test_values_can_be_functions_of_the_number(emulator):
    """Values can be given as values, or as functions of the number of a row."""
    group = Group.objects.get()
    tickets = emulator.make(
        Ticket, 3, status="open", group=group, subject=lambda number: f"No. {number}"
    )

    assert [(ticket.subject, ticket.status, ticket.group_id) for ticket in tickets] == [
        (f"No. {number}", "open", group.id) for number in (1, 2, 3)
    ]


def test_relations_are_created(emulator):
    """The rows of one call share the related rows that it creates."""
    first, second, third = (*emulator.make(Ticket, 2), *emulator.make(Ticket))

    assert first.requester_id == second.requester_id != third.requester_id
    assert first.requester.role == "end-user"


def test_relations_can_be_given(emulator):
    """A relation can be an object, an id, or a list of objects."""
    ann, bob = emulator.make(User, 2)
    by_object, by_id = (
        emulator.make(Ticket, requester=ann, followers=[ann])[0],
        emulator.make(Ticket, requester_id=bob.id)[0],
    )

    assert (by_object.requester_id, by_id.requester_id) == (ann.id, bob.id)
    assert emulator.count_rows()["support.User"] == 3


def test_made_rows_behave_like_created_rows(emulator):
    """A made row has its comments and audits, and is found by search."""
    ticket = emulator.make(Ticket, subject="Fire", comment=Comment(body="It burns"))[0]

    assert [comment.body for comment in ticket.comments.all()] == ["It burns"]
    assert [row.id for row in Ticket.objects.search("burns")] == [ticket.id]


def test_ids_need_no_account():
    """Without a connected account, factories return ids."""
    with Emulator() as emulator:
        ids = emulator.make_ids(Organization, 2, tags=["vip"])
        with pytest.raises(ConfigurationError):
            emulator.make(Organization)
        emulator.connect()

        assert [row.id for row in Organization.objects.filter(tags="vip").order_by("id")] == ids


def test_make_leaves_connections_unchanged(emulator):
    """`make()` leaves the connected accounts unchanged, also after an error."""
    before = dict(connections)
    emulator.make(Ticket)
    with pytest.raises(FieldError):
        emulator.make(Ticket, subjet="Fire")

    assert dict(connections) == before


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((Audit,), ConfigurationError),
        (("Ticket",), InvalidValue),
        ((Ticket, -1), ConfigurationError),
        ((Ticket, "x"), ConfigurationError),
    ],
)
def test_invalid_arguments_are_rejected(emulator, arguments, error):
    """Models that cannot be created and invalid numbers of rows are rejected."""
    with pytest.raises(error):
        emulator.make(*arguments)


def test_zero_rows_are_an_empty_list(emulator):
    """Making zero rows returns an empty list."""
    assert emulator.make(Ticket, 0) == []
