"""Default values of new rows, with every key of Zendesk's rows.

The keys and their order are those of recorded rows. Rows of other models have the keys of their
declaration.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator.messages import BASE_URL
from zendesk_orm.emulator.rules import defaults
from zendesk_orm.emulator.storage.objects import DEFAULTS, OBJECTS
from zendesk_orm.schema.fields import Attribute
from zendesk_orm.schema.options import Options


#: The id of the custom status for each status of a ticket. Every account has other ids.
CUSTOM_STATUS_IDS = {
    "new": 6_130_830_355_738,
    "open": 6_130_892_426_138,
    "pending": 6_130_892_426_266,
    "hold": 6_130_892_426_394,
    "solved": 6_130_892_426_522,
    "closed": 6_130_892_426_522,
}
#: The id of the ticket form of every ticket.
DEFAULT_FORM_ID = 6_130_830_344_474

#: The `via` of rows that are created through the API.
API_VIA = {"channel": "api", "source": {"from": {}, "to": {}, "rel": None}}

#: Default rows by label of the model.
ROWS: Mapping[str, Mapping[str, Any]] = {
    **defaults.ROWS,
    "support.Ticket": {
        "url": None,
        "id": None,
        "encoded_id": None,
        "external_id": None,
        "via": API_VIA,
        "created_at": None,
        "updated_at": None,
        "generated_timestamp": None,
        "type": None,
        "subject": None,
        "raw_subject": None,
        "description": None,
        "priority": None,
        "status": "new",
        "recipient": None,
        "requester_id": None,
        "submitter_id": None,
        "assignee_id": None,
        "organization_id": None,
        "group_id": None,
        "collaborator_ids": (),
        "follower_ids": (),
        "email_cc_ids": (),
        "forum_topic_id": None,
        "problem_id": None,
        "has_incidents": False,
        "is_public": True,
        "due_at": None,
        "tags": (),
        "custom_fields": (),
        "satisfaction_rating": None,
        "sharing_agreement_ids": (),
        "custom_status_id": None,
        "fields": (),
        "followup_ids": (),
        "ticket_form_id": DEFAULT_FORM_ID,
        "brand_id": None,
        "allow_channelback": False,
        "allow_attachments": True,
        "from_messaging_channel": False,
        "support_type": "agent",
    },
    "support.User": {
        "id": None,
        "url": None,
        "name": None,
        "email": None,
        "created_at": None,
        "updated_at": None,
        "time_zone": "America/New_York",
        "iana_time_zone": "America/New_York",
        "phone": None,
        "shared_phone_number": None,
        "photo": None,
        "locale_id": 1,
        "locale": "en-US",
        "organization_id": None,
        "role": "end-user",
        "verified": False,
        "external_id": None,
        "tags": (),
        "alias": None,
        "active": True,
        "shared": False,
        "shared_agent": False,
        "last_login_at": None,
        "two_factor_auth_enabled": None,
        "signature": None,
        "details": None,
        "notes": None,
        "role_type": None,
        "custom_role_id": None,
        "moderator": False,
        "ticket_restriction": "requested",
        "only_private_comments": False,
        "restricted_agent": True,
        "suspended": False,
        "default_group_id": None,
        "report_csv": False,
        "user_fields": {},
    },
    "support.Organization": {
        "url": None,
        "id": None,
        "name": None,
        "shared_tickets": False,
        "shared_comments": False,
        "external_id": None,
        "created_at": None,
        "updated_at": None,
        "domain_names": (),
        "details": None,
        "notes": None,
        "group_id": None,
        "tags": (),
        "organization_fields": {},
    },
    "support.Group": {
        "url": None,
        "id": None,
        "is_public": True,
        "name": None,
        "description": "",
        "default": False,
        "deleted": False,
        "created_at": None,
        "updated_at": None,
    },
    "support.TicketField": {
        "url": None,
        "id": None,
        "type": None,
        "title": None,
        "raw_title": None,
        "description": "",
        "raw_description": "",
        "position": 9999,
        "active": True,
        "required": False,
        "collapsed_for_agents": False,
        "regexp_for_validation": None,
        "title_in_portal": None,
        "raw_title_in_portal": None,
        "visible_in_portal": False,
        "editable_in_portal": False,
        "required_in_portal": False,
        "tag": None,
        "created_at": None,
        "updated_at": None,
        "removable": True,
        "agent_can_edit": True,
        "key": None,
        "agent_description": None,
    },
}

#: Default values by kind of value.
_DEFAULTS: Mapping[str, Any] = {"list": (), "dict": {}, "bool": False}


def build_row(meta: Options) -> dict[str, Any]:
    """Return a new row of a model, with all keys and no id."""
    template = ROWS.get(meta.label)
    if template is None:
        template = {
            field.wire: _get_default(field)
            for field in meta.fields.values()
            if field.readable and (field.wire != "id" or meta.pk_key == "id")
        }
    row = {**template, **DEFAULTS.get(meta.label, {}), **OBJECTS.get(meta.label, {})}
    return {key: _copy(value) for key, value in row.items()}


def build_url(meta: Options, row: Mapping[str, Any]) -> str | None:
    """Return the address of a row, or None if its model has no path for one row."""
    endpoint = meta.api.find(Verb.SHOW)
    if endpoint is None:
        return None
    path = endpoint.path
    for name in endpoint.placeholders:
        relation = meta.relations.get(name)
        path = path.replace(f"{{{name}}}", str(row.get(relation.id.wire if relation else name)))
    return f"{BASE_URL}{path}" if path.startswith("/") else f"{BASE_URL}/api/v2/{path}.json"


def _get_default(field: Attribute[Any]) -> Any:
    """Return the default value of a field."""
    if field.wire == "active":
        return True
    if field.nullable or (field.kind.absent is None and field.kind.name not in _DEFAULTS):
        return None
    return _DEFAULTS.get(field.kind.name, ())


def _copy(value: Any) -> Any:
    """Return a copy of a default value that can be edited, with lists for tuples."""
    if isinstance(value, (list, tuple)):
        return [_copy(item) for item in value]
    return {key: _copy(item) for key, item in value.items()} if isinstance(value, dict) else value
