"""Custom fields in queries: named as people do, asked as the account does."""

from __future__ import annotations

from datetime import date

import pytest

from tests.custom.shop import Car, Customer, SupportTicket
from zendesk_orm import (
    Comment,
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
    """Return a second ticket, with little."""
    return SupportTicket.objects.create(
        subject="Other", comment=Comment(body="Hm."), severity="Minor", escalated=False
    )


def ids(rows):
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
def test_rows_are_found_by_them(ticket, minor, count_requests, lookups, expected):
    """One search, in the account's words; what comes is compared once more."""
    account = ticket._source.account
    with count_requests(account, 1):
        found = ids(SupportTicket.objects.filter(**lookups))

    wanted = {"one": {ticket.pk}, "other": {minor.pk}, "both": {ticket.pk, minor.pk}, "none": set()}
    assert wanted[expected] == found


def test_the_first_query_asks_what_fields_there_are(ticket, minor, count_requests):
    """One request more, once; and none to make the query."""
    account = ticket._source.account
    account.catalogue.clear()
    with count_requests(account, 0):
        rows = SupportTicket.objects.filter(severity="Critical")
    with count_requests(account, 2):
        assert [ticket] == list(rows)
    with count_requests(account, 1):
        assert 1 == SupportTicket.objects.filter(severity="Minor").count()


def test_ids_and_keys_cost_no_request(ticket, count_requests):
    """`custom_fields__360001` says the id, and `user_fields__plan` the key."""
    account = ticket._source.account
    pk = TicketField.objects.get(title="Severity").pk
    account.catalogue.clear()
    with count_requests(account, 1):
        named = {f"custom_fields__{pk}": "sev_critical"}
        assert {ticket.pk} == ids(Ticket.objects.filter(**named))
    with count_requests(account, 1):
        assert [] == list(User.objects.filter(user_fields__plan="gold"))


def test_what_is_left_out_and_alternatives(ticket, minor):
    """`exclude()` and `Q` take them."""
    critical, seats = Q(severity="Critical"), Q(custom_fields__Seats=5)

    assert {minor.pk} == ids(SupportTicket.objects.exclude(severity="Critical").scan())
    assert {ticket.pk, minor.pk} == ids(SupportTicket.objects.filter(critical | Q(subject="Other")))
    assert {ticket.pk} == ids(SupportTicket.objects.filter(critical & seats))
    assert {minor.pk} == ids(SupportTicket.objects.filter(~critical).scan())


def test_the_plan_and_its_explanation_tell_what_is_asked(ticket):
    """Both are in the account's words."""
    rows = SupportTicket.objects.filter(severity="Critical")
    pk = TicketField.objects.get(title="Severity").pk

    assert f"query=custom_field_{pk}:sev_critical" in rows.explain()
    assert f"custom_fields__{pk} = 'sev_critical'" in str(rows.plan.query)
    assert "<QuerySet SupportTicket: severity = 'Critical'>" == repr(rows)


def test_what_search_cannot_say_is_compared_with_scan(ticket, minor):
    """Bounds, rows without a value, and orders."""
    rows = SupportTicket.objects.all()
    with pytest.raises(NoEndpoint):
        list(rows.filter(seats__gte=3))

    assert {ticket.pk} == ids(rows.filter(seats__gte=3).scan())
    assert {ticket.pk} == ids(rows.filter(ships__lt=date(2026, 4, 1)).scan())
    assert set() == ids(rows.filter(ships__lt=date(2026, 3, 1)).scan())
    assert {minor.pk} == ids(rows.filter(seats__isnull=True).scan())
    assert {ticket.pk} == ids(rows.filter(order__startswith="AB").scan())
    assert [minor, ticket] == list(rows.order_by("-severity").scan())


@pytest.mark.parametrize(
    ("lookups", "error", "said"),
    [
        ({"severity": "Huge"}, InvalidValue, "not 'Huge'"),
        ({"severity__in": ["Huge"]}, InvalidValue, "not 'Huge'"),
        ({"severity__startswith": "Crit"}, FieldError, "Severity is a tagger"),
        ({"seats": "many"}, InvalidValue, "wants int"),
        ({"custom_fields__Severti": "x"}, FieldError, "did you mean 'Severity'"),
        ({"seats": F("severity")}, FieldError, "not compared with other fields"),
    ],
)
def test_what_the_field_cannot_have_is_refused(ticket, sent, lookups, error, said):
    """A query that would find nothing for a wrong reason is not sent."""
    with pytest.raises(error, match=said):
        list(SupportTicket.objects.filter(**lookups).scan())

    assert [] == sent


def test_values_give_them(ticket, minor):
    """By the declared name as a value, by the title as it lies in the row."""
    rows = SupportTicket.objects.filter(severity="Critical")

    assert [{"severity": "sev_critical", "ships": date(2026, 3, 1)}] == list(
        rows.values("severity", "ships")
    )
    assert ["2026-03-01"] == list(rows.values_list("custom_fields__Ship date", flat=True))
    assert {"sev_critical", "sev_minor"} == set(
        SupportTicket.objects.values_list("severity", flat=True).distinct()
    )


def test_sums_of_them(ticket, minor):
    """All rows are read for it, which `scan()` allows."""
    rows = SupportTicket.objects.scan()

    assert {"seats": 5, "last": date(2026, 3, 1)} == rows.aggregate(
        seats=Sum("seats"), last=Max("ships")
    )


def test_one_row_by_a_custom_field(ticket, minor):
    """`get()`, `first()`, `exists()` and `count()` go the same way."""
    rows = SupportTicket.objects.filter(severity="Critical")

    assert ticket == SupportTicket.objects.get(severity="Critical")
    assert (ticket, True, 1) == (rows.first(), rows.exists(), rows.count())
    assert {"AB-17": ticket} == SupportTicket.objects.in_bulk(["AB-17"], field_name="order")


def test_receivers_are_chosen_by_them(ticket, sent):
    """`when=Q(severity="Critical")` compares what the object has, edits included."""
    heard = []

    @receiver(post_save, sender=SupportTicket, when=Q(severity="Critical", seats__gte=5))
    def told(sender, instance, **kwargs):
        heard.append(instance.subject)

    ticket.subject = "First"
    ticket.save()
    ticket.severity = "Minor"
    ticket.save()
    ticket.severity, ticket.subject = "Critical", "Last"
    ticket.save()

    assert ["First", "Last"] == heard


def test_through_relations(shop):
    """Tickets of people with a plan, and the people along with their tickets."""
    ann = User.objects.create(name="Ann", custom={"Plan": "Gold plan"})
    made = SupportTicket.objects.create(
        subject="Help", comment=Comment(body="It burns."), requester=ann, severity="Critical"
    )

    rows = Ticket.objects.filter(requester__user_fields__Plan="Gold plan")
    assert {made.pk} == ids(rows)
    assert "'gold'" in rows.explain()
    golden = Customer.objects.filter(plan="gold")
    assert {made.pk} == ids(Ticket.objects.filter(requester__in=golden))


def test_prefetched_rows_are_chosen_by_them(shop):
    """A queryset of `Prefetch` is settled before it is asked."""
    acme = Organization.objects.create(name="Acme")
    ann = User.objects.create(name="Ann", organization=acme, custom={"Plan": "Gold plan"})
    User.objects.create(name="Ben", organization=acme)
    users = Prefetch("users", User.objects.filter(user_fields__Plan="Gold plan"), to_attr="golden")

    (found,) = Organization.objects.prefetch_related(users)

    assert [ann] == found.golden


def test_records_are_filtered_by_them(shop, count_requests):
    """The JSON filter gets the key and the tag."""
    tesla = Car.objects.create(name="Tesla", color="Deep red", doors=5)
    mini = Car.objects.create(name="Mini", color="Sky blue", doors=3)
    with count_requests(shop, 2):
        assert [tesla] == list(Car.objects.filter(color="Deep red"))
        assert [tesla] == list(Car.objects.filter(doors__gt=3))

    assert {tesla, mini} == set(Car.objects.filter(color__in=["Deep red", "blue"]))
    assert "custom_object_fields__color = 'red'" in Car.objects.filter(color="Deep red").explain()
