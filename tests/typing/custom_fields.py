"""Types of custom fields. Type checkers check this module; it is never run."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Literal

from typing_extensions import assert_type

from zendesk_orm import CustomField, CustomObjectRecord, Display, Ticket, User


Severity = Literal["sev_critical", "sev_minor"]


class SupportTicket(Ticket):
    """Declared fields have the type in their brackets."""

    severity = CustomField[Severity | None]("Severity", id=360001)
    get_severity_display = Display()
    products = CustomField[list[str]]("Products")
    ships = CustomField[date | None](360002)


class Car(CustomObjectRecord):
    """A model of one custom object."""

    doors = CustomField[int | None]("doors")

    class Meta(CustomObjectRecord.Meta):
        filter: ClassVar = {"custom_object_key": "car"}


ticket = SupportTicket.objects.get(1)
assert_type(ticket, SupportTicket)
assert_type(ticket.severity, Severity | None)
assert_type(ticket.get_severity_display(), str)
assert_type(ticket.products, list[str])
assert_type(ticket.ships, date | None)
assert_type(ticket.custom["Severity"], Any)
assert_type(ticket.custom.get("Severity"), Any)
assert_type(SupportTicket.severity, CustomField[Severity | None])
assert_type(Car.objects.filter(doors__gte=3)[0].name, str | None)
assert_type(User.objects.get(1).custom["Plan"], Any)

ticket.severity = "sev_minor"
ticket.severity = None
ticket.products = ["laser"]
ticket.ships = date(2026, 3, 1)
ticket.custom["Severity"] = "Critical"
ticket.custom = {"Severity": "Critical"}

# Errors: a value of another type, and a tag that is not an option.
ticket.severity = "huge"  # type: ignore[assignment]
ticket.products = "laser"  # type: ignore[assignment]
ticket.ships = "tomorrow"  # type: ignore[assignment]
