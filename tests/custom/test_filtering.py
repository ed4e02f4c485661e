"""Queries by custom fields, which are named by title and sent by id."""

from __future__ import annotations

from datetime import date

import pytest

from tests.custom.shop import Car, Customer, SupportTicket
from tests.schema_changes.declared import declare_object
from zendesk_orm import (
    Comment,
    CustomField,
    CustomObject,
    F,
    FieldError,
    InvalidValue,
    Max,
    NoEndpoint,
    Organization,
    Prefetch,
    Q,
    Sum,
    Ticket,
    TicketField,
    User,
    post_save,
    receiver,
)


@pytest.fixture
def minor(ticket):
    """Return a second ticket with few values."""
    return SupportTicket.objects.create(
        subject="Other", comment=Comment(body="Hm."), severity="Minor", escalated=False
    )


def collect_ids(rows):
    return {row.pk for row in rows}


@pytest.mark.parametrize(
    ("lookups", "expected"),
    [
        ({"severity": "Critical"}, "one"),
        ({"severity": "sev_critical"}, "one"),
        ({"severity__in": ["critical", "Minor"]}, "both"),
        ({"products": "Laser"}, "one"),
        ({"products__in": ["Ink jet"]}, "none"),
        ({"ships": date(2026, 3, 1)}, "one"),
        ({"ships": date(2026, 3, 2)}, "none"),
        ({"escalated": True}, "one"),
        ({"escalated": False}, "other"),
        ({"seats": 5}, "one"),
        ({"order": "AB-17"}, "one"),
        ({"custom_fields__Severity": "Critical"}, "one"),
        ({"custom_fields__Ship date": date(2026, 3, 1)}, "one"),
        ({"custom_fields__is_escalated": True}, "one"),
    ],
)
def test_tickets_are_filtered_by_custom_fields(ticket, minor, count_requests, lookups, expected):
    """A filter by custom fields takes one search request."""
    account = ticket._source.account
    with count_requests(account, 1):
        matches = collect_ids(SupportTicket.objects.filter(**lookups))

    by_name = {
        "one": {ticket.pk},
        "other": {minor.pk},
        "both": {ticket.pk, minor.pk},
        "none": set(),
    }
    assert matches == by_name[expected]


def test_the_first_query_fetches_the_definitions(ticket, minor, count_requests):
    """The first query by a title fetches the definitions when it is evaluated."""
    account = ticket._source.account
    account.catalogue.clear()
    with count_requests(account, 0):
        rows = SupportTicket.objects.filter(severity="Critical")
    with count_requests(account, 2):
        assert list(rows) == [ticket]
    with count_requests(account, 1):
        assert SupportTicket.objects.filter(severity="Minor").count() == 1


def test_ids_and_keys_need_no_definitions(ticket, count_requests):
    """Filters by id or key need no request for definitions."""
    account = ticket._source.account
    pk = TicketField.objects.get(title="Severity").pk
    account.catalogue.clear()
    with count_requests(account, 1):
        lookups = {f"custom_fields__{pk}": "sev_critical"}
        assert collect_ids(Ticket.objects.filter(**lookups)) == {ticket.pk}
    with count_requests(account, 1):
        assert list(User.objects.filter(user_fields__plan="gold")) == []


def test_exclude_and_q_take_custom_fields(ticket, minor):
    """`exclude()` and `Q` take custom fields."""
    critical, seats = Q(severity="Critical"), Q(custom_fields__Seats=5)

    assert collect_ids(SupportTicket.objects.exclude(severity="Critical").scan()) == {minor.pk}
    assert collect_ids(SupportTicket.objects.filter(critical | Q(subject="Other"))) == {
        ticket.pk,
        minor.pk,
    }
    assert collect_ids(SupportTicket.objects.filter(critical & seats)) == {ticket.pk}
    assert collect_ids(SupportTicket.objects.filter(~critical).scan()) == {minor.pk}


def test_plans_show_ids_and_tags(ticket):
    """Plans and `explain()` show the ids and tags of the account, `repr()` the titles."""
    rows = SupportTicket.objects.filter(severity="Critical")
    pk = TicketField.objects.get(title="Severity").pk

    assert f"query=custom_field_{pk}:sev_critical" in rows.explain()
    assert f"custom_fields__{pk} = 'sev_critical'" in str(rows.plan.query)
    assert repr(rows) == "<QuerySet SupportTicket: severity = 'Critical'>"


def test_scan_evaluates_unsupported_lookups(ticket, minor):
    """Lookups that search does not support raise, or are evaluated client-side with `scan()`."""
    rows = SupportTicket.objects.all()
    with pytest.raises(NoEndpoint):
        list(rows.filter(seats__gte=3))

    assert collect_ids(rows.filter(seats__gte=3).scan()) == {ticket.pk}
    assert collect_ids(rows.filter(ships__lt=date(2026, 4, 1)).scan()) == {ticket.pk}
    assert collect_ids(rows.filter(ships__lt=date(2026, 3, 1)).scan()) == set()
    assert collect_ids(rows.filter(seats__isnull=True).scan()) == {minor.pk}
    assert collect_ids(rows.filter(order__startswith="AB").scan()) == {ticket.pk}
    assert list(rows.order_by("-severity").scan()) == [minor, ticket]


@pytest.mark.parametrize(
    ("lookups", "error", "message"),
    [
        ({"severity": "Huge"}, InvalidValue, "not 'Huge'"),
        ({"severity__in": ["Huge"]}, InvalidValue, "not 'Huge'"),
        ({"severity__startswith": "Crit"}, FieldError, "Severity is a tagger"),
        ({"seats": "many"}, InvalidValue, "must be int"),
        ({"custom_fields__Severti": "x"}, FieldError, "did you mean 'Severity'"),
        ({"seats": F("severity")}, FieldError, "not compared with other fields"),
    ],
)
def test_invalid_lookups_are_rejected(ticket, sent, lookups, error, message):
    """Unknown options, invalid values and unsupported lookups raise before any request."""
    with pytest.raises(error, match=message):
        list(SupportTicket.objects.filter(**lookups).scan())

    assert sent == []


def test_values_return_custom_fields(ticket, minor):
    """`values()` converts declared custom fields, and returns raw values by title."""
    rows = SupportTicket.objects.filter(severity="Critical")

    assert list(rows.values("severity", "ships")) == [
        {"severity": "sev_critical", "ships": date(2026, 3, 1)}
    ]
    assert list(rows.values_list("custom_fields__Ship date", flat=True)) == ["2026-03-01"]
    assert set(SupportTicket.objects.values_list("severity", flat=True).distinct()) == {
        "sev_critical",
        "sev_minor",
    }


def test_aggregates_take_custom_fields(ticket, minor):
    """`aggregate()` takes custom fields and reads all rows, which `scan()` allows."""
    rows = SupportTicket.objects.scan()

    assert rows.aggregate(seats=Sum("seats"), last=Max("ships")) == {
        "seats": 5,
        "last": date(2026, 3, 1),
    }


def test_single_row_methods_take_custom_fields(ticket, minor):
    """`get()`, `first()`, `exists()`, `count()` and `in_bulk()` take custom fields."""
    rows = SupportTicket.objects.filter(severity="Critical")

    assert SupportTicket.objects.get(severity="Critical") == ticket
    assert (rows.first(), rows.exists(), rows.count()) == (ticket, True, 1)
    assert SupportTicket.objects.in_bulk(["AB-17"], field_name="order") == {"AB-17": ticket}


def test_when_takes_custom_fields(ticket, sent):
    """`when=` of a receiver takes custom fields and evaluates unsaved edits."""
    subjects = []

    @receiver(post_save, sender=SupportTicket, when=Q(severity="Critical", seats__gte=5))
    def record(sender, instance, **kwargs):
        subjects.append(instance.subject)

    ticket.subject = "First"
    ticket.save()
    ticket.severity = "Minor"
    ticket.save()
    ticket.severity, ticket.subject = "Critical", "Last"
    ticket.save()

    assert subjects == ["First", "Last"]


def test_filters_across_relations_take_custom_fields(shop):
    """Filters across relations take custom fields of the related model."""
    ann = User.objects.create(name="Ann", custom={"Plan": "Gold plan"})
    ticket = SupportTicket.objects.create(
        subject="Help", comment=Comment(body="It burns."), requester=ann, severity="Critical"
    )

    rows = Ticket.objects.filter(requester__user_fields__Plan="Gold plan")
    assert collect_ids(rows) == {ticket.pk}
    assert "'gold'" in rows.explain()
    golden = Customer.objects.filter(plan="gold")
    assert collect_ids(Ticket.objects.filter(requester__in=golden)) == {ticket.pk}


def test_prefetch_takes_custom_fields(shop):
    """The query of a `Prefetch` can be filtered by custom fields."""
    acme = Organization.objects.create(name="Acme")
    ann = User.objects.create(name="Ann", organization=acme, custom={"Plan": "Gold plan"})
    User.objects.create(name="Ben", organization=acme)
    users = Prefetch("users", User.objects.filter(user_fields__Plan="Gold plan"), to_attr="golden")

    (organization,) = Organization.objects.prefetch_related(users)

    assert organization.golden == [ann]


def test_records_are_filtered_by_custom_fields(shop, count_requests):
    """Records of a custom object are filtered by key and tag."""
    tesla = Car.objects.create(name="Tesla", color="Deep red", doors=5)
    mini = Car.objects.create(name="Mini", color="Sky blue", doors=3)
    with count_requests(shop, 2):
        assert list(Car.objects.filter(color="Deep red")) == [tesla]
        assert list(Car.objects.filter(doors__gt=3)) == [tesla]

    assert set(Car.objects.filter(color__in=["Deep red", "blue"])) == {tesla, mini}
    assert "custom_object_fields__color = 'red'" in Car.objects.filter(color="Deep red").explain()


def test_values_named_by_title_are_returned_as_they_are(ticket, minor):
    """False is a value, and no reference to nobody; aggregates find the field by its title."""
    rows = Ticket.objects.filter(id__in=[ticket.pk, minor.pk])

    assert minor.escalated is False
    assert [*rows.filter(id=minor.pk).values_list("custom_fields__Escalated", flat=True)] == [False]
    severities = [row.custom["Severity"] for row in rows]
    assert rows.aggregate(worst=Max("custom_fields__Severity")) == {"worst": max(severities)}


def test_a_custom_field_can_have_the_name_of_a_field_of_other_models(shop):
    """A field of a custom object that is called `tags` or `status` has the values of its type."""
    cars = CustomObject.objects.get("car")
    for key in ("tags", "status", "requester"):
        cars.fields.create(key=key, title=key.title(), type="date")
    day, fields = date(2026, 3, 1), {n: CustomField(n) for n in ("tags", "status", "requester")}
    model = declare_object("DatedCar", "car", **fields)

    car = model.objects.create(name="Beetle", **dict.fromkeys(fields, day))

    for name in fields:
        assert getattr(car, name) == day
        assert [row.id for row in model.objects.filter(**{name: day})] == [car.id]
        assert list(model.objects.filter(**{f"{name}__in": [date(2025, 1, 1)]})) == []
