"""Values of a request, checked and converted to the declared types before a handler reads them.

Zendesk checks parameters in the same way: a value of another type is an error with status 400,
before any row is looked up.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from datetime import date, timezone
from functools import cache
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.messages import JSONObject, Request, Target, is_number
from zendesk_orm.emulator.server.bodies import MAX_INTEGER, MIN_INTEGER, InvalidBody
from zendesk_orm.emulator.server.errors import invalid_attribute
from zendesk_orm.schema.annotation import read
from zendesk_orm.schema.fields import Attribute, Id
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.tags import Tags
from zendesk_orm.schema.values import TEXT_ID


#: Converts a value, or raises `ValueError` with the reason.
Converter = Callable[[Any], Any]

_BOOLS: Mapping[Any, bool] = {True: True, False: False, "true": True, "false": False}


def convert_request(request: Request, target: Target) -> Request:
    """Return the request with values of the declared types.

    The items of a bulk request are converted one by one when its job is run.

    Raises:
        HTTPError: 400, if a value has another type.
    """
    for name, text in request.params.items(multi=True):
        _check_parameter(name, text)
    meta = target.meta
    if isinstance(request.body, InvalidBody) or not request.body:
        return request
    body = _convert_other_keys(meta, request.body)
    if not meta.envelope:
        body = convert(meta, body)
    for key, value in body.items():
        if isinstance(value, dict):
            is_row = key in (meta.envelope, meta.singular)
            body[key] = convert(meta, value) if is_row else _convert_other_keys(meta, value)
    return evolve(request, body=body)


def convert(meta: Options, payload: Mapping[str, Any]) -> JSONObject:
    """Return the object of a body with values of the types that the model declares.

    Raises:
        HTTPError: 400, if a value has another type.
    """
    converters = _get_converters(meta)
    row = JSONObject()
    for key, value in payload.items():
        converter = converters.get(key)
        if converter is None:
            row[key] = _convert_key(meta, key, value)
        else:
            row[key] = _apply(converter, key, value)
    return row


# -- types of JSON values ----------------------------------------------------


def _to_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be a string")


def _to_integer(value: Any) -> int | None:
    number: int | None = _to_number(value, int)
    if number is not None and not MIN_INTEGER <= number <= MAX_INTEGER:
        raise ValueError(f"must be less than {MAX_INTEGER}")
    return number


def _to_number(value: Any, kind: type) -> Any:
    if value == "":
        return None
    try:
        convertible = isinstance(value, (str, kind, int)) and not isinstance(value, bool)
        number = kind(value) if convertible else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"must be {'an integer' if kind is int else 'a float'}")
    return number


def _to_float(value: Any) -> float | None:
    number: float | None = value if type(value) is int else _to_number(value, float)
    return number


def _to_boolean(value: Any) -> bool:
    if isinstance(value, (str, bool)) and value in _BOOLS:
        return _BOOLS[value]
    raise ValueError("must be either true or false")


def _to_id(value: Any) -> Any:
    """Return an id, which may be a number or a string."""
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return value
    raise ValueError("must be an integer")


def _to_integer_id(value: Any) -> Any:
    """Return an id of a list of numbers, which may be a string of digits."""
    value = _to_id(value)
    return int(value) if isinstance(value, str) and is_number(value) else value


def _to_choice(value: Any) -> str | None:
    """Return a choice; a blank one stands for none, as forms of other clients send it."""
    return _to_text(value).strip() or None


def _to_timestamp(value: Any) -> str | None:
    """Return a time in UTC, as recorded for a time with another offset."""
    if value == "":
        return None
    try:
        time = load_datetime(value).astimezone(timezone.utc)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise ValueError("must be a datetime") from None
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _to_day(value: Any) -> str | None:
    if value == "":
        return None
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except (ValueError, TypeError):
        raise ValueError("must be a date") from None


def _to_dict(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError("must be a hash")


def _to_list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise ValueError("must be an array")


def _to_any(value: Any) -> Any:
    return value


def _to_tags(value: Any) -> Any:
    """Return tags: a list of strings, or a string separated by blanks or commas."""
    return value if isinstance(value, str) else _list_of(_to_text)(value)


def _to_ids(value: Any) -> Any:
    """Return ids: a list, or a string separated by commas."""
    return value if isinstance(value, str) else _list_of(_to_id)(value)


def _to_items(value: Any) -> Any:
    """Return values by id: a list of objects with `id` and `value`, or an object."""
    if not isinstance(value, dict):
        return _list_of(_to_dict)(value)
    if not all(is_number(key) for key in value):
        raise ValueError("must be an array")
    return value


def _to_dict_or_list(value: Any) -> Any:
    return value if isinstance(value, dict) else _list_of(_to_dict)(value)


def _to_text_or_dict(value: Any) -> Any:
    return value if isinstance(value, str) else _to_dict(value)


def _dict_of(**converters: Converter) -> Converter:
    """Return a converter of objects whose keys have the types of other converters."""

    def convert_values(value: Any) -> dict[str, Any]:
        values = _to_dict(value)
        return values | {
            key: converter(values[key])
            for key, converter in converters.items()
            if values.get(key) is not None
        }

    return convert_values


def _list_of(converter: Converter) -> Converter:
    def convert_items(value: Any) -> list[Any]:
        return [converter(item) for item in _to_list(value) if item is not None]

    return convert_items


# -- types of a model's fields -----------------------------------------------

_BY_KIND: Mapping[str, Converter] = {
    "str": _to_text,
    "choice": _to_choice,
    "int": _to_integer,
    "float": _to_float,
    "bool": _to_boolean,
    "datetime": _to_timestamp,
    "date": _to_day,
    "id": _to_id,
    "dict": _to_dict,
    "list": _to_list,
    "Any": _to_any,
}
#: Converters of the items of lists, by the name of their type in the annotation.
_BY_ITEM: Mapping[str, Converter] = {
    "int": _to_integer_id,
    "str": _to_text,
    "CaseInsensitiveStr": _to_text,
    "dict": _to_dict,
    "Upload": _to_text_or_dict,
    "User": _to_any,
}
#: Converters that differ from those of the declaration, by model.
_BY_MODEL: Mapping[str, Mapping[str, Converter]] = {
    # Observed: scopes that are not a list result in a token that may do nothing.
    "support.OAuthToken": {"scopes": _to_any},
    "help_center.ContentTag": {"attributes": _to_dict},
    "support.TrialAccount": {"subdomain": _to_text, "name": _to_text},
    "support.RoutingAttributeValue": {
        "attributes": _dict_of(attribute_values=_list_of(_to_dict)),
        "items": _list_of(_to_id),
    },
    "support.TriggerCategory": {
        "items": _dict_of(trigger_categories=_list_of(_to_dict), triggers=_list_of(_to_dict)),
    },
    "support.Webhook": {"authentication": _dict_of(data=_to_dict), "payload": _to_any},
    "talk.PartnerCall": {"comment": _to_dict},
}
#: Converters of keys that are not fields.
_UNDECLARED: Mapping[str, Converter] = {
    "comment": _to_text_or_dict,
    "comments": _list_of(_to_text_or_dict),
    "custom_fields": _to_items,
    "external_resources": _list_of(_to_dict),
    "fields": _to_items,
    "intervals": _list_of(_to_dict),
    "payload": _to_dict,
    "tags": _to_tags,
    "ticket_form_status": _to_dict_or_list,
    "via_id": _to_id,
    "voice_comment": _to_dict,
    "tasks": _list_of(_to_dict),
    "translations": _list_of(_to_dict),
}


@cache
def _get_converters(meta: Options) -> Mapping[str, Converter]:
    """Return the converters of the fields that a body may set."""
    model = meta.concrete
    editable = (field for field in meta.fields.values() if field.editable)
    converters = {field.wire: _get_converter(model, field) for field in editable}
    return {**converters, **_BY_MODEL.get(meta.label, {})}


def _get_converter(model: Any, field: Attribute[Any]) -> Converter:
    kind = field.kind.name
    if isinstance(field, Tags):
        return _to_tags
    if isinstance(field, Id) and field.kind is TEXT_ID:
        return _to_id
    if kind == "list":
        item = _get_item_type(model, field.name)
        return _list_of(_BY_ITEM[item]) if item in _BY_ITEM else _to_list
    if kind.startswith("list["):
        return _to_list
    if kind == "dict" and field.name == "conditions":
        return _dict_of(all=_to_list, any=_to_list)
    return _BY_KIND.get(kind, _to_text_or_dict)


def _get_item_type(model: Any, name: str) -> str:
    """Return the name of the type of a list's items, as annotated."""
    for cls in model.__mro__:
        annotation = inspect.get_annotations(cls).get(name)
        declared = annotation and read(annotation)
        if declared:
            return str(declared.item)
    return ""


def _convert_other_keys(meta: Options, values: Mapping[str, Any]) -> JSONObject:
    """Return values with converted types; keys that are fields are treated as any other key."""
    return JSONObject({key: _convert_key(meta, key, value) for key, value in values.items()})


def _convert_key(meta: Options, key: str, value: Any) -> Any:
    """Return the converted value of a key that is not a field."""
    ids = _to_ids if key == "ids" or key.endswith("_ids") else None
    converter = _BY_MODEL.get(meta.label, _UNDECLARED).get(key) or _UNDECLARED.get(key, ids)
    return value if converter is None else _apply(converter, key, value)


def _apply(converter: Converter, key: str, value: Any) -> Any:
    """Return the converted value. None is valid for every type.

    Raises:
        HTTPError: 400, if the value has another type.
    """
    try:
        return None if value is None else converter(value)
    except ValueError as error:
        raise invalid_attribute(key, f"{key} {error}") from None


# -- query parameters --------------------------------------------------------

#: Parameters that are integers at all endpoints.
_NUMBERS = frozenset(
    {"limit", "page", "page[size]", "page_size", "per_page", "since_id", "start_time"}
)


def _check_parameter(name: str, text: str) -> None:
    if name in _NUMBERS and not is_number(text):
        raise invalid_attribute(name, f"{name} must be an integer")
