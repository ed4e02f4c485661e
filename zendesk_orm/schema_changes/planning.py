"""Plans the changes that make an account match declared fields and custom objects."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import evolve

from zendesk_orm.account import Account
from zendesk_orm.errors import FieldError, InvalidValue, SchemaError
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema.arguments import require_model
from zendesk_orm.schema.definitions import RECORDS, fold_name
from zendesk_orm.schema_changes import comparison
from zendesk_orm.schema_changes.account_schema import AccountSchema, read_account
from zendesk_orm.schema_changes.changes import SchemaChange
from zendesk_orm.schema_changes.declarations import (
    DeclaredField,
    DeclaredObject,
    get_owner,
    merge_attributes,
    merge_fields,
    read_field,
    read_object,
)
from zendesk_orm.schema_changes.limits import check_limits
from zendesk_orm.schema_changes.owners import Owner
from zendesk_orm.schema_changes.plan import SchemaPlan, Step
from zendesk_orm.schema_changes.tags import find_shared_tags
from zendesk_orm.support import CustomObjectField, TicketField, UserField


class _Planner:
    """Collects the steps of a plan, and the problems of declarations."""

    def __init__(self, *, allow_deletions: bool) -> None:
        self._allow_deletions = allow_deletions
        self.problems: list[str] = []
        self.owners: dict[Owner, list[DeclaredField]] = {}
        self.objects: dict[str, DeclaredObject] = {}
        self.steps: list[Step] = []
        self.skipped: list[SchemaChange] = []
        self.existing = AccountSchema()

    @contextmanager
    def collect_problems(self, place: str) -> Generator[None]:
        """Add the error of a block to the problems."""
        try:
            yield
        except (FieldError, InvalidValue) as error:
            self.problems.append(f"{place}: {error}")

    # -- declarations --------------------------------------------------------

    def read_models(self, models: list[type[Model]]) -> None:
        """Read the declarations of classes."""
        for model in models:
            with self.collect_problems(model._meta.object_name):
                owner = get_owner(model._meta)
                if owner.custom_object:
                    self._add_object(read_object(model._meta))
                if owner.custom_object or model._meta.declared:
                    self._read_fields(model, self.owners.setdefault(owner, []), models)

    def _read_fields(
        self, model: type[Model], fields: list[DeclaredField], models: list[type[Model]]
    ) -> None:
        """Add the declared fields of a class."""
        for name in model._meta.declared:
            with self.collect_problems(f"{model._meta.object_name}.{name}"):
                fields.append(read_field(model, name, models))

    def _add_object(self, declared: DeclaredObject) -> None:
        """Add the declaration of a custom object, which several classes may declare."""
        other = self.objects.get(declared.key)
        if other is not None:
            attributes = merge_attributes(other.attributes, declared.attributes, other.place)
            declared = evolve(other, attributes=attributes)
        self.objects[declared.key] = declared

    # -- changes -------------------------------------------------------------

    def compare(self, existing: AccountSchema) -> None:
        """Compare the declarations with an account."""
        self.existing = existing
        for declared in self.objects.values():
            with self.collect_problems(declared.place):
                row = existing.objects.get(declared.key)
                self.steps += comparison.compare_object(declared, row)
        for owner in self._sort_owners():
            self._compare_fields(owner, self.owners[owner])
        if self.objects:
            for key, row in existing.objects.items():
                if key not in self.objects:
                    self._delete(comparison.delete_object(key, row))
        self.steps.sort(key=lambda step: not step.is_destructive)

    def _compare_fields(self, owner: Owner, fields: list[DeclaredField]) -> None:
        """Compare the declared fields of an owner with those that exist."""
        definitions = self.existing.get_definitions(owner)
        ids_by_place: dict[str, Any] = {}
        merged: dict[Any, DeclaredField] = {}
        for declared in fields:
            with self.collect_problems(declared.place):
                self._check_target(declared)
                definition = comparison.find_definition(declared, definitions)
                if definition is not None:
                    comparison.check_type(declared, definition)
                key = _find_new(declared, merged) if definition is None else definition.id
                ids_by_place[declared.place] = key
                other = merged.get(key)
                merged[key] = declared if other is None else merge_fields(other, declared)
        by_id = {definition.id: definition for definition in definitions}
        for pk, declared in merged.items():
            with self.collect_problems(declared.place):
                self._compare_field(declared, by_id.get(pk))
        for definition in definitions:
            row = definition.row
            is_system = row.get("system") or row.get("removable") is False
            is_standard = definition.key.startswith("standard::")
            is_other = definition.id not in merged and definition.active
            if is_other and not is_system and not is_standard and not self.problems:
                self._delete(comparison.delete_field(owner, definition))

    def _compare_field(self, declared: DeclaredField, definition: Any) -> None:
        """Add the step that creates or changes a field."""
        if definition is None:
            new = frozenset(self.objects).difference(self.existing.objects)
            self.steps.append(comparison.create_field(declared, new))
            return
        step, skipped = comparison.change_field(
            declared, definition, allow_deletions=self._allow_deletions
        )
        self.steps += [] if step is None else [step]
        self.skipped += skipped

    def _check_target(self, declared: DeclaredField) -> None:
        """Check that the custom object exists that a lookup refers to.

        Raises:
            InvalidValue: it does not exist, or would be deleted.
        """
        key = declared.target.removeprefix(RECORDS)
        if key == declared.target or key in self.objects:
            return
        if key not in self.existing.objects:
            raise InvalidValue(
                f"the custom object {display(key)} does not exist: declare a class for it, too"
            )
        if self._allow_deletions and self.objects:
            raise InvalidValue(
                f"the custom object {display(key)} would be deleted: declare a class for it, too"
            )

    def _delete(self, step: Step) -> None:
        """Add a deletion, or leave it out if deletions are not allowed."""
        if self._allow_deletions:
            self.steps.append(step)
        else:
            self.skipped += step.changes

    # -- order ---------------------------------------------------------------

    def _sort_owners(self) -> list[Owner]:
        """Return the owners, those whose fields others refer to first.

        Filters of lookups and roll-up fields refer to fields of other custom objects. If two
        objects refer to each other, their order is that of the declarations.
        """
        order = {CustomObjectField: 0, UserField: 1, TicketField: 3}
        owners = sorted(self.owners, key=lambda owner: order.get(owner.model, 2))
        by_key = {owner.custom_object: owner for owner in owners if owner.custom_object}
        result: dict[Owner, None] = {}
        _visit(owners, lambda owner: _find_needed(self.owners[owner], by_key), result, set())
        return list(result)


def _visit(
    owners: Iterable[Owner],
    needs: Callable[[Owner], Iterable[Owner]],
    result: dict[Owner, None],
    open_owners: set[Owner],
) -> None:
    """Add owners to a result, each after those that it needs."""
    for owner in owners:
        if owner not in result and owner not in open_owners:
            open_owners.add(owner)
            _visit(needs(owner), needs, result, open_owners)
            result[owner] = None


def _find_needed(fields: Iterable[DeclaredField], by_key: dict[str, Owner]) -> Iterator[Owner]:
    """Yield the custom objects whose fields the filters and roll-ups of fields refer to."""
    for declared in fields:
        properties = declared.attributes.get("properties")
        names = [declared.target] if declared.attributes.get("relationship_filter") else []
        if isinstance(properties, dict):
            names.append(str(properties.get("rollup_child_object") or ""))
        for name in names:
            owner = by_key.get(name.removeprefix(RECORDS))
            if owner is not None:
                yield owner


def _find_new(declared: DeclaredField, merged: dict[Any, DeclaredField]) -> Any:
    """Return the key of a new field among declared ones: that of another with the same name.

    Raises:
        InvalidValue: another new field has the same title and another key.
    """
    for pk, other in merged.items():
        if isinstance(pk, str) and (_finds(declared, other) or _finds(other, declared)):
            if other.key != declared.key:
                raise InvalidValue(
                    f"{other.place} declares a field with the same name and the key "
                    f"{display(other.key)}, not {display(declared.key)}; make them equal"
                )
            return pk
    return f"new {declared.place}"


def _finds(first: DeclaredField, second: DeclaredField) -> bool:
    """Return whether the names of a new field are the key or the title of another.

    A name that is the key of the field itself is not compared with titles.
    """
    titles = {fold_name(name) for name in first.known_as} - {fold_name(first.key)}
    names = {fold_name(name) for name in (second.key, second.title) if name}
    return bool(titles & names) or (first.key == second.key != "")


def plan_schema(
    models: Iterable[type[Model]], account: Account, *, allow_deletions: bool = False
) -> SchemaPlan:
    """Return the changes that make an account match declared fields and custom objects.

    It reads the custom fields of the owners that the classes declare, with one request for each,
    and the custom objects. If fields or objects have to be created, it reads their limits.

    Args:
        models: classes that declare custom fields or custom objects.
        account: the account.
        allow_deletions: whether fields, options and custom objects that are not declared are
            deleted, and fields deactivated. Fields of tickets are deleted only if a class declares
            fields of tickets, and so on for others. Inactive fields and system fields stay.

    Raises:
        InvalidValue: a class is not a model.
        SchemaError: Zendesk does not permit a change, or declarations are invalid; nothing was
            changed.
        ApiError, TransportError: the account could not be read.

    Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_objects/
    """
    planner = _Planner(allow_deletions=allow_deletions)
    planner.read_models([require_model("models", model) for model in dict.fromkeys(models)])
    _raise(planner.problems)
    refers_to_objects = any(
        declared.target.startswith(RECORDS)
        for fields in planner.owners.values()
        for declared in fields
    )
    existing = read_account(
        account, planner.owners, with_objects=bool(planner.objects) or refers_to_objects
    )
    planner.compare(existing)
    tickets = existing.get_definitions(Owner(TicketField))
    planner.problems += find_shared_tags(planner.steps, tickets)
    _raise(planner.problems)
    _raise(check_limits(planner.steps, existing, account))
    ids = frozenset(definition.id for definition in tickets)
    return SchemaPlan(account, tuple(planner.steps), tuple(planner.skipped), ids)


def _raise(problems: list[str]) -> None:
    """Raise `SchemaError` if there are problems."""
    if problems:
        raise SchemaError(problems)
