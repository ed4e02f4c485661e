"""`get_or_create()` and `update_or_create()` find rows that another client has just created."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import declared_models, label_of
from zendesk_orm import (
    Brand,
    Comment,
    CustomObject,
    CustomObjectRecord,
    Group,
    Organization,
    Ticket,
    User,
)


# They use all models.
pytestmark = pytest.mark.slow


#: Model, lookups, and further values of a new object.
TABLE: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (User, {"email": "kim@e.org"}, {"name": "Kim"}),
    (User, {"external_id": "k"}, {"name": "Kim"}),
    (User, {"email": "KIM@e.org"}, {"name": "Kim"}),
    (Organization, {"name": "Acme"}, {}),
    (Organization, {"external_id": "acme"}, {"name": "Acme"}),
    (Organization, {"name": "acme", "external_id": "acme"}, {}),
    (Ticket, {"external_id": "t"}, {"subject": "T", "comment": Comment(body="x")}),
    (CustomObjectRecord, {"external_id": "r", "custom_object_key": "car"}, {"name": "R"}),
    (Group, {"name": "G"}, {}),
    (Brand, {"subdomain": "b"}, {"name": "B"}),
]


@pytest.mark.parametrize("method", ["get_or_create", "update_or_create"])
@pytest.mark.parametrize("lag", [0, 60, 240])
@pytest.mark.parametrize(
    ("model", "lookups", "values"), TABLE, ids=[f"{m.__name__} {' '.join(g)}" for m, g, _ in TABLE]
)
def test_an_object_created_by_another_client_is_found(
    emulator, model, lookups, values, lag, method
):
    """There is one object afterwards, whether or not the index contains it."""
    emulator.switches.index_lag = lag
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    emulator.connect(alias="other")
    new = model(**lookups, **values)
    new.save(using="other")

    result, created = getattr(model.objects, method)(defaults=dict(values), **lookups)

    assert (result.pk, created) == (new.pk, False)


def test_every_model_with_unique_fields_is_in_the_table():
    """Each field that is unique at Zendesk is a lookup of the table."""
    unique = {(label_of(model), name) for model in declared_models() for name in model._meta.unique}

    assert unique <= {(label_of(model), name) for model, lookups, _ in TABLE for name in lookups}
