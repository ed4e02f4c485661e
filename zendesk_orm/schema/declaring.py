"""Reads a class body: annotations become fields and relations, and `Meta` becomes options."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from attrs import evolve

from zendesk_orm.api.endpoint import Api, Verb
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.schema.annotation import Declared, own, read
from zendesk_orm.schema.custom import CustomField, declared_in
from zendesk_orm.schema.fields import (
    Attribute,
    CreateOnly,
    CreateOnlyRef,
    Field,
    Lookup,
    ReadOnly,
    ReadOnlyRef,
    Ref,
    WriteOnly,
)
from zendesk_orm.schema.inline import InlineRef
from zendesk_orm.schema.members import Collaborators, Members, Tags
from zendesk_orm.schema.nested import nested, nested_list, pointed, pointed_list
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import KINDS, PARTS, ROW_ID, ROW_IDS, Kind, chosen
from zendesk_orm.suggestions import suggestion


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

#: What `Meta` may say.
OPTIONS = frozenset(
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
        "unique_ids",
        "longest",
        "instead",
        "largest",
        "mixed",
        "ordering",
        "parent",
        "plural",
        "proxy",
        "required",
        "safe",
        "singular",
        "text_ids",
        "unique",
        "verbose_name",
        "verbose_name_plural",
    }
)
#: Fields that hold the values of custom fields, each of which is sent by itself.
_BY_KEY = frozenset({"custom_fields", "user_fields", "organization_fields", "custom_object_fields"})
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
    kind.__name__: kind for kind in (Ref, CreateOnlyRef, InlineRef, ReadOnlyRef)
}

#: Makers of descriptors that live above this layer, by the name in the annotation.
DESCRIPTORS: dict[str, Callable[[type, str, Declared], Any]] = {}


def declare(cls: type[Record]) -> Options:
    """Read the class body, put the descriptors in place and return the options."""
    inherited = getattr(cls, "_meta", None)
    fields = dict(inherited.fields) if inherited else {}
    relations = dict(inherited.relations) if inherited else {}
    lookups = dict(inherited.lookups) if inherited else {}
    meta = _meta_of(cls)
    label = meta.get("app_label") or _product(cls)
    text_ids = _names(meta.get("text_ids", ()))
    for name, annotation in own(cls).items():
        declared = read(annotation)
        if declared is None:
            continue
        product = declared.near(label)
        if declared.descriptor in _FIELDS:
            made: Any = _field(cls, name, declared, product)
            made.model_name = cls.__name__
            fields[name] = made
        elif declared.descriptor in _REFS:
            made = _REFS[declared.descriptor](
                name,
                declared.type,
                product,
                nullable=declared.nullable,
                by=cls.__dict__.get(name),
                text=name in text_ids,
            )
            relations[name] = made
            fields[made.id.name] = made.id
            made.id.model_name = cls.__name__
            setattr(cls, made.id.name, made.id)
        elif declared.descriptor == "Lookup":
            made = lookups[name] = Lookup(name, _kind(cls, declared, product))
        elif declared.descriptor in DESCRIPTORS:
            made = DESCRIPTORS[declared.descriptor](cls, name, declared)
        else:
            continue
        setattr(cls, name, made)
    _require_free_names(cls, {*own(cls), *vars(cls)})
    _check(cls, meta, {"text_ids": relations, "required": {**fields, **relations}})
    return _options(cls, inherited, meta, label, fields, relations, lookups)


def _require_free_names(cls: type, names: Iterable[str]) -> None:
    """Raise if a field of a class has the name of a method or property that it inherits.

    Raises:
        FieldError: the method would be gone.
    """
    for name in names:
        made = vars(cls).get(name)
        if not isinstance(made, (Attribute, Ref)):
            continue
        for base in cls.__mro__[1:]:
            if name in vars(base) and not _is_replaceable(vars(base)[name], made):
                raise FieldError(
                    f"{cls.__name__}.{name}: a field cannot have the name of {base.__name__}."
                    f"{name}, which it would replace; choose another name"
                )


def _is_replaceable(found: Any, made: Any) -> bool:
    """Return whether a field may be declared in the place of an inherited attribute."""
    if isinstance(made, CustomField):
        return isinstance(found, CustomField)
    # A subclass may declare a field or a relation again, or that it has none (None).
    return found is None or isinstance(found, (Attribute, Ref)) or hasattr(found, "target")


def _check(cls: type, meta: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse options that name what there is not.

    Raises:
        FieldError: the message names the nearest.
    """
    for option, there in known.items():
        for name in _names(meta.get(option, ())):
            if name not in there:
                raise FieldError(
                    f"{cls.__name__}.Meta.{option} names {name!r}, which there is not"
                    + suggestion(name, there)
                )


def _options(
    cls: type[Record],
    inherited: Options | None,
    meta: dict[str, Any],
    label: str,
    fields: dict[str, Attribute[Any]],
    relations: dict[str, Ref[Any]],
    lookups: dict[str, Lookup[Any]],
) -> Options:
    def option(name: str, default: Any) -> Any:
        """Return what the class says, or what it inherits."""
        return meta[name] if name in meta else getattr(inherited, name, default)

    api = option("api", Api())
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
        keep=float(option("keep", 0)),
        parent=option("parent", ""),
        aliases=option("aliases", ()),
        ordering=_names(option("ordering", ())),
        get_latest_by=_names(option("get_latest_by", "created_at")),
        abstract=bool(meta.get("abstract", False)),
        filter={**(inherited.filter if inherited else {}), **meta.get("filter", {})},
        safe=bool(option("safe", False)),
        unique=_names(option("unique", ())),
        mixed=meta.get("mixed", ""),
        known_by=option("known_by", "id"),
        unique_ids=option("unique_ids", True),
        bare=bool(option("bare", False)),
        required=_names(option("required", ())),
        longest={**(inherited.longest if inherited else {}), **meta.get("longest", {})},
        instead={**(inherited.instead if inherited else {}), **meta.get("instead", {})},
        largest={**(inherited.largest if inherited else {}), **meta.get("largest", {})},
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
    if name == "id" and kind is KINDS["int"]:
        kind = ROW_ID
    if name.endswith("_ids") and (declared.type, declared.item) == ("list", "int"):
        kind = ROW_IDS
    nullable = declared.nullable or declared.type == "Any"
    return _FIELDS[declared.descriptor](name, kind, nullable=nullable)


def _kind(cls: type, declared: Declared, product: str) -> Kind:
    if declared.type == "list" and declared.item not in {"", *KINDS}:
        if declared.descriptor == "WriteOnly":
            return pointed_list(declared.item, product)
        return nested_list(declared.item, product)
    if declared.type == "list" and declared.item and KINDS[declared.item].key is not None:
        return evolve(KINDS["list"], key=KINDS[declared.item].key)
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
        if name not in OPTIONS:
            raise FieldError(
                f"{cls.__name__}.Meta has no option {name!r}" + suggestion(name, OPTIONS)
            )
    if not isinstance(found.get("api", Api()), Api):
        raise InvalidValue(f"{cls.__name__}.Meta.api wants resource(...) + listed(...)")
    return found


def _product(cls: type) -> str:
    parts = cls.__module__.split(".")
    return parts[1] if parts[0] == "zendesk_orm" and len(parts) > 1 else parts[0]


def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()
