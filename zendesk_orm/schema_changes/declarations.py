"""Declared fields and custom objects: the classes of a module as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve, field, frozen

from zendesk_orm.errors import InvalidValue
from zendesk_orm.inspection import field_types
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema import custom, registry
from zendesk_orm.schema.custom_field import CustomField
from zendesk_orm.schema.definitions import RECORDS, TARGETS, fold_name
from zendesk_orm.schema.options import Options
from zendesk_orm.schema_changes.owners import Owner


_TARGETS = {model: target for target, model in TARGETS.items()}


@frozen
class DeclaredField:
    """A field as the classes declare it.

    Attributes:
        place: the declaration: `AccountTicket.product`.
        owner: the rows that have it.
        known_as: the names by which the library looks it up.
        id: its id, or None.
        key: its key if it has to be created; "" for ticket fields.
        title: its title, or "" if the declaration does not name it.
        states_title: whether the title is stated, and not just a name to look up.
        type: Zendesk's name of its declared type, or "".
        inferred_type: the type of a new field, or "" if it is unclear.
        declarations: the declarations, each with the product by which it resolves models.
        options: the titles of its options by tag, "" for a title that is not declared; None if
            no options are declared.
        is_ordered: whether the order of its options is declared.
        default: the tag of the default option, or "".
        attributes: the values of its other declared attributes.
    """

    place: str
    owner: Owner
    known_as: tuple[str | int, ...]
    id: int | str | None
    key: str
    title: str
    states_title: bool
    type: str
    inferred_type: str
    declarations: tuple[tuple[CustomField[Any], str], ...] = field(repr=False)
    options: Mapping[str, str] | None
    is_ordered: bool
    default: str
    attributes: Mapping[str, Any]

    @property
    def subject(self) -> str:
        """The field for people: `ticket field 'Product'`."""
        return self.owner.describe(str(self.title if self.owner.by_id else self.key))

    @property
    def target(self) -> str:
        """Zendesk's name of the target of a lookup, or ""."""
        return str(self.attributes.get("relationship_target_type") or "")


@frozen
class DeclaredObject:
    """A custom object as the classes declare it.

    Attributes:
        place: the class.
        key: its key.
        attributes: the values of its declared attributes: `title`, `description`.
    """

    place: str
    key: str
    attributes: Mapping[str, Any]


def get_owner(meta: Options) -> Owner:
    """Return the rows that the custom fields of a model belong to.

    Raises:
        InvalidValue: the records of a custom object have no key.
    """
    key = custom.scope_key(meta) if meta.custom else ""
    custom_object = meta.filter.get(key) if key else ""
    if not meta.custom:
        raise InvalidValue("rows of this model have no custom fields")
    if key and not (custom_object and isinstance(custom_object, str)):
        raise InvalidValue(
            'no custom object is named: set filter = {"custom_object_key": "..."} in Meta'
        )
    return Owner(custom.describing(meta), str(custom_object or ""))


def read_object(meta: Options) -> DeclaredObject:
    """Return the custom object that a class declares."""
    return DeclaredObject(meta.object_name, get_owner(meta).custom_object, dict(meta.custom_object))


def read_field(model: type[Model], name: str, models: Iterable[type[Model]]) -> DeclaredField:
    """Return the field that an attribute of a class declares.

    Args:
        model: the class.
        name: the attribute.
        models: all classes, which lookups may refer to.

    Raises:
        FieldError: a target does not exist.
        InvalidValue: the field is a standard field, or a lookup cannot refer to its target.
    """
    meta = model._meta
    declared, owner = meta.declared[name], get_owner(meta)
    known_as = declared.known_as
    if str(known_as).startswith("standard::"):
        raise InvalidValue(
            f"{known_as} is a standard field, which every custom object has: remove the declaration"
        )
    attributes = {**declared.attributes, **_read_rules(declared, owner)}
    type_ = field_types.infer_type(declared, by_id=owner.by_id)
    if type_ in ("lookup", "parent") and not attributes.get("relationship_target_type"):
        target = _find_target(declared, meta.app_label, models)
        attributes.update({"relationship_target_type": target} if target else {})
    options, is_ordered = _read_options(declared)
    key, title = "", declared.title
    if owner.by_id:
        title = title or (known_as if isinstance(known_as, str) else "")
    else:
        key = str(attributes.get("key") or _choose_key(owner, known_as, name))
        is_title = isinstance(known_as, str) and known_as != key
        title = title or (str(known_as) if is_title else "")
    return DeclaredField(
        f"{meta.object_name}.{name}",
        owner,
        (known_as,),
        declared.id,
        key,
        title,
        bool(title) and (declared.title != "" or (owner.by_id and declared.id is not None)),
        declared.type,
        type_,
        ((declared, meta.app_label),),
        options,
        is_ordered,
        declared.default,
        attributes,
    )


def _choose_key(owner: Owner, known_as: str | int, name: str) -> str:
    """Return the key of a new field: the name of a declaration, or that of its attribute."""
    try:
        owner.check_key(str(known_as))
    except InvalidValue:
        return name if isinstance(known_as, str) else ""
    return str(known_as)


def _read_rules(declared: CustomField[Any], owner: Owner) -> dict[str, Any]:
    """Return the attributes that other arguments of a declaration express."""
    rules: dict[str, Any] = {}
    can_require = "required" in owner.model._meta.fields
    if can_require and (declared.type or declared.required):
        rules["required"] = bool(declared.required)
    if declared.pattern:
        rules["regexp_for_validation"] = declared.pattern
    return rules


def _read_options(declared: CustomField[Any]) -> tuple[dict[str, str] | None, bool]:
    """Return the titles of options by tag, and whether their order is declared."""
    tags = declared.choices
    if declared.options is not None:
        extra = dict.fromkeys(tag for tag in tags or () if tag not in declared.options)
        return {
            **{str(tag): t for tag, t in declared.options.items()},
            **dict.fromkeys(extra, ""),
        }, True
    if tags is not None:
        return dict.fromkeys(tags, ""), False
    return ({}, True) if declared.type in ("tagger", "dropdown", "multiselect") else (None, False)


def _find_target(
    declared: CustomField[Any], label: str, models: Iterable[type[Model]]
) -> str | None:
    """Return Zendesk's name of the target of a lookup, or None if no model is declared.

    Raises:
        FieldError: the model does not exist.
        InvalidValue: lookups cannot refer to the model.
    """
    names = [
        name for name in field_types.get_declared_types(declared) if name not in ("int", "str")
    ]
    if len(names) != 1:
        return None
    model = next((m for m in models if m.__name__ == names[0]), None)
    meta: Options = (model or registry.find(names[0], label))._meta
    if custom.scope_key(meta) if meta.custom else False:
        return f"{RECORDS}{get_owner(meta).custom_object}"
    target = _TARGETS.get(meta.concrete.__name__)
    if target is None:
        raise InvalidValue(
            f"lookup fields cannot refer to {names[0]}: use User, Organization, Ticket or a class "
            "of a custom object"
        )
    return target


def merge_fields(first: DeclaredField, second: DeclaredField) -> DeclaredField:
    """Return two declarations of the same field as one.

    Raises:
        InvalidValue: they contradict each other.
    """
    if second.declarations[0] in first.declarations:
        return first
    for name in ("type", "default"):
        _require_equal(name, getattr(first, name), getattr(second, name), first.place)
    if fold_name(first.title) != fold_name(second.title):
        _require_equal("title", first.title, second.title, first.place)
    options = first.options
    if first.options and second.options:
        for tag in {*first.options} & {*second.options}:
            _require_equal(f"option {tag}", first.options[tag], second.options[tag], first.place)
        options = {
            tag: first.options.get(tag) or second.options.get(tag) or ""
            for tag in (*first.options, *second.options)
        }
    return evolve(
        first,
        known_as=tuple(dict.fromkeys((*first.known_as, *second.known_as))),
        id=first.id if first.id is not None else second.id,
        title=(second if second.states_title else first).title or first.title or second.title,
        states_title=first.states_title or second.states_title,
        type=first.type or second.type,
        inferred_type=first.type or second.type or _infer_type(first, second),
        declarations=(*first.declarations, *second.declarations),
        options=options if options is not None else second.options,
        is_ordered=first.is_ordered or second.is_ordered,
        default=first.default or second.default,
        attributes=merge_attributes(first.attributes, second.attributes, first.place),
    )


def _infer_type(first: DeclaredField, second: DeclaredField) -> str:
    """Return the type of a new field; options and a pattern of one declaration decide it."""
    types = [item.inferred_type for item in (first, second) if item.inferred_type]
    return next((type_ for type_ in types if type_ != "text"), "text" if types else "")


def merge_attributes(
    first: Mapping[str, Any], second: Mapping[str, Any], place: str
) -> dict[str, Any]:
    """Return the attributes of two declarations of the same thing.

    Raises:
        InvalidValue: they contradict each other.
    """
    for name in {*first} & {*second}:
        if first[name] != second[name]:
            raise _contradiction(name, first[name], second[name], place)
    return {**first, **second}


def _require_equal(name: str, first: Any, second: Any, place: str) -> None:
    """Raise `InvalidValue` if two declarations of an attribute differ, and none is empty."""
    if first and second and first != second:
        raise _contradiction(name, first, second, place)


def _contradiction(name: str, first: Any, second: Any, place: str) -> InvalidValue:
    """Return the error of two declarations that contradict each other."""
    return InvalidValue(
        f"{place} declares the same with another {name}: {display(first)}, not "
        f"{display(second)}; make them equal"
    )
