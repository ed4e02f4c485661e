"""Rows of every model are created, read, updated and deleted through the library."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.row_factory import RowFactory, build_value, first_text_field
from zendesk_orm import NotFound, User
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import ObjectDoesNotExist
from zendesk_orm.schema import registry


for product in registry.PRODUCTS:
    registry.load(product)
MODELS = [
    model
    for model in registry.models()
    if model.__module__.startswith("zendesk_orm.") and model.__name__ != "Model"
]


def _label(model: Any) -> str:
    return str(model._meta.label)


def _has_endpoint(model: Any, verb: Verb) -> bool:
    return model._meta.api.find(verb) is not None


def _give_reason(product: str, names: str, reason: str) -> dict[str, str]:
    """Return a dictionary with the same reason for several models of a product."""
    return {f"{product}.{name}": reason for name in names.split()}


#: Models with a custom `create()` instead of a declared create endpoint.
OTHERWISE: dict[str, str] = {
    "support.ApprovalRequest": "the answer has an envelope, and the body has none",
    "support.Comment": "it rides on an update of its ticket",
    "support.Task": "by an update of its template",
    "support.TaskList": "the answer is a list",
    "support.TicketContentPin": "the body has an envelope, and the answer has none",
}

#: Models whose rows Zendesk creates, so that the tests insert them into the emulator.
INSERTED: dict[str, str] = {
    **_give_reason(
        "support",
        "AuditLog Audit DeletedTicket EmailNotification Engagement JobStatus OrganizationMerge "
        "SuspendedTicket TargetFailure TokenSummary TriggerRevision UserSession WebhookInvocation",
        "Zendesk records events",
    ),
    **_give_reason(
        "support",
        "Country GlobalOAuthClient Locale MonitoredTwitterHandle RemoteAuthentication",
        "every account has them, or somebody sets them up in Zendesk itself",
    ),
    **_give_reason(
        "support",
        "Attachment MacroAttachment",
        "a file is uploaded, and belongs to something from then on",
    ),
    **_give_reason(
        "support",
        "BrandAgent ResourceCollection TicketFormStatus",
        "calls with names of their own make them",
    ),
    **_give_reason("help_center", "ArticleAttachment GuideMedia RedirectRule", "actions make them"),
    "support.App": "it is built from a package",
    "help_center.Label": "an article gets it",
    "help_center.ServiceCatalogItem": "it is set up in Zendesk itself",
    "help_center.Subscription": "each content has its own, which are made",
    "help_center.Theme": "it is imported from a file",
    "messaging.Device": "the SDK of a mobile app makes it",
    "talk.AgentActivity": "it is counted",
    "talk.GreetingCategory": "every account has them",
}

#: Models that are tested elsewhere, with the reason.
NOT_CREATED: dict[str, str] = {
    **_give_reason(
        "support",
        "ChannelResource HostMapping InvocationAttempt LookupRelationship OAuthGrant "
        "PushNotificationDevice SigningSecret TrialAccount ViewCount WebhookResponse",
        "they are part of responses, but of no list",
    ),
    **_give_reason(
        "support",
        "ConversationEvent RequestComment TicketEvent TicketMetric TicketMetricEvent",
        "the emulator derives them from tickets and their comments",
    ),
    **_give_reason(
        "support",
        "AgentAvailability AgentSkill AvailableAgent DeletedUser EndUser GroupAvailability Tag "
        "WorkItem",
        "the emulator derives them from users, agents and tagged rows",
    ),
    **_give_reason(
        "support", "Activity ComplianceDeletionStatus", "they depend on the authenticated user"
    ),
    **_give_reason("support", "NpsRecipient NpsResponse", "surveys end, and are only exported"),
    **_give_reason("support", "AppInstallationJob AppJob", "they are started by actions"),
    "support.AppLocation": "every account has those of Zendesk",
    "support.AppLocationInstallation": "it is created by `reorder()`",
    "support.AppRequirement": "it is created by the installation of an app",
    "support.CustomObjectRecordAttachment": "it is created from a file of a record",
    "support.CustomObjectRecordEvent": "it records changes of a record",
    "support.Integration": "it has a name and actions only",
    "support.PermissionPolicy": "each custom object has one for each role",
    "support.Result": "a search returns rows of other models",
    "support.SatisfactionReason": "the emulator has those of a new account",
    "support.SideConversationAttachment": "it is created from a file, and never read",
    "support.AgentStatus": "every account has those of Zendesk",
    "support.AgentStatusJob": "it is created by `assign_to_many()`",
    "support.CapacityAssignee": "it is created by `assign()` of its rule",
    "support.Upload": "it is created from a file, and never read",
    "support.UserEvent": "a new event has no id",
    **_give_reason(
        "help_center",
        "FeaturedArticle SearchResult SuggestedArticle",
        "they are results of searches",
    ),
    "help_center.ThemeJob": "it is started by actions",
    "help_center.UserImage": "it is created from a file",
    "help_center.UserSubscription": "it is created by `follow()`, and listed below both users",
    "help_center.Vote": "it is cast by `vote()`",
    **_give_reason(
        "messaging",
        "AppSettings Author Content FormField MessageAction MessageItem Profile",
        "they are parts of apps, messages and users",
    ),
    "messaging.Attachment": "it is created from a file, and never read",
    **_give_reason("talk", "Agent CallbackRequest", "they have actions only"),
    **_give_reason("talk", "Call Leg", "calls are made by telephone, and only exported"),
    **_give_reason("talk", "AvailablePhoneNumber Line", "they are results of searches"),
    **_give_reason(
        "chat",
        "AgentEvent AgentTimeline Conversion DepartmentEvent SearchResult",
        "they record events, and are only exported or searched",
    ),
}

#: The field that the tests change, if it is not the first text field.
CHANGED: dict[str, str] = {
    "help_center.ArticleTranslation": "title",
    "help_center.CategoryTranslation": "title",
    "help_center.SectionTranslation": "title",
    "support.AppInstallation": "recurring_payment",
}

#: Models whose update endpoint does not update a field.
UNCHANGED: dict[str, str] = {
    "support.Request": "an update adds a comment, or solves the request",
}

CREATED = [
    model
    for model in MODELS
    if (_has_endpoint(model, Verb.CREATE) or _label(model) in OTHERWISE)
    and _label(model) not in NOT_CREATED
]
SINGLE = [model for model in MODELS if model._meta.pk_key == ""]


def _get_lookups(record: Any, endpoint: Any) -> dict[str, Any] | None:
    """Return the lookups of an endpoint for a row, or None if the row does not have them."""
    meta, results = record._meta, {}
    for name in (*endpoint.placeholders, *endpoint.required):
        if name == "id":
            continue
        value = getattr(record, f"{name}_id" if name in meta.relations else name, None)
        if value is None:
            return None
        results[name] = value
    return results


def _list_siblings(record: Any) -> dict[Any, Any] | None:
    """Return the rows of the first list that should contain a row by id, or None."""
    lists = [_get_lookups(record, item) for item in record._meta.api if item.verb is Verb.LIST]
    lookups = next((item for item in lists if item is not None), None)
    if lookups is None:
        return None
    return {item.pk: item for item in type(record).objects.filter(**lookups)}


def change_row(record: Any) -> tuple[str, Any]:
    """Set a field of a row to another value and save it; return its name and value."""
    model = type(record)
    name = CHANGED.get(_label(model)) or first_text_field(model)
    field = model._meta.get_field(name)
    value = build_value(field, changed=True)
    if value is True and getattr(record, name) is True:
        value = False
    setattr(record, name, value)
    assert record.changes()
    record.save()
    assert not record.changes()
    return name, value


def check_lifecycle(record: Any) -> None:
    """List a row, read it, update it and delete it, as far as endpoints exist."""
    model, siblings = type(record), _list_siblings(record)
    show = model._meta.api.find(Verb.SHOW)
    lookups = {} if show is None else _get_lookups(record, show)
    if siblings is not None:
        record = siblings[record.pk]
    if show:
        record = model.objects.get(id=record.pk, **lookups)

    if _has_endpoint(model, Verb.UPDATE) and _label(model) not in UNCHANGED:
        name, value = change_row(record)
        if show:
            record.refresh_from_db()
        assert getattr(record, name) == value

    if _has_endpoint(model, Verb.DELETE):
        assert record.delete() == (1, {_label(model): 1})
        assert record.pk not in (_list_siblings(record) or {})
        if model is User:
            record.refresh_from_db()
            assert record.active is False
        elif show:
            with pytest.raises((NotFound, ObjectDoesNotExist)):
                record.refresh_from_db()


@pytest.mark.slow
@pytest.mark.parametrize("model", CREATED, ids=_label)
def test_rows_can_be_created_and_changed(emulator, model):
    """Rows of every model that can be created are created, read, updated and deleted."""
    created = RowFactory(emulator).new(model)
    assert created.pk is not None
    assert not created.changes()

    check_lifecycle(created)


@pytest.mark.parametrize("model", [m for m in MODELS if _label(m) in INSERTED], ids=_label)
def test_inserted_rows_can_be_changed(emulator, model):
    """Rows of models without a create endpoint are read, updated and deleted."""
    check_lifecycle(RowFactory(emulator).insert(model))


@pytest.mark.usefixtures("emulator")
@pytest.mark.parametrize("model", SINGLE, ids=_label)
def test_singletons_always_exist(model):
    """Models with one row, such as settings, have no id, and their row always exists."""
    one = model.objects.get()

    if _has_endpoint(model, Verb.UPDATE):
        name, value = change_row(one)
        again = getattr(model.objects.get(), name)
        # Settings consist of several groups.
        assert value == ({key: again[key] for key in value} if isinstance(value, dict) else again)


def test_every_model_is_tested():
    """Every declared model is tested here, or excluded with a reason."""
    groups = [{_label(item) for item in CREATED}, {_label(item) for item in SINGLE}, {*INSERTED}]
    names = [label for group in (*groups, {*NOT_CREATED}) for label in group]

    assert sorted(names) == sorted({_label(item) for item in MODELS})
    assert {*OTHERWISE, *CHANGED, *UNCHANGED} <= groups[0]
