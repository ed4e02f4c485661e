"""Custom fields of every type, and models that declare them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from zendesk_orm import (
    CustomField,
    CustomObject,
    CustomObjectRecord,
    Organization,
    OrganizationField,
    Ticket,
    TicketField,
    User,
    UserField,
)


SEVERITY = [
    {"name": "Critical", "value": "sev_critical"},
    {"name": "Minor", "value": "sev_minor"},
]
PRODUCTS = [{"name": "Laser", "value": "laser"}, {"name": "Ink jet", "value": "ink"}]
PLANS = [{"name": "Gold plan", "value": "gold"}, {"name": "Silver plan", "value": "silver"}]
COLORS = [{"name": "Deep red", "value": "red"}, {"name": "Sky blue", "value": "blue"}]


def add_fields(alias="default"):
    """Create the custom fields in an account."""
    fields = TicketField.objects.using(alias)
    fields.create(type="tagger", title="Severity", custom_field_options=SEVERITY)
    fields.create(type="multiselect", title="Products", custom_field_options=PRODUCTS)
    fields.create(type="date", title="Ship date")
    fields.create(type="checkbox", title="Escalated", tag="is_escalated")
    fields.create(type="integer", title="Seats")
    fields.create(type="decimal", title="Price")
    fields.create(type="regexp", title="Order", regexp_for_validation="^[A-Z]{2}-[0-9]+$")
    fields.create(type="text", title="Remark")
    users = UserField.objects.using(alias)
    users.create(key="plan", title="Plan", type="dropdown", custom_field_options=PLANS)
    users.create(key="birthday", title="Day of birth", type="date")
    OrganizationField.objects.using(alias).create(key="region", title="Region", type="text")
    CustomObject.objects.using(alias).create(key="car", title="Car", title_pluralized="Cars")
    cars = CustomObject.objects.using(alias).get("car").fields
    cars.create(key="color", title="Color", type="dropdown", custom_field_options=COLORS)
    cars.create(key="doors", title="Doors", type="integer")


class SupportTicket(Ticket):
    """A ticket with the custom fields of the tests."""

    severity = CustomField[str | None]("Severity")
    products = CustomField[list[str] | None]("Products")
    ships = CustomField[date | None]("Ship date")
    escalated = CustomField[bool | None]("is_escalated")
    seats = CustomField[int | None]("Seats")
    price = CustomField[float | None]("Price")
    order = CustomField[str | None]("Order")
    remark = CustomField[str | None]("Remark")


class Customer(User):
    """A user with custom fields."""

    plan = CustomField[str | None]("Plan")
    birthday = CustomField[date | None]("birthday")


class Firm(Organization):
    """An organization with a custom field."""

    region = CustomField[str | None]("Region")


class Car(CustomObjectRecord):
    """A record of the custom object `car`."""

    color = CustomField[str | None]("Color")
    doors = CustomField[int | None]("doors")

    class Meta(CustomObjectRecord.Meta):
        filter: ClassVar = {"custom_object_key": "car"}
