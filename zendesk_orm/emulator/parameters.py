"""The values of a request, checked and converted before a handler reads them.

Zendesk checks parameters in the same way: each has a type, and a value of another type is
answered with 400 before anything is looked up.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timezone
from functools import cache
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.refusals import Refusal, invalid_attribute, unparsable
from zendesk_orm.emulator.world import Call, Fields, Target, is_number
from zendesk_orm.schema.annotation import read
from zendesk_orm.schema.fields import Attribute, Id
from zendesk_orm.schema.loading import load_datetime
from zendesk_orm.schema.members import Tags
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.values import TEXT_ID


#: The levels that a body may have, as Ruby's parser of JSON has it by default.
_DEPTH = 100
#: The range of the integers that can be stored.
_LEAST, _MOST = -(2**63), 2**63 - 1
_BOOLS: Mapping[Any, bool] = {True: True, False: False, "true": True, "false": False}

#: Converts a value, or raises ValueError with the reason.
Type = Callable[[Any], Any]


class UnreadBody(Mapping[str, Any]):
    """The body of a request that cannot be read: looking into it refuses the request.

    The content of a file may be anything, so that only handlers that need JSON raise.
    """

    def __init__(self, refusal: Refusal) -> None:
        self._refusal = refusal

    def __getitem__(self, key: str) -> Any:
        raise self._refusal

    def __iter__(self) -> Iterator[str]:
        raise self._refusal

    def __len__(self) -> int:
        raise self._refusal


def parse_json(text: str | bytes) -> Any:
    """Return the value of a JSON text, whose objects are `Fields`.

    Raises:
        ValueError: it is not JSON.
    """
    return json.loads(text, object_hook=Fields, parse_constant=_refuse_constant)


def parse_body(content: bytes) -> Mapping[str, Any]:
    """Return the JSON object of a body; {} if the body is empty."""
    try:
        text = content.decode()
        body = parse_json(text) if text.strip() else Fields()
    except (ValueError, RecursionError):
        return UnreadBody(unparsable())
    refusal = _refusal_of(body)
    if refusal:
        return UnreadBody(refusal)
    return body if isinstance(body, dict) else Fields({"": body})


def convert_call(call: Call, target: Target) -> Call:
    """Return the call with values of the declared types.

    The items of a bulk request are converted one by one, when its job is done.

    Raises:
        Refusal: a value is of another type.
    """
    for name, text in call.params.items(multi=True):
        _check_parameter(name, text)
    meta = target.meta
    if isinstance(call.body, UnreadBody) or not call.body:
        return call
    body = _convert_others(meta, call.body)
    if not meta.envelope:
        body = convert(meta, body)
    for key, value in body.items():
        if isinstance(value, dict):
            own = key in (meta.envelope, meta.singular)
            body[key] = convert(meta, value) if own else _convert_others(meta, value)
    return evolve(call, body=body)


def convert(meta: Options, payload: Mapping[str, Any]) -> Fields:
    """Return the object of a body with values of the types that the model declares.

    Raises:
        Refusal: a value is of another type.
    """
    types = _types(meta)
    converted = Fields()
    for key, value in payload.items():
        declared = types.get(key)
        if declared is None:
            converted[key] = _convert_other(meta, key, value)
        else:
            converted[key] = _apply(declared, key, value)
    return converted


# -- what can be stored ------------------------------------------------------


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _refusal_of(body: Any) -> Refusal | None:
    """Return the refusal of a body that cannot be stored; None if it can."""
    level = [("body", body)]
    for _ in range(_DEPTH):
        below: list[tuple[str, Any]] = []
        for name, value in level:
            problem = _problem(name) or _problem(value)
            if problem:
                return invalid_attribute(_printable(name), f"{_printable(name)} {problem}")
            if isinstance(value, dict):
                below += value.items()
            elif isinstance(value, list):
                below += ((name, item) for item in value)
        if not below:
            return None
        level = below
    return unparsable()


def _problem(value: Any) -> str:
    if isinstance(value, str) and not _is_unicode(value):
        return "must have valid encoding"
    if isinstance(value, int) and not _LEAST <= value <= _MOST:
        return f"must be less than {_MOST}"
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a float"
    return ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(text: str) -> str:
    return text.encode(errors="replace").decode()


# -- the types of JSON -------------------------------------------------------


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise ValueError("must be a string")


def _integer(value: Any) -> int | None:
    number: int | None = _number(value, int)
    if number is not None and not _LEAST <= number <= _MOST:
        raise ValueError(f"must be less than {_MOST}")
    return number


def _number(value: Any, kind: type) -> Any:
    if value == "":
        return None
    try:
        usable = isinstance(value, (str, kind, int)) and not isinstance(value, bool)
        number = kind(value) if usable else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"must be {'an integer' if kind is int else 'a float'}")
    return number


def _float(value: Any) -> float | None:
    number: float | None = value if type(value) is int else _number(value, float)
    return number


def _boolean(value: Any) -> bool:
    if isinstance(value, (str, bool)) and value in _BOOLS:
        return _BOOLS[value]
    raise ValueError("must be either true or false")


def _id(value: Any) -> Any:
    """Return an id: a number, or a string if it is none; both are sent by clients."""
    if isinstance(value, (int, str)) and not isinstance(value, bool):
        return value
    raise ValueError("must be an integer")


def _moment(value: Any) -> str | None:
    """Return a moment in UTC, as recorded for one that was sent with an offset."""
    if value == "":
        return None
    try:
        moment = load_datetime(value).astimezone(timezone.utc)
    except (ValueError, TypeError, AttributeError, OverflowError):
        raise ValueError("must be a datetime") from None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(value: Any) -> str | None:
    if value == "":
        return None
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except (ValueError, TypeError):
        raise ValueError("must be a date") from None


def _dict(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError("must be a hash")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise ValueError("must be an array")


def _any(value: Any) -> Any:
    return value


def _tags(value: Any) -> Any:
    """Return tags: a list of strings, or a string with blanks or commas between them."""
    return value if isinstance(value, str) else _list_of(_text)(value)


def _ids(value: Any) -> Any:
    """Return ids: a list of them, or a string with commas between them."""
    return value if isinstance(value, str) else _list_of(_id)(value)


def _items(value: Any) -> Any:
    """Return values by id: a list of objects with an id and a value, or an object."""
    if not isinstance(value, dict):
        return _list_of(_dict)(value)
    if not all(is_number(key) for key in value):
        raise ValueError("must be an array")
    return value


def _one_or_more(value: Any) -> Any:
    return value if isinstance(value, dict) else _list_of(_dict)(value)


def _text_or_dict(value: Any) -> Any:
    return value if isinstance(value, str) else _dict(value)


def _list_of(member: Type) -> Type:
    def convert_members(value: Any) -> list[Any]:
        return [member(each) for each in _list(value) if each is not None]

    return convert_members


# -- the types of a model ----------------------------------------------------

_BY_KIND: Mapping[str, Type] = {
    "str": _text,
    "choice": _text,
    "int": _integer,
    "float": _float,
    "bool": _boolean,
    "datetime": _moment,
    "date": _day,
    "id": _id,
    "dict": _dict,
    "list": _list,
    "Any": _any,
}
#: The types of the members of lists, by the name that an annotation has for them.
_MEMBERS: Mapping[str, Type] = {
    "int": _id,
    "str": _text,
    "CaseInsensitiveStr": _text,
    "dict": _dict,
    "Upload": _text_or_dict,
    "User": _any,
}
#: Types that differ from the declared ones, by model.
_OF_MODEL: Mapping[str, Mapping[str, Type]] = {
    # Seen on a live account: scopes that are not a list give a token that is allowed nothing.
    "support.OAuthToken": {"scopes": _any},
    "help_center.ContentTag": {"attributes": _dict},
    "talk.PartnerCall": {"comment": _dict},
}
#: Keys of bodies that no declaration has, or that are objects beside those that it has.
_OTHERS: Mapping[str, Type] = {
    "comment": _text_or_dict,
    "comments": _list_of(_text_or_dict),
    "custom_fields": _items,
    "fields": _items,
    "intervals": _list_of(_dict),
    "payload": _dict,
    "tags": _tags,
    "ticket_form_status": _one_or_more,
    "via_id": _id,
    "tasks": _list_of(_dict),
}


@cache
def _types(meta: Options) -> Mapping[str, Type]:
    """Return the types of the fields that a body may set."""
    model = meta.concrete
    types = {field.wire: _type(model, field) for field in meta.fields.values() if field.editable}
    return {**types, **_OF_MODEL.get(meta.label, {})}


def _type(model: Any, field: Attribute[Any]) -> Type:
    kind = field.kind.name
    if isinstance(field, Tags):
        return _tags
    if isinstance(field, Id) and field.kind is TEXT_ID:
        return _id
    if kind == "list":
        item = _item(model, field.name)
        return _list_of(_MEMBERS[item]) if item in _MEMBERS else _list
    if kind.startswith("list["):
        return _list
    return _BY_KIND.get(kind, _text_or_dict)


def _item(model: Any, name: str) -> str:
    """Return the name of the type of the members of a list, as annotated."""
    for cls in model.__mro__:
        annotation = inspect.get_annotations(cls).get(name)
        declared = annotation and read(annotation)
        if declared:
            return str(declared.item)
    return ""


def _convert_others(meta: Options, values: Mapping[str, Any]) -> Fields:
    return Fields({key: _convert_other(meta, key, value) for key, value in values.items()})


def _convert_other(meta: Options, key: str, value: Any) -> Any:
    """Return the value of a key that is not that of a field."""
    ids = _ids if key == "ids" or key.endswith("_ids") else None
    convert_value = _OF_MODEL.get(meta.label, _OTHERS).get(key) or _OTHERS.get(key, ids)
    return value if convert_value is None else _apply(convert_value, key, value)


def _apply(convert_value: Type, key: str, value: Any) -> Any:
    """Return the converted value; None is a value of every type.

    Raises:
        Refusal: it is of another type.
    """
    try:
        return None if value is None else convert_value(value)
    except ValueError as error:
        raise invalid_attribute(key, f"{key} {error}") from None


# -- query parameters --------------------------------------------------------

#: Parameters that are whole numbers, wherever they are taken.
_NUMBERS = frozenset(
    {"limit", "page", "page[size]", "page_size", "per_page", "since_id", "start_time"}
)


def _check_parameter(name: str, text: str) -> None:
    if name in _NUMBERS and not is_number(text):
        raise invalid_attribute(name, f"{name} must be an integer")
