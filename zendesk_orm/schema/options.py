"""`Model._meta`: what a class body declares, read once."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from attrs import evolve, field, frozen

from zendesk_orm.api.endpoint import Api, Verb
from zendesk_orm.errors import FieldError, InvalidValue, suggestion
from zendesk_orm.schema.annotation import Declared, own, read
from zendesk_orm.schema.custom import CustomField, declared_in
from zendesk_orm.schema.fields import (
    Attribute,
    CreateOnly,
    CreateOnlyRef,
    Field,
    Inner,
    Lookup,
    ReadOnly,
    ReadOnlyRef,
    Ref,
    WriteOnly,
    column,
)
from zendesk_orm.schema.members import Collaborators, Members, Tags
from zendesk_orm.schema.nested import nested, nested_list, pointed, pointed_list
from zendesk_orm.schema.row import Row
from zendesk_orm.schema.values import KINDS, PARTS, Kind, chosen


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

_META = frozenset(
    {
        "abstract",
        "aliases",
        "api",
        "app_label",
        "bare",
        "custom",
        "filter",
        "get_latest_by",
        "keep",
        "known_by",
        "label",
        "longest",
        "mixed",
        "ordering",
        "parent",
        "plural",
        "proxy",
        "required",
        "safe",
        "singular",
        "unique",
        "verbose_name",
        "verbose_name_plural",
    }
)
#: Fields that hold the values of custom fields, each of which is sent by itself.
_BY_KEY = frozenset({"custom_fields", "user_fields", "organization_fields", "custom_object_fields"})
#: What can only be a key: titles are written otherwise, and mean the same where they are not.
_KEY = re.compile(r"[a-z0-9_:]+")
_WORD = re.compile(r"(?<!^)(?=[A-Z])")

_FIELDS: Mapping[str, type[Attribute[Any]]] = {
    "CreateOnly": CreateOnly,
    "Field": Field,
    "ReadOnly": ReadOnly,
    "WriteOnly": WriteOnly,
    "Tags": Tags,
    "Members": Members,
    "Collaborators": Collaborators,
}
_REFS: Mapping[str, type[Ref[Any]]] = {
    "Ref": Ref,
    "CreateOnlyRef": CreateOnlyRef,
    "ReadOnlyRef": ReadOnlyRef,
}

#: Makers of descriptors that live above this layer, by the name in the annotation.
DESCRIPTORS: dict[str, Callable[[type, str, Declared], Any]] = {}


@frozen(eq=False)
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
        bare: whether a row comes and goes without an envelope.
        required: the fields that Zendesk wants when a row is made.
        longest: the characters that fields may have, by name.
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
    bare: bool = False
    required: tuple[str, ...] = ()
    longest: Mapping[str, int] = field(factory=dict)
    custom: Mapping[str, str] = field(factory=dict)
    declared: Mapping[str, CustomField[Any]] = field(factory=dict)
    concrete: Any = field(default=None, repr=False)

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

    def get_fields(self) -> list[Attribute[Any]]:
        """Return all fields, in the order of declaration."""
        return list(self.fields.values())

    def get_field(self, name: str) -> Attribute[Any] | Ref[Any]:
        """Return the field or relation of that name; `pk` is the id.

        `via__channel` is a value inside `via`, `custom_fields__42` that of a custom field.

        Raises:
            FieldError: there is none; the message names the nearest.
        """
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
        """Return the name of the field that holds a value: of a custom field, that of them all."""
        if name in self.declared:
            return next(iter(self.custom))
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


def declare(cls: type[Record]) -> Options:
    """Read the class body, put the descriptors in place and return the options."""
    inherited = getattr(cls, "_meta", None)
    fields = dict(inherited.fields) if inherited else {}
    relations = dict(inherited.relations) if inherited else {}
    lookups = dict(inherited.lookups) if inherited else {}
    meta = _meta_of(cls)
    label = meta.get("app_label") or meta.get("label") or _product(cls)
    for name, annotation in own(cls).items():
        declared = read(annotation)
        if declared is None:
            continue
        product = declared.near(label)
        if declared.descriptor in _FIELDS:
            made: Any = _field(cls, name, declared, product)
            fields[name] = made
        elif declared.descriptor in _REFS:
            made = _REFS[declared.descriptor](
                name, declared.type, product, nullable=declared.nullable
            )
            relations[name] = made
            fields[made.id.name] = made.id
            setattr(cls, made.id.name, made.id)
        elif declared.descriptor == "Lookup":
            made = lookups[name] = Lookup(name, _kind(cls, declared, product))
        elif declared.descriptor in DESCRIPTORS:
            made = DESCRIPTORS[declared.descriptor](cls, name, declared)
        else:
            continue
        setattr(cls, name, made)
    return _options(cls, inherited, meta, label, fields, relations, lookups)


def _options(
    cls: type[Record],
    inherited: Options | None,
    meta: dict[str, Any],
    label: str,
    fields: dict[str, Attribute[Any]],
    relations: dict[str, Ref[Any]],
    lookups: dict[str, Lookup[Any]],
) -> Options:
    api = meta.get("api", inherited.api if inherited else Api())
    singular = meta.get("singular") or (
        inherited.singular if inherited and inherited.api.endpoints else _snake(cls.__name__)
    )
    key = next((each.key for each in api if each.verb is Verb.LIST), f"{singular}s")
    plural = meta.get("plural", key)
    return Options(
        model=cls,
        object_name=cls.__name__,
        app_label=label,
        singular=singular,
        plural=plural,
        fields=fields,
        relations=relations,
        lookups=lookups,
        api=api,
        verbose_name=meta.get("verbose_name", singular.replace("_", " ")),
        keep=float(meta.get("keep", inherited.keep if inherited else 0)),
        parent=meta.get("parent", inherited.parent if inherited else ""),
        aliases=meta.get("aliases", inherited.aliases if inherited else ()),
        ordering=_names(meta.get("ordering", inherited.ordering if inherited else ())),
        get_latest_by=_names(
            meta.get("get_latest_by", inherited.get_latest_by if inherited else "created_at")
        ),
        abstract=bool(meta.get("abstract", False)),
        filter={**(inherited.filter if inherited else {}), **meta.get("filter", {})},
        safe=bool(meta.get("safe", inherited.safe if inherited else False)),
        unique=_names(meta.get("unique", inherited.unique if inherited else ())),
        mixed=meta.get("mixed", ""),
        known_by=meta.get("known_by", inherited.known_by if inherited else "id"),
        bare=bool(meta.get("bare", inherited.bare if inherited else False)),
        required=_names(meta.get("required", inherited.required if inherited else ())),
        longest={**(inherited.longest if inherited else {}), **meta.get("longest", {})},
        verbose_name_plural=meta.get("verbose_name_plural", plural.replace("_", " ")),
        custom=(custom := _custom(inherited, meta)),
        declared=declared_in(cls, custom, [*fields, *relations, *lookups]),
        concrete=inherited.concrete if inherited and _is_proxy(inherited, meta) else cls,
    )


def _custom(inherited: Options | None, meta: dict[str, Any]) -> Mapping[str, str]:
    pair = meta.get("custom")
    if pair is not None:
        return {pair[0]: pair[1]}
    return inherited.custom if inherited else {}


def _is_proxy(inherited: Options, meta: dict[str, Any]) -> bool:
    """Tell whether the rows are those of the class above: nothing else was declared."""
    return "api" not in meta and bool(inherited.api.endpoints) and not inherited.abstract


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _field(cls: type, name: str, declared: Declared, product: str) -> Attribute[Any]:
    kind = _kind(cls, declared, product)
    if name in _BY_KEY:
        kind = evolve(kind, part=PARTS.get(kind.name))
    nullable = declared.nullable or declared.type == "Any"
    return _FIELDS[declared.descriptor](name, kind, nullable=nullable)


def _kind(cls: type, declared: Declared, product: str) -> Kind:
    if declared.type == "list" and declared.item not in {"", *KINDS}:
        if declared.descriptor == "WriteOnly":
            return pointed_list(declared.item, product)
        return nested_list(declared.item, product)
    if declared.choices:
        return chosen(declared.choices)
    if declared.type in KINDS:
        return KINDS[declared.type]
    alias = getattr(sys.modules[cls.__module__], declared.type, None)
    if get_origin(alias) is Literal:
        return chosen(get_args(alias))
    if declared.descriptor == "Lookup":
        return pointed(declared.type, product)
    return nested(declared.type, product)


def _meta_of(cls: type) -> dict[str, Any]:
    body = cls.__dict__.get("Meta")
    found = {} if body is None else {k: v for k, v in vars(body).items() if k[:2] != "__"}
    for name in found:
        if name not in _META:
            raise FieldError(
                f"{cls.__name__}.Meta has no option {name!r}" + suggestion(name, _META)
            )
    if not isinstance(found.get("api", Api()), Api):
        raise InvalidValue(f"{cls.__name__}.Meta.api wants resource(...) + listed(...)")
    return found


def _product(cls: type) -> str:
    parts = cls.__module__.split(".")
    return parts[1] if parts[0] == "zendesk_orm" and len(parts) > 1 else parts[0]


def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()
