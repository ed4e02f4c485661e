"""Custom fields by name: declared with `CustomField`, or through `record.custom`."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, MutableMapping
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Any,
    TypeVar,
    get_args,
    overload,
)

from zendesk_orm.errors import FieldError
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import remember_owners
from zendesk_orm.schema.annotation import type_names
from zendesk_orm.schema.arguments import require_custom_name
from zendesk_orm.schema.definitions import Definition, Definitions
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.loading import load_id
from zendesk_orm.schema.row import Hollow
from zendesk_orm.schema.source import DEFAULT, Source, source_of
from zendesk_orm.schema.values import KINDS


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.schema.options import Options
    from zendesk_orm.schema.record import Record

T = TypeVar("T")

#: Says of a lookup that its id is wanted.
BY_ID = "id"
_NO_MODELS = frozenset({"Any", "NoneType", "None"})
#: Where a record keeps what was assigned before it was known which account it is for.
PENDING = "_custom"


class CustomField(Attribute[T]):
    """A custom field of the account's, declared: `severity = CustomField[str | None]("Severity")`.

    It is found by its title, key, tag or id, in each account by itself, so that one model
    serves a sandbox and production. Options are tags, and are assigned and filtered by their
    titles, too.

    The other arguments describe the field in Zendesk, as `zendesk-orm inspect` found it. Only
    `zendesk-orm check` uses them; without `type`, it ignores `required` and `pattern`.

    Args:
        known_as: the title, key, tag or id of the field.
        id: its id.
        type: Zendesk's name of its type: `tagger`, `date`, `integer`.
        options: the titles of its options, by their tags.
        required: whether a ticket needs a value to be solved, or a record to be created.
        pattern: the regular expression that values match.
    """

    def __init__(
        self,
        known_as: str | int,
        *,
        id: int | str | None = None,  # noqa: A002 - Zendesk's name
        type: str = "",  # noqa: A002 - Zendesk's name
        options: Mapping[str, str] | None = None,
        required: bool = False,
        pattern: str = "",
    ) -> None:
        super().__init__("", KINDS["Any"])
        self.known_as, self.id, self.type = known_as, id, type
        self.options, self.required, self.pattern = options, required, pattern

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.wire = name

    @property
    def declared_type(self) -> Any:
        """What stands in the brackets; None where there are none."""
        return next(iter(get_args(getattr(self, "__orig_class__", None))), None)

    @cached_property
    def read_as(self) -> str:
        """What a lookup is read as: the model in the brackets, `BY_ID`, or "" where none says."""
        names = [name for name in type_names(self.declared_type) if name not in _NO_MODELS]
        return BY_ID if {"int", "str"} & {*names} else next(iter(names), "")

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> T: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the value, converted: the tag of an option, a date, what a lookup points to."""
        return self if record is None else record.custom.value(self.known_as, self.read_as)

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T) -> None: ...

    def known(self, record: Record) -> Any:
        """Return the record's value, edits included; of a lookup, the id."""
        return record.custom.value(self.known_as, BY_ID)

    def display(self, record: Record) -> str:
        """Return what people call the value: the title of the option, or `""`."""
        value = self.known(record)
        return "" if value is None else record.custom.definition(self.known_as).display(value)


class Custom(MutableMapping[str | int, Any]):
    """The custom fields of a record by title, key, tag or id: `ticket.custom["Severity"]`.

    It has all fields that are in use in the account, without a value most of them; setting
    one to None, or deleting it, clears it.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._field = holder(record._meta)

    def definition(self, name: str | int) -> Definition:
        """Return what the account says of a field.

        Raises:
            FieldError: there is no such field, or several are called so.
        """
        return definitions_of(self._record).find(require_custom_name(name))

    def __getitem__(self, name: str | int) -> Any:
        return self.value(name)

    def value(self, name: str | int, read_as: str = "") -> Any:
        """Return the value of a field.

        Args:
            name: its title, key, tag or id.
            read_as: the model that a lookup is read as, where not the one that it leads to; or
                `BY_ID`, which gives the id.

        Raises:
            FieldError: there is no such field, or several are called so.
        """
        record = self._record
        pending = record.__dict__.get(PENDING, {})
        if require_custom_name(name) in pending:
            value = pending[name]
            return getattr(value, "pk", value) if read_as == BY_ID else value
        if record._source is None and not self._field.known(record):
            return None
        definition = self.definition(name)
        # Several values are given as they lie in the record, so that editing them counts.
        held = getattr(record, self._field.name) if definition.multiple else self._held()
        value = definition.loaded(value_in(held, definition.wire))
        if value is None or definition.leads_to is None:
            return value
        return _pointed(record, definition.leads_to, read_as, value)

    def __setitem__(self, name: str | int, value: Any) -> None:
        record, field, name = self._record, self._field, require_custom_name(name)
        if not field.editable or (field.settled and record.pk is not None):
            raise FieldError(f"{record._meta.object_name}.{field.name} cannot be assigned")
        remember_owners(record, str(name), value)
        if record._source is not None and is_unsaved(value):
            self.definition(name).require_kind(value)
        if record._source is None or is_unsaved(value):
            # Which account it is for, or the id of the object, is known when it is saved.
            record.__dict__.setdefault(PENDING, {})[name] = value
            return
        definition = self.definition(name)
        _put(record, field, definition, definition.accepted(value))

    def __delitem__(self, name: str | int) -> None:
        self[name] = None

    def get(self, name: str | int, default: Any = None) -> Any:
        """Return the value of a field; the default where the account has no such field."""
        return self[name] if name in self else default  # noqa: SIM401 - this is get()

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, (str, int)):
            return False
        try:
            self.definition(name)
        except FieldError:
            return False
        return True

    def __iter__(self) -> Iterator[str | int]:
        known = definitions_of(self._record)
        return (known.called(each) for each in known if each.active)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<custom fields of {self._record!r}>"

    def _held(self) -> Any:
        """Return the values as they lie in the record or its row, to be read only."""
        record, field = self._record, self._field
        if field.name in record.__dict__:
            return record.__dict__[field.name]
        if type(record._row) is Hollow and field.wire not in record._row:
            return getattr(record, field.name)
        return record._row.get(field.wire)


def declared_in(
    cls: type, custom: Mapping[str, str], names: Container[str]
) -> dict[str, CustomField[Any]]:
    """Return the custom fields that stand in a class and those above it, by name.

    Each gets the method that tells what people call its value: `get_severity_display()`.

    Raises:
        FieldError: rows of the model have none, or one is called as a field is.
    """
    found: dict[str, CustomField[Any]] = {}
    for each in reversed(cls.__mro__):
        found.update((name, v) for name, v in vars(each).items() if isinstance(v, CustomField))
    for name in found:
        if not custom:
            raise FieldError(f"{cls.__name__}.{name}: Zendesk has no custom fields of these rows")
        if name in names:
            raise FieldError(f"{cls.__name__}.{name}: a field is called so; choose another name")
        method = f"get_{name}_display"
        if not hasattr(cls, method):
            setattr(cls, method, display := Display())
            display.__set_name__(cls, method)
    return found


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
    """Return the key of a row that tells whose custom fields it has; "" for the account's."""
    parent: str = describing(meta)._meta.parent
    return f"{parent}_key" if parent else ""


def scope(meta: Options, value: Any) -> dict[str, Any]:
    """Return which of the describing rows count: all, or those of one custom object.

    Raises:
        FieldError: the object is not known.
    """
    key = scope_key(meta)
    if key and value is None:
        raise FieldError(f"{key}: whose custom fields these are is not known; name it")
    return {describing(meta)._meta.parent: value} if key else {}


def definitions_of(record: Record, source: Source | None = None) -> Definitions:
    """Return the custom fields of a record's account; of the default one, where it has none.

    Raises:
        FieldError: the model has no custom fields.
    """
    meta = record._meta
    found = source or record._source or source_of(DEFAULT)
    return found.definitions(meta, scope(meta, record._row.get(scope_key(meta))))


def known_definitions(record: Record, source: Source | None = None) -> Definitions | None:
    """Return the same where it takes no request; else None."""
    meta = record._meta
    key = scope_key(meta) if meta.custom else ""
    if not meta.custom or (key and record._row.get(key) is None):
        return None
    found = source or record._source or source_of(DEFAULT)
    return found.known_definitions(meta, scope(meta, record._row.get(key)))


def is_unsaved(value: Any) -> bool:
    """Return True for an object that has no id yet."""
    return hasattr(value, "_meta") and not isinstance(value, type) and value.pk is None


def unsaved(record: Record) -> dict[str, Record]:
    """Return the objects without an id that were assigned to lookup fields, by field."""
    pending = record.__dict__.get(PENDING) or {}
    return {str(name): value for name, value in pending.items() if is_unsaved(value)}


def settle(record: Record, source: Source | None = None, *, partly: bool = False) -> None:
    """Put what was assigned by name where it belongs, now that the account is known.

    Args:
        record: the record.
        source: of the account.
        partly: leave out objects that have no id yet, instead of raising.

    Raises:
        FieldError, InvalidValue: the account has no such field, or the field no such value.
    """
    pending = record.__dict__.get(PENDING)
    if not pending:
        return
    waiting = {name: v for name, v in pending.items() if is_unsaved(v)} if partly else {}
    if len(waiting) == len(pending):
        return
    known = definitions_of(record, source)
    found = [(known.find(name), value) for name, value in pending.items() if name not in waiting]
    ready = [(definition, definition.accepted(value)) for definition, value in found]
    del record.__dict__[PENDING]
    if waiting:
        record.__dict__[PENDING] = waiting
    for definition, value in ready:
        _put(record, holder(record._meta), definition, value)


def _pointed(record: Record, leads_to: tuple[str, dict[str, Any]], read_as: str, value: Any) -> Any:
    """Return what a lookup points to, of which perhaps only the id is known yet; or the id."""
    name, known = leads_to
    model = name if read_as in ("", BY_ID) else read_as
    target = registry.find(model, record._meta.app_label)
    pk = target._meta.numbered(value)
    if read_as == BY_ID:
        return pk
    if record._source is None:
        return target.from_row(Hollow({**known, "id": pk}))
    return record._source.refer(target, pk, known)


def value_in(held: Any, wire: Any) -> Any:
    """Return the value that lies under an id in a list, or under a key in a dictionary."""
    if isinstance(held, Mapping):
        return held.get(wire)
    items = (item for item in (held if isinstance(held, list) else ()) if isinstance(item, dict))
    return next((item.get("value") for item in items if item.get("id") == wire), None)


def parts(record: Record, names: Iterable[str]) -> dict[str, Any]:
    """Return what is sent of some declared custom fields, without the others; {} if nothing is.

    Raises:
        FieldError: the account has no such field.
    """
    field = holder(record._meta)
    if field.name not in record.changes():
        return {}
    known, declared = definitions_of(record), record._meta.declared
    wires = {known.find(declared[name].known_as).wire for name in names}
    sent = field.sent(record._row, record.__dict__[field.name])
    if isinstance(sent, dict):
        found: Any = {key: value for key, value in sent.items() if key in wires}
    else:
        found = [item for item in sent if isinstance(item, dict) and item.get("id") in wires]
    return {field.wire: found} if found else {}


def values_in(held: Any) -> dict[Any, Any]:
    """Return all values, by what they lie under."""
    if isinstance(held, Mapping):
        return dict(held)
    items = (item for item in (held if isinstance(held, list) else ()) if isinstance(item, dict))
    return {load_id(item["id"]): item.get("value") for item in items if item.get("id")}


def _put(record: Record, field: Attribute[Any], definition: Definition, value: Any) -> None:
    held = getattr(record, field.name)
    if held is None:
        held = record.__dict__[field.name] = {} if field.kind.name == "dict" else []
    if isinstance(held, dict):
        held[definition.wire] = value
        return
    for item in held:
        if isinstance(item, dict) and item.get("id") == definition.wire:
            item["value"] = value
            return
    held.append({"id": definition.wire, "value": value})
