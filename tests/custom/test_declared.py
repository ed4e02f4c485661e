"""Custom fields that a model declares, read and written like other fields."""

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


def build_ticket(**values):
    return SupportTicket(subject="Help", comment=Comment(body="It burns."), **values)


def read_raw_value(ticket, title):
    """Return the value of a custom field in the row."""
    pk = TicketField.objects.get(title=title).pk
    return next(field["value"] for field in ticket.custom_fields if field["id"] == pk)


def test_values_are_converted(ticket):
    """Values are read as tags, dates, numbers and booleans."""
    fetched = SupportTicket.objects.get(ticket.pk)

    assert (fetched.severity, fetched.products) == ("sev_critical", ["laser"])
    assert (fetched.ships, fetched.seats, fetched.price) == (date(2026, 3, 1), 5, 9.5)
    assert (fetched.escalated, fetched.order, fetched.remark) == (True, "AB-17", None)


def test_definitions_are_fetched_once(ticket, count_requests):
    """The definitions of custom fields are fetched when first needed, and then cached."""
    account = ticket._source.account
    account.catalogue.clear()
    with count_requests(account, 1):
        assert ticket.severity == "sev_critical"
    with count_requests(account, 0):
        assert (ticket.seats, ticket.products) == (5, ["laser"])
        ticket.severity = "Minor"
    with count_requests(account, 1):
        ticket.save()


def test_definitions_are_fetched_again_after_minutes(ticket, count_requests):
    """The cached definitions expire after ten minutes."""
    account = ticket._source.account
    assert ticket.severity == "sev_critical"
    account.transport.clock.sleep(601)

    with count_requests(account, 1):
        assert ticket.severity == "sev_critical"


def test_definitions_are_fetched_again_after_own_changes(ticket):
    """Saving a field or an option through the library updates the definitions."""
    field = TicketField.objects.get(title="Severity")
    field.custom_field_options = [*field.custom_field_options, {"name": "Huge", "value": "huge"}]
    field.save()
    ticket.severity = "Huge"
    TicketFieldOption.objects.filter(ticket_field=field).create(name="Tiny", value="tiny")
    ticket.severity = "Tiny"

    assert ticket.severity == "tiny"


def test_threads_share_one_request_for_definitions(ticket, count_requests):
    """Several threads that need the definitions at once send one request."""
    account = ticket._source.account
    account.catalogue.clear()
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(account.current().definitions(
            SupportTicket._meta, {}
        )))
        for _ in range(8)
    ]  # fmt: skip
    with count_requests(account, 1):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(results) == 8
    assert len(set(map(id, results))) == 1


@pytest.mark.parametrize("value", ["Critical", "critical", "sev_critical"])
def test_an_option_is_set_by_title_or_tag(shop, value):
    """An option is set by its title in any case, or by its tag."""
    ticket = SupportTicket.objects.create(
        subject="Help", comment=Comment(body="It burns."), severity=value
    )

    assert (ticket.severity, read_raw_value(ticket, "Severity")) == ("sev_critical", "sev_critical")
    assert ticket.get_severity_display() == "Critical"


def test_only_the_changed_value_is_sent(ticket, sent):
    """Saving sends only the custom fields that changed."""
    ticket.severity = "Minor"
    ticket.save()

    pk = TicketField.objects.get(title="Severity").pk
    body = next(request.json["ticket"] for request in sent if request.method == "PUT")
    assert body["custom_fields"] == [{"id": pk, "value": "sev_minor"}]
    assert SupportTicket.objects.get(ticket.pk).severity == "sev_minor"


def test_assigning_the_old_value_undoes_a_change(ticket):
    """Assigning the value of the row to a custom field undoes the change."""
    ticket.severity = "Minor"
    ticket.severity = "Critical"

    assert ticket.changes() == {}


def test_a_multi_select_is_edited_in_place(ticket):
    """Editing the list of a multi-select field in place is a change."""
    ticket.products.append("ink")
    ticket.save()

    saved = SupportTicket.objects.get(ticket.pk)
    assert saved.products == ["laser", "ink"]
    assert saved.get_products_display() == "Laser, Ink jet"


def test_none_clears_a_custom_field(ticket):
    """Assigning None clears a custom field."""
    ticket.severity = ticket.ships = None
    ticket.save()

    saved = SupportTicket.objects.get(ticket.pk)
    assert (saved.severity, saved.ships, saved.get_severity_display()) == (None, None, "")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("severity", "Huge", r"'Critical' \(sev_critical\), 'Minor' \(sev_minor\), not 'Huge'"),
        ("severity", ["Critical"], "must be one of"),
        ("products", "Laser", "must be a list"),
        ("products", ["Laser", "Toner"], "not 'Toner'"),
        ("ships", "soon", "not a date"),
        ("escalated", "yes", "must be bool"),
        ("seats", "5", "must be int"),
        ("seats", True, "must be int"),
        ("price", "9", "must be float"),
        ("order", "17", "does not match"),
        ("remark", 7, "must be str"),
    ],
)
def test_an_invalid_value_is_rejected(ticket, name, value, message):
    """A value that Zendesk would silently ignore raises `InvalidValue` when it is assigned."""
    with pytest.raises(InvalidValue, match=message):
        setattr(ticket, name, value)

    assert ticket.changes() == {}


def test_a_new_object_fetches_no_definitions_until_it_is_saved(shop, count_requests):
    """A new object returns assigned values without a request until it is saved."""
    with count_requests(shop, 0):
        ticket = build_ticket(severity="Critical")
        assert (ticket.severity, ticket.seats) == ("Critical", None)
    with count_requests(shop, 2):
        ticket.save()

    assert ticket.severity == "sev_critical"


def test_an_invalid_value_of_a_new_object_is_rejected_on_save(shop, sent):
    """An invalid value of a new object raises on save, after fetching the definitions."""
    with pytest.raises(InvalidValue, match="not 'Huge'"):
        build_ticket(severity="Huge").save()

    assert [request.method for request in sent] == ["GET"]


def test_bulk_create_fetches_the_definitions_once(shop, count_requests):
    """`bulk_create()` fetches the definitions once for all objects."""
    with count_requests(shop, 4):
        SupportTicket.objects.bulk_create([build_ticket(severity="Minor"), build_ticket(seats=3)])

    rows = SupportTicket.objects.order_by("id").scan()
    assert [(row.severity, row.seats) for row in rows] == [("sev_minor", None), (None, 3)]


def test_update_and_bulk_update_take_titles(ticket):
    """`update()` and `bulk_update()` take options by title."""
    SupportTicket.objects.filter(severity="Critical").update(severity="Minor", seats=2)
    saved = SupportTicket.objects.get(ticket.pk)
    assert (saved.severity, saved.seats, saved.price) == ("sev_minor", 2, 9.5)

    saved.severity = "Critical"
    SupportTicket.objects.bulk_update([saved], ["severity"])
    assert SupportTicket.objects.get(ticket.pk).severity == "sev_critical"


def test_update_rejects_an_invalid_value_without_a_request(ticket, sent):
    """`update()` with an invalid value raises before any request."""
    with pytest.raises(InvalidValue, match="not 'Huge'"):
        SupportTicket.objects.all().update(severity="Huge")

    assert sent == []


def test_get_or_create_takes_custom_fields(shop):
    """`get_or_create()` takes custom fields in its defaults."""
    defaults = {"severity": "Critical", "subject": "Help", "comment": Comment(body="It burns.")}
    first, created = SupportTicket.objects.get_or_create(defaults, external_id="a-1")
    second, again = SupportTicket.objects.get_or_create(defaults, external_id="a-1")

    assert (created, again) == (True, False)
    assert (second, second.severity) == (first, "sev_critical")


def test_update_fields_takes_custom_fields(ticket, sent):
    """`save(update_fields=["severity"])` sends custom fields and no other fields."""
    ticket.severity, ticket.subject = "Minor", "Other"
    ticket.save(update_fields=["severity"])

    body = next(request.json["ticket"] for request in sent if request.method == "PUT")
    assert "custom_fields" in body
    assert "subject" not in body


def test_a_batch_sends_custom_fields(ticket, shop):
    """A batch sends custom fields with the ids and tags of its account."""
    with shop.batch():
        ticket.severity = "Minor"
        ticket.save()
        build_ticket(severity="Critical", external_id="b-1").save()

    created = SupportTicket.objects.get(external_id="b-1")
    assert (SupportTicket.objects.get(ticket.pk).severity, created.severity) == (
        "sev_minor",
        "sev_critical",
    )


def test_custom_fields_of_users_are_declared(shop, count_requests):
    """Custom fields of users are stored by key in `user_fields`."""
    ann = Customer.objects.create(name="Ann", plan="gold PLAN", birthday=date(1990, 5, 1))

    assert ann.user_fields == {"plan": "gold", "birthday": "1990-05-01T00:00:00+00:00"}
    assert (ann.plan, ann.birthday) == ("gold", date(1990, 5, 1))
    assert ann.get_plan_display() == "Gold plan"
    ann.plan = "Silver plan"
    assert ann.to_payload() == {"user_fields": {"plan": "silver"}}


def test_a_date_of_a_user_is_read_from_a_datetime(shop):
    """Dates of users, which Zendesk returns as datetimes, are read as dates."""
    ann = Customer.from_row({"id": 7, "user_fields": {"birthday": "1990-05-01T00:00:00+00:00"}})

    assert ann.birthday == date(1990, 5, 1)


def test_custom_fields_of_organizations_are_declared(shop):
    """Custom fields of organizations are stored by key in `organization_fields`."""
    acme = Firm.objects.create(name="Acme", region="North")

    assert (acme.organization_fields, acme.region) == ({"region": "North"}, "North")


def test_a_model_of_a_custom_object_has_its_fields(shop, count_requests):
    """A model of one custom object creates, reads and filters its records."""
    with count_requests(shop, 2):
        tesla = Car.objects.create(name="Tesla", color="Deep red", doors=4)
    with count_requests(shop, 1):
        Car(name="Mini", color="blue").save()
    with count_requests(shop, 1):
        assert [car.name for car in Car.objects.filter(color="Deep red")] == ["Tesla"]

    assert (tesla.custom_object_fields, tesla.color) == ({"color": "red", "doors": 4}, "red")
    assert {car.name for car in Car.objects.all()} == {"Tesla", "Mini"}


def test_records_are_created_in_bulk_and_upserted(shop):
    """Custom fields of records are sent by `bulk_create()` and `upsert()`."""
    Car.objects.bulk_create([Car(name="Tesla", external_id="t-1", color="Deep red")])
    assert [car.color for car in Car.objects.all()] == ["red"]

    updated = Car.objects.upsert(external_id="t-1", color="Sky blue")
    assert (updated.color, type(updated), Car.objects.count()) == ("blue", Car, 1)


def test_requests_have_custom_fields_of_tickets(ticket):
    """Requests have the custom fields of their tickets."""
    assert Request.objects.get(ticket.pk).custom["Severity"] == "sev_critical"


def test_a_custom_field_is_declared_by_id(ticket):
    """A custom field can be declared by its id instead of its title."""
    pk = TicketField.objects.get(title="Severity").pk

    class ById(Ticket):
        severity = CustomField[str](pk)

    assert ById.objects.get(ticket.pk).severity == "sev_critical"


def test_an_unknown_custom_field_is_rejected_with_a_suggestion(ticket):
    """Reading a declared field that the account lacks raises with a suggestion."""

    class MisspeltTicket(Ticket):
        severity = CustomField[str]("Severty")

    with pytest.raises(FieldError, match="did you mean 'Severity'"):
        _ = MisspeltTicket.objects.get(ticket.pk).severity


def test_an_ambiguous_title_is_rejected(ticket):
    """A title that several fields have raises `FieldError`, which lists their ids."""
    TicketField.objects.create(type="text", title="Severity")

    with pytest.raises(FieldError, match=r"several .*'Severity'; use an id: \d+, \d+"):
        _ = ticket.severity


def test_an_inactive_field_is_ignored(ticket):
    """Of two fields with the same title, the active one is used."""
    TicketField.objects.create(type="text", title="Severity", active=False)

    assert ticket.severity == "sev_critical"


def test_a_declared_name_must_be_free():
    """A custom field cannot replace a field, and needs a model that has custom fields."""
    with pytest.raises(FieldError, match="choose another"):

        class Hides(Ticket):
            subject = CustomField[str]("Subject")

    with pytest.raises(FieldError, match="have no custom fields"):

        class Bare(Group):
            plan = CustomField[str]("Plan")


def test_subclasses_inherit_custom_fields(ticket):
    """A subclass inherits the custom fields of its base."""

    class Urgent(SupportTicket):
        class Meta:
            filter = {"priority": "urgent"}  # noqa: RUF012 - as in Django, options are plain

    assert Urgent.from_row(ticket._row, ticket._source).severity == "sev_critical"


def test_custom_fields_survive_pickling(ticket):
    """A pickled object keeps its custom fields and edits."""
    ticket.severity = "Minor"
    again = pickle.loads(pickle.dumps(ticket))

    assert (again.severity, again.seats) == ("sev_minor", 5)


def test_a_new_object_is_pickled_without_an_account():
    """A pickled new object keeps the assigned custom fields without an account."""
    again = pickle.loads(pickle.dumps(build_ticket(severity="Critical")))

    assert again.severity == "Critical"


def test_representations_send_no_request(shop, count_requests):
    """`repr()` and the HTML of a query show custom fields without a request."""
    shop.catalogue.clear()
    with count_requests(shop, 0):
        assert "severity = 'Critical'" in repr(SupportTicket.objects.filter(severity="Critical"))
        assert "Critical" in SupportTicket.objects.filter(severity="Critical")._repr_html_()


def test_models_without_custom_fields_fetch_no_definitions(account, count_requests):
    """Models that declare no custom fields fetch no definitions."""
    with count_requests(account, 1):
        User.objects.create(name="Ann", user_fields={"plan": "gold"})


def test_update_fields_keeps_other_custom_fields(ticket, sent):
    """`save(update_fields=...)` sends the named custom fields and keeps other edits."""
    ticket.severity, ticket.seats = "Minor", 7
    ticket.save(update_fields=["severity"])
    assert _list_values(sent[-1].json["ticket"]) == ["sev_minor"]
    assert ticket.seats == 7

    ticket.save(update_fields=["severity"])
    assert sum(request.method == "PUT" for request in sent) == 1
    ticket.save()
    assert _list_values(sent[-1].json["ticket"]) == [7]
    assert ticket.changes() == {}


def test_bulk_update_keeps_other_custom_fields(ticket, sent):
    """`bulk_update()` with field names sends these custom fields and keeps other edits."""
    ticket.severity, ticket.seats = "Minor", 7
    SupportTicket.objects.bulk_update([ticket], ["severity"])

    (request,) = (request for request in sent if request.method == "PUT")
    assert _list_values(request.json["tickets"][0]) == ["sev_minor"]
    assert (ticket.severity, ticket.seats) == ("sev_minor", 7)
    assert list(ticket.changes()) == ["custom_fields"]


def _list_values(payload):
    return [field["value"] for field in payload["custom_fields"]]


def test_a_custom_field_cannot_replace_a_public_name() -> None:
    """A custom field with the name of a method, property or relation raises `FieldError`."""
    for name in (name for name in dir(Ticket) if not name.startswith("_")):
        with pytest.raises(FieldError, match=name):
            type("Replacing", (Ticket,), {name: CustomField("Title"), "__module__": __name__})


def test_a_field_cannot_replace_a_method() -> None:
    """An annotated field with the name of a method raises `FieldError`."""
    with pytest.raises(FieldError, match=r"Shadowing\.save"):

        class Shadowing(Model):
            """A model whose field has the name of a method."""

            save: Field[str]
