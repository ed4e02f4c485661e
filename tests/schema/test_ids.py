"""Ids: numbers may be given as text, everywhere, and nobody but Zendesk chooses them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import called, declared_models
from zendesk_orm import FieldError, InvalidValue, Organization, Ticket


#: Models whose rows have numbers as ids.
NUMBERED = [each for each in declared_models() if each._meta.fields["id"].kind.name == "int"]


@pytest.mark.parametrize("model", NUMBERED, ids=called)
def test_an_id_may_be_text(model: Any) -> None:
    """What comes from a URL or a webhook is a text; it means the same as the number."""
    assert 42 == model(id="42").pk
    assert model.objects.filter(id="42").query == model.objects.filter(id=42).query
    assert model.objects.filter(pk__in=["42"]).query == model.objects.filter(id__in=[42]).query


@pytest.mark.parametrize("model", NUMBERED, ids=called)
def test_an_id_that_is_no_number_is_refused(model: Any) -> None:
    """The message names the field; nothing is sent."""
    with pytest.raises(InvalidValue, match="id"):
        model(id="x")
    with pytest.raises(InvalidValue, match="id"):
        model.objects.filter(id="x")


def test_every_relation_takes_ids_as_text() -> None:
    """Lookups by a relation, and by the id behind it, follow the same rule as `id`."""
    for model in declared_models():
        for name, relation in model._meta.relations.items():
            if relation.model._meta.fields["id"].kind.name != "int":
                continue
            for lookup in (name, relation.id.name):
                given, number = model.objects.filter(**{lookup: "42"}), {lookup: 42}
                assert given.query == model.objects.filter(**number).query


def test_lists_of_ids_take_text() -> None:
    """The members of a list of ids are numbers when they are sent."""
    ticket = Ticket(collaborator_ids=["42", 43])

    assert [42, 43] == ticket.collaborator_ids
    assert [42, 43] == ticket.to_payload()["collaborator_ids"]


@pytest.mark.parametrize("name", ["id", "pk"])
def test_an_id_is_not_assigned(name: str) -> None:
    """The error names the way to copy an object, which Django does by `pk = None`."""
    organization = Organization(id=5, name="A")

    with pytest.raises(FieldError, match="force_insert"):
        setattr(organization, name, None)
    assert 5 == organization.pk


def test_properties_are_not_assigned() -> None:
    """Public properties that cannot be set raise an error of the library."""
    public = {
        name
        for name in dir(Ticket)
        if not name.startswith("_") and isinstance(getattr(Ticket, name), property)
    }
    for name in public:
        if getattr(Ticket, name).fset is None:
            with pytest.raises(FieldError):
                setattr(Ticket(id=5), name, 1)
