"""Values of the rows that factories create, if neither a kind of field nor a relation gives them.

A value is a function of the factory and of a number, which differs in each row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from zendesk_orm.schema.fields import Attribute
from zendesk_orm.support import Comment, RequestComment


class Rows(Protocol):
    """The rows that other rows need."""

    def new(self, label: str) -> Any:
        """Return a new object of a model."""
        ...

    def any(self, label: str) -> Any:
        """Return an object of a model, which the rows of a call share."""
        ...

    def customer(self) -> Any:
        """Return an end user, whom the rows of a call share."""
        ...

    def agent(self) -> Any:
        """Return a new agent."""
        ...

    def owner(self) -> Any:
        """Return the owner of the account."""
        ...

    def app(self) -> Any:
        """Return an app, which the rows of a call share."""
        ...

    def find_root(self) -> str:
        """Return the id of the root of all asset types."""
        ...


#: A value, or a function that returns it.
Sample = Callable[[Rows, int], Any]

_STATUS_IS_NEW = {"field": "status", "operator": "is", "value": "new"}
_OPENED = [{"field": "status", "value": "open"}]


def _always(value: Any) -> Sample:
    return lambda rows, number: value


def _text(prefix: str) -> Sample:
    return lambda rows, number: f"{prefix}{number}"


def _any(label: str) -> Sample:
    """Return a sample that is a row of another model, which the rows of a call share."""
    return lambda rows, number: rows.any(label)


def _any_id(label: str) -> Sample:
    return lambda rows, number: rows.any(label).pk


def _new(label: str) -> Sample:
    """Return a sample that is a new row of another model for each row."""
    return lambda rows, number: rows.new(label)


def _mail(name: str) -> Sample:
    return lambda rows, number: f"{name}-{number}@example.com"


def _solve_ticket(rows: Rows, number: int) -> Any:
    """Return a solved ticket, whose requester is the owner."""
    ticket = rows.new("support.Ticket")
    ticket.assignee = ticket.requester = rows.owner()
    ticket.save()
    return ticket.solve()


def _translation(owner: str) -> dict[str, Sample]:
    """Return the samples of a translation, of a new row each."""
    return {
        "source": _new(owner),
        "locale": _always("de"),
        "title": _text("Titel "),
        "body": _always("Mit Stativ."),
    }


#: Samples by label of the model and name of the field.
SAMPLES: Mapping[str, Mapping[str, Sample]] = {
    "chat.Goal": {"name": _text("Goal ")},
    "help_center.Article": {
        "section": _any("help_center.Section"),
        "permission_group": _any("help_center.PermissionGroup"),
        "title": _text("Article "),
        "body": _always("Use a tripod."),
    },
    "help_center.ArticleComment": {
        "source": _any("help_center.Article"),
        "body": _text("Thank you "),
        "locale": _always("en-us"),
    },
    "help_center.ArticleTranslation": _translation("help_center.Article"),
    "help_center.Badge": {
        "name": _text("Badge "),
        "badge_category_id": _any_id("help_center.BadgeCategory"),
    },
    "help_center.CategoryTranslation": _translation("help_center.Category"),
    "help_center.Section": {"name": _text("Section ")},
    "help_center.SectionTranslation": _translation("help_center.Section"),
    "support.AppInstallation": {
        "app": lambda rows, number: rows.app(),
        "settings": lambda rows, number: {"name": f"App {number}"},
    },
    "messaging.Client": {
        "user": _any("messaging.User"),
        "match_criteria": lambda rows, number: {
            "type": "twilio",
            "integrationId": rows.any("messaging.Integration").pk,
            "phoneNumber": f"+1514555{number:04}",
        },
        "confirmation": _always({"type": "immediate"}),
        "target": lambda rows, number: {"conversationId": rows.any("messaging.Conversation").pk},
    },
    "messaging.Conversation": {
        "type": _always("personal"),
        "users": lambda rows, number: [rows.any("messaging.User").pk],
    },
    "messaging.Integration": {"type": _always("custom"), "display_name": _text("Bot ")},
    "messaging.Message": {
        "conversation": _any("messaging.Conversation"),
        "author": _always({"type": "business"}),
        "content": lambda rows, number: {"type": "text", "text": f"Message {number}"},
    },
    "messaging.Participant": {
        "conversation": _any("messaging.Conversation"),
        "user": _new("messaging.User"),
    },
    "messaging.User": {"external_id": _text("person-")},
    "messaging.Webhook": {
        "integration": _any("messaging.Integration"),
        "target": _always("https://example.com/messages"),
        "triggers": _always(["conversation:message"]),
    },
    "support.ApprovalRequest": {"ticket": _new("support.Ticket")},
    "support.Asset": {"name": _text("Asset "), "status": _any("support.AssetStatus")},
    "support.AssetType": {
        "name": _text("Asset type "),
        "parent_id": lambda rows, number: rows.find_root(),
    },
    "support.Automation": {
        "title": _text("Automation "),
        "actions": _always(_OPENED),
        # Automations must differ.
        "all": lambda rows, number: [
            {"field": "status", "operator": "is", "value": "pending"},
            {"field": "PENDING", "operator": "is", "value": f"{number}"},
        ],
    },
    "support.Bookmark": {"ticket_id": lambda rows, number: rows.new("support.Ticket").pk},
    "support.CapacityRule": {
        "name": _text("Rule "),
        "capacities": _always({"email": 2, "messaging": 1, "voice": 1}),
    },
    "support.Comment": {"ticket": _any("support.Ticket"), "body": _text("Comment ")},
    "support.CustomObject": {
        "key": _text("thing_"),
        "title": _text("Thing "),
        "title_pluralized": _text("Things "),
    },
    "support.CustomObjectField": {
        "key": _text("field_"),
        "title": _text("Field "),
        "type": _always("text"),
    },
    "support.CustomObjectRecord": {
        "custom_object_key": _any_id("support.CustomObject"),
        "name": _text("Record "),
    },
    "support.DynamicContentItem": {
        "name": _text("Text "),
        "default_locale_id": _always(1),
        "variants_": _always([{"locale_id": 1, "content": "Hello", "default": True}]),
    },
    "support.DynamicContentVariant": {
        "item": _new("support.DynamicContentItem"),
        "locale_id": _always(2),
        "content": _always("Hallo"),
    },
    "support.EndUserIdentity": {
        "user_id": lambda rows, number: rows.customer().pk,
        "type": _always("email"),
        "value": _mail("second"),
    },
    "support.GroupMembership": {
        "user": lambda rows, number: rows.agent(),
        "group": _any("support.Group"),
    },
    "support.Holiday": {
        "name": _text("Holiday "),
        "start_date": _always("2026-04-05"),
        "end_date": _always("2026-04-06"),
    },
    "support.Macro": {"title": _text("Macro "), "actions": _always(_OPENED)},
    "support.ObjectTrigger": {
        "title": _text("Trigger "),
        "actions": _always(_OPENED),
        "conditions": _always({"all": [], "any": []}),
    },
    "support.OrganizationMembership": {"user": lambda rows, number: rows.new("support.User")},
    "support.Request": {
        "subject": _text("Request "),
        "comment": lambda rows, number: RequestComment(body=f"Please help with {number}."),
    },
    "support.SatisfactionRating": {"ticket": _solve_ticket, "score": _always("good")},
    "support.SideConversation": {
        "subject": _text("Side conversation "),
        "body": _always("Do you have any?"),
        "to": _always(["supplier@example.com"]),
    },
    "support.SideConversationEvent": {
        "side_conversation": _any("support.SideConversation"),
        "ticket_id": lambda rows, number: rows.any("support.SideConversation").ticket_id,
        "body": _text("Reply "),
        "to": _always(["supplier@example.com"]),
    },
    "support.SurveyResponse": {
        "survey_id": _always("01SURVEY"),
        "responder": lambda rows, number: rows.customer(),
        "subject_zrns": lambda rows, number: [f"zen:ticket:{rows.new('support.Ticket').pk}"],
        "locale": _always("en-us"),
    },
    "support.Ticket": {
        "subject": _text("Ticket "),
        "comment": lambda rows, number: Comment(body=f"Please help with {number}."),
        "requester": lambda rows, number: rows.customer(),
    },
    "support.Trigger": {
        "title": _text("Trigger "),
        "actions": _always(_OPENED),
        "all": _always([_STATUS_IS_NEW]),
    },
    "support.User": {"name": _text("Person "), "email": _mail("person")},
    "support.UserIdentity": {
        "user": lambda rows, number: rows.customer(),
        "type": _always("email"),
        "value": _mail("other"),
    },
    "support.UserProfile": {
        "source": _always("shop"),
        "type": _always("customer"),
        "identifiers": lambda rows, number: [
            {"type": "email", "value": f"customer-{number}@example.com"}
        ],
    },
    "support.View": {"title": _text("View "), "all": _always([_STATUS_IS_NEW])},
    "support.Webhook": {"endpoint": _text("https://example.com/hooks/")},
    "talk.PhoneNumber": {"token": _text("US:+1415555")},
}


def build_value(field: Attribute[Any], number: int) -> Any:
    """Return a value for the kind of a field."""
    kind = field.kind
    if kind.choices:
        return kind.choices[0]
    if field.name == "email" and kind.name == "str":
        return f"person.{number}@example.com"
    values: Mapping[str, Any] = {
        "str": f"{field.name}_{number}",
        "int": number,
        "float": 1.5 * number,
        "bool": False,
        "list": [],
        "dict": {"number": number},
        "Any": number,
    }
    return values[kind.name]
