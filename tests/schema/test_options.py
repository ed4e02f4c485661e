"""Options: what a class body declares, and what a subclass takes over."""

from __future__ import annotations

from typing import Literal

import pytest

from zendesk_orm import Field, FieldError, InvalidValue, Model, Q, Ticket, User, resource
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.schema import registry


Severity = Literal["minor", "major"]


@pytest.fixture
def support_ticket():
    """Return a subclass of Ticket with fields of its own."""

    class SupportTicket(Ticket):
        """A ticket with a severity."""

        severity: Field[Severity | None]
        from_: Field[str | None]

    return SupportTicket


def test_a_subclass_has_the_fields_of_its_base_and_its_own(support_ticket):
    """The base keeps its own."""
    ticket = support_ticket(subject="Printer", severity="major", requester_id=5)

    assert {"subject": "Printer", "severity": "major", "requester_id": 5} == ticket.to_payload()
    assert "severity" not in Ticket._meta.fields


def test_a_subclass_checks_its_own_fields(support_ticket):
    """Choices, names and suggestions are those of the subclass."""
    with pytest.raises(InvalidValue, match="'minor', 'major'"):
        support_ticket(severity="mayor")
    with pytest.raises(FieldError, match="has no field 'severty'; did you mean 'severity'"):
        support_ticket(severty="major")


def test_a_subclass_has_the_endpoints_of_its_base(support_ticket):
    """It is asked for and sent under the same names."""
    meta = support_ticket._meta

    assert Ticket._meta.api == meta.api
    assert ("ticket", "tickets") == (meta.singular, meta.plural)
    assert "/api/v2/tickets/1" == support_ticket.objects.filter(id=1).plan.path


def test_a_subclass_has_exceptions_of_its_own(support_ticket):
    """They are those of the base, too."""
    assert support_ticket.DoesNotExist is not Ticket.DoesNotExist
    assert issubclass(support_ticket.DoesNotExist, Ticket.DoesNotExist)


def test_a_subclass_is_filtered_by_fields_of_both(support_ticket):
    """Lookups know inherited and own fields."""
    test = Q(status="new", severity="major").bind(support_ticket)

    assert test(support_ticket(status="new", severity="major"))
    assert not test(support_ticket(status="new", severity="minor"))


def test_a_subclass_does_not_take_the_place_of_its_base(support_ticket):
    """Relations to Ticket still give tickets."""
    assert registry.find("Ticket", "support") is Ticket
    assert registry.find("SupportTicket") is support_ticket


def test_a_name_that_python_reserves_loses_its_underscore(support_ticket):
    """`from_` is `from` to Zendesk."""
    assert {"from": "Ann"} == support_ticket(from_="Ann").to_payload()
    assert "Ann" == support_ticket.from_row({"id": 1, "from": "Ann"}).from_


def test_a_subclass_may_change_the_options():
    """What its Meta does not say is as in the base."""

    class Kept(User):
        """A user whose row is kept for longer."""

        class Meta:
            keep = 900

    assert (900, 300) == (Kept._meta.keep, User._meta.keep)
    assert User._meta.api == Kept._meta.api


def test_an_unknown_option_is_refused():
    """A misspelt option is not ignored."""
    with pytest.raises(FieldError, match=r"Odd\.Meta has no option 'kep'; did you mean 'keep'"):

        class Odd(Model):
            """A model."""

            class Meta:
                kep = 5


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"required": ("name", "nmae")}, r"Odd\.Meta\.required names 'nmae', which there is not"),
        ({"text_ids": "owners"}, r"Odd\.Meta\.text_ids names 'owners', .* did you mean 'owner'"),
    ],
)
def test_an_option_names_what_there_is(option, message):
    """A misspelt name would be ignored otherwise."""
    body = {
        "__module__": "library",
        "__annotations__": {"name": "Field[str]", "owner": "Ref[User]"},
        "Meta": type("Meta", (), {"app_label": "library", **option}),
    }

    with pytest.raises(FieldError, match=message):
        type("Odd", (Model,), body)


def test_an_api_that_is_none_is_refused():
    """A path is no Api; the message says what is."""
    with pytest.raises(InvalidValue, match=r"Odd\.Meta\.api wants resource"):

        class Odd(Model):
            """A model."""

            class Meta:
                api = "odds"


def test_the_names_are_made_of_the_class():
    """Django's names for them all."""

    class CustomView(Model):
        """A view."""

        class Meta:
            app_label = "desk"
            api = resource("views/custom_views")

    meta = CustomView._meta

    assert ("CustomView", "customview", "desk.CustomView") == (
        meta.object_name,
        meta.model_name,
        meta.label,
    )
    assert ("custom_view", "custom_views") == (meta.singular, meta.plural)
    assert ("custom view", "custom views") == (meta.verbose_name, meta.verbose_name_plural)


def test_a_verbose_name_of_its_own_is_used():
    """What Meta takes, it heeds."""

    class Sheep(Model):
        """An animal."""

        class Meta:
            verbose_name = "woolly animal"

    assert "woolly animal" == Sheep._meta.verbose_name


def test_only_models_that_leave_archived_rows_out_of_lists_want_them_by_default():
    """Tickets are whole unless .fresh() is said; users have no archive."""
    assert (True, False) == (Ticket._meta.whole, User._meta.whole)


def test_a_field_is_found_by_name_and_the_id_by_pk():
    """`pk` is Django's other name for it."""
    assert "subject" == Ticket._meta.get_field("subject").name
    assert "requester" == Ticket._meta.get_field("requester").name
    assert Ticket._meta.pk is Ticket._meta.get_field("pk")


def test_an_endpoint_that_is_not_there_is_refused():
    """The message says what cannot be done to what."""
    with pytest.raises(FieldError, match="Zendesk offers no create_many for attachments"):
        registry.find("Attachment")._meta.endpoint(Verb.CREATE_MANY)


def test_an_unknown_model_is_refused_with_the_nearest():
    """A relation to a misspelt model fails with a suggestion."""
    with pytest.raises(FieldError, match="no model is named 'Tikcet'; did you mean 'Ticket'"):
        registry.find("Tikcet")
