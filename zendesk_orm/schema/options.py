"""`Model._meta`: the options of a model."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from zendesk_orm.api.endpoint import Api, Verb
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.messages import display, suggestion
from zendesk_orm.schema.arguments import require_name
from zendesk_orm.schema.custom_field import CustomField
from zendesk_orm.schema.fields import Attribute, Lookup, Ref, column
from zendesk_orm.schema.loading import parse_number
from zendesk_orm.schema.nested import KeyTransform
from zendesk_orm.schema.row import Row


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

#: Text that is the key of a custom field, rather than its title.
_KEY = re.compile(r"[a-z0-9_:]+")


@frozen(eq=False, repr=False)
class Options:
    """The options and fields of a model.

    Attributes:
        model: the class.
        object_name: its name: `TicketField`.
        app_label: its product: `support`.
        singular: the key of one row in an envelope: `ticket_field`.
        plural: the key of many: `ticket_fields`; also the name of side-loads.
        fields: all fields that stand for a key of the row, by attribute name.
        relations: all relations to one row, by name.
        lookups: lookups that are not fields of the rows, by name.
        api: its endpoints.
        cache_seconds: seconds for which the account caches rows; 0 disables the cache.
        verbose_name: its name for people: `ticket field`.
        aliases: keys of the row that repeat another: `(("fields", "custom_fields"),)`.
        parent: the relation that the path contains instead of the rows; or "".
        ordering: the default order of queries.
        get_latest_by: the fields that `latest()` orders by.
        abstract: whether it only provides fields for subclasses.
        filter: values that all rows of a proxy have: `{"type": "incident"}`.
        concrete: the model that the rows belong to: this one, or the base of a proxy.
        verbose_name_plural: `ticket fields`.
        safe: whether updates contain a timestamp, so that changes of others are not overwritten.
        unique: fields whose values Zendesk requires to be unique.
        discriminator: the key of a row with the name of its model, if there are several; or "".
        pk_key: the key of a row that holds its id; "" if there is exactly one row.
        unique_ids: whether an id belongs to one row alone; if not, each row is an object.
        enveloped: whether rows are sent and returned inside an envelope.
        camel_case: whether the keys of rows are the names of fields in camel case.
        required: the fields that a new row must have.
        max_lengths: the maximum number of characters of fields, by name.
        write_instead: the assignment that replaces that of a read-only field, by name.
        max_bytes: the maximum number of bytes of fields in UTF-8, by name.
        custom: the field that holds the values of custom fields, to the model that describes
            them: `{"custom_fields": "TicketField"}`; `Meta.custom` is the pair.
        declared: the custom fields that have a name here.
        custom_object: the attributes of the custom object whose records the rows are: its title
            and so on, for `zendesk-orm push`.
        secret_fields: the fields whose values are never displayed.
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
    cache_seconds: float = 0.0
    parent: str = ""
    aliases: tuple[tuple[str, str], ...] = ()
    ordering: tuple[str, ...] = ()
    get_latest_by: tuple[str, ...] = ("created_at",)
    abstract: bool = False
    filter: Mapping[str, Any] = field(factory=dict)
    verbose_name_plural: str = ""
    safe: bool = False
    unique: tuple[str, ...] = ()
    discriminator: str = ""
    pk_key: str = "id"
    unique_ids: bool = True
    enveloped: bool = True
    camel_case: bool = False
    required: tuple[str, ...] = ()
    max_lengths: Mapping[str, int] = field(factory=dict)
    max_bytes: Mapping[str, int] = field(factory=dict)
    write_instead: Mapping[str, str] = field(factory=dict)
    custom: Mapping[str, str] = field(factory=dict)
    declared: Mapping[str, CustomField[Any]] = field(factory=dict)
    custom_object: Mapping[str, Any] = field(factory=dict)
    secret_fields: tuple[Attribute[Any], ...] = ()
    concrete: Any = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.object_name}>"

    @property
    def includes_archived(self) -> bool:
        """Whether queries include archived rows by default: if a list omits them."""
        return any(
            not endpoint.includes_archived for endpoint in self.api if endpoint.verb is Verb.LIST
        )

    @property
    def envelope(self) -> str:
        """The key of one row in its envelope; "" without an envelope."""
        return self.singular if self.enveloped else ""

    def with_id(self, row: Row) -> Row:
        """Return a row with an `id`, if Zendesk uses another key or none."""
        if self.pk_key == "id" or "id" in row:
            return row
        return {**row, "id": row.get(self.pk_key) if self.pk_key else self.singular}

    @property
    def parent_keys(self) -> tuple[str, ...]:
        """The keys of a row, other than the id, that its path contains: those of its parent."""
        return _place(self)

    def key(self, row: Mapping[str, Any], pk: Any = None) -> Hashable:
        """Return the value that identifies a row among all rows of the model.

        It is the id; of rows below a parent, whose ids mean something there only, the
        parent and the id.

        Args:
            row: the row, or the part of it that identifies the parent.
            pk: the id, if the row does not hold it.
        """
        pk = row.get("id") if pk is None else pk
        return (*self.parent_of(row), pk) if _place(self) else pk

    def parse_key(self, key: Any) -> Row:
        """Return the part of a row that `key()` made a value of: the id, and the parent."""
        return dict(zip((*_place(self), "id"), key, strict=True)) if _place(self) else {"id": key}

    def parent_of(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the parent of a row; () for a model whose ids mean something by themselves."""
        # Some responses contain texts where others contain numbers.
        return tuple(parse_number(row.get(wire)) for wire in _place(self))

    def identifying_part(self, row: Row) -> Row:
        """Return the part of a row that the path to it needs: the id, and the parent."""
        return {wire: row[wire] for wire in ("id", *_place(self)) if wire in row}

    def by_field_name(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return values of a row by the names of their fields, or of the relations of ids."""
        names = {field.wire: field.relation or field.name for field in self.fields.values()}
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

    def read_only_error(self, name: str) -> FieldError:
        """Return the error of an assignment to something that Zendesk sets."""
        hint = "; save(force_insert=True) creates a copy" if name in ("id", "pk") else ""
        if name in self.write_instead:
            hint = f"; write {self.write_instead[name]} instead"
        return FieldError(
            f"{self.object_name}.{name} is set by Zendesk and cannot be assigned{hint}"
        )

    def unknown_name_error(self, name: str) -> FieldError:
        """Return the error of an assignment to a field that does not exist."""
        return FieldError(
            f"{self.object_name} has no field {display(name)}" + suggestion(name, self.names)
        )

    def create_only_error(self, name: str) -> FieldError:
        """Return the error of an assignment to a field that cannot be changed."""
        return FieldError(f"{self.object_name}.{name} can be set only when the object is created")

    def to_id(self, pk: Any) -> Any:
        """Return an id as a number if the ids of the model are numbers."""
        is_text = type(pk) is not int
        return parse_number(pk) if is_text and self.fields["id"].kind.name == "int" else pk

    def is_id(self, pk: Any) -> bool:
        """Return whether Zendesk can give a new row this id: a number above 0, or a string."""
        is_number = type(pk) is int and pk > 0
        return is_number or (self.fields["id"].kind.name != "int" and type(pk) is str and pk != "")

    def get_fields(self) -> list[Attribute[Any]]:
        """Return all fields, in the order of declaration."""
        return list(self.fields.values())

    def get_field(self, name: str) -> Attribute[Any] | Ref[Any]:
        """Return the field or relation of that name; `pk` is the id.

        `via__channel` is a value inside `via`, `custom_fields__42` that of a custom field.

        Raises:
            FieldError: the field does not exist; the message suggests a similar name.
        """
        name = require_name(name)
        result = self.relations.get(name) or self.fields.get("id" if name == "pk" else name)
        result = result or self.lookups.get(name) or self.declared.get(name) or self._inner(name)
        if result is None:
            raise FieldError(self._explain_unknown(name))
        return result

    def _explain_unknown(self, name: str) -> str:
        """Return why a name is not that of a field, and what to name instead.

        Raises:
            FieldError: the related model does not have the field, either.
        """
        outer, _, inner = name.partition("__")
        relation = self.relations.get(outer) or getattr(self.model, outer, None)
        if inner and isinstance(relation, Ref):
            related = relation.model._meta
            related.get_field(inner)
            return (
                f"{display(name)} is a field of the related {related.object_name}, not of "
                f"{self.object_name} itself"
            )
        if inner and hasattr(relation, "target"):
            return (
                f"{self.object_name} has no field {display(name)}: {outer} are related objects; "
                f"read them with prefetch_related({display(outer)})"
            )
        # Names that only differ from those of relations by an underscore are internal.
        names = [choice for choice in (*self.names, *self.lookups) if choice[-1] != "_"]
        return f"{self.object_name} has no field {display(name)}" + suggestion(name, names)

    def _inner(self, name: str) -> KeyTransform | None:
        outer, _, key = name.partition("__")
        field = self.fields.get(outer)
        holds = field is not None and (field.kind.name == "dict" or outer in self.custom)
        return KeyTransform(field, key) if field is not None and holds and key else None

    def custom_name(self, name: str) -> str | int | None:
        """Return the name of a custom field, if it has to be looked up in the account.

        Return None for other names, and for names that contain the id or the key.
        """
        declared = self.declared.get(name)
        if declared is not None:
            return declared.known_as
        outer, _, key = name.partition("__")
        if not key or outer not in self.custom:
            return None
        by_key = self.fields[outer].kind.name == "dict"
        return None if (_KEY.fullmatch(key) if by_key else key.isdigit()) else key

    def column_name(self, name: str) -> str:
        """Return the name of the field that holds a value, such as that of `custom`.

        A declared custom field has its own.
        """
        if name in self.declared:
            return name
        if name == "custom" and self.custom:
            (name,) = self.custom
        return column(self.get_field(name)).name

    @property
    def inline_ids(self) -> Mapping[str, str]:
        """The keys of objects that Zendesk creates together with others, to those of their ids."""
        return _inline_ids(self)

    def column_names(self, names: Iterable[str]) -> list[str]:
        """Return the names of the fields that hold values.

        A relation to an object that Zendesk creates has two: its id, and the new object.
        """
        columns = []
        for name in names:
            columns.append(self.column_name(name))
            relation = self.relations.get(name)
            if relation is not None and relation.new in self.fields:
                columns.append(relation.new)
        return columns

    def updated_names(self, what: str, names: Iterable[str]) -> list[str]:
        """Return the names of the fields that hold values, for an update.

        Args:
            what: the argument or the method, for messages.
            names: names of fields and relations.

        Raises:
            FieldError: a field does not exist, or is the id, which cannot be changed.
        """
        columns = self.column_names(names)
        if "id" in columns:
            raise FieldError(
                f"{what} contains the id, which cannot be changed: get() or filter() by it, and "
                "name other fields"
            )
        return columns

    def lookup_hint(self, relation: str) -> str:
        """Return the part of a message that names the lookups of a related row by its name."""
        names = [name for name in ("name", "email", "title", "subject") if name in self.fields]
        lookups = " or ".join(f"{relation}__{name}=" for name in names)
        return f"; in a filter, use {lookups}" if lookups else ""

    if not TYPE_CHECKING:  # Checkers would accept any attribute.

        def __getattr__(self, name: str) -> Any:
            """Raise an error that helps those who pass the model to a part of Django."""
            raise AttributeError(
                f"{type(self).__name__} has no attribute {display(name)}; for models of Zendesk, "
                "forms and views of Django are in zendesk_orm.contrib.django, and its admin and "
                "serializers are not supported"
            )

    @property
    def names(self) -> list[str]:
        """The names that can be read, filtered and ordered by."""
        return [*self.fields, *self.relations, *self.declared]

    def endpoint(self, verb: Verb, name: str = "") -> Any:
        """Return the endpoint for a verb.

        Raises:
            FieldError: Zendesk does not support the operation for this model.
        """
        match = self.api.find(verb, name)
        if match is None:
            operation = name or verb.value
            raise FieldError(f"Zendesk does not support {operation} for {self.verbose_name_plural}")
        return match


@cache
def _place(meta: Options) -> tuple[str, ...]:
    """Return the keys, other than the id, that the path to a single row contains."""
    if meta.parent:
        return (meta.relations[meta.parent].id.wire,)
    show = meta.api.find(Verb.SHOW)
    names = () if show is None else show.placeholders
    return tuple(column(meta.get_field(name)).wire for name in names if name != "id")


@cache
def _inline_ids(meta: Options) -> dict[str, str]:
    return {
        meta.fields[relation.new].wire: relation.id.wire
        for relation in meta.relations.values()
        if relation.new in meta.fields
    }
