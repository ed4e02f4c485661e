"""Descriptors: what an annotation becomes.

All are non-data descriptors: the first reading converts the value and leaves
it in the record's `__dict__`, where Python finds it by itself from then on.
Assignments come in through `Record.__setattr__`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from zendesk_orm.errors import InvalidValue, UnexpectedValue
from zendesk_orm.http.values import plain
from zendesk_orm.schema import registry
from zendesk_orm.schema.loading import shortened
from zendesk_orm.schema.row import Hollow, Row
from zendesk_orm.schema.values import ID, KINDS, TEXT_ID, Kind, Untouched, UntouchedDict


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.schema.record import Record

T = TypeVar("T")

#: Ids that belong to no row: -1 is Zendesk itself, and 0 is nobody.
NOBODY: frozenset[Any] = frozenset({0, -1, "0", "-1"})


def somebody(pk: Any) -> Any:
    """Return an id that a row can have, or None for one that stands for nobody."""
    return None if isinstance(pk, (int, str)) and pk in NOBODY else pk


class Attribute(Generic[T]):
    """What the fields share: a name here, a name on the wire, and a kind.

    Attributes:
        name: the attribute's name.
        wire: the key in the row: the name, less a trailing underscore.
        kind: how values are converted and checked.
        nullable: whether None may be assigned.
        editable: whether the field is ever sent.
    """

    editable = True
    #: Whether the field is in rows at all, so that a hollow record fetches it.
    readable = True
    #: Whether it cannot be changed once the object exists.
    settled = False
    #: The relation that an id belongs to, or None.
    relation: str | None = None
    #: The model that declares it, for messages.
    model_name = ""

    def __init__(self, name: str, kind: Kind, *, nullable: bool = True) -> None:
        self.name = name
        self.wire = name.rstrip("_")
        self.kind = kind
        self.nullable = nullable
        self._exact = kind.exact

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> T: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the value, converted once and kept; an invalid one is an `UnexpectedValue`."""
        if record is None:
            return self
        row = record._row
        if self.wire not in row:
            if type(row) is not Hollow or not self.readable or record._source is None:
                return self._absent(record)
            record._source.load(record)
            row = record._row
        raw = row.get(self.wire)
        value = raw if type(raw) is self._exact else self._converted(row, raw)
        if self.kind.attach is not None and value is not None:
            self.kind.attach(value, record._source)
        value = record.__dict__[self.name] = self._made(record, value)
        return value

    def _made(self, record: Record, value: Any) -> Any:
        """Return a value as a record has it, whose it is from then on."""
        return value

    def loaded(self, row: Mapping[str, Any]) -> Any:
        """Return the value that the row gives, converted."""
        raw = row.get(self.wire)
        return raw if type(raw) is self._exact else self._converted(row, raw)

    def _converted(self, row: Mapping[str, Any], raw: Any) -> Any:
        """Return the value that one of the row stands for; None if there is no value."""
        kind = self.kind
        if raw is None or (raw == "" and not kind.has_empty_text):
            is_empty = self.wire in row and not self.nullable
            return kind.absent() if kind.absent is not None and is_empty else None
        if kind.load is None:
            return raw
        with suppress(UnexpectedValue, RecursionError):
            return kind.load(raw)
        sent = f"{self.model_name} {row.get('id')!s:.40}: Zendesk sent {shortened(raw)}"
        raise UnexpectedValue(f"{sent} for {self.name}, which cannot be read as {kind.name}")

    def known(self, record: Record) -> Any:
        """Return the record's value, edits included, or None; never fetches."""
        values = record.__dict__
        return values[self.name] if self.name in values else self.loaded(record._row)

    def accepted(self, value: Any) -> Any:
        """Return the value as it is kept when assigned.

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
        """Return the keys of a value, or of the members of a list; none if there is no value."""
        if value is None:
            return set()
        return {self.key(member) for member in (value if isinstance(value, list) else [value])}

    def dumped(self, value: Any) -> Any:
        """Return the value as it is sent."""
        return value if self.kind.dump is None or value is None else self.kind.dump(value)

    def sent(self, row: Row, value: Any) -> Any:
        """Return what is sent of a value: of values by key, those that differ from the row's."""
        if self.kind.part is None or value is None:
            return self.dumped(value)
        return self.kind.part(row.get(self.wire), self.dumped(value))

    def changed(self, row: Row, value: Any) -> bool:
        """Tell whether the value differs from what the row says."""
        if row.get(self.wire) is None and isinstance(value, (Untouched, UntouchedDict)):
            return bool(value)
        if self.wire in row:
            if self.kind.held is not None and value is not None:
                return bool(self.kind.held(value) != row[self.wire])
            return bool(value != self.loaded(row))
        return True

    def _absent(self, record: Record) -> Any:
        if self.kind.absent is None or self.nullable:
            return None
        unknown = self.kind.unknown
        if unknown is not None and self.kind.part is None and self.readable and record._is_bare:
            value = unknown()
            value.name = self.name
            return self._made(record, value)
        # Kept, so that an edit in place is seen; an untouched one is no change.
        value = record.__dict__[self.name] = self._made(record, self.kind.absent())
        return value

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Field(Attribute[T]):
    """A field that can be read and written: `subject: Field[str]`."""

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T) -> None: ...


class ReadOnly(Attribute[T]):
    """A field that Zendesk sets: `created_at: ReadOnly[datetime]`."""

    editable = False

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: NoReturn) -> None: ...


class CreateOnly(Field[T]):
    """A field that can be set when the object is made, and never again: `type: CreateOnly[str]`."""

    settled = True


class WriteOnly(Attribute[T]):
    """A field that is sent and never comes back: `comment: WriteOnly[Comment | None]`."""

    readable = False

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T) -> None: ...


class Lookup(Attribute[T]):
    """What rows are found by and none of them holds: `changed_since: Lookup[datetime]`."""

    editable = False
    readable = False

    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the lookup itself, of the class.

        Raises:
            AttributeError: asked of an object, which has no such value.
        """
        if record is None:
            return self
        raise AttributeError(f"{self.name} can be filtered by; no object has it")


class Inner(Attribute[Any]):
    """A value inside another field's: `via__channel`, `user_fields__plan`, `custom_fields__42`."""

    editable = False
    readable = False

    def __init__(self, outer: Attribute[Any], key: str) -> None:
        super().__init__(f"{outer.name}__{key}", KINDS["Any"])
        self._outer = outer
        self._key = key

    def loaded(self, row: Mapping[str, Any]) -> Any:
        """Return the value that the row gives."""
        return self._inside(self._outer.loaded(row))

    def known(self, record: Record) -> Any:
        """Return the record's value, edits included, or None."""
        return self._inside(self._outer.known(record))

    def _inside(self, held: Any) -> Any:
        if isinstance(held, list):
            # Custom fields of a ticket: `[{"id": 42, "value": "gold"}]`.
            items = (each for each in held if isinstance(each, dict))
            return next((e.get("value") for e in items if str(e.get("id")) == self._key), None)
        for key in self._key.split("__"):
            held = held.get(key) if isinstance(held, dict) else None
        return held


class Id(Field[T]):
    """The id behind a relation: `requester_id: Id[int]`; reading it costs no request.

    The relation makes it; the annotation is for type checkers and readers.
    """

    def __init__(self, name: str, relation: Ref[Any], *, text: bool) -> None:
        super().__init__(name, TEXT_ID if text else ID, nullable=relation.nullable)
        self.relation = relation.name
        self.editable = relation.editable
        self.settled = relation.settled

    def accepted(self, value: Any) -> Any:
        """Return the id as it is kept.

        Raises:
            InvalidValue: it is no id.
        """
        if value is None and not self.nullable:
            raise InvalidValue(f"{self.name} cannot be None")
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, str))):
            raise InvalidValue(f"{self.name}: wants an id, not {value!r}")
        return plain(value)


class Ref(Generic[T]):
    """A relation to one row: `requester: Ref[User]` gives `requester` and `requester_id`.

    Reading it costs no request; reading a field of what it gives does, unless
    that row is kept, held or side-loaded.
    """

    editable = True
    settled = False

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

    @property
    def model(self) -> type[Record]:
        """The model at the other end."""
        return registry.find(self._target, self._near)

    @overload
    def __get__(self, record: None, owner: type) -> Self: ...
    @overload
    def __get__(self, record: Record, owner: type) -> T: ...
    def __get__(self, record: Record | None, owner: type) -> Any:
        """Return the related record, of which perhaps only the id is known yet."""
        if record is None:
            return self
        pk = somebody(getattr(record, self.id.name))
        if pk is None:
            return None
        if record._source is None:
            related: Any = self.model.from_row(Hollow(id=pk))
        else:
            related = record._source.refer(self.model, pk, self._place(record))
        record.__dict__[self.name] = related
        return related

    def _place(self, record: Record) -> dict[str, Any] | None:
        """Return what the path to the related row names besides its id, as far as a row has it."""
        place, row = self.model._meta.place, record._row
        return {wire: row[wire] for wire in place if wire in row} if place else None

    if TYPE_CHECKING:

        def __set__(self, record: Record, value: T) -> None: ...

    def inline(self, value: Any) -> Any:
        """Return what is sent to create the related object together with this one, or None."""
        return None

    def ids(self, records: Iterable[Record]) -> list[Any]:
        """Return the ids that the rows of records hold, in their order; None for nobody."""
        loaded = self.id.loaded
        return [somebody(loaded(record._row)) for record in records]

    def pk_of(self, value: Any, *, unsaved: bool = False) -> Any:
        """Return the id of a record of the target model, or of an id.

        Args:
            value: the record, or the id.
            unsaved: whether a record without an id will do.

        Raises:
            InvalidValue: it is another model's record, or has not been saved.
        """
        if value is None or isinstance(value, (int, str)):
            return self._same_kind(self.id.accepted(value))
        if not isinstance(value, self.model):
            raise InvalidValue(
                f"{self.name}: wants a {self.model.__name__} or its id, not {value!r}"
            )
        if value.pk is None and not unsaved:
            raise InvalidValue(f"{self.name}: {value!r} has no id yet; save it first")
        return value.pk

    def _same_kind(self, pk: Any) -> Any:
        """Return the id as the target model has it: most are numbers."""
        meta = self.model._meta
        found = meta.numbered(pk)
        if not isinstance(found, str) or meta.fields["id"].kind.name != "int":
            return found
        raise InvalidValue(
            f"{self.name}: {pk!r} is no id of a {self._target}; what it is otherwise known by "
            f"is a lookup: {self.name}__email=, {self.name}__name="
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name} -> {self._target}>"


class CreateOnlyRef(Ref[T]):
    """A relation that can be set when the object is made, and never again."""

    settled = True


class ReadOnlyRef(Ref[T]):
    """A relation that Zendesk sets: `author: ReadOnlyRef[User]`."""

    editable = False


def column(field: Attribute[Any] | Ref[Any]) -> Attribute[Any]:
    """Return the field that stands in the row: itself, or the id behind a relation."""
    return field.id if isinstance(field, Ref) else field
