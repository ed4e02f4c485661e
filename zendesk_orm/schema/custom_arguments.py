"""Checks of declared custom fields and custom objects, made when a class is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zendesk_orm.errors import FieldError, InvalidValue
from zendesk_orm.messages import display, suggestion, with_article
from zendesk_orm.schema.arguments import require_custom_name, require_text
from zendesk_orm.schema.definitions import CHOSEN


if TYPE_CHECKING:
    from zendesk_orm.schema.custom_field import CustomField
    from zendesk_orm.schema.options import Options

_TEXT_TYPES = frozenset({"text", "textarea", "regexp"})
_SHARED_TYPES = _TEXT_TYPES | {"checkbox", "date", "decimal", "integer", "lookup", "multiselect"}
#: The types that tickets alone have; all others have those below.
#: Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/#create-ticket-field
TICKET_TYPES = _SHARED_TYPES | {"partialcreditcard", "tagger"}
#: Source: https://developer.zendesk.com/api-reference/ticketing/users/user_fields/#json-format
KEYED_TYPES = _SHARED_TYPES | {"currency", "dropdown"}
#: Source: https://developer.zendesk.com/api-reference/custom-data/custom-objects/custom_object_fields/#create-custom-object-field
_OBJECT_TYPES = KEYED_TYPES | {"parent"}

#: Attributes that `CustomField` and `Meta` have arguments for, or that follow from others.
_EXPRESSED = frozenset(
    {
        *("title", "type", "custom_field_options", "required", "regexp_for_validation"),
        *("custom_object", "sub_type_id"),
    }
)


def get_types(meta: Options) -> frozenset[str]:
    """Return the types of the fields that a model describes, by Zendesk's names."""
    types = {"TicketField": TICKET_TYPES, "CustomObjectField": _OBJECT_TYPES}
    return types.get(meta.object_name, KEYED_TYPES)


def get_attribute_names(meta: Options) -> frozenset[str]:
    """Return the names that `attributes=` may contain for fields that a model describes."""
    return _get_writable_names(meta) - _EXPRESSED


def get_object_names(meta: Options) -> frozenset[str]:
    """Return the names that `Meta.custom_object` may contain."""
    return _get_writable_names(meta) - {"key"}


def _get_writable_names(meta: Options) -> frozenset[str]:
    """Return the names of the fields of a model that can be set, without raw values."""
    return frozenset(
        field.name
        for field in meta.fields.values()
        if field.editable and not field.name.startswith("raw_") and field.name != "id"
    )


def check_arguments(field: CustomField[Any]) -> None:
    """Check the arguments of a `CustomField`.

    Raises:
        FieldError, InvalidValue: an argument has a wrong type, or Zendesk has no such type.
    """
    require_text("the name of a custom field", str(require_custom_name(field.known_as)))
    if field.id is not None:
        require_text("id", str(require_custom_name(field.id)))
    for name in ("type", "pattern", "title", "default"):
        value = getattr(field, name)
        if not isinstance(value, str):
            raise InvalidValue(f"{name} must be a text, not {display(value)}")
    types = TICKET_TYPES | _OBJECT_TYPES
    if field.type and field.type not in types:
        raise InvalidValue(
            f"custom fields have no type {display(field.type)}{suggestion(field.type, types)}"
        )
    if not isinstance(field.required, bool):
        raise InvalidValue(f"required must be True or False, not {display(field.required)}")
    _check_options(field)
    if not isinstance(field.attributes, Mapping):
        raise InvalidValue(f"attributes must be a dictionary, not {display(field.attributes)}")


def _check_options(field: CustomField[Any]) -> None:
    """Check the options of a field.

    Raises:
        InvalidValue: they are not titles by tag, or the field can have none.
    """
    if field.options is None:
        return
    if not isinstance(field.options, Mapping):
        raise InvalidValue(f"options must be the titles by tag, not {display(field.options)}")
    options: Mapping[Any, Any] = field.options
    for tag, title in options.items():
        if isinstance(tag, bool) or not isinstance(tag, (str, int)) or tag == "":
            raise InvalidValue(f"the tag of an option must be a text, not {display(tag)}")
        require_text(f"the title of option {display(tag)}", title)
    if field.type and field.type not in CHOSEN and field.options:
        raise InvalidValue(
            f"a field of the type {field.type} has no options: remove options=, or set type= to "
            f"{' or '.join(sorted(CHOSEN))}"
        )


def check_field(field: CustomField[Any], model: Any) -> None:
    """Check a declared field by the model whose rows describe it.

    Args:
        field: the declaration.
        model: `TicketField`, `UserField`, `OrganizationField` or `CustomObjectField`.

    Raises:
        FieldError: an attribute does not exist.
        InvalidValue: fields of this kind cannot have an argument.
    """
    meta = model._meta
    types = get_types(meta)
    if field.type and field.type not in types:
        raise InvalidValue(
            f"{meta.verbose_name_plural} have no type {display(field.type)}: set type= to one of "
            f"{', '.join(sorted(types))}"
        )
    _check_attributes("attributes", field.attributes, get_attribute_names(meta), model)
    if field.required and "required" not in meta.fields:
        raise InvalidValue(
            f"{with_article(meta.verbose_name)} cannot be required: remove required=True"
        )
    if field.default and meta.object_name != "TicketField":
        raise InvalidValue("only options of ticket fields have a default: remove default=")
    tags = {str(tag) for tag in field.options or ()} | {*(field.choices or ())}
    if field.default and tags and field.default not in tags:
        raise InvalidValue(
            f"default {display(field.default)} must be one of the options"
            + suggestion(field.default, tags)
        )


def check_object(attributes: Mapping[str, Any], model: Any) -> None:
    """Check the attributes of a custom object, `Meta.custom_object`.

    Raises:
        FieldError: an attribute does not exist.
        InvalidValue: a value has a wrong type, or a title is empty.
    """
    place = "Meta.custom_object"
    _check_attributes(place, attributes, get_object_names(model._meta), model)
    for name in ("title", "title_pluralized"):
        if name in attributes:
            require_text(f"{place}[{display(name)}]", attributes[name])


def _check_attributes(
    place: str, attributes: Mapping[str, Any], names: frozenset[str], model: Any
) -> None:
    """Check the names and the values of attributes."""
    for name in attributes:
        if name not in names:
            raise FieldError(f"{place} has no {display(name)}{suggestion(str(name), names)}")
    # A record rejects values of a wrong type.
    model(**attributes)
