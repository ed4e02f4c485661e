"""Relations: each id belongs to a relation, and the other model has the reverse relation."""

from __future__ import annotations

from functools import cache

from tests.meta.code import every_model
from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.planner import plan
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema import registry
from zendesk_orm.schema.members import Members


FOREIGN_SYSTEM = "an id of another system"
INTERNAL_ID = "an id that no other resource refers to"
UNDOCUMENTED = "Zendesk documents no such resource"

#: Keys named like ids that belong to no relation, and their meanings.
IDS_WITHOUT_RELATION = {
    "chat.AgentEvent": {"account_id": UNDOCUMENTED},
    "help_center.CustomClaim": {"account_id": UNDOCUMENTED},
    "help_center.Subscription": {"content_id": "refers to several models: `content`"},
    "help_center.Topic": {"community_id": UNDOCUMENTED},
    "help_center.Vote": {"item_id": "refers to several models: `item`"},
    "support.Activity": {
        "actor_id": "the row contains the user: `actor`",
        "user_id": "the row contains the user: `user`",
    },
    "help_center.ExternalContentRecord": {"external_id": FOREIGN_SYSTEM},
    "support.App": {"owner_id": FOREIGN_SYSTEM},
    "support.AppInstallation": {"stripe_subscription_id": FOREIGN_SYSTEM},
    "support.AppRequirement": {
        "account_id": UNDOCUMENTED,
        "requirement_id": "refers to several models: `target`",
    },
    "support.Asset": {"external_id": FOREIGN_SYSTEM},
    "support.AssetLocation": {"external_id": FOREIGN_SYSTEM},
    "support.AssetStatus": {"external_id": FOREIGN_SYSTEM},
    "support.AssetType": {"external_id": FOREIGN_SYSTEM},
    "support.AuditLog": {"source_id": "refers to many models, see `source_type`"},
    "support.ChannelResource": {"external_resource_id": FOREIGN_SYSTEM},
    "support.Comment": {"audit_id": "read from the ticket: `ticket.audits`"},
    "support.CustomObjectRecord": {"external_id": FOREIGN_SYSTEM},
    "support.EmailNotification": {
        "comment_id": "read from the ticket: `ticket.comments`",
        "email_id": INTERNAL_ID,
        "message_id": INTERNAL_ID,
        "notification_id": INTERNAL_ID,
    },
    "support.Engagement": {"engagement_id": INTERNAL_ID},
    "support.GroupAvailability": {"account_id": UNDOCUMENTED},
    "support.InvocationAttempt": {
        "invocation_id": "refers to the invocation that it was read from"
    },
    "support.JiraLink": {"issue_id": FOREIGN_SYSTEM},
    "support.MonitoredTwitterHandle": {"twitter_user_id": FOREIGN_SYSTEM},
    "support.NpsRecipient": {"delivery_id": UNDOCUMENTED, "survey_id": UNDOCUMENTED},
    "support.NpsResponse": {"delivery_id": UNDOCUMENTED, "survey_id": UNDOCUMENTED},
    "support.Organization": {"external_id": FOREIGN_SYSTEM},
    "support.RemoteAuthentication": {
        "client_id": FOREIGN_SYSTEM,
        "update_external_ids": "a boolean",
    },
    "support.RequestComment": {"audit_id": "end users cannot read audits"},
    "support.SideConversation": {"external_ids": FOREIGN_SYSTEM},
    "support.SuspendedTicket": {"cause_id": "a number for `cause`", "message_id": FOREIGN_SYSTEM},
    "support.Target": dict.fromkeys(
        ("api_id", "group_id", "message_id", "project_id", "todo_list_id"), FOREIGN_SYSTEM
    ),
    "support.Ticket": {
        "encoded_id": "the ticket's id in another notation",
        "external_id": FOREIGN_SYSTEM,
        "forum_topic_id": "refers to the forums that preceded the help center",
    },
    "support.TicketContentPin": {
        "account_id": UNDOCUMENTED,
        "content_id": "refers to several models and other systems",
    },
    "support.TicketField": {"sub_type_id": "a number for the type"},
    "support.TicketMetricEvent": {"instance_id": "the position among the ticket's events"},
    "support.User": {"external_id": FOREIGN_SYSTEM},
    "support.Workspace": {"macro_ids": "the row contains the macros: `selected_macros`"},
    "talk.Call": {"line_id": "lines can only be listed"},
    "talk.DigitalLine": {"default_greeting_ids": "names of greetings", "line_id": INTERNAL_ID},
    "talk.Greeting": {"upload_id": UNDOCUMENTED},
    "talk.Ivr": {"phone_number_ids": "read from the numbers: `phone_numbers`"},
    "talk.PartnerCall": {
        "account_id": UNDOCUMENTED,
        "app_id": UNDOCUMENTED,
        "external_id": FOREIGN_SYSTEM,
    },
    "talk.PhoneNumber": {"default_greeting_ids": "names of greetings"},
}

AUTHOR_STAMP = "the user who created or changed it; the list is short and read completely"

#: Relations that can be filtered by but have no reverse relation, and the reasons.
WITHOUT_REVERSE = {
    "chat.VisitorBan": {"visitor": "a visitor has at most one ban; the list is read completely"},
    "support.AppInstallation": {"pending_job": "a job belongs to one installation"},
    "support.AssetType": {"created_by_user": AUTHOR_STAMP, "updated_by_user": AUTHOR_STAMP},
    "support.CustomObject": {"created_by_user": AUTHOR_STAMP, "updated_by_user": AUTHOR_STAMP},
    "support.OAuthClient": {"user": AUTHOR_STAMP},
    "support.TicketField": {"creator_user": AUTHOR_STAMP},
    "talk.VoiceSettings": {"knowledge_suggestions_groups": "there is one row of settings"},
}


#: Relations to models that cannot be read by their id alone, and the reasons.
NOT_READABLE_BY_ID = {
    "support.AgentSkill": {"attribute_value": "read from its attribute"},
    "support.CustomObjectRecordAttachment": {"custom_object_record": "read from its custom object"},
    "support.CustomObjectRecordEvent": {"custom_object_record": "read from its custom object"},
    "support.NpsResponse": {"recipient": "can only be exported"},
    "talk.IvrRoute": {"menu": "read from its IVR"},
    "talk.Leg": {"call": "can only be exported"},
}


@cache
def _descriptors(model, kind):
    """Return the descriptors of a kind that a model has, including inherited ones."""
    return [
        value
        for cls in reversed(model.__mro__)
        for value in vars(cls).values()
        if isinstance(value, kind)
    ]


@every_model
def test_every_id_belongs_to_a_relation(model):
    """An id in a row belongs to a relation, or is listed with the reason."""
    related = {relation.id.name for relation in model._meta.relations.values()}
    related |= {many.ids for many in _descriptors(model, (RefList, Members))}
    remaining = {
        name
        for name, field in model._meta.fields.items()
        if name.endswith(("_id", "_ids")) and field.readable and name not in related
    }

    assert remaining == IDS_WITHOUT_RELATION.get(model._meta.label, {}).keys()


@every_model
def test_every_relation_has_a_reverse_relation(model):
    """If Zendesk can filter by a relation, the other model has a relation to the filtered rows."""
    if model._meta.concrete is not model or model._meta.abstract:
        return
    reverse = {
        many.relation
        for other in registry.models()
        for many in _descriptors(other, Many)
        if issubclass(model, many.model)
    }
    missing = {name for name in model._meta.relations.keys() - reverse if _can_filter(model, name)}

    assert (
        missing == WITHOUT_REVERSE.get(model._meta.label, {}).keys() & model._meta.relations.keys()
    )


@every_model
def test_every_list_of_ids_has_a_reverse_relation(model):
    """If Zendesk can filter by one of several ids, the other model has a relation to the rows."""
    missing = {
        ref_list.name
        for ref_list in _descriptors(model, RefList)
        if _can_filter(model, ref_list.ids, ref_list.model)
        and not _has_reverse_relation(model, ref_list)
    }

    assert missing == WITHOUT_REVERSE.get(model._meta.label, {}).keys() & {
        ref_list.name for ref_list in _descriptors(model, RefList)
    }


def _has_reverse_relation(model, ref_list):
    """Return whether the other model has a relation to the model, by the same or by its own ids."""
    return any(
        issubclass(model, other.model) and getattr(other, "relation", ref_list.ids) == ref_list.ids
        for other in _descriptors(ref_list.model, (Many, RefList))
    )


@every_model
def test_related_models_can_be_read_by_id(model):
    """A related model can be read by id, or is listed with the reason."""
    unread = {
        relation.name
        for relation in model._meta.relations.values()
        if relation.name != model._meta.parent and not _can_filter(relation.model, "id")
    }

    assert unread == NOT_READABLE_BY_ID.get(model._meta.label, {}).keys()


def _can_filter(model, name, target=None):
    column = (target or model)._meta.fields.get("id" if target else name)
    value = "1" if column is not None and column.kind.name == "str" else 1
    try:
        plan(model.objects.filter(**{name: value}).query)
    except NoEndpoint:
        return False
    return True
