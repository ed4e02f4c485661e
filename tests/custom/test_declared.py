"""Custom fields that a model declares: read and written like other fields."""

from __future__ import annotations

import pickle
import threading
from datetime import date

import pytest

from tests.custom.shop import Car, Customer, Firm, SupportTicket
from zendesk_orm import (
    Comment,
    CustomField,
    Field,
    FieldError,
    Group,
    InvalidValue,
    Model,
    Request,
    Ticket,
    TicketField,
    TicketFieldOption,
    User,
)


def new(**values):
    return SupportTicket(subject="Help", comment=Comment(body="It burns."), **values)


def value_of(ticket, title):
    """Return a value as it lies in the row."""
    pk = TicketField.objects.get(title=title).pk
    return next(each["value"] for each in ticket.custom_fields if each["id"] == pk)


def test_values_are_read_as_what_they_are(ticket):
    """Options are tags, dates are dates, numbers are numbers."""
    read = SupportTicket.objects.get(ticket.pk)

    assert ("sev_critical", ["laser"]) == (read.severity, read.products)
    assert (date(2026, 3, 1), 5, 9.5) == (read.ships, read.seats, read.price)
    assert (True, "AB-17", None) == (read.escalated, read.order, read.remark)


def test_the_first_need_is_one_request_and_then_none(ticket, count_requests):
    """What fields there are is asked for once, and kept by the account."""
    account = ticket._source.account
    account.catalogue.clear()
    with count_requests(account, 1):
        assert "sev_critical" == ticket.severity
    with count_requests(account, 0):
        assert (5, ["laser"]) == (ticket.seats, ticket.products)
        ticket.severity = "Minor"
    with count_requests(account, 1):
        ticket.save()


def test_fields_are_asked_for_anew_after_minutes(ticket, count_requests):
    """A field that somebody else made is known then."""
    account = ticket._source.account
    assert "sev_critical" == ticket.severity
    account.transport.clock.sleep(601)

    with count_requests(account, 1):
        assert "sev_critical" == ticket.severity


def test_fields_that_were_changed_here_are_asked_for_anew(ticket):
    """Own changes of fields, and of options, count at once."""
    field = TicketField.objects.get(title="Severity")
    field.custom_field_options = [*field.custom_field_options, {"name": "Huge", "value": "huge"}]
    field.save()
    ticket.severity = "Huge"
    TicketFieldOption.objects.filter(ticket_field=field).create(name="Tiny", value="tiny")
    ticket.severity = "Tiny"

    assert "tiny" == ticket.severity


def test_threads_ask_together(ticket, count_requests):
    """Of several threads that need the fields at once, one asks."""
    account = ticket._source.account
    account.catalogue.clear()
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(account.current().definitions(
            SupportTicket._meta, {}
        )))
        for _ in range(8)
    ]  # fmt: skip
    with count_requests(account, 1):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert 8 == len(found)
    assert 1 == len(set(map(id, found)))


@pytest.mark.parametrize("given", ["Critical", "critical", "sev_critical"])
def test_an_option_is_set_by_its_title_or_its_tag(shop, given):
    """A title in any case, and the tag, come to the same."""
    made = SupportTicket.objects.create(
        subject="Help", comment=Comment(body="It burns."), severity=given
    )

    assert ("sev_critical", "sev_critical") == (made.severity, value_of(made, "Severity"))
    assert "Critical" == made.get_severity_display()


def test_only_the_changed_value_is_sent(ticket, sent):
    """Setting one custom field sends that one."""
    ticket.severity = "Minor"
    ticket.save()

    pk = TicketField.objects.get(title="Severity").pk
    body = next(each.json["ticket"] for each in sent if each.method == "PUT")
    assert [{"id": pk, "value": "sev_minor"}] == body["custom_fields"]
    assert "sev_minor" == SupportTicket.objects.get(ticket.pk).severity


def test_setting_the_old_value_back_is_no_change(ticket):
    """A change is a difference."""
    ticket.severity = "Minor"
    ticket.severity = "Critical"

    assert {} == ticket.changes()


def test_a_multi_select_is_edited_in_place(ticket):
    """Appending to what was read counts."""
    ticket.products.append("ink")
    ticket.save()

    read = SupportTicket.objects.get(ticket.pk)
    assert ["laser", "ink"] == read.products
    assert "Laser, Ink jet" == read.get_products_display()


def test_none_clears(ticket):
    """A value is taken away by None."""
    ticket.severity = ticket.ships = None
    ticket.save()

    read = SupportTicket.objects.get(ticket.pk)
    assert (None, None, "") == (read.severity, read.ships, read.get_severity_display())


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("severity", "Huge", r"'Critical' \(sev_critical\), 'Minor' \(sev_minor\), not 'Huge'"),
        ("severity", ["Critical"], "wants one of"),
        ("products", "Laser", "wants a list"),
        ("products", ["Laser", "Toner"], "not 'Toner'"),
        ("ships", "soon", "not a date"),
        ("escalated", "yes", "wants bool"),
        ("seats", "5", "wants int"),
        ("seats", True, "wants int"),
        ("price", "9", "wants float"),
        ("order", "17", "does not match"),
        ("remark", 7, "wants str"),
    ],
)
def test_values_that_the_field_cannot_have_are_refused(ticket, name, value, said):
    """What Zendesk would ignore in silence is an error, at the assignment."""
    with pytest.raises(InvalidValue, match=said):
        setattr(ticket, name, value)

    assert {} == ticket.changes()


def test_a_new_object_asks_for_nothing_until_it_is_saved(shop, count_requests):
    """Which account it is for is known then; what was assigned can be read before."""
    with count_requests(shop, 0):
        made = new(severity="Critical")
        assert ("Critical", None) == (made.severity, made.seats)
    with count_requests(shop, 2):
        made.save()

    assert "sev_critical" == made.severity


def test_a_bad_value_of_a_new_object_is_refused_when_it_is_saved(shop, sent):
    """Nothing but the list of fields goes out."""
    with pytest.raises(InvalidValue, match="not 'Huge'"):
        new(severity="Huge").save()

    assert ["GET"] == [each.method for each in sent]


def test_many_objects_are_made_with_one_list_of_fields(shop, count_requests):
    """`bulk_create()` takes them: the fields, the objects, and the job, looked at twice."""
    with count_requests(shop, 4):
        SupportTicket.objects.bulk_create([new(severity="Minor"), new(seats=3)])

    rows = SupportTicket.objects.order_by("id").scan()
    assert [("sev_minor", None), (None, 3)] == [(each.severity, each.seats) for each in rows]


def test_all_rows_of_a_query_are_changed_alike(ticket):
    """`update()` and `bulk_update()` take titles."""
    SupportTicket.objects.filter(severity="Critical").update(severity="Minor", seats=2)
    read = SupportTicket.objects.get(ticket.pk)
    assert ("sev_minor", 2, 9.5) == (read.severity, read.seats, read.price)

    read.severity = "Critical"
    SupportTicket.objects.bulk_update([read], ["severity"])
    assert "sev_critical" == SupportTicket.objects.get(ticket.pk).severity


def test_a_bad_value_for_all_rows_is_refused_before_any_is_read(ticket, sent):
    """The list of fields is known, so that nothing is sent."""
    with pytest.raises(InvalidValue, match="not 'Huge'"):
        SupportTicket.objects.all().update(severity="Huge")

    assert [] == sent


def test_get_or_create_takes_them(shop):
    """In the lookups of a fresh list, and in the defaults."""
    defaults = {"severity": "Critical", "subject": "Help", "comment": Comment(body="It burns.")}
    made, created = SupportTicket.objects.get_or_create(defaults, external_id="a-1")
    found, again = SupportTicket.objects.get_or_create(defaults, external_id="a-1")

    assert (True, False) == (created, again)
    assert (made, "sev_critical") == (found, found.severity)


def test_update_fields_names_them(ticket, sent):
    """`save(update_fields=["severity"])` sends custom fields and nothing else."""
    ticket.severity, ticket.subject = "Minor", "Other"
    ticket.save(update_fields=["severity"])

    body = next(each.json["ticket"] for each in sent if each.method == "PUT")
    assert "custom_fields" in body
    assert "subject" not in body


def test_a_batch_sends_them(ticket, shop):
    """What is saved in a batch is in the account's own words."""
    with shop.batch():
        ticket.severity = "Minor"
        ticket.save()
        new(severity="Critical", external_id="b-1").save()

    made = SupportTicket.objects.get(external_id="b-1")
    assert ("sev_minor", "sev_critical") == (
        SupportTicket.objects.get(ticket.pk).severity,
        made.severity,
    )


def test_users_have_them_by_key(shop, count_requests):
    """`user_fields` is a dictionary, and nobody notices."""
    ann = Customer.objects.create(name="Ann", plan="gold PLAN", birthday=date(1990, 5, 1))

    assert {"plan": "gold", "birthday": "1990-05-01"} == ann.user_fields
    assert ("gold", date(1990, 5, 1)) == (ann.plan, ann.birthday)
    assert "Gold plan" == ann.get_plan_display()
    ann.plan = "Silver plan"
    assert {"user_fields": {"plan": "silver"}} == ann.to_payload()


def test_a_moment_is_read_as_its_day(shop):
    """Dates of users come as moments from Zendesk."""
    ann = Customer.from_row({"id": 7, "user_fields": {"birthday": "1990-05-01T00:00:00+00:00"}})

    assert date(1990, 5, 1) == ann.birthday


def test_organizations_have_them(shop):
    """And so do organizations."""
    acme = Firm.objects.create(name="Acme", region="North")

    assert ({"region": "North"}, "North") == (acme.organization_fields, acme.region)


def test_records_of_custom_objects_have_those_of_their_object(shop, count_requests):
    """A model of one custom object reads, writes and finds its records."""
    with count_requests(shop, 2):
        tesla = Car.objects.create(name="Tesla", color="Deep red", doors=4)
    with count_requests(shop, 1):
        Car(name="Mini", color="blue").save()
    with count_requests(shop, 1):
        assert ["Tesla"] == [each.name for each in Car.objects.filter(color="Deep red")]

    assert ({"color": "red", "doors": 4}, "red") == (tesla.custom_object_fields, tesla.color)
    assert {"Tesla", "Mini"} == {each.name for each in Car.objects.all()}


def test_records_are_made_and_changed_by_the_many(shop):
    """In a job, and by what they are known by elsewhere."""
    Car.objects.bulk_create([Car(name="Tesla", external_id="t-1", color="Deep red")])
    assert ["red"] == [each.color for each in Car.objects.all()]

    changed = Car.objects.upsert(external_id="t-1", color="Sky blue")
    assert ("blue", Car, 1) == (changed.color, type(changed), Car.objects.count())


def test_requests_have_them(ticket):
    """A ticket as its requester sees it has the same fields."""
    assert "sev_critical" == Request.objects.get(ticket.pk).custom["Severity"]


def test_a_field_is_declared_by_its_id(ticket):
    """An id holds in one account, and needs no title."""
    pk = TicketField.objects.get(title="Severity").pk

    class ById(Ticket):
        severity = CustomField[str](pk)

    assert "sev_critical" == ById.objects.get(ticket.pk).severity


def test_a_field_that_the_account_has_not_is_named(ticket):
    """The message names the nearest title."""

    class Wrong(Ticket):
        severity = CustomField[str]("Severty")

    with pytest.raises(FieldError, match="did you mean 'Severity'"):
        _ = Wrong.objects.get(ticket.pk).severity


def test_two_fields_of_one_title_are_told_apart_by_id(ticket):
    """A title that several fields have names none of them."""
    TicketField.objects.create(type="text", title="Severity")

    with pytest.raises(FieldError, match=r"several .*'Severity'; name one by its id: \d+, \d+"):
        _ = ticket.severity


def test_a_field_that_is_no_longer_in_use_gives_way(ticket):
    """Of two fields of one title, the one in use is meant."""
    TicketField.objects.create(type="text", title="Severity", active=False)

    assert "sev_critical" == ticket.severity


def test_a_declared_name_must_be_free():
    """A custom field hides no field, and rows without custom fields have none."""
    with pytest.raises(FieldError, match="choose another name"):

        class Hides(Ticket):
            subject = CustomField[str]("Subject")

    with pytest.raises(FieldError, match="no custom fields of these rows"):

        class Bare(Group):
            plan = CustomField[str]("Plan")


def test_subclasses_inherit_them(ticket):
    """A further proxy has the fields of the one above."""

    class Urgent(SupportTicket):
        class Meta:
            filter = {"priority": "urgent"}  # noqa: RUF012 - as in Django, options are plain

    assert "sev_critical" == Urgent.from_row(ticket._row, ticket._source).severity


def test_objects_are_pickled_with_them(ticket):
    """What comes back reads its fields through its account."""
    ticket.severity = "Minor"
    again = pickle.loads(pickle.dumps(ticket))

    assert ("sev_minor", 5) == (again.severity, again.seats)


def test_a_new_object_is_pickled_without_an_account():
    """What was assigned comes along as it was."""
    again = pickle.loads(pickle.dumps(new(severity="Critical")))

    assert "Critical" == again.severity


def test_a_notebook_asks_for_nothing(shop, count_requests):
    """Neither `repr()` nor its HTML makes a request."""
    shop.catalogue.clear()
    with count_requests(shop, 0):
        assert "severity = 'Critical'" in repr(SupportTicket.objects.filter(severity="Critical"))
        assert "Critical" in SupportTicket.objects.filter(severity="Critical")._repr_html_()


def test_nothing_is_asked_of_those_who_have_none(account, count_requests):
    """Models without declared fields pay nothing."""
    with count_requests(account, 1):
        User.objects.create(name="Ann", user_fields={"plan": "gold"})


def test_update_fields_leaves_the_others(ticket, sent):
    """Of the custom fields those that are named are sent; what else was edited waits."""
    ticket.severity, ticket.seats = "Minor", 7
    ticket.save(update_fields=["severity"])
    assert ["sev_minor"] == _values(sent[-1].json["ticket"])
    assert 7 == ticket.seats

    ticket.save(update_fields=["severity"])
    assert 1 == sum(each.method == "PUT" for each in sent)
    ticket.save()
    assert [7] == _values(sent[-1].json["ticket"])
    assert {} == ticket.changes()


def test_bulk_update_leaves_the_others(ticket, sent):
    """The same, through a job."""
    ticket.severity, ticket.seats = "Minor", 7
    SupportTicket.objects.bulk_update([ticket], ["severity"])

    (request,) = (each for each in sent if each.method == "PUT")
    assert ["sev_minor"] == _values(request.json["tickets"][0])
    assert ("sev_minor", 7) == (ticket.severity, ticket.seats)
    assert ["custom_fields"] == list(ticket.changes())


def _values(payload):
    return [each["value"] for each in payload["custom_fields"]]


def test_a_custom_field_replaces_nothing_public() -> None:
    """A class is refused if a field has the name of a method, property or relation of tickets."""
    for name in (each for each in dir(Ticket) if not each.startswith("_")):
        with pytest.raises(FieldError, match=name):
            type("Replacing", (Ticket,), {name: CustomField("Title"), "__module__": __name__})


def test_a_field_replaces_no_method() -> None:
    """Fields that annotations declare are refused likewise."""
    with pytest.raises(FieldError, match=r"Shadowing\.save"):

        class Shadowing(Model):
            """A model whose field has the name of a method."""

            save: Field[str]
