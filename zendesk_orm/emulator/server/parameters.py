"""Values of a request, checked and converted to the declared types before a handler reads them.

Zendesk checks parameters in the same way: a value of another type is an error with status 400,
before any row is looked up.

Source: https://developer.zendesk.com/api-reference/introduction/requests/
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any

from attrs import evolve

from zendesk_orm.emulator.messages import JSONObject, Request, Target, is_number
from zendesk_orm.emulator.server.bodies import InvalidBody
from zendesk_orm.emulator.server.converters import (
    Converter,
    ListOf,
    check_timestamp,
    dict_of,
    to_any,
    to_boolean,
    to_choice,
    to_day,
    to_dict,
    to_dict_or_list,
    to_float,
    to_id,
    to_ids,
    to_integer,
    to_integer_id,
    to_items,
    to_list,
    to_tags,
    to_text,
    to_text_or_dict,
    to_timestamp,
    values_of,
)
from zendesk_orm.emulator.server.errors import invalid_attribute
from zendesk_orm.schema.annotation import read
from zendesk_orm.schema.fields import Attribute, Id
from zendesk_orm.schema.options import Options
from zendesk_orm.schema.tags import Tags
from zendesk_orm.schema.values import TEXT_ID


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


# -- types of a model's fields -----------------------------------------------

_BY_KIND: Mapping[str, Converter] = {
    "str": to_text,
    "choice": to_choice,
    "int": to_integer,
    "float": to_float,
    "bool": to_boolean,
    "datetime": to_timestamp,
    "date": to_day,
    "id": to_id,
    "dict": to_dict,
    "list": to_list,
    "Any": to_any,
}
#: Converters of the items of lists, by the name of their type in the annotation.
_BY_ITEM: Mapping[str, Converter] = {
    "int": to_integer_id,
    "str": to_text,
    "CaseInsensitiveStr": to_text,
    "dict": to_dict,
    "Upload": to_text_or_dict,
    "User": to_any,
}
_CONDITIONS = ListOf(dict_of(field=to_text, operator=to_text))
#: The buttons of a message.
_ACTIONS = ListOf(dict_of(type=to_text))
#: Persons in messages: participants of a conversation, recipients and senders.
_PERSON = dict_of(
    id=to_id,
    email=to_text,
    name=to_text,
    user_id=to_id,
    support_agent_id=to_id,
    support_group_id=to_id,
)
_TRANSLATIONS = ListOf(dict_of(locale=to_text, title=to_text, body=to_text))
_IDENTIFIERS = ListOf(dict_of(type=to_text))
_PEOPLE: Mapping[str, Converter] = {"from": _PERSON, "to": ListOf(_PERSON)}
#: A message of a side conversation.
_MESSAGE = dict_of(
    **dict.fromkeys(("subject", "body", "html_body"), to_text),
    **_PEOPLE,
    attachment_ids=ListOf(to_id),
    external_ids=to_dict,
)
_MESSAGES: Mapping[str, Converter] = {
    "message": _MESSAGE,
    "events": ListOf(dict_of(message=_MESSAGE, created_at=check_timestamp)),
    "external_ids": to_dict,
}
#: Converters that differ from those of the declaration, by model.
_BY_MODEL: Mapping[str, Mapping[str, Converter]] = {
    # Observed: scopes that are not a list result in a token that may do nothing.
    "support.OAuthToken": {"scopes": to_any},
    "help_center.Article": {"translations": _TRANSLATIONS},
    "help_center.Category": {"translations": _TRANSLATIONS},
    "help_center.Section": {"translations": _TRANSLATIONS},
    "help_center.ContentTag": {"attributes": to_dict, "items": ListOf(to_id)},
    "messaging.Client": {
        "confirmation": dict_of(type=to_text),
        "matchCriteria": dict_of(type=to_text, integrationId=to_id),
        "target": to_dict,
    },
    "messaging.Conversation": {
        "participants": ListOf(dict_of(userId=to_id, userExternalId=to_id)),
    },
    "messaging.Message": {
        "author": dict_of(type=to_text, userId=to_id, userExternalId=to_id),
        "content": dict_of(type=to_text, actions=_ACTIONS, items=ListOf(dict_of(actions=_ACTIONS))),
    },
    "support.CapacityRule": {"agents": ListOf(to_id), "assignees": ListOf(to_id)},
    "support.Comment": {
        "external_attachment_urls": ListOf(to_text),
        "html_body": to_text,
        "ticket_id": to_id,
    },
    "support.DynamicContentItem": {
        "variants": ListOf(dict_of(locale_id=to_integer, content=to_text)),
    },
    "support.PermissionPolicy": {"records": values_of(to_dict)},
    "support.RecipientAddress": {"type": to_text},
    "support.SideConversation": _MESSAGES,
    "support.SideConversationEvent": _MESSAGES,
    "support.TrialAccount": {"subdomain": to_text, "name": to_text},
    "support.RoutingAttributeValue": {
        "attributes": dict_of(attribute_values=ListOf(dict_of(id=to_id))),
        "items": ListOf(to_id),
    },
    "support.SurveyResponse": {
        "answers": ListOf(dict_of(type=to_text, rating=to_integer)),
    },
    "support.SuspendedTicket": {"author": _PERSON},
    "support.TriggerCategory": {
        "items": dict_of(trigger_categories=ListOf(to_dict), triggers=ListOf(to_dict)),
    },
    "support.UserProfile": {"identifiers": _IDENTIFIERS},
    "support.View": {
        "output": dict_of(
            columns=ListOf(to_id),
            **dict.fromkeys(("group_by", "group_order", "sort_by", "sort_order"), to_id),
        ),
    },
    "support.Webhook": {"authentication": dict_of(data=to_dict), "payload": to_any},
    "talk.PartnerCall": {"comment": to_dict},
}
#: Converters of keys that are not fields.
_UNDECLARED: Mapping[str, Converter] = {
    "comment": to_text_or_dict,
    "comments": ListOf(to_text_or_dict),
    "custom_fields": to_items,
    "external_resources": ListOf(to_dict),
    "fields": to_items,
    "identifiers": _IDENTIFIERS,
    "intervals": ListOf(to_dict),
    "password": to_text,
    "payload": to_dict,
    "previous_password": to_text,
    "tags": to_tags,
    "ticket_form_status": to_dict_or_list,
    "via_id": to_id,
    "voice_comment": to_dict,
    "tasks": ListOf(to_dict),
    "translations": _TRANSLATIONS,
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
        return to_tags
    if isinstance(field, Id) and field.kind is TEXT_ID:
        return to_id
    if kind == "list":
        if field.name in ("all", "any"):
            return _CONDITIONS
        item = _get_item_type(model, field.name)
        return ListOf(_BY_ITEM[item]) if item in _BY_ITEM else to_list
    if kind.startswith("list["):
        return to_list
    if kind == "dict" and field.name == "conditions":
        return dict_of(all=_CONDITIONS, any=_CONDITIONS)
    return _BY_KIND.get(kind, to_text_or_dict)


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
    ids = to_ids if key == "ids" or key.endswith("_ids") else None
    converter = _BY_MODEL.get(meta.label, _UNDECLARED).get(key) or _UNDECLARED.get(key, ids)
    return value if converter is None else _apply(converter, key, value)


def _apply(converter: Converter, key: str, value: Any) -> Any:
    """Return the converted value. Null is valid for every type, and an empty array for arrays.

    Raises:
        HTTPError: 400, if the value has another type.
    """
    try:
        is_list = isinstance(converter, ListOf) or converter is to_ids
        return None if value is None and not is_list else converter(value)
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
