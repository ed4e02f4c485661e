"""Relations: each id leads to a model, and back where Zendesk can say so."""

from __future__ import annotations

from tests.meta.code import every_model
from zendesk_orm.errors import NoEndpoint
from zendesk_orm.plan.planner import plan
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema import registry
from zendesk_orm.schema.members import Members


OTHERS = "an id of another system"
OWN = "an id of its own, by which nothing else is known"
UNDESCRIBED = "Zendesk describes no such resource"

#: Keys named like ids that no relation stands behind, and what they are.
NO_RELATIONS = {
    "chat.AgentEvent": {"account_id": UNDESCRIBED},
    "help_center.Subscription": {"content_id": "of several models: `content`"},
    "help_center.Topic": {"community_id": UNDESCRIBED},
    "help_center.Vote": {"item_id": "of several models: `item`"},
    "support.Activity": {
        "actor_id": "the row carries the user: `actor`",
        "user_id": "the row carries the user: `user`",
    },
    "support.Asset": {"external_id": OTHERS},
    "support.AssetLocation": {"external_id": OTHERS},
    "support.AssetStatus": {"external_id": OTHERS},
    "support.AssetType": {"external_id": OTHERS},
    "support.AuditLog": {"source_id": "of many models, which `source_type` tells"},
    "support.ChannelResource": {"external_resource_id": OTHERS},
    "support.Comment": {"audit_id": "found by its ticket: `ticket.audits`"},
    "support.CustomObjectRecord": {"external_id": OTHERS},
    "support.EmailNotification": {
        "comment_id": "found by its ticket: `ticket.comments`",
        "email_id": OWN,
        "message_id": OWN,
        "notification_id": OWN,
    },
    "support.Engagement": {"engagement_id": OWN},
    "support.InvocationAttempt": {"invocation_id": "of the invocation that it was read from"},
    "support.JiraLink": {"issue_id": OTHERS},
    "support.MonitoredTwitterHandle": {"twitter_user_id": OTHERS},
    "support.NpsRecipient": {"delivery_id": UNDESCRIBED, "survey_id": UNDESCRIBED},
    "support.NpsResponse": {"delivery_id": UNDESCRIBED, "survey_id": UNDESCRIBED},
    "support.Organization": {"external_id": OTHERS},
    "support.RemoteAuthentication": {
        "client_id": OTHERS,
        "update_external_ids": "a switch",
    },
    "support.RequestComment": {"audit_id": "audits are not for those who asked"},
    "support.SuspendedTicket": {"cause_id": "a number for `cause`", "message_id": OTHERS},
    "support.Target": dict.fromkeys(
        ("api_id", "group_id", "message_id", "project_id", "todo_list_id"), OTHERS
    ),
    "support.Ticket": {
        "encoded_id": "its own id, in other letters",
        "external_id": OTHERS,
        "forum_topic_id": "of the forums that there were before the help center",
    },
    "support.TicketContentPin": {
        "account_id": UNDESCRIBED,
        "content_id": "of several models, and of other systems",
    },
    "support.TicketField": {"sub_type_id": "a number for a kind"},
    "support.TicketMetricEvent": {"instance_id": "a number in the order of a ticket's events"},
    "support.User": {"external_id": OTHERS},
    "support.Workspace": {"macro_ids": "the row carries the macros: `selected_macros`"},
    "talk.Call": {"line_id": "lines can be listed, and none be asked for"},
    "talk.DigitalLine": {"default_greeting_ids": "names of greetings", "line_id": OWN},
    "talk.Greeting": {"upload_id": UNDESCRIBED},
    "talk.Ivr": {"phone_number_ids": "found by the numbers: `phone_numbers`"},
    "talk.PartnerCall": {"account_id": UNDESCRIBED, "app_id": UNDESCRIBED, "external_id": OTHERS},
    "talk.PhoneNumber": {"default_greeting_ids": "names of greetings"},
}

STAMP = "who made or changed it: of few rows, which are read whole"

#: Relations that can be filtered by and that no relation leads back from, and why.
ONE_WAY = {
    "chat.VisitorBan": {"visitor": "a visitor is banned or not; the list is read whole"},
    "support.AssetType": {"created_by_user": STAMP, "updated_by_user": STAMP},
    "support.CustomObject": {"created_by_user": STAMP, "updated_by_user": STAMP},
    "support.OAuthClient": {"user": STAMP},
    "support.TicketField": {"creator_user": STAMP},
    "talk.VoiceSettings": {"knowledge_suggestions_groups": "there is one row of settings"},
}


#: Relations to what cannot be asked for by its id alone, and why.
UNREAD = {
    "support.AgentSkill": {"attribute_value": "found by its attribute"},
    "support.CustomObjectRecordAttachment": {"custom_object_record": "found by its custom object"},
    "support.NpsResponse": {"recipient": "there is an export only"},
    "talk.IvrRoute": {"menu": "found by its IVR"},
    "talk.Leg": {"call": "there is an export only"},
}


def _all(model, kind):
    """Return the descriptors of a kind that a model has, inherited ones included."""
    return [
        each
        for cls in reversed(model.__mro__)
        for each in vars(cls).values()
        if isinstance(each, kind)
    ]


@every_model
def test_every_id_belongs_to_a_relation(model):
    """What Zendesk says by id can be read as an object, or is listed with the reason."""
    behind = {relation.id.name for relation in model._meta.relations.values()}
    behind |= {each.ids for each in _all(model, (RefList, Members))}
    loose = {
        name
        for name, field in model._meta.fields.items()
        if name.endswith(("_id", "_ids")) and field.readable and name not in behind
    }

    assert loose == NO_RELATIONS.get(model._meta.label, {}).keys()


@every_model
def test_every_relation_leads_back(model):
    """What Zendesk can find by a relation is a relation of the other model, too."""
    if model._meta.concrete is not model or model._meta.abstract:
        return
    back = {
        each.relation
        for other in registry.models()
        for each in _all(other, Many)
        if issubclass(model, each.model)
    }
    missing = {name for name in model._meta.relations.keys() - back if _answered(model, name)}

    assert missing == ONE_WAY.get(model._meta.label, {}).keys() & model._meta.relations.keys()


@every_model
def test_every_list_of_ids_leads_back(model):
    """What Zendesk can find by one of several ids is a relation of the other model, too."""
    missing = {
        each.name
        for each in _all(model, RefList)
        if _answered(model, each.ids, each.model) and not _back(model, each)
    }

    assert missing == ONE_WAY.get(model._meta.label, {}).keys() & {
        each.name for each in _all(model, RefList)
    }


def _back(model, several):
    """Tell whether a relation of the other model leads back: by those ids, or by ids of its own."""
    return any(
        issubclass(model, each.model) and getattr(each, "relation", several.ids) == several.ids
        for each in _all(several.model, (Many, RefList))
    )


@every_model
def test_what_a_relation_leads_to_can_be_read(model):
    """A model at the other end of a relation is read by id, in one request or from a short list."""
    unread = {
        relation.name
        for relation in model._meta.relations.values()
        if relation.name != model._meta.parent and not _answered(relation.model, "id")
    }

    assert unread == UNREAD.get(model._meta.label, {}).keys()


def _answered(model, name, target=None):
    column = (target or model)._meta.fields.get("id" if target else name)
    value = "1" if column is not None and column.kind.name == "str" else 1
    try:
        plan(model.objects.filter(**{name: value}).query)
    except NoEndpoint:
        return False
    return True
