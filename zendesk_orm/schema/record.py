"""Records: a row, the values read from it or assigned, and the difference between both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from zendesk_orm.api.endpoint import Endpoint, Verb
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display, shorten, suggestion
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import as_reusable, identity, remember_owners, require_relations
from zendesk_orm.schema.annotation import Declared
from zendesk_orm.schema.custom import Custom, parts, resolve_pending
from zendesk_orm.schema.declaring import declare
from zendesk_orm.schema.fields import Attribute, Ref
from zendesk_orm.schema.merging import has_only_row_values, merge_row, row_with_bases
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import NOTHING, PartialRow, Row, StateDescriptor
from zendesk_orm.schema.secret_fields import drop_secrets, drop_sent_secrets
from zendesk_orm.schema.source import BoundAlias, Source, source_of


class Record:
    """One object of Zendesk: values over a row. Records know nothing about HTTP.

    The row is never edited. Values that were read or assigned are in `__dict__`; `changes()`
    returns the difference between both.
    """

    __slots__ = ("__dict__", "__weakref__", "_row", "_source")

    if TYPE_CHECKING:
        _row: Row
        _source: Source | None

    _meta: ClassVar[Options]
    #: Descriptors of relations to many, by their name in annotations.
    _relation_types: ClassVar[Mapping[str, Callable[[type[Any], str, Declared], Any]]] = {}
    _state = StateDescriptor()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Read the declarations of the class body."""
        super().__init_subclass__(**kwargs)
        cls._meta = declare(cls)
        if not cls._meta.abstract:
            registry.add(cls._meta.app_label, cls)

    def __init__(self, **values: Any) -> None:
        """Create a new object, or a reference to an existing one: `Ticket(id=5)`."""
        _set_row(self, NOTHING)
        _set_source(self, None)
        for name, value in values.items():
            if name in ("id", "pk"):
                _set_row(self, {**self._row, "id": self._meta.id_of(value)})
            elif name.startswith("_"):
                raise self._meta.unknown_name_error(name)
            else:
                setattr(self, name, value)

    @classmethod
    def from_row(cls, row: Row, source: Source | None = None) -> Self:
        """Return the record of a row; the row is not copied."""
        record = cls.__new__(cls)
        _set_row(record, row)
        _set_source(record, source)
        return record

    def attach_to(self, source: Source) -> None:
        """Attach the record to a session, which loads missing values.

        Raises:
            InvalidValue: an object of another account was assigned to it before.
        """
        if self._source is None and self.__dict__:
            require_relations(self, source)
        _set_source(self, source)

    @property
    def pk(self) -> Any:
        """The id, or None before the object is saved."""
        return self._row.get("id")

    @property
    def _key(self) -> Any:
        """The value that identifies the row: its id, and for rows below a parent, both ids."""
        return self._meta.key(self._row)

    @property
    def _is_bare(self) -> bool:
        """Whether only the id is known and there is no source: `Ticket(id=5)`."""
        return self._source is None and self._row.get("id") is not None

    def attach_if_bare(self, source: Source) -> None:
        """Attach an object that has only an id to a source."""
        if self._is_bare:
            _set_row(self, PartialRow(self._row))
            _set_source(self, source)

    @property
    def using(self) -> str | None:
        """The alias of the account that the object came from, or None for a new one.

        For an object that was read inside `acting_as()`, it contains the user.
        """
        return None if self._source is None else self._source.alias

    if not TYPE_CHECKING:  # Type checkers know the fields from their annotations.

        def __setattr__(self, name: str, value: Any) -> None:
            meta = self._meta
            relation = meta.relations.get(name)
            if relation is not None:
                self._relate(relation, value)
                return
            field = meta.fields.get(name)
            if field is None:
                self._set_other(name, value)
                return
            if not field.editable:
                raise meta.read_only_error(name)
            if field.create_only and self.pk is not None:
                raise meta.create_only_error(name)
            if field.relation is not None:
                self._relate(meta.relations[field.relation], field.clean(value))
            else:
                value = as_reusable(value)
                remember_owners(self, name, value)
                self.__dict__[name] = field.clean(value)

    def _relate(self, relation: Ref[Any], value: Any) -> None:
        if not relation.editable:
            raise self._meta.read_only_error(relation.name)
        if relation.create_only and self.pk is not None:
            raise self._meta.create_only_error(relation.name)
        remember_owners(self, relation.name, value)
        # A new object may still be saved before this one is.
        inline = None if isinstance(value, Record) else relation.inline(value)
        self.__dict__.pop(relation.new, None)
        if inline is not None:
            self.__dict__.pop(relation.id.name, None)
            self.__dict__.pop(relation.name, None)
            self.__dict__[relation.new] = inline
            return
        # As in Django, an unsaved object may be assigned; it must be saved before this one is.
        pk = relation.pk_of(value, unsaved=True)
        if relation.name == self._meta.parent:
            # A request contains the parent in its path, and not in its body.
            _set_row(self, {**self._row, relation.id.wire: pk})
            self.__dict__.pop(relation.id.name, None)
        else:
            self.__dict__[relation.id.name] = pk
        self.__dict__.pop(relation.name, None)
        if isinstance(value, Record):
            self.__dict__[relation.name] = value

    def resolve_unsaved_relations(self) -> None:
        """Store the ids of related objects that were saved since they were assigned.

        Raises:
            InvalidValue: a related object is not saved yet.
        """
        for name, part in self.__dict__.items():
            if isinstance(part, Record) and name in self._meta.fields:
                part.resolve_unsaved_relations()
        for name in self.unsaved:
            relation, related = self._meta.relations[name], self.__dict__[name]
            if related.pk is None:
                inline = relation.inline(related)
                if inline is None:
                    raise InvalidValue(f"{name}: {display(related)} has no id yet; save it first")
                self.__dict__.pop(relation.id.name, None)
                self.__dict__[relation.new] = inline
            else:
                self._relate(relation, related)

    @property
    def unsaved(self) -> list[str]:
        """The relations whose objects had no id when they were assigned."""
        values, row, relations = self.__dict__, self._row, self._meta.relations.items()
        assigned = ((n, ref.id) for n, ref in relations if isinstance(values.get(n), Record))
        return [name for name, pk in assigned if values.get(pk.name, row.get(pk.wire)) is None]

    @property
    def custom(self) -> Custom:
        """The custom fields by name: `ticket.custom["Severity"] = "Critical"`.

        Their names and options are fetched once per account, and cached for minutes.

        Raises:
            FieldError: rows of the model have no custom fields.
        """
        return Custom(self)

    @custom.setter
    def custom(self, values: Mapping[str | int, Any]) -> None:
        self.custom.update(values)

    def resolve_custom_fields(self, source: Source | None = None, *, partly: bool = False) -> None:
        """Store the values assigned to custom fields, by the definitions of the account.

        Args:
            source: the source of the account; by default, that of the record.
            partly: whether objects without an id are left out instead of raising an error.

        Raises:
            FieldError, InvalidValue: the account does not have the field, or its value is invalid.
        """
        resolve_pending(self, source, partly=partly)

    def _set_other(self, name: str, value: Any) -> None:
        declared = self._meta.declared.get(name)
        if declared is not None:
            self.custom[declared.known_as] = value
            return
        attribute = getattr(type(self), name, None)
        if name.startswith("_") or getattr(attribute, "fset", None) is not None:
            object.__setattr__(self, name, value)
            return
        if isinstance(attribute, property):
            raise self._meta.read_only_error(name)
        raise self._meta.unknown_name_error(name)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Called only if reading failed; type checkers must not see it.
            cls = type(self)
            if hasattr(cls, name) and not isinstance(getattr(cls, name), property):
                raise AttributeError(
                    f"{name} is an attribute of the class {cls.__name__}, not of its objects"
                )
            raise AttributeError(
                f"{type(self).__name__} has no field {display(name)}"
                + suggestion(name, self._meta.names)
            )

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Return the changes that a save would send: `{field: (old, new)}`.

        Changes are found by comparison: editing a list in place is a change, reading is not, and
        assigning the old value undoes a change.

        Raises:
            FieldError: a list or object that only Zendesk changes was edited in place.
        """
        if "_state" in self.__dict__ and self._state.pending_custom:
            resolve_pending(self, partly=True)
        for name, value in self.__dict__.items():
            field = self._meta.fields.get(name) if isinstance(value, (list, dict)) else None
            if field is not None and not field.editable and field.differs(self._row, value):
                raise self._meta.read_only_error(name)
        return self._changes()

    def _changes(self) -> dict[str, tuple[Any, Any]]:
        row, changes = row_with_bases(self), self._iter_changes()
        return {name: (field.read(row), value) for field, name, value in changes}

    def _iter_changes(self) -> Iterator[tuple[Attribute[Any], str, Any]]:
        """Yield the fields whose values differ from the row, with name and value."""
        row, fields = row_with_bases(self), self._meta.fields
        for name, value in list(self.__dict__.items()):
            field = fields.get(name)
            if field is not None and field.editable and field.differs(row, value):
                yield field, name, value

    def to_payload(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Return the changes as they are sent, by wire name.

        Args:
            names: the fields to send, by default all changed ones. Of custom fields, only the
                named ones are sent.
        """
        changed = {name: new for name, (_, new) in self.changes().items()}
        selected = changed if names is None else {n: changed[n] for n in names if n in changed}
        fields, row = self._meta.fields, row_with_bases(self)
        payload = {fields[n].wire: fields[n].serialize_changes(row, v) for n, v in selected.items()}
        custom = [name for name in names or () if name in self._meta.declared]
        return self._complete_payload({**parts(self, custom), **payload} if custom else payload)

    def _complete_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return a payload with keys that every update must have; for subclasses."""
        return payload

    def update_from_row(
        self, row: Row, sent: Iterable[str] = (), written: Iterable[str] = ()
    ) -> None:
        """Replace the row; edits not in `sent` stay, merged with changes not in `written`."""
        if self.__dict__:
            # After a save, there are edits to be compared.
            is_unedited = not sent and has_only_row_values(self)
            values = {} if is_unedited else merge_row(self, row, sent, written)
            object.__setattr__(self, "__dict__", values)
        _set_row(self, drop_sent_secrets(row) if self._meta.secret_fields else row)

    def _check_changeable(self) -> None:
        """Raise `InvalidValue` if the object cannot be changed; for subclasses."""

    def _get_save_endpoint(self, verb: Verb) -> Endpoint:
        """Return the endpoint that creates or updates the object; for subclasses."""
        return cast("Endpoint", self._meta.endpoint(verb))

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body that saves a payload; for subclasses."""
        key = self._meta.envelope
        return {key: payload} if key else payload

    def _build_delete_body(self) -> dict[str, Any] | None:
        """Return the body of the request that deletes the object, or None; for subclasses."""
        return None

    def _get_response_row(self, data: dict[str, Any]) -> Any:
        """Return the row in the response to a save, or None; for subclasses."""
        key = self._meta.envelope
        return data.get(key) if key else data

    #: Whether `_find_update()` can find an update; for subclasses.
    _finds_updates: ClassVar[bool] = False

    def _find_update(self, payload: Mapping[str, Any], since: str) -> dict[str, Any] | None:
        """Return the known part of the response to an update, or None if it was not applied.

        `payload` holds the sent values by wire name; `since` is a moment before the update.
        """
        return None

    def _after_save(self, data: dict[str, Any]) -> None:
        """Use further values of the response to a save; for subclasses."""

    @property
    def extra(self) -> dict[str, Any]:
        """Values of the row that the model does not declare, by wire name."""
        wires = {field.wire for field in self._meta.fields.values()}
        return {key: value for key, value in self._row.items() if key not in wires}

    def to_dict(self) -> dict[str, Any]:
        """Return all known values, with unsaved changes, by wire name and ready for JSON."""
        fields, edits = self._meta.fields, self._changes().items()
        return self._row | {fields[n].wire: fields[n].serialize(new) for n, (_, new) in edits}

    def __repr__(self) -> str:
        """Return the model, the id and a name if it is known; makes no request."""
        head = f"<{type(self).__name__} {shorten(str(self.pk))}"
        for key in ("name", "subject", "title", "body"):
            if shown := self.__dict__.get(key) or self._row.get(key):
                return f"{head}: {shorten(str(shown), 80)}>"
        return f"{head}>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        """Return True if both are the same row, by account, model, parent and id.

        An account, its brands and its aliases are one account. Unsaved objects equal only
        themselves.
        """
        if not isinstance(other, Record):
            return NotImplemented
        if self.pk is None:
            return self is other
        if self._meta.concrete is not other._meta.concrete or self.pk != other.pk:
            return False
        if not self._meta.unique_ids and self._row != other._row:
            return False
        parents = (self._meta.parent_of(self._row), other._meta.parent_of(other._row))
        places = zip(*parents, strict=True)
        if any(mine != theirs for mine, theirs in places if None not in (mine, theirs)):
            return False
        return self._source is other._source or identity(self._source) == identity(other._source)

    def __hash__(self) -> int:
        if self.pk is None:
            raise TypeError(f"an unsaved {type(self).__name__} has no id to hash")
        return hash((self._meta.concrete.__name__, self.pk))

    def __getstate__(self) -> dict[str, Any]:
        """Return row, edits and the alias of the account, without session and credentials."""
        edits = {name: new for name, (_, new) in self._changes().items()}
        row = drop_secrets(self._meta.secret_fields, self._row)
        return {"row": dict(row), "edits": edits, "partial": type(row) is PartialRow,
                "state": self._state.__getstate__(),
                "using": self.using and str(self.using)}  # fmt: skip

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        _set_row(self, PartialRow(state["row"]) if state["partial"] else state["row"])
        using = state["using"]
        _set_source(self, using and source_of(BoundAlias(using)))
        self.__dict__.update(state["edits"])
        self._state.__setstate__(state["state"])


# Setters of the slots; `__setattr__` is for fields.
_set_row = Record.__dict__["_row"].__set__
_set_source = Record.__dict__["_source"].__set__
