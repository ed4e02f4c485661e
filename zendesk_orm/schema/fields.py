"""Descriptors that annotations are turned into.

All are non-data descriptors: the first access converts the value and stores it in the record's
`__dict__`, so that later accesses call no Python code. Assignments go through
`Record.__setattr__`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from zendesk_orm.errors import FieldError, InvalidValue, UnexpectedValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.values import plain
from zendesk_orm.messages import display, shorten, with_article
from zendesk_orm.schema import registry
from zendesk_orm.schema.row import PartialRow, Row
from zendesk_orm.schema.values import ID, TEXT_ID, UNTOUCHED, Kind, are_plain_ids, real_id


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

T = TypeVar("T")

#: Stands for a key that a row does not have.
_MISSING: Any = object()


class Attribute(Generic[T]):
    """Base of all fields: a name, a key in the row, and a kind.

    Attributes:
        name: the attribute's name.
        wire: the key in the row: the name, less a trailing underscore.
        kind: how values are converted and checked.
        nullable: whether None may be assigned.
        editable: whether the field is ever sent.
    """

    editable = True
    #: Whether rows contain the field, so that a partial row is completed to read it.
    readable = True
    #: Whether the field can be set only when the object is created.
    create_only = False
    #: Whether the order of a list has no meaning.
    is_unordered = False
    #: The relation that an id belongs to, or None.
    relation: str | None = None
    #: The name of the model, for messages.
    model_name = ""

    def __init__(self, name: str = "", kind: Kind | None = None, *, nullable: bool = True) -> None:
        if not isinstance(kind, Kind):
            raise FieldError("declare a field by its annotation, as in severity: Field[str]")
        self.name = name
        self.wire = name.rstrip("_")
        self.kind = kind
        self.nullable = nullable
        self._exact = kind.exact
        #: Whether values of the exact type are used as they are.
        self.is_plain = kind.attach is None and type(self)._bind is Attribute._bind

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> T: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the value, converted once and cached.

        Raises:
            UnexpectedValue: Zendesk sent a value of another type.
        """
        if record is None:
            return self
        row = record._row
        raw = row.get(self.wire, _MISSING)
        if type(raw) is self._exact and self.is_plain:
            record.__dict__[self.name] = raw
            return raw
        if raw is _MISSING:
            if type(row) is not PartialRow or not self.readable or record._source is None:
                return self._absent(record)
            record._source.load(record, self.wire)
            row = record._row
            raw = row.get(self.wire)
        value = raw if type(raw) is self._exact else self._convert(row, raw)
        if self.kind.attach is not None and value is not None:
            self.kind.attach(value, record._source)
        # Threads that read a list at the same time must edit the same one.
        return record.__dict__.setdefault(self.name, self._bind(record, value))

    def _bind(self, record: Record, value: Any) -> Any:
        """Return a value after connecting it with its record."""
        return value

    def read(self, row: Mapping[str, Any]) -> Any:
        """Return the value that the row gives, converted."""
        raw = row.get(self.wire)
        return raw if type(raw) is self._exact else self._convert(row, raw)

    def _convert(self, row: Mapping[str, Any], raw: Any) -> Any:
        """Return the converted value of the row; None if it is empty."""
        kind = self.kind
        if raw is None or (raw == "" and not kind.has_empty_text):
            is_empty = self.wire in row and not self.nullable
            return kind.absent() if kind.absent is not None and is_empty else None
        if kind.load is None:
            return raw
        with suppress(UnexpectedValue, RecursionError):
            return kind.load(raw)
        sent = f"{self.model_name} {shorten(str(row.get('id')), 40)}: Zendesk sent {display(raw)}"
        raise UnexpectedValue(f"{sent} for {self.name}, which cannot be read as {kind.name}")

    def peek(self, record: Record) -> Any:
        """Return the record's value, edits included, or None; never fetches."""
        values = record.__dict__
        return values[self.name] if self.name in values else self.read(record._row)

    def clean(self, value: Any) -> Any:
        """Return the value to store when it is assigned.

        Raises:
            InvalidValue: Zendesk would refuse or ignore it.
        """
        if value is None:
            if self.nullable:
                return None
            raise InvalidValue(f"{self.name} cannot be None")
        try:
            return self.kind.accept(value)
        except InvalidValue as error:
            raise InvalidValue(f"{self.name}: {error}") from None

    def key(self, value: Any) -> Any:
        """Return a value, or a member of a list, in the form in which Zendesk compares it."""
        return value if self.kind.key is None else self.kind.key(value)

    def keys_of(self, value: Any) -> set[Any]:
        """Return the keys of a value, or of the members of a list; an empty set for None."""
        if value is None:
            return set()
        return {self.key(member) for member in (value if isinstance(value, list) else [value])}

    def serialize(self, value: Any) -> Any:
        """Return the value as it is sent; a list that was edited in place is checked here."""
        try:
            return value if self.kind.dump is None or value is None else self.kind.dump(value)
        except InvalidValue as error:
            raise InvalidValue(f"{self.name}: {error}") from None

    def serialize_changes(self, row: Row, value: Any) -> Any:
        """Return the value to send; of values by key, only those that differ from the row."""
        if self.kind.part is None or value is None:
            return self.serialize(value)
        return self.kind.part(row.get(self.wire), self.serialize(value))

    def differs(self, row: Row, value: Any) -> bool:
        """Return True if the value differs from that of the row."""
        if row.get(self.wire) is None and isinstance(value, UNTOUCHED):
            return bool(value)
        if self.wire in row:
            if self.kind.to_row is not None and value is not None:
                return bool(self.kind.to_row(value) != row[self.wire])
            return bool(value != self.read(row))
        return True

    def _absent(self, record: Record) -> Any:
        if self.kind.absent is None or self.nullable:
            return None
        unknown = self.kind.unknown
        if unknown is not None and self.kind.part is None and self.readable and record._is_bare:
            value = unknown()
            value.name = self.name
            return self._bind(record, value)
        # Stored, so that edits in place are detected; an empty value is not a change.
        return record.__dict__.setdefault(self.name, self._bind(record, self.kind.absent()))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Field(Attribute[T]):
    """A field that can be read and written: `subject: Field[str]`.

    >>> Ticket(subject="Export fails").changes()
    {'subject': (None, 'Export fails')}
    """

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T) -> None: ...


class ReadOnly(Attribute[T]):
    """A field that Zendesk sets: `created_at: ReadOnly[datetime]`.

    >>> Ticket.objects.get(2990).created_at = None
    Traceback (most recent call last):
    zendesk_orm.errors.FieldError: Ticket.created_at is set by Zendesk and cannot be assigned
    """

    editable = False

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: NoReturn) -> None: ...


class CreateOnly(Field[T]):
    """A field that can be set only when the object is created: `type: CreateOnly[str]`.

    >>> TicketField.objects.get(title="Product").type = "text"
    Traceback (most recent call last):
    zendesk_orm.errors.FieldError: TicketField.type can be set only when the object is created
    """

    create_only = True


class WriteOnly(Attribute[T]):
    """A field that is sent and never returned: `comment: WriteOnly[Comment | None]`.

    >>> ticket = Ticket.objects.create(subject="Fire", comment=Comment(body="It burns"))
    >>> ticket.comment is None, ticket.comments.last().body
    (True, 'It burns')
    """

    readable = False

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T) -> None: ...


class Lookup(Attribute[T]):
    """A lookup that is not a field of the rows: `assignable: Lookup[Literal[True]]`.

    >>> Group.objects.filter(assignable=True).count()
    8
    """

    editable = False
    readable = False

    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the lookup of the class; reading it from an object raises `AttributeError`."""
        if record is None:
            return self
        raise AttributeError(f"{self.name} is a lookup for filter(), not a field of objects")


class Id(Field[T]):
    """The id of a relation: `requester: Ref[User]` creates `requester_id: Id[int]`."""

    def __init__(self, name: str, relation: Ref[Any], *, text: bool) -> None:
        super().__init__(name, TEXT_ID if text else ID, nullable=relation.nullable)
        self.relation = relation.name
        self.editable = relation.editable
        self.create_only = relation.create_only

    def clean(self, value: Any) -> Any:
        """Return the id to store.

        Raises:
            InvalidValue: the value is not an id.
        """
        if value is None and not self.nullable:
            raise InvalidValue(f"{self.name} cannot be None")
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, str))):
            raise InvalidValue(f"{self.name} must be an id, not {display(value)}")
        return plain(value)


class Ref(Generic[T]):
    """A relation to one row: `requester: Ref[User]` gives `requester` and `requester_id`.

    Reading a field of the related object sends a request, unless its row is cached or side-loaded.

    >>> ticket = Ticket.objects.get(1)
    >>> ticket.requester.name
    'Wanda Quist'
    >>> ticket.requester_id == ticket.requester.pk
    True
    """

    editable = True
    create_only = False

    def __init__(
        self,
        name: str,
        target: str,
        near: str,
        *,
        nullable: bool,
        by: str | None = None,
        text: bool = False,
    ) -> None:
        self.name = name
        #: The field that is sent for an object that Zendesk creates.
        self.new = f"{name}_"
        self.nullable = nullable
        self.id: Id[Any] = Id(by or f"{name}_id", self, text=text)
        self._target = target
        self._near = near
        self._version = -1
        self._model: type[Record] | None = None

    @property
    def model(self) -> type[Record]:
        """The model at the other end, looked up again only after models were declared."""
        model = self._model
        if model is None or self._version != registry.version:
            model = self._model = registry.find(self._target, self._near)
            self._version = registry.version
        return model

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> T: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the related record; its other fields are fetched when they are read."""
        if record is None:
            return self
        pk = real_id(getattr(record, self.id.name))
        if pk is None:
            return None
        if record._source is None:
            related: Any = self.model.from_row(PartialRow(id=pk))
        else:
            related = record._source.refer(self.model, pk, self._place(record))
        return record.__dict__.setdefault(self.name, related)

    def _place(self, record: Record) -> dict[str, Any]:
        """Return the keys, other than the id, that the path to the related row contains."""
        row, fields, keys = record._row, record._meta.fields, self.model._meta.parent_keys
        return {k: fields[k].read(row) if k in fields else row[k] for k in keys if k in row}

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T) -> None: ...

    def inline(self, value: Any) -> Any:
        """Return the payload that creates the related object together with this one, or None."""
        return None

    def ids(self, records: Sequence[Record]) -> list[Any]:
        """Return the ids in the rows of records, in order; None for rows without a related row."""
        wire, read = self.id.wire, self.id.read
        ids = [record._row.get(wire) for record in records]
        return ids if are_plain_ids(ids) else [real_id(read(record._row)) for record in records]

    def pk_of(self, value: Any, *, unsaved: bool = False) -> Any:
        """Return the id of a record of the target model, or an id; `unsaved` also allows None.

        Raises:
            InvalidValue: it is another model's record, or has not been saved.
        """
        if value is None or isinstance(value, (int, str)):
            return self._same_kind(self.id.clean(value))
        if not isinstance(value, self.model):
            expected = with_article(self.model.__name__)
            raise InvalidValue(f"{self.name} must be {expected} or its id, not {display(value)}")
        if value.pk is None and not unsaved:
            raise InvalidValue(f"{self.name}: {display(value)} has no id yet; save it first")
        return value.pk

    def _same_kind(self, pk: Any) -> Any:
        """Return the id as the target model has it: most are numbers."""
        meta = self.model._meta
        converted = meta.to_id(pk)
        if not isinstance(converted, str) or meta.fields["id"].kind.name != "int":
            return converted
        expected = f"{with_article(self._target)} or its id{meta.lookup_hint(self.name)}"
        raise InvalidValue(f"{self.name}: {display(pk)} is not {expected}")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} -> {self._target}>"


class CreateOnlyRef(Ref[T]):
    """A relation that can be set only when the object is created."""

    create_only = True


class ReadOnlyRef(Ref[T]):
    """A relation that Zendesk sets: `author: ReadOnlyRef[User]`."""

    editable = False


def column(field: Attribute[Any] | Ref[Any]) -> Attribute[Any]:
    """Return the field of the row: the field itself, or the id field of a relation."""
    return field.id if isinstance(field, Ref) else field
