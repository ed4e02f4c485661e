"""Every declared model is made, listed, read, changed and deleted, wherever Zendesk allows it."""

from __future__ import annotations

from typing import Any

import pytest

import zendesk_orm.chat
import zendesk_orm.help_center
import zendesk_orm.support
import zendesk_orm.talk
from tests.emulator.made import Maker, told, value_of
from zendesk_orm import NotFound
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import ObjectDoesNotExist
from zendesk_orm.schema import registry


for product in (zendesk_orm.support, zendesk_orm.help_center, zendesk_orm.talk, zendesk_orm.chat):
    registry.load(product.__name__.rpartition(".")[2])
MODELS = [
    each
    for each in registry.models()
    if each.__module__.startswith("zendesk_orm.") and each.__name__ != "Model"
]


def _label(model: Any) -> str:
    return str(model._meta.label)


def _can(model: Any, verb: Verb) -> bool:
    return model._meta.api.find(verb) is not None


def _each(product: str, names: str, reason: str) -> dict[str, str]:
    """Return the same reason for several models of a product."""
    return {f"{product}.{name}": reason for name in names.split()}


#: Models that `create()` makes, though not by a call that is declared as such.
OTHERWISE: dict[str, str] = {
    "support.ApprovalRequest": "the answer has an envelope, and the body has none",
    "support.Comment": "it rides on an update of its ticket",
    "support.Task": "by an update of its template",
    "support.TaskList": "the answer is a list",
    "support.TicketContentPin": "the body has an envelope, and the answer has none",
}

#: Models whose rows come to be by something else; they are laid into the emulator.
LAID: dict[str, str] = {
    **_each(
        "support",
        "AuditLog Audit DeletedTicket EmailNotification Engagement JobStatus OrganizationMerge "
        "SuspendedTicket TargetFailure TokenSummary TriggerRevision UserSession WebhookInvocation",
        "Zendesk writes down what has happened",
    ),
    **_each(
        "support",
        "Country GlobalOAuthClient Locale MonitoredTwitterHandle RemoteAuthentication",
        "every account has them, or somebody sets them up in Zendesk itself",
    ),
    **_each(
        "support",
        "Attachment MacroAttachment",
        "a file is uploaded, and belongs to something from then on",
    ),
    **_each(
        "support",
        "BrandAgent ResourceCollection TicketFormStatus",
        "calls with names of their own make them",
    ),
    **_each("help_center", "ArticleAttachment GuideMedia RedirectRule", "actions make them"),
    "help_center.Label": "an article gets it",
    "help_center.ServiceCatalogItem": "it is set up in Zendesk itself",
    "help_center.Subscription": "each content has its own, which are made",
    "talk.AgentActivity": "it is counted",
    "talk.GreetingCategory": "every account has them",
}

#: Models that are neither made nor laid, each with the reason; their own tests read them.
NOT_MADE: dict[str, str] = {
    **_each(
        "support",
        "ChannelResource HostMapping InvocationAttempt LookupRelationship OAuthGrant "
        "PushNotificationDevice SigningSecret TrialAccount ViewCount WebhookResponse",
        "what a call answers, and no list has",
    ),
    **_each(
        "support",
        "ConversationEvent RequestComment TicketEvent TicketMetric TicketMetricEvent",
        "the emulator reads them from tickets and their comments",
    ),
    **_each(
        "support",
        "AgentSkill AvailableAgent DeletedUser EndUser Tag",
        "the emulator reads them from users, agents and what is tagged",
    ),
    **_each("support", "Activity ComplianceDeletionStatus", "it tells of who asks, or of whom"),
    **_each("support", "NpsRecipient NpsResponse", "surveys end, and are only exported"),
    "support.CustomObjectRecordAttachment": "it is made of a file below a record",
    "support.Integration": "it has a name, and actions alone",
    "support.PermissionPolicy": "each custom object has one for each role",
    "support.Result": "a search gives rows of other models",
    "support.SatisfactionReason": "the emulator has those of a new account",
    "support.Upload": "it is made of a file, and never read",
    **_each(
        "help_center", "FeaturedArticle SearchResult SuggestedArticle", "what searches have found"
    ),
    "help_center.UserImage": "it is made of a file",
    "help_center.UserSubscription": "it is made by `follow()`, and listed below either user",
    "help_center.Vote": "it is cast by `vote()`",
    **_each("talk", "Agent CallbackRequest", "it has actions alone"),
    **_each("talk", "Call Leg", "calls are made by telephone, and only exported"),
    **_each("talk", "AvailablePhoneNumber Line", "found by what is asked"),
    **_each(
        "chat",
        "AgentEvent AgentTimeline Conversion DepartmentEvent SearchResult",
        "what has happened, and is only exported or found",
    ),
}

#: What is changed of a model where it is not the first text.
CHANGED: dict[str, str] = {
    "help_center.ArticleTranslation": "title",
    "help_center.CategoryTranslation": "title",
    "help_center.SectionTranslation": "title",
}

#: Models with a call to change them that is no call to change a field.
UNCHANGED: dict[str, str] = {
    "support.Request": "it is answered, or solved, once an agent has it",
}

MADE = [each for each in MODELS if _can(each, Verb.CREATE) or _label(each) in OTHERWISE]
SINGLE = [each for each in MODELS if each._meta.known_by == ""]


def _below(record: Any, endpoint: Any) -> dict[str, Any] | None:
    """Return the lookups that an endpoint needs, as a row tells them; None where it does not."""
    meta, found = record._meta, {}
    for name in (*endpoint.placeholders, *endpoint.needs):
        if name == "id":
            continue
        value = getattr(record, f"{name}_id" if name in meta.relations else name, None)
        if value is None:
            return None
        found[name] = value
    return found


def _listed(record: Any) -> dict[Any, Any] | None:
    """Return the rows of the first list that a row is to be in, by id; None without one."""
    lists = [_below(record, each) for each in record._meta.api if each.verb is Verb.LIST]
    lookups = next((each for each in lists if each is not None), None)
    if lookups is None:
        return None
    return {each.pk: each for each in type(record).objects.filter(**lookups)}


def _change(record: Any) -> tuple[str, Any]:
    """Set a field of a row to another value, and save it; return the name and the value."""
    model = type(record)
    name = CHANGED.get(_label(model)) or told(model)
    value = value_of(model._meta.get_field(name), changed=True)
    setattr(record, name, value)
    assert record.changes()
    record.save()
    assert not record.changes()
    return name, value


def _lives(made: Any) -> None:
    """List a row, read it, change it and delete it, as far as there is a call."""
    model, found = type(made), _listed(made)
    show = model._meta.api.find(Verb.SHOW)
    place = {} if show is None else _below(made, show)
    if found is not None:
        made = found[made.pk]
    if show:
        made = model.objects.get(id=made.pk, **place)

    if _can(model, Verb.UPDATE) and _label(model) not in UNCHANGED:
        name, value = _change(made)
        if show:
            made.refresh_from_db()
        assert value == getattr(made, name)

    if _can(model, Verb.DELETE):
        assert (1, {_label(model): 1}) == made.delete()
        assert made.pk not in (_listed(made) or {})
        if show:
            with pytest.raises((NotFound, ObjectDoesNotExist)):
                made.refresh_from_db()


@pytest.mark.parametrize("model", MADE, ids=_label)
def test_what_can_be_made_is_made_read_changed_and_deleted(emulator, model):
    """Through the library, as far as Zendesk has a call for it."""
    made = Maker(emulator).new(model)
    assert made.pk is not None
    assert not made.changes()

    _lives(made)


@pytest.mark.parametrize("model", [m for m in MODELS if _label(m) in LAID], ids=_label)
def test_what_comes_to_be_by_itself_is_read_changed_and_deleted(emulator, model):
    """The same of rows that are there without a call."""
    _lives(Maker(emulator).laid(model))


@pytest.mark.usefixtures("emulator")
@pytest.mark.parametrize("model", SINGLE, ids=_label)
def test_what_there_is_one_of_is_read_and_changed(model):
    """Settings and the like have no id, and are there from the beginning."""
    one = model.objects.get()

    if _can(model, Verb.UPDATE):
        name, value = _change(one)
        again = getattr(model.objects.get(), name)
        # Settings are put together, group by group.
        assert value == ({key: again[key] for key in value} if isinstance(value, dict) else again)


def test_every_model_is_in_one_of_the_tables():
    """A model that is declared is tested here, or is not for a reason."""
    groups = [{_label(each) for each in MADE}, {_label(each) for each in SINGLE}, {*LAID}]
    known = [label for group in (*groups, {*NOT_MADE}) for label in group]

    assert sorted(known) == sorted({_label(each) for each in MODELS})
    assert {*OTHERWISE, *CHANGED, *UNCHANGED} <= groups[0]
