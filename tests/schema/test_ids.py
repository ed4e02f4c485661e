"""Ids: numbers or their text, and set by Zendesk alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import declared_models, label_of
from zendesk_orm import FieldError, InvalidValue, Organization, Ticket


#: Models whose rows have numbers as ids.
NUMBERED = [row for row in declared_models() if row._meta.fields["id"].kind.name == "int"]


@pytest.mark.parametrize("model", NUMBERED, ids=label_of)
def test_an_id_may_be_text(model: Any) -> None:
    """An id can be a string of digits, as in URLs and webhooks."""
    assert model(id="42").pk == 42
    assert model.objects.filter(id="42").query == model.objects.filter(id=42).query
    assert model.objects.filter(pk__in=["42"]).query == model.objects.filter(id__in=[42]).query


@pytest.mark.parametrize("model", NUMBERED, ids=label_of)
def test_an_id_that_is_not_a_number_is_rejected(model: Any) -> None:
    """An id that is not a number raises `InvalidValue`, which names the field."""
    with pytest.raises(InvalidValue, match="id"):
        model(id="x")
    with pytest.raises(InvalidValue, match="id"):
        model.objects.filter(id="x")


def test_every_relation_takes_ids_as_text() -> None:
    """Lookups by a relation, or by its id, take ids as text."""
    for model in declared_models():
        for name, relation in model._meta.relations.items():
            if relation.model._meta.fields["id"].kind.name != "int":
                continue
            for lookup in (name, relation.id.name):
                query, number = model.objects.filter(**{lookup: "42"}), {lookup: 42}
                assert model.objects.filter(**number).query == query.query


def test_lists_of_ids_take_text() -> None:
    """Lists of ids take text, and send numbers."""
    ticket = Ticket(collaborator_ids=["42", 43])

    assert ticket.collaborator_ids == [42, 43]
    assert ticket.to_payload()["collaborator_ids"] == [42, 43]


@pytest.mark.parametrize("name", ["id", "pk"])
def test_an_id_cannot_be_assigned(name: str) -> None:
    """Assigning an id raises `FieldError`, which names `force_insert` as the way to copy."""
    organization = Organization(id=5, name="A")

    with pytest.raises(FieldError, match="force_insert"):
        setattr(organization, name, None)
    assert organization.pk == 5


def test_properties_cannot_be_assigned() -> None:
    """Assigning a public property without a setter raises `FieldError`."""
    public = {
        name
        for name in dir(Ticket)
        if not name.startswith("_") and isinstance(getattr(Ticket, name), property)
    }
    for name in public:
        if getattr(Ticket, name).fset is None:
            with pytest.raises(FieldError):
                setattr(Ticket(id=5), name, 1)
