"""A row, the values read from it or assigned, and the difference between the two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.http.values import shortened
from zendesk_orm.schema import registry
from zendesk_orm.schema.accounts import (
    identity,
    listed,
    remember_owners,
    require_relations,
)
from zendesk_orm.schema.custom import PENDING, Custom, parts, settle
from zendesk_orm.schema.declaring import declare
from zendesk_orm.schema.fields import Attribute, Ref, WriteOnly
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.row import NOTHING, Hollow, Row
from zendesk_orm.schema.source import DEFAULT, BoundAlias, Source, set_source_of, source_of
from zendesk_orm.suggestions import suggestion


if TYPE_CHECKING:
    from typing_extensions import Self


class Record:
    """One object of Zendesk's: values over a row. Knows nothing of HTTP.

    The row is a fact, never edited. What was read or assigned is in
    `__dict__`; `changes()` is what differs between the two.
    """

    __slots__ = ("__dict__", "__weakref__", "_row", "_source")

    if TYPE_CHECKING:
        _row: Row
        _source: Source | None

    _meta: ClassVar[Options]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Read the declarations of the class body."""
        super().__init_subclass__(**kwargs)
        cls._meta = declare(cls)
        if not cls._meta.abstract:
            registry.add(cls._meta.app_label, cls)

    def __init__(self, **values: Any) -> None:
        """Make an object that Zendesk does not know yet, or stand for one of known `id`."""
        _set_row(self, NOTHING)
        _set_source(self, None)
        for name, value in values.items():
            if name in ("id", "pk"):
                _set_row(self, {**self._row, "id": self._meta.id_of(value)})
            else:
                setattr(self, name, value)

    @classmethod
    def from_row(cls, row: Row, source: Source | None = None) -> Self:
        """Return the record of a row; the row is kept as it is, not copied."""
        record = cls.__new__(cls)
        _set_row(record, row)
        _set_source(record, source)
        return record

    def attach_to(self, source: Source) -> None:
        """Make this the record of a session, through which it loads what is missing.

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
        """The value that identifies the row: its id; of rows below a parent, both."""
        return self._meta.key(self._row)

    @property
    def _is_bare(self) -> bool:
        """Whether only the id is known, and nothing to load the rest through: `Ticket(id=5)`."""
        return self._source is None and self._row.get("id") is not None

    def adopt(self, source: Source) -> None:
        """Make an object of a known id one of the account that it was sent to, or asked of."""
        if self._is_bare:
            _set_row(self, Hollow(self._row))
            _set_source(self, source)

    @property
    def using(self) -> str | None:
        """The alias of the account that the object came from, or None for a new one.

        Of an object that was read inside `acting_as()`, it names the user, too.
        """
        return None if self._source is None else self._source.alias

    if not TYPE_CHECKING:  # Checkers know the fields from their annotations.

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
                raise meta.unassignable(name)
            if field.settled and self.pk is not None:
                raise FieldError(
                    f"{meta.object_name}.{name} can be set when the object is made, and never again"
                )
            if field.relation is not None:
                self._relate(meta.relations[field.relation], field.accepted(value))
            else:
                value = listed(value)
                remember_owners(self, name, value)
                self.__dict__[name] = field.accepted(value)

    def _relate(self, relation: Ref[Any], value: Any) -> None:
        if not relation.editable:
            raise FieldError(
                f"{self._meta.object_name}.{relation.name} is set by Zendesk and cannot be assigned"
            )
        if relation.settled and self.pk is not None:
            raise FieldError(
                f"{self._meta.object_name}.{relation.name} can be set when the object is made, "
                "and never again"
            )
        remember_owners(self, relation.name, value)
        # A new object may still be saved by itself before this one is.
        inline = None if isinstance(value, Record) else relation.inline(value)
        self.__dict__.pop(relation.new, None)
        if inline is not None:
            self.__dict__.pop(relation.id.name, None)
            self.__dict__.pop(relation.name, None)
            self.__dict__[relation.new] = inline
            return
        # As in Django, what is not saved yet may be assigned; it has to be when this is saved.
        pk = relation.pk_of(value, unsaved=True)
        if relation.name == self._meta.parent:
            # The path of a request tells the parent, and no body does.
            _set_row(self, {**self._row, relation.id.wire: pk})
            self.__dict__.pop(relation.id.name, None)
        else:
            self.__dict__[relation.id.name] = pk
        self.__dict__.pop(relation.name, None)
        if isinstance(value, Record):
            self.__dict__[relation.name] = value

    def settle_relations(self) -> None:
        """Take over the ids that related objects have got since they were assigned.

        Raises:
            InvalidValue: one of them has none yet.
        """
        for name in self.unsaved:
            relation, related = self._meta.relations[name], self.__dict__[name]
            if related.pk is None:
                inline = relation.inline(related)
                if inline is None:
                    raise InvalidValue(f"{name}: {related!r} has no id yet; save it first")
                self.__dict__.pop(relation.id.name, None)
                self.__dict__[relation.new] = inline
            else:
                self._relate(relation, related)

    @property
    def unsaved(self) -> list[str]:
        """The relations whose objects had no id when they were assigned."""
        values, row = self.__dict__, self._row
        return [
            name
            for name, relation in self._meta.relations.items()
            if isinstance(values.get(name), Record)
            and values.get(relation.id.name, row.get(relation.id.wire)) is None
        ]

    @property
    def custom(self) -> Custom:
        """The custom fields by name: `ticket.custom["Severity"] = "Critical"`.

        What they are called, and their options, is asked of the account once, and kept for
        minutes.

        Raises:
            FieldError: rows of the model have none.
        """
        return Custom(self)

    @custom.setter
    def custom(self, values: Mapping[str | int, Any]) -> None:
        self.custom.update(values)

    def settle_custom(self, source: Source | None = None, *, partly: bool = False) -> None:
        """Put what was assigned to custom fields where it belongs, in an account's own words.

        Args:
            source: of the account; the record's own by default, or the default account.
            partly: leave out objects that have no id yet, instead of raising.

        Raises:
            FieldError, InvalidValue: the account has no such field, or the field no such value.
        """
        settle(self, source, partly=partly)

    def _set_other(self, name: str, value: Any) -> None:
        declared = self._meta.declared.get(name)
        if declared is not None:
            self.custom[declared.known_as] = value
            return
        found = getattr(type(self), name, None)
        if name.startswith("_") or getattr(found, "fset", None) is not None:
            object.__setattr__(self, name, value)
            return
        if isinstance(found, property):
            raise self._meta.unassignable(name)
        raise FieldError(
            f"{self._meta.object_name} has no field {name!r}" + suggestion(name, self._meta.names)
        )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Only reached when reading failed; checkers must not see it.
            cls = type(self)
            if hasattr(cls, name) and not isinstance(getattr(cls, name), property):
                raise AttributeError(f"{name} belongs to {cls.__name__}, not to one of its objects")
            raise AttributeError(
                f"{type(self).__name__} has no field {name!r}" + suggestion(name, self._meta.names)
            )

    # -- the difference ------------------------------------------------------

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Return what would be sent by a save: `{field: (old, new)}`.

        Found by comparison: a list edited in place counts, reading does not,
        and setting the old value back undoes the change.
        """
        if PENDING in self.__dict__:
            settle(self, partly=True)
        return self._changes()

    def _changes(self) -> dict[str, tuple[Any, Any]]:
        row = self._row
        return {
            name: (field.loaded(row), value)
            for field, name, value in self._edited()
            if field.changed(row, value)
        }

    def _edited(self) -> Iterable[tuple[Attribute[Any], str, Any]]:
        fields = self._meta.fields
        for name, value in list(self.__dict__.items()):
            field = fields.get(name)
            if field is not None and field.editable:
                yield field, name, value

    def to_payload(self, names: Iterable[str] | None = None) -> dict[str, Any]:
        """Return the changes as they are sent, by wire name.

        Args:
            names: fields to send; all that changed by default. Custom fields that are declared
                are sent without the others.
        """
        fields = self._meta.fields
        changed = {name: new for name, (_, new) in self.changes().items()}
        wanted = changed if names is None else {n: changed[n] for n in names if n in changed}
        row = self._row
        payload = {fields[name].wire: fields[name].sent(row, v) for name, v in wanted.items()}
        some = [name for name in names or () if name in self._meta.declared]
        return {**parts(self, some), **payload} if some else payload

    def absorb(self, row: Row, sent: Iterable[str] = ()) -> None:
        """Take over a new row; unsaved edits stay, except those just `sent`."""
        values = self.__dict__
        if values:
            gone = set(sent)
            kept = {name: new for name, (_, new) in self._changes().items() if name not in gone}
            kept.update((name, value) for name, value in values.items() if name[0] == "_")
            for relation in self._meta.relations.values():
                if relation.id.name in kept and relation.name in values:
                    kept[relation.name] = values[relation.name]
            object.__setattr__(self, "__dict__", kept)
        _set_row(self, row)

    def _enveloped(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body that saves a payload; for subclasses."""
        key = self._meta.envelope
        return {key: payload} if key else payload

    def _removed(self) -> dict[str, Any] | None:
        """Return the body that deletes the object, where that wants one; for subclasses."""
        return None

    def _answered(self, data: dict[str, Any]) -> Any:
        """Return the row that the answer to a save holds, or None; for subclasses."""
        key = self._meta.envelope
        return data.get(key) if key else data

    #: Whether `_find_update()` can find an update; for subclasses.
    _finds_updates: ClassVar[bool] = False

    def _find_update(self, payload: Mapping[str, Any], since: str) -> dict[str, Any] | None:
        """Return what is known of the response to an update, or None if it was not applied.

        Args:
            payload: what was sent, by wire name.
            since: a moment before it was sent.
        """
        return None

    def _saved(self, data: dict[str, Any]) -> None:
        """Take over what the answer to a save holds besides the row; for subclasses."""

    # -- what it shows -------------------------------------------------------

    @property
    def extra(self) -> dict[str, Any]:
        """What Zendesk sent and the model does not declare, by wire name."""
        known = {field.wire for field in self._meta.fields.values()}
        return {key: value for key, value in self._row.items() if key not in known}

    def to_dict(self) -> dict[str, Any]:
        """Return everything that is known, edits included, by wire name and ready for JSON."""
        fields = self._meta.fields
        shown = dict(self._row)
        for name, (_, new) in self.changes().items():
            shown[fields[name].wire] = fields[name].dumped(new)
        return shown

    def __repr__(self) -> str:
        """Return the model, the id and a name if one is at hand; never makes a request."""
        for key in ("name", "subject", "title", "body"):
            shown = self.__dict__.get(key) or self._row.get(key)
            if shown:
                return f"<{type(self).__name__} {self.pk}: {shortened(str(shown), 80)}>"
        return f"<{type(self).__name__} {self.pk}>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        """Return True for the same row: account, model, parent and id.

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
        places = zip(self._meta.place_of(self._row), other._meta.place_of(other._row), strict=True)
        if any(mine != theirs for mine, theirs in places if None not in (mine, theirs)):
            return False
        return self._source is other._source or identity(self._source) == identity(other._source)

    def __hash__(self) -> int:
        if self.pk is None:
            raise TypeError(f"an unsaved {type(self).__name__} has no id to hash")
        return hash((self._meta.concrete.__name__, self.pk))

    def __getstate__(self) -> dict[str, Any]:
        """Return row, edits and the account's name; no session and no credentials."""
        edits = {name: new for name, (_, new) in self._changes().items()}
        if PENDING in self.__dict__:
            edits[PENDING] = dict(self.__dict__[PENDING])
        return {"row": dict(self._row), "edits": edits, "hollow": type(self._row) is Hollow,
                "using": self.using and str(self.using)}  # fmt: skip

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        _set_row(self, Hollow(state["row"]) if state["hollow"] else state["row"])
        using = state["using"]
        _set_source(self, using and source_of(BoundAlias(using)))
        self.__dict__.update(state["edits"])


# Slots are set past `__setattr__`, which is for users: it looks names up.
_set_row = Record.__dict__["_row"].__set__
_set_source = Record.__dict__["_source"].__set__

__all__ = ["DEFAULT", "Record", "Source", "WriteOnly", "set_source_of", "source_of"]
