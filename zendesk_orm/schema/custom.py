"""Custom fields of a record by name: `record.custom`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import as_reusable, owners, remember_owners, require_own
from zendesk_orm.schema.arguments import require_custom_name
from zendesk_orm.schema.custom_values import value_in
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.row import PartialRow, find_known_inner
from zendesk_orm.schema.source import DEFAULT, Source, source_of


if TYPE_CHECKING:
    from zendesk_orm.schema.options import Options
    from zendesk_orm.schema.record import Record

#: Requests the id of a lookup, instead of its object.
BY_ID = "id"


class Custom(MutableMapping[str | int, Any]):
    """The custom fields of a record by title, key, tag or id: `ticket.custom["Severity"]`.

    It has all fields that are in use in the account, without a value most of them; setting
    one to None, or deleting it, clears it.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._field = holder(record._meta)

    def definition(self, name: str | int) -> Definition:
        """Return the definition of a field in the account.

        Raises:
            FieldError: the field does not exist, or several have this name.
        """
        return definitions_of(self._record).find(require_custom_name(name))

    def __getitem__(self, name: str | int) -> Any:
        return self.value(name)

    def value(self, name: str | int, read_as: str = "") -> Any:
        """Return the value of a field.

        Args:
            name: its title, key, tag or id.
            read_as: the model that a lookup is read as, if not the one in its definition; or
                `BY_ID`, which gives the id.

        Raises:
            FieldError: the field does not exist, or several have this name.
        """
        record = self._record
        pending = get_pending(record)
        if require_custom_name(name) in pending:
            value = pending[name]
            return getattr(value, "pk", value) if read_as == BY_ID else value
        if record._source is None and not self._field.peek(record):
            return None
        definition = self.definition(name)
        partial_values = find_known_inner(record._row, self._field.wire)
        is_edited = self._field.name in record.__dict__
        if definition.wire in partial_values and not definition.multiple and not is_edited:
            return self._convert(definition, partial_values[definition.wire], read_as)
        # Several values are given as they lie in the record, so that editing them counts.
        stored = getattr(record, self._field.name) if definition.multiple else self._stored_values()
        return self._convert(definition, value_in(stored, definition.wire), read_as)

    def _convert(self, definition: Definition, raw: Any, read_as: str) -> Any:
        """Return a value of a row as the type of its field; of a lookup, the object."""
        value = definition.read(raw)
        if value is None or definition.leads_to is None:
            return value
        return _get_target(self._record, definition.leads_to, read_as, value)

    def __setitem__(self, name: str | int, value: Any) -> None:
        self.update({name: value})

    def update(self, other: Any = (), /, **values: Any) -> None:
        """Set the values of a dictionary; an assignment to `custom` does the same.

        Raises:
            FieldError, InvalidValue: a field does not exist or cannot have its value; none is set.
        """
        try:
            merged = dict(other, **values)
        except (TypeError, ValueError):
            raise InvalidValue(
                f"custom must be a dictionary, as in {{'Severity': 'high'}}, not {display(other)}"
            ) from None
        record, field = self._record, self._field
        if not field.editable or (field.create_only and record.pk is not None):
            raise FieldError(f"{record._meta.object_name}.{field.name} cannot be assigned")
        merged = {require_custom_name(name): as_reusable(v) for name, v in merged.items()}
        ready = {name: self._clean(name, value) for name, value in merged.items()}
        for name, value in merged.items():
            remember_owners(record, str(name), value)
            # The last of several values counts, also of those that have another name of the field.
            get_pending(record).pop(name, None)
            stored = ready[name]
            if stored is None:
                record._state.pending_custom[name] = value
            else:
                _put(record, field, *stored)

    def _clean(self, name: str | int, value: Any) -> tuple[Definition, Any] | None:
        """Return a field and the value to store.

        None if the account, or the id of an object, is known only when the record is saved.
        """
        source = self._record._source
        for owner in owners([value]):
            require_own(str(name), value, owner, source)
        if source is None:
            return None
        definition = self.definition(name)
        if lacks_id(value):
            definition.require_kind(value)
            return None
        return definition, definition.clean(value)

    def __delitem__(self, name: str | int) -> None:
        self[name] = None

    def get(self, name: str | int, default: Any = None) -> Any:
        """Return the value of a field; the default if the account does not have the field."""
        if name not in self:
            return default
        return self[name]

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, (str, int)):
            return False
        try:
            self.definition(name)
        except FieldError:
            return False
        return True

    def __iter__(self) -> Iterator[str | int]:
        definitions = definitions_of(self._record)
        return (
            definitions.display_name(definition) for definition in definitions if definition.active
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<custom fields of {self._record!r}>"

    def _stored_values(self) -> Any:
        """Return the values of the record or its row, which must not be edited."""
        record, field = self._record, self._field
        if field.name in record.__dict__:
            return record.__dict__[field.name]
        if type(record._row) is PartialRow and field.wire not in record._row:
            return getattr(record, field.name)
        return record._row.get(field.wire)


def holder(meta: Options) -> Attribute[Any]:
    """Return the field that holds the values of custom fields.

    Raises:
        FieldError: the model has none.
    """
    for name in meta.custom:
        return meta.fields[name]
    raise FieldError(f"{meta.object_name} has no custom fields")


def describing(meta: Options) -> Any:
    """Return the model whose rows describe the custom fields."""
    return registry.find(meta.custom[holder(meta).name], meta.app_label)


def scope_key(meta: Options) -> str:
    """Return the key of a row that names the owner of its custom fields; "" for the account."""
    parent: str = describing(meta)._meta.parent
    return f"{parent}_key" if parent else ""


def scope(meta: Options, value: Any) -> dict[str, Any]:
    """Return the filter of the rows that describe the fields: {}, or their custom object.

    Raises:
        FieldError: the object is not known.
    """
    key = scope_key(meta)
    if key and value is None:
        raise FieldError(f"{key}: the custom fields have an unknown owner; filter by it")
    return {describing(meta)._meta.parent: value} if key else {}


def definitions_of(record: Record, source: Source | None = None) -> Definitions:
    """Return the custom fields of a record's account; by default, of the default account.

    Raises:
        FieldError: the model has no custom fields.
    """
    meta = record._meta
    origin = source or record._source or source_of(DEFAULT)
    definitions: Definitions = origin.session.definitions(
        meta, scope(meta, record._row.get(scope_key(meta)))
    )
    return definitions


def known_definitions(record: Record, source: Source | None = None) -> Definitions | None:
    """Return the custom fields if they are cached; otherwise None."""
    meta = record._meta
    key = scope_key(meta) if meta.custom else ""
    if not meta.custom or (key and record._row.get(key) is None):
        return None
    origin = source or record._source or source_of(DEFAULT)
    if not origin.is_connected:
        return None
    definitions: Definitions | None = origin.session.known_definitions(
        meta, scope(meta, record._row.get(key))
    )
    return definitions


def lacks_id(value: Any) -> bool:
    """Return True for an object that has no id yet."""
    return hasattr(value, "_meta") and not isinstance(value, type) and value.pk is None


def get_pending(record: Record) -> dict[str | int, Any]:
    """Return values assigned to custom fields before the account was known."""
    return record._state.pending_custom if "_state" in record.__dict__ else {}


def get_unsaved_objects(record: Record) -> dict[str, Record]:
    """Return the objects without an id that were assigned to lookup fields, by field."""
    pending = get_pending(record)
    return {str(name): value for name, value in pending.items() if lacks_id(value)}


def resolve_pending(record: Record, source: Source | None = None, *, partly: bool = False) -> None:
    """Store the values assigned by name, now that the account is known.

    Args:
        record: the record.
        source: of the account.
        partly: leave out objects that have no id yet, instead of raising.

    Raises:
        FieldError, InvalidValue: the account has no such field, or the field no such value.
    """
    pending = get_pending(record)
    if not pending:
        return
    waiting = {name: v for name, v in pending.items() if lacks_id(v)} if partly else {}
    if len(waiting) == len(pending):
        return
    definitions = definitions_of(record, source)
    assigned = [
        (definitions.find(name), value) for name, value in pending.items() if name not in waiting
    ]
    ready = [(definition, definition.clean(value)) for definition, value in assigned]
    record._state.pending_custom = waiting
    for definition, value in ready:
        _put(record, holder(record._meta), definition, value)


def _get_target(
    record: Record, leads_to: tuple[str, dict[str, Any]], read_as: str, value: Any
) -> Any:
    """Return the object of a lookup, which may be a partial one; or the id."""
    name, keys = leads_to
    model = name if read_as in ("", BY_ID) else read_as
    target = registry.find(model, record._meta.app_label)
    pk = target._meta.to_id(value)
    if read_as == BY_ID:
        return pk
    if record._source is None:
        return target.from_row(PartialRow({**keys, "id": pk}))
    return record._source.refer(target, pk, keys)


def parts(record: Record, names: Iterable[str]) -> dict[str, Any]:
    """Return the payload of some declared custom fields, without the others; {} if none changed.

    Raises:
        FieldError: the account has no such field.
    """
    field = holder(record._meta)
    if field.name not in record.changes():
        return {}
    sent = field.serialize_changes(record._row, record.__dict__[field.name])
    part = select_parts(record, names, sent)
    return {field.wire: part} if part else {}


def select_parts(record: Record, names: Iterable[str], values: Any) -> Any:
    """Return the values of some declared custom fields, without the others.

    Raises:
        FieldError: the account has no such field.
    """
    definitions, declared = definitions_of(record), record._meta.declared
    wires = {definitions.find(declared[name].known_as).wire for name in names}
    if isinstance(values, dict):
        return {key: value for key, value in values.items() if key in wires}
    return [item for item in values if isinstance(item, dict) and item.get("id") in wires]


def _put(record: Record, field: Attribute[Any], definition: Definition, value: Any) -> None:
    stored = getattr(record, field.name)
    if stored is None:
        stored = record.__dict__[field.name] = {} if field.kind.name == "dict" else []
    if isinstance(stored, dict):
        stored[definition.wire] = value
        return
    for item in stored:
        if isinstance(item, dict) and item.get("id") == definition.wire:
            item["value"] = value
            return
    stored.append({"id": definition.wire, "value": value})
