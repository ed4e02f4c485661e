"""The fields that models declare, those that Zendesk describes, and those that it sent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from tests.contract.spec import Property, needs_spec, schemas
from tests.recordings.replay import needs_recordings
from tests.recordings.rows import all_rows
from zendesk_orm import (
    Attachment,
    Audit,
    Brand,
    Comment,
    CustomObject,
    CustomObjectRecord,
    DeletedTicket,
    Group,
    JobStatus,
    Organization,
    Ticket,
    TicketField,
    Upload,
    User,
    UserIdentity,
    View,
)
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Attribute


pytestmark = needs_spec

#: The schemas of each model: first what is received, then what may be sent besides.
RECEIVED: Mapping[Any, tuple[str, ...]] = {
    Attachment: ("AttachmentObject",),
    Audit: ("TicketAuditObject",),
    Brand: ("BrandObject",),
    Comment: ("TicketCommentObject",),
    CustomObject: ("CustomObject",),
    CustomObjectRecord: ("CustomObjectRecord",),
    DeletedTicket: (),
    Group: ("GroupObject",),
    JobStatus: ("JobStatusObject",),
    Organization: ("OrganizationObject",),
    Ticket: ("TicketObject",),
    TicketField: ("TicketFieldObject",),
    Upload: (),
    User: ("UserForAdmin", "UserForEndUser"),
    UserIdentity: ("UserIdentityObject",),
    View: ("ViewObject",),
}
SENT: Mapping[Any, tuple[str, ...]] = {
    Attachment: ("AttachmentUpdateInput",),
    TicketField: ("TicketFieldInput", "TicketFieldUpdateInput"),
    CustomObject: ("CustomObjectCreateInput",),
    User: ("UserCreateInput", "UserUpdateInput"),
    UserIdentity: ("UserIdentityInput",),
}

#: What a described type is in Python, by kind.
KINDS: Mapping[str, frozenset[str]] = {
    "array": frozenset({"list"}),
    "boolean": frozenset({"bool"}),
    "integer": frozenset({"int"}),
    "number": frozenset({"float"}),
    "object": frozenset({"dict"}),
    "string": frozenset({"str"}),
}

#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    "Comment.ticket_id": "the path tells it, and no row; the library writes it into the row",
    "CustomObject.id": "the key by another name: the model writes it into the row",
    "DeletedTicket.actor": "described without a schema of its own",
    "DeletedTicket.deleted_at": "the same",
    "DeletedTicket.id": "the same",
    "DeletedTicket.previous_state": "the same",
    "DeletedTicket.subject": "the same",
    "Upload.attachment": "described without a schema of its own; recorded",
    "Upload.attachments": "the same",
    "Upload.expires_at": "the same",
    "Upload.id": "the token by another name: the model writes it into the row",
    "Upload.token": "described without a schema of its own; recorded",
    "UserIdentity.skip_verify_email": "described in words alone",
    "View.all": "described in words alone: what `conditions` are sent as",
    "View.any": "the same",
    "View.output": "described in words alone: what `execution` is sent as",
}

#: Described properties that are not declared.
LEFT_OUT: dict[str, str] = {
    "Ticket.origin_zrn": "internal: where another product made the ticket",
    "Ticket.requester": "a relation here: an id or a user, and no user made on the way",
    "Ticket.safe_update": "said by `save()`, not by a field",
    "Ticket.sharing_agreements": "the ids are `sharing_agreement_ids`",
    "Ticket.suspended_ticket_id": "internal: recovering suspended tickets has its own call",
    "Ticket.suspension_type_id": "internal, the same",
    "Ticket.system_metadata": "internal clients set it",
    "Ticket.tde_workspace": "internal: the workspace of the agent's browser",
    "Ticket.tpe_voice_comment": "Talk's partners make such tickets by a call of their own",
    "Ticket.updated_stamp": "said by `save()`, not by a field",
    "Ticket.via_id": "internal: `via` says it in words",
    "Ticket.voice_comment": "Talk makes such tickets by a call of its own",
    "UserIdentity.auto_ownership": "early access: shared e-mail addresses",
    "User.active_brand_id": "early access: brands with separate users",
    "User.auto_ownership": "early access: shared e-mail addresses",
    "User.group_id": "`default_group_id` by another name",
    "User.group_ids": "group memberships are rows of their own",
    "User.identities": "identities are rows of their own",
    "User.language": "`locale` by another name",
    "User.organization": "a relation here: an id or an organization, and none made on the way",
    "User.organization_ids": "organization memberships are rows of their own",
    "User.organization_name": "described as deprecated",
    "User.password": "a secret is set by a call of its own",
}

#: Recorded keys that are not declared.
NOT_DECLARED: dict[str, str] = {
    "User.authenticity_token": "of `users/me` alone: for pages of the Help Center",
    "User.result_type": "of search alone: which of its types a row is",
}

#: Declared types that are not the described ones.
OTHER_TYPES: dict[str, str] = {
    "Comment.uploads": "an upload stands for its token",
    "JobStatus.results": "a list of results, or one object for the whole job",
    "Organization.created_at": "described as a plain string, recorded as a moment",
    "Organization.updated_at": "the same",
    "Ticket.comment": "a comment of a ticket, by the model's name",
    "Ticket.tags": "a string of tags is taken, too, and never given",
    "User.photo": "described as any object, recorded as an attachment",
}

#: Fields that are read-only, or write-only, here and not there, or the other way round.
OTHER_ACCESS: dict[str, str] = {
    "Audit.events": "the history is never changed",
    "Audit.via": "the same",
    "Brand.is_deleted": "deleting is a call of its own",
    "Brand.logo": "set by an upload of its own",
    "Comment.add_short_url": "internal, and sent only",
    "Comment.channel_back": "internal, and sent only",
    "Comment.channel_source_id": "internal, and sent only",
    "Comment.translate_to": "sent only",
    "Comment.uploads": "sent only: they come back as attachments",
    "Comment.via": "Zendesk knows by which way it was asked",
    "CustomObjectRecord.name": "described as read-only, and sent in every example",
    "CustomObjectRecord.photo": "set by an upload of its own",
    "Organization.id": "an id is given by Zendesk, whatever the description forgets",
    "Ticket.comment": "sent only, as the guide to creating tickets says",
    "Ticket.description": "the first comment; recorded: sending it changes nothing",
    "Ticket.fields": "`custom_fields` by another name, of which one is enough to write",
    "Ticket.via": "Zendesk knows by which way it was asked; an import may tell",
    "TicketField.creator_app_name": "Zendesk knows who asked",
    "TicketField.creator_user_id": "the same",
    "UserIdentity.ownership": "early access: shared e-mail addresses",
    "UserIdentity.user_id": "the path tells it when an identity is made",
    "View.conditions": "sent as `all` and `any`",
    "View.execution": "sent as `output`",
    "User.agent_brand_ids": "described in words as sent only",
    "User.photo": "set by `remote_photo_url`, or an upload of its own",
    "User.remote_photo_url": "sent only: it comes back as `photo`",
    "User.separation": "early access: brands with separate users",
}

every_model = pytest.mark.parametrize("model", RECEIVED, ids=lambda model: model.__name__)


def _described(model: Any, names: Mapping[Any, tuple[str, ...]]) -> dict[str, Property]:
    """Return the properties of a model's schemas; the first that has one wins."""
    found: dict[str, Property] = {}
    for name in names.get(model, ()):
        found = {**schemas()[name], **found}
    return found


@cache
def _recorded() -> Mapping[Any, frozenset[str]]:
    """Return the keys of all recorded rows, by model."""
    found: dict[Any, set[str]] = {model: set() for model in RECEIVED}
    for model, row in all_rows():
        found[model].update(row)
    return {model: frozenset(keys) for model, keys in found.items()}


def _fields(model: Any) -> dict[str, Attribute[Any]]:
    return {field.wire: field for field in model._meta.fields.values()}


def _of(model: Any, table: Mapping[str, str]) -> set[str]:
    """Return the keys that a table of exceptions names for a model."""
    own = (name.partition(".") for name in table)
    return {key for owner, _, key in own if owner == model.__name__}


@every_model
def test_every_field_exists(model: Any) -> None:
    """A declared field is described or was recorded, or the test names its source."""
    known = {*_described(model, RECEIVED), *_described(model, SENT), *_recorded()[model]}

    assert {*_fields(model)} - known == _of(model, UNDESCRIBED)


@every_model
def test_every_property_is_declared(model: Any) -> None:
    """A described property is a field, or is left out for a reason."""
    described = {*_described(model, RECEIVED), *_described(model, SENT)}

    assert described - {*_fields(model)} == _of(model, LEFT_OUT)


@needs_recordings
@every_model
def test_every_recorded_key_is_declared(model: Any) -> None:
    """What Zendesk sent is a field, or is left to `extra` for a reason."""
    assert _recorded()[model] - {*_fields(model)} == _of(model, NOT_DECLARED)


@every_model
def test_types_agree(model: Any) -> None:
    """A field has the described type, as far as JSON tells one."""
    properties = {**_described(model, SENT), **_described(model, RECEIVED)}
    other = {
        wire: (field.kind.name, properties[wire].type)
        for wire, field in _fields(model).items()
        if wire in properties and not _agrees(field, properties[wire])
    }

    assert {*other} == _of(model, OTHER_TYPES), other


def _agrees(field: Attribute[Any], described: Property) -> bool:
    if field.relation is not None:
        return described.type == "integer"
    if described.format == "date-time":
        return field.kind.name == "datetime"
    if field.kind.choices:
        return described.type == "string"
    if described.type.startswith("ref:"):
        # A reference is a nested record, or an object that is left as it is.
        return field.kind.name in {
            "dict",
            described.type.removeprefix("ref:").removesuffix("Object"),
        }
    kind, _, item = described.type.removesuffix(">").partition("<")
    if kind == "array" and field.kind.name.startswith("list["):
        return field.kind.name == f"list[{item.removesuffix('Object')}]"
    return field.kind.name in KINDS.get(kind, frozenset())


@every_model
def test_access_agrees(model: Any) -> None:
    """What can be assigned can be sent, and what cannot is set by Zendesk, as it describes."""
    received, sent = _described(model, RECEIVED), _described(model, SENT)
    other = set()
    for wire, field in _fields(model).items():
        if wire not in received and wire not in sent:
            continue
        editable = wire in sent or not received[wire].read_only
        readable = wire in received and not received[wire].write_only
        if (field.editable, field.readable) != (editable, readable):
            other.add(f"{wire}: {'editable' if editable else 'read-only'}, {readable=}")

    assert {each.partition(":")[0] for each in other} == _of(model, OTHER_ACCESS), other


@every_model
def test_choices_agree(model: Any) -> None:
    """A field with fixed choices has those that are described, in whatever order."""
    properties = {**_described(model, SENT), **_described(model, RECEIVED)}

    for wire, field in _fields(model).items():
        if field.kind.choices and wire in properties and properties[wire].choices:
            assert {*properties[wire].choices} == {*field.kind.choices}


def test_exceptions_name_models() -> None:
    """Each exception is one of a model that is compared."""
    tables = (UNDESCRIBED, LEFT_OUT, NOT_DECLARED, OTHER_TYPES, OTHER_ACCESS)
    names = {name.partition(".")[0] for table in tables for name in table}

    assert names <= {model.__name__ for model in RECEIVED}


def test_every_model_is_compared() -> None:
    """No model of Zendesk Support is left out."""
    declared = {
        model
        for model in registry.models()
        # Rows that are of several models are compared as these.
        if model.__module__.startswith("zendesk_orm.support") and not model._meta.mixed
    }

    assert declared == {*RECEIVED}
