"""`get_or_create()` and `update_or_create()` find what another client created a moment ago."""

from __future__ import annotations

from typing import Any

import pytest

from tests.contract.spec import called, declared_models
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


# They run over all models.
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
    ("model", "given", "more"), TABLE, ids=[f"{m.__name__} {' '.join(g)}" for m, g, _ in TABLE]
)
def test_what_another_client_created_is_found(emulator, model, given, more, lag, method):
    """Whatever the index knows, there is one object afterwards, and it is not created."""
    emulator.switches.index_lag = lag
    CustomObject.objects.create(key="car", title="Car", title_pluralized="Cars")
    emulator.connect(alias="other")
    made = model(**given, **more)
    made.save(using="other")

    found, created = getattr(model.objects, method)(defaults=dict(more), **given)

    assert (made.pk, False) == (found.pk, created)


def test_every_model_with_unique_fields_is_in_the_table():
    """Each field that Zendesk keeps unique is a lookup of the table."""
    unique = {(called(model), name) for model in declared_models() for name in model._meta.unique}

    assert unique <= {(called(model), name) for model, given, _ in TABLE for name in given}
