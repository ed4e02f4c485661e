"""Rows of every model, created by the library or the factories of the emulator."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.support.seeding import seed_rows
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.control import samples
from zendesk_orm.emulator.control.factories import Maker, detach, find_writable_field
from zendesk_orm.emulator.crud.resources import initialize
from zendesk_orm.emulator.storage.defaults import build_row
from zendesk_orm.schema import registry
from zendesk_orm.schema.record import Record


NUMBERS = count(1_000)  # Other numbers than those of the factories.
#: Models whose rows need separate parents, with the reason.
OWN_PARENTS = {"support.SatisfactionRating": "only the requester of a ticket can rate it"}


class RowFactory:
    """Creates rows of models, and the rows that they refer to."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.known: dict[str, Any] = {}

    def any(self, label: str) -> Any:
        """Return a row of a model, which is the same for each call."""
        if label not in self.known:
            product, _, name = label.partition(".")
            self.known[label] = self.new(registry.find(name, product))
        return self.known[label]

    def new(self, model: Any) -> Any:
        """Create a row of a model."""
        return model.objects.create(**self.values(model))

    def insert(self, model: Any) -> Any:
        """Insert a row of a model that has no create endpoint, and return it."""
        meta, parent = model._meta, None
        row = build_row(meta)
        for name, relation in meta.relations.items():
            if relation.model._meta.api.find(Verb.CREATE):
                row[relation.id.wire] = self.any(relation.model._meta.label).pk
                parent = row[relation.id.wire] if name == meta.parent else parent
        for field in meta.get_fields():
            unset = field.wire in row and row[field.wire] is None and not field.nullable
            if unset and field.kind.name in ("choice", "int", "str") and field.wire != "id":
                row[field.wire] = build_value(field, changed=True)
        initialize(self.emulator._context, meta, row)
        seed_rows(self.emulator, model, row, parent=parent)
        return model.from_row(meta.with_id(row))

    def values(self, model: Any) -> dict[str, Any]:
        """Return the values with which a row of a model is created."""
        meta = model._meta
        parents = {}
        for name in {*meta.required, meta.parent} & meta.relations.keys():
            row = self.known.get(meta.relations[name].model._meta.label)
            is_shared = meta.label not in OWN_PARENTS
            if is_shared and row is not None and type(row) is not model:
                # Rows below the same parent belong together.
                parents[name] = row.pk
        with self.emulator._factory.connect() as alias:
            values = {**Maker(self.emulator._context, alias).complete(model, parents), **parents}
            detached = {name: detach(value) for name, value in values.items()}
        for value in detached.values():
            if isinstance(value, Record) and {*value._meta.parent_keys, "id"} <= value._row.keys():
                self.known.setdefault(value._meta.label, value)
        return detached


def build_value(field: Any, *, changed: bool = False) -> Any:
    """Return a value for the kind of a field."""
    if field.kind.choices:
        return field.kind.choices[-1 if changed else 0]
    if field.name == "value" and field.kind.name == "str":
        return f"person.{next(NUMBERS)}@example.com"  # The value of an identity.
    return changed if field.kind.name == "bool" else samples.build_value(field, next(NUMBERS))


def first_text_field(model: Any) -> str:
    """Return the first text field that can be changed."""
    return str(find_writable_field(model._meta).name)
