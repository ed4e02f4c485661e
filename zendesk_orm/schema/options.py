"""`Model._meta`: what is known of a model."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from zendesk_orm.api.endpoint import Api, Verb
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.schema.custom import CustomField
from zendesk_orm.schema.fields import Attribute, Inner, Lookup, Ref, column
from zendesk_orm.schema.loading import numbered
from zendesk_orm.schema.row import Row
from zendesk_orm.suggestions import suggestion


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

#: What can only be a key: titles are written otherwise, and mean the same where they are not.
_KEY = re.compile(r"[a-z0-9_:]+")


@frozen(eq=False, repr=False)
class Options:
    """What is known of a model.

    Attributes:
        model: the class.
        object_name: its name: `TicketField`.
        app_label: its product: `support`.
        singular: the key of one row in an envelope: `ticket_field`.
        plural: the key of many: `ticket_fields`; also what side-loads are called.
        fields: all fields that stand for a key of the row, by attribute name.
        relations: all relations to one row, by name.
        lookups: what rows are found by and none of them holds, by name.
        api: its endpoints.
        keep: seconds for which rows are kept by the account; 0 for not at all.
        whole: whether queries want archived rows unless `.fresh()` is said.
        verbose_name: its name for people: `ticket field`.
        aliases: keys of the row that repeat another: `(("fields", "custom_fields"),)`.
        parent: the relation that no row carries, but the path does; or "".
        ordering: the order of queries that ask for none.
        get_latest_by: the fields that `latest()` goes by.
        abstract: whether it only lends its fields to subclasses.
        filter: what is so of every row of a proxy: `{"type": "incident"}`.
        concrete: the model whose rows they are: itself, or what it is a proxy of.
        verbose_name_plural: `ticket fields`.
        safe: whether updates name the row that they change, so that others' changes stay.
        unique: fields of which Zendesk itself allows each value once.
        mixed: the key of a row that tells its model, where rows are of several; or "".
        known_by: the key of a row that stands for an id; "" where there is only one row.
        unique_ids: whether an id belongs to one row alone; if not, each row is an object.
        bare: whether a row comes and goes without an envelope.
        required: the fields that Zendesk wants when a row is made.
        longest: the characters that fields may have, by name.
        instead: what to assign instead of fields that Zendesk sets, by name.
        largest: the bytes in UTF-8 that fields may have, by name.
        custom: the field that holds the values of custom fields, to the model that describes
            them: `{"custom_fields": "TicketField"}`; `Meta.custom` is the pair.
        declared: the custom fields that have a name here.
    """

    model: type[Record]
    object_name: str
    app_label: str
    singular: str
    plural: str
    fields: Mapping[str, Attribute[Any]]
    relations: Mapping[str, Ref[Any]]
    lookups: Mapping[str, Lookup[Any]]
    api: Api = field(repr=False)
    verbose_name: str
    keep: float = 0.0
    parent: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    ordering: tuple[str, ...] = ()
    get_latest_by: tuple[str, ...] = ("created_at",)
    abstract: bool = False
    filter: Mapping[str, Any] = field(factory=dict)
    verbose_name_plural: str = ""
    safe: bool = False
    unique: tuple[str, ...] = ()
    mixed: str = ""
    known_by: str = "id"
    unique_ids: bool = True
    bare: bool = False
    required: tuple[str, ...] = ()
    longest: Mapping[str, int] = field(factory=dict)
    largest: Mapping[str, int] = field(factory=dict)
    instead: Mapping[str, str] = field(factory=dict)
    custom: Mapping[str, str] = field(factory=dict)
    declared: Mapping[str, CustomField[Any]] = field(factory=dict)
    concrete: Any = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.object_name}>"

    @property
    def whole(self) -> bool:
        """Whether queries want archived rows, too: where a list leaves some out."""
        return any(not each.whole for each in self.api if each.verb is Verb.LIST)

    @property
    def envelope(self) -> str:
        """The key of one row in its envelope; "" where there is none."""
        return "" if self.bare else self.singular

    def identified(self, row: Row) -> Row:
        """Return a row with its id, where that is called otherwise, or is nowhere."""
        if self.known_by == "id" or "id" in row:
            return row
        return {**row, "id": row.get(self.known_by) if self.known_by else self.singular}

    @property
    def place(self) -> tuple[str, ...]:
        """The keys of a row, besides its id, that the path to it names: its parent."""
        return _place(self)

    def key(self, row: Mapping[str, Any], pk: Any = None) -> Hashable:
        """Return the value that identifies a row among all rows of the model.

        It is the id; of rows below a parent, whose ids mean something there only, the
        parent and the id.

        Args:
            row: the row, or as much of it as says the parent.
            pk: the id, if the row does not hold it.
        """
        pk = row.get("id") if pk is None else pk
        return (*self.place_of(row), pk) if _place(self) else pk

    def place_of(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the parent of a row; () for a model whose ids mean something by themselves."""
        # Some answers write as a text what others write as a number.
        return tuple(numbered(row.get(wire)) for wire in _place(self))

    def known_row(self, row: Row) -> Row:
        """Return the part of a row that the path to it needs: the id, and the parent."""
        return {wire: row[wire] for wire in ("id", *_place(self)) if wire in row}

    def named(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return values of a row by the names of their fields, or of the relations of ids."""
        names = {each.wire: each.relation or each.name for each in self.fields.values()}
        return {names[wire]: value for wire, value in row.items()}

    @property
    def model_name(self) -> str:
        """The name in lower case, as Django's `_meta.model_name`."""
        return self.object_name.lower()

    @property
    def label(self) -> str:
        """`support.Ticket`."""
        return f"{self.app_label}.{self.object_name}"

    @property
    def pk(self) -> Attribute[Any]:
        """The field that holds the id."""
        return self.fields["id"]

    def id_of(self, value: Any) -> Any:
        """Return an id as rows have it: a number may be given as text.

        Raises:
            InvalidValue: it cannot be an id of this model.
        """
        kind = self.fields["id"].kind
        if value is None or kind.name != "int":
            return value
        try:
            return kind.accept(value)
        except InvalidValue as error:
            raise InvalidValue(f"{self.object_name}.id: {error}") from None

    def unassignable(self, name: str) -> FieldError:
        """Return the error of an assignment to something that Zendesk sets."""
        hint = "; save(force_insert=True) creates a copy" if name in ("id", "pk") else ""
        if name in self.instead:
            hint = f"; write {self.instead[name]} instead"
        return FieldError(
            f"{self.object_name}.{name} is set by Zendesk and cannot be assigned{hint}"
        )

    def numbered(self, pk: Any) -> Any:
        """Return an id as the rows have it: a number, where it may be written as a text."""
        return numbered(pk) if self.fields["id"].kind.name == "int" else pk

    def get_fields(self) -> list[Attribute[Any]]:
        """Return all fields, in the order of declaration."""
        return list(self.fields.values())

    def get_field(self, name: str) -> Attribute[Any] | Ref[Any]:
        """Return the field or relation of that name; `pk` is the id.

        `via__channel` is a value inside `via`, `custom_fields__42` that of a custom field.

        Raises:
            FieldError: there is none; the message names the nearest.
        """
        name = require_name(name)
        found = self.relations.get(name) or self.fields.get("id" if name == "pk" else name)
        found = found or self.lookups.get(name) or self.declared.get(name) or self._inner(name)
        if found is None:
            raise FieldError(
                f"{self.object_name} has no field {name!r}"
                + suggestion(name, [*self.names, *self.lookups])
            )
        return found

    def _inner(self, name: str) -> Inner | None:
        outer, _, key = name.partition("__")
        field = self.fields.get(outer)
        holds = field is not None and (field.kind.name == "dict" or outer in self.custom)
        return Inner(field, key) if field is not None and holds and key else None

    def custom_name(self, name: str) -> str | int | None:
        """Return what the account is asked for of a name: the title of a custom field, its key.

        None for all other names, and where the name itself says the id, or the key.
        """
        declared = self.declared.get(name)
        if declared is not None:
            return declared.known_as
        outer, _, key = name.partition("__")
        if not key or outer not in self.custom:
            return None
        by_key = self.fields[outer].kind.name == "dict"
        return None if (_KEY.fullmatch(key) if by_key else key.isdigit()) else key

    def stored(self, name: str) -> str:
        """Return the name of the field that holds a value; a declared custom field has its own."""
        if name in self.declared:
            return name
        return column(self.get_field(name)).name

    @property
    def names(self) -> list[str]:
        """The names that can be read, filtered and ordered by."""
        return [*self.fields, *self.relations, *self.declared]

    def endpoint(self, verb: Verb, name: str = "") -> Any:
        """Return the endpoint for a verb.

        Raises:
            FieldError: Zendesk offers no such thing for this model.
        """
        found = self.api.find(verb, name)
        if found is None:
            what = name or verb.value
            raise FieldError(f"Zendesk offers no {what} for {self.verbose_name_plural}")
        return found


@cache
def _place(meta: Options) -> tuple[str, ...]:
    """Return the keys that a path to a single row of a model names besides the id."""
    if meta.parent:
        return (meta.relations[meta.parent].id.wire,)
    show = meta.api.find(Verb.SHOW)
    names = () if show is None else show.placeholders
    return tuple(column(meta.get_field(name)).wire for name in names if name != "id")
