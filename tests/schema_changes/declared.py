"""Functions that declare models, and read the fields of an account."""

from __future__ import annotations

from typing import Any

from zendesk_orm import (
    CustomObject,
    CustomObjectField,
    CustomObjectRecord,
    OrganizationField,
    Ticket,
    TicketField,
    UserField,
)


def declare(name: str, base: Any = Ticket, **fields: Any) -> Any:
    """Return a new class with custom fields."""
    return type(name, (base,), fields)


def declare_object(name: str, key: str, title: str = "", **fields: Any) -> Any:
    """Return a new class for the records of a custom object."""
    attributes = {"title": title, "title_pluralized": f"{title}s"} if title else {}
    options = {"filter": {"custom_object_key": key}, "custom_object": attributes}
    meta = type("Meta", (CustomObjectRecord.Meta,), options)
    return type(name, (CustomObjectRecord,), {**fields, "Meta": meta})


def read_fields(account: Any) -> dict[Any, dict[str, Any]]:
    """Return the rows of all custom fields and custom objects of an account, by model and id."""
    alias = account.alias
    rows = {
        (model.__name__, field.pk): field._row
        for model in (TicketField, UserField, OrganizationField)
        for field in model.objects.using(alias).fresh()
        if field._row.get("removable") is not False
    }
    for item in CustomObject.objects.using(alias).fresh():
        rows[("CustomObject", item.key)] = item._row
        fields = CustomObjectField.objects.using(alias).filter(custom_object=item.key).fresh()
        rows.update({(item.key, field.key): field._row for field in fields})
    return rows
