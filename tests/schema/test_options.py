"""Options of models: declared in `Meta`, and inherited by subclasses."""

from __future__ import annotations

from typing import Literal

import pytest

from zendesk_orm import Field, FieldError, InvalidValue, Model, Q, Ticket, User, resource
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.schema import registry


Severity = Literal["minor", "major"]


@pytest.fixture
def support_ticket():
    """Return a subclass of Ticket with two more fields."""

    class SupportTicket(Ticket):
        """A ticket with a severity."""

        severity: Field[Severity | None]
        from_: Field[str | None]

    return SupportTicket


def test_a_subclass_adds_fields(support_ticket):
    """A subclass adds fields to those of its base, and does not change the base."""
    ticket = support_ticket(subject="Printer", severity="major", requester_id=5)

    assert ticket.to_payload() == {"subject": "Printer", "severity": "major", "requester_id": 5}
    assert "severity" not in Ticket._meta.fields


def test_a_subclass_validates_its_own_fields(support_ticket):
    """Errors about a subclass name its own fields and choices."""
    with pytest.raises(InvalidValue, match="'minor', 'major'"):
        support_ticket(severity="mayor")
    with pytest.raises(FieldError, match="has no field 'severty'; did you mean 'severity'"):
        support_ticket(severty="major")


def test_a_subclass_has_the_endpoints_of_its_base(support_ticket):
    """A subclass has the endpoints and keys of its base."""
    meta = support_ticket._meta

    assert Ticket._meta.api == meta.api
    assert (meta.singular, meta.plural) == ("ticket", "tickets")
    assert support_ticket.objects.filter(id=1).plan.path == "/api/v2/tickets/1"


def test_a_subclass_has_separate_exceptions(support_ticket):
    """The exceptions of a subclass derive from those of its base."""
    assert support_ticket.DoesNotExist is not Ticket.DoesNotExist
    assert issubclass(support_ticket.DoesNotExist, Ticket.DoesNotExist)


def test_a_subclass_is_filtered_by_inherited_and_own_fields(support_ticket):
    """Lookups of a subclass accept inherited and own fields."""
    test = Q(status="new", severity="major").bind(support_ticket)

    assert test(support_ticket(status="new", severity="major"))
    assert not test(support_ticket(status="new", severity="minor"))


def test_a_subclass_does_not_replace_its_base(support_ticket):
    """Relations to a model do not return its subclasses."""
    assert registry.find("Ticket", "support") is Ticket
    assert registry.find("SupportTicket") is support_ticket


def test_a_reserved_name_is_sent_without_its_underscore(support_ticket):
    """The field `from_` is sent and read as `from`."""
    assert support_ticket(from_="Ann").to_payload() == {"from": "Ann"}
    assert support_ticket.from_row({"id": 1, "from": "Ann"}).from_ == "Ann"


def test_a_subclass_overrides_options():
    """The `Meta` of a subclass overrides options, and inherits the others."""

    class CachedUser(User):
        """A user whose row is cached for longer."""

        class Meta:
            cache_seconds = 900

    assert (CachedUser._meta.cache_seconds, User._meta.cache_seconds) == (900, 300)
    assert CachedUser._meta.api == User._meta.api


def test_an_unknown_option_is_rejected():
    """A misspelt option raises `FieldError` with a suggestion."""
    with pytest.raises(
        FieldError, match=r"Odd\.Meta has no option 'cache_second'; did you mean 'cache_seconds'"
    ):

        class Odd(Model):
            """A model."""

            class Meta:
                cache_second = 5


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"required": ("name", "nmae")}, r"Odd\.Meta\.required names 'nmae', which does not exist"),
        (
            {"string_ids": "owners"},
            r"Odd\.Meta\.string_ids names 'owners', .* did you mean 'owner'",
        ),
    ],
)
def test_an_option_with_an_unknown_field_is_rejected(option, message):
    """An option that names an unknown field raises `FieldError`."""
    body = {
        "__module__": "library",
        "__annotations__": {"name": "Field[str]", "owner": "Ref[User]"},
        "Meta": type("Meta", (), {"app_label": "library", **option}),
    }

    with pytest.raises(FieldError, match=message):
        type("Odd", (Model,), body)


def test_an_invalid_api_is_rejected():
    """An `api` that is not an `Api` raises `InvalidValue`."""
    with pytest.raises(InvalidValue, match=r"Odd\.Meta\.api must be an Api"):

        class Odd(Model):
            """A model."""

            class Meta:
                api = "odds"


def test_names_are_derived_from_the_class():
    """Labels, keys and verbose names are derived from the name of the class."""

    class CustomView(Model):
        """A view."""

        class Meta:
            app_label = "desk"
            api = resource("views/custom_views")

    meta = CustomView._meta

    assert (meta.object_name, meta.model_name, meta.label) == (
        "CustomView",
        "customview",
        "desk.CustomView",
    )
    assert (meta.singular, meta.plural) == ("custom_view", "custom_views")
    assert (meta.verbose_name, meta.verbose_name_plural) == ("custom view", "custom views")


def test_a_verbose_name_can_be_set():
    """`Meta.verbose_name` replaces the derived name."""

    class Sheep(Model):
        """An animal."""

        class Meta:
            verbose_name = "woolly animal"

    assert Sheep._meta.verbose_name == "woolly animal"


def test_tickets_include_archived_rows_by_default():
    """Queries of tickets include archived rows by default; users are never archived."""
    assert (Ticket._meta.includes_archived, User._meta.includes_archived) == (True, False)


def test_get_field_finds_fields_relations_and_pk():
    """`get_field()` finds fields, relations and, by `pk`, the id."""
    assert Ticket._meta.get_field("subject").name == "subject"
    assert Ticket._meta.get_field("requester").name == "requester"
    assert Ticket._meta.pk is Ticket._meta.get_field("pk")


def test_a_missing_endpoint_is_rejected():
    """Requesting an endpoint that a model lacks raises `FieldError`."""
    with pytest.raises(FieldError, match="Zendesk does not support create_many for attachments"):
        registry.find("Attachment")._meta.endpoint(Verb.CREATE_MANY)


def test_an_unknown_model_is_rejected_with_a_suggestion():
    """A misspelt model raises `FieldError` with a suggestion."""
    with pytest.raises(FieldError, match="no model is named 'Tikcet'; did you mean 'Ticket'"):
        registry.find("Tikcet")


def test_private_attributes_are_no_fields_of_any_model():
    """A constructor rejects names that begin with an underscore, as it does other unknown names."""
    for model in registry.models():
        for name in ("_row", "_source", "_state", "_meta", "__class__", "__dict__", "_x"):
            with pytest.raises(FieldError, match="has no field"):
                model(**{name: {}})


def test_the_id_of_existing_rows_cannot_be_changed(demo, count_requests):
    """Updates that name the id raise before anything is sent; they counted as successes."""
    ticket = Ticket.objects.get(2990)
    calls = (
        lambda: Ticket.objects.filter(status="new").update(id=5),
        lambda: Ticket.objects.filter(status="new").update(pk=5, subject="x"),
        lambda: Ticket.objects.bulk_update([ticket], ["subject", "id"]),
        lambda: ticket.save(update_fields=["pk"]),
        lambda: Ticket.objects.filter(id=1).update(_row={}),
    )
    for call in calls:
        with count_requests(demo, 0), pytest.raises(FieldError):
            call()
