"""Rows of every model, made of values that fit each field, and of samples where these do not."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.support.kept import keep
from zendesk_orm import AssetType, Comment, RequestComment, User
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import Emulator
from zendesk_orm.emulator.plain import begin
from zendesk_orm.emulator.templates import blank
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import Id
from zendesk_orm.talk import AvailablePhoneNumber


NUMBERS = count(1)

_STATUS_IS_NEW = {"field": "status", "operator": "is", "value": "new"}
_OPENED = [{"field": "status", "value": "open"}]

#: Values besides those that are made by kind, by model.
SAMPLES: dict[str, dict[str, Any]] = {
    "chat.Goal": {"name": "Bought"},
    "help_center.Article": {
        "section": lambda rows: rows.any("help_center.Section"),
        "permission_group": lambda rows: rows.any("help_center.PermissionGroup"),
        "title": "Low light",
    },
    "help_center.ArticleComment": {"body": "Thanks", "locale": "en-us"},
    "help_center.ArticleTranslation": {"locale": "de", "title": "Wenig Licht", "body": "Stativ"},
    "help_center.Badge": {
        "name": "Helper",
        "badge_category_id": lambda rows: rows.any("help_center.BadgeCategory").pk,
    },
    "help_center.CategoryTranslation": {"locale": "de", "title": "Allgemein", "body": "Alles"},
    "help_center.Section": {"name": "Questions"},
    "help_center.SectionTranslation": {"locale": "de", "title": "Fragen", "body": "Viele"},
    "support.Asset": {"status": lambda rows: rows.any("support.AssetStatus")},
    "support.AssetType": {"name": "Laptops", "parent_id": lambda rows: rows.root()},
    "support.Automation": {
        "actions": _OPENED,
        "all": [
            {"field": "status", "operator": "is", "value": "pending"},
            {"field": "PENDING", "operator": "is", "value": "24"},
        ],
    },
    "support.Bookmark": {"ticket_id": lambda rows: rows.any("support.Ticket").pk},
    "support.Comment": {"ticket": lambda rows: rows.any("support.Ticket"), "body": "More smoke"},
    "support.CustomObject": {"key": "car", "title": "Car", "title_pluralized": "Cars"},
    "support.CustomObjectRecord": {
        "custom_object_key": lambda rows: rows.any("support.CustomObject").pk,
        "name": "My Tesla",
    },
    "support.DynamicContentItem": {
        "name": "Hello",
        "default_locale_id": 1,
        "variants_": [{"locale_id": 1, "content": "Hello", "default": True}],
    },
    "support.DynamicContentVariant": {"locale_id": 2, "content": "Hallo"},
    "support.EndUserIdentity": {
        "user_id": lambda rows: rows.any("support.User").pk,
        "type": "email",
        "value": "more@example.com",
    },
    "support.GroupMembership": {"user": lambda rows: rows.agent()},
    "support.Holiday": {"name": "Easter", "start_date": "2026-04-05", "end_date": "2026-04-06"},
    "support.Macro": {"actions": _OPENED},
    "support.ObjectTrigger": {"actions": _OPENED},
    "support.Request": {"subject": "Help", "comment": RequestComment(body="Please")},
    "support.SatisfactionRating": {"ticket": lambda rows: rows.solved(), "score": "good"},
    "support.Ticket": {"subject": "Printer", "comment": Comment(body="It smokes")},
    "support.Trigger": {"actions": _OPENED, "all": [_STATUS_IS_NEW]},
    "support.UserIdentity": {"type": "email", "value": "more@example.com"},
    "support.View": {"title": "New", "all": [_STATUS_IS_NEW]},
    "talk.PhoneNumber": {"token": lambda rows: rows.number()},
}


class Maker:
    """Makes rows, and those first that they need."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.known: dict[str, Any] = {}

    def agent(self) -> Any:
        """Return an agent."""
        return User.objects.create(name="Amy", email="amy@example.com", role="agent")

    def solved(self) -> Any:
        """Return a solved ticket, whose requester is whoever is asking."""
        ticket = self.any("support.Ticket")
        ticket.assignee = User.objects.me()
        return ticket.solve()

    def root(self) -> str:
        """Return the id of the type that all types of assets are below, which Zendesk makes."""
        keep(self.emulator, AssetType, {"id": "01ROOT", "name": "Assets"})
        return "01ROOT"

    def number(self) -> str:
        """Return what stands for a phone number that can be bought."""
        return str(AvailablePhoneNumber.objects.filter(country="US")[0].token)

    def any(self, label: str) -> Any:
        """Return a row of a model, the same for all who ask."""
        if label not in self.known:
            product, _, name = label.partition(".")
            self.known[label] = self.new(registry.find(name, product))
        return self.known[label]

    def new(self, model: Any) -> Any:
        """Make a row of a model."""
        return model.objects.create(**self.values(model))

    def laid(self, model: Any) -> Any:
        """Lay a row of a model that nobody makes into the emulator, and return it."""
        meta, parent = model._meta, None
        row = blank(meta)
        for name, relation in meta.relations.items():
            if relation.model._meta.api.find(Verb.CREATE):
                row[relation.id.wire] = self.any(relation.model._meta.label).pk
                parent = row[relation.id.wire] if name == meta.parent else parent
        begin(self.emulator._world, meta, row)
        keep(self.emulator, model, row, parent=parent)
        return model.from_row(meta.identified(row))

    def values(self, model: Any) -> dict[str, Any]:
        """Return what a row of a model is made with."""
        meta = model._meta
        given = {
            name: value(self) if callable(value) else value
            for name, value in SAMPLES.get(meta.label, {}).items()
        }
        endpoint = meta.api.find(Verb.CREATE)
        places = endpoint.placeholders if endpoint else ()
        for name in dict.fromkeys((*places, *meta.required)):
            relation = meta.relations.get(name)
            if name in given or f"{name}_id" in given:
                continue
            given[name] = (
                self.any(relation.model._meta.label) if relation else value_of(meta.get_field(name))
            )
        if not given:
            name = told(model)
            given[name] = value_of(meta.get_field(name))
        return given


def value_of(field: Any, *, changed: bool = False) -> Any:
    """Return a value of the kind of a field."""
    kind, number = field.kind, next(NUMBERS)
    if kind.choices:
        return kind.choices[-1 if changed else 0]
    made = {"str": f"thing_{number}", "int": number, "float": 1.5 * number, "bool": changed}
    made |= {"list": [], "dict": {"thing": number}, "Any": number}
    return made[kind.name]


def told(model: Any) -> str:
    """Return the field that tells most: the first text that can be changed."""
    fields = [
        each
        for each in model._meta.get_fields()
        if each.editable and each.readable and not each.settled and not isinstance(each, Id)
    ]
    for kind in ("str", "bool", "int"):
        for each in fields:
            if each.kind.name == kind and not each.kind.choices:
                return str(each.name)
    return str(fields[0].name)
