"""Forms over models of Zendesk."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import ClassVar

import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from zendesk_orm import (
    CustomField,
    FieldError,
    Group,
    Organization,
    StaleObjectError,
    Ticket,
    User,
    ValidationError,
    connect,
)
from zendesk_orm.contrib.django.forms import (
    ModelChoiceField,
    ModelMultipleChoiceField,
    ZendeskModelForm,
    add_errors,
    modelform_factory,
)


class TicketForm(ZendeskModelForm):
    """A form for tickets."""

    class Meta:
        model = Ticket
        fields = ("subject", "priority", "status", "group", "requester", "tags", "due_at")


UserForm = modelform_factory(User, fields=["name", "email", "role", "notes", "verified"])


def values(form):
    """Return the values that a browser sends if a displayed form is not changed."""
    sent = {}
    for field in form:
        value = field.value()
        if value is True:
            sent[field.name] = "on"
        elif value not in (None, False):
            # The widget of a moment displays it without its time zone.
            sent[field.name] = str(field.field.widget.format_value(value) or "")
            if isinstance(field.field, forms.ChoiceField):
                sent[field.name] = str(value)
        elif value is None:
            sent[field.name] = ""
    return sent


def test_an_unchanged_form_changes_nothing(demo, count_requests):
    """A form that is sent as it was displayed saves nothing, and sends no request to save."""
    ticket = Ticket.objects.get(id=2965)
    ticket.due_at = datetime(2026, 7, 1, 9, 30, tzinfo=timezone.utc)
    ticket.subject = " Two\nlines "
    ticket.save()

    form = TicketForm(values(TicketForm(instance=ticket)), instance=ticket)

    assert (form.is_valid(), form.changed_data, ticket.changes()) == (True, [], {})
    with count_requests(demo, 0):
        assert form.save() is ticket


def test_changed_fields_are_saved(demo, count_requests, sent):
    """A save sends the changed fields only, in one request."""
    ticket = Ticket.objects.get(id=2965)
    group = Group.objects.get(name="Billing")
    data = {**values(TicketForm(instance=ticket)), "priority": "urgent", "group": str(group.pk)}
    data |= {"tags": "vip, new", "due_at": "2026-07-01 11:30"}

    form = TicketForm(data, instance=ticket)

    assert form.is_valid()
    with count_requests(demo, 1):
        form.save()
    body = sent[-1].json["ticket"]
    assert set(body) - {"updated_stamp", "safe_update"} == {
        "priority",
        "group_id",
        "tags",
        "due_at",
    }
    current = Ticket.objects.get(id=2965)
    assert (current.priority, current.group, current.tags) == ("urgent", group, ["vip", "new"])
    assert current.due_at == datetime(2026, 7, 1, 9, 30, tzinfo=timezone.utc)


def test_missing_keys_leave_fields_alone(demo):
    """A request with one key changes one field; it does not empty the others."""
    ticket = Ticket.objects.get(id=2965)

    form = TicketForm({"status": "pending"}, instance=ticket)

    assert form.is_valid()
    assert ticket.changes() == {"status": ("open", "pending")}


def test_an_object_is_created(emulator, account, count_requests):
    """Without an instance, a save creates an object; empty fields are not sent."""
    form = UserForm({"name": "Ada", "email": "ada@example.com", "role": "", "notes": ""})

    assert form.is_valid()
    with count_requests(account, 1):
        user = form.save()
    assert (user.pk is None, user.email, user.role) == (False, "ada@example.com", "end-user")


def test_requirements_of_the_model_are_checked(account, count_requests):
    """Missing required fields, long texts and unknown choices are errors of the form."""
    with count_requests(account, 0):
        form = UserForm({"name": "", "role": "boss"})
        assert not form.is_valid()

    assert list(form.errors) == ["name", "role"]
    with pytest.raises(ValueError, match="is_valid"):
        form.save()


def test_errors_of_zendesk_are_errors_of_the_form(account):
    """A value that Zendesk rejects raises, and the form shows the error at its field."""
    form = UserForm({"name": "Ada", "email": "not an address"})
    assert form.is_valid()

    with pytest.raises(ValidationError):
        form.save()

    assert list(json.loads(form.errors.as_json())) == ["email"]


def test_changes_of_others_are_errors_of_the_form(emulator, account):
    """If another person has changed the same field, the form shows the current value."""
    ticket = Ticket.objects.create(subject="a", comment={"body": "Help!"})
    other = Ticket.objects.using(emulator.connect("other").alias).get(id=ticket.pk)
    other.priority = "low"
    other.save()
    form = TicketForm({"priority": "urgent"}, instance=ticket)
    assert form.is_valid()

    with pytest.raises(StaleObjectError):
        form.save()

    assert "to 'low'" in form.errors["priority"][0]


def test_choices_of_objects(demo, count_requests):
    """Few objects are a list with names, in one request; of many, the id is entered."""
    form = TicketForm()
    with count_requests(demo, 1):
        text = str(form["group"])
        assert "Billing</option>" in text
    assert 'type="number"' in str(form["requester"])
    user = User.objects.first()
    ticket = Ticket.objects.get(id=2965)

    for value, expected in ((str(user.pk), True), ("7", False), ("x", False), ("-1", False)):
        form = TicketForm({"requester": value}, instance=ticket)
        assert form.is_valid() is expected, value


def test_model_choice_fields(demo, count_requests):
    """Django's fields for models work, with queries and managers."""

    class Assign(forms.Form):
        group = ModelChoiceField(queryset=Group.objects)
        plain = forms.ModelChoiceField(queryset=Group.objects.all(), to_field_name="name")
        users = ModelMultipleChoiceField(queryset=User.objects.filter(role="agent"))

    groups = list(Group.objects.all())
    agents = list(User.objects.filter(role="agent")[:3])
    data = {"group": groups[1].pk, "plain": groups[0].name, "users": [user.pk for user in agents]}

    form = Assign(data)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["group"] == groups[1]
    assert form.cleaned_data["plain"] == groups[0]
    assert {user.pk for user in form.cleaned_data["users"]} == {user.pk for user in agents}

    customer = User.objects.filter(role="end-user").first()
    for name, value in (("users", [customer.pk]), ("users", ["x"]), ("group", "0"), ("plain", "?")):
        form = Assign({**data, name: value})
        assert not form.is_valid()
        assert list(form.errors) == [name]


def test_unknown_choices_of_zendesk_are_kept(demo):
    """A choice that this version does not know is displayed, and stays as it is."""
    ticket = Ticket.objects.get(id=2965)
    ticket._row = {**ticket._row, "priority": "critical"}

    form = TicketForm(instance=ticket)
    assert '<option value="critical" selected>Critical' in str(form["priority"])
    assert TicketForm(values(form), instance=ticket).changed_data == []


def test_moments_without_time_zones_in_django(demo):
    """With USE_TZ = False, moments are displayed and entered in the time zone of the project."""
    ticket = Ticket.objects.get(id=2965)
    ticket.due_at = datetime(2026, 7, 1, 9, 30, tzinfo=timezone.utc)
    ticket.save()
    with override_settings(USE_TZ=False):
        form = TicketForm(instance=ticket)
        assert 'value="2026-07-01 11:30:00"' in str(form["due_at"])
        assert TicketForm(values(form), instance=ticket).changed_data == []
        form = TicketForm({"due_at": "2026-07-01 12:30"}, instance=ticket)
        assert form.is_valid(), form.errors

    assert ticket.due_at == datetime(2026, 7, 1, 10, 30, tzinfo=timezone.utc)


def test_forms_of_another_account(emulator, account):
    """A form uses the account of its object, or that of `using`, for choices as well."""
    with type(emulator)() as other:
        other.connect("emea")
        group = Group.objects.using("emea").create(name="Berlin")
        organization = Organization.objects.using("emea").create(name="Acme")
        form_class = modelform_factory(Organization, fields=["name", "group"])

        form = form_class({"name": "Acme", "group": group.pk}, instance=organization)
        assert form.is_valid(), form.errors
        assert form.save().group == group
        form = form_class({"name": "Other", "group": group.pk}, using="emea")
        assert form.is_valid(), form.errors
        assert form.save().using == "emea"


def test_options_of_meta(demo):
    """Widgets, labels, help texts, messages and classes of fields are those of `class Meta`."""

    class Form(ZendeskModelForm):
        priority = forms.ChoiceField(choices=[("low", "Later"), ("urgent", "Now")])

        class Meta:
            model = Ticket
            fields = ("subject", "external_id")
            widgets: ClassVar = {"subject": forms.Textarea}
            labels: ClassVar = {"subject": "Topic"}
            help_texts: ClassVar = {"subject": "In a few words."}
            field_classes: ClassVar = {"external_id": forms.SlugField}

    form = Form({"subject": "a", "priority": "urgent", "external_id": "a-1"})
    assert (list(form.fields), form.fields["subject"].label) == (
        ["subject", "external_id", "priority"],
        "Topic",
    )
    assert "In a few words." in form.as_p()
    assert form.is_valid()
    assert (form.instance.priority, form.instance.external_id) == ("urgent", "a-1")


def test_custom_fields_are_declared_in_the_form(demo):
    """A form field for a custom field of the model assigns it; problems are shown at the field."""

    class SupportTicket(Ticket):
        """A ticket with a product."""

        product = CustomField("Product")

    class Form(ZendeskModelForm):
        product = forms.CharField()

        class Meta:
            model = SupportTicket
            fields = ("product",)

    ticket = SupportTicket.objects.get(id=2965)
    assert Form(instance=ticket)["product"].value() == "laser"
    form = Form({"product": "inkjet"}, instance=ticket)
    assert form.is_valid(), form.errors
    form.save()
    assert SupportTicket.objects.get(id=2965).product == "inkjet"
    form = Form({"product": "no such product"}, instance=ticket)
    assert (form.is_valid(), list(form.errors)) == (False, ["product"])


#: Options of `class Meta`, the error, and a word of its message.
WRONG_DECLARATIONS = (
    ({"model": Ticket}, ImproperlyConfigured, "exclude"),
    ({"model": Ticket, "fields": "subject"}, ImproperlyConfigured, "list"),
    ({"model": forms.Form, "fields": ["x"]}, ImproperlyConfigured, "model"),
    ({"model": Ticket, "field": ["x"]}, ImproperlyConfigured, "'fields'"),
    ({"model": Ticket, "fields": ["subjekt"]}, FieldError, "'subject'"),
    ({"model": Ticket, "exclude": ["subjekt"]}, FieldError, "'subject'"),
    ({"model": Ticket, "fields": ["created_at"]}, FieldError, "created_at"),
    ({"model": Ticket, "fields": ["metadata"]}, FieldError, "CharField"),
)


def test_wrong_declarations():
    """A wrong declaration raises when the class is created, with a remedy."""
    for meta, error, word in WRONG_DECLARATIONS:
        with pytest.raises(error, match=word):
            type(ZendeskModelForm)("Form", (ZendeskModelForm,), {"Meta": type("Meta", (), meta)})


def test_all_fields_and_exclusions():
    """`"__all__"` has every field that can be edited and displayed; `exclude` omits some."""
    everything = modelform_factory(Ticket, fields="__all__").base_fields
    excluding = modelform_factory(Ticket, exclude=["subject"]).base_fields

    assert {"subject", "priority", "group", "tags"} <= set(everything)
    assert {"created_at", "custom_fields", "group_id", "comment"}.isdisjoint(everything)
    assert set(everything) - set(excluding) == {"subject"}


def test_errors_are_added_to_any_form(account):
    """Problems of fields that a form does not have are shown above the form."""

    class Plain(forms.Form):
        name = forms.CharField(required=False)

    form = Plain({})
    form.is_valid()
    error = ValidationError("x", {"name": "is empty", "email": "is taken", "base": "no"})

    add_errors(form, error)

    assert form.errors == {"name": ["Is empty"], "__all__": ["email: is taken", "no"]}


def test_a_form_without_a_connection_can_be_declared():
    """A form class is created without an account: no request is sent before a form is used."""
    form_class = modelform_factory(Ticket, fields=["group"])
    connect("emulator://?seed=demo")

    assert "Billing" in str(form_class()["group"])
