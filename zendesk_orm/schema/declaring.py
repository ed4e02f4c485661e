"""Reads a class body: annotations become fields and relations, and `Meta` becomes options."""

from __future__ import annotations

import re
import sys
from collections.abc import Container, Iterable, Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from attrs import evolve

from zendesk_orm.api.actions import actions_of
from zendesk_orm.api.endpoint import Api, Verb
from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.schema import registry
from zendesk_orm.schema.annotation import Declared, own_annotations, read
from zendesk_orm.schema.class_body import check_body
from zendesk_orm.schema.custom import describing
from zendesk_orm.schema.custom_arguments import check_field, check_object
from zendesk_orm.schema.custom_field import CustomField
from zendesk_orm.schema.display import Display
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
from zendesk_orm.schema.members import Collaborators, Members
from zendesk_orm.schema.meta_options import check_names, read_meta, to_names
from zendesk_orm.schema.nested import (
    nested_kind,
    nested_list_kind,
    reference_kind,
    reference_list_kind,
)
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.secret_fields import ReadOnlySecret, SecretField, WriteOnlySecret
from zendesk_orm.schema.tags import Tags
from zendesk_orm.schema.values import KINDS, PARTS, ROW_ID, ROW_IDS, Kind, chosen, list_kind
from zendesk_orm.schema.wire_names import to_camel_case


if TYPE_CHECKING:
    from zendesk_orm.schema.record import Record

#: Fields that hold the values of custom fields, each of which is sent by itself.
_BY_KEY = frozenset({"custom_fields", "user_fields", "organization_fields", "custom_object_fields"})
_WORD = re.compile(r"(?<!^)(?=[A-Z])")

_FIELDS: Mapping[str, type[Attribute[Any]]] = {
    "CreateOnly": CreateOnly,
    "Field": Field,
    "ReadOnly": ReadOnly,
    "ReadOnlySecret": ReadOnlySecret,
    "SecretField": SecretField,
    "WriteOnlySecret": WriteOnlySecret,
    "WriteOnly": WriteOnly,
    "Tags": Tags,
    "Members": Members,
    "Collaborators": Collaborators,
}
_REFS: Mapping[str, type[Ref[Any]]] = {
    kind.__name__: kind for kind in (Ref, CreateOnlyRef, InlineRef, ReadOnlyRef)
}


def declare(cls: type[Record]) -> Options:
    """Read the class body, put the descriptors in place and return the options."""
    check_body(cls, fields={*_FIELDS, "Lookup"}, relations={*_REFS, *cls._relation_types})
    inherited = getattr(cls, "_meta", None)
    fields = dict(inherited.fields) if inherited else {}
    relations = dict(inherited.relations) if inherited else {}
    lookups = dict(inherited.lookups) if inherited else {}
    meta = read_meta(cls)
    label = meta.get("app_label") or _product(cls)
    string_ids = to_names(meta.get("string_ids", ()))
    camel_case = bool(meta.get("camel_case", getattr(inherited, "camel_case", False)))
    for name, annotation in own_annotations(cls).items():
        declared = read(annotation)
        if declared is None:
            continue
        product = declared.near(label)
        if declared.descriptor in _FIELDS:
            descriptor: Any = _field(cls, name, declared, product)
            descriptor.model_name = cls.__name__
            fields[name] = descriptor
        elif declared.descriptor in _REFS:
            descriptor = _REFS[declared.descriptor](
                name,
                declared.type,
                product,
                nullable=declared.nullable,
                by=cls.__dict__.get(name),
                text=name in string_ids,
            )
            relations[name] = descriptor
            fields[descriptor.id.name] = descriptor.id
            descriptor.id.model_name = cls.__name__
            setattr(cls, descriptor.id.name, descriptor.id)
        elif declared.descriptor == "Lookup":
            descriptor = lookups[name] = Lookup(name, _kind(cls, declared, product))
        elif declared.descriptor in cls._relation_types:
            descriptor = cls._relation_types[declared.descriptor](cls, name, declared)
        else:
            continue
        column = descriptor.id if isinstance(descriptor, Ref) else descriptor
        if camel_case and isinstance(column, Attribute):
            column.wire = to_camel_case(column.wire)
        setattr(cls, name, descriptor)
    _require_free_names(cls, {*own_annotations(cls), *vars(cls)})
    options = _options(cls, inherited, meta, label, fields, relations, lookups)
    check_names(meta, options)
    _check_custom(cls, meta, options)
    return options


def _require_free_names(cls: type, names: Iterable[str]) -> None:
    """Raise if a field of a class has the name of a method or property that it inherits.

    Raises:
        FieldError: the field would replace the method.
    """
    for name in names:
        field = vars(cls).get(name)
        if not isinstance(field, (Attribute, Ref)):
            continue
        for base in cls.__mro__[1:]:
            if name in vars(base) and not _is_replaceable(vars(base)[name], field):
                raise FieldError(
                    f"{cls.__name__}.{name}: a field cannot have the name of {base.__name__}."
                    f"{name}, which it would replace; choose another name"
                )


def _is_replaceable(inherited: Any, field: Any) -> bool:
    """Return whether a field may be declared in the place of an inherited attribute."""
    if isinstance(field, CustomField):
        return isinstance(inherited, CustomField)
    # A subclass may declare a field or a relation again, or that it has none (None).
    return (
        inherited is None or isinstance(inherited, (Attribute, Ref)) or hasattr(inherited, "target")
    )


def _plural_name(singular: str, plural: str) -> str:
    """Return the name of many rows for people; some lists have no key that names them."""
    if plural:
        return _snake(plural).replace("_", " ")
    name = _snake(singular).replace("_", " ")
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


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
        """Return the option of the class, or the inherited one."""
        return meta[name] if name in meta else getattr(inherited, name, default)

    api = _with_actions(cls, option("api", Api()))
    camel_case = bool(option("camel_case", False))
    own_name = to_camel_case(_snake(cls.__name__)) if camel_case else _snake(cls.__name__)
    singular = meta.get("singular") or (
        inherited.singular if inherited and inherited.api.endpoints else own_name
    )
    key = next((endpoint.key for endpoint in api if endpoint.verb is Verb.LIST), f"{singular}s")
    plural = meta.get("plural", key)
    return Options(
        model=cls,
        object_name=cls.__name__,
        app_label=label,
        singular=singular,
        plural=plural,
        fields=fields,
        secret_fields=tuple(
            f for f in fields.values() if isinstance(f, (SecretField, ReadOnlySecret))
        ),
        relations=relations,
        lookups=lookups,
        api=api,
        verbose_name=meta.get("verbose_name", _snake(singular).replace("_", " ")),
        cache_seconds=float(option("cache_seconds", 0)),
        parent=option("parent", ""),
        aliases=option("aliases", ()),
        ordering=to_names(option("ordering", ())),
        get_latest_by=to_names(option("get_latest_by", "created_at")),
        abstract=bool(meta.get("abstract", False)),
        filter={**(inherited.filter if inherited else {}), **meta.get("filter", {})},
        safe=bool(option("safe", False)),
        unique=to_names(option("unique", ())),
        discriminator=meta.get("discriminator", ""),
        pk_key=option("pk_key", "id"),
        unique_ids=option("unique_ids", True),
        enveloped=bool(option("enveloped", True)),
        camel_case=camel_case,
        required=to_names(option("required", ())),
        max_lengths={**(inherited.max_lengths if inherited else {}), **meta.get("max_lengths", {})},
        write_instead={
            **(inherited.write_instead if inherited else {}),
            **meta.get("write_instead", {}),
        },
        max_bytes={**(inherited.max_bytes if inherited else {}), **meta.get("max_bytes", {})},
        verbose_name_plural=meta.get("verbose_name_plural") or _plural_name(singular, plural),
        custom=(custom := _custom(inherited, meta)),
        declared=_custom_fields(cls, custom, [*fields, *relations, *lookups]),
        custom_object={
            **(inherited.custom_object if inherited else {}),
            **meta.get("custom_object", {}),
        },
        concrete=inherited.concrete if inherited and _is_proxy(inherited, meta) else cls,
    )


def _with_actions(cls: type, api: Api) -> Api:
    """Return endpoints together with those of methods decorated with `@action`.

    The methods of the class, of its abstract bases and of its manager count.
    """
    bases = takewhile(_has_no_rows, cls.__mro__[1:])
    manager = getattr(vars(cls).get("objects"), "_manager_class", None)
    declared = actions_of(cls, *bases, *(() if manager is None else manager.__mro__))
    return api + Api(tuple(endpoint for endpoint in declared if endpoint not in api.endpoints))


def _has_no_rows(base: type) -> bool:
    """Return True for an abstract model, and for a class that is not a model."""
    meta: Options | None = getattr(base, "_meta", None)
    return meta is None or meta.abstract


def _custom(inherited: Options | None, meta: dict[str, Any]) -> Mapping[str, str]:
    pair = meta.get("custom")
    if pair is not None:
        return {pair[0]: pair[1]}
    return inherited.custom if inherited else {}


def _is_proxy(inherited: Options, meta: dict[str, Any]) -> bool:
    """Return True if the class declares no endpoints, so that its rows are those of its base."""
    return "api" not in meta and bool(inherited.api.endpoints) and not inherited.abstract


def _field(cls: type, name: str, declared: Declared, product: str) -> Attribute[Any]:
    kind = _kind(cls, declared, product)
    if name in _BY_KEY:
        kind = evolve(kind, part=PARTS.get(kind.name))
    if name == "id" and kind is KINDS["int"]:
        kind = ROW_ID
    if name.endswith("_ids") and (declared.type, declared.item) == ("list", "int"):
        kind = ROW_IDS
    nullable = declared.nullable or declared.type == "Any"
    descriptor = _FIELDS[declared.descriptor]
    if issubclass(descriptor, SecretField):
        public: tuple[str, ...] = cls.__dict__.get(name, ())
        return descriptor(name, kind, nullable=nullable, public_keys=public)
    return descriptor(name, kind, nullable=nullable)


def _kind(cls: type, declared: Declared, product: str) -> Kind:
    if declared.type == "list" and declared.item not in {"", *KINDS}:
        if declared.descriptor == "WriteOnly":
            return reference_list_kind(declared.item, product)
        return nested_list_kind(declared.item, product)
    if declared.type == "list" and declared.item:
        return list_kind(declared.item)
    if declared.choices:
        return chosen(declared.choices)
    if declared.type in KINDS:
        return KINDS[declared.type]
    alias = getattr(sys.modules[cls.__module__], declared.type, None)
    if get_origin(alias) is Literal:
        return chosen(get_args(alias))
    if declared.descriptor == "Lookup":
        return reference_kind(declared.type, product)
    return nested_kind(declared.type, product)


def _product(cls: type) -> str:
    parts = cls.__module__.split(".")
    return parts[1] if parts[0] == "zendesk_orm" and len(parts) > 1 else parts[0]


def _snake(name: str) -> str:
    return _WORD.sub("_", name).lower()


def _custom_fields(
    cls: type, custom: Mapping[str, str], names: Container[str]
) -> dict[str, CustomField[Any]]:
    """Return the custom fields that stand in a class and those above it, by name.

    Each gets a method that returns its value for display: `get_severity_display()`.

    Raises:
        FieldError: rows of the model have none, or one is called as a field is.
    """
    fields: dict[str, CustomField[Any]] = {}
    for base in reversed(cls.__mro__):
        fields.update((name, v) for name, v in vars(base).items() if isinstance(v, CustomField))
    for name in fields:
        if not custom:
            raise FieldError(f"{cls.__name__}.{name}: rows of this model have no custom fields")
        if name in names:
            raise FieldError(f"{cls.__name__}.{name}: a field has this name; choose another one")
        method = f"get_{name}_display"
        if not hasattr(cls, method):
            setattr(cls, method, display := Display())
            display.__set_name__(cls, method)
    return fields


def _check_custom(cls: type, meta: Mapping[str, Any], options: Options) -> None:
    """Check the custom fields and the custom object that a class declares.

    Raises:
        FieldError, InvalidValue: the message names the class and the field.
    """
    place = cls.__name__
    try:
        if meta.get("custom_object"):
            check_object(meta["custom_object"], registry.find("CustomObject", "support"))
        for name, declared in options.declared.items():
            if name in vars(cls):
                place = f"{cls.__name__}.{name}"
                check_field(declared, describing(options))
    except (FieldError, InvalidValue) as error:
        raise type(error)(f"{place}: {error}") from None
